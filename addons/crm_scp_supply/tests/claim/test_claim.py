from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from .common import ClaimCommon


@tagged('post_install', '-at_install')
class TestClaim(ClaimCommon):
    """The mill is claimed 33.33 and the forge 66.67."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mill.email = 'mill@example.com'
        cls._add_cost(100, name="Pumps of the yard")
        claims = cls._claim()
        cls.claim, cls.other = claims["Mill"], claims["Forge"]
        if not cls.env['account.journal'].search([
            ('type', '=', 'purchase'), ('company_id', '=', cls.company.id), ('default_account_id', '!=', False),
        ]):
            AccountTestInvoicingCommon.use_chart_template(cls.company)

    def _accept(self, amount=None):
        self._send(self.claim)
        if amount:
            self.claim.amount_agreed = amount
        self.claim.action_accept()

    def _refund(self, post=True):
        refund = self.env['account.move'].browse(
            self.claim.with_user(self.accountant).action_create_refund()['res_id'])
        if post:
            refund.with_user(self.accountant).action_post()
        return refund

    # --- states --- #

    def test_send(self):
        """The supplier gets the fault, the lots and the sum; the responsible the day of the answer."""
        with self.assertRaisesRegex(ValidationError, "fill in Fault before"):
            self.claim.action_send()
        self._send(self.claim)
        self.assertEqual(self.claim.state, 'sent')
        self.assertEqual(self.claim.answer_by, self.claim.sent_at.date() + timedelta(days=14))
        [mail] = self.env['mail.mail'].search([('model', '=', self.claim._name), ('res_id', '=', self.claim.id)])
        for text in (self.claim.number, "33.33", "Cracks in the steel", "S1", "Steel"):
            self.assertIn(text, mail.subject + mail.body_html)
        for text in ("Yard", self.complaint.number, "Goods:"):
            self.assertNotIn(text, mail.body_html)
        self.assertEqual(self.claim.activity_ids.date_deadline, self.claim.answer_by)

    def test_customers_are_not_named(self):
        with self.assertRaisesRegex(ValidationError, "must not read the name of the customer, Yard"):
            self._send(self.claim, "The pumps of YARD leak")
        self.assertEqual(self.claim.state, 'draft')

    def test_empty_claims_are_not_sent(self):
        empty = self.claim.create({'name': "Nothing", 'partner_id': self.mill.id, 'fault': "None"})
        with self.assertRaisesRegex(ValidationError, "fill in Costs Claimed"):
            empty.action_send()
        empty.line_ids = [Command.create({'kind': 'labour', 'amount': 0})]
        with self.assertRaisesRegex(ValidationError, "enter more than 0"):
            empty.action_send()

    def test_ways_are_guarded(self):
        """Neither buttons nor a program move a claim where it cannot go."""
        for state, text in (('accepted', "is Preparation and cannot become Accepted"),
                            ('recovered', "cannot become Recovered"), ('closed', "cannot become Given Up")):
            with self.assertRaisesRegex(UserError, text):
                self.claim.sudo().state = state
        self._accept()
        with self.assertRaisesRegex(UserError, "recovered when its refund is posted"):
            self.claim.sudo().state = 'recovered'
        with self.assertRaisesRegex(UserError, "cannot become Sent"):
            self.claim.sudo().state = 'sent'
        with self.assertRaisesRegex(UserError, "the amount agreed stays"):
            self.claim.amount_agreed = 1
        self.assertEqual(self.claim.create({
            'name': "Short cut", 'partner_id': self.mill.id, 'state': 'accepted'}).state, 'draft')
        with self.assertRaisesRegex(UserError, "has been sent"):
            self.claim.sudo().unlink()
        with self.assertRaisesRegex(UserError, "what was claimed stays"):
            self.claim.line_ids.amount = 100

    def test_dispute_and_agree(self):
        """Disputed with what he says; a lower sum is agreed on and sent again."""
        self._send(self.claim)
        with self.assertRaisesRegex(UserError, "enter What the Supplier Says"):
            self.claim.action_dispute()
        self.claim.answer = "Only half of it is ours"
        self.claim.action_dispute()
        self.assertTrue(self.claim.answered_at)
        self.assertFalse(self.claim.activity_ids)
        with self.assertRaisesRegex(ValidationError, "no more than the .*33.33"):
            self.claim.amount_agreed = 33.34
        self.claim.amount_agreed = 16.67
        self.claim.action_send()
        self.assertEqual((self.claim.state, self.claim.answered_at, self.claim.amount), ('sent', False, 33.33))
        self.claim.action_accept()
        self.assertEqual((self.claim.state, self.claim.amount_agreed), ('accepted', 16.67))

    # --- refund --- #

    def test_refund(self):
        """Finance drafts it by one click and posts it by another; the money is read from it."""
        self._send(self.claim)
        with self.assertRaisesRegex(UserError, "once the supplier has accepted"):
            self._refund(post=False)
        self.claim.action_accept()
        refund = self._refund(post=False)
        self.assertEqual(self._refund(post=False), refund, "asked again, the same")
        self.assertEqual(
            (refund.move_type, refund.state, refund.partner_id, refund.currency_id, refund.amount_total, refund.ref),
            ('in_refund', 'draft', self.mill, self.usd, 33.33, self.claim.number))
        self.assertEqual((self.claim.state, self.claim.amount_recovered), ('accepted', 0))
        refund.with_user(self.accountant).action_post()
        self.assertEqual((self.claim.state, self.claim.amount_recovered), ('recovered', 33.33))
        self.assertEqual((self.claim.recovery_rate, self.claim.days_to_recover), (100, 0))
        for act in (self.claim.action_close, self.claim.action_withdraw):
            with self.assertRaises(UserError):
                act()
        refund.button_draft()
        self.assertEqual((self.claim.state, self.claim.amount_recovered), ('accepted', 0))

    def test_refund_of_what_was_agreed(self):
        """20.00 of 33.33 in two kinds, 22.22 goods and 11.11 freight: 13.33 and 6.67, 60 % recovered."""
        self.claim.sudo().line_ids.unlink()
        self.claim.line_ids = [
            Command.create({'kind': 'goods', 'amount': 22.22}), Command.create({'kind': 'freight', 'amount': 11.11})]
        self._accept(20)
        refund = self._refund()
        self.assertEqual(refund.invoice_line_ids.mapped('price_unit'), [13.33, 6.67])
        self.assertEqual(self.claim.amount_recovered, 20)
        self.assertEqual(self.claim.recovery_rate, 60)

    def test_refund_in_three_currencies(self):
        """33.33 dollars are 26.66 euros and 5,000 yen: each refund posts in its own currency, to the cent."""
        for currency, amount in ((self.eur, 26.66), (self.jpy, 5000), (self.usd, 33.33)):
            self.claim = self._claim_again(currency)
            self._accept()
            refund = self._refund()
            self.assertEqual((refund.currency_id, refund.amount_total, refund.state), (currency, amount, 'posted'))
            self.assertEqual((self.claim.amount_recovered, self.claim.recovery_rate), (amount, 100))

    def _claim_again(self, currency):
        complaint = self.complaint.copy({'lot_ids': self.p1.ids})
        self._add_cost(100, complaint=complaint)
        self.mill.property_purchase_currency_id = currency
        return self._claim(complaint)["Mill"]

    def test_refund_without_rate(self):
        """Francs have no rate: a refund in them is not posted, and none is drafted for a claim in them."""
        self._accept()
        refund = self._refund(post=False)
        refund.currency_id = self.chf
        refused = rf"{self.claim.number} Mill: no rate of exchange is recorded for CHF on"
        with self.assertRaisesRegex(UserError, refused), self.env.cr.savepoint():
            refund.with_user(self.accountant).action_post()
        self.assertEqual((refund.state, self.claim.state, self.claim.amount_recovered), ('draft', 'accepted', 0))
        refund.unlink()
        self.env.cr.execute(  # as if the rate had been deleted since
            "UPDATE scp_supplier_claim SET currency_id = %s WHERE id = %s", [self.chf.id, self.claim.id])
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, refused):
            self._refund(post=False)

    def test_reversed_refund(self):
        """What was reversed has not come back."""
        self._accept()
        refund = self._refund()
        self.assertEqual(self.claim.state, 'recovered')
        refund._reverse_moves([{'invoice_date': refund.invoice_date}], cancel=True)
        self.assertEqual((self.claim.amount_recovered, self.claim.state), (0, 'accepted'))
        self.env.flush_all()
        row = self.env['scp.supplier.claim.report'].browse(self.claim.id)
        self.assertEqual((row.claimed, row.recovered, row.open_amount), (33.33, 0, 33.33))

    # --- rate --- #

    def test_recovery_rate(self):
        """Mill: 20.00 of 33.33. Forge: 66.67 given up. 20 of 100 in all; what was withdrawn is not counted."""
        Report = self.env['scp.supplier.claim.report']
        domain = [('partner_id', 'in', (self.mill + self.forge).ids)]
        self.assertFalse(Report.search(domain), "nothing was sent")
        with freeze_time(fields.Datetime.now() - timedelta(days=10)):
            self._send(self.claim)
        self.claim.amount_agreed = 20
        self.claim.action_accept()
        self._refund()
        self._send(self.other)
        self.other.action_close()
        wrong = self._send(self.other.create({
            'name': "Mistake", 'partner_id': self.forge.id,
            'line_ids': [Command.create({'kind': 'labour', 'amount': 500})]}))
        wrong.action_withdraw()
        self.env.flush_all()
        [figures] = Report._read_group(
            domain, [], ['claimed:sum', 'recovered:sum', 'open_amount:sum', 'recovery_rate:avg', 'days_to_recover:avg'])
        self.assertEqual([round(value, 6) for value in figures], [100, 20, 0, 20, 10])
        by_supplier = dict(Report._read_group(domain, ['partner_id'], ['recovery_rate:avg']))
        self.assertAlmostEqual(by_supplier[self.mill], 60.006, 3)
        self.assertEqual(by_supplier[self.forge], 0)
        relation = self.env['scp.relation'].create({'partner_id': self.mill.id, 'role': 'supplier'})
        fresh = self.env['scp.relation'].create({'partner_id': self.dock.id, 'role': 'supplier'})
        self.assertEqual((relation.claim_count, relation.claim_recovery_rate), (1, 60))
        self.assertEqual((fresh.claim_count, fresh.has_claim_recovery_rate), (0, False), "no data, not 0 %")

    # --- rights --- #

    def test_buyer(self):
        """Handles claims without reading the complaint or who complained."""
        claim = self.claim.with_user(self.buyer)
        claim.invalidate_recordset()
        claim.web_read({name: {} for name in claim.fields_get(attributes=['type'])})
        for field_name in ('complaint_id', 'recall_id', 'refund_ids'):
            with self.assertRaises(AccessError):
                claim.read([field_name])
        with self.assertRaises(AccessError):
            claim.line_ids.read(['cost_id'])
        self._send(claim)
        claim.action_accept()
        with self.assertRaises(AccessError):
            claim.action_create_refund()

    def test_accountant(self):
        """Reads claims and recalls with their costs, changes neither, and makes the refund."""
        claim = self.claim.with_user(self.accountant)
        claim.web_read({name: {} for name in claim.fields_get(attributes=['type'])})
        with self.assertRaises(AccessError):
            claim.action_send()
        recall = self.env['scp.recall'].create({
            'name': "Cracks", 'lot_ids': self.p1.ids, 'complaint_id': self.complaint.id})
        recall = recall.with_user(self.accountant)
        self.assertEqual((recall.number, recall.cost_total), (recall.sudo().number, 100))
        with self.assertRaises(AccessError):
            recall.name = "Nothing happened"
        self._accept()
        self.assertEqual(self._refund().state, 'posted')

    def test_report(self):
        html, _kind = self.env['ir.actions.report']._render_qweb_html(
            'crm_scp_supply.report_scp_supplier_claim', self._send(self.claim).ids)
        for text in (self.claim.number, "Cracks in the steel", "S1", "33.33"):
            self.assertIn(text, html.decode())
        self.assertNotIn("Yard", html.decode())

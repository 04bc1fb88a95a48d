from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ComplaintCommon


@tagged('post_install', '-at_install')
class TestComplaintFinance(ComplaintCommon):
    """Limits: salesperson 100, leader 1,000, manager 5,000 dollars.

    The invoice is of 1,000 untaxed: 600 for valves, 400 for seals, 10 % tax on the valves.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['account.chart.template'].try_loading('generic_coa', cls.company, install_demo=False)
        cls.env['scp.authority'].create([
            {'group_id': cls.env.ref(f'crm_scp_core.group_scp_{role}').id,
             'company_id': cls.company.id, 'amount_limit': limit}
            for role, limit in (('user', 100), ('team', 1000), ('manager', 5000))
        ])
        cls.tax = cls.env['account.tax'].create({
            'name': "10 %", 'amount': 10.0, 'company_id': cls.company.id,
            'type_tax_use': 'sale', 'country_id': cls.company.account_fiscal_country_id.id,
        })
        cls.invoice = cls._create_invoice(cls.customer)
        cls.complaint = cls._create_complaint(invoice_id=cls.invoice.id)

    @classmethod
    def _create_invoice(cls, partner, post=True):
        order = cls._create_order(partner, 600, '2026-01-05')
        invoice = cls.env['account.move'].create({
            'move_type': 'out_invoice',
            'partner_id': partner.id,
            'company_id': cls.company.id,
            'invoice_date': '2026-01-10',
            'currency_id': cls.usd.id,
            'invoice_line_ids': [
                Command.create({
                    'name': "Valves", 'product_id': cls.product.id, 'quantity': 6,
                    'price_unit': 100, 'tax_ids': [Command.set(cls.tax.ids)],
                    'sale_line_ids': [Command.set(order.order_line.ids)],
                }),
                Command.create({'display_type': 'line_note', 'name': "Thank you"}),
                Command.create({'name': "Seals", 'quantity': 40, 'price_unit': 10, 'tax_ids': []}),
            ],
        })
        if post:
            invoice.action_post()
        return invoice

    def _compensate(self, amount, user=None, **values):
        return self.env['scp.complaint.compensation'].with_user(user or self.salesman).create({
            'complaint_id': self.complaint.id, 'name': "Late and leaking", 'amount': amount,
            **values,
        })

    # === LIMITS ===#

    def test_within_the_limit(self):
        compensation = self._compensate(100)
        self.assertEqual(compensation.invoice_id, self.invoice)
        compensation.action_submit()
        self.assertEqual(compensation.state, 'approved')
        self.assertEqual(compensation.approved_by_id, self.salesman)

    def test_above_the_limit_somebody_else_approves(self):
        compensation = self._compensate(100.01)
        with self.assertRaises(AccessError) as caught, self.env.cr.savepoint():
            compensation.state = 'approved'  # as by a remote call
        for word in ('100.01', '100.00', self.complaint.number, "Test salesman"):
            self.assertIn(word, str(caught.exception))
        compensation.action_submit()
        self.assertEqual(compensation.state, 'to_approve')
        self.assertEqual(compensation.activity_ids.user_id, self.leader, "the leader of the team")
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            compensation.action_approve()
        compensation.with_user(self.leader).action_approve()
        self.assertEqual(compensation.approved_by_id, self.leader)
        self.assertEqual(compensation.requested_by_id, self.salesman)
        self.assertFalse(compensation.activity_ids)

    def test_approver_is_who_just_suffices(self):
        self.complaint.invoice_id = False
        compensation = self._compensate(1000.01)
        compensation.action_submit()
        self.assertEqual(compensation.activity_ids.user_id, self.manager)

    def test_nobody_may_approve(self):
        self.complaint.invoice_id = False
        compensation = self._compensate(50_000)
        with self.assertRaisesRegex(UserError, "Nobody in SCP Test Works"):
            compensation.action_submit()

    def test_accused_approves_nothing(self):
        self.complaint.write({'accused_user_id': self.leader.id, 'user_id': self.salesman.id})
        compensation = self._compensate(500)
        compensation.action_submit()
        self.assertEqual(compensation.activity_ids.user_id, self.manager)
        self.assertIn("Test leader", compensation._get_obstacle(self.leader))

    def test_creating_it_approved_is_checked_too(self):
        with self.assertRaises(AccessError):
            self._compensate(500, state='approved')
        self.assertEqual(self._compensate(50, state='approved').approved_by_id, self.salesman)
        with self.assertRaises(AccessError):
            self._compensate(50).refund_move_id = False
        forged = self._compensate(50, requested_by_id=self.manager.id, approved_by_id=self.manager.id)
        self.assertEqual(forged.requested_by_id, self.salesman)
        self.assertFalse(forged.approved_by_id)

    def test_limit_in_another_currency(self):
        """60 euros are 120 dollars: above the 100 of a salesperson."""
        self.complaint.invoice_id = False
        compensation = self._compensate(60, currency_id=self.eur.id)
        self.assertAlmostEqual(compensation.amount_company, 120)
        compensation.action_submit()
        self.assertEqual(compensation.state, 'to_approve')

    def test_what_was_submitted_is_what_is_approved(self):
        compensation = self._compensate(500)
        compensation.action_submit()
        with self.assertRaisesRegex(UserError, "set it back to draft"):
            compensation.amount = 5
        compensation.action_draft()
        self.assertFalse(compensation.activity_ids)
        compensation.amount = 5
        compensation.action_submit()
        self.assertEqual(compensation.state, 'approved')
        with self.assertRaises(UserError):
            compensation.state = 'draft'
        with self.assertRaises(UserError):
            compensation.with_user(self.manager).unlink()

    def test_refusing(self):
        compensation = self._compensate(500)
        compensation.action_submit()
        compensation.with_user(self.leader).action_refuse()
        self.assertEqual(compensation.state, 'refused')
        self.assertFalse(self.complaint.cost_ids)

    # === CREDIT NOTE ===#

    def test_draft_credit_note(self):
        """100 of 1,000: 60 for the valves with 6 of tax, 40 for the seals."""
        compensation = self._compensate(100)
        compensation.action_submit()
        credit_note = compensation.sudo().refund_move_id
        self.assertEqual((credit_note.move_type, credit_note.state), ('out_refund', 'draft'))
        self.assertEqual(credit_note.reversed_entry_id, self.invoice)
        self.assertEqual(credit_note.invoice_line_ids.mapped('price_subtotal'), [60.0, 40.0])
        self.assertEqual((credit_note.amount_untaxed, credit_note.amount_tax), (100.0, 6.0))
        self.assertEqual(
            credit_note.invoice_line_ids.account_id, self.invoice.invoice_line_ids.account_id,
        )
        self.assertFalse(credit_note.invoice_line_ids.sale_line_ids, "the order stays invoiced")
        self.assertIn(self.complaint.number, credit_note.ref)
        credit_note.action_post()

    def test_shares_add_up_to_the_cent(self):
        """33.33 is 20.00 and 13.33: the last line takes what rounding leaves."""
        compensation = self._compensate(33.33)
        compensation.action_submit()
        lines = compensation.sudo().refund_move_id.invoice_line_ids
        self.assertEqual(lines.mapped('price_subtotal'), [20.0, 13.33])

    def test_one_credit_note_however_often(self):
        compensation = self._compensate(100)
        compensation.action_submit()
        credit_note = compensation.sudo().refund_move_id
        compensation.action_submit()
        compensation.action_create_credit_note()
        self.assertEqual(compensation.sudo().refund_move_id, credit_note)
        self.assertEqual(
            self.env['account.move'].search_count([('reversed_entry_id', '=', self.invoice.id)]), 1,
        )
        self.assertEqual(len(self.complaint.cost_ids), 1)
        credit_note.unlink()
        compensation.action_create_credit_note()
        self.assertTrue(compensation.sudo().refund_move_id, "finance dropped the draft: another one")

    def test_compensation_fits_the_invoice(self):
        self._compensate(900)
        with self.assertRaises(ValidationError) as caught:
            self._compensate(100.01)
        self.assertIn(self.invoice.name, str(caught.exception))
        foreign = self._create_invoice(self.other_customer)
        with self.assertRaisesRegex(ValidationError, "Other Works"):
            self._compensate(1, invoice_id=foreign.id)
        draft = self._create_invoice(self.customer, post=False)
        with self.assertRaisesRegex(ValidationError, "not a posted customer invoice"):
            self._compensate(1, invoice_id=draft.id)

    # === COSTS ===#

    def test_costs(self):
        compensation = self._compensate(100)
        compensation.action_submit()
        self.env['scp.complaint.cost'].with_user(self.salesman).create({
            'complaint_id': self.complaint.id, 'kind': 'freight', 'amount': 20,
            'currency_id': self.eur.id, 'date': '2026-02-01',
        })
        credit, freight = self.complaint.cost_ids.sorted('amount_company', reverse=True)
        self.assertEqual((credit.kind, credit.amount_company), ('credit_note', 100.0))
        self.assertEqual(credit.source_name, self.invoice.name)
        self.assertEqual((freight.kind, freight.amount_company), ('freight', 40.0))
        self.assertEqual(self.complaint.cost_total, 140.0)
        self.assertEqual(credit.action_open_source()['res_id'], compensation.id)

    def test_currency_without_rate(self):
        """Francs nobody has a rate for would count as dollars: neither a cost nor a limit is measured so."""
        franc = self.env['res.currency'].with_context(active_test=False).search([('name', '=', 'CHF')])
        franc.active = True
        franc.rate_ids.unlink()
        self.complaint.invoice_id = False
        values = {'complaint_id': self.complaint.id, 'kind': 'freight', 'amount': 20, 'currency_id': franc.id}
        Cost = self.env['scp.complaint.cost'].with_user(self.salesman)
        refused = rf"complaint {self.complaint.number}: no rate of exchange is recorded for CHF"
        with self.assertRaisesRegex(ValidationError, f"Cost of {refused}"), self.env.cr.savepoint():
            Cost.create(values)
        with self.assertRaisesRegex(ValidationError, f"Compensation for {refused}"), self.env.cr.savepoint():
            self._compensate(60, currency_id=franc.id)
        self.assertFalse(self.complaint.cost_ids)
        self.env['res.currency.rate'].create({
            'currency_id': franc.id, 'rate': 4, 'name': '2026-01-01', 'company_id': self.company.id})
        self.assertEqual(Cost.create(values).amount_company, 5)

    # === FINANCE ===#

    def test_accountant_sees_case_cost_and_claim_from_the_invoice(self):
        compensation = self._compensate(100)
        compensation.action_submit()
        for document in (self.invoice, compensation.sudo().refund_move_id):
            move = document.with_user(self.accountant)
            self.assertEqual(move.scp_complaint_count, 1)
            self.assertEqual(move.action_view_scp_complaints()['res_id'], self.complaint.id)
        complaint = self.complaint.with_user(self.accountant)
        self.assertEqual(complaint.cost_ids.amount, 100)
        self.assertEqual(complaint.compensation_ids, compensation)
        views = self.env['scp.complaint'].with_user(self.accountant).get_views([(False, 'form')])
        names = {
            name for name in views['models']['scp.complaint']['fields']
            if complaint._has_field_access(complaint._fields[name], 'read')
        }
        complaint.web_read({name: {} for name in names})
        with self.assertRaises(AccessError):
            complaint.name = "Changed"
        with self.assertRaises(AccessError):
            compensation.with_user(self.accountant).amount = 1
        self.assertFalse(
            self.env['account.move'].with_user(self.portal)._has_field_access(
                self.invoice._fields['scp_complaint_count'], 'read',
            ),
        )

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.mail.tests.common import mail_new_test_user

from .common import LeadLogCase


@tagged('post_install', '-at_install')
class TestLeadOrderMoves(LeadLogCase):
    """Confirmed and cancelled orders move the deal as its team has it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env['res.partner'].create({'name': "Anvil Works"})
        cls.product = cls.env['product.product'].create({
            'name': "Valve", 'type': 'service', 'list_price': 100})

    def quote(self, lead, **values):
        return self.env['sale.order'].create({
            'partner_id': self.partner.id,
            'company_id': self.company.id,
            'opportunity_id': lead.id,
            'order_line': [Command.create({'product_id': self.product.id, 'product_uom_qty': 1})],
            **values,
        })

    def confirm(self, *orders, moment='2026-03-09 09:00:00'):
        with self.at(moment):
            self.env['sale.order'].union(*orders).action_confirm()

    def cancel(self, *orders, moment='2026-03-10 09:00:00'):
        with self.at(moment):
            self.env['sale.order'].union(*orders)._action_cancel()

    def set_hard_gates(self):
        self.stages.write({
            'scp_gate': 'hard',
            'scp_min_days': 90,
            'scp_required_field_ids': [
                Command.link(self.env['ir.model.fields']._get('crm.lead', 'phone').id)],
        })

    # ------------------------------------------------------------
    # Confirmed
    # ------------------------------------------------------------

    def test_nothing_by_default(self):
        lead = self.create_lead()
        order = self.quote(lead)
        self.confirm(order)
        self.cancel(order)
        self.assertEqual((lead.stage_id, lead.won_status), (self.need, 'pending'))

    def test_confirmation_wins_past_all_gates(self):
        self.set_hard_gates()
        self.team.scp_confirm_action = 'won'
        lead = self.create_lead()
        self.confirm(self.quote(lead))
        self.assertEqual((lead.stage_id, lead.won_status), (self.won, 'won'))
        row = self.get_rows(lead)[-1]
        self.assertEqual((row.direction, row.source, row.gate_missed), ('won', 'order', False))

    def test_confirmation_moves_on_but_never_back(self):
        self.set_hard_gates()
        self.team.write({'scp_confirm_action': 'stage', 'scp_confirm_stage_id': self.pursued.id})
        early, late = self.create_lead(), self.create_lead(stage_id=self.decided.id)
        self.confirm(self.quote(early), self.quote(late))
        self.assertEqual((early.stage_id, late.stage_id), (self.pursued, self.decided))
        self.assertEqual(self.get_rows(early)[-1].source, 'order')
        self.assertFalse(self.env['scp.lead.gate'].search([('lead_id', 'in', (early | late).ids)]))

    def test_confirmation_of_a_lost_deal(self):
        """The customer has bought after all."""
        self.team.scp_confirm_action = 'won'
        lead = self.create_lead()
        order = self.quote(lead)
        lead.action_set_lost(lost_reason_id=self.reason.id)
        self.confirm(order)
        self.assertEqual((lead.won_status, lead.active), ('won', True))
        self.assertFalse(lead.lost_reason_id)

    def test_confirmation_by_somebody_who_may_not_see_the_deal(self):
        self.team.scp_confirm_action = 'won'
        lead = self.create_lead()
        seller = mail_new_test_user(
            self.env, login='order_seller', company_id=self.company.id,
            groups='sales_team.group_sale_salesman')
        order = self.quote(lead, user_id=seller.id)
        with self.at('2026-03-09 09:00:00'):
            order.with_user(seller).action_confirm()
        self.assertEqual(lead.won_status, 'won')
        self.assertEqual(self.get_rows(lead)[-1].user_id, seller)

    def test_each_team_has_its_own_way(self):
        self.team.scp_confirm_action = 'won'
        own = self.create_lead()
        other = self.create_lead(user_id=False, team_id=self.other_team.id, stage_id=False).sudo()
        self.confirm(self.quote(own), self.quote(other))
        self.assertEqual((own.won_status, other.won_status), ('won', 'pending'))

    # ------------------------------------------------------------
    # Cancelled
    # ------------------------------------------------------------

    def test_cancellation_of_the_last_quotation_loses(self):
        self.team.write({'scp_cancel_action': 'lost', 'scp_cancel_reason_id': self.reason.id})
        lead = self.create_lead()
        first, second = self.quote(lead), self.quote(lead)
        self.cancel(first)
        self.assertEqual(lead.won_status, 'pending', "another quotation is alive")
        self.cancel(second, moment='2026-03-11 09:00:00')
        self.assertEqual((lead.won_status, lead.lost_reason_id), ('lost', self.reason))
        row = self.get_rows(lead)[-1]
        self.assertEqual((row.direction, row.source), ('lost', 'order'))
        self.assertEqual(row.lost_reason_name, "Lost to the moon")

    def test_cancellation_of_a_won_deals_order(self):
        self.team.write({
            'scp_confirm_action': 'won',
            'scp_cancel_action': 'stage', 'scp_cancel_stage_id': self.listed.id,
        })
        lead = self.create_lead()
        order = self.quote(lead)
        self.confirm(order)
        self.cancel(order)
        self.assertEqual((lead.stage_id, lead.won_status), (self.listed, 'pending'))
        self.assertEqual(self.get_directions(lead), ['enter', 'won', 'reopen'])

    def test_cancellation_of_many(self):
        self.team.scp_cancel_action = 'lost'
        leads = self.create_lead() | self.create_lead()
        kept = self.create_lead()
        self.quote(kept)
        self.cancel(*(self.quote(lead) for lead in (*leads, kept)))
        self.assertEqual(set(leads.mapped('won_status')), {'lost'})
        self.assertEqual(kept.won_status, 'pending')

    # ------------------------------------------------------------
    # Bad input
    # ------------------------------------------------------------

    def test_stage_missing_or_of_another_team(self):
        foreign = self.env['crm.stage'].search([('team_ids', 'in', self.other_team.ids)], limit=1)
        for values, part in (
            ({'scp_confirm_action': 'stage'}, "Stage of Ordered Deals"),
            ({'scp_cancel_action': 'stage'}, "Stage of Cancelled Deals"),
            ({'scp_cancel_action': 'stage', 'scp_cancel_stage_id': foreign.id}, foreign.name),
        ):
            with self.assertRaises(ValidationError) as caught:
                self.team.write(values)
            self.assertIn("Log Team", str(caught.exception))
            self.assertIn(part, str(caught.exception))


    def test_stage_in_use(self):
        self.team.write({'scp_confirm_action': 'stage', 'scp_confirm_stage_id': self.pursued.id})
        with self.assertRaises(UserError) as caught:
            (self.listed | self.pursued).unlink()
        self.assertIn("“Log Team” move deals to the stage “Pursued”", str(caught.exception))


@tagged('post_install', '-at_install')
class TestLeadOrderFigures(AccountTestInvoicingCommon):
    """What became of a deal, in dollars; one euro is two dollars, whatever the day."""

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.env.ref('crm_scp_core.group_scp_manager')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data['company']
        cls.eur = cls.setup_other_currency('EUR', rates=[('2000-01-01', 0.5)])
        cls.env['res.currency.rate'].search([
            ('currency_id', '=', cls.eur.id), ('name', '>', '2000-01-01')]).unlink()
        cls.euros = cls.env['product.pricelist'].create({
            'name': "Euros", 'currency_id': cls.eur.id})
        cls.tax = cls.env['account.tax'].create({
            'name': "Ten per cent", 'amount': 10, 'type_tax_use': 'sale'})
        cls.product = cls.env['product.product'].create({
            'name': "Valve", 'type': 'service', 'invoice_policy': 'order', 'taxes_id': False})
        cls.lead = cls.env['crm.lead'].create({
            'name': "A deal", 'type': 'opportunity', 'company_id': cls.company.id,
            'partner_id': cls.partner_a.id,
        })

    def order(self, quantity, price, *, lead=None, confirm=True, **values):
        line_values = {
            key: values.pop(key) for key in ('discount', 'tax_ids') if key in values}
        order = self.env['sale.order'].create({
            'partner_id': self.partner_a.id,
            'opportunity_id': (lead or self.lead).id,
            'order_line': [Command.create({
                'product_id': self.product.id, 'product_uom_qty': quantity, 'price_unit': price,
                'tax_ids': False, **line_values,
            })],
            **values,
        })
        if confirm:
            order.action_confirm()
        return order

    def invoice(self, order, **down_payment):
        """Invoice an order, or a share of it in advance, and post the invoice."""
        before = order.invoice_ids
        self.env['sale.advance.payment.inv'].create({
            'sale_order_ids': order.ids, **(down_payment or {'advance_payment_method': 'delivered'}),
        }).create_invoices()
        invoice = order.invoice_ids - before
        invoice.action_post()
        return invoice

    def pay(self, invoice, amount=None):
        """Let money arrive: an entry reconciled with what is due on the invoice."""
        receivable = invoice.line_ids.filtered(
            lambda line: line.account_id.account_type == 'asset_receivable')
        amount = amount or invoice.amount_residual
        balance = amount / (invoice.invoice_currency_rate or 1)
        entry = self.env['account.move'].create({
            'journal_id': self.company_data['default_journal_misc'].id,
            'date': invoice.date,
            'line_ids': [
                Command.create({
                    'account_id': account.id, 'partner_id': self.partner_a.id,
                    'currency_id': invoice.currency_id.id,
                    'amount_currency': sign * amount, 'balance': sign * balance,
                })
                for account, sign in (
                    (receivable.account_id, -1),
                    (self.company_data['default_account_revenue'], 1),
                )
            ],
        })
        entry.action_post()
        (receivable + entry.line_ids.filtered(
            lambda line: line.account_id == receivable.account_id)).reconcile()

    def assertFigures(self, lead=None, **expected):
        lead = lead or self.lead
        lead.invalidate_recordset()
        self.assertEqual({name: lead[f'scp_{name}'] for name in expected}, expected)

    def test_hand_computed_deal(self):
        """Two orders in two currencies, a quotation and a cancelled one.

        ==================  =====================  =======  =========  =========================
        order               ordered                with tax  delivered  invoiced / paid
        ==================  =====================  =======  =========  =========================
        A, dollars          10 x 100 less 10 %       900      990       4 -> 360   see below
        B, euros            2 x 50 = 100 EUR         200      200       2 -> 200   200 / 40 EUR = 80
        C, quotation        300
        D, cancelled        999
        ==================  =====================  =======  =========  =========================

        A is invoiced 30 % in advance (297, paid), then the rest (693, not paid). One valve of it
        is credited (99): the customer has been asked for 1,091 and has paid 377.
        """
        first = self.order(10, 100, discount=10, tax_ids=self.tax.ids)
        first.order_line.qty_delivered = 4
        second = self.order(2, 50, pricelist_id=self.euros.id)
        second.order_line.qty_delivered = 2
        self.order(3, 100, confirm=False)
        self.order(1, 999, confirm=False)._action_cancel()
        self.assertFigures(quoted=300, ordered=1100, delivered=560, invoiced=0, paid=0)

        advance = self.invoice(first, advance_payment_method='percentage', amount=30)
        self.assertFigures(invoiced=297, paid=0, ordered=1100, delivered=560)
        self.pay(advance)
        self.assertFigures(invoiced=297, paid=297)

        rest = self.invoice(first)
        self.pay(self.invoice(second), amount=40)
        self.assertFigures(invoiced=1190, paid=377)

        refund = rest._reverse_moves([{'invoice_date': rest.invoice_date}])
        refund.invoice_line_ids.filtered(lambda line: line.quantity < 0).unlink()
        refund.invoice_line_ids.filtered('product_id').quantity = 1
        refund.action_post()
        self.assertEqual(refund.amount_total, 99)
        self.assertFigures(invoiced=1091, paid=377, ordered=1100, delivered=560)

    def test_drafts_do_not_count(self):
        order = self.order(1, 100)
        order._create_invoices()
        self.assertFigures(ordered=100, invoiced=0, paid=0)

    def test_delivered_without_being_ordered(self):
        """More than ordered, and something on a line of no quantity, at the price agreed."""
        order = self.order(2, 100, discount=50)
        order.order_line.qty_delivered = 3
        order.write({'order_line': [Command.create({
            'product_id': self.product.id, 'product_uom_qty': 0, 'price_unit': 40,
            'tax_ids': False, 'qty_delivered': 1,
        })]})
        self.assertFigures(ordered=100, delivered=190)

    def test_one_invoice_for_two_deals(self):
        """Orders of 100 and 300 on one invoice of which 200 are paid: a half of each."""
        other = self.lead.copy()
        orders = self.order(1, 100) + self.order(3, 100, lead=other)
        invoice = orders._create_invoices()
        self.assertEqual(len(invoice), 1)
        invoice.action_post()
        self.pay(invoice, amount=200)
        self.assertFigures(invoiced=100, paid=50)
        self.assertFigures(other, invoiced=300, paid=150)

    def test_fully_credited(self):
        invoice = self.invoice(self.order(1, 100))
        refund = invoice._reverse_moves(cancel=True)
        self.assertEqual(refund.payment_state, 'paid')
        self.assertFigures(ordered=100, invoiced=0, paid=0)

    def test_deal_without_company(self):
        """Orders of two companies, in the currency of whoever looks."""
        asia = self.setup_other_company(name="Figures Asia", currency_id=self.eur.id)['company']
        lead = self.env['crm.lead'].create({
            'name': "Everybody's", 'type': 'opportunity', 'user_id': False, 'team_id': False})
        lead.company_id = False
        self.order(1, 100, lead=lead)
        self.env['res.currency.rate'].create({
            'name': '2000-01-01', 'currency_id': self.company.currency_id.id, 'rate': 2,
            'company_id': asia.id,
        })
        partner = self.env['res.partner'].create({'name': "Asian buyer"})
        self.env['sale.order'].with_company(asia).create({
            'partner_id': partner.id, 'company_id': asia.id, 'opportunity_id': lead.id,
            'order_line': [Command.create({
                'name': "Valve", 'product_id': self.product.id, 'product_uom_qty': 1,
                'price_unit': 100, 'tax_ids': False,
            })],
        }).action_confirm()
        self.assertFigures(lead, ordered=300)
        lead = lead.with_company(asia)
        lead.invalidate_recordset()
        self.assertEqual(lead.scp_ordered, 150)

    def test_one_query_for_all_leads(self):
        leads = self.lead
        for _number in range(4):
            leads |= self.lead.copy()
        for lead in leads:
            self.order(1, 100, lead=lead).order_line.qty_delivered = 1

        def count(records):
            self.env.flush_all()
            records.invalidate_recordset()
            records.mapped('company_currency')
            before = self.cr.sql_log_count
            self.assertEqual(records.mapped('scp_delivered'), [100] * len(records))
            return self.cr.sql_log_count - before

        count(leads)
        self.assertEqual(count(leads[:1]), 1)
        self.assertEqual(count(leads), 1)

    def test_portal_and_others_do_not_read_them(self):
        for group, readable in (
            ('crm_scp_core.group_scp_user', True),
            ('crm_scp_core.group_scp_auditor', True),
            ('base.group_user', False),
        ):
            user = mail_new_test_user(
                self.env, login=f'figures_{group}', groups=group, company_id=self.company.id)
            self.assertEqual(
                'scp_paid' in self.env['crm.lead'].with_user(user).fields_get(['scp_paid']),
                readable, group)

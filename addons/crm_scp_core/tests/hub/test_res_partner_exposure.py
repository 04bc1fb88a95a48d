from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from ..common import ScpCommon


@tagged('post_install', '-at_install')
class TestResPartnerExposure(ScpCommon):
    """What there is to lose with a customer, and how long he takes to pay. One euro is two dollars."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['account.chart.template'].try_loading('generic_coa', cls.company, install_demo=False)
        cls.today = fields.Date.context_today(cls.env.user)
        cls.product.invoice_policy = 'order'
        cls.tax = cls.env['account.tax'].create({
            'name': "Ten", 'amount': 10, 'type_tax_use': 'sale', 'company_id': cls.company.id,
        })
        cls.partner = cls._create_partner("Anvil Works")
        cls.office = cls.env['res.partner'].create({
            'name': "Accounts Payable", 'parent_id': cls.partner.id, 'type': 'invoice',
        })
        cls.customer = cls._create_customer(cls.partner, user_id=cls.salesman.id)

    def _order(self, amount, quantity=1, partner=None, currency=None, confirm=True, **line):
        order = self.env['sale.order'].create({
            'partner_id': (partner or self.partner).id,
            'company_id': self.company.id,
            'pricelist_id': self.env['product.pricelist'].create({
                'name': "List", 'currency_id': (currency or self.usd).id,
            }).id,
            'order_line': [Command.create({
                'product_id': self.product.id, 'product_uom_qty': quantity, 'price_unit': amount,
                'tax_ids': [Command.clear()], **line,
            })],
        })
        if confirm:
            order.action_confirm()
        return order

    def _invoice(self, amount, days_ago, partner=None, **values):
        invoice = self.env['account.move'].create({
            'move_type': 'out_invoice',
            'partner_id': (partner or self.partner).id,
            'company_id': self.company.id,
            'invoice_date': self.today - timedelta(days=days_ago),
            'invoice_payment_term_id': False,
            'invoice_line_ids': [Command.create({
                'name': "Anvil", 'price_unit': amount, 'tax_ids': [Command.clear()],
            })],
            **values,
        })
        invoice.action_post()
        return invoice

    def _pay(self, invoice, days_ago, amount=None):
        self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=invoice.ids,
        ).create({
            'payment_date': self.today - timedelta(days=days_ago),
            'amount': amount or invoice.amount_residual,
        })._create_payments()

    def _get_exposure(self, user=None, partner=None):
        self.env.flush_all()
        self.env.invalidate_all()
        partner = (partner or self.partner).with_user(user or self.accountant)
        return partner.scp_receivable_amount, partner.scp_to_invoice_amount, partner.scp_exposure_amount

    def _get_days(self):
        self.env.flush_all()
        self.env.invalidate_all()
        partner = self.partner.with_user(self.accountant)
        return partner.scp_days_to_pay, partner.scp_paid_invoice_count

    # === EXPOSURE ===#

    def test_exposure(self):
        """Ten valves at 100 and a tenth of tax: 1,100; 50 euro: 100. A draft is no exposure. 300 are invoiced."""
        self._order(100, 10, tax_ids=[Command.set(self.tax.ids)])
        self._order(50, currency=self.eur)
        self._order(999, confirm=False)
        self._invoice(300, 10, self.office)
        for user in (self.accountant, self.salesman, self.auditor):
            self.assertEqual(self._get_exposure(user), (300, 1200, 1500), user.name)

    def test_invoicing_moves_it(self):
        """What is invoiced is receivable instead, what is paid is neither."""
        order = self._order(100, 4)
        invoice = order._create_invoices()
        invoice.invoice_line_ids.quantity = 1
        self.assertEqual(self._get_exposure(), (0, 400, 400), "a draft invoice is no claim yet")
        invoice.action_post()
        self.assertEqual(self._get_exposure(), (100, 300, 400))
        self._pay(invoice, 0)
        self.assertEqual(self._get_exposure(), (0, 300, 300))

    def test_down_payment(self):
        """50 of 200 are invoiced ahead: 150 remain to be."""
        order = self._order(200)
        self.env['sale.advance.payment.inv'].with_context(
            active_model='sale.order', active_ids=order.ids,
        ).create({'advance_payment_method': 'fixed', 'fixed_amount': 50}).create_invoices()
        order.invoice_ids.action_post()
        self.assertEqual(self._get_exposure(), (50, 150, 200))

    def test_invoiced_on_delivery(self):
        """Of five ordered two were delivered. More was invoiced than is left of another order: that is nothing, not
        less."""
        self.product.invoice_policy = 'delivery'
        order = self._order(10, 5)
        order.order_line.qty_delivered = 2
        self.assertEqual(self._get_exposure(), (0, 20, 20))
        other = self._order(10, 5)
        other.order_line.qty_delivered = 5
        other._create_invoices().action_post()
        other.order_line.qty_delivered = 1
        self.assertEqual(self._get_exposure(), (50, 20, 70))

    def test_who_pays_is_exposed(self):
        """An order whose invoice goes to somebody else is his."""
        payer = self._create_partner("Payer")
        self._create_customer(payer)
        order = self._order(80, confirm=False)
        order.partner_invoice_id = payer
        order.action_confirm()
        self.assertEqual(self._get_exposure(), (0, 0, 0))
        self.assertEqual(self._get_exposure(partner=payer), (0, 80, 80))

    def test_companies_apart(self):
        self._order(80)
        self.env['scp.customer'].create({'partner_id': self.partner.id, 'company_id': self.other_company.id})
        self.env.flush_all()
        elsewhere = self.partner.with_company(self.other_company)
        self.assertEqual((elsewhere.scp_exposure_amount, elsewhere.scp_currency_id), (0, self.eur))

    def test_strangers_see_nothing(self):
        self._order(80)
        self.assertEqual(self._get_exposure(self.stranger), (0, 0, 0))
        self.assertEqual(self._get_exposure(partner=self._create_partner("No Customer")), (0, 0, 0))

    # === DAYS TO PAY ===#

    def test_days_to_pay(self):
        """Invoiced 90 days ago; paid after 30 and 40 days, and after 70 the second half of the third: 140 / 3."""
        for paid in (60, 50):
            self._pay(self._invoice(100, 90), paid)
        halves = self._invoice(100, 90, self.office)
        self._pay(halves, 85, 50)
        self.assertEqual(self._get_days(), (35, 2), "half paid is not paid")
        self._pay(halves, 20)
        self.assertEqual(self._get_days(), (140 / 3, 3))

    def test_what_does_not_count(self):
        """Paid in advance is 0 days. Long ago does not tell of today; what was credited was not paid."""
        self._pay(self._invoice(100, 10), 15)
        self.assertEqual(self._get_days(), (0, 1))
        self._pay(self._invoice(100, 500), 400)
        credited = self._invoice(100, 90)
        self.env['account.move.reversal'].with_context(
            active_model='account.move', active_ids=credited.ids,
        ).create({'journal_id': credited.journal_id.id}).refund_moves()
        refund = self.env['account.move'].search([('reversed_entry_id', '=', credited.id)])
        refund.action_post()
        (credited + refund).line_ids.filtered(
            lambda line: line.account_id.account_type == 'asset_receivable' and not line.reconciled).reconcile()
        self.assertEqual(self._get_days(), (0, 1))

    def test_no_data(self):
        self.assertEqual(self._get_days(), (0, 0))

    # === COST ===#

    def test_one_statement_for_many(self):
        """Both figures of all customers of a page come in one."""
        partners = self.partner
        for number in range(5):
            partner = self._create_partner(f"Works {number}")
            self._create_customer(partner, user_id=self.salesman.id)
            partners += partner
        partners = partners.with_user(self.accountant)
        self.env.flush_all()
        partners.mapped('scp_receivable_amount')
        with self.assertQueryCount(1):
            partners.mapped('scp_exposure_amount')
            partners.mapped('scp_days_to_pay')

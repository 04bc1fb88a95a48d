from odoo import Command
from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from ...hooks import uninstall_hook
from .common import ValueTools


@tagged('post_install', '-at_install')
class TestScpCustomerValue(ValueTools, AccountTestInvoicingCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data['company']
        cls.company.resource_calendar_id.tz = 'Asia/Taipei'
        cls._prepare()
        cls.partner = cls._create_partner("Alpha")

    def _get_measures(self, code):
        self.Customer._refresh_for_partners(self.partner)
        return [
            (str(m.period), m.numerator, m.denominator, m.n, m.currency_id, m.source)
            for m in self.env['scp.customer.measure'].search([
                ('partner_id', '=', self.partner.id), ('code', '=', code),
                ('company_id', '=', self.company.id),
            ], order='period')
        ]

    def _invoice(self, day, amount, partner=None):
        invoice = self.env['account.move'].create({
            'move_type': 'out_invoice',
            'partner_id': (partner or self.partner).id,
            'invoice_date': day,
            'invoice_line_ids': [Command.create({
                'name': "Gauge", 'price_unit': amount, 'tax_ids': False,
            })],
        })
        invoice.action_post()
        return invoice

    def _pay(self, invoices, day, amount):
        self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=invoices.ids,
        ).create({'payment_date': day, 'amount': amount})._create_payments()

    def test_margin(self):
        """Margin over sales, by month of the company, at the rate of the order."""
        self.product.standard_price = 60
        self._order(self.partner, '2026-05-10 04:00', 100)
        self._order(self.partner, '2026-05-20 04:00', 200)
        self._order(self.partner, '2026-05-31 16:30', 80)
        currency = self.env.ref('base.USD')
        if currency == self.company.currency_id:
            currency = self.env.ref('base.EUR')
        currency.active = True
        dear = self._order(self.partner, '2026-06-02 04:00', 500, currency=currency)
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET currency_rate = 4 WHERE id = %s", [dear.id])
        self.env['sale.order'].invalidate_model()
        self.assertEqual(self._get_measures('margin'), [
            ('2026-05-01', 180.0, 300.0, 2, self.company.currency_id, 'crm_scp_analytics'),
            ('2026-06-01', 20 + dear.margin / 4, 80.0 + 125.0, 2, self.company.currency_id,
             'crm_scp_analytics'),
        ])

    def test_payment_days(self):
        """Invoice date to the last payment; unpaid, part paid and credited invoices do not count."""
        self._pay(self._invoice('2026-01-10', 100), '2026-02-09', 100)  # 30 days, February
        twice = self._invoice('2026-02-01', 100)
        self._pay(twice, '2026-02-11', 40)
        self._pay(twice, '2026-02-21', 60)  # 20 days, February
        self._pay(self._invoice('2026-03-05', 100), '2026-03-01', 100)  # paid before
        self._pay(self._invoice('2026-03-06', 100), '2026-03-09', 50)
        self._invoice('2026-03-07', 100)
        credited = self._invoice('2026-03-08', 100)
        credited._reverse_moves([{'invoice_date': '2026-03-20'}], cancel=True)
        none = self.env['res.currency']
        self.assertEqual(self._get_measures('payment_days'), [
            ('2026-02-01', 50.0, 2.0, 2, none, 'crm_scp_analytics'),
            ('2026-03-01', 0.0, 1.0, 1, none, 'crm_scp_analytics'),
        ])

    def test_payment_days_of_a_contact_who_changes_company(self):
        contact = self._create_partner("Buyer", parent_id=self._create_partner("Before", is_company=True).id)
        invoice = self._invoice('2026-01-10', 100, contact)
        self._pay(invoice, '2026-02-09', 100)
        contact.parent_id = self.partner
        self.assertEqual(invoice.commercial_partner_id.name, "Before")
        self.assertEqual(self._get_measures('payment_days'), [
            ('2026-02-01', 30.0, 1.0, 1, self.env['res.currency'], 'crm_scp_analytics'),
        ])

    def test_uninstall(self):
        self._order(self.partner, '2026-05-10 04:00', 100)
        self.assertTrue(self._get_measures('margin'))
        self.Run._score(self.company)
        customer = self.Customer.search([
            ('partner_id', '=', self.partner.id), ('company_id', '=', self.company.id),
        ])
        self.assertTrue(customer.grade_id)
        uninstall_hook(self.env)
        self.assertFalse(self.env['scp.customer.measure'].search([
            ('source', '=', 'crm_scp_analytics'),
        ]))
        self.assertTrue(self.env['scp.customer.measure'].search([('source', '=', 'crm_scp_core')]))
        self.assertFalse(customer.grade_id or customer.value_score or customer.scored_at)

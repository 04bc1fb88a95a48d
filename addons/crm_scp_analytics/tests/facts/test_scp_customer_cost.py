from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from .common import FactCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-07-31 04:00')
class TestScpCustomerCost(FactCommon):
    """The worked example of Alpha. An hour of visit costs 80, late payment 10 % a year.

    10 May    two gauges at 100 less 10 %, which cost 60 each       discount             20.00
     1 June   invoiced, due the same day                            invoiced            180.00
    10 June   a quarter credited                                    returns              45.00
    15 June   two of us there for an hour and a half                visits 3 x 80       240.00
    20 June   a complaint, freight of 35 and a rebate in the books  complaints           35.00
     1 July   180 paid, 30 days late: 180 x 30 / 365 x 10 %         late payment          1.48

    list price 200 - 20 - 45 = 135 invoiced; cost of it 120 x 135 / 180 = 90; gross margin 45
    profit 45 - 240 - 35 - 1.48 = -231.48; cost to serve 20 + 45 + 276.48 = 341.48
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({'scp_visit_hour_cost': 80, 'scp_payment_delay_rate': 10})
        cls.seller = cls._create_company_user('cost_seller', 'crm_scp_core.group_scp_user')
        cls.colleague = cls._create_company_user('cost_colleague', 'crm_scp_core.group_scp_user')

    def _play(self):
        order = self._order(self.partner, '2026-05-10 01:00', 100)
        order.order_line.write({'product_uom_qty': 2, 'price_unit': 100, 'discount': 10})
        invoice = self._invoice(order, '2026-06-01')
        self._refund(order.order_line, 45, '2026-06-10')
        self._meet('2026-06-15 01:00', 1.5, self.partner)
        self._complain('2026-06-20', 35)
        self._pay(invoice, '2026-07-01')
        self.Refresh._refresh()

    def _meet(self, start, hours, *guests, **values):
        start = fields.Datetime.to_datetime(f'{start}:00')
        return self.env['calendar.event'].create({
            'name': "Visit",
            'user_id': self.seller.id,
            'start': start,
            'stop': start + timedelta(hours=hours),
            'partner_ids': [Command.set([
                self.seller.partner_id.id, self.colleague.partner_id.id,
                *(guest.id for guest in guests),
            ])],
            **values,
        })

    def _complain(self, day, amount):
        complaint = self.env['scp.complaint'].create({
            'name': "Scratched", 'partner_id': self.partner.id, 'company_id': self.company.id,
        })
        booked = self.env['account.move'].search([
            ('partner_id', '=', self.partner.id), ('move_type', '=', 'out_refund'),
        ], limit=1)
        self.env['scp.complaint.cost'].create([
            {'complaint_id': complaint.id, 'kind': 'freight', 'date': day, 'amount': amount,
             'currency_id': self.euro.id},
            {'complaint_id': complaint.id, 'kind': 'credit_note', 'date': day, 'amount': 45,
             'currency_id': self.euro.id, 'source_model': 'account.move', 'source_id': booked.id},
        ])

    def _pay(self, invoice, day):
        self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=invoice.ids,
        ).create({'payment_date': day})._create_payments()

    def _get_profit(self, *names, partner=None):
        """:return: figures of all time of a customer"""
        self.env.flush_all()
        rows = self.env.execute_query_dict(SQL(
            "SELECT * FROM (%s) profit WHERE customer_id = %s",
            self.Customer._get_profit_query(period=SQL("NULL::date")),
            self._get_customer(partner or self.partner).id,
        ))
        return [row[name] if row[name] is None else float(row[name]) for row in rows for name in names]

    def _get_customer(self, partner):
        return self.Customer.search([
            ('partner_id', '=', partner.id), ('company_id', '=', self.company.id),
        ])

    def test_worked_example(self):
        self._play()
        self.assertEqual(
            self._get_profit(
                'invoiced', 'invoiced_cost', 'discount', 'returns', 'gross_margin',
                'freight', 'visits', 'complaints', 'payment_delay', 'service', 'cost_to_serve', 'profit',
            ),
            [135, 90, 20, 45, 45, None, 240, 35, 1.48, 276.48, 341.48, -231.48],
        )

    def test_report(self):
        self._play()
        rows = self.env['scp.value.profit.report'].search([
            ('customer_id', '=', self._get_customer(self.partner).id),
        ], order='period')
        self.assertEqual(
            [(str(row.period), row.gross_sales, row.discount, row.returns, row.invoiced, row.invoiced_cost,
              row.visits, row.complaints, row.payment_delay, row.profit, row.no_data) for row in rows],
            [
                ('2026-05-01', 20, 20, 0, 0, 90, 0, 0, 0, -90, "Freight"),
                ('2026-06-01', 180, 0, 45, 135, 0, 240, 35, 0, -140, "Freight"),
                ('2026-07-01', 0, 0, 0, 0, 0, 0, 0, 1.48, -1.48, "Freight"),
            ],
        )

    def test_months_are_what_days_add_up_to(self):
        self._play()
        self.env.flush_all()
        months, days = (
            self.env.execute_query(SQL("SELECT * FROM (%s) profit ORDER BY customer_id, period", query))
            for query in (
                self.Customer._get_month_profit_query(),
                self.Customer._get_profit_query(period=SQL("date_trunc('month', day)::date")),
            )
        )
        self.assertGreater(len(months), 3)
        self.assertEqual(months, days)

    def test_pivot_reads_months(self):
        """A pivot adds up no days, and the company it asks for reaches the months."""
        Report = self.env['scp.value.profit.report']
        query = Report._search([('company_id', '=', self.company.id), ('period', '>=', '2026-06-01')])
        query.groupby = SQL(
            "GROUPING SETS ((), (%s))", Report._field_to_sql(query.table, 'customer_id', query),
        )
        plan = '\n'.join(line for [line] in self.env.execute_query(SQL(
            "EXPLAIN %s", query.select(Report._read_group_select('profit:sum', query)),
        )))
        self.assertRegex(plan, r"(?m)on scp_value_month\b.*\n.*(Filter|Cond): .*\bcompany_id\b")
        self.assertNotIn('scp_value_fact', plan)

    def test_no_data(self):
        """What nobody measures is no data, and no cost; what is measured and did not happen is 0."""
        self.company.write({'scp_visit_hour_cost': 0, 'scp_payment_delay_rate': 0})
        self._play()
        self.assertEqual(
            self._get_profit('freight', 'visits', 'complaints', 'payment_delay', 'profit'),
            [None, None, 35, None, 10],
        )
        other = self._create_partner("Beta")
        self._order(other, '2026-05-10 01:00', 100)
        self.Refresh._refresh()
        self.assertEqual(self._get_profit('visits', 'complaints', partner=other), [None, 0])

    def test_freight_by_another_addon(self):
        self._play()
        self.env['scp.customer.measure'].create({
            'customer_id': self._get_customer(self.partner).id, 'code': 'freight_cost',
            'period': '2026-06-01', 'numerator': 12, 'source': 'another',
        })
        self.assertEqual(self._get_profit('freight', 'profit'), [12, -243.48])

    def test_visits(self):
        """Future and cancelled meetings cost nothing, whole days a working day, together half each;
        a meeting about an opportunity is one with its customer."""
        beta = self._create_partner("Beta")
        for partner in (self.partner, beta):
            self._order(partner, '2026-05-10 01:00', 100)
        self.Refresh._refresh()
        self._meet('2026-08-15 01:00', 5, self.partner)
        self._meet('2026-06-15 01:00', 5, self.partner, active=False)
        self.assertEqual(self._get_profit('visits'), [0])
        self._meet('2026-06-16 01:00', 1, self.partner, beta)
        self.assertEqual(self._get_profit('visits'), [80])
        self.assertEqual(self._get_profit('visits', partner=beta), [80])
        self._meet('2026-06-17 01:00', 1, beta, allday=True, start_date='2026-06-17', stop_date='2026-06-17')
        self.assertEqual(self._get_profit('visits', partner=beta), [80 + 8 * 2 * 80])
        deal = self.env['crm.lead'].create({
            'name': "Gauges", 'type': 'opportunity', 'partner_id': self.partner.id,
            'company_id': self.company.id,
        })
        self._meet('2026-06-18 01:00', 0.5, opportunity_id=deal.id)
        self.assertEqual(self._get_profit('visits'), [160])

    def test_open_invoice_accrues_until_today(self):
        """100 due on 1 July and open on 31 July; what a credit note settled was no loan."""
        order = self._order(self.partner, '2026-06-10 01:00', 100)
        invoice = self._invoice(order, '2026-07-01')
        self.Refresh._refresh()
        self.assertEqual(self._get_profit('payment_delay'), [0.82])
        self._reverse(invoice, '2026-07-20')
        self.assertEqual(invoice.payment_state, 'reversed')
        self.Refresh._refresh()
        self.assertEqual(self._get_profit('payment_delay'), [0])

    def test_adds_up_to_the_books(self):
        """Two companies, two currencies, refunds, something issued again, and an invoice without
        order: profits and costs of all customers are what the income accounts say, to the cent."""
        other = self.setup_other_company(name="Company B", currency_id=self.dollar.id)['company']
        other.scp_visit_hour_cost = 33.33
        self._play()
        beta = self._create_partner("Beta")
        for number, currency in enumerate((self.euro, self.dollar), 1):
            order = self._order(beta, '2026-05-03 01:00', 33.33 * number, currency=currency)
            order.order_line.write({
                'product_uom_qty': 3, 'price_unit': 33.33 * number, 'discount': 7.5,
            })
            again = self._reverse(self._invoice(order, '2026-05-04'), '2026-06-04', again=True)
            again.action_post()
            self._refund(order.order_line, 3.33, '2026-06-05')
        self.env = self.env(context=dict(
            self.env.context, allowed_company_ids=(other + self.company).ids,
        ))
        for partner, amount in ((beta, 0.05), (self.partner, 99.99)):
            move = self.env['account.move'].with_company(other).create({
                'move_type': 'out_invoice', 'partner_id': partner.id, 'invoice_date': '2026-05-20',
                'invoice_line_ids': [Command.create({
                    'name': "Work", 'quantity': 3, 'price_unit': amount, 'tax_ids': False,
                })],
            })
            move.action_post()
        self.Refresh._refresh()
        self.env.flush_all()
        sums = {row['company_id']: row for row in self.env.execute_query_dict(SQL(
            """
            SELECT company_id, SUM(profit) + SUM(service) + SUM(invoiced_cost) AS books
              FROM (%s) profit GROUP BY company_id
            """,
            self.Customer._get_profit_query(period=SQL("date_trunc('month', day)::date")),
        ))}
        for company in self.company + other:
            [[balance]] = self.env['account.move.line'].with_company(company)._read_group([
                ('company_id', '=', company.id), ('parent_state', '=', 'posted'),
                ('account_id.internal_group', '=', 'income'),
            ], [], ['balance:sum'])
            self.assertEqual(f"{sums[company.id]['books']:.2f}", f'{-balance:.2f}', company.name)

    def test_measures(self):
        self._play()
        self.Customer._refresh_for_partners(self.partner)
        customer = self._get_customer(self.partner)
        totals = customer._get_measures(['invoiced', 'refunded', 'discount', 'cost_to_serve', 'profit'])
        self.assertEqual(
            {code: (total.numerator, total.denominator) for code, total in totals[customer.id].items()},
            {
                'invoiced': (135, 2),
                'refunded': (45, 180),
                'discount': (20, 200),
                'cost_to_serve': (341.48, 135),
                'profit': (-231.48, 135),
            },
        )

    def test_settings(self):
        with self.assertRaisesRegex(ValidationError, "Late Payment .* cannot be 101"):
            self.company.scp_payment_delay_rate = 101
        with self.assertRaisesRegex(ValidationError, "Visiting Hour of .* cannot be -1"):
            self.company.scp_visit_hour_cost = -1

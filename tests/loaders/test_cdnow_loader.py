"""The CDNOW history in Odoo: orders with their dates and their cents, once and only once."""
from datetime import date, datetime
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from suite import cdnow, cdnow_accuracy, cdnow_recent

LOG = """\
 00004 0001 19970101  2   29.33
 00004 0001 19970118  2   29.73
 00004 0001 19970118  1   14.96
 00021 0002 19970101  3   63.34
 00050 0003 19970101  1    0.00
 00071 0004 19980630  3   10.01
"""


@tagged('post_install', '-at_install')
class TestCdnowLoader(TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # a company that is there already, in the database of `make run`, must not be in the way
        cls.startClassPatcher(patch.object(cdnow, 'COMPANY', "CDNOW in a test"))
        cls.purchases = cdnow.parse(LOG.splitlines())
        cls.company = cdnow.prepare_company(cls.env)
        cls.commits = 0

    def _load(self, purchases):
        def commit():
            self.commits += 1

        return cdnow.load_purchases(self.env, self.company, purchases, commit, batch_size=2)

    def _bill(self):
        def commit():
            self.commits += 1

        return cdnow_recent.bill(self.env, self.company, commit)

    def _get_orders(self):
        return self.env['sale.order'].search([('company_id', '=', self.company.id)], order='client_order_ref')

    def test_as_if_it_ended_this_week(self):
        """Tuesday, June 30, 1998, is 1,481 weeks before Tuesday, November 17, 2026."""
        purchases = cdnow_recent.shift(self.purchases, date(2026, 11, 22))
        self.assertEqual(purchases[-1].day, date(2026, 11, 17))
        self.assertEqual(purchases[0].day, date(2025, 5, 21))
        self._load(purchases)
        self.commits = 0
        self.assertEqual(self._bill(), 6)
        self.assertEqual(self.commits, 3, "three weeks with purchases")
        invoices = self._get_orders().invoice_ids
        self.assertEqual(set(invoices.mapped('payment_state')), {'paid'})
        self.assertEqual(
            sorted((invoice.invoice_date, invoice.amount_total) for invoice in invoices),
            [
                (date(2025, 5, 21), 0.0), (date(2025, 5, 21), 29.33), (date(2025, 5, 21), 63.34),
                (date(2025, 6, 7), 14.96), (date(2025, 6, 7), 29.73), (date(2026, 11, 17), 10.01),
            ],
        )
        self.assertEqual(self._bill(), 0, "once and only once")

    def test_orders(self):
        self.assertEqual(self._load(self.purchases), 6)
        self.assertEqual(self.commits, 4, "the contacts, and three batches of two orders")
        orders = self._get_orders()
        self.assertEqual(
            [(o.client_order_ref, o.date_order, o.amount_untaxed, o.amount_total, o.state) for o in orders],
            [
                ('CDNOW/00004/1', datetime(1997, 1, 1, 12), 29.33, 29.33, 'sale'),
                ('CDNOW/00004/2', datetime(1997, 1, 18, 12), 29.73, 29.73, 'sale'),
                ('CDNOW/00004/3', datetime(1997, 1, 18, 12), 14.96, 14.96, 'sale'),
                ('CDNOW/00021/1', datetime(1997, 1, 1, 12), 63.34, 63.34, 'sale'),
                ('CDNOW/00050/1', datetime(1997, 1, 1, 12), 0.0, 0.0, 'sale'),
                ('CDNOW/00071/1', datetime(1998, 6, 30, 12), 10.01, 10.01, 'sale'),
            ],
        )
        self.assertEqual(orders.currency_id.name, 'USD')
        self.assertEqual(orders[0].order_line.name, "2 CDs")
        self.assertEqual(len(orders.partner_id), 4)
        self.assertFalse(orders.message_ids.filtered(lambda message: message.message_type == 'email'))
        if 'picking_ids' in orders:
            self.assertFalse(orders.picking_ids)

    def test_goes_on_and_adds_nothing_twice(self):
        self.assertEqual(self._load(self.purchases[:3]), 3)
        first = self._get_orders()
        self.assertEqual(self._load(self.purchases), 3)
        self.assertEqual(self._load(self.purchases), 0)
        self.assertLess(first, self._get_orders())
        self.assertEqual(len(self._get_orders()), 6)

    def test_company(self):
        self.assertEqual(cdnow.prepare_company(self.env), self.company)
        self.assertEqual(self.company.currency_id.name, 'USD')
        manager = self.env.ref('base.user_admin')
        self.assertIn(self.company, manager.company_ids)

    def test_score(self):
        self._load(self.purchases)
        run = cdnow.score(self.env, self.company, date(1998, 6, 30))
        self.assertRecordValues(run, [{
            'state': 'done', 'customer_count': 4, 'order_count': 6, 'purchase_count': 5,
            'revenue': 147.37, 'date_to': date(1998, 6, 30),
        }])
        customers = self.env['scp.customer'].search([('company_id', '=', self.company.id)])
        self.assertEqual(len(customers.filtered('grade_id')), 4)
        # no purchase of the last two years: tonight's job leaves these grades alone
        self.assertNotIn(self.company, self.env['scp.value.run']._get_due_companies())
        cdnow.print_figures(run, 6, 0.5)

    def test_statements(self):
        """Less than one statement for an order, however many there are."""
        purchases = [
            cdnow.Purchase(f'9{number:04}', 1, date(1997, 3, 1), 1, 10.0) for number in range(120)
        ]
        self._load(purchases[:10])
        before = self.env.cr.sql_log_count
        cdnow.load_purchases(self.env, self.company, purchases, lambda: None)
        self.assertLess(self.env.cr.sql_log_count - before, 110)

    def test_purchases_are_read_from_orders(self):
        self._load(self.purchases)
        self.env['scp.value.fact.refresh']._refresh()
        bought = cdnow_accuracy.read_purchases(self.env, self.company)
        first = (date(1997, 1, 1) - date(1970, 1, 1)).days
        self.assertEqual(sorted((bought.day - first).tolist()), [0, 0, 0, 17, 545])
        self.assertEqual(sorted(bought.money.tolist()), [0.0, 10.01, 29.33, 44.69, 63.34])


@tagged('post_install', '-at_install')
class TestCdnowAccuracy(TransactionCase):

    def test_table(self):
        """The whole sample, from the file: our figures stand beside the published ones, and agree."""
        purchases = cdnow.read(cdnow.fetch())
        lines = []
        with (
            patch.object(cdnow_accuracy, 'say', lambda text='': lines.append(text)),
            patch.object(cdnow_accuracy, 'read_purchases', lambda *_args: self._get_purchases(purchases)),
        ):
            cdnow_accuracy.report(self.env, None)
        table = '\n'.join(lines)
        self.assertIn("2,357 customers: known to 1997-09-30, forecast to 1998-06-30, 1,882 purchases made", table)
        self.assertRegex(table, r"chosen: bgnbd\+trees +-12")
        self.assertRegex(table, r"bgnbd .* 0\.6256 .* 0\.626\n")
        self.assertRegex(table, r"pareto_nbd .* 0\.6302 .* 0\.630\n")
        self.assertRegex(table, r"bgnbd +-4\.11%   published -4%")
        self.assertRegex(table, r"pareto_nbd +-1\.59%   published -2%")
        self.assertRegex(table, r"made +0\.237   0\.697   1\.393")
        self.assertIn("r 0.24259 alpha 4.41361 a 0.79292 b 2.42590 LL -9582.429", table)

    def _get_purchases(self, purchases):
        from odoo.addons.crm_scp_analytics.engine.frame import Purchases

        return Purchases.of(
            [int(purchase.customer) for purchase in purchases],
            [(purchase.day - date(1970, 1, 1)).days for purchase in purchases],
            [purchase.value for purchase in purchases],
        )

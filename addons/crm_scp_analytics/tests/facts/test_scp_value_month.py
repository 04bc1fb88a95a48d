from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import FactCommon


@tagged('post_install', '-at_install')
class TestScpValueMonth(FactCommon):
    """Two gauges at 100 less 10 %, which cost 60 each, ordered in May, invoiced in June, a quarter of it credited in
    July; one gauge more ordered in May."""

    def setUp(self):
        super().setUp()
        self.order = self._order(self.partner, '2026-05-10 01:00', 100)
        self.order.order_line.write({'product_uom_qty': 2, 'price_unit': 100, 'discount': 10})
        self.other = self._order(self.partner, '2026-05-31 01:00', 100)

    def _get_months(self):
        """:return: {month: (refunded, discount, invoiced, cost of invoiced)}"""
        return {
            str(month.period): (month.refunded, month.discount, month.invoiced, month.invoiced_cost)
            for month in self.Month.search([('customer_id.partner_id', '=', self.partner.id)], order='period')
        }

    def test_follows_days(self):
        self.Refresh._refresh()
        self.assertEqual(self._get_months(), {'2026-05-01': (0, 20, 0, 0)})
        self._invoice(self.order, '2026-06-01')
        self.Refresh._refresh()
        self.assertEqual(self._get_months(), {'2026-05-01': (0, 20, 0, 120), '2026-06-01': (0, 0, 180, 0)})
        self._refund(self.order.order_line, 45, '2026-07-31')
        self.Refresh._refresh()
        self.assertEqual(self._get_months(), {
            '2026-05-01': (0, 20, 0, 90), '2026-06-01': (0, 0, 180, 0), '2026-07-01': (45, 0, -45, 0),
        })

    def test_order_changed(self):
        """Where only an order changed, months in which its days move are written, and no other."""
        self._invoice(self.order, '2026-06-01')
        self.Refresh._refresh()
        self.env.cr.execute("UPDATE scp_value_month SET discount = 7 WHERE period = '2026-06-01'")
        self.Month.invalidate_model()
        self.other.order_line.discount = 5
        self._refresh_order(self.other)
        self.assertEqual(self._get_months(), {'2026-05-01': (0, 25, 0, 120), '2026-06-01': (0, 7, 180, 0)})
        self.other.date_order = '2026-08-01 01:00'
        self._refresh_order(self.other)
        self.assertEqual(self._get_months(), {
            '2026-05-01': (0, 20, 0, 120), '2026-06-01': (0, 7, 180, 0), '2026-08-01': (0, 5, 0, 0),
        })
        self.other._action_cancel()
        self._refresh_order(self.other)
        self.assertEqual(self._get_months(), {'2026-05-01': (0, 20, 0, 120), '2026-06-01': (0, 7, 180, 0)})
        self.Refresh._rebuild()
        self.assertEqual(self._get_months(), {'2026-05-01': (0, 20, 0, 120), '2026-06-01': (0, 0, 180, 0)})

    def test_month_of_nothing(self):
        """A day without anything that is added up has a month: his profit is known, and 0."""
        self.order._action_cancel()
        self.Refresh._refresh()
        self.assertEqual(self._get_months(), {'2026-05-01': (0, 0, 0, 0)})
        self.assertFalse(self.env['scp.value.profit.report'].search_count([('partner_id', '=', self.partner.id)]))

    def test_customer_deleted(self):
        self.Refresh._refresh()
        self.assertTrue(self._get_months())
        customer = self.env['scp.customer'].search([('partner_id', '=', self.partner.id)])
        customer.unlink()
        self.assertFalse(self.Month.search_count([('customer_id', '=', customer.id)]))

    def test_days_older_than_months(self):
        """Updated from a version that kept none: the days are added up; once there are months they are left alone."""
        self._invoice(self.order, '2026-06-01')
        self.Refresh._refresh()
        kept = self._get_rows()
        self.env.cr.execute("DELETE FROM scp_value_month")
        self.Month.init()
        self.assertEqual(self._get_rows(), kept)
        self.Month.init()
        self.assertEqual(self._get_rows(), kept)

    def test_derived(self):
        self.Refresh._refresh()
        month = self.Month.search([], limit=1)
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            month.invoiced = 1
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            self.Month.create({'customer_id': month.customer_id.id, 'period': '2026-05-01'})

    def test_customer_gone(self):
        """Customers deleted past Odoo: the weekly comparison removes what they leave."""
        self.Refresh._refresh()
        self.env.cr.execute("UPDATE scp_value_month SET customer_id = -customer_id")
        self.env.cr.execute("UPDATE scp_value_fact_refresh SET compared = FALSE")
        self.Refresh.invalidate_model()
        self.Refresh._refresh()
        self.assertFalse(self.Month.search_count([('customer_id', '<', 0)]))

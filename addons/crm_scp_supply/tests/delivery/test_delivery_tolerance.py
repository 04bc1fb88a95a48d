from odoo.tests import freeze_time, tagged

from ..promise.common import NOW
from .common import DeliveryCommon


@tagged('post_install', '-at_install')
@freeze_time(NOW)
class TestDeliveryTolerance(DeliveryCommon):
    """By how much a delivery may miss its day and quantity is agreed with the partner."""

    def _agree(self, role='customer', **values):
        partner = self.vendor if role == 'supplier' else self.customer
        return self.env['scp.relation'].create({
            'partner_id': partner.id, 'role': role, 'company_id': self.env.company.id, **values,
        })

    def _assert_row(self, line, **expected):
        row = self._get_row(line)
        self.assertEqual({name: row[name] for name in expected}, expected)

    def test_days_late(self):
        self._agree(tolerance_days_late=2)
        self._assert_row(self._play('out', ["8 23:59: move 10"]), otif_baseline=1, delay_days=2)
        self._assert_row(self._play('out', ["9 00:00: move 10"]), otif_baseline=0, delay_days=3)
        self._assert_row(self._play('out', ["4: promise 8", "8: move 10"]), stability=1, otif_baseline=1)
        self._assert_row(self._play('out', ["4: promise 9", "8: move 10"]), stability=0, otif_baseline=1)

    def test_days_early(self):
        """Early is on time, unless the partner refuses it."""
        relation = self._agree(tolerance_days_early=1)
        early, in_time = self._play('out', ["4: move 10"]), self._play('out', ["5 00:00: move 10"])
        self._assert_row(early, otif_baseline=1)
        relation.is_early_refused = True
        self._assert_row(early, otif_baseline=0, in_full=1, on_time=0)
        self._assert_row(in_time, otif_baseline=1)

    def test_early_goods_returned(self):
        """What came too early and went back takes nothing off what came in time."""
        self._agree(is_early_refused=True)
        line = self._play('out', ["4: move 4", "4 11:00: return 4 replace", "6: move 6", "6 11:00: redo 4 replace"])
        self._assert_row(line, qty_by_baseline=10, otif_baseline=1)

    def test_short(self):
        """Of 10 with 5 % missing: 9.5 will do, 9.4 will not; by quantity nothing is given away."""
        self._agree(tolerance_under=5)
        line = self._play('out', ["6: move 9.5 close"])
        self._assert_row(line, otif_baseline=1, fill_line=1)
        self.assertEqual(float(self._get_row(line)['otif_qty_baseline']), 0.95)
        self._assert_row(self._play('out', ["6: move 9.4 close"]), otif_baseline=0, status='quantity')

    def test_over(self):
        self._agree(tolerance_over=10)
        self._assert_row(self._play('out', ["6: move 11"]), otif_baseline=1)
        self._assert_row(self._play('out', ["6: move 11.1"]), otif_baseline=0, otif_qty_baseline=1)

    def test_supplier(self):
        relation = self._agree('supplier', tolerance_days_late=1)
        line = self._play('in', ["3: acknowledge", "7: move 10"])
        self._assert_row(line, otif_baseline=1, otif_request=1)
        relation.active = False
        self._assert_row(line, otif_baseline=0, otif_request=0)

    def test_what_it_is_about(self):
        """A relation about other products, or over by then, leaves the line alone."""
        relation = self._agree(tolerance_days_late=2, product_ids=[(6, 0, self.sail.ids)])
        line = self._play('out', ["8: move 10"])
        self._assert_row(line, otif_baseline=0)
        relation.product_ids += self.bolt
        self._assert_row(line, otif_baseline=1)
        relation.date_end = '2026-03-05'
        self._assert_row(line, otif_baseline=0)

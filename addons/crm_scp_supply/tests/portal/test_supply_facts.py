from datetime import date, datetime

from odoo.tests import freeze_time, tagged

from odoo.addons.crm_scp_supply.models.portal.portal_rules import Answer, Part

from ..delivery.common import DeliveryCommon

COMPARED = [
    'qty_ordered', 'qty_done', 'qty_by_request', 'qty_by_baseline', 'date_requested', 'date_baseline',
    'is_in_full', 'is_on_time_request', 'is_on_time_baseline',
]


@tagged('post_install', '-at_install')
class TestSupplyFacts(DeliveryCommon):
    """Splitting a line in the portal makes no delivery look better, and none worse."""

    def _create_confirmed(self):
        order = self._create_purchase((self.bolt, 10))
        order.button_confirm()
        order._scp_apply_answers({order.order_line: Answer((Part(date(2026, 3, 9), 10),))})
        return order

    def _receive(self, order, day, qty):
        """Receive a quantity, whichever lines it is on."""
        with freeze_time(datetime(2026, 3, day, 10)):
            for picking in order.picking_ids.filtered(lambda picking: picking.state not in ('done', 'cancel')):
                left = qty
                for move in picking.move_ids.filtered(lambda move: move.state not in ('done', 'cancel')):
                    move.quantity = min(left, move.product_uom_qty)
                    move.picked = bool(move.quantity)
                    left -= move.quantity
                picking._action_done()

    def test_split(self):
        """10 asked for the 9th, 6 arrive on the 9th and 4 on the 19th: split before or not, it was not in time."""
        whole, split = self._create_confirmed(), self._create_confirmed()
        with freeze_time(datetime(2026, 3, 4, 9)):
            split._scp_apply_answers({split.order_line: Answer(
                (Part(date(2026, 3, 9), 6), Part(date(2026, 3, 19), 4)),
            )})
        for order in whole + split:
            self._receive(order, 9, 6)
            self._receive(order, 19, 4)
        line, part = split.order_line
        self.assertFalse(self._get_fact(part), "A part is no line of its own")
        expected, found = self._get_fact(whole.order_line), self._get_fact(line)
        self.assertEqual((found.qty_ordered, found.qty_done, found.qty_by_baseline), (10, 10, 6))
        self.assertFalse(found.is_on_time_baseline)
        self.assertEqual(found.read(COMPARED, load='')[0] | {'id': 0}, expected.read(COMPARED, load='')[0] | {'id': 0})

    def test_split_in_time(self):
        """Both parts arrive by the day first promised."""
        order = self._create_confirmed()
        with freeze_time(datetime(2026, 3, 4, 9)):
            order._scp_apply_answers({order.order_line: Answer(
                (Part(date(2026, 3, 6), 6), Part(date(2026, 3, 9), 4)),
            )})
        self._receive(order, 6, 6)
        self._receive(order, 9, 4)
        fact = self._get_fact(order.order_line[0])
        self.assertEqual((fact.qty_ordered, fact.qty_by_baseline, fact.is_on_time_baseline), (10, 10, True))

    def test_rebuild(self):
        """The queue and a rebuild say the same about split lines."""
        order = self._create_confirmed()
        order._scp_apply_answers({order.order_line: Answer((Part(date(2026, 3, 9), 3),))})
        self._receive(order, 9, 3)
        self._refresh()
        snapshot = self._snapshot()
        self.Refresh._rebuild()
        self.assertEqual(self._snapshot(), snapshot)

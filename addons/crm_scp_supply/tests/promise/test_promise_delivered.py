from datetime import datetime

from odoo.tests import freeze_time, tagged

from .common import NOW, PromiseCommon

COMMITTED = datetime(2026, 3, 6, 8)
AFTERWARDS = datetime(2026, 4, 1, 8)


@tagged('post_install', '-at_install')
@freeze_time(NOW)
class TestPromiseDelivered(PromiseCommon):
    """What counts as delivered for a promise; every promise here was due before the day of the reader."""

    def _confirm_sale(self, *lines):
        order = self._create_sale(*lines, commitment_date=COMMITTED)
        order.action_confirm()
        return order

    def _confirm_purchase(self, *lines):
        order = self._create_purchase(*lines)
        order.button_confirm()
        return order

    @freeze_time(AFTERWARDS)
    def _assert_row(self, line, status, qty_done, qty_open):
        self.env.flush_all()
        self.env.invalidate_all()
        row = self.env['scp.promise.report']._get_current(line)[line.id]
        self.assertEqual((row.status, row.qty_done, row.qty_open), (status, qty_done, qty_open))

    def test_returned_for_credit(self):
        """Of 24 bolts delivered 5 come back for credit, and 2 of these go out again."""
        order = self._confirm_sale((self.bolt, 2, {'product_uom_id': self.dozen.id}))
        line, delivery = order.order_line, order.picking_ids
        self._transfer(delivery, {self.bolt: 2 if delivery.move_ids.product_uom == self.dozen else 24})
        self._assert_row(line, 'done', 24, 0)
        returned = self._return(delivery, {self.bolt: 5})
        self.assertAlmostEqual(line.qty_delivered, 2 - 0.42)
        self._assert_row(line, 'done', 24, 0)
        self._return(returned, {self.bolt: 2})
        self.assertAlmostEqual(line.qty_delivered, 2 - 0.42 + 0.17)
        self._assert_row(line, 'done', 24, 0)

    def test_returned_for_replacement(self):
        """Goods taken back to be replaced lower nothing, and their replacement adds nothing."""
        order = self._confirm_sale((self.bolt, 10))
        self._transfer(order.picking_ids, {self.bolt: 6})
        delivery = order.picking_ids.filtered(lambda picking: picking.state == 'done')
        returned = self._return(delivery, {self.bolt: 4}, to_refund=False)
        self._assert_row(order.order_line, 'overdue', 6, 4)
        self._return(returned, {self.bolt: 4}, to_refund=False)
        self._assert_row(order.order_line, 'overdue', 6, 4)

    def test_returned_in_part_still_owed(self):
        """6 of 10 delivered, 2 of them credited: 4 are owed, not 6."""
        order = self._confirm_sale((self.bolt, 10))
        delivery = order.picking_ids
        self._transfer(delivery, {self.bolt: 6})
        self._return(delivery, {self.bolt: 2})
        self.assertEqual(order.order_line.qty_delivered, 4)
        self._assert_row(order.order_line, 'overdue', 6, 4)
        self._transfer(order.picking_ids.filtered(lambda picking: picking.state != 'done'), {self.bolt: 4})
        self._assert_row(order.order_line, 'done', 10, 0)

    def test_returned_to_supplier(self):
        """10 received, 3 sent back for credit, 1 of these received again."""
        order = self._confirm_purchase((self.bolt, 10))
        line, receipt = order.order_line, order.picking_ids
        self._transfer(receipt, {self.bolt: 10})
        returned = self._return(receipt, {self.bolt: 3})
        self.assertEqual(line.qty_received, 7)
        self._assert_row(line, 'done', 10, 0)
        self._return(returned, {self.bolt: 1})
        self.assertEqual(line.qty_received, 8)
        self._assert_row(line, 'done', 10, 0)

    def test_two_steps(self):
        """Picked and shipped: what is on its way inside the warehouse is owed."""
        self.env['stock.warehouse'].search([('company_id', '=', self.env.company.id)]).delivery_steps = 'pick_ship'
        order = self._confirm_sale((self.bolt, 10))
        self._transfer(order.picking_ids, {self.bolt: 10})
        self._assert_row(order.order_line, 'overdue', 0, 10)
        shipment = order.picking_ids.filtered(lambda picking: picking.state != 'done')
        self._transfer(shipment, {self.bolt: 8}, backorder=False)
        self._assert_row(order.order_line, 'closed', 8, 2)
        self._return(shipment, {self.bolt: 8})
        self._assert_row(order.order_line, 'closed', 8, 2)

    def test_closed_without_backorder(self):
        """7 of 10 bolts and no sail of 1: the rest is given up, neither is late for ever."""
        order = self._confirm_sale((self.bolt, 10), (self.sail, 1))
        bolts, sail = order.order_line
        self._assert_row(bolts, 'overdue', 0, 10)
        self._transfer(order.picking_ids, {self.bolt: 7}, backorder=False)
        self._assert_row(bolts, 'closed', 7, 3)
        self._assert_row(sail, 'closed', 0, 1)
        Report = self.env['scp.promise.report']
        domain = [('sale_order_id', '=', order.id)]
        self.assertFalse(Report.search(domain + Report._get_open_domain()))
        self.assertFalse(Report.search(domain + Report._get_at_risk_domain()))
        # Ordering more opens the promise again
        bolts.product_uom_qty = 12
        self._assert_row(bolts, 'overdue', 7, 5)

    def test_backorder(self):
        """A backorder is owed until it is cancelled, whether the line was delivered in part or not at all."""
        order = self._confirm_sale((self.bolt, 10), (self.sail, 1))
        bolts, sail = order.order_line
        delivery = order.picking_ids
        self._transfer(delivery, {self.bolt: 7})
        self._assert_row(bolts, 'overdue', 7, 3)
        self._assert_row(sail, 'overdue', 0, 1)
        (order.picking_ids - delivery).action_cancel()
        self._assert_row(bolts, 'closed', 7, 3)
        self._assert_row(sail, 'closed', 0, 1)

    def test_cancelled_delivery(self):
        """A delivery cancelled as a whole leaves the goods owed; cancelling the order takes the promise back."""
        order = self._confirm_sale((self.bolt, 10))
        order.picking_ids.action_cancel()
        self._assert_row(order.order_line, 'overdue', 0, 10)
        order._action_cancel()
        self._assert_row(order.order_line, 'withdrawn', 0, 0)

    def test_receipt_closed_short(self):
        order = self._confirm_purchase((self.bolt, 10))
        self._transfer(order.picking_ids, {self.bolt: 9}, backorder=False)
        self._assert_row(order.order_line, 'closed', 9, 1)

    def test_units_that_do_not_divide(self):
        """8 pieces of a product kept by the dozen are two thirds of one, however that is rounded."""
        self.bolt.uom_id = self.dozen
        order = self._confirm_sale((self.bolt, 8, {'product_uom_id': self.unit.id}))
        order.order_line.qty_delivered = 8
        self._assert_row(order.order_line, 'done', 0.67, 0)

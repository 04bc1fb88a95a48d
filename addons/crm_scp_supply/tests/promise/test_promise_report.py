from datetime import datetime

from odoo.tests import freeze_time, tagged

from .common import NOW, PromiseCommon

PLANNED = datetime(2026, 3, 9, 12)
COMMITTED = datetime(2026, 3, 6, 8)
LATER = datetime(2026, 3, 10, 8)


@tagged('post_install', '-at_install')
@freeze_time(NOW)
class TestPromiseReport(PromiseCommon):

    def _get_row(self, line):
        self.env.flush_all()
        self.env.invalidate_all()
        row = self.env['scp.promise.report']._get_current(line).get(line.id)
        self.assertEqual(len(row), 1)
        return row

    def test_sale(self):
        order = self._create_sale(
            (self.bolt, 2, {'product_uom_id': self.dozen.id}),
            commitment_date=COMMITTED, scp_requested_date=datetime(2026, 3, 4, 8),
        )
        order.action_confirm()
        line = order.order_line
        row = self._get_row(line)
        self.assertEqual(row.status, 'on_track')
        self.assertEqual((row.slip_days, row.request_gap_days, row.revision_count), (0, 2, 0))
        order.commitment_date = LATER
        row = self._get_row(line)
        self.assertEqual(row.status, 'at_risk')
        self.assertEqual((row.slip_days, row.request_gap_days, row.revision_count), (4, 6, 1))
        self.assertEqual((row.date_baseline, row.date_promised), (COMMITTED, LATER))
        self.assertEqual((row.user_id, row.commercial_partner_id), (self.seller, self.customer))
        self.assertEqual((row.product_uom_qty, row.qty_done, row.qty_open), (24, 0, 24))
        line.qty_delivered = 1.5
        row = self._get_row(line)
        self.assertEqual((row.qty_done, row.qty_open), (18, 6))
        line.qty_delivered = 3
        row = self._get_row(line)
        self.assertEqual((row.status, row.qty_open), ('done', 0))

    def test_withdrawn(self):
        order = self._create_sale(commitment_date=COMMITTED)
        order.action_confirm()
        order.action_cancel()
        row = self._get_row(order.order_line)
        self.assertEqual((row.status, row.date_promised, row.product_uom_qty), ('withdrawn', False, 0))

    def test_overdue_by_the_day_of_the_reader(self):
        """Promised for 6 March 23:00 UTC, which is the 7th in Shanghai: overdue on the 7th or the 8th."""
        order = self._create_sale(commitment_date=datetime(2026, 3, 6, 23))
        order.action_confirm()
        for tz, now, status in (
            ('UTC', datetime(2026, 3, 6, 23, 30), 'on_track'),
            ('UTC', datetime(2026, 3, 7, 0, 30), 'overdue'),
            ('Asia/Shanghai', datetime(2026, 3, 7, 15, 30), 'on_track'),
            ('Asia/Shanghai', datetime(2026, 3, 7, 16, 30), 'overdue'),
        ):
            with self.subTest(tz=tz, now=now), freeze_time(now):
                self.env.invalidate_all()
                reader = self.env['scp.promise.report'].with_context(tz=tz)
                domain = [('sale_order_id', '=', order.id)]
                self.assertEqual(reader.search(domain).status, status)
                self.assertEqual(bool(reader.search(domain + reader._get_at_risk_domain())), status == 'overdue')

    def test_moved_within_the_day(self):
        order = self._create_sale(commitment_date=COMMITTED)
        order.action_confirm()
        order.commitment_date = datetime(2026, 3, 6, 16)
        row = self._get_row(order.order_line)
        self.assertEqual((row.status, row.slip_days, row.revision_count), ('on_track', 0, 1))

    def test_purchase(self):
        order = self._create_purchase()
        order.button_confirm()
        line = order.order_line
        row = self._get_row(line)
        self.assertEqual((row.status, row.unconfirmed, row.date_baseline), ('unconfirmed', True, PLANNED))
        order._update_date_planned_for_lines([(line, datetime(2026, 3, 11, 12))])
        row = self._get_row(line)
        self.assertEqual((row.status, row.unconfirmed), ('on_track', False))
        self.assertEqual((row.slip_days, row.request_gap_days), (0, 2))
        line.date_planned = datetime(2026, 3, 12, 12)
        row = self._get_row(line)
        self.assertEqual((row.status, row.unconfirmed, row.slip_days), ('at_risk', False, 1))
        self.assertEqual(row.user_id, self.buyer)

    def test_groups_and_pending_changes(self):
        """The report reads what the same transaction has written, by SQL groups on related columns."""
        order = self._create_sale((self.bolt, 1), (self.sail, 1), commitment_date=COMMITTED)
        order.action_confirm()
        order.order_line[0].qty_delivered = 1
        groups = self.env['scp.promise.report']._read_group(
            [('sale_order_id', '=', order.id)], ['commercial_partner_id', 'status'], ['__count', 'slip_days:avg'],
        )
        self.assertEqual(
            sorted((partner.name, status, count) for partner, status, count, _slip in groups),
            [("Harbour Yard", 'done', 1), ("Harbour Yard", 'on_track', 1)],
        )

    def test_panel_and_buttons(self):
        order = self._create_sale((self.bolt, 1), (self.sail, 1), commitment_date=COMMITTED)
        order.action_confirm()
        order.commitment_date = LATER
        self.assertEqual(order.scp_promise_count, 4)
        self.assertEqual(order.scp_promise_line_ids.product_id, self.bolt + self.sail)
        action = order.action_view_scp_promises()
        self.assertEqual(self.Promise.search_count(action['domain']), 4)
        row = order.scp_promise_line_ids[0]
        self.assertEqual(
            self.Promise.search(row.action_view_history()['domain']), self._get_promises(row.sale_line_id)[::-1],
        )
        self.assertEqual(row.action_open_order()['res_id'], order.id)
        picking = order.picking_ids
        self.assertEqual(picking.scp_promise_count, 2)
        rows = self.env['scp.promise.report'].search(picking.action_view_scp_promises()['domain'])
        self.assertEqual(rows.sale_line_id, order.order_line)

    def test_receipt(self):
        order = self._create_purchase()
        order.button_confirm()
        picking = order.picking_ids
        self.assertEqual(picking.with_user(self.stock).scp_promise_count, 1)
        rows = self.env['scp.promise.report'].search(picking.action_view_scp_promises()['domain'])
        self.assertEqual(rows.purchase_line_id, order.order_line)

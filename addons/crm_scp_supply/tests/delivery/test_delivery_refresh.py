from datetime import timedelta
from unittest.mock import patch

from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from ..promise.common import NOW
from .common import DeliveryCommon, moment


@tagged('post_install', '-at_install')
@freeze_time(NOW)
class TestDeliveryRefresh(DeliveryCommon):
    """How facts come about: through the queue, by checks, and from scratch."""

    def _get_queue(self, line):
        self.env['scp.delivery.queue']._insert_queued()
        self.env.cr.execute(SQL(
            "SELECT count(*) FROM scp_delivery_queue WHERE direction = %s AND line_ref = %s",
            line._scp_direction, line.id))
        return self.env.cr.fetchone()[0]

    def test_queued_once_a_transaction(self):
        line = self._play('out', ["5: move 6", "6: move 4", "9: return 2"])
        self.assertEqual(self._get_queue(line), 1)
        self._refresh()
        self.assertEqual(self._get_queue(line), 0)
        self._do_redo(line, 2)
        self.assertEqual(self._get_queue(line), 1, "A change after the refresh is queued anew")

    def test_what_needs_no_refresh(self):
        """Reserving, scheduling and renaming say nothing about deliveries."""
        line = self._play('out', [])
        self._refresh()
        picking = self._get_open_transfer(line)
        picking.do_unreserve()
        picking.action_assign()
        picking.scheduled_date = moment('20')
        line.order_id.client_order_ref = "Their number"
        self.assertEqual(self._get_queue(line), 0)

    def test_done_transfer_corrected(self):
        """A storekeeper corrects quantity and date of a transfer that is done."""
        line = self._play('out', ["6: move 10"])
        self.assertEqual(self._get_fact(line).qty_by_baseline, 10)
        picking = line.order_id.picking_ids
        picking.move_line_ids.quantity = 8
        self.assertEqual(self._get_fact(line).qty_by_baseline, 8)
        picking.date_done = moment('9')
        self.assertEqual(self._get_fact(line).qty_by_baseline, 0)
        self.assertEqual(self._get_fact(line).delay_days, 3)

    def test_zone_of_partner_changed(self):
        line = self._play('out', ["6 17:00: move 10"])
        self.assertTrue(self._get_fact(line).is_on_time_baseline)
        self.customer.tz = 'Asia/Shanghai'
        self.assertFalse(self._get_fact(line).is_on_time_baseline)

    def test_fault_named_afterwards(self):
        line = self._play('out', ["6: move 10", "9: return 4"])
        self.assertEqual(self._get_fact(line).qty_net, 6)
        self.returned.scp_return_fault = 'receiver'
        self.assertEqual(self._get_fact(line).qty_net, 10)

    def test_check_finds_what_was_changed_past_odoo(self):
        line = self._play('out', ["6: move 10"])
        self._refresh()
        self.env.cr.execute(SQL("UPDATE stock_move SET date = %s WHERE sale_line_id = %s", moment('9'), line.id))
        self.env.invalidate_all()
        check = self.Refresh._begin_check()
        while not check.date_end:
            check._run_batch(1_000_000)
        self.assertEqual(check.changed_count, 1)
        self.assertFalse(self._get_fact(line).is_on_time_baseline)

    def test_transfers_without_promise(self):
        """Goods of lines that are not in the ledger are nobody's delivery: they make no fact and do no harm."""
        for direction in ('out', 'in'):
            lost, kept = (self._play(direction, ["6: move 10"]) for _index in range(2))
            self._refresh()
            self.env.cr.execute(SQL(
                "DELETE FROM scp_promise WHERE direction = %s AND line_ref = %s", direction, lost.id))
            self.Refresh._rebuild()
            self.assertFalse(self._get_fact(lost))
            self.assertEqual(self._get_fact(kept).qty_done, 10)

    def test_job_killed_and_run_again(self):
        """The queue is worked off in batches of one, a check in batches of ten ids; both go on where they were."""
        for _index in range(3):
            self._play('out', ["6: move 10"])
        self.env.cr.execute("DELETE FROM scp_delivery_fact")
        self.env['scp.delivery.refresh'].search([]).unlink()
        job = self.env.ref('crm_scp_supply.ir_cron_scp_delivery_refresh')
        module = 'odoo.addons.crm_scp_supply.models.delivery.scp_delivery_refresh'
        with patch(f'{module}.QUEUE_BATCH', 1), patch(f'{module}.CHECK_BATCH', 100):
            with patch.object(self.registry['ir.cron'], '_commit_progress', lambda *args, **kwargs: 0):
                before = self.env['scp.delivery.queue']._count()
                for expected in (1, 2):
                    self.Refresh.with_context(ir_cron_progress_id=True)._cron_refresh()
                    self.assertEqual(self.env['scp.delivery.queue']._count(), before - expected)
            with self.enter_registry_test_mode():
                job.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.env['scp.delivery.queue']._count(), 0)
        self.assertTrue(self.Refresh.search([], limit=1).date_end)
        facts = self._snapshot()
        self.Refresh._rebuild()
        self.assertEqual(self._snapshot(), facts)

    def test_checks_once_a_day(self):
        self.Refresh._cron_refresh()
        last = self.Refresh.search([], limit=1)
        self.Refresh._cron_refresh()
        self.assertEqual(self.Refresh.search([], limit=1), last)
        with freeze_time(NOW + timedelta(days=1, minutes=5)):
            self.Refresh._cron_refresh()
        self.assertNotEqual(self.Refresh.search([], limit=1), last)

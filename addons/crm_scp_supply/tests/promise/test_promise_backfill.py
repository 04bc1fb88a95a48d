from datetime import datetime
from unittest.mock import patch

from odoo.tests import freeze_time, tagged

from .common import NOW, PromiseCommon

COMMITTED = datetime(2026, 3, 6, 8)
LATER = datetime(2026, 3, 10, 8)


@tagged('post_install', '-at_install')
@freeze_time(NOW)
class TestPromiseBackfill(PromiseCommon):
    """Orders confirmed before the ledger existed: here, orders whose promises are taken out of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref('crm_scp_supply.ir_cron_scp_promise_backfill')
        cls.sales = cls.env['sale.order'].concat(*(
            cls._create_sale((cls.bolt, 1), (cls.sail, 1), (cls.rigging, 1), commitment_date=COMMITTED)
            for _index in range(3)
        ))
        cls.sales.action_confirm()
        cls.purchase = cls._create_purchase()
        cls.acknowledged = cls._create_purchase()
        (cls.purchase + cls.acknowledged).button_confirm()
        cls.acknowledged.acknowledged = True
        cls.quotation = cls._create_sale()
        cls.delivered = cls._create_sale(commitment_date=COMMITTED)
        cls.delivered.action_confirm()
        cls.delivered.order_line.qty_delivered = 10
        cls.env.flush_all()
        cls.env.cr.execute("DELETE FROM scp_promise")
        cls.env.invalidate_all()

    def _run(self):
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()

    def _get_goods(self):
        return self.sales.order_line.filtered(lambda line: line.product_id.type == 'consu')

    def test_open_orders(self):
        self._run()
        for line in self._get_goods():
            self._assert_ledger(line, [('baseline', COMMITTED, None, 1)])
        promises = self._get_promises(self.purchase.order_line)
        self.assertEqual(promises.mapped('kind'), ['requested', 'baseline'])
        self.assertEqual(promises.mapped('unconfirmed'), [False, True])
        self.assertEqual(self._get_promises(self.acknowledged.order_line).mapped('unconfirmed'), [False, False])
        self.assertEqual(set(self.Promise.search([]).mapped('source')), {'backfill'})
        self.assertFalse(self._get_promises(self.quotation.order_line))
        self.assertFalse(self._get_promises(self.delivered.order_line), "Nothing is open on it")
        self.assertFalse(self.cron.active, "Switched off when done")

    def test_killed_twice(self):
        """A batch of two lines, the server dying after each of the first two batches."""
        Promise = self.registry['scp.promise']
        ids = []
        with patch.object(Promise, '_get_backfill_batch_size', lambda model: 2):
            for _kill in range(2):
                # No time left after the first batch: the job returns as if it had been stopped there
                with patch.object(
                    self.registry['ir.cron'], '_commit_progress', lambda *args, **kwargs: 0,
                ):
                    self.env['scp.promise']._cron_backfill()
                ids.append(self.Promise.search([]).ids)
                self.assertTrue(self.cron.active)
            self.assertLess(set(ids[0]), set(ids[1]), "The second run goes on behind the first")
            self._run()
        promises = self.Promise.search([])
        self.assertLess(set(ids[1]), set(promises.ids))
        lines = self._get_goods()
        self.assertEqual(
            sorted(promises.filtered(lambda row: row.sale_line_id in lines).sale_line_id.ids), sorted(lines.ids),
        )
        for line in lines:
            self.assertEqual(len(self._get_promises(line)), 1)
        self.assertFalse(self.cron.active)

    def test_run_again(self):
        self._run()
        before = self.Promise.search([])
        self.cron.active = True
        self._run()
        self.assertEqual(self.Promise.search([]), before)

    def test_change_before_the_job_arrives(self):
        """What was promised when the user changed it is kept, from the values he overwrites."""
        order = self.sales[0]
        order.commitment_date = LATER
        line = order.order_line[0]
        self._assert_ledger(line, [
            ('baseline', COMMITTED, None, 1),
            ('revision', LATER, COMMITTED, 1),
        ])
        self.assertEqual(self._get_promises(line).mapped('source'), ['backfill', 'internal'])
        self._run()
        self.assertEqual(len(self._get_promises(line)), 2)

    def test_purchase_change_before_the_job_arrives(self):
        line = self.purchase.order_line
        line.date_planned = LATER
        planned = datetime(2026, 3, 9, 12)
        self._assert_ledger(line, [
            ('requested', planned, None, 10),
            ('baseline', planned, None, 10),
            ('revision', LATER, planned, 10),
        ])

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import SQL

LINE = 2_000_000_000  # an id no line has


@tagged('post_install', '-at_install')
class TestDeliveryConcurrency(BaseCase):
    """Two connections: a change that commits late is not lost."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.addCleanup(self._clean)

    def _clean(self):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM scp_delivery_queue WHERE line_ref >= %s", [LINE])

    def test_long_transaction(self):
        """One begins first and commits last; what came and was worked off meanwhile leaves its row alone."""
        with self.registry.cursor() as slow, self.registry.cursor() as quick:
            for offset, cr in enumerate((slow, quick)):
                api.Environment(cr, SUPERUSER_ID, {})['scp.delivery.queue']._add('out', [LINE + offset])
            quick.commit()
            self.assertEqual(self._take(), {LINE + 1})
            slow.commit()
            self.assertEqual(self._take(), {LINE})
        self.assertEqual(self._take(), set())

    def test_worker_killed(self):
        """What a worker took is there again when it dies before the commit."""
        with self.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})['scp.delivery.queue']._add('out', [LINE])
        with self.registry.cursor() as cr:
            taken = api.Environment(cr, SUPERUSER_ID, {})['scp.delivery.queue']._take(1_000_000)
            self.assertIn(LINE, taken['out'])
            cr.rollback()
        self.assertEqual(self._take(), {LINE})

    def _take(self):
        """Work the queue off in a transaction of its own; the lines of this test that were in it."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            [[others]] = env.execute_query(SQL(
                "SELECT count(*) FROM scp_delivery_queue WHERE line_ref < %s", LINE))
            taken = env['scp.delivery.queue']._take(others + 1_000)
            return {line_id for line_id in taken.get('out', ()) if line_id >= LINE}

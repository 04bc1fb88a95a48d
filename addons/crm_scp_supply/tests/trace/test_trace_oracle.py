import os
from collections import defaultdict

from odoo.tests import tagged

from .stories import StoryCommon

# The full count of 500 genealogies is run now and then: SCP_SOAK=20
GENEALOGIES = 25 * int(os.environ.get('SCP_SOAK', '1'))


@tagged('post_install', '-at_install')
class TestTraceOracle(StoryCommon):
    """The statements against a reader who follows every path, on random genealogies with loops of rework."""

    def test_random_genealogies(self):
        """Membership and quantities of every lot, both ways: nothing missing, nothing too much."""
        stories = self._create_stories(GENEALOGIES)
        everything = self.env['stock.lot'].browse(lot for story in stories for lot in story.lots)
        holders, sources = defaultdict(dict), defaultdict(dict)
        with self._as_written():
            for row in self.Trace._get_customer_rows(everything, by_origin=True):
                holders[row['origin_id']][row['lot_id'], row['partner_id']] = row['net']
            for row in self.Trace._get_supplier_rows(everything, by_origin=True):
                sources[row['origin_id']][row['lot_id'], row['partner_id']] = row['net']
        checked = 0
        for story in stories:
            for lot in story.lots:
                self.assertEqual(holders[lot], story.get_holders(lot))
                self.assertEqual(sources[lot], story.get_sources(lot))
                checked += len(holders[lot]) + len(sources[lot])
        self.assertGreater(checked, 100 * len(stories), "the stories are rich enough to tell a wrong trace")

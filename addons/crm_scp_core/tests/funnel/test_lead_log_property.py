import os

from hypothesis import HealthCheck, given, settings

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_scp_core.models.funnel.crm_lead import STATE_COLUMNS
from odoo.addons.crm_scp_core.models.funnel.scp_lead_log import LOGGED_FIELDS

from .lead_actions import STEPS, LeadActionsCase

# The full count is run now and then: SCP_SOAK=20
EXAMPLES = 15 * int(os.environ.get('SCP_SOAK', '1'))


@tagged('post_install', '-at_install')
class TestLeadLogProperty(LeadActionsCase):
    """Whatever people do: replaying the log gives the leads as they are."""

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(STEPS)
    @mute_logger('odoo.models.unlink')
    def test_replay(self, steps):
        self.replay_and_forget(steps)

    def check(self):
        self.known.update(self.leads.ids)
        self.env.cr.execute(
            "SELECT * FROM scp_lead_log WHERE lead_ref = ANY(%s) ORDER BY lead_ref, date, id",
            (list(self.known),))
        histories = {lead_id: [] for lead_id in self.known}
        for row in self.env.cr.dictfetchall():
            histories[row['lead_ref']].append(row)
        states = self.leads._read_scp_states(list(self.known))
        for lead_id, rows in histories.items():
            self.check_chain(rows)
            self.check_stays(rows)
            if lead_id in states:
                self.assertEqual(self.get_state(rows[-1], 'column_to'), {
                    fname: states[lead_id][fname] for fname in LOGGED_FIELDS})
            else:
                self.assertEqual(rows[-1]['direction'], 'delete')

    def get_state(self, row, side):
        return self.leads._convert_to_scp_state({
            fname: row[getattr(columns, side)] for fname, columns in LOGGED_FIELDS.items()
            if fname in STATE_COLUMNS
        })

    def check_chain(self, rows):
        """Every row starts from where the one before it ended."""
        self.assertEqual([row['direction'] for row in rows].index('enter'), 0)
        self.assertEqual(sum(row['direction'] == 'enter' for row in rows), 1)
        for before, after in zip(rows, rows[1:], strict=False):
            self.assertEqual(
                self.get_state(before, 'column_to'), self.get_state(after, 'column_from'))

    def check_stays(self, rows):
        """Stays follow one another without overlap and add up to the time the lead was open."""
        began, total, expected = None, 0, 0
        for row in rows:
            if row['ends_stay']:
                self.assertIsNotNone(began)
                expected += (row['date'] - began).total_seconds() / 3600
                total += row['stay_hours']
                self.assertLessEqual(row['stay_business_hours'], row['stay_hours'] + 1e-9)
                began = None
            if row['opens_stay']:
                self.assertIsNone(began)
                began = row['date']
        self.assertAlmostEqual(total, expected)

import os
from collections import Counter
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import tagged
from odoo.tools import mute_logger

from .lead_actions import START, STEPS, LeadActionsCase

# The full count is run now and then: SCP_SOAK=20
EXAMPLES = 10 * int(os.environ.get('SCP_SOAK', '1'))


@tagged('post_install', '-at_install')
class TestFunnelProperty(LeadActionsCase):
    """Whatever people do: the waterfall adds up, and begins and ends with the pipeline of the day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.tz = 'UTC'
        cls.env = cls.env(context={**cls.env.context, 'tz': 'UTC'})
        cls.env['crm.lead'].search([]).action_archive()
        cls.commit()

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(STEPS, st.integers(0, 40), st.integers(0, 40))
    @mute_logger('odoo.models.unlink')
    def test_waterfall(self, steps, first, second):
        self.offsets = sorted((first, second))
        self.replay_and_forget(steps)

    def check(self):
        self.check_pipeline()
        today = self.now.date()
        days = [min(START.date() + timedelta(days=offset), today) for offset in self.offsets]
        period = {'date_from': str(days[0]), 'date_to': str(days[1])}
        window = {'deadline_from': '2026-02-01', 'deadline_to': '2026-06-30'}
        for filters in (
            {}, {'team_ids': self.team.ids}, {'user_ids': self.user.ids}, {'user_ids': [False]}, window,
            {'team_ids': self.other_team.ids, **window},
        ):
            self.check_waterfall({**filters, **period}, filters)

    def check_waterfall(self, filters, scope):
        waterfall = self.env['scp.funnel'].get_waterfall(filters)
        total = waterfall['start']['value'] + sum(part['value'] for part in waterfall['parts'])
        self.assertEqual(round(total, 2), waterfall['end']['value'], filters)
        before = START.fromisoformat(filters['date_from'])
        after = START.fromisoformat(filters['date_to']) + timedelta(days=1)
        for side, moment in (('start', before), ('end', after)):
            self.assertEqual(
                (waterfall[side]['value'], waterfall[side]['count']), self.get_pipeline_from_rows(moment, scope),
                (side, filters))

    def get_pipeline_from_rows(self, moment, scope):
        """Return value and number of the deals open before a moment, row by row in Python."""
        self.env.cr.execute(
            "SELECT * FROM scp_lead_log WHERE date < %s ORDER BY lead_ref, date, id", [moment])
        last = {row['lead_ref']: row for row in self.env.cr.dictfetchall()}
        amounts = [float(row['amount_to'] or 0) for row in last.values() if (
            row['direction'] != 'delete' and row['type_to'] == 'opportunity'
            and row['active_to'] and row['won_status_to'] == 'pending'
            and ('team_ids' not in scope or row['team_to_id'] in scope['team_ids'])
            and ('user_ids' not in scope or (row['owner_to_id'] or False) in scope['user_ids'])
            and ('deadline_to' not in scope or (
                row['deadline_to'] and scope['deadline_from'] <= str(row['deadline_to']) <= scope['deadline_to']))
        )]
        return round(sum(round(amount, 2) for amount in amounts), 2), len(amounts)

    def check_pipeline(self):
        """The log replayed until now shows the leads as they are, stage by stage."""
        pipeline = self.env['scp.funnel'].get_pipeline({'by': 'stage'})
        found = {
            step['key']: (step['count']['value'], round(step['value']['value'], 2))
            for step in pipeline['steps'] if step['count']['value']
        }
        open_leads = self.env['crm.lead'].search([
            ('type', '=', 'opportunity'), ('won_status', '=', 'pending'), ('active', '=', True)])
        counts, values = Counter(), Counter()
        for lead in open_leads:
            counts[lead.stage_id.id] += 1
            values[lead.stage_id.id] += round(lead.expected_revenue, 2)
        self.assertEqual(found, {
            stage_id: (count, round(values[stage_id], 2)) for stage_id, count in counts.items()})

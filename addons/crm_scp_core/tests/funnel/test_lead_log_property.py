import os
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_scp_core.models.funnel.crm_lead import STATE_COLUMNS
from odoo.addons.crm_scp_core.models.funnel.scp_lead_log import LOGGED_FIELDS

from .common import LeadLogCase

# The full count is run now and then: SCP_SOAK=20
EXAMPLES = 15 * int(os.environ.get('SCP_SOAK', '1'))
START = datetime(2026, 1, 5, 8)

ACTIONS = st.sampled_from([
    'create', 'stage', 'amount', 'deadline', 'probability', 'owner', 'unassign', 'team', 'type',
    'recurring', 'lost', 'restore', 'won', 'archive', 'unarchive', 'merge', 'unlink',
    'stage_won', 'email', 'flush', 'commit', 'commit', 'commit', 'rollback',
])


@tagged('post_install', '-at_install')
class TestLeadLogProperty(LeadLogCase):
    """Whatever people do: replaying the log gives the leads as they are."""

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(st.tuples(ACTIONS, st.integers(0, 10 ** 6), st.integers(1, 60)), max_size=25))
    @mute_logger('odoo.models.unlink')
    def test_replay(self, steps):
        savepoint = self.env.cr.savepoint()
        try:
            self.replay(steps)
        finally:
            savepoint.close(rollback=True)
            self.env.registry.clear_all_caches()

    def replay(self, steps):
        self.known = set()
        self.now = START
        self.leads = self.env['crm.lead'].with_context(active_test=False)
        self.patch(self.env.cr, 'now', lambda: self.now)
        self.act('create', 0)
        for action, number, hours in steps:
            self.act(action, number)
            if action == 'commit':
                self.commit()
                self.check()
                self.now += timedelta(hours=hours)
        self.commit()
        self.check()

    def act(self, action, number):
        """Do what a user might; what Odoo refuses has not happened."""
        self.leads = self.leads.exists()
        if not self.leads and action != 'create':
            return
        lead = self.leads[number % len(self.leads)] if self.leads else self.leads
        if action in ('flush', 'commit'):
            self.env.flush_all()
            return
        try:
            with self.env.cr.savepoint():
                getattr(self, f'act_{action}')(lead, number)
                if action == 'rollback':
                    raise UserError("undone")
        except UserError:
            self.leads = self.leads.exists()

    def act_create(self, lead, number):
        self.leads |= self.leads.create({
            'name': f"Deal {number}",
            'type': ('opportunity', 'lead')[number % 5 == 0],
            'team_id': self.team.id,
            'user_id': self.user.id,
            'stage_id': self.stages[number % 4].id,
            'expected_revenue': number % 1000,
        })

    def act_stage(self, lead, number):
        lead.stage_id = self.stages[number % 5]

    def act_amount(self, lead, number):
        lead.expected_revenue = number / 100

    def act_deadline(self, lead, number):
        lead.date_deadline = (START + timedelta(days=number % 300)).date()

    def act_probability(self, lead, number):
        lead.probability = number % 101

    def act_owner(self, lead, number):
        lead.user_id = (self.user, self.colleague)[number % 2]

    def act_unassign(self, lead, number):
        lead.user_id = False

    def act_team(self, lead, number):
        lead.team_id = (self.team, self.other_team, self.team.browse())[number % 3]

    def act_type(self, lead, number):
        lead.type = ('lead', 'opportunity')[number % 2]

    def act_recurring(self, lead, number):
        lead.recurring_revenue = number % 500

    def act_lost(self, lead, number):
        lead.action_set_lost(lost_reason_id=self.reason.id)

    def act_restore(self, lead, number):
        lead.action_restore()

    def act_won(self, lead, number):
        lead.action_set_won()

    def act_archive(self, lead, number):
        lead.action_archive()

    def act_unarchive(self, lead, number):
        lead.action_unarchive()

    def act_merge(self, lead, number):
        self.leads[:2 + number % 2].merge_opportunity()

    def act_unlink(self, lead, number):
        lead.unlink()

    def act_stage_won(self, lead, number):
        stage = self.stages[number % 4]
        stage.is_won = not stage.is_won

    def act_email(self, lead, number):
        """The score depends on it: a computed change of the probability."""
        lead.email_from = number % 2 and f'{number}@example.com'

    def act_rollback(self, lead, number):
        lead.write({'stage_id': self.stages[number % 3].id, 'expected_revenue': number})

    # ------------------------------------------------------------

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

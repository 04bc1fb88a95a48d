from datetime import datetime, timedelta

from hypothesis import strategies as st

from odoo.exceptions import UserError

from .common import LeadLogCase

START = datetime(2026, 1, 5, 8)

ACTIONS = st.sampled_from([
    'create', 'stage', 'amount', 'deadline', 'probability', 'owner', 'unassign', 'team', 'type',
    'recurring', 'lost', 'restore', 'won', 'archive', 'unarchive', 'merge', 'unlink',
    'stage_won', 'email', 'flush', 'commit', 'commit', 'commit', 'rollback',
])
STEPS = st.lists(st.tuples(ACTIONS, st.integers(0, 10 ** 6), st.integers(1, 60)), max_size=25)


class LeadActionsCase(LeadLogCase):
    """Leads in the hands of people who do whatever comes to mind.

    ``check`` is called after every commit, and says what must be true then.
    """

    def replay_and_forget(self, steps):
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

    def check(self):
        raise NotImplementedError

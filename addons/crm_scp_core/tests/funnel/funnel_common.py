from .common import LeadLogCase


class FunnelCase(LeadLogCase):
    """Deals of one team, told as a table, and what the figures say of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.tz = 'UTC'
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(context={**cls.env.context, 'tz': 'UTC', 'allowed_company_ids': cls.company.ids})
        cls.funnel = cls.env['scp.funnel']

    def tell(self, *events, amount=1000, **values):
        """Let a deal live through events: ('03-02', what) on a day of 2026 at 9:00 UTC.

        The first event is a stage; then a stage, 'won', 'lost', 'archive', 'restore', 'delete' or
        a dictionary of values to write. A longer day ('03-29 22:30') names the time too.
        """
        (day, stage), *events = events
        lead = self.create_lead(
            self.moment(day), stage_id=stage.id, expected_revenue=amount, **values).with_env(self.env)
        actions = {
            'won': lambda: lead.action_set_won(),
            'lost': lambda: lead.action_set_lost(lost_reason_id=self.reason.id),
            'archive': lambda: lead.action_archive(),
            'restore': lambda: lead.action_restore(),
            'delete': lambda: lead.unlink(),
        }
        for day, event in events:
            with self.at(self.moment(day)):
                if isinstance(event, dict):
                    lead.write(event)
                elif isinstance(event, str):
                    actions[event]()
                else:
                    lead.stage_id = event
        return lead

    def moment(self, day):
        return f'2026-{day}:00' if ' ' in day else f'2026-{day} 09:00:00'

    def ask(self, method, day='07-01', *args, **filters):
        """Ask for figures of the team on a day."""
        with self.at(self.moment(day)):
            return getattr(self.funnel, method)({'team_ids': self.team.ids, **filters}, *args)

    def open_cell(self, cell, day='07-01'):
        """Return the records a figure opens."""
        with self.at(self.moment(day)):
            return self.env[cell['model']].with_context(**cell['context']).search(cell['domain'])

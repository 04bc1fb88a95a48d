from datetime import timedelta

from odoo import Command, api, models

#: what the demo company reckons with: an hour of one of our people on the road, interest a year
VISIT_HOUR_COST = 95
PAYMENT_DELAY_RATE = 8

# organiser, colleague, customer, days before today, hours
VISITS = [
    ('scp_sales', None, 'rheintal', 21, 2),
    ('scp_sales', 'scp_leader', 'rheintal', 118, 3),
    ('scp_sales', None, 'nordvatten', 47, 1.5),
    ('scp_sales', 'scp_quality', 'kowalczyk', 75, 4),
    ('scp_sales', None, 'adriatica', 150, 2),
    ('scp_sales', 'scp_quality', 'castilla', 33, 6),
    ('scp_sales', 'scp_leader', 'castilla', 96, 5),
    ('scp_sales_asia', 'scp_quality', 'haifeng', 26, 8),
    ('scp_sales_asia', 'scp_quality', 'haifeng', 61, 8),
    ('scp_sales_asia', None, 'hengtai', 40, 2),
    ('scp_sales_asia', None, 'longhua', 12, 3),
    ('scp_leader', None, 'gulfport', 55, 4),
    ('scp_leader', 'scp_quality', 'gulfport', 140, 6),
    ('scp_manager', 'scp_leader', 'titan', 19, 3),
    ('scp_manager', 'scp_leader', 'titan', 83, 4),
]


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _create_visits(self):
        """Visits to customers, and what the company reckons an hour of them and late payment with."""
        self.env.ref('base.main_company').write({
            'scp_visit_hour_cost': VISIT_HOUR_COST, 'scp_payment_delay_rate': PAYMENT_DELAY_RATE,
        })
        self.env['calendar.event'].with_context(
            dont_notify=True, mail_create_nolog=True, mail_create_nosubscribe=True, mail_notrack=True,
        ).create([
            self._prepare_visit_values(*visit) for visit in VISITS
        ])

    @api.model
    def _prepare_visit_values(self, organiser, colleague, customer, days_ago, hours):
        organiser = self._ref(f'user_{organiser}')
        customer = self._ref(f'partner_{customer}')
        people = organiser.partner_id | customer
        if colleague:
            people |= self._ref(f'user_{colleague}').partner_id
        start = self._moment(days_ago)
        return {
            'name': self.env._("Visit to %(customer)s", customer=customer.name),
            'user_id': organiser.id,
            'start': start,
            'stop': start + timedelta(hours=hours),
            'partner_ids': [Command.set(people.ids)],
        }

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import date_utils

# Quarters from the running one, which is 0
QUARTERS = range(-4, 3)
# By quarter, in thousands of company currency; the team of Asia has not handed down all of its own
USER_TARGETS = {'scp_sales': 200, 'scp_leader': 150, 'scp_sales_asia': 300, 'scp_manager': 120}
TEAM_TARGETS = {'crm_team_process': 350, 'crm_team_asia': 450}
TERRITORY_TARGETS = {'scp_territory_dach': 120, 'scp_territory_greater_china': 320}
COMPANY_TARGET = 800


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _create_targets(self):
        """Set targets by quarter for people, teams and territories, by year for the company."""
        today = fields.Date.today()
        quarter = date_utils.start_of(today, 'quarter')
        owners = {
            **{f'user_{name}': ('user_id', amount) for name, amount in USER_TARGETS.items()},
            **{name: ('team_id', amount) for name, amount in TEAM_TARGETS.items()},
            **{name: ('territory_id', amount) for name, amount in TERRITORY_TARGETS.items()},
        }
        values = {
            f'{name}_{number + 5}': {
                fname: self._ref(name).id,
                'period': 'quarter',
                'date_from': quarter + relativedelta(months=3 * number),
                'amount': 1000.0 * amount,
            }
            for number in QUARTERS
            for name, (fname, amount) in owners.items()
        }
        values.update({
            f'company_{year + 3}': {
                'period': 'year',
                'date_from': today.replace(month=1, day=1) + relativedelta(years=year),
                'amount': 4000.0 * COMPANY_TARGET,
            }
            for year in (-1, 0, 1)
        })
        company = self.env.ref('base.main_company')
        targets = self.env['scp.target'].create([
            {**vals, 'company_id': company.id, 'currency_id': company.currency_id.id}
            for vals in values.values()
        ])
        self.env['ir.model.data']._update_xmlids([
            {'xml_id': f'crm_scp_core.scp_target_{name}', 'record': target, 'noupdate': True}
            for name, target in zip(values, targets, strict=True)
        ])

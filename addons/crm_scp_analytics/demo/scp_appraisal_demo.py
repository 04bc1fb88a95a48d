from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

# Quarters before the running one of which there are frozen appraisals
QUARTERS = 2
WEIGHTS = {'retention': 25, 'value_grown': 20, 'satisfaction': 15, 'upheld': 15, 'otif': 15, 'target': 10}
# The demo company is small: fewer ratings and complaints tell of it
MIN_EVENTS = {'satisfaction': 1, 'target': 1}


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _appraise(self):
        """Appraise the two teams and their people in this quarter and in the two before, which are frozen."""
        today = fields.Date.today()
        start = fields.Date.start_of(today, 'quarter') - relativedelta(months=3 * QUARTERS)
        template = self.env['scp.appraisal.template'].create({
            'name': "Field Sales",
            'company_id': self.env.ref('base.main_company').id,
            'date_start': start,
            'team_ids': [fields.Command.set((self._ref('crm_team_process') + self._ref('crm_team_asia')).ids)],
            'criterion_ids': [
                fields.Command.create({
                    'sequence': sequence, 'code': code, 'weight': weight, 'min_n': MIN_EVENTS.get(code, 3),
                }) for sequence, (code, weight) in enumerate(WEIGHTS.items())
            ],
        })
        template.action_start()
        for _date_from, date_to in template._get_periods_until(today):
            appraisals = template._prepare_appraisals(min(date_to, today))
            if date_to < today:
                appraisals._freeze()
        self.env['ir.model.data']._update_xmlids([
            {'xml_id': 'crm_scp_analytics.scp_appraisal_template_demo', 'record': template, 'noupdate': True}])

from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _add_value_version(self):
        """A draft in which money counts for more, and a promising customer who is treated as an A."""
        company = self.env.ref('base.main_company')
        Model = self.env['scp.value.model'].with_company(company)
        draft = Model._get_active(company).copy({
            'description': "Money counts for more: half of the value.",
            'weight_ids': [
                Command.create({'component': component, 'weight': weight})
                for component, weight in (('recency', 20), ('frequency', 30), ('monetary', 50))
            ],
        })
        self.env['ir.model.data'].create({
            'module': 'crm_scp_analytics', 'name': 'scp_value_model_draft', 'model': draft._name,
            'res_id': draft.id, 'noupdate': True,
        })
        manager = self._ref('user_scp_manager')
        self.env['scp.value.override'].with_user(manager).create({
            'customer_id': self.env['scp.customer'].search([
                ('partner_id', '=', self._ref('partner_longhua').id), ('company_id', '=', company.id),
            ]).id,
            'grade_id': self.env['scp.grade'].search([], limit=1).id,
            'reason': "Second plant opens in spring: the frame contract is signed.",
            'date_end': fields.Date.today() + relativedelta(months=6),
        })

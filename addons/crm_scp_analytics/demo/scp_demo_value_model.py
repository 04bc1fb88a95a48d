from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _add_value_version(self):
        """A draft in which money counts for more; a promising customer treated as an A, one on notice as the last."""
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
        # pylint: disable-next=no-search-all # grades are few
        best, *_others, last = self.env['scp.grade'].search([])
        for user, partner, grade, months, reason in (
            ('manager', 'longhua', best, 6, "Second plant opens in spring: the frame contract is signed."),
            ('leader', 'pennine', last, 3, "Under notice: nothing but what is in stock until the dispute is settled."),
        ):
            self.env['scp.value.override'].with_user(self._ref(f'user_scp_{user}')).create({
                'customer_id': self.env['scp.customer'].search([
                    ('partner_id', '=', self._ref(f'partner_{partner}').id), ('company_id', '=', company.id),
                ]).id,
                'grade_id': grade.id,
                'reason': reason,
                'date_end': fields.Date.today() + relativedelta(months=months),
            })

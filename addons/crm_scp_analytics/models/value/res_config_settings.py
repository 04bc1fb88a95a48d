from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    scp_value_scoring_active = fields.Boolean(
        string="Daily Value Scoring",
        help="Score the customers of every company once a day by a scheduled job. Switched off, "
             "scores only change when a manager starts a run.",
    )
    scp_value_window_months = fields.Integer(
        string="Value Window",
        config_parameter='crm_scp_analytics.value_window_months',
        default=24,
        help="Months whose confirmed orders make the score. Applies from the next run on.",
    )

    @api.constrains('scp_value_window_months')
    def _check_scp_value_window_months(self):
        for settings in self:
            if not 1 <= settings.scp_value_window_months <= 120:
                raise ValidationError(self.env._(
                    "%(field)s must lie between 1 and 120 months, not at %(value)s.",
                    field=self._fields['scp_value_window_months']._description_string(self.env),
                    value=settings.scp_value_window_months,
                ))

    @api.model
    def get_values(self):
        return {
            **super().get_values(),
            'scp_value_scoring_active': self._get_scp_value_cron().active,
        }

    def set_values(self):
        super().set_values()
        cron = self._get_scp_value_cron()
        if cron and cron.active != self.scp_value_scoring_active:
            cron.active = self.scp_value_scoring_active

    @api.model
    def _get_scp_value_cron(self):
        """The scheduled job; empty where an administrator deleted it."""
        # Settings are for administrators, who may not read jobs by themselves.
        return self.env['ir.cron'].sudo().browse(
            self.env['ir.model.data'].sudo()._xmlid_to_res_id(
                'crm_scp_analytics.ir_cron_scp_value_score',
            )
        ).exists()

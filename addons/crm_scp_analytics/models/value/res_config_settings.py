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
    scp_value_history_months = fields.Integer(
        string="Forecast History",
        config_parameter='crm_scp_analytics.value_history_months',
        default=60,
        help="Months whose purchases the forecast models read, at least those of the value window: "
             "whoever left long ago tells how customers leave.",
    )
    scp_value_choice_days = fields.Integer(
        string="Choice of Models",
        config_parameter='crm_scp_analytics.value_choice_days',
        default=7,
        help="Days after which a run chooses the forecast models of a company anew.",
    )

    @api.constrains('scp_value_window_months', 'scp_value_history_months', 'scp_value_choice_days')
    def _check_scp_value_spans(self):
        for settings in self:
            for name, longest in self._get_scp_value_spans().items():
                if 1 <= settings[name] <= longest:
                    continue
                raise ValidationError(self.env._(
                    "%(field)s must lie between 1 and %(longest)s, not at %(value)s.",
                    field=self._fields[name]._description_string(self.env),
                    longest=longest,
                    value=settings[name],
                ))

    @api.model
    def _get_scp_value_spans(self):
        """:return: {field: longest span}, in the unit of the field"""
        return {
            'scp_value_window_months': 120,
            'scp_value_history_months': 240,
            'scp_value_choice_days': 365,
        }

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

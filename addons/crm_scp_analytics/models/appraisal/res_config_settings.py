from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    scp_appraisal_active = fields.Boolean(
        string="Appraisals",
        help="Prepare, measure and freeze appraisals once a day by a scheduled job. Switched off, they only change "
             "when a manager has them measured or frozen.",
    )

    @api.model
    def get_values(self):
        return {**super().get_values(), 'scp_appraisal_active': self._get_scp_appraisal_cron().active}

    def set_values(self):
        super().set_values()
        cron = self._get_scp_appraisal_cron()
        if cron and cron.active != self.scp_appraisal_active:
            cron.active = self.scp_appraisal_active

    @api.model
    def _get_scp_appraisal_cron(self):
        """The scheduled job; empty where an administrator deleted it."""
        # sudo: settings are for administrators, who may not read jobs by themselves
        return self.env['ir.cron'].sudo().browse(
            self.env['ir.model.data'].sudo()._xmlid_to_res_id('crm_scp_analytics.ir_cron_scp_appraisal'),
        ).exists()

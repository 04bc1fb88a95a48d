from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    scp_refresh_active = fields.Boolean(
        string="Refresh of Customers",
        help="Add new customers and update figures, stages and completeness by a scheduled job. "
             "Switched off, this only happens for one customer at a time, from his page.",
    )
    scp_life_cycle_auto = fields.Boolean(related='company_id.scp_life_cycle_auto', readonly=False)

    @api.model
    def get_values(self):
        return {
            **super().get_values(),
            'scp_refresh_active': self._get_scp_refresh_cron().active,
        }

    def set_values(self):
        super().set_values()
        cron = self._get_scp_refresh_cron()
        if cron and cron.active != self.scp_refresh_active:
            cron.active = self.scp_refresh_active

    @api.model
    def _get_scp_refresh_cron(self):
        """The scheduled job; empty where an administrator deleted it."""
        # Settings are for administrators, who may not read jobs by themselves.
        return self.env['ir.cron'].sudo().browse(
            self.env['ir.model.data'].sudo()._xmlid_to_res_id(
                'crm_scp_core.ir_cron_scp_customer_refresh',
            )
        ).exists()

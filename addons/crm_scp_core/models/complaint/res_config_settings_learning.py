from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    scp_recurrence_active = fields.Boolean(
        related='company_id.scp_recurrence_active', readonly=False)
    scp_recurrence_days = fields.Integer(
        related='company_id.scp_recurrence_days', readonly=False)
    scp_recurrence_significance = fields.Float(
        related='company_id.scp_recurrence_significance', readonly=False)
    scp_silent_days = fields.Integer(related='company_id.scp_silent_days', readonly=False)
    scp_silent_window_days = fields.Integer(
        related='company_id.scp_silent_window_days', readonly=False)

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    scp_escalation_active = fields.Boolean(
        related='company_id.scp_escalation_active', readonly=False)
    scp_complaint_manager_id = fields.Many2one(
        related='company_id.scp_complaint_manager_id', readonly=False)
    scp_complaint_director_id = fields.Many2one(
        related='company_id.scp_complaint_director_id', readonly=False)

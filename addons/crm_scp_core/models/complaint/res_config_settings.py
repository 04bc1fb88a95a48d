from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    scp_complaint_grace_days = fields.Integer(
        related='company_id.scp_complaint_grace_days', readonly=False,
    )

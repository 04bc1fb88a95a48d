from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    scp_exception_activity = fields.Boolean(related='company_id.scp_exception_activity', readonly=False)

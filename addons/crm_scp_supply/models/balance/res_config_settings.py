from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    scp_balance_acts = fields.Boolean(related='company_id.scp_balance_acts', readonly=False)

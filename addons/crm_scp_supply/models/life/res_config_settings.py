from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    scp_life_auto = fields.Boolean(related='company_id.scp_life_auto', readonly=False)

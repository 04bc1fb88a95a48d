from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    scp_claim_remind = fields.Boolean(related='company_id.scp_claim_remind', readonly=False)

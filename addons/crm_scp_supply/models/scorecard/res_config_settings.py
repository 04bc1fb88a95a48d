from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    scp_scorecard_freeze = fields.Boolean(related='company_id.scp_scorecard_freeze', readonly=False)
    scp_scorecard_publish = fields.Boolean(related='company_id.scp_scorecard_publish', readonly=False)
    scp_scorecard_mail = fields.Boolean(related='company_id.scp_scorecard_mail', readonly=False)
    scp_standing_acts = fields.Boolean(related='company_id.scp_standing_acts', readonly=False)

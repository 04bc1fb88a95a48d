from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    scp_certificate_acts = fields.Boolean(related='company_id.scp_certificate_acts', readonly=False)
    scp_certificate_remind = fields.Boolean(related='company_id.scp_certificate_remind', readonly=False)
    scp_certificate_mail = fields.Boolean(related='company_id.scp_certificate_mail', readonly=False)

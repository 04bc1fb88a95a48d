from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    scp_visit_hour_cost = fields.Monetary(
        related='company_id.scp_visit_hour_cost', readonly=False,
    )
    scp_payment_delay_rate = fields.Float(related='company_id.scp_payment_delay_rate', readonly=False)

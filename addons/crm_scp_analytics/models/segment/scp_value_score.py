from odoo import fields, models


class ScpValueScore(models.Model):
    _inherit = 'scp.value.score'

    value_at_stake = fields.Monetary(
        readonly=True,
        help="Churn risk times the revenue expected in the twelve months after: what is to be kept, and "
             "may be lost.",
    )

from odoo import fields, models


class ScpSharePolicy(models.Model):
    _inherit = 'scp.share.policy'

    share_claims = fields.Boolean(
        string="Claims",
        help="Suppliers read the claims sent to them, and accept or dispute them. Who the customers are is never told.",
    )
    share_claim_costs = fields.Boolean(
        string="Costs Behind Claims",
        help="With a claim, suppliers see the sum of each kind of cost. Otherwise the total alone.",
    )

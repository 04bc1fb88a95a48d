from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    scp_life_auto = fields.Boolean(
        string="Follow Goods with Customers", default=True, groups='base.group_user', prefetch='scp_life',
        help="Plan life events by rule, and tell customers or colleagues when they are due.",
    )

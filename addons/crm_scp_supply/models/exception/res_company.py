from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    scp_exception_activity = fields.Boolean(
        string="Tell Salespeople of Late Deliveries",
        default=True,
        groups='base.group_user',
        prefetch='scp_exception',
        help="Give the salesperson an activity, with a proposed message to the customer, when an order will be late.",
    )

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    scp_balance_acts = fields.Boolean(
        string="Post Goods to Mass Balance Accounts", default=True, groups='base.group_user',
        prefetch='scp_certificate',
        help="Receipts, production and deliveries are posted as they happen, and a delivery that claims more than "
        "there is waits. Off: everything is entered by hand.",
    )

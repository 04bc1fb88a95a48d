from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    scp_claim_remind = fields.Boolean(
        string="Remind Suppliers of Claims", groups='base.group_user', prefetch='scp_claim',
        help="Mail a supplier who has not answered a claim when the day of the answer has passed, and twice more, a "
        "week apart.",
    )

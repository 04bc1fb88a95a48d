from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    scp_certificate_acts = fields.Boolean(
        string="Certificates Act on Documents", default=True, groups='base.group_user', prefetch='scp_certificate',
        help="Warn of, or hold, purchase orders, receipts and deliveries when a certificate that is required is "
        "missing or not valid, as the requirement says.",
    )
    scp_certificate_remind = fields.Boolean(
        string="Remind of Certificates That Expire", default=True, groups='base.group_user',
        prefetch='scp_certificate',
        help="Give the responsible an activity 90, 60 and 30 days before a certificate expires, and when it has.",
    )
    scp_certificate_mail = fields.Boolean(
        string="Ask Partners for New Certificates", groups='base.group_user', prefetch='scp_certificate',
        help="Also send the partner a mail on these days.",
    )

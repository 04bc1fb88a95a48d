from odoo import fields, models


class ScpSharePolicy(models.Model):
    _inherit = 'scp.share.policy'

    share_certificates = fields.Boolean(
        string="Certificates",
        help="Suppliers see their own certificates and what is required of them, and send new ones, which we confirm.",
    )

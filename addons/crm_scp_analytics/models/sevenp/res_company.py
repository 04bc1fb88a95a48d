from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    scp_sevenp_basis = fields.Char(
        string="Basis of the 7P", readonly=True, copy=False, groups='base.group_user', prefetch=False,
        help="Day and scoring of which the job last brought the 7P up to date.",
    )

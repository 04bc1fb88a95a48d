from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    scp_life_cycle_auto = fields.Boolean(
        string="Life-Cycle Stages Follow Orders",
        default=True,
        groups='base.group_user',
        prefetch='scp_hub',
        help="Work out the life-cycle stage of every customer of this company from his orders. "
             "Switched off, the stages stay as they are and are set by hand.",
    )

from odoo import fields, models


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    scp_segment_id = fields.Many2one(
        comodel_name='scp.segment', string="From Segment", readonly=True, copy=False,
        index='btree_not_null', ondelete='set null', check_company=True,
        groups='crm_scp_core.group_scp_user,crm_scp_core.group_scp_auditor',
        prefetch='scp_segment',
    )

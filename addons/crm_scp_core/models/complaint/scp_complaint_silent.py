from odoo import fields, models


class ScpComplaint(models.Model):
    """What a customer did not say by himself."""

    _inherit = 'scp.complaint'

    silent_key = fields.Char(
        string="Found by Signal",
        index='btree_not_null',
        copy=False,
        readonly=True,
        groups='crm_scp_core.group_scp_user,crm_scp_core.group_scp_quality,crm_scp_core.group_scp_auditor',
        help="The signal we asked the customer about: its kind and the id of its document, separated by a comma.",
    )

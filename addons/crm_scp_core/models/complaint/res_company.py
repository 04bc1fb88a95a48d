from odoo import fields, models


class ResCompany(models.Model):
    """Settings of complaints.

    They are a prefetch group of their own: nearly every transaction reads its company, and few of
    them have to do with complaints.
    """

    _inherit = 'res.company'

    scp_complaint_grace_days = fields.Integer(
        string="Reopening Period of Complaints",
        default=14,
        aggregator=None,
        groups='base.group_user',
        prefetch='scp_complaint',
        help="Days after the resolution during which a customer who is not satisfied reopens the "
             "same complaint. Later, a new complaint that refers to the old one is opened.",
    )

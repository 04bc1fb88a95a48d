from odoo import fields, models

SEVERITIES = [
    ('s1', "S1 Critical"),
    ('s2', "S2 Major"),
    ('s3', "S3 Moderate"),
    ('s4', "S4 Minor"),
]


class ScpComplaintCategory(models.Model):
    """What a complaint is about: a tree, the same for every company."""

    _name = 'scp.complaint.category'
    _description = "Complaint Category"
    _inherit = 'scp.complaint.tree'
    _order = 'complete_name, id'

    parent_id = fields.Many2one(
        comodel_name='scp.complaint.category',
        string="Part of",
        index='btree_not_null',
        ondelete='restrict',
    )
    severity = fields.Selection(
        selection=SEVERITIES,
        string="Usual Severity",
        help="Proposed when a complaint of this category is assessed; a person decides.",
    )
    is_safety = fields.Boolean(
        string="Touches Safety",
        help="A complaint of this category concerns the safety of people or goods.",
    )
    is_regulated = fields.Boolean(
        string="Regulated",
        help="An authority sets deadlines for the answer to such complaints.",
    )

from odoo import api, fields, models
from odoo.exceptions import ValidationError

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
    _parent_name = 'parent_id'
    _parent_store = True
    _rec_name = 'complete_name'
    _order = 'complete_name, id'

    name = fields.Char(required=True, translate=True)
    complete_name = fields.Char(
        string="Full Name",
        compute='_compute_complete_name',
        recursive=True,
        store=True,
    )
    parent_id = fields.Many2one(
        comodel_name='scp.complaint.category',
        string="Part of",
        index='btree_not_null',
        ondelete='restrict',
    )
    parent_path = fields.Char(index=True)
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
    active = fields.Boolean(default=True)

    # === COMPUTE METHODS ===#

    @api.depends('name', 'parent_id.complete_name')
    def _compute_complete_name(self):
        for category in self:
            category.complete_name = (
                f'{category.parent_id.complete_name} / {category.name}'
                if category.parent_id else category.name
            )

    # === CONSTRAINT METHODS ===#

    @api.constrains('parent_id')
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A complaint category cannot be part of itself."))

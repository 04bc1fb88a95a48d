from odoo import api, fields, models
from odoo.exceptions import ValidationError

CAUSE_KINDS = [('occurrence', "Why It Happened"), ('escape', "Why It Was Not Caught")]


class ScpComplaintCause(models.Model):
    """Root causes, two trees: why a fault happened, and why it reached the customer."""

    _name = 'scp.complaint.cause'
    _description = "Complaint Cause"
    _parent_name = 'parent_id'
    _parent_store = True
    _rec_name = 'complete_name'
    _order = 'kind, complete_name, id'

    name = fields.Char(required=True, translate=True)
    complete_name = fields.Char(
        string="Full Name",
        compute='_compute_complete_name',
        recursive=True,
        store=True,
    )
    kind = fields.Selection(selection=CAUSE_KINDS, required=True, default='occurrence')
    parent_id = fields.Many2one(
        comodel_name='scp.complaint.cause',
        string="Part of",
        index='btree_not_null',
        ondelete='restrict',
        domain="[('kind', '=', kind)]",
    )
    parent_path = fields.Char(index=True)
    active = fields.Boolean(default=True)

    # === COMPUTE METHODS ===#

    @api.depends('name', 'parent_id.complete_name')
    def _compute_complete_name(self):
        for cause in self:
            cause.complete_name = (
                f'{cause.parent_id.complete_name} / {cause.name}'
                if cause.parent_id else cause.name
            )

    # === CONSTRAINT METHODS ===#

    @api.constrains('parent_id', 'kind')
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A complaint cause cannot be part of itself."))
        for cause in self:
            if cause.parent_id and cause.parent_id.kind != cause.kind:
                raise ValidationError(self.env._(
                    "%(cause)s and %(parent)s belong to different trees: one says why a fault "
                    "happened, the other why it was not caught.",
                    cause=cause.name, parent=cause.parent_id.name,
                ))

from odoo import api, fields, models
from odoo.exceptions import ValidationError

CAUSE_KINDS = [('occurrence', "Why It Happened"), ('escape', "Why It Was Not Caught")]


class ScpComplaintCause(models.Model):
    """Root causes, two trees: why a fault happened, and why it reached the customer."""

    _name = 'scp.complaint.cause'
    _description = "Complaint Cause"
    _inherit = 'scp.complaint.tree'
    _order = 'kind, complete_name, id'

    kind = fields.Selection(selection=CAUSE_KINDS, required=True, default='occurrence')
    parent_id = fields.Many2one(
        comodel_name='scp.complaint.cause',
        string="Part of",
        index='btree_not_null',
        ondelete='restrict',
        domain="[('kind', '=', kind)]",
    )

    # === CONSTRAINT METHODS ===#

    @api.constrains('parent_id', 'kind')
    def _check_kind(self):
        for cause in self:
            if cause.parent_id and cause.parent_id.kind != cause.kind:
                raise ValidationError(self.env._(
                    "%(cause)s and %(parent)s belong to different trees: one says why a fault "
                    "happened, the other why it was not caught.",
                    cause=cause.name, parent=cause.parent_id.name,
                ))

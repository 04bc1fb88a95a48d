from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ScpComplaintTree(models.AbstractModel):
    """A tree of names to choose from. Whoever inherits it adds `parent_id`."""

    _name = 'scp.complaint.tree'
    _description = "Tree of Names"
    _parent_store = True
    _rec_names_search = ['complete_name', 'name']

    name = fields.Char(required=True, translate=True)
    # sorts; what people read is the display name, in their language
    complete_name = fields.Char(
        string="Full Name", compute='_compute_complete_name', recursive=True, store=True,
    )
    parent_path = fields.Char(index=True)
    active = fields.Boolean(default=True)

    @api.depends('name', 'parent_id.complete_name')
    def _compute_complete_name(self):
        for record in self:
            record.complete_name = ' / '.join(filter(None, (record.parent_id.complete_name, record.name)))

    @api.depends('complete_name', 'name')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for record in self:
            names, node = [], record
            while node:
                names.append(node.name or '')
                node = node.parent_id
            record.display_name = ' / '.join(reversed(names))

    @api.constrains('parent_id')
    def _check_parent_id(self):
        for record in self:
            if record._has_cycle():
                raise ValidationError(self.env._("%(name)s cannot be part of itself.", name=record.name))

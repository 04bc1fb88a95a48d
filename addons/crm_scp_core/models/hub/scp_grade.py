from odoo import fields, models


class ScpGrade(models.Model):
    """Classes of customer value, best first, shared by all companies."""

    _name = 'scp.grade'
    _description = "Customer Value Grade"
    _order = 'sequence, id'

    name = fields.Char(required=True)
    sequence = fields.Integer(
        default=10,
        aggregator=None,
        help="Order of the grades, the most valuable first.",
    )
    color = fields.Integer(aggregator=None)
    active = fields.Boolean(default=True)
    description = fields.Text(
        translate=True,
        help="What a customer of this grade may expect from us.",
    )

    _name_uniq = models.Constraint('UNIQUE(name)', "Another grade already has this name.")

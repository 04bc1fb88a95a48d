from odoo import fields, models


class ScpGrade(models.Model):
    _name = 'scp.grade'
    _description = "Customer Value Grade"
    _order = 'sequence, id'

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    description = fields.Text(translate=True, help="What a customer of this grade may expect from us.")

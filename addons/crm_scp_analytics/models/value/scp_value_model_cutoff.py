from odoo import fields, models


class ScpValueModelCutoff(models.Model):
    """Where one grade begins in a version of the value model."""

    _name = 'scp.value.model.cutoff'
    _description = "Cut-off of a Value Model"
    _order = 'model_id, id'
    _rec_name = 'grade_id'
    _inherit = 'scp.value.model.line.mixin'

    grade_id = fields.Many2one(
        comodel_name='scp.grade', required=True, index=True, ondelete='restrict',
    )
    threshold = fields.Float(
        string="Cut-off", required=True, digits=(5, 2), aggregator=None,
        help="By points: the lowest value of the grade. By share: the per cent of the customers, "
             "from the best down, who have this grade or a better one.",
    )

    _grade_uniq = models.UniqueIndex(
        '(model_id, grade_id)', "A grade has one cut-off in a value model.",
    )

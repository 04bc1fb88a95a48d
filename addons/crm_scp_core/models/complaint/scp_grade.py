from odoo import fields, models
from odoo.tools import SQL


class ScpGrade(models.Model):
    _inherit = 'scp.grade'

    clock_factor = fields.Float(
        string="Target Factor", default=1.0, aggregator=None,
        help="What the targets of clock policies are multiplied by for customers of this grade: "
             "0.75 gives three quarters of the time.",
    )

    _clock_factor_positive = models.Constraint(
        'CHECK (clock_factor > 0)', "The target factor of a grade must be above 0.",
    )

    def write(self, vals):
        result = super().write(vals)
        if 'clock_factor' in vals:
            self.env['scp.sla.clock']._mark_stale(SQL("TRUE"))
        return result

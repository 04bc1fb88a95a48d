from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class ScpGrade(models.Model):
    _inherit = 'scp.grade'

    # === CRUD METHODS ===#

    @api.ondelete(at_uninstall=False)
    def _unlink_except_scored(self):
        """Scores have no foreign key that would hold their grade."""
        for [grade_id] in self.env.execute_query(SQL(
            """
            SELECT grade.id
              FROM scp_grade grade
             WHERE grade.id IN %s
               AND EXISTS (SELECT
                             FROM scp_value_score score
                            WHERE grade.id IN (score.grade_id, score.model_grade_id, score.pending_grade_id))
             LIMIT 1
            """,
            tuple(self.ids),
        )):
            raise UserError(self.env._(
                "The grade %(grade)s cannot be deleted: customers were given it. Archive it instead.",
                grade=self.browse(grade_id).name,
            ))

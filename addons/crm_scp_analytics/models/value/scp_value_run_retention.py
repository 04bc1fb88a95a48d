from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

# Days for which every score is kept: more than a month, because runs are compared with those a month
# before.
KEPT_DAYS = 40

# Runs thinned by one call: each deletes up to as many scores as the company has customers.
BATCH_SIZE = 10


class ScpValueRun(models.Model):
    """How long scores are kept: all of them for some weeks, then the last run of each month, and of
    the others what changed a grade. Figures of the run itself stay."""

    _inherit = 'scp.value.run'

    thinned = fields.Boolean(
        readonly=True, help="Only the scores that changed a grade are kept of this run.",
    )

    # === BUSINESS METHODS ===#

    def _thin(self):
        """Remove the scores that gave a customer the grade he had: by the day, oldest first, so that
        the score before each is the one his grade stands on."""
        for run in self.sorted(lambda run: (run.date_to, run.id)):
            self.env.cr.execute(SQL(
                """
                DELETE FROM scp_value_score score
                 WHERE score.run_id = %(run)s
                   AND score.grade_id = (
                       SELECT former.grade_id
                         FROM scp_value_score former
                        WHERE former.customer_id = score.customer_id
                          AND (former.date, former.run_id) < (score.date, score.run_id)
                     ORDER BY former.date DESC, former.run_id DESC
                        LIMIT 1)
                """,
                run=run.id,
            ))
            run.thinned = True
        self.env['scp.value.score'].invalidate_model()

    @api.model
    def _get_thinnable_domain(self, today):
        """:return: domain of the finished runs old enough to be thinned"""
        return [
            ('state', '=', 'done'),
            ('thinned', '=', False),
            ('customer_count', '>', 0),
            ('date_to', '<', today - timedelta(days=KEPT_DAYS)),
        ]

    @api.model
    def _get_month_ends(self, runs):
        """:return: of these runs the last one of its company and month, by day and then by number"""
        if not runs:
            return runs
        return self.browse(run_id for [run_id] in self.env.execute_query(SQL(
            """
            SELECT DISTINCT ON (company_id, date_trunc('month', date_to)) id
              FROM scp_value_run
             WHERE state = 'done' AND customer_count > 0 AND company_id IN %s
          ORDER BY company_id, date_trunc('month', date_to), date_to DESC, id DESC
            """,
            tuple(runs.company_id.ids),
        ))) & runs

    # === MAINTENANCE ===#

    @api.autovacuum
    def _gc_scores(self):
        """Thin old runs, the oldest first.

        :return: (runs thinned, runs left), for the job to go on
        """
        runs = self.search(
            self._get_thinnable_domain(fields.Date.context_today(self)), order='date_to, id',
        )
        due = runs - self._get_month_ends(runs) - self._get_current_runs(runs.company_id)
        due[:BATCH_SIZE]._thin()
        return len(due[:BATCH_SIZE]), len(due[BATCH_SIZE:])

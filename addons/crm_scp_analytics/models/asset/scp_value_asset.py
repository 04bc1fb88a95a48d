from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

#: Months back to the scoring that one is compared with, unless somebody chooses another.
USUAL_MONTHS = 3

#: In place of a grade: who has a score without one, and who has no score.
UNGRADED, NOBODY = 0, -1


class ScpValueAsset(models.AbstractModel):
    """The customers as an asset: what all of them were worth at one scoring and at another, and what lies between.

    Worth is the lifetime value: the revenue expected in 36 months in money of today, rounded customer by customer, so
    that parts add up to the cent. The equity of the company is that of all its customers together.

    A customer whom only the later scoring knows is won, one whom only the earlier one knows is lost: he has not bought
    in the whole window of the scoring.
    """

    _name = 'scp.value.asset'
    _inherit = 'scp.value.board'
    _description = "Customer Asset"

    # === SCORINGS ===#

    @api.model
    def _get_runs(self):
        """:return: the last scoring of each day of the current company of which every score is kept, latest first"""
        # sudo: on which days customers were scored is no secret; the scores are read by the reader's rules
        runs = self.env['scp.value.run'].sudo().search_fetch([
            ('company_id', '=', self.env.company.id),
            ('state', '=', 'done'),
            ('thinned', '=', False),
            ('customer_count', '>', 0),
        ], ['date_to', 'choice_id', 'model_id', 'date_from'])
        # in the order of the model a day's last one comes first
        return runs.browse(next(iter(same)).id for same in runs.grouped('date_to').values())

    @api.model
    def _get_pair(self, filters):
        """Choose the two scorings to compare: the last ones on or before the days asked for.

        :param filters: {'date_from', 'date_to'}: ISO days; by default the latest, and one three months before
        :return: (all scorings, the earlier one, the later one); empty where there is none
        :raise UserError: if the days leave nothing between them
        """
        runs = self._get_runs()
        closing = self._get_run_by(runs, filters.get('date_to'))
        if not closing:
            return runs, closing, closing
        earlier = runs.filtered(lambda run: run.date_to < closing.date_to)
        asked = filters.get('date_from')
        if asked and asked >= str(closing.date_to):
            raise UserError(self.env._(
                "There is nothing between %(date_from)s and %(date_to)s: compare with an earlier scoring.",
                date_from=format_date(self.env, asked), date_to=format_date(self.env, closing.date_to),
            ))
        usual = str(closing.date_to - relativedelta(months=USUAL_MONTHS))
        opening = self._get_run_by(earlier, asked or usual)
        return runs, opening or (opening if asked else earlier[-1:]), closing

    @api.model
    def _get_run_by(self, runs, day):
        return runs.filtered(lambda run: not day or str(run.date_to) <= day)[:1]

    @api.model
    def _describe_pair(self, runs, opening, closing):
        """:return: what every page over two scorings says of them"""
        return {
            'currency': {'id': self.env.company.currency_id.id},
            'days': [{'key': str(run.date_to), 'label': format_date(self.env, run.date_to)} for run in runs],
            'date_from': str(opening.date_to) if opening else None,
            'date_to': str(closing.date_to) if closing else None,
            'notes': self._get_notes(opening, closing),
        }

    @api.model
    def _get_notes(self, opening, closing):
        """:return: sentences on what else than customers changed between the two"""
        notes = []
        if opening and opening.choice_id != closing.choice_id:
            notes.append(self.env._(
                "The forecast models were chosen anew in between: part of the change in value is theirs."))
        if opening and opening.model_id != closing.model_id:
            notes.append(self.env._(
                "Another version of the value model gave the later grades: part of the moves are its own."))
        return notes

    # === MOVES ===#

    @api.model
    def _get_move_query(self, opening, closing, filters) -> SQL:
        """:param opening: id of the earlier scoring
        :param closing: id of the later one
        :return: statement of the customers of either (customer_id, grade_before, grade_after, before, after, part):
            ids of grades or what stands in their place, worth, NULL without forecast, and the part of the waterfall
        """
        self.env['scp.value.score'].check_access('read')
        self.env['scp.value.score'].flush_model()
        return SQL(
            """
            SELECT customer_id,
                   COALESCE(opening.grade_id, %(nobody)s) AS grade_before,
                   COALESCE(closing.grade_id, %(nobody)s) AS grade_after,
                   opening.value AS before,
                   closing.value AS after,
                   CASE WHEN opening.grade_id IS NULL THEN 'won'
                        WHEN closing.grade_id IS NULL THEN 'lost'
                        WHEN COALESCE(closing.value, 0) > COALESCE(opening.value, 0) THEN 'grown'
                        WHEN COALESCE(closing.value, 0) < COALESCE(opening.value, 0) THEN 'shrunk'
                        ELSE 'same' END AS part
              FROM (%(opening)s) opening
         FULL JOIN (%(closing)s) closing USING (customer_id)
            """,
            nobody=NOBODY,
            opening=self._get_score_query(opening, filters),
            closing=self._get_score_query(closing, filters),
        )

    @api.model
    def _get_score_query(self, run_id, filters) -> SQL:
        return SQL(
            """
            SELECT customer_id,
                   COALESCE(grade_id, %(ungraded)s) AS grade_id,
                   ROUND(lifetime_value, %(digits)s) AS value
              FROM scp_value_score
             WHERE run_id = %(run)s AND customer_id IN (%(customers)s)
            """,
            ungraded=UNGRADED,
            digits=self.env.company.currency_id.decimal_places,
            run=run_id,
            customers=self._get_customer_query(filters),
        )

    @api.model
    def _get_move_cell(self, value, opening, closing, filters, **key):
        return self._get_customer_cell(
            value, 'asset', opening=opening.id, closing=closing.id, filters=filters, **key)

    @api.model
    def _get_cell_customers(self, opening, closing, filters, **key) -> SQL:
        """:param key: see `_get_move_condition`
        :return: statement of the ids of the customers of a figure"""
        return SQL(
            "SELECT customer_id FROM (%s) move WHERE %s",
            self._get_move_query(opening, closing, filters), self._get_move_condition(**key),
        )

    @api.model
    def _get_move_condition(self, part=None) -> SQL:
        """:param part: of the waterfall"""
        return SQL("part = %s", part) if part else SQL("TRUE")

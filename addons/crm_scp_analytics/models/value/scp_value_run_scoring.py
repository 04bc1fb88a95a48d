from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import binary_copy
from .scp_customer_outlook import AT_RISK
from .scp_value_choice import EPOCH

# Customers written by one statement: about 5 MB. The scheduled job commits after each of them.
BATCH_SIZE = 10_000

# Days after which the hub is written whether or not it shows anything else.
STALE_DAYS = 7


class ScpValueRun(models.Model):
    """Scoring: read, score, write, show."""

    _inherit = 'scp.value.run'

    # === BUSINESS METHODS ===#

    def _score_customers(self):
        """Read, score, write, show. A run that broke off while its scores were shown goes on there."""
        if self.phase != 'publish':
            self._checkpoint(phase='read', progress=2)
            # of an earlier attempt that was killed
            self._unlink_scores()
            self._refresh_facts()
            columns = self._get_columns()
            if not len(columns['customer_id']):
                return
            self._write_scores(columns)
        self._publish()

    def _write_scores(self, columns):
        count = len(columns['customer_id'])
        self._checkpoint(phase='write', progress=60, **self._prepare_totals(columns))
        for start in range(0, count, BATCH_SIZE):
            stop = start + BATCH_SIZE
            self._insert_scores({name: column[start:stop] for name, column in columns.items()})
            self._checkpoint(progress=60 + 25 * min(stop / count, 1))
        # the planner takes a run it has not counted for a row or two, and would compare each score with
        # each of the run before
        self.env.cr.execute("ANALYZE scp_value_score (run_id, customer_id)")
        self._checkpoint(phase='publish')

    # === BUSINESS METHODS: FIGURES, COLUMN BY COLUMN ===#

    def _get_columns(self) -> dict:
        """Everything the run says about its customers.

        Each step adds columns and sees those before it: first what is known of the customers, then
        the value made of it, then the grade made of the value.

        :return: {field of `scp.value.score`: (n,) numbers}, all in one order. Dates are days since
            1970, NaN is no data.
        """
        days = self._fetch_days(self._get_history_from())
        columns = self._get_purchase_columns(days)
        if len(columns['customer_id']):
            bought = self._get_history(days)
            del days  # tens of megabytes, which the models need
            columns |= self._get_forecast_columns(columns, bought)
            del bought
            columns |= self._get_payment_columns(columns)
            # what people see is what customers are valued by: equal to the cent is equal
            for name in columns:
                columns[name] = self._round(name, columns[name])
            columns['data_completeness'] = self._get_completeness_column(columns)
            columns |= self._get_value_columns(columns)
            columns['grade_id'] = self._get_grade_ids(columns)
        return columns

    def _prepare_totals(self, columns) -> dict:
        """Values of the run that sum up its scores."""
        from ...engine import concentration  # noqa: PLC0415  as in `_get_value_columns`

        counts = Counter(columns['grade_id'].tolist())
        return {
            'customer_count': len(columns['customer_id']),
            'order_count': int(columns['order_count'].sum()),
            'purchase_count': int(columns['purchase_count'].sum()),
            'revenue': float(columns['monetary'].sum()),
            'top_share': concentration.top_share(columns['monetary']),
            'grade_counts': {grade.name: counts[grade.id] for grade in self._get_grades()},
        }

    # === BUSINESS METHODS: SQL ===#

    def _insert_scores(self, columns):
        """Write scores, without an object for any of their figures.

        A customer who was merged or deleted since the run read him is left out.

        :param columns: as of `_get_columns`, in the order of the customers
        """
        import numpy as np  # noqa: PLC0415  numpy is loaded by the process that scores

        self.ensure_one()
        ids = np.asarray(columns['customer_id'])
        there = binary_copy.read(self.env.cr, SQL(
            "SELECT id FROM scp_customer WHERE id BETWEEN %s AND %s", int(ids.min()), int(ids.max()),
        ), {'id': 'i4'})['id']
        rows = np.isin(ids, there)
        if not rows.any():
            return
        given = {name: np.asarray(column, dtype=float)[rows] for name, column in columns.items()}
        fixed = {'run_id': self.id, 'company_id': self.company_id.id, 'date': (self.date_to - EPOCH).days}
        given |= {name: np.full(rows.sum(), value) for name, value in fixed.items()}
        binary_copy.write(self.env.cr, self.env['scp.value.score']._table, {
            name: (self._get_kind(name), column) for name, column in given.items()
            # nothing at all is what a new row has
            if not np.isnan(column).all()
        })
        self.env['scp.value.score'].invalidate_model()

    def _get_kind(self, name):
        """:return: how a column of the scores is stored, see `binary_copy.write`"""
        field = self.env['scp.value.score']._fields[name]
        match field.type:
            case 'date':
                return 'date'
            case 'monetary':
                return self.currency_id.decimal_places
            case 'float':
                digits = field.get_digits(self.env)
                return digits[1] if digits else 'f8'
        return 'i4'

    def _round(self, name, column):
        """:return: a column as it will be stored"""
        import numpy as np  # noqa: PLC0415  as above

        kind = self._get_kind(name)
        return np.round(column, kind) if isinstance(kind, int) else column

    def _publish(self):
        """Show the scores of this run on the hub, unless a later day is shown there.

        Grades are compared with those of the reference run: a customer who was not scored then has
        no trend. What the hub shows is of the day it was scored on (`scored_at`): a forecast
        follows when it has moved by a hundredth, the date of the next order by a tenth of the time
        until then. Customers without a purchase in the window lose their grade.
        """
        self.ensure_one()
        later = self.search_count([
            ('company_id', '=', self.company_id.id),
            ('state', '=', 'done'),
            ('customer_count', '>', 0),
            ('date_to', '>', self.date_to),
        ], limit=1)
        if later:
            return
        names = ['grade_id', 'value_score', 'grade_trend', 'scored_at', *self._get_shown_columns()]
        self.env['scp.customer'].flush_model(names)
        scored_at = fields.Datetime.now()
        customer_ids = binary_copy.read(self.env.cr, SQL(
            "SELECT customer_id FROM scp_value_score WHERE run_id = %s ORDER BY 1", self.id,
        ), {'id': 'i4'})['id']
        for start in range(0, len(customer_ids), BATCH_SIZE):
            batch = customer_ids[start:start + BATCH_SIZE]
            self.env.cr.execute(SQL(
                """
                UPDATE scp_customer customer
                   SET grade_id = score.grade_id,
                       value_score = score.value_score,
                       grade_trend = score.grade_trend,
                       scored_at = %(scored_at)s,
                       %(shown)s
                  FROM (%(scores)s) score
                 WHERE customer.id = score.customer_id
                   AND (%(differs)s)
                """,
                scored_at=scored_at,
                shown=SQL(", ").join(
                    SQL("%s = score.%s", SQL.identifier(name), SQL.identifier(column))
                    for name, column in self._get_shown_columns().items()
                ),
                scores=self._get_published_query(int(batch[0]), int(batch[-1])),
                differs=self._get_published_condition(),
            ))
            self._checkpoint(progress=85 + 15 * min((start + BATCH_SIZE) / len(customer_ids), 1))
        # EXCEPT and not NOT EXISTS: the planner knows nothing yet of the rows just written, takes them
        # for none, and would compare each customer with each score
        self.env.cr.execute(SQL(
            """
            UPDATE scp_customer
               SET %(cleared)s
             WHERE id IN (
                   SELECT id
                     FROM scp_customer
                    WHERE company_id = %(company)s
                      AND scored_at IS NOT NULL
                   EXCEPT
                   SELECT customer_id
                     FROM scp_value_score
                    WHERE run_id = %(run)s
                   )
            """,
            cleared=SQL(", ").join(SQL("%s = NULL", SQL.identifier(name)) for name in names),
            company=self.company_id.id,
            run=self.id,
        ))
        self.env['scp.customer'].invalidate_model(names)

    @api.model
    def _get_shown_columns(self) -> dict[str, str]:
        """:return: {column of the hub: column of the scores it shows}, grade and value apart"""
        return {
            'churn_risk': 'churn_risk',
            'expected_revenue': 'expected_revenue_12m',
            'next_order_date': 'next_order_date',
        }

    def _get_published_query(self, first, last) -> SQL:
        """:return: statement of the scores of some customers, with `grade_trend`: the grade against that of the
            reference run"""
        return SQL(
            """
            SELECT score.*,
                   CASE
                       WHEN former.sequence IS NULL THEN NULL
                       WHEN former.sequence > grade.sequence THEN 'up'
                       WHEN former.sequence < grade.sequence THEN 'down'
                       ELSE 'same'
                   END AS grade_trend
              FROM scp_value_score score
              JOIN scp_grade grade ON grade.id = score.grade_id
         LEFT JOIN scp_value_score reference
                ON reference.run_id = %(reference)s
               AND reference.customer_id = score.customer_id
         LEFT JOIN scp_grade former ON former.id = reference.grade_id
             WHERE score.run_id = %(run)s
               AND score.customer_id BETWEEN %(first)s AND %(last)s
            """,
            reference=self.reference_run_id.id or 0, run=self.id, first=first, last=last,
        )

    def _get_published_condition(self) -> SQL:
        """Whose row says something else by now: from one day to the next forecasts hardly move, and a row costs more to
        write than a score.

        :return: condition on `customer` and `score`
        """
        return SQL(
            """
            (customer.grade_id, customer.value_score, customer.grade_trend)
            IS DISTINCT FROM (score.grade_id, score.value_score, score.grade_trend)
            OR customer.scored_at IS NULL
            OR customer.scored_at < %(stale)s
            OR num_nulls(customer.churn_risk, customer.expected_revenue, customer.next_order_date)
               != num_nulls(score.churn_risk, score.expected_revenue_12m, score.next_order_date)
            OR ABS(customer.churn_risk - score.churn_risk) > 0.01
            OR (customer.churn_risk >= %(at_risk)s) != (score.churn_risk >= %(at_risk)s)
            OR ABS(customer.expected_revenue - score.expected_revenue_12m) > 0.01 * ABS(score.expected_revenue_12m)
            OR 10 * ABS(customer.next_order_date - score.next_order_date) > score.next_order_date - score.date
            """,
            stale=fields.Datetime.subtract(fields.Datetime.now(), days=STALE_DAYS),
            at_risk=AT_RISK,
        )

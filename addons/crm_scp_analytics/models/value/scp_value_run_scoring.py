from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL, split_every

from ...tools import binary_copy
from .scp_value_choice import EPOCH

# Customers written by one statement: about 5 MB. The scheduled job commits after each of them.
BATCH_SIZE = 5000

# Fields that are copied as text; all others are numbers.
TEXT_TYPES = {'char', 'json', 'selection', 'text'}


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
            if not columns['customer_id']:
                return
            self._write_scores(columns)
        self._publish()

    def _write_scores(self, columns):
        count = len(columns['customer_id'])
        self._checkpoint(phase='write', progress=60, **self._prepare_totals(columns))
        for positions in split_every(BATCH_SIZE, range(count)):
            start, stop = positions[0], positions[-1] + 1
            self._insert_scores({
                name: column(start, stop) if callable(column) else column[start:stop]
                for name, column in columns.items()
            })
            self._checkpoint(progress=60 + 25 * stop / count)
        self._checkpoint(phase='publish')

    # === BUSINESS METHODS: FIGURES, COLUMN BY COLUMN ===#

    def _get_columns(self) -> dict:
        """Everything the run says about its customers.

        Each step adds columns and sees those before it: first what is known of the customers, then
        the value made of it, then the grade made of the value.

        :return: {field of `scp.value.score`: values}, all of one length and order. JSON is text, and
            what would be large for all customers is a function of (start, stop) instead of a list.
        """
        columns = self._get_purchase_columns()
        if columns['customer_id']:
            columns |= self._get_forecast_columns(columns)
            columns |= self._get_payment_columns(columns)
            columns['data_completeness'] = self._get_completeness_column(columns)
            columns |= self._get_value_columns(columns)
            columns['grade_id'] = self._get_grade_ids(columns)
        return columns

    def _get_purchase_columns(self) -> dict[str, list]:
        """What the customers bought in the window; no customer twice, in the order of their ids."""
        names = ('customer_id', 'recency_days', 'purchase_count', 'order_count', 'monetary')
        rows = self._fetch_purchases()
        return dict(zip(names, map(list, zip(*rows, strict=True)) if rows else [[]] * 5, strict=True))

    def _prepare_totals(self, columns) -> dict:
        """Values of the run that sum up its scores."""
        from ...engine import concentration  # noqa: PLC0415  as in `_get_value_columns`

        counts = Counter(columns['grade_id'])
        return {
            'customer_count': len(columns['customer_id']),
            'order_count': sum(columns['order_count']),
            'purchase_count': sum(columns['purchase_count']),
            'revenue': sum(columns['monetary']),
            'top_share': concentration.top_share(columns['monetary']),
            'grade_counts': {grade.name: counts[grade.id] for grade in self._get_grades()},
        }

    # === BUSINESS METHODS: SQL ===#

    def _insert_scores(self, columns):
        """Write scores set-wise.

        A customer who was merged or deleted since the run read him is left out.

        :param columns: {column: values} of equal length; JSON as text, dates as such or as days
            since 1970
        """
        self.ensure_one()
        Score = self.env['scp.value.score']
        names = {name: SQL.identifier(name) for name in columns}
        texts = {name for name in columns if Score._fields[name].type in TEXT_TYPES}
        comma = SQL(", ").join
        self.env.cr.execute(SQL(
            "CREATE TEMPORARY TABLE scp_value_score_given (%s) ON COMMIT DROP",
            comma(
                SQL("%s text" if name in texts else "%s double precision", column)
                for name, column in names.items()
            ),
        ))
        binary_copy.write(
            self.env.cr, 'scp_value_score_given',
            {name: self._get_numbers(name, columns[name]) for name in columns if name not in texts},
            {name: columns[name] for name in texts},
        )
        self.env.cr.execute(SQL(
            """
            INSERT INTO scp_value_score (run_id, company_id, date, %(columns)s)
                 SELECT %(run)s, %(company)s, %(date)s, %(values)s
                   FROM scp_value_score_given given
                   JOIN scp_customer customer ON customer.id = given.customer_id
            """,
            columns=comma(names.values()),
            run=self.id,
            company=self.company_id.id,
            date=self.date_to,
            values=comma(self._get_given_value(name) for name in names),
        ))
        self.env.cr.execute(SQL("DROP TABLE scp_value_score_given"))
        Score.invalidate_model()

    def _get_numbers(self, name, values):
        if self.env['scp.value.score']._fields[name].type == 'date' and isinstance(values, list):
            return [day and (day - EPOCH).days for day in values]
        return values

    def _get_given_value(self, name) -> SQL:
        """:return: a column of the scores, from what was copied: not a number stands for no data"""
        field = self.env['scp.value.score']._fields[name]
        column = SQL("given.%s", SQL.identifier(name))
        if field.type in TEXT_TYPES:
            return SQL("%s::jsonb", column) if field.type == 'json' else column
        number = SQL("NULLIF(%s, 'NaN')", column)
        if field.type == 'date':
            return SQL("DATE '1970-01-01' + %s::integer", number)
        if field.type in ('integer', 'many2one'):
            return SQL("%s::integer", number)
        if field.type == 'monetary':
            return SQL("ROUND(%s::numeric, %s)", number, self.currency_id.decimal_places)
        if field.get_digits(self.env):
            return SQL("ROUND(%s::numeric, %s)", number, field.get_digits(self.env)[1])
        return number

    def _publish(self):
        """Show the scores of this run on the hub, unless a later day is shown there.

        Grades are compared with those of the reference run: a customer who was not scored then has
        no trend. Customers without a purchase in the window lose their grade.
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
        customer_ids = [row[0] for row in self.env.execute_query(SQL(
            "SELECT customer_id FROM scp_value_score WHERE run_id = %s ORDER BY 1", self.id,
        ))]
        for done, batch in enumerate(split_every(BATCH_SIZE, customer_ids, list), start=1):
            self.env.cr.execute(SQL(
                """
                UPDATE scp_customer customer
                   SET grade_id = score.grade_id,
                       value_score = score.value_score,
                       grade_trend = CASE
                           WHEN former.sequence IS NULL THEN NULL
                           WHEN former.sequence > grade.sequence THEN 'up'
                           WHEN former.sequence < grade.sequence THEN 'down'
                           ELSE 'same'
                       END,
                       scored_at = %(scored_at)s,
                       %(shown)s
                  FROM scp_value_score score
                  JOIN scp_grade grade ON grade.id = score.grade_id
             LEFT JOIN scp_value_score reference
                    ON reference.run_id = %(reference)s
                   AND reference.customer_id = score.customer_id
             LEFT JOIN scp_grade former ON former.id = reference.grade_id
                 WHERE score.run_id = %(run)s
                   AND score.customer_id = ANY(%(batch)s)
                   AND customer.id = score.customer_id
                """,
                scored_at=scored_at,
                shown=SQL(", ").join(
                    SQL("%s = score.%s", SQL.identifier(name), SQL.identifier(column))
                    for name, column in self._get_shown_columns().items()
                ),
                reference=self.reference_run_id.id or 0,
                run=self.id,
                batch=batch,
            ))
            self._checkpoint(progress=85 + 15 * min(done * BATCH_SIZE / len(customer_ids), 1))
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

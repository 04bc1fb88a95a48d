import logging
import time
from collections import Counter

from psycopg2 import errors

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, split_every

_logger = logging.getLogger(__name__)

# Customers written by one statement. 5,000 rows with their reasons are about 4 MB of SQL and half a
# second; the scheduled job commits after each of them.
BATCH_SIZE = 5000

# Raised again, so that Odoo repeats the request, instead of being put down as an outcome.
CONCURRENCY_ERRORS = (errors.LockNotAvailable, errors.SerializationFailure, errors.DeadlockDetected)


class RunStopped(Exception):
    """The run may not go on: cancelled by a manager, or taken over by another process."""


class ScpValueRun(models.Model):
    """Scoring: claim the company, read, score, write, show; and what happens when that breaks off."""

    _inherit = 'scp.value.run'

    # === SCHEDULED JOB ===#

    @api.model
    def _cron_score(self):
        """Score every company that has orders in the window, once a day.

        A company whose scoring fails does not keep the next one waiting; its run tells why.
        """
        companies = self._get_due_companies()
        cron = self.env['ir.cron']
        time_left = cron._commit_progress(remaining=len(companies))
        for company in companies:
            if not time_left:
                break
            try:
                self._score(company)
            except UserError as error:  # somebody is scoring this company: nothing left to do
                _logger.info("Customers of %s not scored: %s", company.name, error)
            time_left = cron._commit_progress(1)

    @api.model
    def _get_due_companies(self):
        """Companies with a purchase in today's window that were not scored today."""
        done = self._read_group(
            [('state', '=', 'done')], ['company_id'], ['date_to:max'],
        )
        last_dates = dict(done)
        due = self.env['res.company']
        for company in self.env['res.company'].search([]):  # pylint: disable=no-search-all # companies are few
            today = self._get_today(company)
            if last_dates.get(company, fields.Date.from_string('1970-01-01')) >= today:
                continue
            start, stop = self._get_window_bounds(
                company, self._get_date_from(today), today,
            )
            if self.env['sale.order'].search_count([
                ('company_id', '=', company.id), ('state', '=', 'sale'),
                ('date_order', '>=', start), ('date_order', '<', stop),
            ], limit=1):
                due += company
        return due

    # === BUSINESS METHODS ===#

    @api.model
    def _score(self, companies, date_to=None):
        """Score the customers of these companies, each company apart.

        :param companies: `res.company`
        :param date_to: score as of the end of this day, today by default. The hub keeps the
            scores of the latest day, whichever order the days were scored in.
        :return: the runs, one per company, in the same order; a failed run carries its error
        :raise UserError: a company is being scored by somebody else
        """
        runs = self.browse()
        for company in companies:
            if not self._try_lock(company):
                raise UserError(self.env._(
                    "The customers of %(company)s are being scored at this moment. "
                    "Try again when that run has ended.",
                    company=company.name,
                ))
            self.search([
                ('company_id', '=', company.id), ('state', '=', 'running'),
            ])._discard('failed', self.env._("Interrupted before its end."))
            run = self.create(self._prepare_run_values(company, date_to))
            run._execute()
            runs += run
        return runs

    # === BUSINESS METHODS: ONE RUN ===#

    def _execute(self):
        """Score, and put the outcome on the run, whatever happens."""
        self.ensure_one()
        start = time.monotonic()
        try:
            if self._is_batched():
                self._checkpoint()
                self._score_customers()
            else:
                with self.env.cr.savepoint():
                    self._score_customers()
        except RunStopped as stop:
            self._discard('cancelled', str(stop))
        except Exception as error:
            if self._is_batched():
                self.env.cr.rollback()
            elif isinstance(error, CONCURRENCY_ERRORS):
                raise
            _logger.exception("Scoring the customers of %s failed", self.company_id.name)
            self._discard('failed', str(error) or type(error).__name__)
        else:
            self.state = 'done'
        self.duration = time.monotonic() - start

    def _score_customers(self):
        """Read, score, write: the three steps of a run."""
        self._refresh_facts()
        columns = self._get_columns()
        if not columns['customer_id']:
            return
        self.write(self._prepare_totals(columns))
        for positions in split_every(BATCH_SIZE, range(len(columns['customer_id']))):
            batch = slice(positions[0], positions[-1] + 1)
            self._insert_scores({
                name: column(batch.start, batch.stop) if callable(column) else column[batch]
                for name, column in columns.items()
            })
            self._checkpoint()
        self._publish()

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

    # === BUSINESS METHODS: BREAKING OFF ===#

    def _is_batched(self):
        """Whether to commit after each batch: only the scheduled job owns its transaction."""
        return bool(self.env.context.get('ir_cron_progress_id'))

    @api.model
    def _try_lock(self, company):
        """Claim the scoring of a company until the end of the transaction."""
        [(locked,)] = self.env.execute_query(SQL(
            "SELECT pg_try_advisory_xact_lock(hashtext(%s), %s)", self._name, company.id,
        ))
        return locked

    def _checkpoint(self):
        """Commit a batch of the scheduled job, and look whether the run may go on.

        A commit gives the lock up for a moment. Whoever starts a run in that moment finds this one
        unlocked and discards it; it notices here. A run of the past, shown again because this one
        failed, is nobody's to stop.
        """
        if not self._is_batched() or self.state == 'done':
            return
        self.env['ir.cron']._commit_progress()
        locked = self._try_lock(self.company_id)
        self.invalidate_recordset(['state'])
        if self.state == 'cancelled':
            raise RunStopped(self.env._("Cancelled by a manager."))
        if not locked or self.state != 'running':
            raise RunStopped(self.env._("Another run of the same company took over."))

    def _discard(self, state, error):
        """End runs without a result: no score of theirs stays."""
        if not self:
            return
        self.env.cr.execute(SQL("DELETE FROM scp_value_score WHERE run_id IN %s", tuple(self.ids)))
        self.env['scp.value.score'].invalidate_model()
        self.write({
            'state': state,
            'error': error,
            'customer_count': 0,
            'order_count': 0,
            'purchase_count': 0,
            'revenue': 0,
            'top_share': 0,
            'grade_counts': False,
        })
        # The hub may show some of their grades already.
        for run in self._get_current_runs(self.company_id):
            run._publish()

    # === BUSINESS METHODS: SQL ===#

    def _insert_scores(self, columns):
        """Write scores set-wise.

        A customer who was merged or deleted since the run read him is left out.

        :param columns: {column: values} of equal length; reasons as JSON text
        """
        self.ensure_one()
        types = {
            # pylint: disable-next=sql-injection # the type is the one the field declares
            name: SQL(self.env['scp.value.score']._fields[name].column_type[1])
            for name in columns
        } | {'reasons': SQL("text")}
        values = {name: SQL("score.%s", SQL.identifier(name)) for name in columns}
        values['reasons'] = SQL("score.reasons::jsonb")
        self.env.cr.execute(SQL(
            """
            INSERT INTO scp_value_score (run_id, company_id, date, %(columns)s)
                 SELECT %(run)s, %(company)s, %(date)s, %(values)s
                   FROM unnest(%(arrays)s) score (%(columns)s)
                   JOIN scp_customer customer ON customer.id = score.customer_id
            """,
            columns=SQL(", ").join(SQL.identifier(name) for name in columns),
            run=self.id,
            company=self.company_id.id,
            date=self.date_to,
            values=SQL(", ").join(values.values()),
            arrays=SQL(", ").join(
                SQL("%s::%s[]", list(column), types[name]) for name, column in columns.items()
            ),
        ))
        self.env['scp.value.score'].invalidate_model()

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
        self.env['scp.customer'].flush_model(['grade_id', 'value_score', 'grade_trend', 'scored_at'])
        scored_at = fields.Datetime.now()
        customer_ids = [row[0] for row in self.env.execute_query(SQL(
            "SELECT customer_id FROM scp_value_score WHERE run_id = %s ORDER BY 1", self.id,
        ))]
        for batch in split_every(BATCH_SIZE, customer_ids, list):
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
                       scored_at = %(scored_at)s
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
                reference=self.reference_run_id.id or 0,
                run=self.id,
                batch=batch,
            ))
            self._checkpoint()
        # EXCEPT and not NOT EXISTS: the planner knows nothing yet of the rows just written, takes them
        # for none, and would compare each customer with each score
        self.env.cr.execute(SQL(
            """
            UPDATE scp_customer
               SET grade_id = NULL, value_score = NULL, grade_trend = NULL, scored_at = NULL
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
            company=self.company_id.id,
            run=self.id,
        ))
        self.env['scp.customer'].invalidate_model(
            ['grade_id', 'value_score', 'grade_trend', 'scored_at'],
        )

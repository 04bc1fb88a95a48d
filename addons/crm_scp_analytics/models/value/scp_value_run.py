import json
import logging
import time
from datetime import datetime, timedelta

import pytz
from dateutil.relativedelta import relativedelta
from psycopg2 import errors

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date, split_every
from odoo.tools.misc import formatLang

_logger = logging.getLogger(__name__)

# Customers written by one statement. 5,000 rows with their reasons are about 4 MB of SQL and half a
# second; the scheduled job commits after each of them.
BATCH_SIZE = 5000

# Raised again, so that Odoo repeats the request, instead of being put down as an outcome.
CONCURRENCY_ERRORS = (errors.LockNotAvailable, errors.SerializationFailure, errors.DeadlockDetected)


class RunStopped(Exception):
    """The run may not go on: cancelled by a manager, or taken over by another process."""


class ScpValueRun(models.Model):
    """One scoring of the customers of one company, and what came of it.

    A run reads one aggregate of the confirmed orders, scores all customers at once in the engine,
    and writes scores and hub in batches. Called by a user or a program it is one transaction. As
    scheduled job it commits after each batch, so that nobody waits for its locks; scores of a run
    that did not end are removed by whoever notices, and only the scores of a finished run count.

    All scores are kept: one row per customer and run, about 0.6 kB each.

    A run carries totals of the whole company: managers and auditors read it, everybody else reads
    the scores of the customers he may see.
    """

    _name = 'scp.value.run'
    _description = "Value Scoring Run"
    _order = 'date_to desc, id desc'
    _check_company_auto = True

    company_id = fields.Many2one(
        comodel_name='res.company', required=True, readonly=True, ondelete='cascade',
    )
    currency_id = fields.Many2one(related='company_id.currency_id')
    state = fields.Selection(
        selection=[
            ('running', "Running"),
            ('done', "Done"),
            ('failed', "Failed"),
            ('cancelled', "Cancelled"),
        ],
        default='running',
        required=True,
        readonly=True,
    )
    # What was asked
    date_from = fields.Date(
        string="Orders From", required=True, readonly=True,
        help="First day of the orders that count, in the time zone of the company.",
    )
    date_to = fields.Date(
        string="Orders To", required=True, readonly=True,
        help="Last day of the orders that count, and the day from which the time since the last "
             "order is measured.",
    )
    model_version = fields.Char(readonly=True)
    parameters = fields.Json(readonly=True)
    reference_run_id = fields.Many2one(
        comodel_name='scp.value.run',
        string="Compared With",
        readonly=True,
        index='btree_not_null',
        ondelete='set null',
        check_company=True,
        help="The earlier run whose grades tell whether a customer went up or down.",
    )
    # What came of it
    customer_count = fields.Integer(
        string="Customers", readonly=True, aggregator=None,
        help="Customers with at least one confirmed order in the window.",
    )
    order_count = fields.Integer(string="Orders", readonly=True, aggregator=None)
    purchase_count = fields.Integer(
        string="Purchases", readonly=True, aggregator=None,
        help="Days on which a customer ordered: several orders of one day are one purchase.",
    )
    revenue = fields.Monetary(
        readonly=True, aggregator=None,
        help="Untaxed amount of the confirmed orders less the credit notes for them, in the "
             "currency of the company at the rate of each order.",
    )
    top_share = fields.Float(
        string="Share of the Top 20 %", readonly=True, aggregator=None,
        help="Part of the revenue that comes from the best fifth of the customers.",
    )
    grade_counts = fields.Json(readonly=True, help="Number of customers of each grade.")
    duration = fields.Float(string="Duration (s)", readonly=True, aggregator='avg')
    error = fields.Text(readonly=True)
    outcome = fields.Char(compute='_compute_outcome')
    progress = fields.Float(compute='_compute_progress', aggregator=None)

    # The latest runs of a company: current scores, comparison with an earlier run, due companies.
    _company_date_idx = models.Index("(company_id, date_to DESC, id DESC)")

    # === COMPUTE METHODS ===#

    @api.depends('company_id', 'date_to')
    def _compute_display_name(self):
        for run in self:
            run.display_name = self.env._(
                "%(company)s, %(date)s",
                company=run.company_id.name,
                date=format_date(self.env, run.date_to),
            )

    @api.depends('state', 'customer_count')
    def _compute_progress(self):
        running = self.filtered(lambda run: run.state == 'running')
        written = dict(self.env['scp.value.score']._read_group(
            [('run_id', 'in', running.ids)], ['run_id'], ['__count'],
        ))
        for run in self:
            if run.state == 'running':
                run.progress = 100 * written.get(run, 0) / (run.customer_count or 1)
            else:
                run.progress = 100 if run.state == 'done' else 0

    @api.depends('state', 'customer_count', 'order_count', 'grade_counts', 'duration')
    @api.depends_context('lang')
    def _compute_outcome(self):
        for run in self:
            run.outcome = run._get_outcome()

    # === ACTIONS ===#

    def action_run(self):
        """Score the customers of the current company now, whichever runs are selected.

        :return: a notification with the outcome, which leads to the run
        """
        self._check_may_run()
        # sudo: managers may start a run, but nobody edits runs or scores by hand
        run = self.sudo()._score(self.env.company).with_env(self.env)
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': {'done': 'success', 'failed': 'danger'}.get(run.state, 'info'),
                'title': run.display_name,
                'message': run.outcome,
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'},
            },
        }

    def action_cancel(self):
        """Ask the scheduled job to stop; it removes what it has written at its next batch."""
        self._check_may_run()
        for run in self:
            if run.state != 'running':
                raise UserError(self.env._(
                    "The run %(run)s cannot be cancelled: it has ended already.",
                    run=run.display_name,
                ))
        # sudo: as in `action_run`
        self.sudo().state = 'cancelled'

    def action_view_scores(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'crm_scp_analytics.scp_value_score_action',
        )
        return action | {
            'display_name': self.env._("Scores of %(run)s", run=self.display_name),
            'domain': [('run_id', '=', self.id)],
            'context': {'search_default_group_grade': 1},
        }

    def _check_may_run(self):
        if not (self.env.su or self.env.user.has_group('crm_scp_core.group_scp_manager')):
            raise AccessError(self.env._("Only managers can start or stop the scoring of customers."))

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

    @api.model
    def _prepare_run_values(self, company, date_to=None):
        date_to = date_to or self._get_today(company)
        parameters = self._get_parameters()
        return {
            'company_id': company.id,
            'date_from': self._get_date_from(date_to),
            'date_to': date_to,
            'model_version': parameters['version'],
            'parameters': parameters,
            'reference_run_id': self._get_reference_run(company, date_to).id,
        }

    @api.model
    def _get_parameters(self) -> dict:
        """Parameters of the model, as stored with each run."""
        from ...engine import rfm  # noqa: PLC0415  numpy is loaded by the process that scores

        return rfm.Parameters().as_dict() | {'window_months': self._get_window_months()}

    @api.model
    def _get_window_months(self):
        """Number of months whose orders count."""
        months = self.env['ir.config_parameter'].sudo().get_param(
            'crm_scp_analytics.value_window_months',
        )
        return int(months or 24)

    @api.model
    def _get_date_from(self, date_to):
        # from the day after, so that a window that ends with a month begins with one
        return date_to + timedelta(days=1) - relativedelta(months=self._get_window_months())

    @api.model
    def _get_timezone(self, company):
        """The time zone that decides to which day an order belongs: that of the working hours."""
        return company.resource_calendar_id.tz or 'UTC'

    @api.model
    def _get_today(self, company):
        now = pytz.utc.localize(fields.Datetime.now())
        return now.astimezone(pytz.timezone(self._get_timezone(company))).date()

    @api.model
    def _get_window_bounds(self, company, date_from, date_to):
        """:return: first moment of the window and first moment after it, naive UTC"""
        timezone = pytz.timezone(self._get_timezone(company))
        return tuple(
            timezone.localize(datetime.combine(day, datetime.min.time()))
            .astimezone(pytz.utc).replace(tzinfo=None)
            for day in (date_from, date_to + timedelta(days=1))
        )

    @api.model
    def _get_reference_run(self, company, date_to):
        """The latest run at least a month older: grades move too little from day to day."""
        return self.search([
            ('company_id', '=', company.id),
            ('state', '=', 'done'),
            ('customer_count', '>', 0),
            ('date_to', '<=', date_to - relativedelta(months=1)),
        ], limit=1)

    @api.model
    def _get_current_runs(self, companies):
        """The run whose scores the hub shows, for each company that has one."""
        runs = self.browse()
        for company in companies:
            runs += self.search([
                ('company_id', '=', company.id),
                ('state', '=', 'done'),
                ('customer_count', '>', 0),
            ], limit=1)
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
        from ...engine import concentration, rfm  # noqa: PLC0415  as in `_get_parameters`

        self._add_missing_customers()
        grades = self._get_grades()
        rows = self._fetch_purchases()
        if not rows:
            return
        customer_ids, recency, purchases, orders, money = zip(*rows, strict=True)
        result = rfm.score(recency, purchases, money, self._get_rfm_parameters())
        grade_ids = [grades[index].id for index in result.grade.tolist()]
        self.write({
            'customer_count': len(rows),
            'order_count': sum(orders),
            'purchase_count': sum(purchases),
            'revenue': sum(money),
            'top_share': concentration.top_share(money),
            'grade_counts': {grade.name: grade_ids.count(grade.id) for grade in grades},
        })
        for positions in split_every(BATCH_SIZE, range(len(rows))):
            batch = slice(positions[0], positions[-1] + 1)
            self._insert_scores({
                'customer_id': customer_ids[batch],
                'grade_id': grade_ids[batch],
                'value_score': result.value[batch].tolist(),
                'recency_days': recency[batch],
                'purchase_count': purchases[batch],
                'order_count': orders[batch],
                'monetary': money[batch],
                'recency_score': result.scores[batch, 0].tolist(),
                'frequency_score': result.scores[batch, 1].tolist(),
                'monetary_score': result.scores[batch, 2].tolist(),
                'reasons': [
                    json.dumps(reasons)
                    for reasons in result.reasons(batch.start, batch.stop)
                ],
            })
            self._checkpoint()
        self._publish()

    def _add_missing_customers(self):
        """Have the hub add the buyers it does not know yet: its own job may not have come by."""
        for model, names in self._get_purchase_dependencies().items():
            self.env[model].flush_model(names)
        start, stop = self._get_window_bounds(self.company_id, self.date_from, self.date_to)
        missing = self.env.execute_query(SQL(
            """
            SELECT DISTINCT partner.commercial_partner_id
              FROM sale_order so
              JOIN res_partner partner ON partner.id = so.partner_id
             WHERE so.company_id = %(company)s
               AND so.state = 'sale'
               AND so.date_order >= %(start)s
               AND so.date_order < %(stop)s
               AND NOT EXISTS (
                   SELECT FROM scp_customer customer
                    WHERE customer.partner_id = partner.commercial_partner_id
                      AND customer.company_id = so.company_id
               )
            """,
            company=self.company_id.id,
            start=start,
            stop=stop,
        ))
        self.env['scp.customer']._refresh_for_partners(
            self.env['res.partner'].browse(partner_id for [partner_id] in missing),
        )

    def _get_rfm_parameters(self):
        from ...engine import rfm  # noqa: PLC0415  as in `_get_parameters`

        return rfm.Parameters(
            weights=self.parameters['weights'],
            cutoffs=tuple(self.parameters['cutoffs']),
            bins=self.parameters['bins'],
        )

    def _get_grades(self):
        """The grades a score leads to, best first."""
        needed = len(self.parameters['cutoffs']) + 1
        grades = self.env['scp.grade'].search([], limit=needed)
        if len(grades) < needed:
            raise UserError(self.env._(
                "The value model knows %(needed)s grades, but only %(count)s are configured. "
                "Add grades under Configuration.",
                needed=needed, count=len(grades),
            ))
        return grades

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
        unlocked and discards it; it notices here.
        """
        if not self._is_batched():
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

    def _fetch_purchases(self) -> list[tuple]:
        """:return: (customer id, days since the last purchase, purchases, orders, money) of each
            customer with a purchase in the window; money rounded to the currency of the company"""
        self.ensure_one()
        return self.env.execute_query(SQL(
            """
            SELECT purchase.customer_id,
                   %(date_to)s::date - MAX(purchase.day),
                   COUNT(DISTINCT purchase.day),
                   COUNT(*),
                   ROUND(SUM(purchase.amount)::numeric, %(digits)s)::float8
              FROM (%(purchases)s) purchase
          GROUP BY purchase.customer_id
          ORDER BY purchase.customer_id
            """,
            date_to=self.date_to,
            digits=self.currency_id.decimal_places,
            purchases=self._get_purchase_query(),
        ))

    @api.model
    def _get_purchase_dependencies(self) -> dict[str, list[str]]:
        """Fields that the purchase query reads, by model: written out before it runs."""
        return {
            'account.move': ['company_id', 'move_type', 'state', 'date'],
            'account.move.line': ['balance', 'currency_id', 'price_subtotal', 'sale_line_ids'],
            'res.partner': ['commercial_partner_id'],
            'sale.order': [
                'amount_untaxed', 'company_id', 'currency_id', 'currency_rate', 'date_order',
                'partner_id', 'state',
            ],
            'sale.order.line': ['is_downpayment', 'order_id'],
            'scp.customer': ['company_id', 'partner_id'],
        }

    def _get_purchase_query(self) -> SQL:
        """Confirmed orders of the window, each with what the customer kept of it.

        The untaxed amount of an order is the stored sum of its lines. It is converted at the rate
        that the order carries, so that history does not move with the exchange rate of today.

        :return: a statement of rows (customer_id, day, amount), one per order: the hub record of
            the commercial partner, the day in the time zone of the company, and the amount net of
            refunds in the currency of the company
        """
        self.ensure_one()
        start, stop = self._get_window_bounds(self.company_id, self.date_from, self.date_to)
        return SQL(
            """
            SELECT customer.id AS customer_id,
                   (so.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(timezone)s)::date AS day,
                   so.amount_untaxed / %(rate)s - COALESCE(refund.amount, 0) AS amount
              FROM sale_order so
              JOIN res_partner partner ON partner.id = so.partner_id
              JOIN scp_customer customer
                ON customer.partner_id = partner.commercial_partner_id
               AND customer.company_id = so.company_id
         LEFT JOIN (%(refunds)s) refund ON refund.order_id = so.id
             WHERE so.company_id = %(company)s
               AND so.state = 'sale'
               AND so.date_order >= %(start)s
               AND so.date_order < %(stop)s
            """,
            timezone=self._get_timezone(self.company_id),
            rate=self._get_order_rate(),
            refunds=self._get_refund_query(),
            company=self.company_id.id,
            start=start,
            stop=stop,
        )

    def _get_refund_query(self) -> SQL:
        """What posted credit notes took back from each order, up to the last day of the window.

        A credit note in the currency of the order is converted at the rate of the order: taking
        everything back leaves exactly nothing. One in another currency counts with its balance. A
        line that stands for several order lines is divided equally. Credit notes on down payments
        are left out: they take back a payment, not a purchase.

        :return: a statement of rows (order_id, amount), amounts in the currency of the company
        """
        self.ensure_one()
        return SQL(
            """
            SELECT so.id AS order_id,
                   SUM(
                       CASE WHEN line.currency_id = so.currency_id
                            THEN line.price_subtotal / %(rate)s
                            ELSE line.balance
                       END / line.order_line_count
                   ) AS amount
              FROM (
                    SELECT aml.currency_id,
                           aml.price_subtotal,
                           aml.balance,
                           rel.order_line_id,
                           COUNT(*) OVER (PARTITION BY aml.id) AS order_line_count
                      FROM account_move move
                      JOIN account_move_line aml ON aml.move_id = move.id
                      JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = aml.id
                     WHERE move.company_id = %(company)s
                       AND move.move_type = 'out_refund'
                       AND move.state = 'posted'
                       AND move.date <= %(date_to)s
                   ) line
              JOIN sale_order_line sol ON sol.id = line.order_line_id
              JOIN sale_order so ON so.id = sol.order_id
             WHERE sol.is_downpayment IS NOT TRUE
          GROUP BY so.id
            """,
            rate=self._get_order_rate(),
            company=self.company_id.id,
            date_to=self.date_to,
        )

    @api.model
    def _get_order_rate(self) -> SQL:
        """Units of the order's currency for one unit of the company's, as frozen on the order."""
        return SQL("COALESCE(NULLIF(so.currency_rate, 0), 1)")

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
        self.env.cr.execute(SQL(
            """
            UPDATE scp_customer customer
               SET grade_id = NULL, value_score = NULL, grade_trend = NULL, scored_at = NULL
             WHERE customer.company_id = %(company)s
               AND customer.scored_at IS NOT NULL
               AND NOT EXISTS (
                   SELECT FROM scp_value_score score
                    WHERE score.run_id = %(run)s AND score.customer_id = customer.id
               )
            """,
            company=self.company_id.id,
            run=self.id,
        ))
        self.env['scp.customer'].invalidate_model(
            ['grade_id', 'value_score', 'grade_trend', 'scored_at'],
        )

    # === PRESENTATION ===#

    def _get_basis(self):
        """:return: what the figures of the run stand on, as a sentence"""
        self.ensure_one()
        return self.env._(
            "Confirmed orders, net of refunds, %(months)s months from %(date_from)s to %(date_to)s,"
            " in %(currency)s",
            months=self.parameters['window_months'],
            date_from=format_date(self.env, self.date_from),
            date_to=format_date(self.env, self.date_to),
            currency=self.currency_id.name,
        )

    def _get_outcome(self):
        """:return: one sentence about what the run did"""
        self.ensure_one()
        match self.state:
            case 'running':
                return self.env._("Scoring is under way.")
            case 'failed':
                return self.env._("Nothing was scored. The error is recorded below.")
            case 'cancelled':
                return self.env._("Cancelled. The scores of earlier runs stay as they were.")
        if not self.customer_count:
            return self.env._(
                "Nothing to score: no confirmed order from %(date_from)s to %(date_to)s. "
                "The scores of earlier runs stay as they were.",
                date_from=format_date(self.env, self.date_from),
                date_to=format_date(self.env, self.date_to),
            )
        return self.env._(
            "%(customers)s customers scored from %(orders)s orders in %(seconds)s seconds: "
            "%(grades)s.",
            customers=formatLang(self.env, self.customer_count, digits=0),
            orders=formatLang(self.env, self.order_count, digits=0),
            seconds=formatLang(self.env, self.duration, digits=1),
            grades=", ".join(
                f"{formatLang(self.env, count, digits=0)} {name}"
                for name, count in (self.grade_counts or {}).items()
            ),
        )

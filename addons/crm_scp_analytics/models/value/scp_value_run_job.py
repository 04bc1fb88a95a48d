import logging
import time
from contextlib import contextmanager

from psycopg2 import errors

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# Raised again, so that Odoo repeats the request, instead of being put down as an outcome.
CONCURRENCY_ERRORS = (errors.LockNotAvailable, errors.SerializationFailure, errors.DeadlockDetected)


class RunStopped(Exception):
    """A manager cancelled the run."""


class ScpValueRun(models.Model):
    """How a run is started, claimed, cancelled, gone on with, and what stays of one that broke off.

    Who works on a company holds its advisory lock: for one transaction where that is all there is,
    with the connection where the scheduled job commits in between. A lock nobody holds is how a
    run shows that its process is gone.
    """

    _inherit = 'scp.value.run'

    # === SCHEDULED JOBS ===#

    @api.model
    def _cron_score(self):
        """Have every company scored that has orders in the window, once a day."""
        busy = self.search([('state', 'in', ('waiting', 'running'))]).company_id
        for company in self._get_due_companies() - busy:
            self.create(self._prepare_run_values(company) | {'state': 'waiting'})
        self._trigger_job()

    @api.model
    def _cron_run(self):
        """Work on the runs that wait, and on those whose process died; each company apart.

        A run that fails does not keep the next one waiting: it tells why.
        """
        runs = self._get_unfinished_runs()
        cron = self.env['ir.cron']
        time_left = cron._commit_progress(remaining=len(runs))
        for run in runs:
            if not time_left:
                break
            with run._claim() as claimed:
                if claimed:
                    run._work()
            time_left = cron._commit_progress(1)

    @api.model
    def _get_unfinished_runs(self):
        """Runs to begin or to go on with, and cancelled ones that left scores behind."""
        return self.search([
            '|', ('state', 'in', ('waiting', 'running')),
            '&', ('state', '=', 'cancelled'), ('customer_count', '>', 0),
        ], order='id')

    @api.model
    def _trigger_job(self):
        # sudo: managers start the job, which they may not read
        self.env.ref('crm_scp_analytics.ir_cron_scp_value_run').sudo()._trigger()

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
    def _request(self, company):
        """Have the scheduled job score a company as soon as it can.

        :return: the run that waits; where an earlier one broke off, that one, to be gone on with
        :raise UserError: the company is being scored already
        """
        run = self.search([
            ('company_id', '=', company.id), ('state', 'in', ('waiting', 'running')),
        ])
        free = self._try_lock(company)
        if not free or run.state == 'waiting':
            raise UserError(run._get_busy_message(company))
        if not run:
            run = self.create(self._prepare_run_values(company) | {'state': 'waiting'})
        self._trigger_job()
        return run

    @api.model
    def _score(self, companies, date_to=None):
        """Score the customers of these companies now, each company apart, in this transaction.

        :param companies: `res.company`
        :param date_to: score as of the end of this day, today by default. The hub keeps the
            scores of the latest day, whichever order the days were scored in.
        :return: the runs, one per company, in the same order; a failed run carries its error
        :raise UserError: a company is being scored by somebody else
        """
        runs = self.browse()
        for company in companies:
            unfinished = self.search([
                ('company_id', '=', company.id), ('state', 'in', ('waiting', 'running')),
            ])
            if not self._try_lock(company):
                raise UserError(unfinished._get_busy_message(company))
            unfinished._discard('failed', self.env._("Interrupted before its end."))
            run = self.create(self._prepare_run_values(company, date_to))
            run._execute()
            runs += run
        return runs

    def _get_busy_message(self, company):
        if not self:
            return self.env._(
                "The customers of %(company)s are being scored at this moment. "
                "Try again when that run has ended.",
                company=company.name,
            )
        return self.env._(
            "The customers of %(company)s are being scored already: started by %(user)s, "
            "now at %(progress)s %%. Wait for the end of that run, or cancel it.",
            company=company.name,
            user=self.create_uid.name,
            progress=round(self.progress),
        )

    # === BUSINESS METHODS: ONE RUN ===#

    def _work(self):
        """Begin a run, go on with it, or clear away what is left of it."""
        # A commit, because another process may have ended the run since this transaction began.
        self.env['ir.cron']._commit_progress()
        self.invalidate_recordset()
        if self.state in ('waiting', 'running'):
            self._execute()
        elif self.state == 'cancelled':
            self._discard('cancelled', self.env._("Cancelled by a manager."))

    def _execute(self):
        """Score, and put the outcome on the run, whatever happens."""
        self.ensure_one()
        start = time.monotonic() - self.duration
        try:
            if self._is_batched():
                self._checkpoint(state='running', error=False)
                self._score_customers()
            else:
                with self.env.cr.savepoint():
                    self._score_customers()
            self._checkpoint(
                state='done', phase=False, progress=100, duration=time.monotonic() - start,
            )
        except RunStopped:
            self._discard('cancelled', self.env._("Cancelled by a manager."))
        except Exception as error:
            if self._is_batched():
                self.env.cr.rollback()
            elif isinstance(error, CONCURRENCY_ERRORS):
                raise
            _logger.exception("Scoring the customers of %s failed", self.company_id.name)
            self._discard('failed', str(error) or type(error).__name__)
        self._notify_starter()

    def _notify_starter(self):
        """Tell whoever started the run, wherever he is working now."""
        user = self.create_uid
        if user._is_internal() and self._is_batched():
            run = self.with_context(lang=user.lang)
            user._bus_send('simple_notification', {
                'type': {'done': 'success', 'failed': 'danger'}.get(run.state, 'info'),
                'title': run.display_name,
                'message': run.outcome,
            })

    def _is_batched(self):
        """Whether to commit after each batch: only the scheduled job owns its transaction."""
        return bool(self.env.context.get('ir_cron_progress_id'))

    def _checkpoint(self, **values):
        """Keep what is done so far, and look whether the run may go on.

        The row of the run is written by itself, right after it was read: a manager may cancel at any
        time, and neither has to wait for the other. A run of the past, shown again because this one
        failed, is nobody's to stop.

        :param values: fields of the run to write
        """
        if self.state == 'done':
            return
        if not self._is_batched():
            self.write(values)
            return
        self.env['ir.cron']._commit_progress()
        self.invalidate_recordset(['state'])
        if self.state == 'cancelled':
            raise RunStopped
        self.write(values)
        self.env['ir.cron']._commit_progress()

    def _discard(self, state, error):
        """End runs without a result: no score of theirs stays."""
        if not self:
            return
        self._unlink_scores()
        self.write(self._prepare_discard_values() | {'state': state, 'error': error})
        # The hub may show some of their grades already.
        for run in self._get_current_runs(self.company_id):
            run._publish()

    def _prepare_discard_values(self) -> dict:
        return {
            'phase': False,
            'progress': 0,
            'customer_count': 0,
            'order_count': 0,
            'purchase_count': 0,
            'revenue': 0,
            'top_share': 0,
            'grade_counts': False,
        }

    def _unlink_scores(self):
        self.env.cr.execute(SQL("DELETE FROM scp_value_score WHERE run_id = ANY(%s)", self.ids))
        self.env['scp.value.score'].invalidate_model()

    # === BUSINESS METHODS: LOCKS ===#

    @api.model
    def _get_lock_key(self, company) -> SQL:
        return SQL("hashtext(%s), %s", self._name, company.id)

    @api.model
    def _try_lock(self, company):
        """Claim the scoring of a company until the end of the transaction."""
        [(locked,)] = self.env.execute_query(SQL(
            "SELECT pg_try_advisory_xact_lock(%s)", self._get_lock_key(company),
        ))
        return locked

    @contextmanager
    def _claim(self):
        """Claim the scoring of the company over several transactions. Whatever happens to the
        process, the claim ends with its connection.

        :return: whether it could be had
        """
        self.ensure_one()
        key = self._get_lock_key(self.company_id)
        [(claimed,)] = self.env.execute_query(SQL("SELECT pg_try_advisory_lock(%s)", key))
        try:
            yield claimed
        except Exception:
            self.env.cr.rollback()
            raise
        finally:
            if claimed:
                self.env.execute_query(SQL("SELECT pg_advisory_unlock(%s)", key))

    @api.model
    def _get_claimed_companies(self):
        """Ids of the companies that somebody works on at this moment."""
        return {company_id for [company_id] in self.env.execute_query(SQL(
            """
            SELECT objid::bigint
              FROM pg_locks
             WHERE locktype = 'advisory'
               AND granted
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
               AND classid = hashtext(%s)::oid
            """,
            self._name,
        ))}

import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# Customers per statement. Any set of more than a few percent of the customers reads the documents
# of all, so few large batches beat many small ones; this many have about 2,000,000 days.
BATCH_SIZE = 250_000

# How a batch is planned: a sort or a hash may take so much memory instead of going through the disk,
# documents are reached by indexes that are mostly in memory, of the tables joined, more than the
# planner looks at by itself, those of the customers in question come first, and who reads all lines
# does so with several processes: few pass the filter, which the planner does not know.
PLANNING = {
    'work_mem': '128MB', 'random_page_cost': '1.1', 'parallel_tuple_cost': '0.001',
    'join_collapse_limit': '14', 'from_collapse_limit': '14',
}

# Rows written at once that make the planner's statistics worthless.
ANALYZE_THRESHOLD = 5_000

# Passes kept as a record of what the job did.
KEPT_PASSES = 200


class RefreshBusy(UserError):
    """Somebody else is summing up the customers at this moment."""


class ScpValueFactRefresh(models.Model):
    """One pass of the refresh of `scp.value.fact`: what had changed, and how many rows that made.

    A pass first finds the customers whose documents changed since the pass before and puts them
    into the queue `scp.value.fact.due`, together with the mark from which the next pass will look.
    Then it sums up the queue in batches. As scheduled job each step is committed: a pass that was
    killed has lost nothing, the next one finds its queue. Doing a customer twice gives the same
    rows, and only rows that differ are written.
    """

    _name = 'scp.value.fact.refresh'
    _description = "Refresh of Customer Days"
    _order = 'id desc'
    _rec_name = 'date_start'

    date_start = fields.Datetime(
        string="Started On", required=True, readonly=True, default=fields.Datetime.now,
    )
    date_end = fields.Datetime(
        string="Finished On", readonly=True,
        help="Empty: running, or interrupted; then the next pass has done the rest.",
    )
    duration = fields.Float(
        string="Duration (s)", digits=(10, 1), compute='_compute_duration', aggregator='avg',
    )
    customer_count = fields.Integer(string="Customers Summed Up", readonly=True)
    row_count = fields.Integer(string="Days Changed", readonly=True)
    horizon = fields.Char(
        readonly=True,
        help="Number of the oldest transaction that was open when this pass looked for changes: "
             "the next one looks at everything written by it or a later one.",
    )
    basis = fields.Json(
        readonly=True, help="Database, and time zone and currency of each company, at that time.",
    )

    # === COMPUTE METHODS ===#

    @api.depends('date_start', 'date_end')
    def _compute_duration(self):
        for refresh in self:
            end = refresh.date_end or refresh.date_start
            refresh.duration = (end - refresh.date_start).total_seconds()

    # === SCHEDULED JOB ===#

    @api.model
    def _cron_refresh(self):
        """Bring the facts of all companies up to date."""
        self._refresh()

    # === BUSINESS METHODS ===#

    @api.model
    def _refresh(self):
        """Bring the facts of all companies up to date with what is committed.

        :return: the record of the pass
        :raise RefreshBusy: somebody else is doing it at this moment
        """
        # sudo: facts are those of all documents, whoever asks for them
        return self.sudo()._begin()._run()

    @api.model
    def _rebuild(self):
        """Sum up all customers from nothing but their documents; changes nothing that was right.

        :return: the record of the pass
        """
        refresh = self.sudo()._begin()  # sudo: as in `_refresh`
        refresh.env['scp.value.fact.credit']._rebuild()
        self.env['scp.value.fact.due']._add(SQL("TRUE"))
        return refresh._run()

    @api.model
    def _begin(self):
        self._lock()
        for model, names in self.env['scp.value.fact']._get_source_fields().items():
            self.env[model].flush_model(names)
        values = self._prepare_refresh_values()
        last = self.search([('horizon', '!=', False)], limit=1)
        everybody = self._add_changed(last.horizon, last.basis or {}, values['basis'])
        refresh = self.create({**values, 'compared': everybody})
        if not everybody:
            refresh._add_differing()
        return refresh

    def _run(self):
        self.ensure_one()
        self._checkpoint()
        while self._run_batch():
            self._checkpoint()
        self.date_end = fields.Datetime.now()
        return self

    def _run_batch(self) -> bool:
        """Sum up some customers of the queue.

        :return: whether there were any
        """
        self.ensure_one()
        [[last, count]] = self.env.execute_query(SQL(
            """
            SELECT MAX(customer_id), COUNT(*)
              FROM (SELECT DISTINCT customer_id
                      FROM scp_value_fact_due
                  ORDER BY customer_id
                     LIMIT %s) batch
            """,
            BATCH_SIZE,
        ))
        if not count:
            return False
        rows = self._write_facts(last)
        self.env.cr.execute(SQL("DELETE FROM scp_value_fact_due WHERE customer_id <= %s", last))
        self.env['scp.value.fact'].invalidate_model()
        self.env['scp.value.month'].invalidate_model()
        self.write({
            'customer_count': self.customer_count + count, 'row_count': self.row_count + rows,
        })
        _logger.info("%s customers summed up, %s days changed", count, rows)
        return True

    @api.model
    def _write_facts(self, last) -> int:
        """Make the facts of the queued customers equal to what their documents say, and their months to these.

        Built into a table of its own first: PostgreSQL reads with several processes where it does
        not write. Nobody else writes facts, so that a row unknown now is unknown in a moment.

        :param last: highest customer of the batch
        :return: number of days written or removed
        """
        Fact, Month = self.env['scp.value.fact'], self.env['scp.value.month']
        due = SQL("SELECT customer_id, order_id FROM scp_value_fact_due WHERE customer_id <= %s", last)
        for table, query in Fact._get_staged_queries(due).items():
            self._stage(table, query)
        self._stage('scp_value_month_period', Month._get_period_query())
        count = self._write_rows(Fact, 'day')
        self._stage('scp_value_month_fresh', Month._get_fresh_query())
        self._write_rows(Month, 'period')
        return count

    @api.model
    def _write_rows(self, model, key) -> int:
        """Make rows equal to those staged in `<table>_fresh`: of whole customers all, of others those staged in
        `<table>_<key>`.

        :param model: `scp.value.fact` or `scp.value.month`
        :param key: column of which a customer has a row each
        :return: number of rows written or removed
        """
        table, names = model._table, model._get_measure_names()
        terms = {
            'table': SQL.identifier(table),
            'fresh_table': SQL.identifier(f'{table}_fresh'),
            'key_table': SQL.identifier(f'{table}_{key}'),
            'key': SQL.identifier(key),
            'names': SQL(", ").join(map(SQL.identifier, names)),
            'fresh': self._get_columns('fresh', names),
            'known': self._get_columns('known', names),
        }
        count = 0
        for statement in (
            self._get_removal_statement(terms),
            self._get_update_statement(terms),
            self._get_insert_statement(terms),
        ):
            self.env.cr.execute(statement)
            count += self.env.cr.rowcount
        if count >= ANALYZE_THRESHOLD:
            self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
        return count

    @api.model
    def _stage(self, name, query):
        """Keep the rows of a statement until the end of the transaction, and have the planner know them.

        :param name: of a temporary table
        """
        table = SQL.identifier(name)
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", table))
        self.env.cr.execute(SQL("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", table, query))
        self.env.cr.execute(SQL("ANALYZE %s", table))

    @api.model
    def _get_removal_statement(self, terms) -> SQL:
        return SQL(
            """
            DELETE FROM %(table)s
             WHERE id IN (
                   SELECT known.id
                     FROM (SELECT known.id, customer_id, known.%(key)s
                             FROM %(table)s known
                             JOIN (SELECT DISTINCT customer_id FROM scp_value_fact_contact WHERE whole) whole
                            USING (customer_id)
                            UNION ALL
                           SELECT known.id, customer_id, %(key)s
                             FROM %(table)s known
                             JOIN %(key_table)s USING (customer_id, %(key)s)) known
                LEFT JOIN %(fresh_table)s fresh
                       ON fresh.customer_id = known.customer_id AND fresh.%(key)s = known.%(key)s
                    WHERE fresh.customer_id IS NULL
                   )
            """,
            **terms,
        )

    @api.model
    def _get_update_statement(self, terms) -> SQL:
        return SQL(
            """
            UPDATE %(table)s known
               SET (company_id, %(names)s) = ROW (fresh.company_id, %(fresh)s)
              FROM %(fresh_table)s fresh
             WHERE fresh.customer_id = known.customer_id
               AND fresh.%(key)s = known.%(key)s
               AND (known.company_id, %(known)s) IS DISTINCT FROM (fresh.company_id, %(fresh)s)
            """,
            **terms,
        )

    @api.model
    def _get_insert_statement(self, terms) -> SQL:
        return SQL(
            """
            INSERT INTO %(table)s (customer_id, company_id, %(key)s, %(names)s)
                 SELECT fresh.customer_id, fresh.company_id, fresh.%(key)s, %(fresh)s
                   FROM %(fresh_table)s fresh
              LEFT JOIN %(table)s known
                     ON known.customer_id = fresh.customer_id AND known.%(key)s = fresh.%(key)s
                  WHERE known.id IS NULL
               ORDER BY fresh.customer_id, fresh.%(key)s
            """,
            **terms,
        )

    @api.model
    def _get_columns(self, table, names) -> SQL:
        return SQL(", ").join(SQL.identifier(table, name) for name in names)

    # === BUSINESS METHODS: TRANSACTIONS ===#

    @api.model
    def _lock(self):
        """Claim the refresh until the end of the transaction, and have its statements planned for it."""
        [[locked]] = self.env.execute_query(SQL(
            "SELECT pg_try_advisory_xact_lock(hashtext(%s))", self._name,
        ))
        if not locked:
            raise RefreshBusy(self.env._(
                "The orders and invoices of customers are being summed up at this moment. "
                "Try again when that has ended.",
            ))
        for name, value in PLANNING.items():
            self.env.cr.execute(SQL("SELECT set_config(%s, %s, TRUE)", name, value))

    @api.model
    def _checkpoint(self):
        """Commit a step of the scheduled job, which alone owns its transaction."""
        if self.env.context.get('ir_cron_progress_id'):
            self.env['ir.cron']._commit_progress()
            self._lock()

    # === MAINTENANCE ===#

    @api.autovacuum
    def _gc_passes(self):
        self.search([('date_end', '!=', False)], offset=KEPT_PASSES).unlink()

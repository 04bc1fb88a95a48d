import logging

from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# Ids of contacts per batch. Every batch of more than a few percent of the contacts reads all the
# documents, so few large batches beat many small ones; this many bring about 200,000 measures.
BATCH_SIZE = 50_000

# Rows written at once that make the planner's statistics worthless, above all on first fill.
ANALYZE_THRESHOLD = 5_000

# Times a batch is tried again when somebody else's change got in its way.
MAX_TRIES = 5

# Passes kept as a record of what the job did.
KEPT_PASSES = 200


class ScpCustomerRefresh(models.Model):
    """One pass of the job that keeps `scp.customer` and its measures, and how far it came.

    A pass walks over the contacts in ranges of ids. For each range it adds the customers that are
    missing, writes the measures that differ, and updates stage and completeness: always one
    statement for the whole range, and nothing is written that did not change. The position is
    committed with every batch, so that a pass that was stopped or killed goes on where it was.
    """

    _name = 'scp.customer.refresh'
    _description = "Refresh of Customers"
    _order = 'id desc'
    _rec_name = 'date_start'

    date_start = fields.Datetime(
        string="Started On", required=True, readonly=True, default=fields.Datetime.now,
    )
    date_end = fields.Datetime(
        string="Finished On", readonly=True, help="Empty: still running, or to be continued.",
    )
    duration = fields.Float(
        string="Duration (s)", digits=(10, 1), compute='_compute_duration',
    )
    position = fields.Integer(
        readonly=True, aggregator=None, help="Contacts up to this id are done.",
    )
    last_position = fields.Integer(
        readonly=True, aggregator=None, help="Highest id of a contact when the pass began.",
    )
    customer_count = fields.Integer(string="Customers Added", readonly=True)
    measure_count = fields.Integer(string="Figures Changed", readonly=True)

    # === COMPUTE METHODS ===#

    @api.depends('date_start', 'date_end')
    def _compute_duration(self):
        for refresh in self:
            end = refresh.date_end or refresh.date_start
            refresh.duration = (end - refresh.date_start).total_seconds()

    # === BUSINESS METHODS: THE PASS, DRIVEN BY `scp.customer._cron_refresh` ===#

    @api.model
    def _begin(self):
        """Start a pass over all contacts.

        :return: the record of the pass
        """
        refresh = self.create(self._prepare_refresh_values())
        self._unlink_orphan_measures()
        return refresh

    @api.model
    def _resume(self):
        """Go on with the pass that was interrupted, or start one.

        :return: the record of the pass
        """
        return self.search([('date_end', '=', False)], limit=1) or self._begin()

    def _try_batch(self):
        """Run a batch, and again when a concurrent change of the same customers broke it."""
        for attempt in range(1, MAX_TRIES + 1):
            try:
                self._run_batch()
                self.env.flush_all()
                return
            except SerializationFailure:
                self.env.cr.rollback()
                if attempt == MAX_TRIES:
                    raise
                _logger.info("batch after contact %s: concurrent change, once more", self.position)

    def _run_batch(self):
        self.ensure_one()
        low, high = self.position, self.position + BATCH_SIZE
        customers, measures = self._refresh_scope(
            lambda column: SQL("%s > %s AND %s <= %s", column, low, column, high),
        )
        self.write({
            'position': high,
            'customer_count': self.customer_count + customers,
            'measure_count': self.measure_count + measures,
            'date_end': high >= self.last_position and fields.Datetime.now(),
        })
        if customers or measures:
            _logger.info(
                "contacts %s to %s: %s customers added, %s figures changed",
                low + 1, high, customers, measures,
            )

    @api.model
    def _prepare_refresh_values(self) -> dict:
        [[last_id]] = self.env.execute_query(SQL("SELECT COALESCE(MAX(id), 0) FROM res_partner"))
        # The clock, not the transaction: one transaction may hold a whole pass.
        return {'date_start': fields.Datetime.now(), 'last_position': last_id}

    def _get_remaining_batches(self) -> int:
        return max(0, -(-(self.last_position - self.position) // BATCH_SIZE))

    @api.model
    def _refresh_partners(self, partners):
        """Refresh commercial partners at once, in this transaction."""
        if partners:
            self._refresh_scope(lambda column: SQL("%s IN %s", column, tuple(partners.ids)))

    @api.model
    def _refresh_scope(self, scope) -> tuple[int, int]:
        """Bring a set of customers up to date.

        :param scope: function from an SQL expression of commercial partner ids to the SQL
            condition that selects the set
        :return: number of customers added, number of measures written or removed
        """
        self.env.flush_all()
        customers = self._add_customers(scope)
        sources = self.env['scp.customer']._get_measure_sources()
        measures = sum(
            self._sync_measure(code, sources[code], query, scope)
            for code, query in self.env['scp.customer']._get_measure_queries().items()
        )
        self._update_life_cycle(scope)
        self._update_completeness(scope)
        # Written behind the back of the ORM, and shown on contacts too.
        self.env.invalidate_all(flush=False)
        return customers, measures

    # === BUSINESS METHODS: ROWS ===#

    @api.model
    def _add_customers(self, scope) -> int:
        """Add the customers that have business but no row yet.

        The owner starts as the salesperson of the contact, where he works for that company, and
        the team as the first one he leads or belongs to.

        :return: number of rows added
        """
        count = len(self.env.execute_query(SQL(
            """
            INSERT INTO scp_customer (partner_id, company_id, user_id, team_id, life_cycle_stage,
                                      completeness, create_uid, create_date, write_uid, write_date)
                 SELECT business.partner_id, business.company_id, owner.id, team.id, 'prospect', 0,
                        %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                   FROM (%(business)s) business
                   JOIN res_partner partner ON partner.id = business.partner_id
              LEFT JOIN res_users owner
                     ON owner.id = partner.user_id AND owner.active AND owner.share IS NOT TRUE
                    AND EXISTS (SELECT FROM res_company_users_rel rel
                                 WHERE rel.user_id = owner.id AND rel.cid = business.company_id)
              LEFT JOIN LATERAL (
                         SELECT t.id
                           FROM crm_team t
                      LEFT JOIN crm_team_member m
                             ON m.crm_team_id = t.id AND m.user_id = owner.id AND m.active
                          WHERE t.active
                            AND (t.company_id IS NULL OR t.company_id = business.company_id)
                            AND (t.user_id = owner.id OR m.id IS NOT NULL)
                       ORDER BY t.sequence, t.create_date DESC, t.id DESC
                          LIMIT 1) team ON TRUE
                  WHERE business.company_id IS NOT NULL
                    AND NOT EXISTS (SELECT FROM scp_customer known
                                     WHERE known.partner_id = business.partner_id
                                       AND known.company_id = business.company_id)
            ON CONFLICT (partner_id, company_id) DO NOTHING
              RETURNING id
            """,
            uid=self.env.uid,
            # Narrowed one by one: PostgreSQL does not push a join into a union.
            business=SQL(" UNION ").join(
                SQL(
                    """
                    SELECT contact.commercial_partner_id AS partner_id, q.company_id
                      FROM (%s) q
                      JOIN res_partner contact ON contact.id = q.partner_id
                     WHERE %s
                    """,
                    query, scope(SQL("contact.commercial_partner_id")),
                )
                for query in self.env['scp.customer']._get_business_queries().values()
            ),
        )))
        if count >= ANALYZE_THRESHOLD:
            self.env.execute_query(SQL("ANALYZE scp_customer"))
        return count

    # === BUSINESS METHODS: MEASURES ===#

    @api.model
    def _sync_measure(self, code, source, query, scope) -> int:
        """Make the rows of one code equal to what its statement gives; touch no other row.

        A customer somebody else is changing right now is left for the next pass. Statistics are
        of little use on first fill: no two large sets meet here but by an index or by EXCEPT,
        which never compares every row with every other.

        :return: number of rows written or removed
        """
        [[count]] = self.env.execute_query(SQL(
            """
            WITH given AS MATERIALIZED (
                     SELECT customer.id AS customer_id,
                            customer.company_id,
                            q.period,
                            ROUND(q.numerator::numeric, 6) AS numerator,
                            ROUND(q.denominator::numeric, 6) AS denominator,
                            q.n,
                            q.currency_id
                       FROM (%(query)s) q
                       JOIN scp_customer customer
                         ON customer.partner_id = q.partner_id
                        AND customer.company_id = q.company_id
                      WHERE %(scope_query)s),
                 changed AS (
                     SELECT given.*
                       FROM given
                       JOIN scp_customer customer ON customer.id = given.customer_id
                  LEFT JOIN scp_customer_measure known
                         ON known.customer_id = given.customer_id
                        AND known.code = %(code)s
                        AND known.period = given.period
                      WHERE known.id IS NULL
                         OR (given.numerator, given.denominator, given.n, given.currency_id,
                             %(source)s)
                            IS DISTINCT FROM
                            (known.numerator, known.denominator, known.n, known.currency_id,
                             known.source)
                        FOR NO KEY UPDATE OF customer SKIP LOCKED),
                 gone AS (
                     SELECT known.customer_id, known.period
                       FROM scp_customer_measure known
                       JOIN scp_customer customer ON customer.id = known.customer_id
                      WHERE known.code = %(code)s
                        AND %(scope_customer)s
                     EXCEPT
                     SELECT customer_id, period FROM given),
                 vanished AS (
                     SELECT known.id
                       FROM gone
                       JOIN scp_customer customer ON customer.id = gone.customer_id
                       JOIN scp_customer_measure known
                         ON known.customer_id = gone.customer_id
                        AND known.code = %(code)s
                        AND known.period = gone.period
                        FOR NO KEY UPDATE OF customer SKIP LOCKED),
                 removed AS (
                     DELETE FROM scp_customer_measure
                      WHERE id IN (SELECT id FROM vanished)
                  RETURNING id),
                 written AS (
                     INSERT INTO scp_customer_measure
                                 (customer_id, company_id, code, period, numerator, denominator, n,
                                  currency_id, source)
                          SELECT customer_id, company_id, %(code)s, period, numerator, denominator,
                                 n, currency_id, %(source)s
                            FROM changed
                     ON CONFLICT (customer_id, code, period) DO UPDATE
                             SET numerator = EXCLUDED.numerator,
                                 denominator = EXCLUDED.denominator,
                                 n = EXCLUDED.n,
                                 currency_id = EXCLUDED.currency_id,
                                 source = EXCLUDED.source
                       RETURNING id)
            SELECT (SELECT COUNT(*) FROM removed) + (SELECT COUNT(*) FROM written)
            """,
            query=query,
            code=code,
            source=source,
            scope_query=scope(SQL("q.partner_id")),
            scope_customer=scope(SQL("customer.partner_id")),
        ))
        if count >= ANALYZE_THRESHOLD:
            self.env.execute_query(SQL("ANALYZE scp_customer_measure"))
        return count

    @api.model
    def _unlink_orphan_measures(self):
        """Remove the measures of codes that nobody provides any more."""
        codes = tuple(self.env['scp.customer']._get_measure_queries())
        self.env.execute_query(SQL("DELETE FROM scp_customer_measure WHERE code NOT IN %s", codes))

    # === BUSINESS METHODS: COMPLETENESS ===#

    @api.model
    def _update_completeness(self, scope):
        """Set the share of the profile that is filled, where it changed."""
        Customer = self.env['scp.customer']

        def filled(model, alias, names):
            return SQL(" + ").join(
                SQL("(NULLIF(%s::text, '') IS NOT NULL)::int", model._field_to_sql(alias, name))
                for name in names
            )

        def share(is_company):
            names = Customer._get_profile_fields(is_company=is_company)
            own_names = Customer._get_own_profile_fields()
            return SQL(
                "ROUND(100.0 * (%s + %s) / %s)::int",
                filled(self.env['res.partner'], 'partner', names),
                filled(Customer, 'customer', own_names),
                len(names) + len(own_names),
            )

        self._update_customers(
            SQL(
                """
                SELECT customer.id,
                       CASE WHEN partner.is_company THEN %(company)s ELSE %(person)s
                        END AS completeness
                  FROM scp_customer customer
                  JOIN res_partner partner ON partner.id = customer.partner_id
                 WHERE %(scope)s
                """,
                company=share(True),
                person=share(False),
                scope=scope(SQL("customer.partner_id")),
            ),
            ['completeness'],
        )

    # === BUSINESS METHODS: WRITING ===#

    @api.model
    def _update_customers(self, query, names, log=None):
        """Write values to customers where they differ, past those somebody is changing right now.

        :param query: statement of rows (id, *names), and further columns for the log
        :param names: columns of scp_customer
        :param log: statement that keeps what changes; it reads the rows of the query as `changed`,
            and customers as they were
        """
        columns = [SQL.identifier(name) for name in names]
        comma = SQL(", ").join
        self.env.execute_query(SQL(
            """
            WITH changed AS (
                     SELECT result.*
                       FROM (%(query)s) result
                       JOIN scp_customer customer ON customer.id = result.id
                      WHERE (%(known)s) IS DISTINCT FROM (%(fresh)s)
                        FOR NO KEY UPDATE OF customer SKIP LOCKED)
                 %(log)s
            UPDATE scp_customer
               SET %(assignments)s
              FROM changed
             WHERE scp_customer.id = changed.id
            """,
            query=query,
            known=comma(SQL("customer.%s", column) for column in columns),
            fresh=comma(SQL("result.%s", column) for column in columns),
            assignments=comma(SQL("%s = changed.%s", column, column) for column in columns),
            log=SQL(", logged AS (%s)", log) if log else SQL(),
        ))

    # === MAINTENANCE ===#

    @api.autovacuum
    def _gc_passes(self):
        self.search([('date_end', '!=', False)], offset=KEPT_PASSES).unlink()

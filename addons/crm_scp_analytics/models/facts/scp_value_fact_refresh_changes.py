from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

# Rows written at once that make the planner's statistics worthless.
ANALYZE_THRESHOLD = 1_000

# Days after which all totals are compared again.
COMPARED_DAYS = 7


class ScpValueFactRefresh(models.Model):
    """Which customers have to be summed up again.

    `write_date` cannot tell: it is the start of a transaction, which may be committed long after
    rows of a later one were read; and raw updates do not set it. PostgreSQL knows better: each row
    carries the number of the transaction that wrote it (`xmin`). All transactions below the oldest
    one open at the time of a pass have ended, so what they wrote was seen by that pass; everything
    written by that one or a later one is looked at by the next. Nothing is lost, whatever the
    clocks say; a few customers are done twice. Transactions known to be those of another database
    of the server do not count.

    Rows that are gone have no `xmin`: deleting puts the customer into the queue by itself, and so
    do contacts that move. Once a week all customers are added up anew and compared, whatever was
    done to the tables behind the back of Odoo.
    """

    _inherit = 'scp.value.fact.refresh'

    compared = fields.Boolean(
        readonly=True,
        help="This pass also added up the documents of all customers and compared the totals.",
    )
    difference_count = fields.Integer(
        string="Differences Found", readonly=True,
        help="Customers whose totals differed although nothing told that they had changed.",
    )

    @api.model
    def _prepare_refresh_values(self) -> dict:
        [[horizon, database]] = self.env.execute_query(SQL(
            """
            SELECT COALESCE(
                       (SELECT running.xid
                          FROM pg_snapshot_xip(now.snapshot) AS running (xid)
                         WHERE NOT EXISTS (
                               SELECT FROM pg_stat_activity activity
                                WHERE activity.backend_xid = running.xid::xid
                                  AND activity.datname != current_database())
                      ORDER BY running.xid
                         LIMIT 1),
                       pg_snapshot_xmax(now.snapshot)
                   )::text,
                   (SELECT system_identifier::text FROM pg_control_system())
              FROM pg_current_snapshot() AS now (snapshot)
            """,
        ))
        # sudo: the pass is about all companies
        # pylint: disable-next=no-search-all # companies are few
        companies = self.env['res.company'].sudo().with_context(active_test=False).search([])
        return {
            'horizon': horizon,
            'basis': {'database': database} | {
                str(company.id): [company.resource_calendar_id.tz or 'UTC', company.currency_id.name]
                for company in companies
            },
        }

    @api.model
    def _add_changed(self, horizon, known, basis):
        """Queue the customers with a document, contact or company changed since the last pass, and
        those that the hub did not know.

        Everybody is due on the first pass, in another database server (a restored copy), whose
        transactions are counted anew, and after so many transactions that their numbers come round.

        :param horizon: mark left by the last pass, None without one
        :param known: basis of the last pass
        :param basis: basis of this one
        :return: whether everybody is due
        """
        Due = self.env['scp.value.fact.due']
        everybody = (
            not horizon or known.get('database') != basis['database'] or self._is_past(horizon)
        )
        self._add_credited(everybody, horizon)
        self._stage('scp_value_fact_changed', SQL(
            """
            SELECT DISTINCT contact.commercial_partner_id AS partner_id, changed.company_id, changed.order_id
              FROM (%s) changed
              JOIN res_partner contact ON contact.id = changed.partner_id
            """,
            SQL(" UNION ").join(
                self._get_document_queries().values() if everybody
                else self._get_change_queries(int(horizon)).values()
            ),
        ))
        self._add_missing_customers()
        moved = [
            int(company_id) for company_id, values in basis.items()
            if company_id.isdigit() and known.get(company_id, values) != values
        ]
        if everybody:
            count = Due._add(SQL("TRUE"))
        else:
            count = Due._add_orders(SQL("TABLE scp_value_fact_changed"))
            count += Due._add(SQL("customer.company_id = ANY(%s)", moved)) if moved else 0
        if count >= ANALYZE_THRESHOLD:
            self.env.cr.execute(SQL("ANALYZE scp_value_fact_due"))
        return everybody

    @api.model
    def _add_credited(self, everybody, horizon):
        """Find the invoices that changed, where not all count as changed, and the order lines that were credited."""
        Credit = self.env['scp.value.fact.credit']
        # none known: there are none, or the addon was updated from a version that kept none
        if everybody or not Credit.search_count([], limit=1):
            Credit._rebuild()
        if not everybody:
            self._stage('scp_value_fact_move', SQL(
                """
                SELECT id, partner_id, company_id, move_type
                  FROM account_move
                 WHERE move_type IN ('out_invoice', 'out_refund', 'out_receipt')
                   AND %s
                """,
                self._get_change_condition('account_move', int(horizon)),
            ))
            Credit._add(SQL("SELECT id FROM scp_value_fact_move WHERE move_type = 'out_refund'"))

    @api.model
    def _add_missing_customers(self):
        """Have the hub add the changed customers it does not know yet: its own job may not have
        come by."""
        missing = self.env.execute_query(SQL(
            """
            SELECT DISTINCT changed.partner_id
              FROM scp_value_fact_changed changed
         LEFT JOIN scp_customer customer
                ON customer.partner_id = changed.partner_id
               AND customer.company_id = changed.company_id
             WHERE customer.id IS NULL
            """,
        ))
        if missing:
            partner_ids = [partner_id for [partner_id] in missing]
            self.env['scp.customer.refresh']._add_customers(
                lambda column: SQL("%s = ANY(%s)", column, partner_ids),
            )
            self.env['scp.customer'].invalidate_model()
            self.env['scp.value.fact.due']._add(SQL("customer.partner_id = ANY(%s)", partner_ids))

    def _add_differing(self):
        """Compare the totals of all customers, when that is due, and queue those that differ."""
        self.ensure_one()
        since = self.date_start - relativedelta(days=COMPARED_DAYS)
        if self.search_count([('compared', '=', True), ('date_start', '>', since)], limit=1):
            return
        self.env['scp.value.fact.credit']._rebuild()
        self.env['scp.value.fact']._remove(SQL("customer_id NOT IN (SELECT id FROM scp_customer)"))
        self.write({
            'compared': True,
            'difference_count': self.env['scp.value.fact.due']._add(SQL(
                """
                customer.id IN (%s)
                AND customer.id NOT IN (SELECT customer_id FROM scp_value_fact_due)
                """,
                self.env['scp.value.fact']._get_difference_query(),
            )),
        })

    @api.model
    def _is_past(self, horizon) -> bool:
        """Whether numbers of transactions cannot be compared with the mark any more: they have 32
        bits, and half of them count as later."""
        [[past]] = self.env.execute_query(SQL(
            """
            SELECT pg_snapshot_xmax(now.snapshot)::text::numeric - %(horizon)s::numeric
                   NOT BETWEEN 0 AND 1000000000
              FROM pg_current_snapshot() AS now (snapshot)
            """,
            horizon=horizon,
        ))
        return past

    @api.model
    def _get_document_queries(self) -> dict[str, SQL]:
        """Whose documents there are at all.

        :return: statements as of `_get_change_queries`
        """
        return {
            'orders': SQL("SELECT DISTINCT partner_id, company_id, NULL::integer AS order_id FROM sale_order"),
            'invoices': SQL(
                """
                SELECT DISTINCT partner_id, company_id, NULL::integer
                  FROM account_move
                 WHERE move_type IN ('out_invoice', 'out_refund', 'out_receipt')
                """,
            ),
        }

    @api.model
    def _get_change_queries(self, horizon: int) -> dict[str, SQL]:
        """What changed since the last pass.

        :param horizon: the mark it left
        :return: statements of rows (partner_id, company_id, order_id); the partner may be a contact, and the order
            is given where nothing but that order changed
        """
        return {
            'orders': SQL(
                "SELECT partner_id, company_id, id AS order_id FROM sale_order WHERE %s",
                self._get_change_condition('sale_order', horizon),
            ),
            # an invoice may be sent to somebody else than who ordered
            'invoices': SQL(
                """
                SELECT whose.partner_id, whose.company_id, NULL::integer
                  FROM scp_value_fact_move move
                 CROSS JOIN LATERAL (
                       SELECT move.partner_id, move.company_id
                        UNION
                       SELECT so.partner_id, so.company_id
                         FROM account_move_line aml
                         JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = aml.id
                         JOIN sale_order_line sol ON sol.id = rel.order_line_id
                         JOIN sale_order so ON so.id = sol.order_id
                        WHERE aml.move_id = move.id
                       ) whose
                """,
            ),
            'contacts': SQL(
                """
                SELECT partner.id, customer.company_id, NULL::integer
                  FROM res_partner partner
                  JOIN scp_customer customer ON customer.partner_id = partner.commercial_partner_id
                 WHERE %s
                """,
                self._get_change_condition('partner', horizon),
            ),
        }

    @api.model
    def _get_change_condition(self, table, horizon: int) -> SQL:
        """:return: condition that the transaction of the mark or a later one wrote a row. Numbers have 32 bits and come
            round: half of them count as later. By arithmetic, for age() would keep PostgreSQL from reading with several
            processes."""
        return SQL(
            "(%s::text::bigint - %s) & 4294967295 < 2147483648", SQL.identifier(table, 'xmin'), horizon % 2 ** 32,
        )

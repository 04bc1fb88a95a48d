from odoo import api, fields, models
from odoo.tools import SQL


class ScpCustomer(models.Model):
    """What it costs to serve a customer, and what he earns us after it.

    Sales are what the books say: `scp.value.fact.invoiced`. From there profit is counted down, so
    that profits and costs of all customers add up to the books again:

        list price - discount - returns        = invoiced
        invoiced - cost of what was invoiced   = gross margin
        gross margin - service                 = profit

    Discount, returns and service together are the cost to serve. A service nobody measures is no
    data: it is left out of the sum, never taken for nothing.
    """

    _inherit = 'scp.customer'

    # === BUSINESS METHODS ===#

    @api.model
    def _get_service_labels(self) -> dict[str, str]:
        """Kinds of service, in the order shown, with their names."""
        return {
            'freight': self.env._("Freight"),
            'visits': self.env._("Visits"),
            'complaints': self.env._("Complaints"),
            'payment_delay': self.env._("Late Payment"),
        }

    @api.model
    def _get_service_queries(self) -> dict[str, SQL]:
        """What service costs, by kind.

        :return: statements of rows (customer_id, day, amount), any number of them per day, in the
            currency of the company
        """
        return {
            # an addon that knows what deliveries cost says so by a measure: none depends on the other
            'freight': SQL(
                """SELECT customer_id, period AS day, numerator AS amount
                     FROM scp_customer_measure
                    WHERE code = 'freight_cost'""",
            ),
            'visits': self._get_visit_cost_query(),
            'complaints': self._get_complaint_cost_query(),
            'payment_delay': self._get_payment_delay_query(),
        }

    @api.model
    def _get_service_companies(self) -> dict[str, list[int]]:
        """Where service is measured: ids of companies by kind. Elsewhere it is no data."""
        # sudo: numbers of the settings, for whoever may see the profit
        Company = self.env['res.company'].sudo().with_context(active_test=False)
        Measure = self.env['scp.customer.measure'].sudo()
        return {
            'freight': Company.browse(
                company.id for [company] in Measure._read_group(
                    [('code', '=', 'freight_cost')], ['company_id'],
                )
            ).ids,
            'visits': Company.search([('scp_visit_hour_cost', '>', 0)]).ids,
            'complaints': Company.search([]).ids,  # pylint: disable=no-search-all # companies are few
            'payment_delay': Company.search([('scp_payment_delay_rate', '>', 0)]).ids,
        }

    @api.model
    def _get_measured_queries(self, companies) -> dict[str, SQL]:
        """:param companies: as in `_get_service_companies`
        :return: as in `_get_service_queries`, without the kinds that no company measures"""
        return {kind: query for kind, query in self._get_service_queries().items() if companies.get(kind)}

    @api.model
    def _get_profit_query(self, condition: SQL | None = None, period: SQL | None = None) -> SQL:
        """Profit after the cost to serve, added up from days; months are added up already: `_get_month_profit_query`.

        :param condition: on (customer_id, company_id, day): which days count; all by default
        :param period: expression of day: what to add up by beside the customer, the day by default
        :return: statement of the rows of `_get_remainder_query`
        """
        companies = self._get_service_companies()
        measured = self._get_measured_queries(companies)
        period = period or SQL("day")
        condition = condition or SQL("TRUE")
        # Days are many and service is rare: it is rounded and added up before it comes to the days.
        # A day carries NULL for it, and MAX skips that where a sum would begin one for each kind.
        return self._get_remainder_query(companies, SQL(
            """
            SELECT customer_id,
                   company_id,
                   period,
                   SUM(invoiced) AS invoiced,
                   SUM(invoiced_cost) AS invoiced_cost,
                   SUM(discount) AS discount,
                   SUM(returns) AS returns%(most)s,
                   COALESCE(MAX(service), 0) AS service
              FROM (SELECT customer_id, company_id, %(period)s AS period%(none)s, NULL::numeric AS service,
                           invoiced, invoiced_cost, discount, refunded AS returns
                      FROM scp_value_fact
                     WHERE %(condition)s
                     UNION ALL
                    SELECT *, 0, 0, 0, 0 FROM (%(services)s) service) entry
          GROUP BY customer_id, company_id, period
            """,
            most=SQL().join(
                SQL(", MAX(%s) AS %s", SQL.identifier(kind), SQL.identifier(kind)) for kind in measured
            ),
            none=SQL().join(SQL(", NULL::numeric AS %s", SQL.identifier(kind)) for kind in measured),
            condition=condition,
            period=period,
            services=self._get_services_query(measured, condition, period),
        ))

    @api.model
    def _get_month_profit_query(self) -> SQL:
        """Profit after the cost to serve of all months: what their days add up to is kept, service comes to it.

        :return: statement of the rows of `_get_remainder_query`
        """
        companies = self._get_service_companies()
        measured = self._get_measured_queries(companies)
        return self._get_remainder_query(companies, SQL(
            """
            SELECT customer_id,
                   company_id,
                   period,
                   COALESCE(invoiced, 0) AS invoiced,
                   COALESCE(invoiced_cost, 0) AS invoiced_cost,
                   COALESCE(discount, 0) AS discount,
                   COALESCE(refunded, 0) AS returns%(kinds)s,
                   COALESCE(service, 0) AS service
              FROM scp_value_month
              FULL JOIN (%(services)s) service USING (customer_id, company_id, period)
            """,
            kinds=SQL().join(SQL(", %s", SQL.identifier(kind)) for kind in measured),
            services=self._get_services_query(measured, SQL("TRUE"), self._get_month_of_day(SQL("day"))),
        ))

    @api.model
    def _get_remainder_query(self, companies, total: SQL) -> SQL:
        """Count down from what was invoiced to the profit.

        :param companies: as in `_get_service_companies`
        :param total: statement of rows (customer_id, company_id, period, invoiced, invoiced_cost, discount, returns,
            *`_get_measured_queries`, service)
        :return: statement of rows (customer_id, company_id, period, invoiced, invoiced_cost,
            discount, returns, *`_get_service_labels`, service, cost_to_serve, gross_margin, profit);
            a kind of service that is no data is NULL
        """
        return SQL(
            """
            SELECT customer_id,
                   company_id,
                   period,
                   invoiced,
                   invoiced_cost,
                   discount,
                   returns%(kinds)s,
                   service,
                   discount + returns + service AS cost_to_serve,
                   invoiced - invoiced_cost AS gross_margin,
                   invoiced - invoiced_cost - service AS profit
              FROM (%(total)s) total
            """,
            kinds=SQL().join(
                SQL(
                    ", CASE WHEN company_id = ANY(%s) THEN COALESCE(%s, 0) END AS %s",
                    companies[kind], SQL.identifier(kind), SQL.identifier(kind),
                )
                if companies.get(kind) else SQL(", NULL::numeric AS %s", SQL.identifier(kind))
                for kind in self._get_service_labels()
            ),
            total=total,
        )

    @api.model
    def _get_services_query(self, queries: dict[str, SQL], condition: SQL, period: SQL) -> SQL:
        """The kinds of service side by side and their sum.

        :param queries: as in `_get_service_queries`
        :return: statement of rows (customer_id, company_id, period, *kinds, service)
        """
        return SQL(
            """
            SELECT customer_id, company_id, period%(kinds)s, SUM(amount) AS service
              FROM (%(costs)s) cost
          GROUP BY customer_id, company_id, period
            """,
            kinds=SQL().join(
                SQL(", SUM(amount) FILTER (WHERE kind = %s) AS %s", kind, SQL.identifier(kind)) for kind in queries
            ),
            costs=SQL(" UNION ALL ").join(
                SQL(
                    "SELECT %s AS kind, cost.* FROM (%s) cost",
                    kind, self._get_service_cost_query(query, condition, period),
                )
                for kind, query in queries.items()
            ),
        )

    @api.model
    def _get_service_cost_query(self, query: SQL, condition: SQL, period: SQL) -> SQL:
        """One kind of service, added up and rounded as its currency is.

        :param query: as in `_get_service_queries`
        :param condition: as in `_get_profit_query`
        :param period: likewise
        :return: statement of rows (customer_id, company_id, period, amount)
        """
        return SQL(
            """
            SELECT cost.customer_id,
                   cost.company_id,
                   cost.period,
                   ROUND(SUM(cost.amount)::numeric, MIN(currency.decimal_places)) AS amount
              FROM (SELECT *, %(period)s AS period
                      FROM (SELECT service.customer_id, customer.company_id, service.day, service.amount
                              FROM (%(query)s) service
                              JOIN scp_customer customer ON customer.id = service.customer_id) entry
                     WHERE %(condition)s) cost
              JOIN res_company company ON company.id = cost.company_id
              JOIN res_currency currency ON currency.id = company.currency_id
          GROUP BY cost.customer_id, cost.company_id, cost.period
            """,
            query=query,
            condition=condition,
            period=period,
        )

    # === BUSINESS METHODS: SERVICES ===#

    @api.model
    def _get_complaint_cost_query(self) -> SQL:
        """Costs of complaints on their days. What a posted credit note gives back is in the books
        already and no cost once more."""
        return SQL(
            """
            SELECT customer.id AS customer_id, cost.date AS day, cost.amount_company AS amount
              FROM scp_complaint_cost cost
              JOIN scp_complaint complaint ON complaint.id = cost.complaint_id
              JOIN scp_customer customer
                ON customer.partner_id = complaint.commercial_partner_id
               AND customer.company_id = complaint.company_id
             WHERE complaint.state != 'duplicate'
               AND NOT EXISTS (
                   SELECT FROM account_move move
                    WHERE move.state = 'posted'
                      AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
                      AND move.id = CASE cost.source_model
                          WHEN 'account.move' THEN cost.source_id
                          WHEN 'scp.complaint.compensation' THEN (
                              SELECT compensation.refund_move_id
                                FROM scp_complaint_compensation compensation
                               WHERE compensation.id = cost.source_id)
                          END)
            """,
        )

    @api.model
    def _get_visit_cost_query(self) -> SQL:
        """Meetings of the calendar that have begun, with somebody of the customer or about one of
        his opportunities: hours, times our people there, times what an hour costs.

        A whole day counts with the hours of a working day. Customers who meet us together share
        the cost equally. The company is that of the organiser.
        """
        return SQL(
            """
            SELECT meeting.customer_id,
                   meeting.day,
                   meeting.hours * meeting.people * meeting.hour_cost
                   / COUNT(*) OVER (PARTITION BY meeting.event_id) AS amount
              FROM (
                   SELECT DISTINCT event.id AS event_id,
                          customer.id AS customer_id,
                          (event.start AT TIME ZONE 'UTC'
                           AT TIME ZONE COALESCE(calendar.tz, 'UTC'))::date AS day,
                          CASE WHEN event.allday
                               THEN COALESCE(calendar.hours_per_day, 8)::numeric
                                    * (event.stop::date - event.start::date + 1)
                               ELSE COALESCE(event.duration, 0)::numeric
                           END AS hours,
                          GREATEST(1, (
                              SELECT COUNT(DISTINCT own.id)
                                FROM calendar_event_res_partner_rel attending
                                JOIN res_users own
                                  ON own.partner_id = attending.res_partner_id AND NOT own.share
                               WHERE attending.calendar_event_id = event.id
                          )) AS people,
                          company.scp_visit_hour_cost AS hour_cost
                     FROM calendar_event event
                     JOIN res_users organiser ON organiser.id = event.user_id
                     JOIN res_company company
                       ON company.id = organiser.company_id AND company.scp_visit_hour_cost > 0
                LEFT JOIN resource_calendar calendar ON calendar.id = company.resource_calendar_id
                LEFT JOIN crm_lead deal ON deal.id = event.opportunity_id
                     JOIN LATERAL (
                          SELECT attending.res_partner_id AS partner_id
                            FROM calendar_event_res_partner_rel attending
                           WHERE attending.calendar_event_id = event.id
                             AND NOT EXISTS (
                                 SELECT FROM res_users own
                                  WHERE own.partner_id = attending.res_partner_id AND NOT own.share)
                           UNION
                          SELECT deal.partner_id
                          ) guest ON TRUE
                     JOIN res_partner contact ON contact.id = guest.partner_id
                     JOIN scp_customer customer
                       ON customer.partner_id = contact.commercial_partner_id
                      AND customer.company_id = company.id
                    WHERE event.active
                      AND event.start <= %(now)s
                   ) meeting
            """,
            now=fields.Datetime.now(),
        )

    @api.model
    def _get_payment_delay_query(self) -> SQL:
        """Interest on receivables from the day they were due to the day they were paid, on that
        day; on what is still open, up to today, on today. What a credit note settled was no loan.
        """
        return SQL(
            """
            SELECT customer.id AS customer_id,
                   late.day,
                   late.amount * (late.day - late.due) * company.scp_payment_delay_rate::numeric
                   / 100 / 365 AS amount
              FROM (
                   SELECT line.move_id,
                          line.date_maturity AS due,
                          partial.max_date AS day,
                          partial.amount
                     FROM account_partial_reconcile partial
                     JOIN account_move_line line ON line.id = partial.debit_move_id
                     JOIN account_move_line payment ON payment.id = partial.credit_move_id
                     JOIN account_move source ON source.id = payment.move_id
                    WHERE partial.max_date > line.date_maturity
                      AND source.move_type != 'out_refund'
                   UNION ALL
                   SELECT line.move_id, line.date_maturity, %(today)s::date, line.amount_residual
                     FROM account_move_line line
                     JOIN account_account account ON account.id = line.account_id
                    WHERE account.account_type = 'asset_receivable'
                      AND line.reconciled IS NOT TRUE
                      AND line.amount_residual > 0
                      AND line.date_maturity < %(today)s
                   ) late
              JOIN account_move move
                ON move.id = late.move_id
               AND move.state = 'posted'
               AND move.move_type = 'out_invoice'
              JOIN res_company company
                ON company.id = move.company_id AND company.scp_payment_delay_rate > 0
              JOIN res_partner partner ON partner.id = move.partner_id
              JOIN scp_customer customer
                ON customer.partner_id = partner.commercial_partner_id
               AND customer.company_id = move.company_id
            """,
            today=fields.Date.context_today(self),
        )

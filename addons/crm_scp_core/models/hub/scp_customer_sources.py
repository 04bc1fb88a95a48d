from odoo import api, models
from odoo.tools import SQL


class ScpCustomer(models.Model):
    """Where customers and their measures come from. Addons extend the three methods by super().

    A statement may read anything; `scp.customer.refresh` narrows it to the customers at hand from
    outside, so plain joins and GROUP BY on the partner keep it fast, window functions do not.
    """

    _inherit = 'scp.customer'

    @api.model
    def _get_business_queries(self) -> dict[str, SQL]:
        """What makes a contact a customer of a company: any offer, order, deal or invoice,
        whatever became of it.

        :return: statements of rows (partner_id, company_id); several rows per pair are fine, and
            the partner may be a contact inside the customer
        """
        return {
            'orders': SQL("SELECT partner_id, company_id FROM sale_order"),
            'opportunities': SQL(
                "SELECT partner_id, company_id FROM %s deal", self._get_deal_table(),
            ),
            'invoices': SQL(
                """SELECT partner_id, company_id
                     FROM account_move
                    WHERE state = 'posted'
                      AND move_type IN ('out_invoice', 'out_refund', 'out_receipt')""",
            ),
        }

    @api.model
    def _get_measure_queries(self) -> dict[str, SQL]:
        """Statements of the measures, by code.

        - `orders`: untaxed amount of confirmed orders, over their number
        - `open_quotes`: untaxed amount of quotations not confirmed yet, over their number
        - `won_deals`: expected revenue of opportunities won, over their number
        - `win_rate`: opportunities won, over those won or lost

        Orders are converted at the rate frozen on the order, that of the day it was confirmed (or
        written, for a quotation). Odoo keeps the revenue of an opportunity in the currency of its
        company already: it is taken as it is.

        :return: statements of exactly (partner_id, company_id, period, numerator, denominator, n,
            currency_id), unique on the first three: commercial partner, company, first day of the
            month (`_get_month`); currency_id NULL where the numerator is not money
        """
        return {
            'orders': self._get_order_measure_query(SQL("sale_order.state = 'sale'")),
            'open_quotes': self._get_order_measure_query(
                SQL("sale_order.state IN ('draft', 'sent')")
            ),
            'won_deals': SQL(
                """SELECT deal.partner_id,
                          deal.company_id,
                          %(month)s AS period,
                          SUM(COALESCE(deal.expected_revenue, 0)) AS numerator,
                          COUNT(*) AS denominator,
                          COUNT(*) AS n,
                          company.currency_id
                     FROM %(deal)s deal
                     JOIN res_company company ON company.id = deal.company_id
                    WHERE deal.won_status = 'won'
                 GROUP BY 1, 2, 3, company.currency_id""",
                deal=self._get_deal_table(),
                month=self._get_month(SQL("deal.date_closed"), SQL("deal.company_id")),
            ),
            'win_rate': SQL(
                """SELECT deal.partner_id,
                          deal.company_id,
                          %(month)s AS period,
                          COUNT(*) FILTER (WHERE deal.won_status = 'won') AS numerator,
                          COUNT(*) AS denominator,
                          COUNT(*) AS n,
                          NULL::integer AS currency_id
                     FROM %(deal)s deal
                    WHERE deal.won_status IN ('won', 'lost')
                 GROUP BY 1, 2, 3""",
                deal=self._get_deal_table(),
                month=self._get_month(SQL("deal.date_closed"), SQL("deal.company_id")),
            ),
        }

    @api.model
    def _get_measure_sources(self) -> dict[str, str]:
        """Which addon provides each code: the first along the chain of `super()` that names it.

        :return: technical names of addons by code
        """
        sources = {}
        for cls in reversed(type(self).mro()):
            if '_get_measure_queries' in vars(cls):
                for code in cls._get_measure_queries(self):
                    sources.setdefault(code, cls._module)
        return sources

    @api.model
    def _get_month(self, timestamp: SQL, company: SQL) -> SQL:
        """First day of the month of a moment, where the company works.

        Odoo stores UTC. Around midnight the month of an order depends on the place: the time zone
        of the company's working hours decides, so that every user reads the same figure.

        :param timestamp: expression of type timestamp, UTC
        :param company: expression of the company's id
        :return: expression of type date
        """
        # sudo: the job works for all companies at once
        zones = {
            company.id: company.resource_calendar_id.tz or 'UTC'
            for company in self.env['res.company'].sudo().with_context(active_test=False).search([])
        }
        if len(set(zones.values())) == 1:
            zone = SQL("%s", next(iter(zones.values())))
        else:
            zone = SQL(
                "CASE %s %s END",
                company,
                SQL(" ").join(SQL("WHEN %s THEN %s", *item) for item in zones.items()),
            )
        return SQL("date_trunc('month', %s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date",
                   timestamp, zone)

    @api.model
    def _get_order_measure_query(self, condition: SQL) -> SQL:
        """Amount over number of the sales orders that satisfy `condition`."""
        return SQL(
            """SELECT partner.commercial_partner_id AS partner_id,
                      sale_order.company_id,
                      %(month)s AS period,
                      SUM(sale_order.amount_untaxed
                          / COALESCE(NULLIF(sale_order.currency_rate, 0), 1)) AS numerator,
                      COUNT(*) AS denominator,
                      COUNT(*) AS n,
                      company.currency_id
                 FROM sale_order
                 JOIN res_partner partner ON partner.id = sale_order.partner_id
                 JOIN res_company company ON company.id = sale_order.company_id
                WHERE %(condition)s
             GROUP BY 1, 2, 3, company.currency_id""",
            condition=condition,
            month=self._get_month(SQL("sale_order.date_order"), SQL("sale_order.company_id")),
        )

    @api.model
    def _get_deal_table(self) -> SQL:
        """Opportunities of known customers, lost and archived ones included, as a table
        expression (partner_id, company_id, won_status, expected_revenue, date_closed).

        A deal shared by all companies counts once: in the company of its team, else of its
        salesperson, else of who recorded it.
        """
        return SQL(
            """(SELECT partner.commercial_partner_id AS partner_id,
                       COALESCE(lead.company_id, team.company_id,
                                salesperson.company_id, author.company_id) AS company_id,
                       lead.won_status,
                       lead.expected_revenue,
                       COALESCE(lead.date_closed, lead.date_last_stage_update,
                                lead.create_date) AS date_closed
                  FROM crm_lead lead
                  JOIN res_partner partner ON partner.id = lead.partner_id
             LEFT JOIN crm_team team ON team.id = lead.team_id
             LEFT JOIN res_users salesperson ON salesperson.id = lead.user_id
             LEFT JOIN res_users author ON author.id = lead.create_uid
                 WHERE lead.type = 'opportunity')""",
        )

from odoo import api, models
from odoo.tools import SQL


class ScpCustomer(models.Model):
    """What complaints tell about a customer."""

    _inherit = 'scp.customer'

    @api.model
    def _get_business_queries(self) -> dict[str, SQL]:
        return {
            **super()._get_business_queries(),
            'complaints': SQL(
                "SELECT partner_id, company_id FROM scp_complaint WHERE partner_id IS NOT NULL",
            ),
        }

    @api.model
    def _get_measure_queries(self) -> dict[str, SQL]:
        """Adds, each by the month in which the complaint was received, duplicates left out:

        - `complaints`: number of complaints, over the same
        - `complaints_upheld`: justified ones, partly justified as half, over those decided
        - `complaint_first_response`: working hours to the first response, over those answered
        - `complaint_satisfaction`: ratings of 4 and 5, over all ratings
        - `complaint_cost`: cost in the currency of the company, over the number of complaints
        """
        return {
            **super()._get_measure_queries(),
            'complaints': self._get_complaint_measure_query(SQL("COUNT(*)"), SQL("COUNT(*)")),
            'complaints_upheld': self._get_complaint_measure_query(
                SQL(
                    "SUM(CASE complaint.is_justified WHEN 'yes' THEN 1 WHEN 'partly' THEN 0.5"
                    " ELSE 0 END)"
                ),
                SQL("COUNT(*)"),
                condition=SQL("complaint.decided_at IS NOT NULL"),
            ),
            'complaint_first_response': self._get_complaint_measure_query(
                SQL("SUM(complaint.first_response_hours)"), SQL("COUNT(*)"),
                condition=SQL("complaint.first_response_at IS NOT NULL"),
            ),
            'complaint_satisfaction': self._get_complaint_measure_query(
                SQL("COUNT(*) FILTER (WHERE rating.rating >= 4)"), SQL("COUNT(*)"),
                source=SQL(
                    """JOIN rating_rating rating
                         ON rating.res_model = 'scp.complaint' AND rating.res_id = complaint.id
                        AND rating.consumed AND rating.rating >= 1""",
                ),
            ),
            'complaint_cost': self._get_complaint_measure_query(
                SQL("SUM(COALESCE(cost.amount, 0))"), SQL("COUNT(*)"),
                source=SQL(
                    """LEFT JOIN (SELECT complaint_id, SUM(amount_company) AS amount
                                    FROM scp_complaint_cost GROUP BY complaint_id) cost
                         ON cost.complaint_id = complaint.id""",
                ),
                currency=SQL("company.currency_id"),
            ),
        }

    @api.model
    def _get_complaint_measure_query(
        self, numerator, denominator, *, condition=None, source=None, currency=None,
    ) -> SQL:
        """A measure over the complaints of a month of receipt, archived ones included.

        :param numerator: aggregate over `complaint` and `source`
        :param denominator: the same
        :param condition: which complaints count
        :param source: joins
        :param currency: expression of the currency's id where the numerator is money
        """
        return SQL(
            """SELECT complaint.commercial_partner_id AS partner_id,
                      complaint.company_id,
                      %(month)s AS period,
                      %(numerator)s AS numerator,
                      %(denominator)s AS denominator,
                      COUNT(*) AS n,
                      %(currency)s AS currency_id
                 FROM scp_complaint complaint
                 JOIN res_company company ON company.id = complaint.company_id
                 %(source)s
                WHERE complaint.state != 'duplicate'
                  AND complaint.commercial_partner_id IS NOT NULL
                  AND %(condition)s
             GROUP BY 1, 2, 3, company.currency_id""",
            month=self._get_month(SQL("complaint.received_at"), SQL("complaint.company_id")),
            numerator=numerator,
            denominator=denominator,
            currency=currency or SQL("NULL::integer"),
            source=source or SQL(),
            condition=condition or SQL("TRUE"),
        )

    def _get_document_queries(self, hub: SQL, contacts: SQL | None = None, amounts=False) -> list[SQL]:
        """Complaints are where a customer is talked to."""
        queries = super()._get_document_queries(hub, contacts, amounts)
        Complaint = self.env['scp.complaint'].with_context(active_test=False)
        if Complaint.has_access('read'):
            query = Complaint._search([('commercial_partner_id', '!=', False)])
            queries.append(SQL(
                """SELECT c.id AS customer_id, 'scp.complaint' AS model, d.id AS res_id %(amount)s
                     FROM (%(hub)s) c
                     JOIN (%(complaints)s) d ON d.commercial_partner_id = c.partner_id
                      AND d.company_id = c.company_id""",
                hub=hub,
                amount=SQL(", NULL::float8 AS amount") if amounts else SQL(),
                complaints=query.select(*(
                    SQL("%s AS %s", Complaint._field_to_sql(query.table, name, query),
                        SQL.identifier(name))
                    for name in ('id', 'commercial_partner_id', 'company_id')
                )),
            ))
        return queries

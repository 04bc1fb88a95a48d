from odoo import api, models
from odoo.tools import SQL


class ScpCustomer(models.Model):
    """Facts follow the customer: they go with him, and are summed up again when contacts move."""

    _inherit = 'scp.customer'

    # === CRUD METHODS ===#

    def unlink(self):
        ids = self.ids
        result = super().unlink()
        self._unlink_facts(ids)
        return result

    # === BUSINESS METHODS: MEASURES ===#

    @api.model
    def _get_measure_queries(self) -> dict[str, SQL]:
        """Add what the books and the cost to serve say, as summed up by the last refresh of the days:

        - `invoiced`: untaxed amount of posted invoices less credit notes, over the days with any
        - `refunded`: taken back by credit notes, over what was ordered
        - `discount`: discount given on order lines, over their price without it
        - `cost_to_serve`: discount, returns and service, over the invoiced
        - `profit`: what is left of the invoiced, over the invoiced
        """
        fact = SQL("SELECT *, %s AS month FROM scp_value_fact", self._get_month_of_day(SQL("day")))
        profit = SQL("SELECT *, period AS month FROM (%s) profit", self._get_month_profit_query())
        return super()._get_measure_queries() | {
            'invoiced': self._get_day_measure_query(
                fact, SQL("SUM(invoiced)"), SQL("COUNT(*)"), SQL("invoiced != 0"),
            ),
            'refunded': self._get_day_measure_query(
                fact, SQL("SUM(refunded)"), SQL("SUM(ordered)"), SQL("refunded != 0 OR ordered != 0"),
            ),
            'discount': self._get_day_measure_query(
                fact, SQL("SUM(discount)"), SQL("SUM(ordered + discount)"),
                SQL("ordered != 0 OR discount != 0"),
            ),
            'cost_to_serve': self._get_day_measure_query(
                profit, SQL("SUM(cost_to_serve)"), SQL("SUM(invoiced)"), SQL("TRUE"),
            ),
            'profit': self._get_day_measure_query(
                profit, SQL("SUM(profit)"), SQL("SUM(invoiced)"), SQL("TRUE"),
            ),
        }

    @api.model
    def _get_month_of_day(self, day: SQL) -> SQL:
        # a timestamp of no zone: days have none to look up
        return SQL("date_trunc('month', %s::timestamp)::date", day)

    @api.model
    def _get_day_measure_query(self, source, numerator, denominator, condition) -> SQL:
        """A measure over rows of (customer_id, month, ...)."""
        return SQL(
            """SELECT customer.partner_id,
                      customer.company_id,
                      day.month AS period,
                      %(numerator)s AS numerator,
                      %(denominator)s AS denominator,
                      COUNT(*) AS n,
                      company.currency_id
                 FROM (%(source)s) day
                 JOIN scp_customer customer ON customer.id = day.customer_id
                 JOIN res_company company ON company.id = customer.company_id
                WHERE %(condition)s
             GROUP BY 1, 2, 3, company.currency_id""",
            source=source,
            numerator=numerator,
            denominator=denominator,
            condition=condition,
        )

    # === BUSINESS METHODS: KEEPING THE FACTS ===#

    @api.model
    def _refresh_for_partners(self, partners):
        """Contacts were merged or moved: what they ordered is somebody else's now."""
        result = super()._refresh_for_partners(partners)
        # sudo: the queue is nobody's but the job's
        self.env['scp.value.fact.due'].sudo()._add_partners(partners)
        return result

    @api.model
    def _unlink_facts(self, ids):
        """Remove what links loosely to customers that are gone.

        :param ids: ids of customers
        """
        if ids:
            self.env['scp.value.fact']._remove(SQL("customer_id = ANY(%s)", ids))

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools import binary_copy


class ScpValueRun(models.Model):
    """What a run reads: the purchases of each customer in its window, net of refunds.

    A purchase is a day with an order (`scp.value.fact`). Money of the window is what was ordered in
    it less what was refunded in it.
    """

    _inherit = 'scp.value.run'

    # === BUSINESS METHODS ===#

    def _refresh_facts(self):
        """Bring the facts up to date, and make sure that they can be trusted."""
        self.ensure_one()
        self.env['scp.value.fact.refresh']._refresh()
        self._checkpoint()
        self._check_rates()

    def _check_rates(self):
        """:raise UserError: orders of the window are in a currency nobody recorded a rate for"""
        self.ensure_one()
        start, stop = self._get_window_bounds(self.company_id, self.date_from, self.date_to)
        missing = self.env['scp.value.fact']._get_currencies_without_rate(
            self.company_id, start, stop,
        )
        if missing:
            raise UserError(self.env._(
                "%(company)s has orders in %(currencies)s, but no rate of exchange is recorded for "
                "it. Enter one under Invoicing > Configuration > Currencies, and set the orders "
                "right.",
                company=self.company_id.name,
                currencies=", ".join(missing.mapped('name')),
            ))

    def _fetch_purchases(self) -> list[tuple]:
        """:return: (customer id, days since the last purchase, purchases, orders, money) of each
            customer with a purchase in the window; money rounded to the currency of the company"""
        self.ensure_one()
        return self.env.execute_query(SQL(
            """
            SELECT fact.customer_id,
                   %(date_to)s::date - MAX(fact.day) FILTER (WHERE fact.order_count > 0),
                   COUNT(*) FILTER (WHERE fact.order_count > 0),
                   SUM(fact.order_count),
                   SUM(fact.amount)::float8
              FROM scp_value_fact fact
             WHERE %(window)s
          GROUP BY fact.customer_id
            HAVING SUM(fact.order_count) > 0
          ORDER BY fact.customer_id
            """,
            date_to=self.date_to,
            window=self._get_fact_window(),
        ))

    def _fetch_purchase_days(self, date_from=None):
        """The purchase days of the window, for the models of the engine.

        Money given back counts with the purchase before, as the customer saw it; given back before
        the first purchase of the window, it belongs to none in it. Rows come as one block of
        memory, 30 bytes each, and never as objects.

        :param date_from: first day, instead of that of the window
        :return: {'customer', 'day', 'money'}: numpy arrays of equal length, by customer and day:
            customer id, day (in days since 1970-01-01) and money in the currency of the company
        """
        self.ensure_one()
        query = SQL(
            """
            SELECT customer_id,
                   MIN(day) - '1970-01-01'::date,
                   SUM(amount)::float8
              FROM (SELECT fact.customer_id,
                           fact.day,
                           fact.amount,
                           COUNT(*) FILTER (WHERE fact.order_count > 0)
                               OVER (PARTITION BY fact.customer_id ORDER BY fact.day) AS purchase
                      FROM scp_value_fact fact
                     WHERE %(window)s) day
             WHERE purchase > 0
          GROUP BY customer_id, purchase
          ORDER BY customer_id, purchase
            """,
            window=self._get_fact_window(date_from),
        )
        return binary_copy.read(
            self.env.cr, query, {'customer': 'i4', 'day': 'i4', 'money': 'f8'},
        )

    def _get_fact_window(self, date_from=None) -> SQL:
        """:return: condition on `fact`: the days of the window, from another day on where that is
            given, that a purchase or its money is on"""
        self.ensure_one()
        return SQL(
            """
            fact.company_id = %(company)s
            AND fact.day BETWEEN %(date_from)s AND %(date_to)s
            AND (fact.order_count > 0 OR fact.amount != 0)
            """,
            company=self.company_id.id,
            date_from=date_from or self.date_from,
            date_to=self.date_to,
        )

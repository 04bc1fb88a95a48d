from odoo import api, models
from odoo.tools import SQL


class ScpValueFact(models.Model):
    """How facts are built: in steps, and of a customer no more than what may have changed.

    Lines are what costs. The orders of a customer are a dozen times as many as those that changed since yesterday, and
    their lines lie as far apart.
    """

    _inherit = 'scp.value.fact'

    @api.model
    def _get_staged_queries(self, due: SQL) -> dict[str, SQL]:
        """The facts of a set of customers, in steps.

        Their orders are looked up once and not by each source, and PostgreSQL counts them before it plans how to
        reach the lines: those of few orders by an index, those of all in one go.

        Of a customer of whom only some orders changed, only the days are built that these are on, that say something
        else than their orders, or that refunds of these orders are on. Days that gave something back are always
        built: a return that has left one leaves no count behind.

        :param due: statement of rows (customer_id, order_id), the customers and the order that changed, NULL where
            everything may have
        :return: statements whose rows belong into temporary tables of these names, each of which reads those before
        """
        return {
            'scp_value_fact_contact': SQL(
                """
                SELECT contact.*, whole
                  FROM (%s) contact
                  JOIN (SELECT customer_id, BOOL_OR(order_id IS NULL) AS whole FROM (%s) due GROUP BY customer_id) due
                 USING (customer_id)
                """,
                self._get_contact_query(SQL("TRUE")), due,
            ),
            'scp_value_fact_order': SQL(
                """
                SELECT so.*, whole
                  FROM (%s) so
                  JOIN (SELECT DISTINCT customer_id, whole FROM scp_value_fact_contact) due USING (customer_id)
                """,
                self._get_confirmed_query(SQL.identifier('scp_value_fact_contact')),
            ),
            'scp_value_fact_credited': self._get_credited_query(),
            'scp_value_fact_billed': SQL(
                "WITH so AS NOT MATERIALIZED (TABLE scp_value_fact_order) %s", self._get_billed_query(),
            ),
            'scp_value_fact_day': self._get_day_query(due),
            'scp_value_fact_fresh': self._get_fact_query(),
        }

    @api.model
    def _get_day_query(self, due: SQL) -> SQL:
        """:return: statement of rows (customer_id, day): the days to build of customers of whom some orders changed"""
        return SQL(
            """
              WITH so AS NOT MATERIALIZED (SELECT * FROM scp_value_fact_order WHERE NOT whole),
                   known AS NOT MATERIALIZED (
                       SELECT known.*
                         FROM scp_value_fact known
                         JOIN (SELECT DISTINCT customer_id FROM scp_value_fact_contact WHERE NOT whole) part
                        USING (customer_id)
                   )
            SELECT so.customer_id, so.day
              FROM so
              JOIN (%(due)s) due ON due.order_id = so.id
             UNION
            SELECT so.customer_id, billed.day
              FROM so
              JOIN (%(due)s) due ON due.order_id = so.id
              JOIN scp_value_fact_billed billed ON billed.order_id = so.id
             UNION
            SELECT customer_id, day
              FROM (SELECT customer_id, day, SUM(order_count) AS order_count, SUM(ordered) AS ordered
                      FROM (%(orders)s) ordered
                  GROUP BY customer_id, day) source
              FULL JOIN known USING (customer_id, day)
             WHERE (COALESCE(source.order_count, 0), COALESCE(source.ordered, 0))
                   != (COALESCE(known.order_count, 0), COALESCE(known.ordered, 0))
                OR known.refunded != 0
            """,
            due=due,
            orders=self._get_order_query(),
        )

    @api.model
    def _get_kept_query(self) -> SQL:
        """What was invoiced to customers of whom only orders changed, as it is known already."""
        return SQL(
            """
            SELECT customer_id,
                   known.company_id,
                   day,
                   NULL::integer,
                   NULL,
                   NULL,
                   NULL,
                   NULL,
                   NULL,
                   known.invoiced,
                   NULL
              FROM scp_value_fact_day
              JOIN scp_value_fact known USING (customer_id, day)
            """,
        )

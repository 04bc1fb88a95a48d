from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL


class LifeCycleSpans(NamedTuple):
    """Spans, in months, and ratios that tell the life-cycle stages apart."""

    new: int = 3
    silence: int = 6
    lost: int = 12
    compared: int = 6
    growing: float = 1.2
    shrinking: float = 0.5


class ScpCustomerRefresh(models.Model):
    """The life-cycle stages of a batch of customers, from their confirmed orders."""

    _inherit = 'scp.customer.refresh'

    @api.model
    def _get_life_cycle_spans(self) -> LifeCycleSpans:
        return LifeCycleSpans()

    @api.model
    def _get_life_cycle_query(self, condition: SQL) -> SQL:
        """Figures of the confirmed orders behind the life-cycle stage.

        :param condition: selects rows of `customer` (scp_customer)
        :return: statement of rows (customer_id, first, last, resumed, recent, prior): first and
            last month with an order; last month that ended a silence of `lost` months; amounts of
            the last `compared` full months and of as many before, in company currency
        """
        spans = self._get_life_cycle_spans()
        month = fields.Date.context_today(self).replace(day=1)
        recent = month - relativedelta(months=spans.compared)
        prior = recent - relativedelta(months=spans.compared)
        return SQL(
            """
              SELECT customer_id,
                     MIN(period) AS first,
                     MAX(period) AS last,
                     MAX(period) FILTER (
                         WHERE period - make_interval(months => %(lost)s) >= previous
                     ) AS resumed,
                     COALESCE(SUM(numerator) FILTER (
                         WHERE period >= %(recent)s AND period < %(month)s), 0) AS recent,
                     COALESCE(SUM(numerator) FILTER (
                         WHERE period >= %(prior)s AND period < %(recent)s), 0) AS prior
                FROM (SELECT measure.customer_id, measure.period, measure.numerator,
                             LAG(measure.period) OVER (
                                 PARTITION BY measure.customer_id ORDER BY measure.period
                             ) AS previous
                        FROM scp_customer_measure measure
                        JOIN scp_customer customer ON customer.id = measure.customer_id
                       WHERE measure.code = 'orders' AND %(condition)s) orders
            GROUP BY customer_id
            """,
            lost=spans.lost,
            month=month,
            recent=recent,
            prior=prior,
            condition=condition,
        )

    @api.model
    def _get_life_cycle_figures(self, customers) -> dict[int, dict]:
        """Rows of `_get_life_cycle_query` by id of the customer; none for those without orders."""
        if not customers.ids:
            return {}
        self.env['scp.customer.measure'].flush_model()
        rows = self.env.execute_query_dict(self._get_life_cycle_query(
            SQL("customer.id IN %s", tuple(customers.ids)),
        ))
        return {row['customer_id']: row for row in rows}

    @api.model
    def _update_life_cycle(self, scope):
        """Set the stages that follow from the orders, as the help of the field defines them.

        A stage set by hand stays until its day has passed; a company may switch the whole off.
        """
        spans = self._get_life_cycle_spans()
        today = fields.Date.context_today(self)
        month = today.replace(day=1)
        self._update_customers(
            SQL(
                """
                SELECT customer.id,
                       CASE WHEN f.last IS NULL THEN 'prospect'
                            WHEN f.first >= %(new)s THEN 'new'
                            WHEN f.resumed >= %(new)s THEN 'won_back'
                            WHEN f.last < %(lost)s THEN 'lost'
                            WHEN %(silent)s THEN 'at_risk'
                            WHEN f.recent < f.prior * %(shrinking)s THEN 'at_risk'
                            WHEN f.prior > 0 AND f.recent > f.prior * %(growing)s THEN 'growing'
                            ELSE 'stable'
                        END AS life_cycle_stage,
                       NULL::integer AS life_cycle_user_id,
                       NULL::varchar AS life_cycle_note,
                       NULL::date AS life_cycle_until,
                       to_jsonb(f) - 'customer_id' AS figures
                  FROM scp_customer customer
                  JOIN res_company company
                    ON company.id = customer.company_id AND company.scp_life_cycle_auto
             LEFT JOIN (%(figures)s) f ON f.customer_id = customer.id
                 WHERE %(scope)s
                   AND (customer.life_cycle_user_id IS NULL
                        OR customer.life_cycle_until < %(today)s)
                """,
                today=today,
                new=month - relativedelta(months=spans.new),
                silent=self._get_silent_condition(),
                lost=month - relativedelta(months=spans.lost),
                growing=spans.growing,
                shrinking=spans.shrinking,
                figures=self._get_life_cycle_query(scope(SQL("customer.partner_id"))),
                scope=scope(SQL("customer.partner_id")),
            ),
            ['life_cycle_stage', 'life_cycle_user_id', 'life_cycle_note', 'life_cycle_until'],
            # with the change itself: neither is ever there without the other
            SQL(
                """
                INSERT INTO scp_life_cycle_log
                            (customer_id, company_id, date, stage_from, stage_to, figures)
                     SELECT customer.id, customer.company_id, %(now)s, customer.life_cycle_stage,
                            changed.life_cycle_stage, changed.figures
                       FROM changed
                       JOIN scp_customer customer ON customer.id = changed.id
                      WHERE changed.life_cycle_stage != customer.life_cycle_stage
                """,
                now=fields.Datetime.now(),
            ),
        )

    @api.model
    def _get_silent_condition(self) -> SQL:
        """:return: condition on `customer` and `f`, his figures, that tells who has been silent for too
            long; addons that know the rhythm of a customer know better"""
        month = fields.Date.context_today(self).replace(day=1)
        return SQL("f.last < %s", month - relativedelta(months=self._get_life_cycle_spans().silence))

from datetime import date, datetime
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL


class Window(NamedTuple):
    """What the 7P of a month look at.

    :param company: id
    :param date_from: first of the twelve months' days
    :param date_to: last of them
    :param start: the same in naive UTC
    :param stop: first moment after
    :param run: id of the scoring, 0 where there is none
    """

    company: int
    date_from: date
    date_to: date
    start: datetime
    stop: datetime
    run: int


class ScpSevenp(models.Model):
    """The statements that the 7P are made of: one part for each source, joined on the customer."""

    _inherit = 'scp.sevenp'

    # === BUSINESS METHODS ===#

    @api.model
    def _get_parts(self, window: Window) -> dict[str, SQL]:
        """Sources of figures. Addons add theirs by `super()`.

        :return: statements of rows (customer_id, figures), at most one per customer, by name
        """
        return {
            'fact': self._get_fact_part(window),
            'measure': self._get_measure_part(window),
            'score': self._get_score_part(window),
            'deal': self._get_deal_part(window),
            'mix': self._get_mix_part(window),
            'offer': self._get_offer_part(window),
            'mailing': self._get_mailing_part(window),
        }

    @api.model
    def _get_figure_expressions(self) -> dict[str, SQL]:
        """:return: {field: expression over `customer` and the parts}; what is not known is NULL"""
        return {
            'completeness': SQL("customer.completeness"),
            'life_cycle_stage': SQL("customer.life_cycle_stage"),
            'first_day': SQL("fact.first_day"),
            'purchase_count': SQL("COALESCE(fact.purchase_count, 0)"),
            'usual_gap_days': SQL("score.usual_gap_days"),
            'alive_probability': SQL("score.alive_probability"),
            'credit_index': SQL("score.credit_index"),
            'invoiced': SQL("measure.invoiced"),
            'cost_to_serve': SQL("measure.cost_to_serve"),
            'profit': SQL("measure.profit"),
            'otif': SQL("measure.otif"),
            'complaint_count': SQL("COALESCE(measure.complaint_count, 0)"),
            'order_count': SQL("COALESCE(fact.order_count, 0)"),
            'refund_share': SQL(
                "CASE WHEN fact.ordered > 0 THEN GREATEST(0, LEAST(1, fact.refunded / fact.ordered)) END",
            ),
            'open_weighted': SQL("deal.open_weighted"),
            'expected_revenue': SQL("score.expected_revenue"),
            'next_order_date': SQL("score.next_order_date"),
            'product_count': SQL("mix.product_count"),
            'main_share': SQL("mix.main_share"),
            'a_share': SQL("mix.a_share"),
            'again_product_id': SQL("offer.again_product_id"),
            'new_product_id': SQL("offer.new_product_id"),
            'mailing_count': SQL("COALESCE(mailing.mailing_count, 0)"),
            'response_share': SQL("mailing.response_share"),
            'discount_share': SQL("fact.discount / NULLIF(fact.ordered + fact.discount, 0)"),
        }

    @api.model
    def _get_index_expressions(self) -> dict[str, list[SQL]]:
        """What each P is the mean of: expressions over `figure` (the figures of a customer), 0 to 100, those
        without data left out.

        :return: {P: expressions}
        """
        standing = self._get_standing
        return {
            'profiling': [SQL("figure.completeness::numeric")],
            'persistency': [
                standing(SQL("figure.day - figure.first_day")),
                standing(SQL("figure.alive_probability")),
                SQL("figure.credit_index"),
            ],
            'profitability': [standing(SQL("figure.profit"))],
            'performance': [
                SQL("100 * figure.otif"),
                SQL(
                    "CASE WHEN figure.order_count > 0"
                    " THEN 100 * GREATEST(0, 1 - figure.complaint_count::numeric / figure.order_count) END",
                ),
                SQL("100 * (1 - figure.refund_share)"),
            ],
            'prospecting': [standing(SQL("figure.expected_revenue")), standing(SQL("figure.open_weighted"))],
            'product': [standing(SQL("figure.product_count")), SQL("100 * (1 - figure.main_share)")],
            'promotion': [
                SQL("100 * figure.response_share"),
                SQL("100 - %s", standing(SQL("figure.discount_share"))),
            ],
        }

    @api.model
    def _get_standing(self, value: SQL) -> SQL:
        """Part of the customers with data who have less, those with as much counted half, 0 to 100."""
        window = SQL("(PARTITION BY %s IS NULL ORDER BY %s)", value, value)
        return SQL(
            """CASE WHEN %(value)s IS NOT NULL THEN (50 * (
                    (RANK() OVER %(window)s - 1)::float8 / COUNT(*) OVER (PARTITION BY %(value)s IS NULL)
                    + CUME_DIST() OVER %(window)s))::numeric END""",
            value=value, window=window,
        )

    # === BUSINESS METHODS: PARTS ===#

    @api.model
    def _get_fact_part(self, window) -> SQL:
        return SQL(
            """
            SELECT customer_id,
                   MIN(day) FILTER (WHERE order_count > 0) AS first_day,
                   COUNT(*) FILTER (WHERE order_count > 0 AND day >= %(date_from)s) AS purchase_count,
                   SUM(order_count) FILTER (WHERE day >= %(date_from)s) AS order_count,
                   SUM(ordered) FILTER (WHERE day >= %(date_from)s) AS ordered,
                   SUM(refunded) FILTER (WHERE day >= %(date_from)s) AS refunded,
                   SUM(discount) FILTER (WHERE day >= %(date_from)s) AS discount
              FROM scp_value_fact
             WHERE company_id = %(company)s AND day <= %(date_to)s
          GROUP BY customer_id
            """,
            **window._asdict(),
        )

    @api.model
    def _get_measure_part(self, window) -> SQL:
        """What other addons know is among them: on time in full, where deliveries are followed."""
        return SQL(
            """
            SELECT customer_id,
                   SUM(numerator) FILTER (WHERE code = 'invoiced') AS invoiced,
                   SUM(numerator) FILTER (WHERE code = 'cost_to_serve') AS cost_to_serve,
                   SUM(numerator) FILTER (WHERE code = 'profit') AS profit,
                   SUM(numerator) FILTER (WHERE code = 'otif')
                   / NULLIF(SUM(denominator) FILTER (WHERE code = 'otif'), 0) AS otif,
                   SUM(numerator) FILTER (WHERE code = 'complaints') AS complaint_count
              FROM scp_customer_measure
             WHERE company_id = %(company)s
               AND period >= date_trunc('month', %(date_from)s::date)
               AND period <= %(date_to)s
               AND code IN ('invoiced', 'cost_to_serve', 'profit', 'otif', 'complaints')
          GROUP BY customer_id
            """,
            **window._asdict(),
        )

    @api.model
    def _get_score_part(self, window) -> SQL:
        return SQL(
            """
            SELECT customer_id, usual_gap_days, alive_probability, credit_index,
                   expected_revenue_12m AS expected_revenue, next_order_date
              FROM scp_value_score
             WHERE run_id = %(run)s
            """,
            **window._asdict(),
        )

    @api.model
    def _get_deal_part(self, window) -> SQL:
        """Deals of no company count in that of their team, else of their salesperson: as in core's measures."""
        return SQL(
            """
            SELECT customer.id AS customer_id,
                   SUM(lead.expected_revenue * lead.probability::numeric / 100) AS open_weighted
              FROM crm_lead lead
              JOIN res_partner partner ON partner.id = lead.partner_id
         LEFT JOIN crm_team team ON team.id = lead.team_id
         LEFT JOIN res_users salesperson ON salesperson.id = lead.user_id
              JOIN scp_customer customer
                ON customer.partner_id = partner.commercial_partner_id
               AND customer.company_id = COALESCE(lead.company_id, team.company_id, salesperson.company_id)
             WHERE lead.type = 'opportunity'
               AND lead.active
               AND lead.won_status = 'pending'
               AND customer.company_id = %(company)s
          GROUP BY customer.id
            """,
            **window._asdict(),
        )

    @api.model
    def _get_mix_part(self, _window) -> SQL:
        """Which products make his orders: class A are those that together make the first 80 % of the sales."""
        return SQL(
            """
              SELECT bought.customer_id,
                     COUNT(*) AS product_count,
                     MAX(bought.amount) / NULLIF(SUM(bought.amount), 0) AS main_share,
                     COALESCE(SUM(bought.amount) FILTER (WHERE class.is_a), 0)
                     / NULLIF(SUM(bought.amount), 0) AS a_share
                FROM product_bought bought
                JOIN (SELECT product_id,
                             SUM(amount) OVER (ORDER BY amount DESC, product_id) - amount
                             < 0.8 * SUM(amount) OVER () AS is_a
                        FROM (SELECT product_id, SUM(amount) AS amount
                                FROM product_bought
                            GROUP BY product_id) total) class
                  ON class.product_id = bought.product_id
            GROUP BY bought.customer_id
            """,
        )

    @api.model
    def _get_bought_query(self, window) -> SQL:
        """:return: statement of rows (customer_id, product_id, amount): sales of twelve months, net of nothing"""
        Fact = self.env['scp.value.fact']
        return SQL(
            """
              SELECT contact.customer_id,
                     line.product_id,
                     SUM(%(amount)s) AS amount
                FROM (%(contacts)s) contact
                JOIN sale_order so
                  ON so.partner_id = contact.partner_id
                 AND so.company_id = contact.company_id
                 AND so.state = 'sale'
                 AND so.date_order >= %(start)s
                 AND so.date_order < %(stop)s
                JOIN sale_order_line line ON line.order_id = so.id AND %(condition)s
               WHERE line.product_id IS NOT NULL
            GROUP BY contact.customer_id, line.product_id
            """,
            amount=Fact._convert(SQL("line.price_subtotal")),
            contacts=Fact._get_contact_query(SQL("customer.company_id = %s", window.company)),
            condition=self.env['scp.affinity.run']._get_line_condition(),
            start=window.start, stop=window.stop,
        )

    @api.model
    def _get_offer_part(self, window) -> SQL:
        """The best suggestions; one whose product is archived is none."""
        return SQL(
            """
              SELECT customer_id,
                     (ARRAY_AGG(product_id ORDER BY rank) FILTER (WHERE kind = 'again'))[1] AS again_product_id,
                     (ARRAY_AGG(product_id ORDER BY rank) FILTER (WHERE kind = 'new'))[1] AS new_product_id
                FROM scp_affinity_suggestion suggestion
                JOIN product_product product ON product.id = suggestion.product_id AND product.active
               WHERE company_id = %(company)s
            GROUP BY customer_id
            """,
            **window._asdict(),
        )

    @api.model
    def _get_mailing_part(self, window) -> SQL:
        """Mailings to him and to his contacts."""
        return SQL(
            """
              SELECT customer.id AS customer_id,
                     COUNT(*) AS mailing_count,
                     AVG((trace.open_datetime IS NOT NULL OR trace.reply_datetime IS NOT NULL
                          OR trace.links_click_datetime IS NOT NULL)::integer) AS response_share
                FROM mailing_trace trace
                JOIN res_partner partner ON partner.id = trace.res_id
                JOIN scp_customer customer ON customer.partner_id = partner.commercial_partner_id
               WHERE trace.model = 'res.partner'
                 AND trace.is_test_trace IS NOT TRUE
                 AND trace.sent_datetime >= %(start)s
                 AND trace.sent_datetime < %(stop)s
                 AND customer.company_id = %(company)s
            GROUP BY customer.id
            """,
            **window._asdict(),
        )

from odoo import api, models
from odoo.tools import SQL


class ScpValueFact(models.Model):
    """The statement that the facts are built from.

    All sums are exact decimals, so that the same documents give the same row whichever order they
    are read in. What a source knows nothing of is NULL, which costs a sum nothing.
    """

    _inherit = 'scp.value.fact'

    @api.model
    def _get_source_fields(self) -> dict[str, list[str]]:
        """Fields that the statement reads, by model: written out before it runs."""
        return {
            'account.move': [
                'amount_untaxed_signed', 'company_id', 'date', 'move_type', 'partner_id', 'state',
            ],
            'account.move.line': [
                'balance', 'currency_id', 'move_id', 'price_subtotal', 'sale_line_ids',
            ],
            'res.company': ['currency_id', 'resource_calendar_id'],
            'resource.calendar': ['tz'],
            'res.partner': ['commercial_partner_id'],
            'sale.order': [
                'amount_untaxed', 'company_id', 'currency_id', 'currency_rate', 'date_order',
                'margin', 'partner_id', 'state',
            ],
            'sale.order.line': [
                'discount', 'display_type', 'is_downpayment', 'margin', 'order_id',
                'price_subtotal', 'price_unit', 'product_uom_qty', 'untaxed_amount_invoiced',
            ],
            'scp.customer': ['company_id', 'partner_id'],
        }

    @api.model
    def _get_currencies_without_rate(self, company, start, stop):
        """Currencies of confirmed orders that no rate is recorded for: Odoo takes them for one unit
        of another each, without a word.

        :param start: first moment, naive UTC
        :param stop: first moment after
        :return: `res.currency`
        """
        return self.env['res.currency'].browse(currency_id for [currency_id] in self.env.execute_query(SQL(
            """
            SELECT used.currency_id
              FROM (SELECT DISTINCT currency_id
                      FROM sale_order
                     WHERE company_id = %(company)s
                       AND state = 'sale'
                       AND date_order >= %(start)s
                       AND date_order < %(stop)s) used
             WHERE used.currency_id != %(currency)s
               AND NOT EXISTS (
                   SELECT FROM res_currency_rate rate
                    WHERE (rate.currency_id = used.currency_id
                           OR rate.currency_id = %(currency)s AND rate.rate != 1)
                      AND (rate.company_id IS NULL OR rate.company_id = %(root)s)
               )
          ORDER BY used.currency_id
            """,
            company=company.id,
            currency=company.currency_id.id,
            root=company.root_id.id,
            start=start,
            stop=stop,
        )))

    @api.model
    def _get_fact_query(self) -> SQL:
        """The facts of the customers staged.

        :return: statement of rows (customer_id, company_id, day, *`_get_measure_names`), one per
            customer and day on which anything is not zero
        """
        built = SQL("whole OR (customer_id, day) IN (TABLE scp_value_fact_day)")
        return SQL(
            """
              WITH contact AS NOT MATERIALIZED (SELECT * FROM scp_value_fact_contact WHERE whole),
                   so AS NOT MATERIALIZED (SELECT * FROM scp_value_fact_order WHERE %(built)s),
                   entry AS (
                       %(orders)s UNION ALL %(lines)s UNION ALL %(refunds)s UNION ALL %(invoices)s
                       UNION ALL %(kept)s
                   ),
                   total AS (
                       SELECT customer_id,
                              company_id,
                              day,
                              COALESCE(SUM(order_count), 0)::integer AS order_count,
                              COALESCE(SUM(ordered), 0) AS ordered,
                              COALESCE(ROUND(SUM(refunded), MIN(digits)), 0) AS refunded,
                              COALESCE(ROUND(SUM(cost), MIN(digits)), 0) AS cost,
                              COALESCE(ROUND(SUM(discount), MIN(digits)), 0) AS discount,
                              COALESCE(SUM(invoiced), 0) AS invoiced,
                              COALESCE(ROUND(SUM(invoiced_cost), MIN(digits)), 0) AS invoiced_cost
                         FROM entry
                     GROUP BY customer_id, company_id, day
                   )
            SELECT customer_id,
                   company_id,
                   day,
                   order_count,
                   ordered,
                   refunded,
                   ordered - refunded AS amount,
                   cost,
                   ordered - refunded - cost AS margin,
                   discount,
                   invoiced,
                   invoiced_cost
              FROM total
             WHERE order_count != 0
                OR (ordered, refunded, cost, discount, invoiced, invoiced_cost)
                   IS DISTINCT FROM (0, 0, 0, 0, 0, 0)
            """,
            built=built,
            orders=self._get_order_query(),
            lines=self._get_order_line_query(),
            refunds=self._get_refund_query(built),
            invoices=self._get_invoice_query(),
            kept=self._get_kept_query(),
        )

    @api.model
    def _get_difference_query(self) -> SQL:
        """Customers whose orders or invoices, added up from the documents, are not what their facts
        add up to.

        :return: statement of rows (customer_id), customers that are gone among them
        """
        return SQL(
            """
              WITH contact AS NOT MATERIALIZED (%(contacts)s),
                   so AS NOT MATERIALIZED (%(confirmed)s),
                   entry AS (%(orders)s UNION ALL %(invoices)s)
            SELECT customer_id
              FROM (SELECT customer_id, SUM(order_count) AS order_count, SUM(ordered) AS ordered,
                           SUM(invoiced) AS invoiced
                      FROM entry
                  GROUP BY customer_id) source
              FULL JOIN (SELECT customer_id, SUM(order_count) AS order_count, SUM(ordered) AS ordered,
                                SUM(invoiced) AS invoiced
                           FROM scp_value_fact
                       GROUP BY customer_id) known USING (customer_id)
             WHERE (COALESCE(source.order_count, 0), COALESCE(source.ordered, 0),
                    COALESCE(source.invoiced, 0))
                   != (COALESCE(known.order_count, 0), COALESCE(known.ordered, 0),
                       COALESCE(known.invoiced, 0))
            """,
            contacts=self._get_contact_query(SQL("TRUE")),
            confirmed=self._get_confirmed_query(SQL("contact")),
            orders=self._get_order_query(),
            invoices=self._get_invoice_query(),
        )

    @api.model
    def _get_contact_query(self, scope: SQL) -> SQL:
        """:return: statement of rows (partner_id, customer_id, company_id, timezone, digits): the
            contacts of each customer, himself included"""
        return SQL(
            """
            SELECT partner.id AS partner_id,
                   customer.id AS customer_id,
                   customer.company_id,
                   COALESCE(calendar.tz, 'UTC') AS timezone,
                   currency.decimal_places AS digits
              FROM scp_customer customer
              JOIN res_partner partner ON partner.commercial_partner_id = customer.partner_id
              JOIN res_company company ON company.id = customer.company_id
              JOIN res_currency currency ON currency.id = company.currency_id
         LEFT JOIN resource_calendar calendar ON calendar.id = company.resource_calendar_id
             WHERE %(scope)s
            """,
            scope=scope,
        )

    @api.model
    def _get_confirmed_query(self, contacts: SQL) -> SQL:
        """:param contacts: table of the rows of `_get_contact_query`
        :return: statement of the confirmed orders of contacts: whose they are, their day and what is summed up of them
        """
        return SQL(
            """
            SELECT so.id,
                   contact.customer_id,
                   contact.company_id,
                   contact.digits,
                   %(day)s AS day,
                   so.currency_id,
                   so.currency_rate,
                   so.amount_untaxed,
                   so.margin
              FROM %(contacts)s contact
              JOIN sale_order so
                ON so.partner_id = contact.partner_id
               AND so.company_id = contact.company_id
             WHERE so.state = 'sale'
            """,
            contacts=contacts,
            day=self._get_order_day(),
        )

    @api.model
    def _get_order_query(self) -> SQL:
        """Confirmed orders; one below zero is a return, not a purchase. The cost of an order is
        what its stored margin leaves of its stored amount."""
        return SQL(
            """
            SELECT so.customer_id,
                   so.company_id,
                   so.day,
                   so.digits,
                   (so.amount_untaxed >= 0)::integer AS order_count,
                   GREATEST(converted.amount, 0) AS ordered,
                   CASE WHEN converted.amount < 0 THEN -converted.amount END AS refunded,
                   converted.cost,
                   NULL::numeric AS discount,
                   NULL::numeric AS invoiced,
                   converted.cost AS invoiced_cost
              FROM so
             CROSS JOIN LATERAL (
                   SELECT ROUND(%(amount)s, so.digits) AS amount,
                          ROUND(%(cost)s, so.digits) AS cost
                   ) converted
            """,
            amount=self._convert(SQL("so.amount_untaxed")),
            cost=self._convert(SQL("(so.amount_untaxed - COALESCE(so.margin, 0))")),
        )

    @api.model
    def _get_order_line_query(self) -> SQL:
        """What only the lines tell: discounts, and the cost of what is not invoiced yet.

        Most lines have no discount and are invoiced in full: they are passed over.
        """
        return SQL(
            """
            SELECT so.customer_id,
                   so.company_id,
                   so.day,
                   so.digits,
                   NULL,
                   NULL,
                   NULL,
                   NULL,
                   %(discount)s,
                   NULL,
                   %(not_invoiced)s
              FROM so
              JOIN sale_order_line line ON line.order_id = so.id
             WHERE line.display_type IS NULL
               AND (line.discount > 0
                    OR line.untaxed_amount_invoiced IS DISTINCT FROM line.price_subtotal)
            """,
            discount=self._convert(SQL(
                """
                CASE WHEN line.discount BETWEEN 0.0001 AND 99.9999
                     THEN line.price_subtotal * line.discount / (100 - line.discount)
                     WHEN line.discount >= 100
                     THEN line.price_unit * line.product_uom_qty
                 END
                """,
            )),
            not_invoiced=self._convert(SQL(
                """
                CASE WHEN line.price_subtotal != 0
                     THEN (line.price_subtotal - COALESCE(line.margin, 0))
                          * (GREATEST(0, LEAST(1, COALESCE(line.untaxed_amount_invoiced, 0)
                                                  / line.price_subtotal)) - 1)
                 END
                """,
            )),
        )

    @api.model
    def _get_refund_query(self, condition: SQL) -> SQL:
        """What posted credit notes took back from order lines, on their accounting dates.

        An invoice that is credited and issued again takes nothing back. What tells is the order
        line: of amount A, with I invoiced and R credited up to a day,

            refunded = R - max(0, min(I - A, R))

        is what the customer gave back by then: as far as more was invoiced than ordered, it was
        invoiced in place of what had been credited. A day counts with the change of that figure.

        Amounts in the currency of the order are converted at its rate: taking everything back
        leaves exactly nothing. Others count with their balance. An invoice line that stands for
        several order lines is divided equally among them. Down payments are left out: they take
        back a payment, not a purchase. A line of negative amount is mirrored.

        :param condition: on the columns of `_get_billed_query`, which days of them are asked for
        """
        return SQL(
            """
            SELECT customer_id,
                   company_id,
                   day,
                   digits,
                   NULL,
                   NULL,
                   sign * change AS refunded,
                   -sign * change * cost_share,
                   NULL,
                   NULL,
                   NULL
              FROM (SELECT *,
                           returned - LAG(returned, 1, 0.0) OVER (PARTITION BY line_id ORDER BY day) AS change
                      FROM (SELECT *,
                                   credited - GREATEST(0, LEAST(invoiced - amount, credited)) AS returned
                              FROM (SELECT billed.line_id,
                                           billed.customer_id,
                                           billed.company_id,
                                           billed.digits,
                                           billed.whole,
                                           billed.day,
                                           billed.sign,
                                           billed.cost_share,
                                           billed.sign * billed.amount AS amount,
                                           billed.sign * SUM(billed.invoiced) OVER days AS invoiced,
                                           billed.sign * SUM(billed.credited) OVER days AS credited
                                      FROM scp_value_fact_billed billed
                                    WINDOW days AS (PARTITION BY billed.line_id ORDER BY billed.day)
                                   ) running
                           ) line
                   ) line
             WHERE %(condition)s
            """,
            condition=condition,
        )

    @api.model
    def _get_billed_query(self) -> SQL:
        """:return: statement of what was invoiced and credited, by order line that has a credit
            note and by day, beside amount, sign and share of the cost of the line"""
        return SQL(
            """
            SELECT sol.id AS line_id,
                   so.id AS order_id,
                   so.customer_id,
                   so.company_id,
                   so.digits,
                   so.whole,
                   move.date AS day,
                   CASE WHEN sol.price_subtotal < 0 THEN -1 ELSE 1 END AS sign,
                   %(line_amount)s AS amount,
                   CASE WHEN sol.price_subtotal != 0
                        THEN 1 - COALESCE(sol.margin, 0) / sol.price_subtotal
                        ELSE 0
                    END AS cost_share,
                   SUM(CASE move.move_type WHEN 'out_invoice' THEN part.amount ELSE 0 END)
                       AS invoiced,
                   SUM(CASE move.move_type WHEN 'out_refund' THEN part.amount ELSE 0 END)
                       AS credited
              FROM scp_value_fact_credited sol
              JOIN so ON so.id = sol.order_id
              JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sol.id
              JOIN account_move_line aml ON aml.id = rel.invoice_line_id
              JOIN account_move move ON move.id = aml.move_id
             CROSS JOIN LATERAL (
                   SELECT CASE WHEN aml.currency_id = so.currency_id
                               THEN %(amount)s
                               WHEN move.move_type = 'out_refund' THEN aml.balance
                               ELSE -aml.balance
                           END / (SELECT COUNT(*)
                                    FROM sale_order_line_invoice_rel
                                   WHERE invoice_line_id = aml.id) AS amount
                   ) part
             WHERE move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_refund')
          GROUP BY sol.id, sol.price_subtotal, sol.margin, so.id, so.customer_id, so.company_id, so.digits,
                   so.whole, so.currency_rate, move.date
            """,
            line_amount=self._convert(SQL("sol.price_subtotal")),
            amount=self._convert(SQL("aml.price_subtotal")),
        )

    @api.model
    def _get_credited_query(self) -> SQL:
        """:return: statement of the order lines of the customers staged that a credit note is for"""
        return SQL(
            """
            SELECT line.id, line.order_id, line.price_subtotal, line.margin
              FROM scp_value_fact_credit credit
              JOIN scp_value_fact_order so ON so.id = credit.order_id
             CROSS JOIN LATERAL (SELECT * FROM sale_order_line WHERE id = credit.order_line_id LIMIT 1) line
             WHERE line.is_downpayment IS NOT TRUE
            """,
        )

    @api.model
    def _get_invoice_query(self) -> SQL:
        """What the books say, in the currency of the company: the untaxed amount of each posted
        invoice, credit note and receipt is the balance of its lines."""
        return SQL(
            """
            SELECT contact.customer_id,
                   contact.company_id,
                   move.date,
                   contact.digits,
                   NULL,
                   NULL,
                   NULL,
                   NULL,
                   NULL,
                   move.amount_untaxed_signed,
                   NULL
              FROM contact
              JOIN account_move move
                ON move.partner_id = contact.partner_id
               AND move.company_id = contact.company_id
             WHERE move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
            """,
        )

    @api.model
    def _get_order_day(self) -> SQL:
        """The day of an order where the company works."""
        return SQL("(so.date_order AT TIME ZONE 'UTC' AT TIME ZONE contact.timezone)::date")

    @api.model
    def _convert(self, amount: SQL) -> SQL:
        """An amount of `so` in the currency of the company, at the rate frozen on the order. Most
        orders need no division, which is what takes longest here."""
        return SQL(
            "CASE WHEN COALESCE(so.currency_rate, 0) IN (0, 1) THEN %s ELSE %s / so.currency_rate END",
            amount, amount,
        )

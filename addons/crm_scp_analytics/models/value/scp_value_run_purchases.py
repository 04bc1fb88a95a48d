from odoo import api, models
from odoo.tools import SQL


class ScpValueRun(models.Model):
    """What a run reads: the purchases of each customer in its window, net of refunds."""

    _inherit = 'scp.value.run'

    # === BUSINESS METHODS ===#

    def _add_missing_customers(self):
        """Have the hub add the buyers it does not know yet: its own job may not have come by."""
        for model, names in self._get_purchase_dependencies().items():
            self.env[model].flush_model(names)
        start, stop = self._get_window_bounds(self.company_id, self.date_from, self.date_to)
        missing = self.env.execute_query(SQL(
            """
            SELECT DISTINCT partner.commercial_partner_id
              FROM sale_order so
              JOIN res_partner partner ON partner.id = so.partner_id
             WHERE so.company_id = %(company)s
               AND so.state = 'sale'
               AND so.date_order >= %(start)s
               AND so.date_order < %(stop)s
               AND NOT EXISTS (
                   SELECT FROM scp_customer customer
                    WHERE customer.partner_id = partner.commercial_partner_id
                      AND customer.company_id = so.company_id
               )
            """,
            company=self.company_id.id,
            start=start,
            stop=stop,
        ))
        self.env['scp.customer']._refresh_for_partners(
            self.env['res.partner'].browse(partner_id for [partner_id] in missing),
        )

    def _fetch_purchases(self) -> list[tuple]:
        """:return: (customer id, days since the last purchase, purchases, orders, money) of each
            customer with a purchase in the window; money rounded to the currency of the company"""
        self.ensure_one()
        return self.env.execute_query(SQL(
            """
            SELECT purchase.customer_id,
                   %(date_to)s::date - MAX(purchase.day),
                   COUNT(DISTINCT purchase.day),
                   COUNT(*),
                   ROUND(SUM(purchase.amount)::numeric, %(digits)s)::float8
              FROM (%(purchases)s) purchase
          GROUP BY purchase.customer_id
          ORDER BY purchase.customer_id
            """,
            date_to=self.date_to,
            digits=self.currency_id.decimal_places,
            purchases=self._get_purchase_query(),
        ))

    @api.model
    def _get_purchase_dependencies(self) -> dict[str, list[str]]:
        """Fields that the purchase query reads, by model: written out before it runs."""
        return {
            'account.move': ['company_id', 'move_type', 'state', 'date'],
            'account.move.line': ['balance', 'currency_id', 'price_subtotal', 'sale_line_ids'],
            'res.partner': ['commercial_partner_id'],
            'sale.order': [
                'amount_untaxed', 'company_id', 'currency_id', 'currency_rate', 'date_order',
                'partner_id', 'state',
            ],
            'sale.order.line': ['is_downpayment', 'order_id'],
            'scp.customer': ['company_id', 'partner_id'],
        }

    def _get_purchase_query(self) -> SQL:
        """Confirmed orders of the window, each with what the customer kept of it.

        The untaxed amount of an order is the stored sum of its lines. It is converted at the rate
        that the order carries, so that history does not move with the exchange rate of today.

        :return: a statement of rows (customer_id, day, amount), one per order: the hub record of
            the commercial partner, the day in the time zone of the company, and the amount net of
            refunds in the currency of the company
        """
        self.ensure_one()
        start, stop = self._get_window_bounds(self.company_id, self.date_from, self.date_to)
        return SQL(
            """
            SELECT customer.id AS customer_id,
                   (so.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(timezone)s)::date AS day,
                   so.amount_untaxed / %(rate)s - COALESCE(refund.amount, 0) AS amount
              FROM sale_order so
              JOIN res_partner partner ON partner.id = so.partner_id
              JOIN scp_customer customer
                ON customer.partner_id = partner.commercial_partner_id
               AND customer.company_id = so.company_id
         LEFT JOIN (%(refunds)s) refund ON refund.order_id = so.id
             WHERE so.company_id = %(company)s
               AND so.state = 'sale'
               AND so.date_order >= %(start)s
               AND so.date_order < %(stop)s
            """,
            timezone=self._get_timezone(self.company_id),
            rate=self._get_order_rate(),
            refunds=self._get_refund_query(),
            company=self.company_id.id,
            start=start,
            stop=stop,
        )

    def _get_refund_query(self) -> SQL:
        """What posted credit notes took back from each order, up to the last day of the window.

        A credit note in the currency of the order is converted at the rate of the order: taking
        everything back leaves exactly nothing. One in another currency counts with its balance. A
        line that stands for several order lines is divided equally. Credit notes on down payments
        are left out: they take back a payment, not a purchase.

        :return: a statement of rows (order_id, amount), amounts in the currency of the company
        """
        self.ensure_one()
        return SQL(
            """
            SELECT so.id AS order_id,
                   SUM(
                       CASE WHEN line.currency_id = so.currency_id
                            THEN line.price_subtotal / %(rate)s
                            ELSE line.balance
                       END / line.order_line_count
                   ) AS amount
              FROM (
                    SELECT aml.currency_id,
                           aml.price_subtotal,
                           aml.balance,
                           rel.order_line_id,
                           COUNT(*) OVER (PARTITION BY aml.id) AS order_line_count
                      FROM account_move move
                      JOIN account_move_line aml ON aml.move_id = move.id
                      JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = aml.id
                     WHERE move.company_id = %(company)s
                       AND move.move_type = 'out_refund'
                       AND move.state = 'posted'
                       AND move.date <= %(date_to)s
                   ) line
              JOIN sale_order_line sol ON sol.id = line.order_line_id
              JOIN sale_order so ON so.id = sol.order_id
             WHERE sol.is_downpayment IS NOT TRUE
          GROUP BY so.id
            """,
            rate=self._get_order_rate(),
            company=self.company_id.id,
            date_to=self.date_to,
        )

    @api.model
    def _get_order_rate(self) -> SQL:
        """Units of the order's currency for one unit of the company's, as frozen on the order."""
        return SQL("COALESCE(NULLIF(so.currency_rate, 0), 1)")

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .res_partner import SHARED_GROUPS

#: Months of payments that tell how long a customer takes to pay.
PAYMENT_MONTHS = 12


class ResPartner(models.Model):
    """The customer's page: how much we stand to lose with him, and how long he takes to pay."""

    _inherit = 'res.partner'

    scp_to_invoice_amount = fields.Monetary(
        string="To Invoice",
        currency_field='scp_currency_id',
        compute='_compute_scp_exposure',
        groups=SHARED_GROUPS,
        help="What may be invoiced of confirmed orders and has not been, taxes included, at the rate of each order. "
             "What is invoiced on delivery counts from then on.",
    )
    scp_exposure_amount = fields.Monetary(
        string="Exposure",
        currency_field='scp_currency_id',
        compute='_compute_scp_exposure',
        groups=SHARED_GROUPS,
        help="Receivable and what is still to be invoiced: what there is to lose if the customer does not pay.",
    )
    scp_days_to_pay = fields.Float(
        string="Days to Pay",
        compute='_compute_scp_exposure',
        aggregator=None,
        groups=SHARED_GROUPS,
        help="Days from the date of an invoice to the last payment of it, mean of the invoices paid in the last twelve "
             "months. Paid in advance is 0 days; what was credited was not paid.",
    )
    scp_paid_invoice_count = fields.Integer(
        string="Paid Invoices",
        compute='_compute_scp_exposure',
        groups=SHARED_GROUPS,
        help="Invoices that were paid in full in the last twelve months.",
    )

    # === COMPUTE METHODS ===#

    @api.depends('scp_receivable_amount')
    @api.depends_context('company', 'uid')
    def _compute_scp_exposure(self):
        customers = self._get_scp_customers()
        figures = self._fetch_scp_exposure(list(customers)) if customers else {}
        for partner in self:
            to_invoice, days, paid = figures.get(partner.commercial_partner_id._origin.id, (0.0, 0, 0))
            partner.scp_to_invoice_amount = to_invoice
            partner.scp_exposure_amount = partner.scp_receivable_amount + to_invoice
            partner.scp_days_to_pay = days / paid if paid else 0.0
            partner.scp_paid_invoice_count = paid

    # === BUSINESS METHODS ===#

    @api.model
    def _fetch_scp_exposure(self, partner_ids):
        """By SQL, for who may see the customer may see the sums, not the documents behind them.

        :param partner_ids: ids of commercial partners
        :return: {id: (to invoice, days of the invoices paid, their number)}, in one statement
        """
        self.env['sale.order.line'].flush_model(['untaxed_amount_to_invoice', 'price_subtotal', 'price_total'])
        self.env['sale.order'].flush_model(['state', 'partner_invoice_id', 'currency_rate', 'company_id'])
        self.env['account.move'].flush_model(['payment_state', 'state', 'invoice_date', 'partner_id', 'company_id'])
        self.env['account.partial.reconcile'].flush_model(['max_date', 'debit_move_id'])
        self.env['res.partner'].flush_model(['commercial_partner_id'])
        values = {
            'ids': tuple(partner_ids),
            'company': self.env.company.id,
            'since': fields.Date.context_today(self) - relativedelta(months=PAYMENT_MONTHS),
        }
        return {
            partner_id: (to_invoice, days, paid)
            for partner_id, to_invoice, days, paid in self.env.execute_query(SQL(
                """
                SELECT partner.id,
                       COALESCE(ordered.amount, 0)::float8,
                       COALESCE(paid.days, 0),
                       COALESCE(paid.invoices, 0)
                  FROM res_partner partner
             LEFT JOIN (%(ordered)s) ordered ON ordered.partner_id = partner.id
             LEFT JOIN (%(paid)s) paid ON paid.partner_id = partner.id
                 WHERE partner.id IN %(ids)s
                """,
                ordered=self._get_scp_to_invoice_query(values),
                paid=self._get_scp_paid_query(values),
                ids=values['ids'],
            ))
        }

    @api.model
    def _get_scp_to_invoice_query(self, values) -> SQL:
        """What Odoo's lines say is to be invoiced, with their taxes; a down payment lowers it, but not below nothing.

        :return: statement of rows (partner_id, amount)
        """
        return SQL(
            """
            SELECT partner_id, SUM(GREATEST(amount, 0)) AS amount
              FROM (SELECT contact.commercial_partner_id AS partner_id,
                           SUM(line.untaxed_amount_to_invoice
                               * COALESCE(line.price_total / NULLIF(line.price_subtotal, 0), 1)
                               / COALESCE(NULLIF(sale_order.currency_rate, 0), 1)) AS amount
                      FROM res_partner contact
                      JOIN sale_order ON sale_order.partner_invoice_id = contact.id
                      JOIN sale_order_line line ON line.order_id = sale_order.id
                     WHERE contact.commercial_partner_id IN %(ids)s
                       AND sale_order.company_id = %(company)s
                       AND sale_order.state = 'sale'
                  GROUP BY contact.commercial_partner_id, sale_order.id) sale_order
          GROUP BY partner_id
            """,
            **values,
        )

    @api.model
    def _get_scp_paid_query(self, values) -> SQL:
        """:return: statement of rows (partner_id, days, invoices) of the invoices that were paid lately"""
        return SQL(
            """
            SELECT contact.commercial_partner_id AS partner_id,
                   SUM(GREATEST(payment.day - move.invoice_date, 0)) AS days,
                   COUNT(*) AS invoices
              FROM res_partner contact
              JOIN account_move move ON move.partner_id = contact.id
        CROSS JOIN LATERAL (
                   SELECT MAX(partial.max_date) AS day
                     FROM account_move_line line
                     JOIN account_partial_reconcile partial ON partial.debit_move_id = line.id
                    WHERE line.move_id = move.id) payment
             WHERE contact.commercial_partner_id IN %(ids)s
               AND move.company_id = %(company)s
               AND move.move_type = 'out_invoice'
               AND move.state = 'posted'
               AND move.payment_state = 'paid'
               AND payment.day > %(since)s
          GROUP BY contact.commercial_partner_id
            """,
            **values,
        )

from odoo import api, models
from odoo.tools import SQL


class ScpCustomer(models.Model):
    _inherit = 'scp.customer'

    # === BUSINESS METHODS ===#

    def _merge_into(self, kept):
        """Scores follow, of each run one: no foreign key tells that they are there."""
        if self:
            key = self._get_merge_keys()['scp.value.score']
            # sudo: as in core
            wizard = self.env['base.partner.merge.automatic.wizard'].sudo()
            wizard._scp_unlink_collisions('scp.value.score', 'customer_id', key, self.ids, kept.id)
            self.env.cr.execute(SQL(
                "UPDATE scp_value_score SET customer_id = %s WHERE customer_id IN %s", kept.id, tuple(self.ids),
            ))
        return super()._merge_into(kept)

    @api.model
    def _unlink_facts(self, ids):
        result = super()._unlink_facts(ids)
        if ids:
            self.env.cr.execute(SQL("DELETE FROM scp_value_score WHERE customer_id = ANY(%s)", ids))
            self.env['scp.value.score'].invalidate_model()
        return result

    @api.model
    def _get_merge_keys(self) -> dict[str, tuple[str, ...]]:
        return super()._get_merge_keys() | {'scp.value.score': ('run_id',)}

    @api.model
    def _get_measure_queries(self) -> dict[str, SQL]:
        """Add what the company earned and how long it waited for its money.

        - `margin`: margin of the confirmed orders, over their untaxed amount
        - `payment_days`: days from invoice date to full payment, over the number of invoices, in
          the month in which the last payment came in
        """
        return super()._get_measure_queries() | {
            'margin': self._get_margin_query(),
            'payment_days': self._get_payment_days_query(),
        }

    @api.model
    def _get_margin_query(self) -> SQL:
        """Cost is what the order lines carry, the rate is that of the order: both are frozen."""
        return SQL(
            """SELECT partner.commercial_partner_id AS partner_id,
                      sale_order.company_id,
                      %(month)s AS period,
                      SUM(sale_order.margin / %(rate)s) AS numerator,
                      SUM(sale_order.amount_untaxed / %(rate)s) AS denominator,
                      COUNT(*) AS n,
                      company.currency_id
                 FROM sale_order
                 JOIN res_partner partner ON partner.id = sale_order.partner_id
                 JOIN res_company company ON company.id = sale_order.company_id
                WHERE sale_order.state = 'sale'
             GROUP BY 1, 2, 3, company.currency_id""",
            month=self._get_month(SQL("sale_order.date_order"), SQL("sale_order.company_id")),
            rate=SQL("COALESCE(NULLIF(sale_order.currency_rate, 0), 1)"),
        )

    @api.model
    def _get_payment_days_query(self) -> SQL:
        """An invoice is paid on the day its last receivable is matched. Paid in advance is 0 days.

        Invoices that were credited instead of paid have another payment state and do not count.
        """
        return SQL(
            """SELECT partner.commercial_partner_id AS partner_id,
                      move.company_id,
                      date_trunc('month', paid.day)::date AS period,
                      SUM(GREATEST(paid.day - move.invoice_date, 0)) AS numerator,
                      COUNT(*) AS denominator,
                      COUNT(*) AS n,
                      NULL::integer AS currency_id
                 FROM account_move move
                 JOIN res_partner partner ON partner.id = move.partner_id
                 JOIN (SELECT line.move_id, MAX(partial.max_date) AS day
                         FROM account_move_line line
                         JOIN account_partial_reconcile partial ON partial.debit_move_id = line.id
                     GROUP BY line.move_id) paid ON paid.move_id = move.id
                WHERE move.move_type = 'out_invoice'
                  AND move.state = 'posted'
                  AND move.payment_state = 'paid'
             GROUP BY 1, 2, 3""",
        )

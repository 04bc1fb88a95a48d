from odoo import api, models
from odoo.tools import SQL

from ...tools import binary_copy


class ScpValueRun(models.Model):
    """How a customer pays, from the posted invoices and what was matched with them by the last day.

    An amount is late by the days from the day it was due to the day it was paid, or to the last day
    of the run where it is still open; paid before it was due is 0 days. What a credit note settled
    was never paid and does not count.

        days late       sum of amount * days late / sum of amount
        payment index   mean of the marks below, weighted with the amounts
        credit index    payment index * paid / (paid + overdue)

    The marks are those of the PAYDEX score of Dun & Bradstreet (80 for prompt, 70 for 15 days
    beyond terms, 60 for 22, 50 for 30, 40 for 60, 30 for 90, 20 for 120), in per cent of its
    prompt, with straight lines between them. The share collected of what had to be is the
    collection effectiveness index of the Credit Research Foundation.
    """

    _inherit = 'scp.value.run'

    # === BUSINESS METHODS ===#

    def _get_payment_columns(self, columns) -> dict:
        """Payment behaviour of each customer; no data where nothing was paid or has fallen due."""
        import numpy as np  # noqa: PLC0415  numpy is loaded by the process that scores

        self.env.flush_all()
        names = ('paid', 'overdue', 'open', 'days', 'marks')
        rows = binary_copy.read(
            self.env.cr, self._get_payment_query(), {'customer': 'i4'} | dict.fromkeys(names, 'f8'),
        )
        sums = {name: self._align(columns, rows['customer'], rows[name], 0) for name in names}
        due = sums['paid'] + sums['overdue']
        with np.errstate(divide='ignore', invalid='ignore'):
            index = sums['marks'] / due
            result = {
                'payment_days_late': sums['days'] / due,
                'payment_index': index,
                'credit_index': index * sums['paid'] / due,
                'overdue_share': sums['overdue'] / sums['open'],
            }
        result = {name: np.where(np.isfinite(column), column, np.nan) for name, column in result.items()}
        return result | {'due_amount': due, 'overdue_amount': sums['overdue']}

    def _get_payment_query(self) -> SQL:
        """:return: a statement of rows (customer id, paid in the window, open and overdue, open, days
            late times amount, marks times amount), in the currency of the company"""
        self.ensure_one()
        return SQL(
            """
            SELECT customer.id,
                   COALESCE(SUM(amount) FILTER (WHERE paid), 0)::float8,
                   COALESCE(SUM(amount) FILTER (WHERE NOT paid AND days > 0), 0)::float8,
                   COALESCE(SUM(amount) FILTER (WHERE NOT paid), 0)::float8,
                   COALESCE(SUM(amount * days) FILTER (WHERE paid OR days > 0), 0)::float8,
                   COALESCE(SUM(amount * %(mark)s) FILTER (WHERE paid OR days > 0), 0)::float8
              FROM (%(paid)s UNION ALL %(open)s) share
              JOIN res_partner partner ON partner.id = share.partner_id
              JOIN scp_customer customer
                ON customer.partner_id = partner.commercial_partner_id
               AND customer.company_id = %(company)s
          GROUP BY customer.id
            """,
            mark=self._get_payment_mark(SQL("days")),
            paid=self._get_paid_query(),
            open=self._get_open_query(),
            company=self.company_id.id,
        )

    def _get_paid_query(self) -> SQL:
        """:return: what was paid in the window (partner_id, amount, days, paid)"""
        return SQL(
            """
            SELECT move.partner_id,
                   partial.amount,
                   GREATEST(partial.max_date - COALESCE(line.date_maturity, line.date), 0) AS days,
                   TRUE AS paid
              FROM account_partial_reconcile partial
              JOIN account_move_line line ON line.id = partial.debit_move_id
              JOIN account_move move ON move.id = line.move_id
              JOIN account_move_line counterpart ON counterpart.id = partial.credit_move_id
              JOIN account_move payment ON payment.id = counterpart.move_id
             WHERE partial.company_id = %(company)s
               AND partial.max_date BETWEEN %(date_from)s AND %(date_to)s
               AND move.move_type = 'out_invoice'
               AND payment.move_type != 'out_refund'
            """,
            company=self.company_id.id, date_from=self.date_from, date_to=self.date_to,
        )

    def _get_open_query(self) -> SQL:
        """:return: what was open on the last day, as of that day (partner_id, amount, days, paid)"""
        # Accounts by number and lines as an array: the planner then knows that few lines are open,
        # and does not read them all.
        # sudo: the ledger of the company, whoever scores it
        accounts = self.env['account.account'].sudo().with_context(active_test=False).search([
            ('account_type', '=', 'asset_receivable'),
        ])
        return SQL(
            """
            SELECT move.partner_id,
                   line.balance - COALESCE(paid.amount, 0) AS amount,
                   GREATEST(%(date_to)s - COALESCE(line.date_maturity, line.date), 0) AS days,
                   FALSE AS paid
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
         LEFT JOIN LATERAL (
                   SELECT SUM(partial.amount) AS amount
                     FROM account_partial_reconcile partial
                    WHERE partial.debit_move_id = line.id AND partial.max_date <= %(date_to)s
                   ) paid ON TRUE
             WHERE line.id = ANY(ARRAY(
                   SELECT id
                     FROM account_move_line
                    WHERE reconciled IS NOT TRUE
                      AND parent_state = 'posted'
                      AND company_id = %(company)s
                      AND account_id = ANY(%(accounts)s)
                    UNION
                   SELECT debit_move_id
                     FROM account_partial_reconcile
                    WHERE company_id = %(company)s AND max_date > %(date_to)s
                   ))
               AND move.move_type = 'out_invoice'
               AND line.date <= %(date_to)s
               AND line.balance > COALESCE(paid.amount, 0)
            """,
            company=self.company_id.id, date_to=self.date_to, accounts=accounts.ids,
        )

    @api.model
    def _get_payment_mark(self, days) -> SQL:
        """:return: mark of an amount that is late by `days`, 100 for prompt"""
        return SQL(
            """CASE WHEN %(days)s <= 15 THEN 100 - %(days)s * 12.5 / 15
                    WHEN %(days)s <= 22 THEN 87.5 - (%(days)s - 15) * 12.5 / 7
                    WHEN %(days)s <= 30 THEN 75 - (%(days)s - 22) * 12.5 / 8
                    WHEN %(days)s <= 120 THEN 62.5 - (%(days)s - 30) * 12.5 / 30
                    ELSE GREATEST(25 - (%(days)s - 120) * 12.5 / 30, 0) END""",
            days=days,
        )

    def _get_completeness_column(self, columns):
        """Share of what a score can be told by that is known of each customer, 0 to 100.

        Four parts count alike: a second purchase, forecasts, payments, and the profile of the
        contact by the share that is filled in.
        """
        import numpy as np  # noqa: PLC0415  as in `_get_payment_columns`

        profiles = binary_copy.read(self.env.cr, SQL(
            "SELECT id, COALESCE(completeness, 0) FROM scp_customer WHERE company_id = %s", self.company_id.id,
        ), {'customer': 'i4', 'share': 'i4'})
        count = len(columns['customer_id'])
        return 25 * (
            (columns['purchase_count'] > 1).astype(float)
            + np.isfinite(columns.get('usual_gap_days', np.full(count, np.nan)))
            + np.isfinite(columns['payment_index'])
            + self._align(columns, profiles['customer'], profiles['share'], 0) / 100
        )

    @api.model
    def _align(self, columns, customer_ids, values, default):
        """Bring values into the order of the customers of the run.

        :param customer_ids: whose the values are; others than those of the run are passed over
        :param default: for whom there is none
        """
        import numpy as np  # noqa: PLC0415  as in `_get_payment_columns`

        own = np.asarray(columns['customer_id'])
        places = np.searchsorted(own, customer_ids)
        known = places < len(own)
        known[known] = own[places[known]] == customer_ids[known]
        result = np.full(len(own), default, dtype=float)
        result[places[known]] = values[known]
        return result

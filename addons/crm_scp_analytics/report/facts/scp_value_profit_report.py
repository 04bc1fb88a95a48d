from odoo import fields, models
from odoo.tools import SQL


class ScpValueProfitReport(models.Model):
    """Profit of each customer and month after the cost to serve, counted down from the books."""

    _name = 'scp.value.profit.report'
    _description = "Customer Profit"
    _auto = False
    _order = 'period desc, profit, id'
    _rec_name = 'customer_id'

    _depends = {
        'account.move': ['amount_untaxed_signed', 'date', 'move_type', 'partner_id', 'state'],
        'account.move.line': ['amount_residual', 'date_maturity', 'reconciled'],
        'account.partial.reconcile': ['amount', 'debit_move_id', 'max_date'],
        'calendar.event': [
            'active', 'allday', 'duration', 'opportunity_id', 'partner_ids', 'start', 'stop', 'user_id',
        ],
        'res.company': ['currency_id', 'scp_payment_delay_rate', 'scp_visit_hour_cost'],
        'scp.complaint.cost': ['amount_company', 'complaint_id', 'date', 'source_id', 'source_model'],
        'scp.complaint.compensation': ['refund_move_id'],
        'scp.customer': ['company_id', 'partner_id'],
        'scp.customer.measure': ['code', 'customer_id', 'numerator', 'period'],
        'scp.value.month': [
            'company_id', 'customer_id', 'discount', 'invoiced', 'invoiced_cost', 'period', 'refunded',
        ],
    }

    customer_id = fields.Many2one(comodel_name='scp.customer', readonly=True)
    partner_id = fields.Many2one(related='customer_id.partner_id', string="Contact")
    user_id = fields.Many2one(related='customer_id.user_id')
    team_id = fields.Many2one(related='customer_id.team_id')
    grade_id = fields.Many2one(related='customer_id.grade_id')
    country_id = fields.Many2one(related='customer_id.country_id')
    industry_id = fields.Many2one(related='customer_id.industry_id')
    company_id = fields.Many2one(comodel_name='res.company', readonly=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    period = fields.Date(string="Month", readonly=True)
    gross_sales = fields.Monetary(
        string="At List Price", readonly=True,
        help="Invoiced, and what discounts and returns have taken from it.",
    )
    discount = fields.Monetary(readonly=True, help="Discount on the lines of the orders of the month.")
    returns = fields.Monetary(
        readonly=True,
        help="What credit notes took back from orders. What was credited and invoiced again does "
             "not count.",
    )
    invoiced = fields.Monetary(
        readonly=True,
        help="Untaxed amount of posted invoices, credit notes and receipts: equal to the books.",
    )
    invoiced_cost = fields.Monetary(
        string="Cost of Invoiced", readonly=True,
        help="Cost frozen on the order lines, of what has been invoiced; in the month of the order.",
    )
    gross_margin = fields.Monetary(readonly=True, help="Invoiced less its cost.")
    freight = fields.Monetary(readonly=True, help="No data unless an addon measures it.")
    visits = fields.Monetary(
        readonly=True,
        help="Meetings in the calendar: hours and our people there, at the rate of the settings.",
    )
    complaints = fields.Monetary(
        readonly=True, help="Costs of complaints but those that a credit note shows in the books.",
    )
    payment_delay = fields.Monetary(
        string="Late Payment", readonly=True,
        help="Interest from the due date to the payment, at the rate of the settings.",
    )
    cost_to_serve = fields.Monetary(
        string="Cost to Serve", readonly=True,
        help="Discount, returns, freight, visits, complaints and late payment, as far as there is "
             "data.",
    )
    profit = fields.Monetary(
        readonly=True,
        help="Gross margin less freight, visits, complaints and late payment. Discounts and returns "
             "are out of the invoiced already.",
    )
    no_data = fields.Char(readonly=True, help="Kinds of service that nobody measures here.")

    @property
    def _table_query(self) -> SQL:
        Customer = self.env['scp.customer']
        labels = Customer._get_service_labels()
        # WITH keeps the planner from merging this into a query of several groupings, as of a pivot: it would wrap each
        # column then, and not see that a company asked for is that of both sides of the join.
        return SQL(
            """
              WITH profit AS (%(profit)s)
            SELECT customer_id::bigint * 100000
                   + EXTRACT(YEAR FROM period)::bigint * 12 + EXTRACT(MONTH FROM period)::bigint AS id,
                   customer_id,
                   company_id,
                   period,
                   invoiced + discount + returns AS gross_sales,
                   discount,
                   returns,
                   invoiced,
                   invoiced_cost,
                   gross_margin,
                   %(kinds)s,
                   cost_to_serve,
                   profit,
                   NULLIF(CONCAT_WS(', ', %(missing)s), '') AS no_data
              FROM profit
             WHERE (invoiced, invoiced_cost, discount, returns, service)
                   IS DISTINCT FROM (0, 0, 0, 0, 0)
            """,
            kinds=SQL(", ").join(map(SQL.identifier, labels)),
            missing=SQL(", ").join(
                SQL("CASE WHEN %s IS NULL THEN %s END", SQL.identifier(kind), label)
                for kind, label in labels.items()
            ),
            profit=Customer._get_month_profit_query(),
        )

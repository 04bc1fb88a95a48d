from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.crm_scp_core.fields import LooseMany2one


class ScpValueFact(models.Model):
    """What a customer ordered, gave back and was invoiced on one day.

    One row per customer (a commercial partner in a company, all contacts together) and day that has
    anything. Derived data: written by `scp.value.fact.refresh` alone, from the statement of
    `_get_fact_query`, and the same rows come out whenever they are built anew. Its links are loose: whoever deletes a
    customer removes his days (`scp.customer`, `res.partner`). What months of them add up to is kept: `scp.value.month`.

    Amounts are in the currency of the company. Those of an order are converted at the rate frozen
    on it; what was invoiced is taken from the books as it stands there.
    """

    _name = 'scp.value.fact'
    _description = "Customer Day"
    _order = 'day desc, id desc'
    _rec_name = 'customer_id'
    _log_access = False

    customer_id = LooseMany2one(
        comodel_name='scp.customer', required=True, readonly=True, ondelete='cascade',
    )
    partner_id = fields.Many2one(related='customer_id.partner_id', string="Contact")
    user_id = fields.Many2one(related='customer_id.user_id')
    team_id = fields.Many2one(related='customer_id.team_id')
    country_id = fields.Many2one(related='customer_id.country_id')
    industry_id = fields.Many2one(related='customer_id.industry_id')
    # Stored for security rules
    company_id = LooseMany2one(
        comodel_name='res.company', required=True, readonly=True, ondelete='cascade',
    )
    currency_id = fields.Many2one(related='company_id.currency_id')
    day = fields.Date(
        required=True, readonly=True,
        help="Day of the confirmation of orders, in the time zone of the company's working hours; "
             "accounting date of invoices and credit notes.",
    )
    order_count = fields.Integer(
        string="Orders", readonly=True,
        help="Confirmed orders of the day, returns (orders below zero) left out. A day with at "
             "least one is a purchase.",
    )
    ordered = fields.Monetary(
        readonly=True,
        help="Untaxed amount of the confirmed orders of the day, at the rate of each order.",
    )
    refunded = fields.Monetary(
        readonly=True,
        help="What credit notes of the day took back from orders, and orders below zero. What was "
             "credited and invoiced again does not count.",
    )
    amount = fields.Monetary(
        string="Net Sales", readonly=True, help="Ordered less refunded.",
    )
    cost = fields.Monetary(
        readonly=True,
        help="Cost of what was ordered, as frozen on the order lines. A credit note gives it back "
             "in the proportion in which it gives back the price.",
    )
    margin = fields.Monetary(readonly=True, help="Net sales less cost.")
    discount = fields.Monetary(
        readonly=True, help="Discount given on the lines of the orders of the day.",
    )
    invoiced = fields.Monetary(
        readonly=True,
        help="Untaxed amount of the invoices, credit notes and receipts of the day, as posted: "
             "equal to the books to the cent.",
    )
    invoiced_cost = fields.Monetary(
        string="Cost of Invoiced", readonly=True,
        help="The part of the cost of the orders of the day that has been invoiced by now.",
    )

    # One row per customer and day; reading the days of a customer. Who reads a window of a company
    # reads most of the rows: no index would help, and each costs the building of facts a fifth more.
    _customer_day_uniq = models.UniqueIndex('(customer_id, day)')

    # === CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        self._raise_derived()

    def write(self, vals):
        self._raise_derived()

    def _raise_derived(self):
        raise UserError(self.env._(
            "The days of customers are summed up from orders and invoices and cannot be changed.",
        ))

    # === ACTIONS ===#

    @api.readonly
    def action_view_orders(self):
        """Open the confirmed orders behind the day."""
        self.ensure_one()
        start, stop = self.env['scp.value.run']._get_window_bounds(
            self.company_id, self.day, self.day,
        )
        action = self.env['ir.actions.act_window']._for_xml_id('sale.action_orders')
        return action | {
            'display_name': self.env._("Orders of %(customer)s", customer=self.display_name),
            'domain': [
                ('partner_id.commercial_partner_id', '=', self.partner_id.id),
                ('company_id', '=', self.company_id.id),
                ('state', '=', 'sale'),
                ('date_order', '>=', start),
                ('date_order', '<', stop),
            ],
            'context': {},
        }

    # === BUSINESS METHODS ===#

    @api.model
    def _remove(self, condition: SQL):
        """Forget days, and the months they add up to.

        :param condition: on customer_id
        """
        for name in ('scp.value.fact', 'scp.value.month'):
            self.env.cr.execute(SQL("DELETE FROM %s WHERE %s", SQL.identifier(self.env[name]._table), condition))
            self.env[name].invalidate_model()

    @api.model
    def _get_measure_names(self) -> tuple[str, ...]:
        """Columns that are summed up, in the order of `_get_fact_query`."""
        return (
            'order_count', 'ordered', 'refunded', 'amount', 'cost', 'margin', 'discount',
            'invoiced', 'invoiced_cost',
        )

from odoo import api, fields, models
from odoo.tools import SQL


class SaleOrderLine(models.Model):
    _name = 'sale.order.line'
    _inherit = ['sale.order.line', 'scp.promise.line.mixin']

    _scp_direction = 'out'
    _scp_line_field = 'sale_line_id'
    _scp_order_field = 'sale_order_id'
    _scp_promise_fields = frozenset({
        'customer_lead', 'product_id', 'product_uom_id', 'product_uom_qty', 'scp_requested_date',
    })

    scp_requested_date = fields.Datetime(
        string="Requested Date",
        copy=False,
        groups='base.group_user',
        help="The day the customer asks for on this line, when it is another than that of the order.",
    )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        # sudo: the ledger is kept whoever adds a line
        orders = self.env['sale.order'].sudo().browse({
            vals['order_id'] for vals in vals_list if vals.get('order_id')
        }).filtered(lambda order: order._scp_is_in_force())
        if not orders:
            return super().create(vals_list)
        with orders._scp_keep_promises():
            return super().create(vals_list)

    def write(self, vals):
        orders = self._scp_get_touched_orders(vals)
        if not orders:
            return super().write(vals)
        with orders._scp_keep_promises():
            return super().write(vals)

    def unlink(self):
        self._scp_withdraw_promises()
        return super().unlink()

    # === BUSINESS === #

    def _scp_is_promised(self):
        return super()._scp_is_promised() and not self.is_expense and not self._is_delivery()

    def _scp_get_qty(self):
        return self.product_uom_qty

    def _scp_get_requested_date(self, state):
        return self.scp_requested_date or self.order_id.scp_requested_date

    def _scp_get_promised_date(self):
        """The commitment date, else the expected date: of the line, or of the whole order when it is shipped at once.

        The order's own expected date is that of its first delivery and would promise the others too early.
        """
        order = self.order_id
        if order.commitment_date:
            return order.commitment_date
        return order.expected_date if order.picking_policy == 'one' else self._expected_date()

    def _scp_get_warehouse(self):
        return self.warehouse_id

    def _scp_get_partner(self):
        return self.order_id.partner_shipping_id or self.order_id.partner_id

    def _scp_get_backfill_where(self):
        return SQL(
            """"order".state = 'sale'
               AND line.is_expense IS NOT TRUE
               AND line.product_uom_qty > COALESCE(line.qty_delivered, 0)"""
        )

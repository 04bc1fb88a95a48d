from odoo import api, models
from odoo.tools import SQL


class PurchaseOrderLine(models.Model):
    _name = 'purchase.order.line'
    _inherit = ['purchase.order.line', 'scp.promise.line.mixin']

    _scp_direction = 'in'
    _scp_line_field = 'purchase_line_id'
    _scp_order_field = 'purchase_order_id'
    _scp_promise_fields = frozenset({'date_planned', 'product_id', 'product_qty', 'product_uom_id'})

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        # sudo: the ledger is kept whoever adds a line
        orders = self.env['purchase.order'].sudo().browse({
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

    def _scp_get_qty(self):
        return self.product_qty

    def _scp_get_requested_date(self, state):
        """The planned date at confirmation; later moves are revisions, whoever makes them."""
        if not state or state.kind == 'cancel':
            return self.date_planned
        return state.requested_date

    def _scp_get_promised_date(self):
        return self.date_planned

    def _scp_get_warehouse(self):
        return self.order_id.picking_type_id.warehouse_id

    def _scp_needs_confirmation(self):
        return True

    def _scp_get_acknowledged_line_ids(self):
        return set(self.filtered(lambda line: line.order_id.acknowledged).ids)

    def _scp_get_backfill_where(self):
        return SQL(""""order".state = 'purchase' AND line.product_qty > COALESCE(line.qty_received, 0)""")

from odoo import fields, models

from .journal import ORIGIN_KEY, PROMISE_GROUPS, PromiseOrigin


class PurchaseOrder(models.Model):
    _name = 'purchase.order'
    _inherit = ['purchase.order', 'scp.promise.order.mixin']

    _scp_order_field = 'purchase_order_id'
    _scp_line_field = 'purchase_line_id'
    _scp_promise_fields = frozenset({'acknowledged', 'order_line', 'state'})
    _scp_state_in_force = 'purchase'

    scp_promise_line_ids = fields.One2many(
        'scp.promise.report', 'purchase_order_id', string="Promises by Line", readonly=True, groups=PROMISE_GROUPS,
    )

    # === CRUD === #

    def write(self, vals):
        orders = self._scp_get_touched_orders(vals)
        if not orders:
            return super().write(vals)
        # An acknowledged order is one whose dates the supplier agrees to
        confirmed_lines = orders.order_line if vals.get('acknowledged') else ()
        with orders._scp_keep_promises(confirmed_lines):
            return super().write(vals)

    # === ACTIONS === #

    def action_scp_record_confirmation(self):
        """Record what the supplier has confirmed by mail, phone or EDI."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Record Supplier's Confirmation"),
            'res_model': 'scp.promise.confirm',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_order_id': self.id},
        }

    def button_confirm(self):
        # Odoo confirms one order after the other: write the ledger once for all of them
        with self._scp_keep_promises():
            return super().button_confirm()

    # === BUSINESS === #

    def _update_date_planned_for_lines(self, updated_dates):
        """The supplier states dates in the portal: what he says is confirmed, moved or not."""
        # sudo: the supplier may not read all that the ledger copies
        orders = self.sudo().filtered(lambda order: order._scp_is_in_force())
        orders = orders.with_context(**{ORIGIN_KEY: PromiseOrigin(source='portal')})
        with orders._scp_keep_promises([line for line, _date in updated_dates]):
            return super()._update_date_planned_for_lines(updated_dates)

from odoo import fields, models

from .journal import PROMISE_GROUPS


class SaleOrder(models.Model):
    _name = 'sale.order'
    _inherit = ['sale.order', 'scp.promise.order.mixin']

    _scp_order_field = 'sale_order_id'
    _scp_line_field = 'sale_line_id'
    _scp_promise_fields = frozenset({
        'commitment_date', 'date_order', 'order_line', 'picking_policy', 'scp_requested_date', 'state',
    })
    _scp_state_in_force = 'sale'

    scp_requested_date = fields.Datetime(
        string="Requested Date",
        copy=False,
        groups='base.group_user',
        help="The day the customer asks for. Leave it empty when no day was asked for: "
        "whether requests are met is then not measured on this order.",
    )
    scp_promise_line_ids = fields.One2many(
        'scp.promise.report', 'sale_order_id', string="Promises by Line", readonly=True, groups=PROMISE_GROUPS,
    )

    # === CRUD === #

    def write(self, vals):
        orders = self._scp_get_touched_orders(vals)
        if not orders:
            return super().write(vals)
        with orders._scp_keep_promises():
            return super().write(vals)

    # === ACTIONS === #

    def action_scp_revise_promise(self):
        """Promise another date, with the reason for it."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Promise Another Date"),
            'res_model': 'scp.promise.revise',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_order_id': self.id},
        }

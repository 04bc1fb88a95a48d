from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.promise.journal import ORIGIN_KEY, PromiseOrigin


class ScpPromiseRevise(models.TransientModel):
    """Promise a customer another delivery date and keep the reason."""

    _name = 'scp.promise.revise'
    _description = "Promise Another Date"

    order_id = fields.Many2one('sale.order', required=True, readonly=True, ondelete='cascade')
    date_current = fields.Datetime(
        string="Promised So Far", compute='_compute_date_current',
        help="The delivery date of the order, else the date expected from its lead times.",
    )
    date_promised = fields.Datetime(string="New Date", required=True)
    reason_id = fields.Many2one('scp.promise.reason', required=True)
    note = fields.Char()

    @api.depends('order_id')
    def _compute_date_current(self):
        for wizard in self:
            wizard.date_current = wizard.order_id.commitment_date or wizard.order_id.expected_date

    def action_revise(self):
        """Write the new delivery date on the order; the ledger records it with its reason.

        :raise UserError: the order is not confirmed
        """
        self.ensure_one()
        if not self.order_id._scp_is_in_force():
            raise UserError(self.env._(
                "%(order)s is not a confirmed sales order: set its delivery date before confirming it.",
                order=self.order_id.display_name,
            ))
        origin = PromiseOrigin(reason_id=self.reason_id.id, note=self.note)
        self.order_id.with_context(**{ORIGIN_KEY: origin}).commitment_date = self.date_promised
        return {'type': 'ir.actions.act_window_close'}

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..models.promise.journal import ORIGIN_KEY, PromiseOrigin


class ScpPromiseConfirm(models.TransientModel):
    """A buyer records what the supplier has confirmed outside the portal."""

    _name = 'scp.promise.confirm'
    _description = "Record Supplier's Confirmation"

    order_id = fields.Many2one('purchase.order', required=True, readonly=True, ondelete='cascade')
    source = fields.Selection(
        [('mail', "Mail"), ('phone', "Phone"), ('edi', "EDI")],
        string="Confirmed By",
        required=True,
        default='mail',
        help="How the supplier told us.",
    )
    reason_id = fields.Many2one(
        'scp.promise.reason', string="Reason for Changes", help="Why the supplier's dates differ from ours.",
    )
    note = fields.Char(string="Reference", help="For example the number of the supplier's order confirmation.")
    line_ids = fields.One2many(
        'scp.promise.confirm.line', 'wizard_id', compute='_compute_line_ids', store=True, readonly=False,
    )

    # === COMPUTE === #

    @api.depends('order_id')
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [Command.clear()] + [
                Command.create(wizard._prepare_line(line))
                for line in wizard.order_id.order_line
                if line.sudo()._scp_is_promised()  # sudo: reads product types only
            ]

    def _prepare_line(self, line):
        return {
            'purchase_line_id': line.id,
            'date_confirmed': line.date_planned,
            'qty_confirmed': line.product_qty,
        }

    # === ACTIONS === #

    def action_confirm(self):
        """Write the confirmed dates and quantities on the order and the confirmation into the ledger.

        :raise UserError: the order is not confirmed, or nothing is selected
        """
        self.ensure_one()
        order = self.order_id
        if not order._scp_is_in_force():
            raise UserError(self.env._(
                "%(order)s is not a confirmed purchase order: there is nothing to promise yet.",
                order=order.display_name,
            ))
        lines = self.line_ids.filtered('selected')
        if not lines:
            raise UserError(self.env._("Select at least one line that the supplier has confirmed."))
        order.check_access('write')
        origin = PromiseOrigin(source=self.source, reason_id=self.reason_id.id, note=self.note)
        with order.with_context(**{ORIGIN_KEY: origin})._scp_keep_promises(lines.purchase_line_id):
            for line in lines:
                line._apply(order)
        return {'type': 'ir.actions.act_window_close'}

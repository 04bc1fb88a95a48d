from odoo import api, fields, models
from odoo.exceptions import UserError


class ScpScorecardRelease(models.TransientModel):
    """Let an order, or all orders until a day, through although the standing of the supplier holds them."""

    _name = 'scp.scorecard.release'
    _description = "Release"

    purchase_order_id = fields.Many2one('purchase.order', required=True, readonly=True)
    partner_id = fields.Many2one(related='purchase_order_id.partner_id.commercial_partner_id', string="Supplier")
    standing_reason = fields.Char(compute='_compute_standing_reason')
    scope = fields.Selection(
        [('order', "This order only"), ('supplier', "All orders to the supplier")], required=True, default='order')
    date_to = fields.Date(string="Until", required=True, default=fields.Date.context_today)
    reason = fields.Text(required=True, help="Why it has to be. Kept with your name.")

    # === COMPUTE === #

    @api.depends('purchase_order_id')
    def _compute_standing_reason(self):
        for wizard in self:
            # sudo: the reason is told to whoever is held
            wizard.standing_reason = wizard.purchase_order_id.sudo().scp_standing_reason

    # === ACTIONS === #

    def action_release(self):
        """:raise UserError: nothing holds the order, or the day has passed"""
        self.ensure_one()
        order = self.purchase_order_id
        order.check_access('write')
        card = order.sudo().scp_standing_card_id  # sudo: as above
        if not card:
            raise UserError(self.env._("Nothing holds %s.", order.name))
        if self.date_to < fields.Date.context_today(self):
            raise UserError(self.env._("Until: this day has passed."))
        self.env['scp.scorecard.override']._grant(
            card, self.reason, self.date_to, order if self.scope == 'order' else None)
        order.invalidate_recordset(['scp_standing_action', 'scp_is_released'])
        order._message_log(body=self.env._("Released: %s", self.reason))
        return {'type': 'ir.actions.act_window_close'}

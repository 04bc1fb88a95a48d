from odoo import api, fields, models
from odoo.exceptions import UserError

from .scp_scorecard_standing import ACTIONS, SEVERITY

GROUPS = 'purchase.group_purchase_user,crm_scp_core.group_scp_manager,crm_scp_core.group_scp_auditor'
# What each state of an order can still be kept from
PENDING = {'draft': ('rfq_action', 'order_action'), 'sent': ('rfq_action', 'order_action'),
           'to approve': ('order_action',)}


class PurchaseOrder(models.Model):
    """The standing of the supplier warns of requests and orders, or holds them."""

    _inherit = 'purchase.order'

    scp_standing_card_id = fields.Many2one(
        'scp.scorecard', string="Supplier's Scorecard", compute='_compute_scp_standing', groups=GROUPS)
    scp_standing_action = fields.Selection(
        ACTIONS, string="Supplier's Standing", compute='_compute_scp_standing', groups=GROUPS,
        help="What follows from it for this order, unless it was released.")
    scp_standing_reason = fields.Char(
        string="Reason of the Standing", compute='_compute_scp_standing', groups=GROUPS)
    scp_is_released = fields.Boolean(string="Released", compute='_compute_scp_standing', groups=GROUPS)

    # === COMPUTE === #

    @api.depends('partner_id', 'company_id', 'state')
    @api.depends_context('lang')
    def _compute_scp_standing(self):
        self.scp_standing_card_id = self.scp_standing_reason = self.scp_is_released = False
        self.scp_standing_action = 'none'
        pending = self.filtered(lambda order: order.state in PENDING and order.partner_id)
        for company, orders in pending.grouped('company_id').items():
            if not company.scp_standing_acts:
                continue
            cards = self.env['scp.scorecard']._get_acting_cards(orders.partner_id, company)
            concerned = orders.filtered(lambda order, cards=cards: order.partner_id.commercial_partner_id in cards)
            released = self.env['scp.scorecard.override']._get_released(concerned._origin) if concerned else set()
            for order in concerned:
                card = cards[order.partner_id.commercial_partner_id]
                order.scp_standing_card_id = card.with_env(self.env)
                order.scp_is_released = order._origin.id in released
                order.scp_standing_action = 'warn' if order.scp_is_released else max(
                    (card[action] for action in PENDING[order.state]), key=SEVERITY.get)
                order.scp_standing_reason = order._get_scp_standing_text(card)

    # === ACTIONS === #

    def button_confirm(self):
        # sudo: the standing acts on who confirms, whether or not he may read it
        reasons = {
            order.id: order._get_scp_standing_reason(order.scp_standing_card_id)
            for order in self.sudo() if order.scp_standing_card_id.order_action in ('warn', 'hold')
        }
        result = super().button_confirm()
        if reasons:
            self.browse(reasons).sudo()._message_log_batch({
                order_id: self.env._("Confirmed although %s", reason) for order_id, reason in reasons.items()
            })
        return result

    def button_approve(self, force=False):
        self.filtered(lambda order: order.state == 'to approve')._scp_check_hold('order_action')
        return super().button_approve(force=force)

    def action_rfq_send(self):
        self.filtered(lambda order: order.state in ('draft', 'sent'))._scp_check_hold('rfq_action')
        return super().action_rfq_send()

    def print_quotation(self):
        self._scp_check_hold('rfq_action')
        return super().print_quotation()

    def action_scp_release(self):
        """Opens the release of this order."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Release"),
            'res_model': 'scp.scorecard.release',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_purchase_order_id': self.id},
        }

    # === BUSINESS === #

    def _confirmation_error_message(self):
        return super()._confirmation_error_message() or self._scp_get_hold_message('order_action')

    def _scp_get_hold_message(self, action):
        """Why an order is held, or False when it is not.

        :param str action: rfq_action or order_action
        """
        self.ensure_one()
        order = self.sudo()  # sudo: as in `button_confirm`
        card = order.scp_standing_card_id
        if not card or order.scp_is_released or card[action] != 'hold':
            return False
        return self.env._(
            "%(order)s is held: %(reason)s A manager of purchasing or of customer relationship can release it.",
            order=order.name, reason=order._get_scp_standing_reason(card))

    def _scp_check_hold(self, action):
        """:raise UserError: some of the orders are held, with the reason of each"""
        if messages := [message for order in self if (message := order._scp_get_hold_message(action))]:
            raise UserError("\n".join(messages))

    def _get_scp_standing_text(self, card):
        """The reason, and what follows from it unless the order was released."""
        reason = self._get_scp_standing_reason(card)
        is_sendable = self.state == 'to approve' or card.rfq_action != 'hold'
        if self.scp_is_released or is_sendable and card.order_action != 'hold':
            return reason
        if is_sendable:
            return self.env._("%s It cannot be confirmed until it is released.", reason)
        if card.order_action != 'hold':
            return self.env._("%s It cannot be sent until it is released.", reason)
        return self.env._("%s It can neither be sent nor confirmed until it is released.", reason)

    def _get_scp_standing_reason(self, card):
        return self.env._(
            "%(supplier)s stands at %(standing)s (%(score)s of 100, %(period)s).",
            supplier=card.partner_id.name, standing=card.standing, score=f'{card.score:g}',
            period=card._get_period_label())

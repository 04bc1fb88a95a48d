from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from odoo import Command, api, models


class Purchase(NamedTuple):
    """A purchase and what became of it.

    ``ordered`` counts days before today, ``lead`` the days from there to the date asked for.
    ``story`` lists what happened, each step as "day action [value]", the day counted from the
    order: ``acknowledged``, ``push N`` (the supplier moves the date by N days), ``received`` with
    the part of the open quantity in per cent, all of it by default, ``closed`` (the rest is not
    expected any more).
    """

    product: str
    quantity: int
    ordered: int
    lead: int
    story: str = ''


PURCHASES = {
    # As reliable as can be: answers in the portal within two days, delivers on the day
    'weihai': [
        Purchase('casting_body', 200, 420, 35, "2 acknowledged, 35 received"),
        Purchase('casting_body', 200, 330, 35, "2 acknowledged, 35 received"),
        Purchase('casting_body', 220, 260, 35, "1 acknowledged, 34 received"),
        Purchase('casting_body', 220, 190, 35, "2 acknowledged, 35 received"),
        Purchase('casting_body', 240, 120, 35, "1 acknowledged, 35 received"),
        Purchase('casting_body', 240, 60, 35, "2 acknowledged, 33 received"),
        Purchase('casting_body', 260, 20, 35, "2 acknowledged"),
        Purchase('casting_body', 280, 1, 35),  # for the supplier to confirm in the portal
    ],
    # Always late, and never says so
    'lombarda': [
        Purchase('casting_volute', 40, 430, 40, "9 acknowledged, 48 received"),
        Purchase('casting_volute', 40, 320, 40, "9 acknowledged, 49 received"),
        Purchase('casting_volute', 40, 235, 40, "11 acknowledged, 52 received"),
        Purchase('casting_volute', 50, 160, 40, "8 acknowledged, 51 received"),
        Purchase('casting_volute', 50, 85, 40, "12 acknowledged, 54 received"),
        Purchase('casting_volute', 50, 47, 40, "10 acknowledged"),
    ],
    # Moves the date before every delivery and then keeps it: on time by the last date only
    'bergmann': [
        Purchase('drive_unit', 90, 310, 28, "3 acknowledged, 20 push 10, 38 received"),
        Purchase('drive_unit', 90, 225, 28, "3 acknowledged, 24 push 7, 35 received"),
        Purchase('drive_unit', 100, 140, 28, "4 acknowledged, 18 push 8, 30 push 6, 42 received"),
        Purchase('drive_unit', 100, 70, 28, "2 acknowledged, 25 push 9, 37 received"),
        Purchase('drive_unit', 110, 30, 28, "3 acknowledged, 22 push 12"),
    ],
    # Ships short, the rest follows
    'shunan': [
        Purchase('bearing', 400, 280, 30, "4 acknowledged, 30 received 70, 44 received"),
        Purchase('bearing', 400, 180, 30, "5 acknowledged, 29 received 80, 41 received"),
        Purchase('bearing', 500, 95, 30, "3 acknowledged, 30 received 60, 49 received"),
        Purchase('bearing', 500, 35, 30, "4 acknowledged, 30 received 75"),
    ],
    # Never answers, delivers more or less
    'ohiosteel': [
        Purchase('bar_stock', 300, 240, 12, "13 received"),
        Purchase('bar_stock', 300, 150, 12, "11 received"),
        Purchase('bar_stock', 320, 66, 12, "16 received 90, 18 closed"),
        Purchase('bar_stock', 320, 10, 12),
    ],
    # Was late, gets better
    'sealtech': [
        Purchase('seal_ring', 2500, 440, 32, "6 acknowledged, 50 received"),
        Purchase('seal_ring', 3000, 340, 32, "6 acknowledged, 51 received"),
        Purchase('seal_ring', 3000, 245, 32, "5 acknowledged, 43 received"),
        Purchase('seal_ring', 3500, 155, 32, "3 acknowledged, 35 received"),
        Purchase('seal_ring', 3500, 75, 32, "2 acknowledged, 31 received"),
    ],
    # New, and early
    'pneumo': [
        Purchase('positioner', 30, 80, 21, "1 acknowledged, 17 received"),
        Purchase('positioner', 45, 26, 21, "1 acknowledged, 19 received"),
    ],
    # Round the corner
    'packright': [
        Purchase('crate', 60, 110, 7, "1 acknowledged, 6 received"),
        Purchase('crate', 60, 55, 7, "1 acknowledged, 7 received"),
        Purchase('crate', 80, 3, 7, "1 acknowledged"),
    ],
}
# Prices of the first half of the story and by how much they have risen since
RISE_DAYS = 182
RISES = {'lombarda': 0.07, 'bergmann': 0.03, 'sealtech': -0.02}
# The others answer by mail, and the buyer puts it down.
PORTAL_USERS = {'weihai': 'crm_scp_supply.user_scp_supplier'}


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _create_purchase_orders(self):
        """Replay the purchases day by day; the promise ledger is written by these steps."""
        steps = defaultdict(list)
        for supplier, purchases in PURCHASES.items():
            for purchase in purchases:
                steps[purchase.ordered].append((supplier, purchase, 'create', ''))
                for step in purchase.story.split(", ") if purchase.story else ():
                    day, action, value = f"{step} ".split(" ", 2)
                    steps[purchase.ordered - int(day)].append(
                        (supplier, purchase, action, value.strip())
                    )
        orders = {}
        for days_ago in sorted(steps, reverse=True):
            moment = self._moment(days_ago, hour=6 + days_ago % 8)
            with self._at(moment):
                for supplier, purchase, action, value in steps[days_ago]:
                    if action == 'create':
                        orders[purchase] = self._create_purchase_order(supplier, purchase, moment)
                    else:
                        self._apply_purchase_step(
                            orders[purchase], supplier, action, value, moment,
                        )

    def _create_purchase_order(self, supplier, purchase, moment):
        product = self.env.ref(f'crm_scp_supply.product_{purchase.product}')
        buyer = self.env.ref('base.user_admin')
        orders = self.env['purchase.order'].with_user(buyer).with_context(tracking_disable=True)
        order = orders.create({
            'partner_id': self.env.ref(f'crm_scp_supply.supplier_{supplier}').id,
            'company_id': self.env.ref('base.main_company').id,
            'user_id': buyer.id,
            'date_order': moment,
            'order_line': [Command.create({
                'product_id': product.id,
                'product_qty': purchase.quantity,
                'price_unit': product.standard_price * self._get_price_factor(supplier, purchase),
                'date_planned': moment + timedelta(days=purchase.lead),
            })],
        })
        self._said(order, moment).button_confirm()
        order.date_approve = moment
        return order

    def _get_price_factor(self, supplier, purchase):
        return 1 + RISES.get(supplier, 0) * (purchase.ordered < RISE_DAYS)

    def _apply_purchase_step(self, order, supplier, action, value, moment):
        source = 'mail'
        if supplier in PORTAL_USERS and action != 'received':
            source = 'portal'
            # sudo: as the portal route does
            order = order.with_user(self.env.ref(PORTAL_USERS[supplier])).sudo()
        match action:
            case 'acknowledged':
                self._said(order, moment, source).action_acknowledge()
            case 'push':
                order = self._said(order, moment, source, 'capacity')
                with order._scp_keep_promises(order.order_line):
                    for line in order.order_line:
                        line.date_planned += timedelta(days=int(value))
            case 'received':
                picking = order.picking_ids.filtered(lambda p: p.state not in ('done', 'cancel'))
                # receiving goods counts as the supplier's word, if he has not given it before
                self._move_goods(self._said(picking, moment), moment, int(value or 100) / 100)
            case 'closed':
                order.picking_ids.filtered(lambda p: p.state not in ('done', 'cancel')).action_cancel()

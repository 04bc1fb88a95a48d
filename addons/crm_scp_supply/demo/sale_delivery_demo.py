from datetime import timedelta
from typing import NamedTuple

from odoo import api, models

# Since when goods leave through the warehouse; older orders were delivered by hand.
WAREHOUSE_DAYS = 100
# Customers ask for the promised day, or for so many days before it; every third does not name a day.
ASKED_EARLIER = {1: 0, 2: 4}
# A new date is told this many days before the old one.
TOLD_DAYS = 6
BACKORDER_DAYS = 9


class Outcome(NamedTuple):
    """What became of a promise: moved by ``slip`` days, then kept ``late`` days after the last."""

    late: int = 0
    slip: int = 0
    reason: str = ''
    share: float = 1.0  # of the quantities that came at once


# Dealt to the orders in turn: 6 of 10 keep the first promise in full.
OUTCOMES = (
    Outcome(),
    Outcome(late=-2),
    Outcome(slip=7, reason='supplier'),
    Outcome(),
    Outcome(late=6),
    Outcome(late=-1),
    Outcome(share=0.6),
    Outcome(),
    Outcome(slip=10, reason='production', late=3),
    Outcome(late=-1),
)


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _create_deliveries(self):
        """Send the orders of the last months through the warehouse, promises included."""
        orders = self.env['sale.order'].search([
            ('partner_id', 'in', self._get_customers().ids),
            ('state', '=', 'sale'),
            ('date_order', '>=', self._moment(WAREHOUSE_DAYS)),
        ], order='date_order, id')
        for index, order in enumerate(orders):
            self._promise_order(order, OUTCOMES[index % len(OUTCOMES)], asked=index % 3)
        orders.order_line._action_launch_stock_rule()
        for index, order in enumerate(orders):
            self._deliver_order(order, OUTCOMES[index % len(OUTCOMES)])

    def _promise_order(self, order, outcome, asked):
        """Enter what was promised into the ledger: the addon was not there when it was."""
        # alone, because its salesperson may not read the orders of the others
        order = order.browse(order.id).with_user(order.user_id).with_context(tracking_disable=True)
        lines = self._said(order.order_line, order.date_order)
        lines._scp_record_promises(lines._scp_get_promise_states())
        if asked:
            told = order.date_order + timedelta(minutes=5)
            requested = order.commitment_date - timedelta(days=ASKED_EARLIER[asked])
            self._said(order, told).scp_requested_date = requested
        told = order.commitment_date - timedelta(days=TOLD_DAYS)
        if outcome.slip and told < self._moment(0):
            promised = order.commitment_date + timedelta(days=outcome.slip)
            self._said(order, told, 'mail', outcome.reason).commitment_date = promised

    def _deliver_order(self, order, outcome):
        shipped = order.commitment_date + timedelta(days=outcome.late)
        if shipped < self._moment(0):
            backorder = self._move_goods(order.picking_ids, shipped, outcome.share)
            self._move_goods_later(backorder, shipped, BACKORDER_DAYS)

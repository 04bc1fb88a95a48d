from datetime import timedelta

from odoo import models

from ..models.promise.journal import ORIGIN_KEY, PromiseOrigin


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    def _said(self, records, moment, source='internal', reason=None):
        """Let the promise ledger know when, how and why what follows was said.

        :param reason: end of the xml id of a reason
        """
        origin = PromiseOrigin(
            date=moment,
            source=source,
            reason_id=reason and self.env.ref(f'crm_scp_supply.scp_promise_reason_{reason}').id,
        )
        return records.with_context(**{ORIGIN_KEY: origin})

    def _move_goods(self, picking, moment, share=1.0):
        """Validate a transfer as of ``moment``; what is missing stays open in a back order.

        :param share: part of the quantities that is moved
        """
        for move in picking.move_ids:
            move.quantity = round(move.product_uom_qty * share)
            move.picked = True
        picking.with_context(skip_sms=True)._action_done()
        picking.date_done = moment
        picking.move_ids.date = moment
        picking.move_line_ids.date = moment
        return picking.backorder_ids

    def _move_goods_later(self, backorder, moment, days):
        """Move the rest, unless that day is still to come."""
        moment += timedelta(days=days)
        if backorder and moment < self._moment(0):
            self._move_goods(backorder, moment)

from odoo import fields, models

from ..promise.journal import PROMISE_GROUPS
from ..promise.scp_promise import PromiseState


class PurchaseOrderLine(models.Model):
    _name = 'purchase.order.line'
    _inherit = ['purchase.order.line', 'scp.portal.shield']

    # They name the customer of a direct delivery
    _scp_portal_hidden = frozenset({'sale_line_id', 'sale_order_id'})

    scp_split_from_id = fields.Many2one(
        'purchase.order.line', string="Split From", readonly=True, copy=False, index='btree_not_null',
        ondelete='set null', groups=PROMISE_GROUPS,
        help="The line as it was ordered. The supplier delivers this part of it on another day; "
        "what was requested and promised first is the same.",
    )

    def _scp_get_promise_events(self, state, confirmed, source):
        """A part of a split line was promised when the line was: splitting changes no baseline."""
        # sudo: what the ledger says of the line, whoever asks
        whole = self.sudo().scp_split_from_id
        inherited = whole._scp_get_promise_states().get(whole.id) if whole and not state else None
        if not inherited or not self._scp_is_promised():
            return super()._scp_get_promise_events(state, confirmed, source)
        qty = self._scp_get_product_uom_qty()
        events = [{
            'kind': 'baseline',
            'date_promised': inherited.baseline_date,
            'product_uom_qty': qty,
            'unconfirmed': not inherited.has_confirmed_baseline,
        }]
        if inherited.requested_date:
            events.insert(0, {
                'kind': 'requested', 'date_promised': inherited.requested_date, 'product_uom_qty': qty,
            })
        state = PromiseState(
            requested_date=inherited.requested_date,
            baseline_date=inherited.baseline_date,
            has_confirmed_baseline=inherited.has_confirmed_baseline,
            kind='baseline',
            promise_date=inherited.baseline_date,
            product_uom_qty=qty,
            unconfirmed=not inherited.has_confirmed_baseline,
            revision_count=0,
        )
        return events + super()._scp_get_promise_events(state, confirmed, source)

    def _scp_get_label(self):
        """What the order calls the product, in one line."""
        self.ensure_one()
        return (self.name or '').partition('\n')[0]

    def _scp_get_open_qty(self):
        """What the supplier has still to deliver, in the unit of the line; nothing once the rest was given up."""
        self.ensure_one()
        if all(move.state in ('done', 'cancel') for move in self.move_ids):
            return 0.0
        return max(self.product_uom_id.round(self.product_qty - self.qty_received), 0.0)

    def _scp_get_moment(self, day):
        """When a day is promised: the present moment when it is that day already, else noon."""
        self.ensure_one()
        if day == self.order_id._scp_get_day(self.date_planned):
            return self.date_planned
        return self._convert_to_middle_of_day(day)

    def _scp_apply_parts(self, parts):
        """Leave the first part on this line, put the others on lines of their own, and on one more what is missing.

        The date of the first part is left to the caller.

        :param parts: :class:`~.portal_rules.Part`, by day
        :return: the line of what was not confirmed, if any
        """
        self.ensure_one()
        first, *others = parts
        rest = self._scp_get_open_qty() - sum(part.qty for part in parts)
        splits = self.concat(*(self._scp_split(part.qty, self._scp_get_moment(part.day)) for part in others))
        missing = self.browse()
        if self.product_uom_id.compare(rest, 0) > 0:
            missing = self._scp_split(self.product_uom_id.round(rest), self.date_planned)
        qty = self.product_uom_id.round(self.qty_received + first.qty)
        with self.order_id._scp_keep_promises(splits):
            if self.product_uom_id.compare(qty, self.product_qty) != 0:
                # Its date and price with it, or Odoo would compute them anew from the quantity
                self.write({'product_qty': qty, 'date_planned': self.date_planned, 'price_unit': self.price_unit})
        return missing

    def _scp_split(self, qty, date_planned):
        """Take a part of a confirmed line out of it, as a line of its own with the same conditions.

        :param float qty: of the part, in the unit of the line; the caller lowers that of the line
        :param datetime.datetime date_planned: of the part, naive UTC
        :rtype: purchase.order.line
        """
        self.ensure_one()
        [vals] = self.copy_data({
            'order_id': self.order_id.id,
            'product_qty': qty,
            'date_planned': date_planned,
            'price_unit': self.price_unit,
            'scp_split_from_id': (self.scp_split_from_id or self).id,
            # Bought for one sale: so is each part
            **{name: self[name].id for name in ('sale_line_id', 'location_final_id') if name in self._fields},
        })
        vals.pop('move_dest_ids', None)  # or the part would be received in the quantity of all of them
        part = self.create(vals)
        destinations = self.move_dest_ids | self.move_ids.move_dest_ids
        if destinations:
            part.move_ids.write({'move_dest_ids': [(4, move.id) for move in destinations]})
        return part

from odoo import fields, models
from odoo.tools import SQL

from .journal import ORIGIN_KEY, PROMISE_GROUPS, PromiseOrigin

SECONDS_PER_DAY = 24 * 60 * 60


class ScpPromiseLineMixin(models.AbstractModel):
    """Order lines whose dates and quantities are promises.

    The ledger is not fed by the values somebody writes but by comparing a line with what the ledger last said about
    it: every way of changing a line, recomputation included, ends in the same place, and running anything twice
    appends nothing.
    """

    _name = 'scp.promise.line.mixin'
    _description = "Order Line with Promises"

    # 'out' or 'in', see scp.promise
    _scp_direction = None
    # The field of scp.promise that links back to the line, and the one to its order
    _scp_line_field = None
    _scp_order_field = None
    # Fields of the line that may change what is promised
    _scp_promise_fields = frozenset()

    scp_baseline_date = fields.Datetime(
        string="First Promised",
        compute='_compute_scp_promise',
        groups=PROMISE_GROUPS,
        help="What delivery is measured against: the date promised first, whatever was agreed later.",
    )
    scp_promise_date = fields.Datetime(
        string="Now Promised",
        compute='_compute_scp_promise',
        groups=PROMISE_GROUPS,
        help="The latest promise.",
    )
    scp_revision_count = fields.Integer(
        string="Revisions",
        compute='_compute_scp_promise',
        groups=PROMISE_GROUPS,
        help="Changes of the promised date or quantity, those of the other side and our own.",
    )

    # === COMPUTE === #

    def _compute_scp_promise(self):
        states = self._scp_get_promise_states()
        for line in self:
            state = states.get(line._origin.id)
            line.scp_baseline_date = state.baseline_date if state else False
            line.scp_promise_date = state.promise_date if state and state.kind != 'cancel' else False
            line.scp_revision_count = state.revision_count if state else 0

    # === BUSINESS === #

    def _scp_get_promise_states(self):
        """:rtype: dict[int, PromiseState]"""
        return self.env['scp.promise']._get_states(self._scp_direction, self._origin.ids)

    def _scp_get_touched_orders(self, vals):
        """The confirmed orders whose promises a write of ``vals`` on these lines may change.

        sudo: a portal user's write must be recorded as well.
        """
        if self._scp_promise_fields.isdisjoint(vals):
            return self.sudo().order_id.browse()
        return self.sudo().order_id.filtered(lambda order: order._scp_is_in_force())

    def _scp_is_promised(self):
        """Whether goods are owed on this line. Services, sections, charges and returns carry no promise."""
        self.ensure_one()
        return (
            self.order_id._scp_is_in_force()
            and not self.display_type
            and not self.is_downpayment
            and self.product_id.type == 'consu'
            and self._scp_get_qty() >= 0
        )

    def _scp_get_qty(self):
        """The ordered quantity, in the unit of the line."""
        raise NotImplementedError

    def _scp_get_requested_date(self, state):
        """The date asked for now, naive UTC.

        :param PromiseState state: what the ledger says, ``None`` before the first promise
        """
        raise NotImplementedError

    def _scp_get_promised_date(self):
        """The date promised now, naive UTC."""
        raise NotImplementedError

    def _scp_get_warehouse(self):
        raise NotImplementedError

    def _scp_get_partner(self):
        return self.order_id.partner_id

    def _scp_needs_confirmation(self):
        """Whether a promise counts only once the other side has confirmed it."""
        return False

    def _scp_record_promises(self, states, confirmed_line_ids=()):
        """Append whatever differs between the lines and the ledger.

        :param dict[int, PromiseState] states: the ledger, see :meth:`_scp_get_promise_states`
        :param confirmed_line_ids: ids of lines the supplier has just spoken about
        """
        Promise = self.env['scp.promise']
        origin = Promise._get_origin()
        common = {
            'source': Promise._get_source(),
            'user_id': Promise._get_acting_user().id,
            'reason_id': origin.reason_id,
            'note': origin.note,
            'form_key': origin.form_key,
            'date': origin.date or fields.Datetime.now(),
        }
        vals_list = []
        # sudo: the ledger copies fields a portal user may not read
        for line in self.sudo():
            confirmed = line.id in confirmed_line_ids
            events = line._scp_get_promise_events(states.get(line.id), confirmed, common['source'])
            vals_list += [common | line._scp_prepare_promise(event) for event in events]
        if vals_list:
            Promise._append(vals_list)
            self.invalidate_recordset(['scp_baseline_date', 'scp_promise_date', 'scp_revision_count'], flush=False)
            self.order_id.invalidate_recordset(['scp_promise_count', 'scp_promise_line_ids'], flush=False)

    def _scp_get_promise_events(self, state, confirmed, source):
        """What has happened to this line since the ledger last spoke of it.

        :param PromiseState state: ``None`` before the first promise
        :param bool confirmed: the supplier has just spoken about this line
        :param str source: a supplier's change through the portal confirms what it changes
        :return: the values of the promises that differ from event to event
        :rtype: list[dict]
        """
        self.ensure_one()
        if not self._scp_is_promised():
            return self._scp_get_withdrawal_events(state)
        qty = self._scp_get_product_uom_qty()
        if not state and self.product_id.uom_id.is_zero(qty):
            return []  # an extra product delivered without being ordered: nothing was promised

        events = []
        requested_date = self._scp_get_requested_date(state) or None
        previous_request = state.requested_date if state else None
        if requested_date != previous_request:
            events.append({
                'kind': 'requested',
                'date_promised': requested_date,
                'previous_date': previous_request,
                'product_uom_qty': qty,
            })

        promised_date = self._scp_get_promised_date()
        if not promised_date:
            return events
        needs_confirmation = self._scp_needs_confirmation()
        event = {'date_promised': promised_date, 'product_uom_qty': qty}
        if not state:
            events.append(event | {'kind': 'baseline', 'unconfirmed': needs_confirmation and not confirmed})
            return events

        event |= {'previous_date': state.promise_date, 'previous_product_uom_qty': state.product_uom_qty}
        changed = (
            state.kind == 'cancel'
            or promised_date != state.promise_date
            or self.product_id.uom_id.compare(qty, state.product_uom_qty) != 0
        )
        confirmed = confirmed or (changed and source == 'portal')
        if needs_confirmation and confirmed and not state.has_confirmed_baseline:
            events.append(event | {'kind': 'baseline', 'unconfirmed': False})
        elif changed:
            events.append(event | {'kind': 'revision', 'unconfirmed': needs_confirmation and not confirmed})
        elif needs_confirmation and confirmed and state.unconfirmed:
            events.append(event | {'kind': 'confirmation', 'unconfirmed': False})
        return events

    def _scp_get_withdrawal_events(self, state):
        """A cancelled or deleted line takes its promise back, once."""
        if not state or state.kind == 'cancel':
            return []
        return [{
            'kind': 'cancel',
            'previous_date': state.promise_date,
            'previous_product_uom_qty': state.product_uom_qty,
            'product_uom_qty': 0,
            'qty': 0,
        }]

    def _scp_get_product_uom_qty(self):
        """The ordered quantity in the product's own unit."""
        qty = self._scp_get_qty()
        if self.product_uom_id == self.product_id.uom_id:
            return qty
        return self.product_uom_id._compute_quantity(qty, self.product_id.uom_id, rounding_method='HALF-UP')

    def _scp_prepare_promise(self, event):
        """The values of one promise: what happened, and a copy of the document it happened to."""
        self.ensure_one()
        new, old = event.get('date_promised'), event.get('previous_date')
        return {
            'direction': self._scp_direction,
            'line_ref': self.id,
            self._scp_line_field: self.id,
            self._scp_order_field: self.order_id.id,
            'order_name': self.order_id.name,
            'product_id': self.product_id.id,
            # Its display name would cost six queries
            'product_name': (self.name or '').partition('\n')[0] or self.product_id.display_name,
            'partner_id': self._scp_get_partner().id,
            'company_id': self.order_id.company_id.id,
            'warehouse_id': self._scp_get_warehouse().id,
            'qty': self._scp_get_qty(),
            'uom_id': self.product_uom_id.id,
            'product_uom_id': self.product_id.uom_id.id,
            'shift_days': (new - old).total_seconds() / SECONDS_PER_DAY if new and old else 0.0,
        } | event

    def _scp_withdraw_promises(self):
        """Take the promises of lines back that are about to be deleted."""
        Promise = self.env['scp.promise']
        states = self._scp_get_promise_states()
        common = {'source': Promise._get_source(), 'user_id': Promise._get_acting_user().id}
        # sudo: see _scp_record_promises
        Promise._append([
            common | line._scp_prepare_promise(event)
            for line in self.sudo()
            for event in line._scp_get_withdrawal_events(states.get(line.id))
        ])


    # === BACK-FILL === #

    def _scp_backfill_promises(self):
        """Record the promises of lines that were confirmed before the ledger existed.

        What was promised first is not known any more: the present values stand in, marked as such.
        """
        lines = self.filtered(lambda line: line._scp_is_promised())
        lines = lines.with_context(**{ORIGIN_KEY: PromiseOrigin(source='backfill')})
        lines._scp_record_promises(lines._scp_get_promise_states(), lines._scp_get_acknowledged_line_ids())

    def _scp_get_acknowledged_line_ids(self):
        """Ids of the lines whose present date the other side is known to have agreed to."""
        return set()

    def _scp_get_backfill_where(self) -> SQL:
        """Open lines of confirmed orders, aliased ``line``, ``"order"`` and ``template``."""
        raise NotImplementedError

    def _scp_get_backfill_query(self, select, last_id) -> SQL:
        return SQL(
            """
            SELECT %(select)s
              FROM %(line_table)s line
              JOIN %(order_table)s "order" ON "order".id = line.order_id
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
             WHERE line.id > %(last_id)s
               AND line.display_type IS NULL
               AND line.is_downpayment IS NOT TRUE
               AND template.type = 'consu'
               AND %(where)s
               AND NOT EXISTS (
                       SELECT FROM scp_promise promise
                        WHERE promise.direction = %(direction)s
                          AND promise.line_ref = line.id
                   )
            """,
            select=select,
            line_table=SQL.identifier(self._table),
            order_table=SQL.identifier(self.order_id._table),
            last_id=last_id,
            where=self._scp_get_backfill_where(),
            direction=self._scp_direction,
        )

    def _scp_get_backfill_line_ids(self, last_id, limit):
        """The next open lines without promises, by id, behind ``last_id``."""
        self.env.flush_all()
        query = SQL("%s ORDER BY line.id LIMIT %s", self._scp_get_backfill_query(SQL("line.id"), last_id), limit)
        return [line_id for [line_id] in self.env.execute_query(query)]

    def _scp_count_backfill_lines(self, last_id):
        [[count]] = self.env.execute_query(self._scp_get_backfill_query(SQL("count(*)"), last_id))
        return count

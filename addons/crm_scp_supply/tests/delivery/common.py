from datetime import datetime
from itertools import pairwise

from odoo.tests import freeze_time
from odoo.tools import SQL

from odoo.addons.crm_scp_supply.models.portal.portal_rules import Answer, Part
from odoo.addons.crm_scp_supply.models.promise.journal import ORIGIN_KEY, PromiseOrigin

from ..promise.common import PromiseCommon

# When orders are confirmed, a Monday; when the first promise falls due, a Friday; when figures are read
ORDERED = '2 09:00'
PROMISED = '6 12:00'
READ = '31 12:00'


def moment(text):
    """A moment of March 2026 in UTC, as "day [hour:minute]"; ten o'clock unless told."""
    day, _space, time = text.partition(' ')
    hour, minute = map(int, (time or '10:00').split(':'))
    return datetime(2026, 3, int(day), hour, minute)


class DeliveryCommon(PromiseCommon):
    """Stories of single order lines: steps "day[ hour:minute]: action argument ...", and the facts they lead to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Fact = cls.env['scp.delivery.fact']
        cls.Report = cls.env['scp.delivery.report']
        cls.Refresh = cls.env['scp.delivery.refresh']
        (cls.customer + cls.vendor).tz = 'UTC'
        cls.bolt.uom_id = cls.unit
        warehouse = cls.env['stock.warehouse'].search([('company_id', '=', cls.env.company.id)], limit=1)
        cls.env['stock.quant']._update_available_quantity(cls.bolt, warehouse.lot_stock_id, 1_000_000)
        cls.Refresh._rebuild()
        cls._refresh()

    # --- reading --- #

    @classmethod
    def _refresh(cls):
        """Work the queue off."""
        while cls.Refresh._work_queue(1_000):
            pass

    def _get_fact(self, line):
        self._refresh()
        return self.Fact.search([('direction', '=', line._scp_direction), ('line_ref', '=', line.id)])

    def _get_row(self, line, read=READ):
        """The row of the report at a moment, as the database has it: None is None."""
        fact = self._get_fact(line)
        with freeze_time(moment(read)):
            [row] = self.env.execute_query_dict(SQL(
                "SELECT * FROM (%s) report WHERE id = %s", self.Report._table_query, fact.id))
        return row

    def _snapshot(self):
        """All facts, without their ids, as text by line."""
        columns = SQL(", ").join(
            SQL.identifier(name) for name, field in self.Fact._fields.items() if field.store and name != 'id'
        )
        rows = self.env.execute_query(SQL(
            "SELECT direction, line_ref, to_jsonb(fact)::text FROM (SELECT %s FROM scp_delivery_fact) fact", columns))
        return {(direction, line_ref): row for direction, line_ref, row in rows}

    # --- telling --- #

    def _play(self, direction, story, qty=10, promised=PROMISED, requested=None, uom=None, ordered=ORDERED, **values):
        """Confirm an order of one line and let the story happen to it.

        :return: the order line
        """
        line = {'product_uom_id': uom.id} if uom else {}
        with freeze_time(moment(ordered)):
            if direction == 'out':
                order = self._create_sale(
                    (self.bolt, qty, line), commitment_date=moment(promised),
                    scp_requested_date=requested and moment(requested), **values)
                order.action_confirm()
            else:
                order = self._create_purchase(
                    (self.bolt, qty, line | {'date_planned': moment(requested or promised)}), **values)
                order.button_confirm()
        for step in story:
            when, _colon, what = step.partition(': ')
            with freeze_time(moment(when)):
                action, *arguments = what.split()
                getattr(self, f'_do_{action}')(order.order_line[:1], *arguments)
        return order.order_line[:1]

    def _said(self, record, source=None, reason=None):
        reason = reason and self.env.ref(f'crm_scp_supply.scp_promise_reason_{reason}').id
        return record.with_context(**{ORIGIN_KEY: PromiseOrigin(source=source, reason_id=reason)})

    def _get_open_transfer(self, line):
        return line.order_id.picking_ids.filtered(lambda picking: picking.state not in ('done', 'cancel'))[:1]

    def _do_move(self, line, qty, then='backorder'):
        """Validate the open transfer with so much, in the unit of its move."""
        self._transfer(self._get_open_transfer(line), {self.bolt: float(qty)}, backorder=then == 'backorder')

    def _do_receive(self, line, qty):
        """So much arrives, whatever transfers it was split into: those planned first are filled first."""
        left = float(qty)
        open_moves = line.order_id.order_line.move_ids.filtered(lambda move: move.state not in ('done', 'cancel'))
        for move in open_moves.sorted(lambda move: (move.date, move.id)):
            move.quantity = min(move.product_uom_qty, left)
            move.picked = bool(move.quantity)
            left -= move.quantity
        for picking in open_moves.filtered('picked').picking_id:
            picking.with_context(cancel_backorder=False)._action_done()

    def _do_return(self, line, qty, how='credit', source='last'):
        """Goods come back: to be credited, to be replaced, or unwanted; of the last transfer or the first."""
        done = line.order_id.picking_ids.filtered(
            lambda picking: picking.state == 'done' and not picking.return_id).sorted('id')
        picking = done[-1] if source == 'last' else done[0]
        self.returned = self._return(picking, {self.bolt: float(qty)}, to_refund=how != 'replace')
        if how == 'unwanted':
            self.returned.scp_return_fault = 'receiver'

    def _do_redo(self, line, qty, how='credit'):
        """What came back goes the same way again."""
        self._return(self.returned, {self.bolt: float(qty)}, to_refund=how != 'replace')

    def _do_promise(self, line, when, source=None, reason=None):
        """We promise the customer, or plan with the supplier, another day."""
        date = moment(f'{when} 12:00')
        if line._scp_direction == 'out':
            self._said(line.order_id, source, reason).commitment_date = date
        else:
            self._said(line, source, reason).date_planned = date

    def _do_push(self, line, when):
        """The supplier moves his day in the portal, as Odoo's route does."""
        order = line.order_id.with_user(self.supplier).sudo()
        order._update_date_planned_for_lines([(line.with_env(order.env), moment(f'{when} 12:00'))])

    def _do_acknowledge(self, line):
        self._said(line.order_id, 'portal').acknowledged = True

    def _do_confirm(self, line, qty, when='6'):
        """The buyer puts down what the supplier confirmed by mail."""
        order = self._said(line.order_id, 'mail')
        with order._scp_keep_promises(line):
            line.with_env(order.env).write({'product_qty': float(qty), 'date_planned': moment(f'{when} 12:00')})

    def _do_answer(self, line, number, share, *days, reason=None):
        """The supplier answers for one of the open lines in the portal: a share of it, in parts for these days."""
        order = line.order_id.with_user(self.supplier).sudo()
        open_lines = order.order_line.filtered(lambda line: line._scp_get_open_qty())
        if not open_lines:
            return
        line = open_lines[int(number) % len(open_lines)]
        today = order._scp_get_today()
        days = sorted({max(moment(day).date(), today) for day in days})
        uom, qty = line.product_uom_id, float(share) * line._scp_get_open_qty()
        # rounded as the page rounds what he enters, and together the whole
        marks = [uom.round(qty * place / len(days)) for place in range(len(days) + 1)]
        parts = tuple(
            Part(day, uom.round(end - start))
            for day, (start, end) in zip(days, pairwise(marks), strict=True) if start < end
        )
        if not parts:
            return
        order._scp_apply_answers({line: Answer(
            parts,
            reason and self.env.ref(f'crm_scp_supply.scp_promise_reason_{reason}').id,
        )})

    def _do_request(self, line, when):
        line.order_id.scp_requested_date = moment(f'{when} 12:00')

    def _do_order(self, line, qty, source=None, reason=None):
        """Another quantity is ordered."""
        field = 'product_uom_qty' if line._scp_direction == 'out' else 'product_qty'
        self._said(line, source, reason)[field] = float(qty)

    def _do_cancel(self, line, source=None, reason=None):
        order = self._said(line.order_id, source, reason)
        order._action_cancel() if line._scp_direction == 'out' else order.button_cancel()

    def _do_reopen(self, line):
        if line._scp_direction == 'out':
            line.order_id.action_draft()
            line.order_id.action_confirm()
        else:
            line.order_id.button_draft()
            line.order_id.button_confirm()

    def _do_drop(self, line):
        """The open transfer is cancelled."""
        self._get_open_transfer(line).action_cancel()

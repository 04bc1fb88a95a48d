"""Deliveries worked out by hand, first promised for Friday 6 March 2026 unless told.

Each case says what happened and what must come of it; quantities are in the product's own unit.
"""
from typing import NamedTuple

from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from ..promise.common import NOW
from .common import PROMISED, READ, DeliveryCommon

RATES = (
    'otif_request', 'otif_baseline', 'otif_qty_request', 'otif_qty_baseline', 'in_full', 'on_time', 'fill_line',
    'fill_unit', 'perfect_order', 'stability',
)


class Case(NamedTuple):
    """``expected`` names columns of the report; what it does not name is not looked at."""

    name: str
    direction: str
    story: list
    expected: dict
    qty: float = 10
    read: str = READ
    tz: str = 'UTC'
    promised: str = PROMISED
    requested: str | None = None
    ordered: str = '2 09:00'
    dozens: bool = False


KEPT = {'otif_baseline': 1.0, 'otif_qty_baseline': 1.0, 'status': 'kept', 'perfect_order': 1.0}
LATE = {'otif_baseline': 0.0, 'status': 'late'}

SALES = [
    Case("on the day", 'out', ["6: move 10"], KEPT | {
        'qty_ordered': 10, 'qty_done': 10, 'qty_net': 10, 'qty_by_baseline': 10, 'lead_days': 4, 'cycle_days': 4,
        'delay_days': 0, 'fill_line': 1.0, 'fill_unit': 1.0, 'otif_request': None, 'stability': 1.0}),
    Case("a day early", 'out', ["5: move 10"], KEPT | {'delay_days': -1, 'lead_days': 3}),
    Case("a day late", 'out', ["7: move 10"], LATE | {
        'otif_qty_baseline': 0.0, 'in_full': 1.0, 'on_time': 0.0, 'delay_days': 1, 'fill_line': 1.0}),
    Case("the last second of the day", 'out', ["6 23:59: move 10"], KEPT),
    Case("the first of the next", 'out', ["7 00:00: move 10"], LATE),
    Case("not due yet", 'out', [], {
        'otif_baseline': None, 'otif_qty_baseline': None, 'fill_line': None, 'status': 'open', 'qty_open': 10},
        read='6 23:59'),
    Case("overdue and nothing there", 'out', [], {
        'otif_baseline': 0.0, 'otif_qty_baseline': 0.0, 'fill_line': 0.0, 'fill_unit': 0.0, 'in_full': 0.0,
        'status': 'overdue', 'qty_open': 10, 'ppm': None, 'lead_time': None}, read='7 00:00'),
    Case("delivered before it is due", 'out', ["3: move 10"], KEPT, read='4 09:00'),
    Case("split 60/40, both in time", 'out', ["5: move 6", "6: move 4"], KEPT | {
        'fill_line': 0.0, 'fill_unit': 0.6, 'qty_first': 6, 'lead_days': 3.4, 'cycle_days': 4,
        'arrivals': [[3, 6], [4, 4]]}),
    Case("split 60/40, the rest late", 'out', ["6: move 6", "9: move 4"], LATE | {
        'otif_qty_baseline': 0.6, 'qty_by_baseline': 6, 'lead_days': 5.2, 'cycle_days': 7, 'in_full': 1.0}),
    Case("three parts", 'out', ["4: move 2", "6: move 3", "10: move 5"], LATE | {
        'otif_qty_baseline': 0.5, 'fill_unit': 0.2, 'lead_days': 5.6}),
    Case("the rest overdue", 'out', ["6: move 6"], {
        'otif_baseline': 0.0, 'otif_qty_baseline': 0.6, 'status': 'overdue', 'qty_open': 4, 'cycle_days': None}),
    Case("the rest not due", 'out', ["5: move 6"], {
        'otif_baseline': None, 'status': 'open', 'qty_open': 4, 'fill_line': 0.0, 'fill_unit': 0.6}, read='6 09:00'),
    Case("closed short", 'out', ["6: move 7 close"], {
        'otif_baseline': 0.0, 'otif_qty_baseline': 0.7, 'in_full': 0.0, 'status': 'quantity', 'qty_open': 0}),
    Case("closed short before it is due", 'out', ["4: move 7 close"], {
        'otif_baseline': 0.0, 'otif_qty_baseline': 0.7, 'status': 'quantity'}, read='5 09:00'),
    Case("backorder cancelled", 'out', ["5: move 7", "5 11:00: drop"], {
        'otif_baseline': 0.0, 'otif_qty_baseline': 0.7, 'status': 'quantity'}),
    Case("more than ordered", 'out', ["6: move 20"], {
        'otif_baseline': 0.0, 'otif_qty_baseline': 1.0, 'qty_done': 20, 'in_full': 0.0, 'on_time': 1.0,
        'fill_unit': 1.0, 'status': 'quantity'}),
    Case("returned for credit", 'out', ["6: move 10", "9: return 4 credit"], {
        'otif_baseline': 0.0, 'otif_qty_baseline': 0.6, 'qty_done': 10, 'qty_returned': 4, 'qty_credited': 4,
        'qty_net': 6, 'qty_by_baseline': 6, 'ppm': 400_000.0, 'is_damaged': True, 'status': 'quantity'}),
    Case("returned, not wanted any more", 'out', ["6: move 10", "9: return 4 unwanted"], KEPT | {
        'qty_returned': 0, 'qty_unwanted': 4, 'qty_net': 10, 'ppm': 0.0, 'is_damaged': False}),
    Case("all unwanted", 'out', ["6: move 10", "9: return 10 unwanted"], KEPT),
    Case("replaced too late", 'out', ["5: move 10", "6: return 4 replace", "9: redo 4 replace"], LATE | {
        'otif_qty_baseline': 0.6, 'qty_done': 14, 'qty_returned': 4, 'qty_net': 10, 'in_full': 1.0,
        'perfect_order': 0.0}),
    Case("replaced in time", 'out', ["3: move 10", "4: return 4 replace", "6: redo 4 replace"], {
        'otif_baseline': 1.0, 'otif_qty_baseline': 1.0, 'status': 'kept', 'perfect_order': 0.0, 'qty_net': 10}),
    Case("unwanted, then taken after all", 'out',
        ["5: move 6", "6: return 4 unwanted", "9: redo 4", "10: move 4"], LATE | {
        'qty_done': 10, 'qty_net': 10, 'otif_qty_baseline': 0.6}),
    Case("the late part returned", 'out', ["6: move 6", "9: move 4", "10: return 4 credit"], {
        'otif_baseline': 0.0, 'otif_qty_baseline': 0.6, 'qty_net': 6, 'qty_by_baseline': 6}),
    Case("the early part returned", 'out', ["6: move 6", "9: move 4", "10: return 5 credit first"], {
        'otif_baseline': 0.0, 'otif_qty_baseline': 0.1, 'qty_net': 5, 'qty_by_baseline': 1}),
    Case("everything returned", 'out', ["6: move 10", "9: return 10 credit"], {
        'otif_baseline': 0.0, 'otif_qty_baseline': 0.0, 'qty_net': 0, 'ppm': 1_000_000.0}),
    Case("promised later, then kept", 'out', ["4: promise 10", "10: move 10"], LATE | {
        'otif_qty_baseline': 0.0, 'stability': 0.0, 'slip_days': 4, 'revision_count': 1}),
    Case("promised sooner", 'out', ["3: promise 5", "6: move 10"], KEPT | {'stability': 1.0, 'slip_days': -1}),
    Case("moved there and back", 'out', ["3: promise 10", "4: promise 6", "6: move 10"], KEPT | {
        'stability': 0.0, 'revision_count': 2, 'slip_days': 0}),
    Case("moved because the customer asked", 'out', ["4: promise 10 mail customer", "10: move 10"], LATE | {
        'stability': 1.0}),
    Case("moved after it was due", 'out', ["9: promise 12", "12: move 10"], LATE | {'stability': 0.0}),
    Case("cancelled by the customer in time", 'out', ["4: cancel"], {
        'otif_baseline': None, 'otif_qty_baseline': None, 'qty_ordered': 0, 'status': 'withdrawn', 'in_full': None}),
    Case("cancelled when it was overdue", 'out', ["9: cancel"], {
        'otif_baseline': 0.0, 'otif_qty_baseline': 0.0, 'qty_ordered': 10, 'status': 'quantity'}),
    Case("cancelled by us, out of stock", 'out', ["4: cancel internal stock"], {
        'otif_baseline': 0.0, 'qty_ordered': 10, 'status': 'quantity'}),
    Case("cancelled and confirmed again", 'out', ["4: cancel", "5: reopen", "6: move 10"], KEPT | {
        'qty_ordered': 10}),
    Case("ordered less in time", 'out', ["4: order 6", "6: move 6"], KEPT | {'qty_ordered': 6}),
    Case("ordered less when it was overdue", 'out', ["6: move 6", "9: order 6"], {
        'qty_ordered': 10, 'otif_baseline': 0.0, 'otif_qty_baseline': 0.6}),
    Case("ordered less because we are short", 'out', ["4: order 6 internal stock", "6: move 6"], {
        'qty_ordered': 10, 'otif_baseline': 0.0, 'otif_qty_baseline': 0.6}),
    Case("ordered more in time", 'out', ["4: order 15", "6: move 10", "6 11:00: move 5"], KEPT | {'qty_ordered': 15}),
    Case("ordered more afterwards", 'out', ["6: move 10", "9: order 15", "10: move 5"], KEPT | {'qty_ordered': 10}),
    Case("transfer cancelled, still owed", 'out', ["4: drop"], {
        'otif_baseline': 0.0, 'qty_ordered': 10, 'status': 'overdue', 'qty_open': 10}),
    Case("request before promise, missed", 'out', ["6: move 10"], KEPT | {
        'otif_request': 0.0, 'otif_qty_request': 0.0}, requested='5 12:00'),
    Case("request after promise, kept", 'out', ["7: move 10"], LATE | {
        'otif_request': 1.0, 'otif_qty_request': 1.0}, requested='9 12:00'),
    Case("request changed in time", 'out', ["4: request 9", "9: move 10"], {'otif_request': 1.0, 'otif_baseline': 0.0},
        requested='5 12:00'),
    Case("request changed when it was missed", 'out', ["9: request 10", "10: move 10"], {'otif_request': 0.0},
        requested='5 12:00'),
    Case("request changed twice, the first time too late", 'out',
        ["9: request 12", "10: request 13", "12: move 10"], {'otif_request': 0.0}, requested='5 12:00'),
    Case("late in UTC, on the day in New York", 'out', ["7 03:00: move 10"], KEPT, tz='America/New_York'),
    Case("late in New York too", 'out', ["7 05:00: move 10"], LATE, tz='America/New_York'),
    Case("on the day in UTC, late in Shanghai", 'out', ["6 17:00: move 10"], LATE | {'delay_days': 1},
        tz='Asia/Shanghai'),
    Case("promised at midnight in Shanghai", 'out', ["6 15:59: move 10"], KEPT | {'delay_days': 0},
        tz='Asia/Shanghai', promised='5 16:00'),
    Case("overdue in Shanghai before UTC", 'out', [], {'status': 'overdue'}, tz='Asia/Shanghai', read='6 16:00'),
    Case("not overdue in New York", 'out', [], {'status': 'open'}, tz='America/New_York', read='7 04:59'),
    Case("day of daylight saving in New York", 'out', ["9 03:59: move 10"], KEPT, tz='America/New_York',
        promised='8 12:00'),
    Case("ordered in dozens", 'out', ["6: move 24"], KEPT | {'qty_ordered': 24, 'qty_done': 24}, qty=2, dozens=True),
    Case("one of two dozens", 'out', ["6: move 12", "9: move 12"], LATE | {
        'otif_qty_baseline': 0.5, 'qty_ordered': 24}, qty=2, dozens=True),
]

CONFIRMED = ["3: acknowledge"]
PURCHASES = [
    Case("received on the day, confirmed", 'in', [*CONFIRMED, "6: move 10"], KEPT | {
        'otif_request': 1.0, 'confirmed_rate': 1.0, 'lead_days': 4}),
    Case("received on the day, never confirmed", 'in', ["6: move 10"], {
        'otif_baseline': None, 'otif_request': 1.0, 'otif_qty_request': 1.0, 'confirmed_rate': 0.0, 'stability': None}),
    Case("five days late", 'in', [*CONFIRMED, "11: move 10"], LATE | {'otif_qty_baseline': 0.0, 'otif_request': 0.0}),
    Case("five days late, the supplier moves the date first", 'in', [*CONFIRMED, "5: push 11", "11: move 10"], LATE | {
        'otif_qty_baseline': 0.0, 'otif_request': 0.0, 'stability': 0.0, 'slip_days': 5}),
    Case("confirmed for a later day at once", 'in', ["3: push 11", "11: move 10"], KEPT | {
        'otif_request': 0.0, 'stability': 1.0}),
    Case("the buyer moves the date", 'in', [*CONFIRMED, "4: promise 11", "11: move 10"], LATE | {'stability': 1.0}),
    Case("the buyer moves it because the supplier is late", 'in',
        [*CONFIRMED, "4: promise 11 internal supplier", "11: move 10"], LATE | {'stability': 0.0}),
    Case("20 of 10 received", 'in', [*CONFIRMED, "6: move 20"], {
        'otif_baseline': 0.0, 'otif_qty_baseline': 1.0, 'qty_done': 20}),
    Case("4 of 10 sent back", 'in', [*CONFIRMED, "6: move 10", "9: return 4 credit"], {
        'otif_baseline': 0.0, 'otif_qty_baseline': 0.6, 'ppm': 400_000.0}),
    Case("4 of 10 sent back, ordered by mistake", 'in', [*CONFIRMED, "6: move 10", "9: return 4 unwanted"], KEPT),
    Case("overdue, nothing received", 'in', CONFIRMED, {
        'otif_baseline': 0.0, 'otif_qty_baseline': 0.0, 'status': 'overdue'}),
    Case("the supplier confirms less", 'in', ["3: confirm 8", "6: move 8 close"], {
        'qty_ordered': 10, 'qty_promised': 8, 'otif_baseline': 0.0, 'otif_qty_baseline': 0.8}),
    Case("the buyer orders less", 'in', [*CONFIRMED, "4: order 8", "6: move 8"], KEPT | {'qty_ordered': 8}),
    Case("the buyer cancels in time", 'in', [*CONFIRMED, "4: cancel"], {'otif_baseline': None, 'qty_ordered': 0}),
    Case("the supplier cancels", 'in', [*CONFIRMED, "4: cancel mail supplier"], {
        'otif_baseline': 0.0, 'otif_request': 0.0, 'qty_ordered': 10}),
    Case("bought in dozens", 'in', [*CONFIRMED, "6: move 12", "9: move 12"], LATE | {
        'otif_qty_baseline': 0.5, 'qty_ordered': 24}, qty=2, dozens=True),
    Case("a partial receipt, then the date is moved", 'in', [*CONFIRMED, "6: move 6", "6 11:00: push 12", "12: move 4"],
        LATE | {'otif_qty_baseline': 0.6}),
]


@tagged('post_install', '-at_install')
@freeze_time(NOW)
class TestDeliveryOracle(DeliveryCommon):

    def _get_faults(self, case):
        """What differs between a case and its row, as text."""
        (self.customer + self.vendor).tz = case.tz
        line = self._play(
            case.direction, case.story, qty=case.qty, promised=case.promised, requested=case.requested,
            ordered=case.ordered, uom=self.dozen if case.dozens else None,
        )
        row = self._get_row(line, case.read)
        for name in RATES:
            if row[name] is not None and not 0 <= row[name] <= 1:
                yield f"{case.name}: {name} is {row[name]}"
        for name, expected in case.expected.items():
            value = row[name]
            if value is None or expected is None or isinstance(expected, (str, list)):
                is_equal = value == expected
            else:
                is_equal = abs(float(value) - expected) <= 1e-9
            if not is_equal:
                yield f"{case.name}: {name} is {value}, not {expected}"

    def _check_all(self, cases):
        faults = [fault for case in cases for fault in self._get_faults(case)]
        self.assertFalse(faults, "\n".join(faults))
        before = self._snapshot()
        for direction in ('out', 'in'):
            self.assertFalse(self.Fact._sync(direction, SQL("TRUE")), "What the queue left is what a check computes")
        self.Refresh._rebuild()
        self.assertEqual(self._snapshot(), before, "Built from nothing the facts are the same")

    def test_sales(self):
        self._check_all(SALES)

    def test_purchases(self):
        self._check_all(PURCHASES)

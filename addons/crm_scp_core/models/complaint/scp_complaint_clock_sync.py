from collections import defaultdict
from datetime import datetime
from typing import Any, NamedTuple

from odoo import models

from ..funnel.working_hours import HOUR, RoundTheClock
from .policy_rules import LineRule, PolicyRule, Terms

#: clocks that start again each time they are met
RECURRING = ('next_response', 'customer_update')
#: clocks that run before a severity is known
RECEPTION = ('acknowledge', 'first_response', *RECURRING)
#: clocks that start with something else than the receipt or the reopening
LATER = (*RECURRING, 'effectiveness')


class Slot(NamedTuple):
    """One kind of clock of a complaint, statutory or not, at a moment."""

    kind: str
    statutory: bool
    clocks: Any  # those there are, the oldest first
    span: Any  # scp_complaint_clock.Span, None where nothing is due
    choice: tuple[PolicyRule, LineRule] | None
    is_fresh: bool  # no duty of this sort was known before
    end_reason: str | None
    waits: bool


class ScpComplaint(models.Model):
    """Sets clocks right: whatever was written, the clocks there are get compared with those there
    should be, for any number of complaints at once.
    """

    _inherit = 'scp.complaint'

    def _sync_clocks(self, reason: str | None = None, received_before=None, created=False):
        """Bring the clocks of complaints in line with what has happened to them.

        :param reason: why clocks get other terms, if not because the complaint was changed
        :param received_before: {id: `received_at` before it may have been corrected}
        :param created: whether the complaints are new: what was done before they were written
            down gets its clock too, even if nothing is due any more
        """
        # sudo: clocks tell what happened, whoever made it happen
        complaints, Clock = self.sudo(), self.env['scp.sla.clock'].sudo()
        clocks = Clock
        if not created:
            complaints = complaints.exists()
            clocks = Clock.search([('complaint_id', 'in', complaints.ids)], order='id')
        by_complaint = clocks.grouped('complaint_id')
        rows, starts = [], []
        for complaint in complaints:
            own = by_complaint.get(complaint, Clock)
            rows += complaint._move_clock_starts(own, (received_before or {}).get(complaint.id))
            for slot in complaint._get_clock_slots(own, created):
                slot_rows, start = complaint._sync_slot(slot, reason)
                rows += slot_rows
                starts += [start] if start else []
        rows += self._start_clocks(starts)
        self.env['scp.sla.event']._append(rows)
        clocks.filtered('ended_at')._close_activities()

    def _get_clock_slots(self, clocks, created: bool) -> list[Slot]:
        """Return every kind of clock that the complaint has or should have."""
        self.ensure_one()
        spans = self._get_clock_spans()
        chosen = self.env['scp.sla.policy']._choose_lines(
            self.company_id.id, self._get_clock_facts())
        own = defaultdict(clocks.browse)
        for clock in clocks:
            own[clock.kind, clock.statutory] |= clock
        of_cycle = clocks.filtered(lambda clock: clock.cycle == self.cycle)
        is_first = not of_cycle
        is_assessed = any(clock.kind not in RECEPTION for clock in of_cycle)
        end_reason = self._get_clock_end_reason()
        waits = self.state in self._get_waiting_states()

        def get_end_reason(kind):
            is_told_late = created and kind in spans and spans[kind].end
            return None if kind == 'effectiveness' or is_told_late else end_reason

        return [
            Slot(
                kind=kind,
                statutory=statutory,
                clocks=own[kind, statutory],
                span=spans.get(kind),
                choice=chosen.get((kind, statutory)),
                is_fresh=kind in LATER or (is_first if kind in RECEPTION else not is_assessed),
                end_reason=get_end_reason(kind),
                waits=waits,
            )
            for kind, statutory in {**own, **chosen}
        ]

    # === ONE KIND OF CLOCK ===#

    def _sync_slot(self, slot: Slot, reason: str | None):
        """Set one kind of clock right.

        :return: rows of the history, and what starts: (values, end) or None
        """
        rows = []
        clock = slot.clocks.filtered(lambda clock: not clock.ended_at)
        if clock:
            end = self._get_clock_end(clock, slot)
            if not end:
                return self._sync_open_clock(clock, slot, reason)
            rows = clock._catch_up(end) + clock._finish(end)
        return rows, self._prepare_start(slot)

    def _get_clock_end(self, clock, slot: Slot) -> datetime | None:
        """Return when what an open clock waits for was done, None while it was not."""
        span = slot.span
        if not span:
            return None
        if slot.kind == 'customer_update':
            # the next update is due from the last one on
            return span.start if span.start > clock.start_at else None
        return span.end and max(span.end, clock.start_at)

    def _sync_open_clock(self, clock, slot: Slot, reason: str | None):
        """Miss, cancel, replace, pause or resume a clock that waits for something."""
        now = self._get_clock_now()
        rows = clock._catch_up(now)
        end_reason = slot.end_reason or self._get_slot_end_reason(slot)
        if end_reason:
            return rows + clock._cancel(now, end_reason), None
        terms = self._get_terms(slot, clock.start_at, bool(clock.holding_at))
        rule, line = slot.choice
        if clock.state != 'missed' and terms != clock._get_terms():
            reason = reason or self.env._("The complaint was changed.")
            consumed = clock._get_consumed(now)
            rows += clock._cancel(now, reason)
            return rows, ({
                **self._prepare_clock(slot, clock.start_at, terms),
                **clock._prepare_heir(consumed),
                'last_resume_at': False if slot.waits and terms.pausable else now,
                'state': 'paused' if slot.waits and terms.pausable else 'running',
            }, None)
        if clock.policy_line_id.id != line.id and clock.state != 'missed':
            clock.write({'policy_id': rule.id, 'policy_line_id': line.id})
        if slot.waits and clock.pausable and clock.last_resume_at:
            rows += clock._pause(now)
        elif not clock.last_resume_at and not (slot.waits and clock.pausable):
            rows += clock._resume(now)
            rows += clock._catch_up(now)
        elif clock.last_resume_at:
            clock._plan_next_event()  # who is told when depends on the complaint
        return rows, None

    def _get_slot_end_reason(self, slot: Slot) -> str | None:
        if not slot.span:
            return self.env._("It is not due any more.")
        if not slot.choice:
            return self.env._("No policy asks for it any more.")
        return None

    def _prepare_start(self, slot: Slot):
        """Return what starts where no clock is open: (values, end), None if nothing does.

        `end` is when it was done, of something that is known only after it happened.
        """
        if slot.end_reason or self._get_slot_end_reason(slot):
            return None
        start, end = slot.span
        if end and slot.kind in RECURRING:
            return None
        last = slot.clocks.filtered(
            lambda clock: clock.cycle == self.cycle or slot.kind == 'total_resolution')[-1:]
        if last and self._is_slot_done(slot, last):
            return None
        now = self._get_clock_now()
        if last and (last.state == 'cancelled' or slot.kind == 'total_resolution'):
            # what was used up is not given back
            terms = self._get_terms(slot, last.start_at, bool(last.holding_at))
            return None if end else ({
                **self._prepare_clock(slot, last.start_at, terms),
                **last._prepare_heir(round(last.consumed_h * HOUR)),
                'last_resume_at': now,
            }, None)
        if not slot.is_fresh:
            # a duty that a change brings begins with the change
            if end:
                return None
            start = now
        return {
            **self._prepare_clock(slot, start, self._get_terms(slot, start)), 'last_resume_at': start,
        }, end

    def _is_slot_done(self, slot: Slot, last) -> bool:
        """Whether the last clock of a kind leaves nothing to be done in this cycle."""
        if slot.kind in RECURRING:
            return bool(last.met_at and slot.span.start < last.met_at)
        if slot.kind == 'total_resolution' and last.state == 'missed':
            return True
        return last.cycle == self.cycle and last.state != 'cancelled'

    # === VALUES ===#

    def _get_terms(self, slot: Slot, start: datetime, extended: bool = False) -> Terms:
        """Return what the chosen policy gives a clock that started at ``start``.

        :param extended: whether a holding reply was sent
        """
        Line = self.env['scp.sla.policy.line']
        rule, line = slot.choice
        company_id = self.company_id.id
        factor = self.grade_id.clock_factor if rule.use_grade_factor and self.grade_id else 1
        seconds = Line._get_target_seconds(line, company_id, start, factor, extended)
        calendar_id = Line._get_calendar_id(line, company_id) or False
        is_fallback = seconds is None
        if is_fallback:
            # checked when the policy was saved; whoever waits is not worse off for what came since
            seconds = round(line.target * factor * (
                HOUR if line.target_unit == 'hour' else RoundTheClock.day_seconds))
        elif not slot.statutory:
            seconds = min(seconds, self._get_statutory_limit(slot, start, calendar_id) or seconds)
        return Terms(seconds / HOUR, calendar_id, line.pausable, is_fallback)

    def _get_statutory_limit(self, slot: Slot, start: datetime, calendar_id) -> float | None:
        """Return the seconds that count up to the end of the statutory period of the same kind."""
        chosen = self.env['scp.sla.policy']._choose_lines(
            self.company_id.id, self._get_clock_facts())
        _rule, line = chosen.get((slot.kind, True), (None, None))
        if not line:
            return None
        limit = self.env['scp.sla.policy.line']._get_deadline(line, self.company_id.id, start)
        hours = self.env['resource.calendar'].browse(calendar_id or ())._get_scp_hours(
            self.company_id.id)
        return limit and hours.count(start, limit)

    def _prepare_clock(self, slot: Slot, start: datetime, terms: Terms) -> dict[str, Any]:
        rule, line = slot.choice
        return {
            'complaint_id': self.id,
            'company_id': self.company_id.id,
            'kind': slot.kind,
            'statutory': slot.statutory,
            'cycle': self.cycle,
            'policy_id': rule.id,
            'policy_line_id': line.id,
            'start_at': start,
            **terms._asdict(),
        }

    def _start_clocks(self, starts) -> list[dict]:
        """Create clocks and let happen to them what has happened already.

        :param starts: [(values, end)]
        :return: rows of their history
        """
        if not starts:
            return []
        Clock = self.env['scp.sla.clock'].sudo()  # sudo: clocks are kept by the system
        Clock.flush_model()  # what they replace has ended
        now = self._get_clock_now()
        rows = []
        clocks = Clock.create([values for values, _end in starts])
        for clock, (_values, end) in zip(clocks, starts, strict=True):
            rows += clock._start()
            rows += clock._catch_up(end or now)
            complaint = clock.complaint_id
            if end:
                rows += clock._finish(end)
            elif clock.pausable and clock.last_resume_at and (
                complaint.state in complaint._get_waiting_states()
            ):
                rows += clock._pause(now)
        return rows

    def _move_clock_starts(self, clocks, received_before) -> list[dict]:
        """Let open clocks run from the corrected time of receipt."""
        if not received_before or received_before == self.received_at:
            return []
        rows = []
        for clock in clocks:
            if not clock.ended_at and clock.start_at == received_before:
                rows += clock._move_start(self.received_at)
        return rows

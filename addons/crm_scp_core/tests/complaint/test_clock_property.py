import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .clock_common import ClockCommon

# The full count of 1,000 timelines is run now and then: SCP_SOAK=20
EXAMPLES = 50 * int(os.environ.get('SCP_SOAK', '1'))

UTC = ZoneInfo('UTC')
MINUTE = timedelta(minutes=1)
ZONES = ('Europe/Paris', 'America/New_York', 'Asia/Shanghai', 'Asia/Kathmandu', 'Australia/Adelaide')
#: summer time begins or ends within two weeks of these in one of the zones
STARTS = (
    datetime(2025, 3, 3), datetime(2025, 3, 24), datetime(2025, 9, 29), datetime(2025, 10, 20),
    datetime(2025, 12, 22), datetime(2026, 3, 30),
)
SEVERITIES = ('s1', 's2', 's3', 's4')

DAYS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(6, 10), st.integers(11, 13), st.integers(0, 2), st.integers(16, 22)),
    min_size=2, max_size=7, unique_by=lambda day: day[0],
)
HOLIDAYS = st.lists(st.tuples(st.integers(0, 30 * 24 * 60), st.integers(30, 3 * 24 * 60)), max_size=3)
TARGETS = st.lists(st.integers(10, 60 * 60), min_size=4, max_size=4)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(('wait', 'work', 'severity', 'policy', 'holiday', 'job', 'look', 'finish')),
        st.integers(0, 10 ** 6),
        st.integers(0, 4 * 24 * 60),
    ), min_size=1, max_size=9,
)


class WorkingMinutes:
    """Tells of every minute whether it counts, from the bare definition: no intervals."""

    def __init__(self, zone, days):
        self.zone = ZoneInfo(zone)
        self.days = {weekday: (start, noon, noon + lunch, stop) for weekday, start, noon, lunch, stop in days}
        self.holidays = []

    def counts(self, moment: datetime) -> bool:
        if any(start <= moment < end for start, end in self.holidays):
            return False
        local = moment.replace(tzinfo=UTC).astimezone(self.zone)
        hours = self.days.get(local.weekday())
        if not hours:
            return False
        start, noon, after, stop = hours
        return start <= local.hour < noon or after <= local.hour < stop


@dataclass
class Oracle:
    """The clock, minute by minute."""

    minutes: WorkingMinutes
    target: int
    now: datetime
    consumed: int = 0
    paused: bool = False
    missed: bool = False
    reached_at: datetime | None = None
    ended: bool = False

    def advance(self, moment):
        while self.now < moment:
            if not self.paused:
                self._reach()
                if self.reached_at:
                    self.missed = True
                self.consumed += self.minutes.counts(self.now)
            self.now += MINUTE
        if not self.paused:
            self._reach()

    def _reach(self):
        if self.consumed >= self.target and not self.reached_at:
            self.reached_at = self.now

    def pause(self):
        if not self.missed:
            self.reached_at = None
        self.paused = True

    def resume(self):
        self.paused = False
        self._miss_if_used_up()

    def set_target(self, target):
        if self.missed or target == self.target:
            return
        self.target = target
        self.reached_at = None
        if not self.paused:
            self._miss_if_used_up()

    def _miss_if_used_up(self):
        if self.consumed >= self.target and not self.missed:
            self.reached_at, self.missed = self.now, True

    def get_deadline(self):
        """The first minute by which the target is used, if nothing happens any more."""
        if self.reached_at:
            return self.reached_at
        moment, consumed = self.now, self.consumed
        while consumed < self.target:
            consumed += self.minutes.counts(moment)
            moment += MINUTE
        return moment

    @property
    def state(self):
        if self.missed:
            return 'missed'
        if self.ended:
            return 'met'
        return 'paused' if self.paused else 'running'


@tagged('post_install', '-at_install')
class TestClockProperty(ClockCommon):
    """Random calendars and timelines: the clock agrees with a count of every single minute."""

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),  # a timeline is short enough to read; shrinking takes minutes
    )
    @given(st.sampled_from(ZONES), DAYS, HOLIDAYS, TARGETS, st.sampled_from(STARTS),
           st.integers(0, 14 * 24 * 60), STEPS)
    @mute_logger('odoo.models.unlink')
    def test_minutes(self, zone, days, holidays, targets, start, offset, steps):
        savepoint = self.env.cr.savepoint()
        try:
            self.run_timeline(zone, days, holidays, targets, start + offset * MINUTE, steps)
        finally:
            savepoint.close(rollback=True)
            self.env.registry.clear_all_caches()
            self.env.invalidate_all(flush=False)

    def run_timeline(self, zone, days, holidays, targets, start, steps):
        self.minutes = WorkingMinutes(zone, days)
        self.calendar.write({'tz': zone, 'attendance_ids': [Command.clear(), *(
            command
            for weekday, first, noon, lunch, last in days
            for command in self._prepare_week(((first, noon), (noon + lunch, last)), [weekday])
        )]})
        for begin, length in holidays:
            self.add_holiday(start + begin * MINUTE, length)
        self.policies = [
            self._create_policy(('resolution', target / 60, 'hour', {'pausable': True}), severity=severity)
            for severity, target in zip(SEVERITIES, targets, strict=True)
        ]
        self.targets = dict(zip(SEVERITIES, targets, strict=True))
        self.complaint = self._create_complaint(str(start), severity='s3')
        self.oracle = Oracle(self.minutes, self.targets['s3'], start)
        self.check(start)
        moment = start
        for action, number, minutes in steps:
            moment += minutes * MINUTE
            self.oracle.advance(moment)
            with self.at(str(moment)):
                getattr(self, f'do_{action}')(moment, number)
            self.check(moment)
            if self.oracle.ended:
                break

    def add_holiday(self, start, length):
        end = start + length * MINUTE
        self._create_holiday(str(start), str(end))
        self.minutes.holidays.append((start, end))

    def do_wait(self, moment, number):
        self.complaint.state = ('waiting_customer', 'waiting_third')[number % 2]
        if not self.oracle.paused:
            self.oracle.pause()

    def do_work(self, moment, number):
        self.complaint.state = 'investigating'
        if self.oracle.paused:
            self.oracle.resume()

    def do_severity(self, moment, number):
        severity = SEVERITIES[number % 4]
        self.complaint.severity = severity
        self.oracle.set_target(self.targets[severity])

    def do_policy(self, moment, number):
        severity = SEVERITIES[number % 4]
        self.targets[severity] = 10 + number % 3600
        self.policies[number % 4].line_ids.target = self.targets[severity] / 60
        self.refresh()
        self.oracle.set_target(self.targets[self.complaint.severity])

    def do_holiday(self, moment, number):
        """A holiday still to come: what has counted stays as it was."""
        before = self.oracle.reached_at
        self.add_holiday(moment + (1 + number % 5000) * MINUTE, 60 + number % 2000)
        self.refresh()
        self.oracle.reached_at = before

    def do_job(self, moment, number):
        due = self.env['scp.sla.clock'].search([('next_event_at', '<=', moment)])
        due._fire(due)

    def do_look(self, moment, number):
        """Time alone passes, and nobody looks."""

    def do_finish(self, moment, number):
        self.complaint.with_context(tracking_disable=True).write({'resolved_at': moment})
        self.oracle.ended = True

    def refresh(self):
        stale = self.env['scp.sla.clock'].search([('stale', '=', True)])
        stale._refresh_stale(stale)

    def check(self, moment):
        clock = self.get_clock(self.complaint)
        with self.at(str(moment)):
            clock.invalidate_recordset()
            self.assertEqual(round(clock._get_consumed(moment) / 60), self.oracle.consumed)
            if clock.state == 'running' and clock._get_look() == 'missed':
                # late, but nobody has looked yet
                self.assertTrue(self.oracle.missed)
            else:
                self.assertEqual(clock.state, self.oracle.state)
            if self.oracle.missed:
                self.assertEqual(clock.breached_at or clock.deadline, self.oracle.reached_at)
            elif clock.state == 'running':
                self.assertEqual(clock.deadline, self.oracle.get_deadline())
            if self.oracle.ended:
                late = max(self.oracle.consumed - self.oracle.target, 0) if self.oracle.missed else 0
                self.assertEqual(round(clock.late_by_h * 60), late)

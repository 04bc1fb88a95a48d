"""Working time laid out in seconds: plain arithmetic that knows nothing of a database.

Moments are naive datetimes in UTC; durations are seconds. Moments in whole seconds give durations in
whole seconds and the other way round, without an error of rounding.
"""
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, Protocol

from pytz import timezone, utc

HOUR = 3600
_EPOCH = datetime(1970, 1, 1)
_HORIZON_YEARS = 5  # how far ahead working time is looked for


class Hours(Protocol):
    """The time in which a clock runs."""

    def count(self, start: datetime, end: datetime) -> float:
        """Return the seconds between two moments that count; 0 where ``end`` comes first."""

    def plan(self, start: datetime, seconds: float) -> datetime | None:
        """Return the first moment by which ``seconds`` (above 0) have counted since ``start``.

        None where there is no such moment: a calendar without working hours.
        """

    def rewind(self, end: datetime, seconds: float) -> datetime | None:
        """Return the last moment from which on ``seconds`` (above 0) have counted until ``end``.

        None where there is no such moment.
        """

    def get_open(self, moment: datetime) -> datetime | None:
        """Return ``moment`` if time counts then, else the next moment from which it does."""


class RoundTheClock:
    """Every second counts, day and night."""

    day_seconds = 24 * HOUR

    def count(self, start, end):
        return max((end - start).total_seconds(), 0)

    def plan(self, start, seconds):
        return start + timedelta(seconds=seconds)

    def rewind(self, end, seconds):
        return end - timedelta(seconds=seconds)

    def get_open(self, moment):
        return moment


class WorkedYear(NamedTuple):
    """Working intervals of a calendar within one year (UTC), in whole seconds since the epoch.

    ``worked`` holds the seconds of work up to the end of each interval.
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    worked: tuple[int, ...]

    def get_worked(self, moment: float) -> float:
        """Return the seconds of work from the start of the year to ``moment``."""
        index = bisect_right(self.starts, moment) - 1
        if index < 0:
            return 0
        return self.worked[index] - max(self.ends[index] - moment, 0)


class WorkingHours:
    """Only the working hours of a calendar count.

    :param get_year: returns the working intervals of a year (UTC)
    :param day_seconds: length of an average working day
    """

    def __init__(self, get_year: Callable[[int], WorkedYear], day_seconds: int):
        self._get_year = get_year
        self.day_seconds = day_seconds

    def count(self, start, end):
        if end <= start:
            return 0
        first, last = _to_seconds(start), _to_seconds(end)
        return sum(
            year.get_worked(last) - year.get_worked(first)
            for year in map(self._get_year, range(start.year, end.year + 1))
        )

    def plan(self, start, seconds):
        moment, left = _to_seconds(start), seconds
        for number in range(start.year, start.year + _HORIZON_YEARS):
            year = self._get_year(number)
            before = year.get_worked(moment)
            total = year.worked[-1] if year.worked else 0
            if left <= total - before:
                index = bisect_left(year.worked, before + left)
                return _to_datetime(year.ends[index] - (year.worked[index] - before - left))
            left -= total - before
        return None

    def rewind(self, end, seconds):
        moment, left = _to_seconds(end), seconds
        for number in range(end.year, end.year - _HORIZON_YEARS, -1):
            year = self._get_year(number)
            before = year.get_worked(moment)
            if left <= before:
                index = bisect_right(year.worked, before - left)
                return _to_datetime(year.ends[index] - (year.worked[index] - before + left))
            left -= before
        return None

    def get_open(self, moment):
        seconds = _to_seconds(moment)
        for number in range(moment.year, moment.year + _HORIZON_YEARS):
            year = self._get_year(number)
            index = bisect_right(year.ends, seconds)
            if index < len(year.ends):
                return max(moment, _to_datetime(year.starts[index]))
        return None

    def has_work(self, day: date, tz: str) -> bool:
        """Whether any time of a day counts, the day being one of the time zone."""
        zone = timezone(tz)
        start, end = (
            zone.localize(datetime.combine(day + timedelta(days=days), time()))
            .astimezone(utc).replace(tzinfo=None)
            for days in (0, 1)
        )
        return self.count(start, end) > 0


def _to_seconds(moment: datetime) -> float:
    return (moment - _EPOCH).total_seconds()


def _to_datetime(seconds: float) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)

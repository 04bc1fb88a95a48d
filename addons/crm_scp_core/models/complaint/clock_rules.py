"""Arithmetic of clocks: plain functions of times and durations, without a database.

Moments are naive datetimes in UTC, whole seconds; durations are whole seconds.
"""
from collections.abc import Callable
from datetime import date, datetime, timedelta

from pytz import timezone, utc

from ..funnel.working_hours import Hours

WARN_SHARE = 0.75  # from this share of its time on, a clock is about to run out
_HORIZON_DAYS = 5 * 366  # how far ahead counted days are looked for


def get_consumed(hours: Hours, consumed: int, resumed_at: datetime | None, now: datetime) -> int:
    """Return the seconds a clock has run up to ``now``; a paused one has no ``resumed_at``."""
    return consumed + (hours.count(resumed_at, now) if resumed_at else 0)


def plan_share(
    hours: Hours, target: int, consumed: int, resumed_at: datetime, share: float = 1,
) -> datetime | None:
    """Return when a running clock reaches a share of its target; 1 gives the deadline.

    What is used up already is reached at once: a clock that is given less time than it has run
    does not become late in the past.
    """
    left = round(target * share) - consumed
    return hours.plan(resumed_at, left) if left > 0 else resumed_at


def plan_days(
    start: datetime, days: int, tz: str, is_counted: Callable[[date], bool] = lambda day: True,
) -> datetime | None:
    """Return the end of the ``days``-th day after the one of ``start``, in local time.

    So periods of law run: the day of the event does not count, the last one counts to its end
    (Regulation (EEC, Euratom) No 1182/71, article 3).

    :param is_counted: which days count, e.g. working days; all of them by default
    """
    zone = timezone(tz)
    day = utc.localize(start).astimezone(zone).date()
    horizon = day + timedelta(days=_HORIZON_DAYS)
    while days > 0:
        day += timedelta(days=1)
        if day > horizon:
            return None
        days -= is_counted(day)
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time())
    return zone.localize(midnight).astimezone(utc).replace(tzinfo=None)

"""The arithmetic of mass balance accounts. No Odoo in here.

Quantities are floats of :data:`DIGITS` decimals, rounded after each step.
"""
from bisect import insort
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

DIGITS = 4
DAY = timedelta(days=1)
FOREVER = date.max


class Change(NamedTuple):
    """What the postings of a day come to.

    :param qty: what came (+) or went (-)
    :param expires_on: last day of what came; None when it does not end, and for what went
    :param kind: input, output or expiry
    """

    day: date
    qty: float
    expires_on: date | None
    kind: str


def get_period_end(start: date, months: int, day: date) -> date:
    """The last day of the balancing period a day is in; periods run on before the first one, too."""
    whole = ((day.year - start.year) * 12 + day.month - start.month) // months - 1
    while (end := start + relativedelta(months=months * (whole + 1), days=-1)) < day:
        whole += 1
    return end


def get_lowest(opening: float, changes: Iterable[tuple[date, float]], since: date) -> tuple[float, date]:
    """The lowest balance at the end of a day, from a day on, and the first day it is so low.

    :param opening: balance before all changes
    :param changes: (day, quantity), in any order
    """
    totals = defaultdict(float, {since: 0.0})
    for day, qty in changes:
        totals[day] += qty
    balance, found = opening, []
    for day in sorted(totals):
        balance = round(balance + totals[day], DIGITS)
        if day >= since:
            found.append((balance, day))
    return min(found)


def get_expired(changes: Iterable[Change], until: date) -> list[tuple[date, float]]:
    """What has come to its end unused and is not posted as expired yet: (first day without it, quantity).

    What goes is taken from what ends first of all that is there on the day. What ends on a day can be used on that
    day. What was reversed on its own day never was.

    :param until: the last day looked at
    """
    net = defaultdict(float)
    for day, qty, expires_on, kind in changes:
        net[day, expires_on, kind] += qty
    by_day = defaultdict(list)
    for (day, expires_on, kind), qty in net.items():
        if day <= until and (qty := round(qty, DIGITS)):
            by_day[day].append(Change(day, qty, expires_on, kind))
            if qty > 0 and expires_on and expires_on < until:
                by_day.setdefault(max(expires_on + DAY, day), [])
    credits, expired = [], []  # credits: [last day, quantity], what ends first first

    def take(qty):
        while credits and qty > 0:
            used = min(qty, credits[0][1])
            qty = round(qty - used, DIGITS)
            credits[0][1] = round(credits[0][1] - used, DIGITS)
            if not credits[0][1]:
                del credits[0]

    for day in sorted(by_day):
        for change in by_day[day]:
            if change.qty > 0:
                insort(credits, [change.expires_on or FOREVER, change.qty])
        take(-sum(change.qty for change in by_day[day] if change.qty < 0 and change.kind == 'expiry'))
        ended = 0.0
        while credits and credits[0][0] < day:
            ended = round(ended + credits.pop(0)[1], DIGITS)
        if ended:
            expired.append((day, ended))
        take(-sum(change.qty for change in by_day[day] if change.qty < 0 and change.kind != 'expiry'))
    return expired

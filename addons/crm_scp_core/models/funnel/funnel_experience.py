"""What closed deals teach about open ones, as plain functions: no database, no environment.

A deal *reached* a band when it was in it or in any later one. Its *days* count from the moment it
reached the band to the moment it was won or lost. Only deals that are closed count, so that young
ones, which can only be lost so far, do not pull the figures down.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from .funnel_rules import BANDS

#: closed deals from which a unit's own experience stands on its own feet
ENOUGH_DEALS = 30


class Outcome(NamedTuple):
    """Closed deals of one band that ended alike; ``value`` is what they were worth in all.

    ``days`` is None for deals that jumped over the band: they reached it, but spent no time there.
    """

    band: str
    days: int | None
    won: bool
    count: int
    value: float


class Experience:
    """Win probability, lead time and value of the deals that reached each band.

    With fewer than ``ENOUGH_DEALS`` closed deals the missing ones are taken from ``pool``, the
    experience of all teams; times and values are then the pool's.

    :param outcomes: of the unit
    :param pool: experience to lean on; None for the pool itself
    """

    def __init__(self, outcomes: Iterable[Outcome], pool: 'Experience | None' = None):
        self.pool = pool
        self._outcomes = defaultdict(list)
        for outcome in outcomes:
            self._outcomes[outcome.band].append(outcome)

    @cache  # noqa: B019 - an experience lives as long as one report
    def count(self, band: str) -> int:
        """Return how many deals that reached the band are closed."""
        return sum(outcome.count for outcome in self._outcomes[band])

    @cache  # noqa: B019 - as above
    def won(self, band: str) -> int:
        return sum(outcome.count for outcome in self._outcomes[band] if outcome.won)

    def is_enough(self, band: str) -> bool:
        return self.count(band) >= ENOUGH_DEALS

    def probability(self, band: str) -> float | None:
        """Return the probability that a deal that reached the band is won.

        (won + 1) / (closed + 2), the mean of a Beta(1, 1) prior after the data. With less than
        enough deals and a pool, (won + missing x the pool's probability) / enough. None without
        any closed deal.
        """
        won, closed = self.won(band), self.count(band)
        if self.pool and closed < ENOUGH_DEALS:
            pooled = self.pool.probability(band)
            return pooled and (won + (ENOUGH_DEALS - closed) * pooled) / ENOUGH_DEALS
        return (won + 1) / (closed + 2) if closed else None

    @cache  # noqa: B019 - as above
    def median_days(self, band: str) -> float | None:
        """Return the median days from reaching the band to the win; None without a win."""
        wins = sorted(
            (outcome.days, outcome.count) for outcome in self._get_leant(band)
            if outcome.won and outcome.days is not None)
        if not wins:
            return None
        ends = list(accumulate(count for _days, count in wins))
        middle = ends[-1] / 2
        index = bisect_left(ends, middle)
        if ends[index] == middle:
            return (wins[index][0] + wins[index + 1][0]) / 2
        return wins[index][0]

    @cache  # noqa: B019 - as above
    def average_value(self, band: str) -> float | None:
        """Return what a deal that reached the band and was won was worth on average."""
        wins = [outcome for outcome in self._get_leant(band) if outcome.won]
        count = sum(outcome.count for outcome in wins)
        return sum(outcome.value for outcome in wins) / count if count else None

    def value_rate(self) -> float | None:
        """Return the win rate by value: value won / (value won + value lost)."""
        outcomes = self._get_leant(BANDS[0])
        closed = sum(outcome.value for outcome in outcomes)
        return sum(outcome.value for outcome in outcomes if outcome.won) / closed if closed else None

    def win_within(self, band: str, age: int, start: int, end: int) -> float | None:
        """Return the probability that a deal is won from ``start`` to before ``end`` days ahead.

        Of the closed deals that were still open ``age`` days after they reached the band, the
        share that was won in that time. None when no deal ever was open so long.
        """
        wins, left = self._get_counts(band)
        if age >= len(left) or not left[age]:
            return None
        last = len(wins) - 1
        return (wins[min(age + start, last)] - wins[min(age + end, last)]) / left[age]

    def _get_leant(self, band: str) -> list[Outcome]:
        """Return the unit's own outcomes when they are enough, or those of the pool."""
        own = self.is_enough(band) or not self.pool
        return self._outcomes[band] if own else self.pool._get_leant(band)

    @cache  # noqa: B019 - as above
    def _get_counts(self, band: str) -> tuple[list[int], list[int]]:
        """Return by day how many deals were won, and how many closed, on that day or later."""
        outcomes = [outcome for outcome in self._get_leant(band) if outcome.days is not None]
        size = max((outcome.days for outcome in outcomes), default=-1) + 2
        wins, closed = [0] * size, [0] * size
        for outcome in outcomes:
            closed[outcome.days] += outcome.count
            wins[outcome.days] += outcome.count * outcome.won
        return tuple(list(accumulate(reversed(counts)))[::-1] for counts in (wins, closed))

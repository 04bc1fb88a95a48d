"""What closed deals teach about open ones, as plain functions: no database, no environment.

A deal *reached* a band when it was in it or in any later one. Its *days* count from the moment it
reached the band to the moment it was won or lost. Only deals that are closed count, so that young
ones, which can only be lost so far, do not pull the figures down.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
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


class BandExperience:
    """Win probability, lead time and value of the deals that reached a band.

    :param outcomes: of the band
    :param pool: experience of all teams to lean on below ``ENOUGH_DEALS``, or None
    """

    def __init__(self, outcomes: list[Outcome], pool: 'BandExperience | None' = None):
        self.outcomes = outcomes
        self.pool = pool

    @cached_property
    def count(self) -> int:
        """How many deals that reached the band are closed."""
        return sum(outcome.count for outcome in self.outcomes)

    @cached_property
    def won(self) -> int:
        return sum(outcome.count for outcome in self.outcomes if outcome.won)

    @property
    def is_enough(self) -> bool:
        return self.count >= ENOUGH_DEALS

    @property
    def is_pooled(self) -> bool:
        """Whether the deals of all teams stand in for missing ones."""
        return self.pool is not None and not self.is_enough

    @cached_property
    def probability(self) -> float | None:
        """The probability that a deal that reached the band is won.

        (won + 1) / (closed + 2), the mean of a Beta(1, 1) prior after the data. With less than
        enough deals and a pool, (won + missing x the pool's probability) / enough. None without
        any closed deal.
        """
        if self.is_pooled:
            pooled = self.pool.probability
            return pooled and (self.won + (ENOUGH_DEALS - self.count) * pooled) / ENOUGH_DEALS
        return (self.won + 1) / (self.count + 2) if self.count else None

    @cached_property
    def median_days(self) -> float | None:
        """The median days from reaching the band to the win; None without a win."""
        wins = sorted(
            (outcome.days, outcome.count) for outcome in self._leant
            if outcome.won and outcome.days is not None)
        if not wins:
            return None
        ends = list(accumulate(count for _days, count in wins))
        middle = ends[-1] / 2
        index = bisect_left(ends, middle)
        if ends[index] == middle:
            return (wins[index][0] + wins[index + 1][0]) / 2
        return wins[index][0]

    @cached_property
    def average_value(self) -> float | None:
        """What a deal that reached the band and was won was worth on average."""
        wins = [outcome for outcome in self._leant if outcome.won]
        count = sum(outcome.count for outcome in wins)
        return sum(outcome.value for outcome in wins) / count if count else None

    @cached_property
    def value_rate(self) -> float | None:
        """The win rate by value: value won / (value won + value lost)."""
        closed = sum(outcome.value for outcome in self._leant)
        return sum(outcome.value for outcome in self._leant if outcome.won) / closed if closed else None

    def win_within(self, age: int, start: int, end: int) -> float | None:
        """Return the probability that a deal is won from ``start`` to before ``end`` days ahead.

        Of the closed deals that were still open ``age`` days after they reached the band, the
        share that was won in that time. None when no deal ever was open so long.
        """
        wins, left = self._counts
        if age >= len(left) or not left[age]:
            return None
        last = len(wins) - 1
        return (wins[min(age + start, last)] - wins[min(age + end, last)]) / left[age]

    @property
    def _leant(self) -> list[Outcome]:
        """The own outcomes when they are enough, or those of the pool."""
        return self.pool.outcomes if self.is_pooled else self.outcomes

    @cached_property
    def _counts(self) -> tuple[list[int], list[int]]:
        """By day how many deals were won, and how many closed, on that day or later."""
        outcomes = [outcome for outcome in self._leant if outcome.days is not None]
        size = max((outcome.days for outcome in outcomes), default=-1) + 2
        wins, closed = [0] * size, [0] * size
        for outcome in outcomes:
            closed[outcome.days] += outcome.count
            wins[outcome.days] += outcome.count * outcome.won
        return tuple(list(accumulate(reversed(counts)))[::-1] for counts in (wins, closed))


class Experience:
    """What the closed deals of a team, or of all, teach about each band: ``experience['upper']``.

    :param outcomes: of the unit
    :param pool: experience to lean on; None for that of all teams
    """

    def __init__(self, outcomes: Iterable[Outcome] = (), pool: 'Experience | None' = None):
        self.pool = pool
        by_band = defaultdict(list)
        for outcome in outcomes:
            by_band[outcome.band].append(outcome)
        self._bands = {
            band: BandExperience(by_band[band], pool and pool[band]) for band in BANDS
        }

    def __getitem__(self, band: str | None) -> BandExperience:
        return self._bands.get(band) or BandExperience([])

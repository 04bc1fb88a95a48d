"""How values become points and points a score. No Odoo in here, so that a frozen card can be checked anywhere."""
from collections.abc import Iterable
from math import fsum
from typing import NamedTuple

FULL_WEIGHT = 100.0
DIGITS = 2


class Part(NamedTuple):
    """A criterion in a score; ``points`` are None where it could not be rated."""

    weight: float
    points: float | None


class Result(NamedTuple):
    """A score out of 100.

    :param score: points reached of all that could be reached: what was not rated adds nothing
    :param measured_score: points reached of what was rated, None when nothing was
    :param coverage: weight of what was rated
    :param is_rated: whether enough was rated for the score to mean something
    """

    score: float
    measured_score: float | None
    coverage: float
    is_rated: bool


def get_points(value: float, floor: float, target: float) -> float:
    """Points from 0 at the floor to 100 at the target, a straight line between them; the target may lie below."""
    return FULL_WEIGHT * min(max((value - floor) / (target - floor), 0.0), 1.0)


def get_result(parts: Iterable[Part], min_coverage: float) -> Result:
    """The score of a card.

    It never falls when the points of a part rise, and never rises when they become unknown: a gap weighs as zero
    points do, and a card with too many gaps is not rated.

    :param min_coverage: weight out of 100 that has to be rated
    """
    rated = [part for part in parts if part.points is not None]
    coverage = round(fsum(part.weight for part in rated), DIGITS)
    points = fsum(part.weight * part.points for part in rated)
    return Result(
        score=round(points / FULL_WEIGHT, DIGITS),
        measured_score=round(points / coverage, DIGITS) if coverage else None,
        coverage=coverage,
        is_rated=bool(coverage) and coverage >= min_coverage,
    )


def is_full(weights: Iterable[float]) -> bool:
    """Whether weights sum to 100, in hundredths as they are entered."""
    return round(fsum(weights), DIGITS) == FULL_WEIGHT

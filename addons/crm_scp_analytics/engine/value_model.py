"""What a customer is worth by weights over several figures, and which grade that makes.

    p      = (customers below + half of the customers equal) / customers with this figure
    score  = 1 + floor(bins p)                                                    1 ... bins
    value  = 100 * sum of weight * (score - 1) / (bins - 1) / sum of weight       0 ... 100

Both sums run over the figures that are known of the customer: what nobody measured is no data, neither good nor bad.

**Grades** are given by cut-offs, best first: *absolute* ones are the lowest value of a grade; *quantile* ones the share
of the customers, from the best down, who have this grade or a better one. Equal customers have equal grades: who shares
the last place of a grade with others takes them along.

**Steadiness**: a grade follows the value only when it has called for a change in one direction for a whole period, and
then goes as far as the mildest of these calls. So a customer at a cut-off does not change his grade every night, and
one bad month costs nobody his grade.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .rfm import quantile_scores, ranks

BINS = 5
#: Steps in which is told how many of the others are behind: tenths, or all of them where they are fewer.
STEPS = 10
QUANTILE, ABSOLUTE = 'quantile', 'absolute'


@dataclass(frozen=True)
class Component:
    """A figure that counts.

    :param code: its name
    :param weight: its share of the value; all together make 1
    :param falling: less of it is better
    :param positive: below zero counts as zero
    """

    code: str
    weight: float
    falling: bool = False
    positive: bool = False

    def ranked(self, figures: np.ndarray) -> np.ndarray:
        """:return: the figures such that more is better"""
        figures = np.maximum(figures, 0.0) if self.positive else figures
        return -figures if self.falling else figures


@dataclass(frozen=True)
class Cutoffs:
    """Where grades begin, best first; the last grade has no cut-off.

    :param method: ``absolute`` for values, falling; ``quantile`` for per cent of the customers, rising
    :raise ValueError: they are not in order, or not within 0 and 100
    """

    method: str
    values: tuple[float, ...]

    def __post_init__(self):
        if self.method not in (QUANTILE, ABSOLUTE):
            raise ValueError("cut-offs are quantiles of the customers or absolute values")
        if list(self.values) != sorted(set(self.values), reverse=self.method == ABSOLUTE):
            raise ValueError("cut-offs must be in order from the best grade to the next")
        if self.values and not (min(self.values) > 0 and max(self.values) <= 100):
            raise ValueError("cut-offs must lie above 0 and not above 100")

    def grades(self, value: np.ndarray) -> np.ndarray:
        """:return: (n,) position of the grade, 0 the best; the last one where there is no value"""
        known = np.isfinite(value)
        position = np.full(len(value), len(self.values))
        if self.method == ABSOLUTE:
            # a value equal to a cut-off has reached the grade
            reached = np.searchsorted(np.array(self.values[::-1]), value[known], 'right')
            position[known] = len(self.values) - reached
        elif known.any():
            _below, up_to = ranks(value[known])
            better = 100.0 * (known.sum() - up_to)
            # who has fewer than so many before him is among the first so many
            position[known] = np.searchsorted(np.array(self.values) * known.sum(), better, 'right')
        return position


@dataclass(frozen=True)
class Result:
    """Values of n customers by c components.

    :param value: (n,) 0 ... 100, rounded to one digit, which is what grades are given by; NaN where nothing is known
    :param scores: (n, c) 1 ... bins, 0 where there is no data
    :param below: (n, c) number of customers strictly worse
    :param above: (n, c) number of customers strictly better
    :param inputs: (n, c) the figures
    :param medians: (c,) figure of the median customer, NaN where nobody has one
    :param middle: (c,) score of that figure
    :param base: value of the median customer
    :param void: (n,) of whom nothing is left to value
    """

    components: tuple[Component, ...]
    bins: int
    value: np.ndarray
    scores: np.ndarray
    below: np.ndarray
    above: np.ndarray
    inputs: np.ndarray
    medians: np.ndarray
    middle: np.ndarray
    base: float
    void: np.ndarray

    def scales(self) -> dict:
        """What the figures of a customer were compared with, small enough to be kept: :mod:`engine.value_reasons` tells
        from it, and from the figures, why a customer has his value.

        :return: plain data, see :func:`engine.value_reasons.explain`
        """
        components = []
        for i, component in enumerate(self.components):
            rows = np.isfinite(self.inputs[:, i])
            order = np.argsort(self.below[rows, i], kind='stable')
            figures = component.ranked(self.inputs[rows, i][order])
            below, above = self.below[rows, i][order], self.above[rows, i][order]
            others = max(len(order) - 1, 0)
            steps = min(others, STEPS)
            scores = self.scores[rows, i][order]
            components.append({
                'code': component.code,
                'weight': component.weight,
                'falling': component.falling,
                'positive': component.positive,
                'median': None if np.isnan(self.medians[i]) else float(self.medians[i]),
                'middle': int(self.middle[i]),
                'others': steps,
                'scores': _reached(figures, scores, range(2, self.bins + 1)),
                'below': _reached(figures, steps * below // max(others, 1), range(1, steps + 1)),
                # from the best down: the lowest figure ahead of which there are fewer
                'above': _reached(figures, -(steps * above // max(others, 1)), range(1 - steps, 1)),
            })
        return {'bins': self.bins, 'base': self.base, 'components': components}


def _reached(figures, steps, wanted):
    """:return: for each step the lowest figure that has reached it, None where none has; both ascend"""
    places = np.searchsorted(steps, list(wanted))
    return [float(figures[place]) if place < len(figures) else None for place in places]


def value(columns: dict, components: list[Component], bins: int = BINS, void=None) -> Result:
    """Value customers against each other.

    :param columns: {code: (n,) figures}, NaN for no data; more columns than components do no harm
    :param void: (n,) customers of whom nothing is left to value, whatever their figures: they have value 0
    :raise ValueError: a component has no column, lengths differ, or weights do not make 1
    """
    check_weights([component.weight for component in components])
    inputs = np.column_stack([np.asarray(columns[component.code], dtype=float) for component in components])
    if np.isinf(inputs).any():
        raise ValueError("figures must be finite numbers")
    shape = inputs.shape
    scores, below, above = (np.zeros(shape, dtype=np.int64) for _array in range(3))
    middle, medians = np.ones(shape[1], dtype=np.int64), np.full(shape[1], np.nan)
    known = np.isfinite(inputs)
    for i, component in enumerate(components):
        rows = known[:, i]
        if not rows.any():
            continue
        ranked = component.ranked(inputs[rows, i])
        below[rows, i], up_to = ranks(ranked)
        above[rows, i] = len(ranked) - up_to
        median = np.median(ranked)
        scores[rows, i] = quantile_scores(ranked, bins)
        middle[i] = quantile_scores(np.array([median]), bins, ranked)[0]
        medians[i] = -median if component.falling else median
    weights = np.where(known, [component.weight for component in components], 0.0)
    total = weights.sum(axis=1, keepdims=True)
    per_score = np.divide(100 * weights, total * (bins - 1), out=np.zeros(shape), where=total > 0)
    values = np.where(total[:, 0] > 0, np.round((per_score * (scores - 1)).sum(axis=1), 1), np.nan)
    void = np.zeros(shape[0], dtype=bool) if void is None else np.asarray(void, dtype=bool)
    values[void] = 0.0
    return Result(
        components=tuple(components),
        bins=bins,
        value=values,
        scores=scores,
        below=below,
        above=above,
        inputs=inputs,
        medians=medians,
        middle=middle,
        base=round(float(np.dot([component.weight for component in components], middle - 1) * 100 / (bins - 1)), 1),
        void=void,
    )


def check_weights(weights) -> None:
    """:raise ValueError: a weight is negative, or they do not add up to 1"""
    if not len(weights) or min(weights) < 0 or abs(sum(weights) - 1) > 1e-9:
        raise ValueError("weights must not be negative and must add up to 100 %")


@dataclass(frozen=True)
class Steady:
    """Grades and what the value calls for, positions 0 ... with 0 the best.

    :param grade: (n,) the grade
    :param pending: (n,) the mildest grade called for instead, -1 for none
    :param since: (n,) day since when, in any count; 0 where nothing is pending
    """

    grade: np.ndarray
    pending: np.ndarray
    since: np.ndarray


def steady(proposed: np.ndarray, former: Steady, day: int, matured: int) -> Steady:
    """Let grades follow the value, but not every whim of it.

    :param proposed: (n,) grade by the value alone
    :param former: as of the run before; grade -1 for customers who had none
    :param day: of this run
    :param matured: calls since this day or before are followed
    """
    proposed = np.asarray(proposed, dtype=np.int64)
    new = former.grade < 0
    way = np.sign(proposed - former.grade)
    goes_on = (former.pending >= 0) & (np.sign(former.pending - former.grade) == way)
    # of calls for better grades the mildest is the last in order, of calls for worse ones the first
    mildest = np.where(way < 0, np.maximum(proposed, former.pending), np.minimum(proposed, former.pending))
    pending = np.where(goes_on, mildest, proposed)
    since = np.where(goes_on, former.since, day)
    follows = new | (way == 0) | (since <= matured)
    grade = np.where(new, proposed, np.where(follows & (way != 0), pending, former.grade))
    # what the mildest call leaves open is a call of its own, from today on
    rest = follows & (grade != proposed)
    pending = np.where(rest, proposed, np.where(follows, -1, pending))
    since = np.where(rest, day, np.where(follows, 0, since))
    return Steady(grade, pending, since)

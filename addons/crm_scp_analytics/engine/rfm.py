"""Recency, frequency, monetary value: a score of each customer against the others of his company.

Quantile scores after Hughes, *Strategic Database Marketing* (1994), with mid-ranks, so that equal
customers always score equally and the result is defined from the first customer on:

    p = (customers below + half of the customers equal) / customers          0 < p < 1
    score = 1 + floor(5 p)                                                   1 ... 5
    value = 100 * sum over the dimensions of weight * (score - 1) / 4        0 ... 100

A customer is explained against the median customer of his company: the points of a dimension are
what the value would lose if he were the median customer in it, so that the value of the median
customer plus the points of the three dimensions is the value.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import numpy as np

#: Changes whenever equal input may give another score.
VERSION = 'rfm-1'

#: Order of the dimensions in every array and of reasons with equal points.
DIMENSIONS = ('recency', 'frequency', 'monetary')


@dataclass(frozen=True)
class Parameters:
    """What the model is told, not what it learns.

    :param weights: share of each dimension in the value; they add up to 1. Money leads because the
        score decides about effort, and recency comes last because it moves by itself every day.
    :param cutoffs: lowest value of each grade but the last, best grade first. Where recency,
        frequency and money go together, as they do in practice, these make four grades of about a
        quarter of the customers each.
    :param bins: number of quantile scores
    """

    weights: dict[str, float] = field(
        default_factory=lambda: {'recency': 0.25, 'frequency': 0.35, 'monetary': 0.40},
    )
    cutoffs: tuple[float, ...] = (80.0, 50.0, 25.0)
    bins: int = 5

    def __post_init__(self):
        if set(self.weights) != set(DIMENSIONS):
            raise ValueError(f"weights are needed for {', '.join(DIMENSIONS)}")
        if min(self.weights.values()) < 0 or abs(sum(self.weights.values()) - 1) > 1e-9:
            raise ValueError("weights must not be negative and must add up to 100 %")
        if list(self.cutoffs) != sorted(set(self.cutoffs), reverse=True):
            raise ValueError("cut-offs must fall from the best grade to the next")
        if self.cutoffs and not (0 < self.cutoffs[-1] and self.cutoffs[0] <= 100):
            raise ValueError("cut-offs must lie above 0 and not above 100")
        if self.bins < 2:
            raise ValueError("at least two quantile scores are needed")

    def as_dict(self) -> dict:
        """:return: the parameters as plain data, to be stored beside the scores they produced"""
        return asdict(self) | {'version': VERSION, 'cutoffs': list(self.cutoffs)}


@dataclass(frozen=True)
class Result:
    """Scores of n customers, in the order of the input.

    :param scores: (n, 3) integers 1 ... bins, columns as in :data:`DIMENSIONS`
    :param value: (n,) 0 ... 100, rounded to one digit, which is what grades are given by
    :param grade: (n,) index of the grade, 0 is the best
    :param points: (n, 3) points of value against the median customer
    :param below: (n, 3) number of customers strictly worse
    :param above: (n, 3) number of customers strictly better
    :param inputs: (n, 3) days since the last purchase, purchases, money
    :param medians: (3,) input of the median customer, empty without customers
    :param base: value of the median customer, None without customers
    """

    scores: np.ndarray
    value: np.ndarray
    grade: np.ndarray
    points: np.ndarray
    below: np.ndarray
    above: np.ndarray
    inputs: np.ndarray
    medians: np.ndarray
    base: float | None

    def __len__(self) -> int:
        return len(self.value)

    def reasons(self, start: int = 0, stop: int | None = None) -> list[list[dict]]:
        """Why each customer scores as he does, strongest reason first.

        A dimension in which he equals the median customer is no reason. A customer whose purchases
        net to nothing has the single reason ``refunded``.

        :return: for each customer of the slice a list of ``{'code', 'value', 'benchmark', 'points',
            'below', 'above', 'others'}``: value and median in the unit of the dimension, points of
            value (negative ones lower it), and how many of the other customers are strictly worse
            and better
        """
        rows = slice(start, stop)
        others = len(self) - 1
        medians = self.medians.tolist()
        monetary = DIMENSIONS.index('monetary')
        explained = []
        for values, points, below, above in zip(
            self.inputs[rows].tolist(), self.points[rows].tolist(),
            self.below[rows].tolist(), self.above[rows].tolist(), strict=True,
        ):
            earned = values[monetary] > 0
            codes = DIMENSIONS if earned else ('', '', 'refunded')
            reasons = [
                {
                    'code': code,
                    'value': values[i],
                    'benchmark': medians[i],
                    'points': points[i],
                    'below': below[i],
                    'above': above[i],
                    'others': others,
                }
                for i, code in enumerate(codes)
                if code and (points[i] or not earned)
            ]
            reasons.sort(key=lambda reason: -abs(reason['points']))
            explained.append(reasons)
        return explained


def ranks(
    values: np.ndarray, population: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """:return: for each value how many of the population are below, and how many below or equal"""
    if population is not None:
        ordered = np.sort(population)
        return np.searchsorted(ordered, values, 'left'), np.searchsorted(ordered, values, 'right')
    # looking a million values up among themselves would take as long as ten sorts
    order = np.argsort(values)
    ordered = values[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))[:len(ordered)])
    ends = np.append(starts[1:], len(ordered))
    below, up_to = np.empty(len(order), dtype=np.int64), np.empty(len(order), dtype=np.int64)
    below[order] = np.repeat(starts, ends - starts)
    up_to[order] = np.repeat(ends, ends - starts)
    return below, up_to


def quantile_scores(
    values: np.ndarray, bins: int = 5, population: np.ndarray | None = None,
) -> np.ndarray:
    """Score values by their mid-rank; more is better.

    Integer arithmetic throughout: no value falls to either side of a quantile by rounding.

    :param population: what the values are ranked in; the values themselves by default
    :return: integers 1 ... bins; all in the middle when the values cannot be told apart
    """
    size = len(values if population is None else population)
    return _quantile(*ranks(values, population), size, bins)


def _quantile(below, up_to, size, bins):
    return 1 + (below + up_to) * bins // (2 * max(size, 1))


def score(
    recency: np.ndarray, frequency: np.ndarray, monetary: np.ndarray,
    parameters: Parameters | None = None,
) -> Result:
    """Score the customers of one company against each other.

    Money counts as zero below zero. Who earned the company nothing, because refunds took back all
    he bought, has value 0 whatever his rhythm.

    :param recency: (n,) whole days from the last purchase to the day of the score, none negative
    :param frequency: (n,) number of purchases, at least 1
    :param monetary: (n,) money in any one currency, net of refunds, of any sign
    :raise ValueError: lengths differ, or a value is missing or outside its range
    """
    parameters = parameters or Parameters()
    inputs = _check_inputs(recency, frequency, monetary)
    count = len(inputs)
    weights = np.array([parameters.weights[name] for name in DIMENSIONS])
    # Fewer days are better; the money of all who earned nothing is the same nothing.
    ranked = np.column_stack((-inputs[:, 0], inputs[:, 1], np.maximum(inputs[:, 2], 0)))
    medians = np.median(ranked, axis=0) if count else np.empty(0)

    scores = np.empty((count, 3), dtype=np.int64)
    below, above = np.empty_like(scores), np.empty_like(scores)
    middle = np.zeros(3, dtype=np.int64)
    for i in range(3 if count else 0):
        column = ranked[:, i]
        below[:, i], up_to = ranks(column)
        above[:, i] = count - up_to
        scores[:, i] = _quantile(below[:, i], up_to, count, parameters.bins)
        middle[i] = quantile_scores(medians[i:i + 1], parameters.bins, column)[0]

    unearned = ranked[:, 2] <= 0
    scores[unearned, 2] = 1
    per_score = 100 * weights / (parameters.bins - 1)
    base = round(float(per_score @ (middle - 1)), 1) if count else None
    value = np.round((scores - 1) @ per_score, 1)
    points = np.round((scores - middle) * per_score, 2)
    value[unearned] = 0.0
    points[unearned] = (0.0, 0.0, -(base or 0.0))
    if count:
        medians[0] = -medians[0]
    return Result(
        scores=scores,
        value=value,
        grade=grades(value, parameters.cutoffs),
        points=points,
        below=below,
        above=above,
        inputs=inputs,
        medians=medians,
        base=base,
    )


def grades(value: np.ndarray, cutoffs: tuple[float, ...]) -> np.ndarray:
    """:return: (n,) index of the grade of each value, 0 is the best; a value equal to a cut-off has reached it"""
    return len(cutoffs) - np.searchsorted(np.array(cutoffs[::-1]), value, 'right')


def _check_inputs(recency, frequency, monetary) -> np.ndarray:
    """:return: (n, 3) floats, columns as in :data:`DIMENSIONS`"""
    columns = [np.asarray(column, dtype=float) for column in (recency, frequency, monetary)]
    if len({column.shape for column in columns}) != 1 or columns[0].ndim != 1:
        raise ValueError("recency, frequency and monetary must be of one length")
    inputs = np.column_stack(columns)
    if not np.isfinite(inputs).all():
        raise ValueError("recency, frequency and monetary must be finite numbers")
    if (inputs[:, 0] < 0).any():
        raise ValueError("a purchase after the day of the score")
    if (inputs[:, 1] < 1).any():
        raise ValueError("a customer without a purchase")
    return inputs

"""How right a forecast was, and how to make chances mean what they say.

All measures compare, customer by customer, what was forecast at a cut-off with what happened after it.

    bias       sum forecast / sum bought - 1
    MAE, RMSE  mean |forecast - bought|, root of the mean (forecast - bought)^2
    deviance   mean 2 [b ln(b / f) - (b - f)]        Poisson; for counts it judges what RMSE judges for normal errors
    Brier      mean (P - [bought])^2
    log-loss   - mean ln of the chance given to what happened
    AUC        chance that of two customers the one who bought was given the higher P
    ECE        mean |P - share that bought| over ten groups of equal size by P, weighted by their size
    hit10      share of all purchases that the tenth of the customers forecast highest made
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, xlogy

#: Chances, and expected counts, are kept away from 0 and 1 by this.
CLOSEST = 1e-6
GROUPS = 10


def accuracy(expected: np.ndarray, active: np.ndarray, bought: np.ndarray) -> dict[str, float | None]:
    """Every measure of a forecast.

    :param expected: (n,) purchases forecast
    :param active: (n,) forecast probability of at least one
    :param bought: (n,) purchases made
    :return: measures by name, None where undefined (nobody, or everybody, bought)
    """
    expected, active, bought = (np.asarray(column, dtype=float) for column in (expected, active, bought))
    if not len(bought):
        raise ValueError("there is no customer to be right about")
    did = bought > 0
    total = bought.sum()
    return {
        'customers': len(bought),
        'bought': float(total),
        'bias': float(expected.sum() / total - 1) if total else None,
        'mae': float(np.abs(expected - bought).mean()),
        'rmse': float(np.sqrt(((expected - bought) ** 2).mean())),
        'correlation': _correlation(expected, bought),
        'deviance': deviance(expected, bought),
        'hit10': _hit(expected, bought),
        'auc': auc(active, did),
        'brier': float(((active - did) ** 2).mean()),
        'log_loss': log_loss(active, did),
        'ece': calibration_error(active, did),
    }


def deviance(expected: np.ndarray, bought: np.ndarray) -> float:
    """:return: mean Poisson deviance"""
    expected = np.maximum(expected, CLOSEST)
    return float(2 * np.mean(xlogy(bought, bought / expected) - bought + expected))


def log_loss(chance: np.ndarray, did: np.ndarray) -> float:
    """:return: mean of minus the logarithm of the chance given to what happened"""
    chance = np.clip(chance, CLOSEST, 1 - CLOSEST)
    return -float(np.log(np.where(did, chance, 1 - chance)).mean())


def auc(chance: np.ndarray, did: np.ndarray) -> float | None:
    """:return: area under the ROC curve, by the mid-ranks of Mann and Whitney; None when all did the same"""
    positive, negative = int(did.sum()), int((~did).sum())
    if not positive or not negative:
        return None
    ordered = np.sort(chance)
    ranks = (np.searchsorted(ordered, chance, 'left') + np.searchsorted(ordered, chance, 'right') + 1) / 2
    return float((ranks[did].sum() - positive * (positive + 1) / 2) / (positive * negative))


def calibration_error(chance: np.ndarray, did: np.ndarray) -> float:
    """:return: expected calibration error over groups of equal size"""
    return float(sum(len(c) * abs(c.mean() - d.mean()) for c, d in _groups(chance, did)) / len(chance))


def reliability(chance: np.ndarray, did: np.ndarray) -> list[dict[str, float]]:
    """:return: for each group of equal size by chance: ``customers``, mean ``chance``, ``share`` that bought, and the
        lowest and highest chance in it, ``low`` and ``high``"""
    return [
        {
            'customers': len(c), 'chance': float(c.mean()), 'share': float(d.mean()),
            'low': float(c.min()), 'high': float(c.max()),
        }
        for c, d in _groups(chance, did)
    ]


def _groups(chance, did):
    """Equal chances are in one group, else the order of the rows would decide."""
    ordered = np.sort(chance)
    position = np.searchsorted(ordered, chance, 'left') * GROUPS // max(len(chance), 1)
    return [(chance[position == group], did[position == group]) for group in np.unique(position)]


def _correlation(expected, bought):
    if len(bought) < 2 or not (expected.std() and bought.std()):
        return None
    return float(np.corrcoef(expected, bought)[0, 1])


def _hit(expected, bought):
    size = max(1, len(bought) // 10)
    best = np.argsort(-expected, kind='stable')[:size]
    return float(bought[best].sum() / bought.sum()) if bought.any() else None


def coverage(low: np.ndarray, high: np.ndarray, actual: np.ndarray) -> float:
    """:return: share of the actual values that lie within their intervals, ends included"""
    return float(np.mean((low <= actual) & (actual <= high)))


@dataclass(frozen=True)
class Temperature:
    """Chances made warmer or colder: logit P' = shift + slope logit P.

    Platt, Advances in Large Margin Classifiers (1999) 61; order is kept as the slope is positive.
    """

    shift: float = 0.0
    slope: float = 1.0

    @classmethod
    def fit(cls, chance: np.ndarray, did: np.ndarray, prior: float = 20.0) -> Temperature:
        """Learn from what happened after an earlier forecast.

        :param prior: customers' worth of belief that the chances are right as they are
        """
        odds = logit(np.clip(chance, CLOSEST, 1 - CLOSEST))
        did = np.asarray(did, dtype=float)

        def loss(theta):
            slope = np.exp(theta[1])
            warm = theta[0] + slope * odds
            error = expit(warm) - did
            value = np.logaddexp(0, warm).sum() - did @ warm + prior * theta @ theta / 2
            return value, np.array([error.sum(), slope * (error @ odds)]) + prior * theta

        # of use to a back-test alone: a night forecasts without it
        from scipy.optimize import minimize

        found = minimize(loss, np.zeros(2), jac=True, method='BFGS')
        return cls(float(found.x[0]), float(np.exp(found.x[1])))

    def apply(self, chance: np.ndarray) -> np.ndarray:
        """:return: (n,) calibrated chances"""
        inside = np.clip(chance, CLOSEST, 1 - CLOSEST)
        return np.where((chance <= 0) | (chance >= 1), chance, expit(self.shift + self.slope * logit(inside)))


def isotonic(values: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rising curve closest to the data, by pooling adjacent violators (Barlow et al., 1972).

    :return: distinct values, ascending, and the curve at them: to be read by :func:`numpy.interp`
    """
    values, target = np.asarray(values, dtype=float), np.asarray(target, dtype=float)
    distinct, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    means = np.bincount(inverse, target) / counts
    pools: list[list[float]] = []
    for mean, count in zip(means.tolist(), counts.tolist(), strict=True):
        pools.append([mean, count, 1])
        while len(pools) > 1 and pools[-2][0] >= pools[-1][0]:
            mean, count, size = pools.pop()
            last = pools[-1]
            last[0] = (last[0] * last[1] + mean * count) / (last[1] + count)
            last[1] += count
            last[2] += size
    return distinct, np.repeat([pool[0] for pool in pools], [int(pool[2]) for pool in pools])

"""Between what bounds the purchases, and the money, of a horizon will lie.

**One customer.** With P(active) he buys at all; given that he does, his purchases less one are taken as negative
binomial, with the mean and variance that the model gives. The interval holds at least the share asked for, in whole
purchases.

**All customers.** Their sum is the sum of many independent parts around an expectation that is itself uncertain:

    variance = sum of the customers' variances + g' C g

g is the slope of the expected sum by the logarithms of the parameters, by central differences, C their covariance.
The sum is taken as gamma distributed, which is close to normal where it is large and never negative where it is small.

**Money.** Purchases N of mean amount m and variance v of one amount: E[N] m, E[N] v + Var[N] m^2 (Wald).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import gammaincinv

from .frame import Frame
from .model import Fit

LEVEL = 0.9
#: Customers whose slope is computed; of more, a regular sample stands for all.
SLOPE_ROWS = 20_000
STEP = 1e-3
#: Counts are counted up from nothing where that is not less likely than exp(-UNDERFLOW).
UNDERFLOW = 650.0


def of_customers(
    expected: np.ndarray, variance: np.ndarray, active: np.ndarray, level: float = LEVEL,
) -> tuple[np.ndarray, np.ndarray]:
    """Central interval of the purchases of each customer.

    :param expected: (n,) or (n, h), like the others
    :param active: probability of at least one purchase
    :return: lowest and highest whole number of purchases
    """
    expected, variance, active = (np.asarray(column, dtype=float) for column in (expected, variance, active))
    buys = np.clip(active, 1e-12, 1.0)
    given = np.maximum(expected / buys, 1.0)
    # E[N^2 | N > 0] less the square of the mean
    spread = np.maximum((variance + expected ** 2) / buys - given ** 2, 0.0)

    extra = given - 1
    wide = (spread > extra * (1 + 1e-9)) & (extra > 1e-12)

    # one more purchase than c is (rate + growth c) / (c + 1) times as likely: negative binomial, or Poisson
    growth = np.divide(spread - extra, spread, out=np.zeros(spread.shape), where=wide)
    rate = np.where(wide, extra * (1 - growth), extra)
    nothing = np.where(wide, np.divide(rate, growth, out=rate.copy(), where=wide) * np.log1p(-growth), -rate)

    def quantile(tail):
        """Lowest count that at least the share ``tail`` does not exceed."""
        result = np.zeros(expected.shape, dtype=np.int64)
        bought = tail > 1 - active
        inside = np.clip((tail - (1 - active)) / buys, 0.0, 1.0)
        rows = bought & (nothing >= -UNDERFLOW)
        result[rows] = 1 + _count_up(inside[rows], np.exp(nothing[rows]), rate[rows], growth[rows])
        rows = bought & ~rows
        if rows.any():
            result[rows] = 1 + _look_up(inside[rows], rate[rows], growth[rows])
        return result

    return quantile((1 - level) / 2), quantile((1 + level) / 2)


def _count_up(share, mass, rate, growth):
    """Lowest count that at least a share does not exceed. Most counts are small: faster than to seek a quantile.

    :param share: (n,) 0 ... 1
    :param mass: (n,) probability of 0; that of c + 1 is (rate + growth c) / (c + 1) of that of c
    """
    result, count = np.zeros(len(share), dtype=np.int64), 0
    rows = np.flatnonzero(share > mass)
    share, mass, below, rate, growth = (column[rows] for column in (share, mass, mass, rate, growth))
    while len(rows):
        mass = mass * ((rate + growth * count) / (count + 1))
        below = below + mass
        count += 1
        result[rows] = count
        more = np.flatnonzero((share > below) & (mass > 0))
        if len(more) < len(rows):
            rows, share, mass, below, rate, growth = (
                column[more] for column in (rows, share, mass, below, rate, growth)
            )
    return result


def _look_up(share, rate, growth):
    """The same for counts of many hundreds, which few customers have."""
    from scipy.stats import nbinom, poisson

    wide = growth > 0
    result = np.empty(len(share))
    result[wide] = nbinom.ppf(share[wide], rate[wide] / growth[wide], 1 - growth[wide])
    result[~wide] = poisson.ppf(share[~wide], rate[~wide])
    return np.maximum(result, 0).astype(np.int64)


def of_totals(fit: Fit, frame: Frame, horizons, moments=None, level: float = LEVEL) -> np.ndarray:
    """Intervals of the purchases of all customers.

    :param horizons: (h,) times ahead, in the unit of the fit
    :param moments: expectation and variance of each customer, (n, h), where they are known already
    :return: (h, 3) expectation, lower and upper bound
    """
    mean, variance = moments or fit.moments(frame, horizons)
    weights = np.ones(len(frame)) if frame.weights is None else frame.weights
    total = weights @ mean
    spread = weights @ variance + parameter_variance(fit, frame, horizons)
    return np.column_stack((total, *gamma_bounds(total, spread, level)))


def parameter_variance(fit: Fit, frame: Frame, horizons) -> np.ndarray:
    """:return: (h,) variance of the expected sums that comes from the parameters being estimates"""
    stride = max(1, len(frame) // SLOPE_ROWS)
    rows = frame.take(slice(None, None, stride)) if stride > 1 else frame
    factor = frame.customers / rows.customers
    weights = np.ones(len(rows)) if rows.weights is None else rows.weights
    values, slopes = fit.values, []
    for i in range(len(values)):
        sums = []
        for sign in (1, -1):
            moved = values.copy()
            moved[i] *= np.exp(sign * STEP)
            shifted = replace(fit, parameters=dict(zip(fit.parameters, moved.tolist(), strict=True)))
            sums.append(weights @ shifted.expected(rows, horizons))
        slopes.append(factor * (sums[0] - sums[1]) / (2 * STEP))
    slopes = np.array(slopes)
    return np.maximum(np.einsum('ih,ij,jh->h', slopes, fit.covariance, slopes), 0.0)


def of_money(expected, variance, amount, amount_variance) -> tuple[np.ndarray, np.ndarray]:
    """:return: expectation and variance of what the purchases of each customer bring"""
    return expected * amount, expected * amount_variance + variance * amount ** 2


def of_money_bounds(mean, variance, active, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """Central interval of what each customer brings: nothing, or a gamma distributed sum given that he buys.

    :param mean: (n,) expectation, like the others
    :param active: probability of at least one purchase
    """
    mean, variance, active = (np.asarray(column, dtype=float) for column in (mean, variance, active))
    buys = np.clip(active, 1e-12, 1.0)
    given = mean / buys
    spread = np.maximum((variance + mean ** 2) / buys - given ** 2, 0.0)
    bounded = (given > 0) & (spread > 1e-12 * given ** 2)

    def quantile(tail):
        inside = np.clip((tail - (1 - active)) / buys, 0.0, 1.0 - 1e-12)
        bought = tail > 1 - active
        result = np.where(bought, given, 0.0)
        rows = bought & bounded
        shape = given[rows] ** 2 / spread[rows]
        result[rows] *= gammaincinv(shape, inside[rows]) / shape
        return result

    return quantile((1 - level) / 2), quantile((1 + level) / 2)


def gamma_bounds(mean, variance, level: float = LEVEL):
    """:return: lower and upper bound of gamma distributed sums; both the mean where there is no variance"""
    mean, variance = np.asarray(mean, dtype=float), np.asarray(variance, dtype=float)
    spread = (mean > 0) & (variance > 1e-12 * mean ** 2)
    shape = np.divide(mean ** 2, variance, out=np.ones(mean.shape), where=spread)
    return tuple(
        np.where(spread, mean * gammaincinv(shape, tail) / shape, mean)[()]
        for tail in ((1 - level) / 2, (1 + level) / 2)
    )

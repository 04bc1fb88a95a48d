"""How much of the money comes from how few customers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


def top_share(values: np.ndarray, fraction: float = 0.2) -> float | None:
    """Share of the total that the largest values hold: one point of the Lorenz curve, from the top.

    Between two customers the curve is a straight line, so that the share does not jump when the
    fraction falls inside a customer.

    :param values: (n,) money of each customer in one currency, negative amounts included
    :param fraction: part of the customers, 0 ... 1
    :return: share of the total; None when there is no positive total to have a share in
    """
    if not 0 <= fraction <= 1:
        raise ValueError("the fraction of customers must lie between 0 and 1")
    ordered = np.sort(np.asarray(values, dtype=float))[::-1]
    total = float(ordered.sum())
    if total <= 0:
        return None
    curve = np.concatenate(([0.0], np.cumsum(ordered)))
    return float(np.interp(fraction * len(ordered), np.arange(len(curve)), curve) / total)


@dataclass(frozen=True)
class WhaleCurve:
    """Cumulated profit of the customers, the most profitable first (Kaplan & Narayanan, *Measuring and Managing
    Customer Profitability*, 2001): it rises to its peak and falls where customers cost money.

    :param share: (n + 1,) share of the customers, 0 ... 1
    :param profit: (n + 1,) profit of all of them together, 0 first, the total last
    :param peak: profit of those who bring any: what it would be without the others
    :param earners: number of customers who bring any
    :param losers: number of customers who cost money
    """

    share: np.ndarray
    profit: np.ndarray
    peak: float
    earners: int
    losers: int

    @property
    def total(self) -> float:
        return float(self.profit[-1])

    @property
    def lost(self) -> float:
        """:return: what the customers who cost money take away from the peak"""
        return self.peak - self.total


def whale_curve(profits: np.ndarray) -> WhaleCurve:
    """:param profits: (n,) profit of each customer after the cost to serve him, negative ones included"""
    profits = _money(profits)
    ordered = np.sort(profits)[::-1]
    return WhaleCurve(
        share=np.arange(len(ordered) + 1) / max(len(ordered), 1),
        profit=np.concatenate(([0.0], np.cumsum(ordered))),
        peak=float(ordered[ordered > 0].sum()),
        earners=int((ordered > 0).sum()),
        losers=int((ordered < 0).sum()),
    )


def lorenz(values: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """The Lorenz curve, the smallest first; below the axis as long as negative values are summed.

    :return: (n + 1,) share of the customers, (n + 1,) share of the total; None without a positive total
    """
    ordered = np.sort(_money(values))
    total = float(ordered.sum())
    if total <= 0:
        return None
    return np.arange(len(ordered) + 1) / len(ordered), np.concatenate(([0.0], np.cumsum(ordered) / total))


def gini(values: np.ndarray) -> float | None:
    """Gini coefficient: twice the area between the Lorenz curve and the diagonal, 0 for all alike.

        G = sum of (2 i - n - 1) x_i / (n sum x), i = 1 ... n in ascending order

    With negative values it may exceed 1: then a few bring more than the whole.

    :return: None without a positive total
    """
    ordered = np.sort(_money(values))
    total = float(ordered.sum())
    if total <= 0:
        return None
    return _get_spread(ordered) / (len(ordered) * total)


def gini_normalised(values: np.ndarray) -> float | None:
    """Gini coefficient that stays within 0 ... 1 with negative values too.

    Divided by the sum of the absolute values instead of the total (Raffinetti, Siletti & Vernizzi, Statistical Methods
    & Applications 24 (2015) 507). Equal to :func:`gini` without negative values.

    :return: None when all values are zero
    """
    ordered = np.sort(_money(values))
    total = float(np.abs(ordered).sum())
    if not total:
        return None
    return _get_spread(ordered) / (len(ordered) * total)


def _get_spread(ordered: np.ndarray) -> float:
    """:return: sum of (2 i - n - 1) x_i, not a rounding error below the 0 of values all alike"""
    count = len(ordered)
    return max(float((2 * np.arange(1, count + 1) - count - 1) @ ordered), 0.0)


def _money(values):
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or not np.isfinite(values).all():
        raise ValueError("money must be finite numbers, one for each customer")
    return values

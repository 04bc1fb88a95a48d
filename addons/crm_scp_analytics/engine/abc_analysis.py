"""ABC analysis: the few that bring most (A), the next (B), the many that bring little (C).

Ordered by money, the largest first, an item is A while the items before it hold less than the first share of the
total, B while they hold less than the second, C after that (Dickie, Factory Management and Maintenance 109 (1951) 92).
So the item that crosses a share still belongs to the class it completes. What brings nothing, or costs money, is C.
Equal items are of one class, that of the first of them.
"""

from __future__ import annotations

import numpy as np

SHARES = (0.8, 0.95)


def classify(values: np.ndarray, shares: tuple[float, ...] = SHARES) -> np.ndarray:
    """Give each item its class.

    :param values: (n,) money of each item in one currency
    :param shares: share of the total up to which each class but the last reaches, ascending
    :return: (n,) index of the class, 0 for A
    :raise ValueError: shares out of order, or money that is no number
    """
    values = np.asarray(values, dtype=float)
    if not np.isfinite(values).all():
        raise ValueError("money must be finite numbers")
    if list(shares) != sorted(set(shares)) or not shares or shares[0] <= 0 or shares[-1] >= 1:
        raise ValueError("the shares of the classes must rise between 0 and 100 %")
    gains = np.maximum(values, 0.0)
    total = gains.sum()
    result = np.full(len(values), len(shares), dtype=np.int64)
    if total > 0:
        ordered = np.sort(gains)[::-1]
        # what the strictly larger ones hold; a cent of a billion is not enough to cross a share
        larger = np.concatenate(([0.0], np.cumsum(ordered)))[np.searchsorted(-ordered, -gains, 'left')] / total
        earning = gains > 0
        result[earning] = np.searchsorted(np.array(shares) - 1e-12, larger[earning], 'right')
    return result

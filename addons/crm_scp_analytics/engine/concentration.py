"""How much of the money comes from how few customers."""

from __future__ import annotations

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

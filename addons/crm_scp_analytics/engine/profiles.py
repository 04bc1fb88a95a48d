"""Kinds of customers: clusters of alike ones, each with the name of what sets it apart.

Customers are placed by the logarithm of each of their figures, in standard deviations and at most three of them from
the middle (so that no currency, unit or single huge customer decides), and grouped by k-means (Lloyd 1982). The number
of groups is the one of two to six with the highest mean silhouette (Rousseeuw 1987) on a regular sample. A group is
named by its two figures whose ranks among all are farthest from the middle: "high money, low recency". Seeds are fixed
and rows sorted, so the same customers give the same groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .frame import NotEnoughData
from .optimise import one_thread
from .rfm import ranks

GROUPS = range(2, 7)
#: Customers needed for each group, at least on average.
MEMBERS_MIN = 5
#: Customers the silhouette looks at: it compares every pair.
SILHOUETTE_ROWS = 2000
#: A group whose mean rank is within this of the middle has nothing to be named by in that figure.
MIDDLE = 0.1
#: Standard deviations from the middle at which a figure is extreme enough.
FARTHEST = 3.0
SEED = 0


@dataclass(frozen=True)
class Profiles:
    """Groups of customers, the group with the most money first (by the figure named first).

    :param group: (n,) index of the group of each customer
    :param centres: (g, k) mean figure of each group, in its own unit
    :param positions: (g, k) mean rank of each figure, 0 ... 1
    :param sizes: (g,) customers
    :param names: for each group up to two pairs (figure, ``high`` or ``low``), the farthest first; none for the middle
    :param silhouette: mean silhouette of the grouping, -1 ... 1
    """

    group: np.ndarray
    centres: np.ndarray
    positions: np.ndarray
    sizes: np.ndarray
    names: tuple[tuple[tuple[str, str], ...], ...]
    silhouette: float


def find(figures: np.ndarray, codes: Sequence[str], groups: int | None = None) -> Profiles:
    """Group customers.

    :param figures: (n, k) figures of each customer, all finite
    :param codes: names of the figures; groups are numbered by the first
    :param groups: their number, chosen by silhouette when empty
    :raise NotEnoughData: fewer than ten customers, or all alike
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    figures = np.asarray(figures, dtype=float)
    if figures.ndim != 2 or figures.shape[1] != len(codes) or not np.isfinite(figures).all():
        raise ValueError("a finite number is needed for every customer and figure")
    count = len(figures)
    numbers = [groups] if groups else [number for number in GROUPS if number * MEMBERS_MIN <= count]
    places = _places(figures) if count else figures
    distinct = len(np.unique(places, axis=0))
    numbers = [number for number in numbers if 2 <= number <= distinct]
    if not numbers or count < 2 * MEMBERS_MIN:
        raise NotEnoughData('customers')
    # the same customers in another order are the same groups
    order = np.lexsort(figures.T[::-1])
    sample = order[::max(1, count // SILHOUETTE_ROWS)]
    best = None
    with one_thread():
        for number in numbers:
            found = KMeans(number, n_init=5, random_state=SEED).fit(places[order])
            label = np.empty(count, dtype=np.int64)
            label[order] = found.labels_
            kinds = len(np.unique(label[sample]))
            quality = silhouette_score(places[sample], label[sample]) if 1 < kinds < len(sample) else -1.0
            if best is None or quality > best[0] + 1e-9:
                best = quality, label
    quality, label = best
    return _describe(figures, label, codes, float(quality))


def _places(figures):
    """:return: (n, k) logarithm of each figure relative to a typical one, standardised and bounded"""
    columns = []
    for column in figures.T:
        sizes = np.abs(column[column != 0])
        logs = np.arcsinh(column / (np.median(sizes) if len(sizes) else 1.0))
        spread = logs.std()
        # a spread that is rounding alone is none
        columns.append((logs - logs.mean()) / spread if spread > 1e-9 else np.zeros(len(logs)))
    return np.clip(np.column_stack(columns), -FARTHEST, FARTHEST).round(9)


def _describe(figures, label, codes, quality):
    kinds = np.unique(label)
    standing = np.column_stack([np.add(*ranks(column)) / (2 * len(column)) for column in figures.T])
    positions = np.array([standing[label == kind].mean(axis=0) for kind in kinds])
    order = np.lexsort(-positions.T[::-1])
    positions = positions[order]
    group = np.empty(len(label), dtype=np.int64)
    for new, old in enumerate(kinds[order]):
        group[label == old] = new
    names = []
    for row in positions:
        apart = sorted(range(len(codes)), key=lambda i, row=row: (-abs(row[i] - 0.5), i))
        names.append(tuple(
            (codes[i], 'high' if row[i] > 0.5 else 'low') for i in apart[:2] if abs(row[i] - 0.5) > MIDDLE
        ))
    return Profiles(
        group=group,
        centres=np.array([figures[group == kind].mean(axis=0) for kind in range(len(kinds))]),
        positions=positions,
        sizes=np.bincount(group),
        names=tuple(names),
        silhouette=quality,
    )

"""What is bought together.

With N baskets, of which a hold one product, b the other and c both, E = a b / N:

    lift = c / E
    G2   = 2 sum of O ln(O / E) over the four cells     Dunning, Computational Linguistics 19 (1993) 61
    p    = P(C >= c), C hypergeometric (N, a, b)        Fisher's exact test, one-sided
    q    = min over p_j >= p of p_j m / rank_j          Benjamini & Hochberg, JRSS B 57 (1995) 289

m counts every pair of the products looked at, those never bought together included: they were tried too. G2 tells
how strong a pair is; its chi-square chance is far too small where E is below 1, as with most pairs, so that the exact
one decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.special import gammaln, xlogy

#: Terms of a tail smaller than this part of it do not count.
TAIL = 1e-12


@dataclass(frozen=True)
class Pairs:
    """Pairs of products, by first and second product.

    :param first: (p,) column of the one product, below the other
    :param second: (p,) column of the other
    :param together: (p,) baskets with both
    :param first_count: (p,) baskets with the one
    :param second_count: (p,) baskets with the other
    :param baskets: number of all
    :param tested: pairs that were tried, m
    """

    first: np.ndarray
    second: np.ndarray
    together: np.ndarray
    first_count: np.ndarray
    second_count: np.ndarray
    baskets: int
    tested: int

    @property
    def lift(self) -> np.ndarray:
        """:return: (p,) how many times more often together than by chance"""
        return self.together * self.baskets / (self.first_count * self.second_count.astype(float))

    @property
    def g2(self) -> np.ndarray:
        """:return: (p,) log-likelihood ratio against independence"""
        n, a, b, c = (np.asarray(value, dtype=float) for value in self._table)
        cells = ((c, a * b), (a - c, a * (n - b)), (b - c, (n - a) * b), (n - a - b + c, (n - a) * (n - b)))
        # O n / expected in one division; an empty cell adds nothing
        total = sum(xlogy(seen, np.where(seen > 0, seen * n / np.maximum(due, 1.0), 1.0)) for seen, due in cells)
        return np.maximum(2 * total, 0.0)

    @property
    def chance(self) -> np.ndarray:
        """:return: (p,) chance of so many together or more, were the products bought independently; 1 for pairs
            bought together no more often than expected"""
        n, a, b, c = self._table
        result = np.ones(len(c))
        more = np.flatnonzero(c * n > a.astype(float) * b)
        result[more] = np.minimum(_tail(n, a[more], b[more], c[more]), 1.0)
        return result

    @property
    def false_discovery(self) -> np.ndarray:
        """:return: (p,) share of chance finds among the pairs at least as clear as this one"""
        chance = self.chance
        order = np.argsort(chance, kind='stable')
        scaled = chance[order] * self.tested / np.arange(1, len(order) + 1)
        result = np.empty(len(order))
        result[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
        return result

    def take(self, rows) -> Pairs:
        """:return: some of the pairs"""
        return Pairs(
            self.first[rows], self.second[rows], self.together[rows], self.first_count[rows], self.second_count[rows],
            self.baskets, self.tested,
        )

    @property
    def _table(self):
        return self.baskets, self.first_count, self.second_count, self.together


def matrix(row: np.ndarray, column: np.ndarray) -> tuple[sparse.csr_matrix, np.ndarray, np.ndarray]:
    """Arrange who bought what, or what was bought in which basket.

    :param row: (n,) ids of baskets or customers
    :param column: (n,) ids of products; the same pair of ids may come again
    :return: matrix of 0 and 1, ids of its rows, ids of its columns
    """
    rows, place = np.unique(row, return_inverse=True)
    columns, position = np.unique(column, return_inverse=True)
    bought = sparse.csr_matrix(
        (np.ones(len(place), dtype=np.int32), (place, position)), shape=(len(rows), len(columns)),
    )
    bought.sum_duplicates()
    bought.data[:] = 1
    return bought, rows, columns


def pairs(bought: sparse.csr_matrix, together_min: int = 1, support_min: int = 1) -> Pairs:
    """Count the pairs.

    :param bought: (baskets, products) of 0 and 1
    :param together_min: baskets with both that a pair needs to be listed; does not change what is tested
    :param support_min: baskets with it that a product needs to be looked at; known before any pair is, so that leaving
        rare products out is no choice among the pairs
    """
    support = np.bincount(bought.indices, minlength=bought.shape[1])
    kept = np.flatnonzero(support >= support_min)
    part = bought if len(kept) == bought.shape[1] else bought[:, kept]
    both = (part.T @ part).tocoo()
    listed = (both.row < both.col) & (both.data >= max(together_min, 1))
    first, second = kept[both.row[listed]], kept[both.col[listed]]
    order = np.lexsort((second, first))
    return Pairs(
        first[order], second[order], both.data[listed][order].astype(np.int64),
        support[first[order]], support[second[order]], bought.shape[0], len(kept) * (len(kept) - 1) // 2,
    )


def _tail(n, a, b, c):
    """:return: (p,) P(C >= c), C hypergeometric; for c above its mean, where the terms only fall"""
    def choose(of, some):
        return gammaln(of + 1.0) - gammaln(some + 1.0) - gammaln(of - some + 1.0)

    k, most = c.astype(float), np.minimum(a, b)
    term = np.exp(choose(a, k) + choose(n - a, b - k) - choose(n, b))
    total = term.copy()
    left = np.flatnonzero(k < most)
    while len(left):
        one, other, both = a[left], b[left], k[left]
        term[left] *= (one - both) * (other - both) / ((both + 1) * (n - one - other + both + 1))
        total[left] += term[left]
        k[left] += 1
        left = left[(k[left] < most[left]) & (term[left] > TAIL * total[left])]
    return total

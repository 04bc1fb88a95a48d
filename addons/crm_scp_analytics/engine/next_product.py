"""What a customer buys next: again what he bought before, or for the first time what others like him buy.

Again: each customer and product is a series of purchases of its own, with a rate and an end, so that the purchase model
of customers tells how often it will come again (MBG/NBD).

New: each product is predicted from all others by ridge regression, X ~ X B with zero diagonal (EASE; Steck, WWW 2019),
as if one in three of the products of a customer had been forgotten, which puts half of the diagonal of X'X beside the
ridge (Steck, NeurIPS 2020):

    P = (X'X + diag(X'X) / 2 + ridge I)^-1,   B_ij = -P_ij / P_jj

in closed form. The ridge is the one that finds most of the products held out, one of each customer. Where what most
customers buy would have found more of them than any ridge, that is what is suggested: few customers show no taste.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse

from . import mbgnbd
from .frame import Frame, NotEnoughData
from .optimise import one_thread

#: What the ridge is chosen from; at the last, little more than who is bought with whom decides.
RIDGES = (1.0, 5.0, 25.0, 100.0, 400.0, 1600.0, 6400.0)
#: Chance p to forget a product, as p / (1 - p).
FORGOTTEN = 0.5
#: Customers that are looked at when the ridge is chosen.
HOLDOUT_ROWS = 5000
#: Customers with two products needed to choose it.
HOLDOUT_MIN = 10
#: Customers whose scores are held at a time.
BLOCK = 2048
SEED = 0


@dataclass(frozen=True)
class Model:
    """Products predicted from products, or by how many customers have them.

    :param weights: (products, products) what having the one says about buying the other; None where popularity decides
    :param ridge: how strongly they are drawn toward nothing
    :param found: share of held-out products among the first ten suggested by the weights
    :param found_popular: the same by suggesting to all what most customers buy
    """

    weights: np.ndarray | None
    ridge: float
    found: float
    found_popular: float


@dataclass(frozen=True)
class Suggestions:
    """Products for some customers, the best first.

    :param row: (s,) row of the customer
    :param column: (s,) the product
    :param rank: (s,) from 1
    :param score: (s,) sum of the weights of what he has, or share of the customers who have it
    :param because: (s,) the product of his that speaks for it most, -1 where popularity decided
    """

    row: np.ndarray
    column: np.ndarray
    rank: np.ndarray
    score: np.ndarray
    because: np.ndarray


def again(count: np.ndarray, first: np.ndarray, last: np.ndarray, end: float, horizon: float) -> np.ndarray:
    """How often each customer will buy each of his products again.

    :param count: (n,) days on which the customer bought the product, 1 at least
    :param first: (n,) first of these days
    :param last: (n,) last of them
    :param end: end of the window, in the same days
    :param horizon: days ahead
    :return: (n,) purchases expected
    :raise NotEnoughData: nobody bought a product twice
    """
    frame = Frame(np.asarray(count) - 1, np.asarray(last) - first, float(end) - np.asarray(first))
    with one_thread():
        return mbgnbd.MODEL.fit(frame).expected(frame, horizon)[:, 0]


def fit(bought: sparse.csr_matrix) -> Model:
    """Learn what goes with what, with the ridge that finds most.

    :param bought: (customers, products) of 0 and 1
    :raise NotEnoughData: too few customers have two products
    """
    train, rows, held = _hold_out(bought)
    found = {}
    with one_thread():
        gram = _gram(train)
        for ridge in RIDGES:
            found[ridge] = _share_found(train, _solve(gram, ridge), rows, held)
        popular = _share_found(train, None, rows, held)
        # of equals the stronger ridge: it follows chance least
        ridge = max(RIDGES, key=lambda one: (round(found[one], 9), one))
        weights = _solve(_gram(bought), ridge) if found[ridge] >= popular else None
    return Model(weights, ridge, found[ridge], popular)


def suggest(bought: sparse.csr_matrix, weights: np.ndarray | None, top: int) -> Iterator[Suggestions]:
    """Suggest to each customer products he has not bought, a block of customers at a time.

    :param bought: (customers, products) of 0 and 1
    :param weights: as in :class:`Model`
    :param top: products per customer at most; what nothing of his speaks for is not suggested
    """
    top = min(top, bought.shape[1])
    popularity = _popularity(bought)
    for start in range(0, bought.shape[0], BLOCK):
        part = bought[start:start + BLOCK]
        columns, scores = _best(part, weights, popularity, top)
        row, place = np.nonzero(scores > 0)
        column = columns[row, place]
        because = np.full(len(row), -1) if weights is None else _strongest(part, weights, row, column)
        yield Suggestions(row + start, column, place + 1, scores[row, place], because)


def _hold_out(bought):
    """:return: matrix without one product of each customer who has two or more, these customers, their products"""
    owned = np.diff(bought.indptr)
    rows = np.flatnonzero(owned >= 2)
    if len(rows) < HOLDOUT_MIN:
        raise NotEnoughData('customers')
    random = np.random.default_rng(SEED)
    rows = np.sort(random.choice(rows, min(len(rows), HOLDOUT_ROWS), replace=False))
    places = bought.indptr[rows] + random.integers(owned[rows])
    train = bought.astype(float)
    train.data[places] = 0
    train.eliminate_zeros()
    return train, rows, bought.indices[places]


def _popularity(bought):
    return np.bincount(bought.indices, minlength=bought.shape[1]) / max(bought.shape[0], 1)


def _gram(bought):
    part = bought.astype(float)
    return (part.T @ part).toarray()


def _solve(gram, ridge):
    inverse = linalg.inv(gram + np.diag(FORGOTTEN * np.diag(gram) + ridge), overwrite_a=True)
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return weights


def _share_found(train, weights, rows, held):
    found, popularity = 0, _popularity(train)
    for start in range(0, len(rows), BLOCK):
        some = slice(start, start + BLOCK)
        columns, scores = _best(train[rows[some]], weights, popularity, min(10, train.shape[1]))
        found += ((columns == held[some, None]) & (scores > 0)).any(axis=1).sum()
    return float(found / len(rows))


def _best(part, weights, popularity, top):
    """:return: (rows, top) columns not bought with the highest scores, and these scores, the best first"""
    scores = np.tile(popularity, (part.shape[0], 1)) if weights is None else part @ weights
    scores[part.nonzero()] = -np.inf
    columns = np.argpartition(-scores, top - 1, axis=1)[:, :top]
    # by column first, so that equals come in a fixed order
    columns.sort(axis=1)
    order = np.argsort(-np.take_along_axis(scores, columns, axis=1), axis=1, kind='stable')
    columns = np.take_along_axis(columns, order, axis=1)
    return columns, np.take_along_axis(scores, columns, axis=1)


def _strongest(part, weights, row, column):
    """:return: (s,) of the products of each row, the one with the most weight for each column"""
    sizes = np.diff(part.indptr)[row]
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.intp)
    entry = np.repeat(np.arange(len(row)), sizes)
    owned = part.indices[part.indptr[row][entry] + np.arange(len(entry)) - starts[entry]]
    if not len(entry):
        return owned
    strength = weights[owned, column[entry]]
    best = np.flatnonzero(strength == np.maximum.reduceat(strength, starts)[entry])
    return owned[best[np.unique(entry[best], return_index=True)[1]]]

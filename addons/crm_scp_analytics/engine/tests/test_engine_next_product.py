import numpy as np
import pytest
from engine import affinity, next_product
from engine.frame import NotEnoughData
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender


def customers(random, count=600, kinds=6, each=12):
    """:return: matrix of customers of some kinds, each with a taste for the products of his kind"""
    taste = np.full((kinds, kinds * each), 0.02)
    for kind in range(kinds):
        taste[kind, kind * each:(kind + 1) * each] = 0.35
    chosen = random.random((count, kinds * each)) < taste[random.integers(kinds, size=count)]
    rows, columns = np.nonzero(chosen)
    return affinity.matrix(rows, columns)[0]


def test_weights_are_ridge_regressions():
    """Two products, four customers: three have the one, two the other, one of them both.

    The diagonal is 3 and 2, half of it more and the ridge make 3 + 1.5 + 0.5 = 5 and 2 + 1 + 1/2 = 3.5: with the one
    the other is predicted with 1 / 5, with the other the one with 1 / 3.5.
    """
    bought, _rows, _columns = affinity.matrix(np.array([0, 1, 2, 2, 3]), np.array([0, 0, 0, 1, 1]))
    weights = next_product._solve(next_product._gram(bought), 0.5)
    assert weights == pytest.approx(np.array([[0, 1 / 5], [1 / 3.5, 0]]))


def test_taste_is_found():
    """Who buys what his kind buys is offered more of it, with one of his own products as the reason."""
    bought = customers(np.random.default_rng(7))
    model = next_product.fit(bought)
    assert model.found > 2 * model.found_popular
    (offer, *_others) = next_product.suggest(bought, model.weights, 5)
    owned = bought.toarray().astype(bool)
    assert not owned[offer.row, offer.column].any()
    assert owned[offer.row, offer.because].all()
    assert (offer.because // 12 == offer.column // 12).mean() > 0.8
    one = offer.row == offer.row[0]
    assert offer.rank[one].tolist() == list(range(1, one.sum() + 1))
    assert (np.diff(offer.score[one]) <= 0).all()
    strength = model.weights[owned[offer.row[0]], offer.column[0]]
    assert model.weights[offer.because[0], offer.column[0]] == strength.max()


def test_popularity_where_there_is_no_taste():
    """Everybody has product 0 and one that nobody else has: only the first can be guessed, and nothing tells of it."""
    baskets = [(row, product) for row in range(30) for product in (0, row + 1)] + [(30, 31), (30, 32)]
    bought = affinity.matrix(*np.array(baskets).T)[0]
    model = next_product.fit(bought)
    assert model.weights is None
    assert model.found == 0
    assert model.found_popular > 0.3
    (offer,) = next_product.suggest(bought, model.weights, 3)
    other = offer.row == 30
    assert offer.column[other][0] == 0
    assert offer.score[other][0] == pytest.approx(30 / 31)
    assert set(offer.because) == {-1}


def test_order_of_customers_does_not_matter():
    bought = customers(np.random.default_rng(8), count=200)
    weights = next_product.fit(bought).weights
    turned = bought[::-1]
    forward = {(row, column): rank for part in next_product.suggest(bought, weights, 4)
               for row, column, rank in zip(part.row, part.column, part.rank, strict=True)}
    backward = {(bought.shape[0] - 1 - row, column): rank for part in next_product.suggest(turned, weights, 4)
                for row, column, rank in zip(part.row, part.column, part.rank, strict=True)}
    assert forward == backward


def test_better_than_the_reference():
    """More of the held-out products among the first ten than by the nearest neighbours of `implicit`."""
    bought = customers(np.random.default_rng(9), count=2000, kinds=8, each=25)
    model = next_product.fit(bought)
    train, rows, held = next_product._hold_out(bought)
    for other in (CosineRecommender(K=50, num_threads=1), BM25Recommender(K=50, num_threads=1)):
        other.fit(train.tocsr(), show_progress=False)
        columns, _scores = other.recommend(rows, train[rows], N=10)
        assert model.found >= (columns == held[:, None]).any(axis=1).mean()


def test_too_few():
    bought, _rows, _columns = affinity.matrix(np.arange(9), np.zeros(9, dtype=int))
    with pytest.raises(NotEnoughData):
        next_product.fit(bought)


def test_bought_again():
    """Bought every 30 days up to yesterday comes again; bought as often, but a year ago, hardly; once, seldom."""
    count = np.array([10, 10, 1] * 20)
    first = np.array([0, 0, 100] * 20)
    last = np.array([270, 45, 100] * 20)
    expected = next_product.again(count, first, last, 300, 91)
    regular, gone, once = expected[:3]
    assert regular > 2
    assert gone < 0.5 * regular
    assert once < regular


def test_nobody_bought_again():
    with pytest.raises(NotEnoughData):
        next_product.again(np.ones(5, dtype=int), np.arange(5), np.arange(5), 100, 91)

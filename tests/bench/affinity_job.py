"""Pairs of products, ours and mlxtend's, or suggestions, ours and implicit's, in a process of its own:
``python -m tests.bench.affinity_job JOB ROWS``. Prints a line of JSON.
"""
import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

# the engine by itself, not through the addon around it, which imports Odoo
sys.path.insert(0, str(Path(__file__).parents[2] / 'addons' / 'crm_scp_analytics'))

from engine import affinity, next_product  # noqa: E402 - after the path is set
from implicit.als import AlternatingLeastSquares  # noqa: E402 - after the path is set
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender  # noqa: E402 - after the path is set
from mlxtend.frequent_patterns import association_rules, fpgrowth  # noqa: E402 - after the path is set

PRODUCTS = 1000
TOGETHER_MIN = 50
TOP = 10


def draw_orders(count):
    """:return: matrix of orders of five products on average, some of which sell much better than others"""
    random = np.random.default_rng(45)
    popularity = 1 / np.arange(4, PRODUCTS + 4) ** 0.8
    return affinity.matrix(*np.nonzero(random.random((count, PRODUCTS)) < 5 * popularity / popularity.sum()))[0]


def draw_customers(count):
    """:return: matrix of customers with a taste for two of twenty kinds of products, and for what sells well"""
    random = np.random.default_rng(46)
    kinds, products = 20, PRODUCTS // 2
    popularity = np.arange(1, products + 1) ** -0.5
    kind = random.integers(kinds, size=products)
    taste = random.integers(kinds, size=(count, 2))
    liked = (kind == taste[:, :1]) | (kind == taste[:, 1:])
    chance = np.minimum(popularity * np.where(liked, 1.5, 0.1), 0.9)
    return affinity.matrix(*np.nonzero(random.random((count, products)) < chance))[0]


def pairs(count):
    """:return: processor seconds of either, and how many pairs differ in count or lift"""
    orders = draw_orders(count)
    # one-hot as mlxtend wants it: not part of its time, nor the matrix of ours
    frame = pd.DataFrame(orders.toarray().astype(bool))
    affinity.pairs(orders[:1000])
    start = time.process_time()
    ours = affinity.pairs(orders, together_min=TOGETHER_MIN)
    lift = ours.lift
    ours_seconds = time.process_time() - start
    start = time.process_time()
    sets = fpgrowth(frame, min_support=(TOGETHER_MIN - 0.5) / count, max_len=2)
    rules = association_rules(sets, metric='support', min_threshold=0)
    theirs_seconds = time.process_time() - start
    theirs = {
        (one, other): (round(support * orders.shape[0]), value)
        for antecedents, consequents, support, value in zip(
            rules.antecedents, rules.consequents, rules.support, rules.lift, strict=True,
        )
        for one, other in [(*antecedents, *consequents)] if one < other
    }
    found = dict(zip(zip(ours.first, ours.second, strict=True), zip(ours.together, lift, strict=True), strict=True))
    different = len(found.keys() ^ theirs.keys()) + sum(
        bool(found[key][0] != theirs[key][0] or abs(found[key][1] / theirs[key][1] - 1) > 1e-9)
        for key in found.keys() & theirs.keys()
    )
    return {'ours': ours_seconds, 'theirs': theirs_seconds, 'pairs': len(found), 'different': different}


def suggestions(count):
    """:return: share of held-out products among the first ten, ours and of each of the others; our seconds"""
    bought = draw_customers(count)
    start = time.process_time()
    model = next_product.fit(bought)
    seconds = time.process_time() - start
    train, rows, held = next_product._hold_out(bought)
    train = train.tocsr()
    others = {}
    for other in (
        CosineRecommender(K=100, num_threads=1), BM25Recommender(K=100, num_threads=1),
        AlternatingLeastSquares(factors=64, iterations=20, random_state=1, num_threads=1),
    ):
        other.fit(train, show_progress=False)
        columns, _scores = other.recommend(rows, train[rows], N=TOP)
        others[type(other).__name__] = float((columns == held[:, None]).any(axis=1).mean())
    return {'ours': model.found, 'popular': model.found_popular, 'others': others, 'seconds': seconds}


def main():
    name, count = sys.argv[1], int(sys.argv[2])
    # the other implementations warn of their own steps
    with warnings.catch_warnings(), np.errstate(all='ignore'):
        warnings.simplefilter('ignore')
        result = {'pairs': pairs, 'suggestions': suggestions}[name](count)
    sys.stdout.write(json.dumps(result) + '\n')


if __name__ == '__main__':
    main()

import numpy as np
import pandas as pd
import pytest
from engine import affinity
from hypothesis import given, settings
from hypothesis import strategies as st
from mlxtend.frequent_patterns import association_rules, fpgrowth
from scipy.stats import chi2_contingency, hypergeom

BASKETS = st.lists(st.sets(st.integers(0, 7), min_size=1), min_size=3, max_size=40)


def table(baskets):
    """:return: matrix of 0 and 1 of these sets of products, and the products of its columns"""
    rows = [(row, product) for row, basket in enumerate(baskets) for product in basket]
    bought, _rows, columns = affinity.matrix(*np.array(rows).T)
    return bought, columns


def test_worked_example():
    """Ten orders: four with a pump, five with a seal, four with both. By chance it were two.

    Lift 4 / 2 = 2. P(C >= 4) = C(5,4) C(5,0) / C(10,4) = 5 / 210. G2 = 2 (4 ln 2 + 1 ln(1/3) + 5 ln(5/3)): the cells
    hold 4, 0, 1, 5 and were expected to hold 2, 2, 3, 3. Of three pairs tried, q is 3 p.
    """
    bought, _columns = table([{1, 2}] * 4 + [{2}] + [{3}] * 5)
    found = affinity.pairs(bought)
    assert (found.first.tolist(), found.second.tolist(), found.together.tolist()) == ([0], [1], [4])
    assert found.lift == pytest.approx([2])
    assert found.chance == pytest.approx([5 / 210])
    assert found.g2 == pytest.approx([2 * (4 * np.log(2) + np.log(1 / 3) + 5 * np.log(5 / 3))])
    # three products make three pairs, two of them never seen
    assert found.tested == 3
    assert found.false_discovery == pytest.approx([3 * 5 / 210])


def test_same_product_twice_in_a_basket():
    bought, rows, columns = affinity.matrix(np.array([7, 7, 7]), np.array([3, 3, 5]))
    assert (rows.tolist(), columns.tolist()) == ([7], [3, 5])
    assert affinity.pairs(bought).together.tolist() == [1]


def test_nothing_together():
    bought, _columns = table([{1}, {2}, {3}])
    found = affinity.pairs(bought)
    assert not len(found.first)
    assert not len(found.false_discovery)


def test_rare_products_are_not_tried():
    bought, columns = table([{1, 2}] * 3 + [{1, 9}])
    found = affinity.pairs(bought, support_min=2)
    assert columns[found.first].tolist() == [1]
    assert columns[found.second].tolist() == [2]
    assert found.tested == 1


@settings(max_examples=25)
@given(BASKETS)
def test_equal_to_the_reference(baskets):
    """Counts and lift equal mlxtend's, chances and G2 those of scipy."""
    bought, columns = table(baskets)
    found = affinity.pairs(bought)
    frame = pd.DataFrame(bought.toarray().astype(bool), columns=[str(one) for one in columns])
    sets = fpgrowth(frame, min_support=1e-9, use_colnames=True, max_len=2)
    expected = {}
    if (sets.itemsets.map(len) > 1).any():
        with np.errstate(all='ignore'):  # of measures not compared here
            rules = association_rules(sets, metric='support', min_threshold=0)
        for _index, rule in rules.iterrows():
            key = tuple(sorted(int(*one) for one in (rule.antecedents, rule.consequents)))
            expected[key] = (round(rule.support * len(baskets)), rule.lift)
    ours = {
        (columns[one], columns[other]): (count, lift)
        for one, other, count, lift in zip(found.first, found.second, found.together, found.lift, strict=True)
    }
    assert ours.keys() == expected.keys()
    for key, (count, lift) in ours.items():
        assert (count, pytest.approx(lift, rel=1e-12)) == expected[key]
    n = found.baskets
    for a, b, c, chance, g2 in zip(
        found.first_count, found.second_count, found.together, found.chance, found.g2, strict=True,
    ):
        assert chance == pytest.approx(hypergeom.sf(c - 1, n, a, b) if c * n > a * b else 1, rel=1e-9)
        cells = np.array([[c, a - c], [b - c, n - a - b + c]])
        if cells.sum(axis=0).all() and cells.sum(axis=1).all():
            statistic = chi2_contingency(cells, correction=False, lambda_='log-likelihood').statistic
            assert g2 == pytest.approx(statistic, abs=1e-9)
        else:
            assert g2 == pytest.approx(0, abs=1e-9)


def draw(random, orders, products, planted, share=0.05):
    """:return: matrix of orders of products bought independently, but the planted pairs in a share of the orders"""
    popularity = 1 / np.arange(4, products + 4) ** 0.8
    chosen = random.random((orders, products)) < 3 * popularity / popularity.sum()
    for one, other in planted:
        both = random.random(orders) < share
        chosen[both, one] = chosen[both, other] = True
    rows, columns = np.nonzero(chosen)
    return affinity.matrix(rows, columns)


def test_planted_pairs_are_found():
    """All planted pairs, and of what is found no more than one in twenty by chance, on average over twenty draws."""
    random = np.random.default_rng(88)
    planted = {(2 * place, 2 * place + 41) for place in range(20)}
    false = found = 0
    for _draw in range(20):
        bought, _rows, columns = draw(random, 4000, 100, planted)
        seen = affinity.pairs(bought)
        clear = seen.take(seen.false_discovery <= 0.05)
        clear = set(zip(columns[clear.first], columns[clear.second], strict=True))
        assert planted <= clear
        false += len(clear - planted)
        found += len(clear)
    assert false / found <= 0.05


def test_chance_alone_finds_nothing():
    """Without any pair planted, a find is a false one: in at most one of twenty draws, and a margin for luck."""
    random = np.random.default_rng(89)
    wrong = sum(
        (affinity.pairs(draw(random, 800, 60, ())[0]).false_discovery <= 0.05).any() for _draw in range(60)
    )
    assert wrong <= 6

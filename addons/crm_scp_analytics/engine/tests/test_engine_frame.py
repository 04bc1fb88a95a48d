import numpy as np
import pytest
from engine.frame import Frame, Purchases
from hypothesis import given
from hypothesis import strategies as st

ORDERS = st.lists(st.tuples(st.integers(1, 8), st.integers(0, 60), st.integers(-500, 5000)), max_size=40)


def purchases(rows):
    return Purchases.of(*np.array(rows, dtype=float).reshape(-1, 3).T)


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(
        (one.x, one.t_x, one.T, one.log_gaps), (other.x, other.t_x, other.T, other.log_gaps), strict=True,
    ))


def test_worked_example():
    """Customer 7 buys on days 0, 14 and 28 (twice), customer 9 on day 21; the window ends on day 35, in weeks.

    7: two repeat purchases, the last 4 weeks after the first, seen for 5 weeks, gaps of 2 weeks each
    9: none, seen for 2 weeks
    """
    bought = purchases([(7, 28, 30), (9, 21, 50), (7, 0, 10), (7, 14, 20), (7, 28, 40)])
    frame = bought.frame(35, 7)
    assert bought.ids().tolist() == [7, 9]
    assert frame.x.tolist() == [2, 0]
    assert frame.t_x.tolist() == [4, 0]
    assert frame.T.tolist() == [5, 2]
    assert frame.log_gaps == pytest.approx([2 * np.log(2), 0])
    assert bought.repeat_spend(35).tolist() == [45, 0]
    assert bought.count(np.array([7, 9]), 14, 35).tolist() == [1, 1]
    assert bought.until(14).frame(14, 7).x.tolist() == [1]


def test_nothing():
    bought = purchases([])
    assert len(bought.frame(10)) == 0
    assert bought.repeat_spend(10).tolist() == []
    assert bought.ids().tolist() == []


def test_collapse_counts_who_came_once():
    once, others = Frame([0, 2, 0, 0], [0, 3, 0, 0], [5, 6, 7, 5]).collapse()
    assert once.T.tolist() == [5, 7]
    assert once.weights.tolist() == [2, 1]
    assert others.x.tolist() == [2]
    once, _others = Frame([0, 2, 0, 0], [0, 3, 0, 0], [5, 6, 7, 5], [1, 2, 3, 4]).collapse()
    assert once.weights.tolist() == [5, 3]


@pytest.mark.parametrize(('columns', 'message'), [
    (([1], [6.0], [5.0]), "after the end"),
    (([-1], [1.0], [5.0]), "negative"),
    (([1.5], [1.0], [5.0]), "whole number"),
    (([1], [0.0], [5.0]), "after the first"),
    (([0], [1.0], [5.0]), "after the first"),
    (([1], [np.nan], [5.0]), "finite"),
    (([1, 2], [1.0], [5.0]), "one length"),
    (([1], [1.0], [5.0], [0.0]), "stand for"),
])
def test_bad_frame(columns, message):
    with pytest.raises(ValueError, match=message):
        Frame(*(np.array(column) for column in columns))


@given(ORDERS, st.randoms(use_true_random=False))
def test_order_of_rows_and_splitting_an_order_change_nothing(rows, random):
    split = [(customer, day, part) for customer, day, money in rows for part in (money - 7, 7)]
    random.shuffle(split)
    one, other = purchases(rows), purchases(split)
    assert same(one.frame(60), other.frame(60))
    assert one.money == pytest.approx(other.money)


@given(ORDERS, st.integers(0, 60))
def test_the_window_hides_what_comes_later(rows, end):
    bought = purchases(rows)
    assert same(bought.frame(end), purchases([row for row in rows if row[1] <= end]).frame(end))
    later = bought.count(bought.ids(), end, 60)
    assert later.sum() + len(bought.until(end).day) == len(bought.day)

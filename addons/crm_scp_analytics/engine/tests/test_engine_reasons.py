import numpy as np
import pytest
from engine import reasons
from hypothesis import given
from hypothesis import strategies as st

CODES = ('orders', 'silence', 'spend', 'margin', 'delay')


def test_worked_example():
    """Four inputs speak for the customer, of which three are told, one against him, and of one there is no data."""
    [found] = reasons.top(
        CODES, [[12, 5, 80, 0.4, np.nan]], [6, 30, 60, 0.3, 10], [[8.0, 20.0, 2.0, -3.0, np.nan]],
    )
    assert [(reason['code'], reason['points']) for reason in found['raise']] == [
        ('silence', 20.0), ('orders', 8.0), ('spend', 2.0),
    ]
    assert found['lower'] == [{'code': 'margin', 'value': 0.4, 'benchmark': 0.3, 'points': -3.0}]


def test_at_most_three_and_nothing_negligible():
    [found] = reasons.top(CODES, [[1] * 5], [0] * 5, [[5.0, 4.0, 3.0, 2.0, 0.01]])
    assert [reason['code'] for reason in found['raise']] == ['orders', 'silence', 'spend']
    assert reasons.top(CODES, [[1] * 5], [0] * 5, [[5.0, 0.04, 0.0, 0.0, -0.04]])[0]['lower'] == []
    assert reasons.top(CODES, [[1] * 5], [1] * 5, [[0.0] * 5]) == [{'raise': [], 'lower': []}]


def test_shapley_of_a_product():
    """Rate 4 against 2, amount 30 against 10: 120 - 20 = 100 points, (60 + 20) / 2... = 40 and 60.

    Rate first: (4 - 2) * 10 = 20, last: (4 - 2) * 30 = 60, mean 40. Amount: 2 * 20 = 40 and 4 * 20 = 80, mean 60.
    """
    points = reasons.shapley(lambda inputs: inputs.prod(axis=1), [[4.0, 30.0]], [2.0, 10.0])
    assert points.tolist() == [[40.0, 60.0]]


@given(st.lists(st.tuples(*[st.integers(-20, 20)] * 4), min_size=1, max_size=8), st.tuples(*[st.integers(-9, 9)] * 4))
def test_points_add_up(rows, benchmark):
    def score(inputs):
        return inputs[:, 0] * inputs[:, 1] + np.abs(inputs[:, 2]) - inputs[:, 3] ** 2

    inputs, benchmark = np.array(rows, dtype=float), np.array(benchmark, dtype=float)
    points = reasons.shapley(score, inputs, benchmark)
    assert points.sum(axis=1) == pytest.approx(score(inputs) - score(benchmark[None])[0])
    assert (points[inputs == benchmark] == 0).all()


def test_too_many_inputs():
    with pytest.raises(ValueError, match="at most"):
        reasons.shapley(lambda inputs: inputs[:, 0], np.zeros((1, 7)), np.zeros(7))


def test_lengths_differ():
    with pytest.raises(ValueError, match="a column for each code"):
        reasons.top(CODES, [[1, 2]], [1, 2], [[1, 2]])

import numpy as np
import pytest
from engine.concentration import top_share
from hypothesis import given
from hypothesis import strategies as st


def test_worked_example():
    # ten customers: the two largest hold 50 + 20 of 100
    assert top_share(np.array([50, 20, 5, 5, 5, 5, 4, 3, 2, 1])) == pytest.approx(0.70)


def test_equal_customers_hold_their_share():
    assert top_share(np.full(7, 3.0)) == pytest.approx(0.2)


def test_fraction_inside_a_customer():
    # 20 % of four customers are four fifths of the largest
    assert top_share(np.array([10, 5, 3, 2])) == pytest.approx(0.8 * 10 / 20)


@pytest.mark.parametrize('values', [[], [0.0, 0.0], [5.0, -5.0], [-1.0]])
def test_nothing_to_share(values):
    assert top_share(np.array(values)) is None


def test_bad_fraction():
    with pytest.raises(ValueError, match="between 0 and 1"):
        top_share(np.ones(2), 20)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60).filter(any))
def test_curve(values):
    shares = [top_share(np.array(values), fraction) for fraction in (0, 0.2, 0.5, 1)]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] == pytest.approx(1)
    assert shares[1] >= 0.2 - 1e-9

import numpy as np
import pytest
from engine.abc_analysis import classify
from hypothesis import given
from hypothesis import strategies as st

MONEY = st.lists(st.integers(-100, 5000), min_size=1, max_size=60)


def test_worked_example():
    """Of 1,000: 600 + 250 hold 85 %, so both are A; 90 and 30 reach 97 %: B; 20 and 10 are C, and so is the loss."""
    assert classify(np.array([600, 250, 90, 30, 20, 10, -50])).tolist() == [0, 0, 1, 1, 2, 2, 2]


def test_a_share_reached_exactly_ends_the_class():
    assert classify(np.array([80, 15, 5])).tolist() == [0, 1, 2]


def test_nothing_earned():
    assert classify(np.array([0, -3])).tolist() == [2, 2]
    assert classify(np.array([])).tolist() == []


@pytest.mark.parametrize('shares', [(0.95, 0.8), (0.8, 0.8), (0.0, 0.5), (0.5, 1.0), ()])
def test_bad_shares(shares):
    with pytest.raises(ValueError, match="must rise"):
        classify(np.ones(2), shares)


def test_bad_money():
    with pytest.raises(ValueError, match="finite"):
        classify(np.array([np.inf]))


@given(MONEY, st.randoms(use_true_random=False))
def test_more_is_never_a_worse_class_and_order_does_not_matter(values, random):
    classes = classify(np.array(values))
    ordered = classes[np.argsort(-np.array(values), kind='stable')]
    assert (np.diff(ordered) >= 0).all()
    order = list(range(len(values)))
    random.shuffle(order)
    assert classify(np.array(values)[order]).tolist() == classes[order].tolist()
    if max(values) > 0:
        held = np.maximum(np.array(values), 0)
        assert held[classes == 0].sum() >= 0.8 * held.sum() - 1e-6

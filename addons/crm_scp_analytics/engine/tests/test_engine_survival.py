import warnings

import numpy as np
import pytest
from companies import SOAK
from engine import survival
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter, NelsonAalenFitter
from lifelines.statistics import multivariate_logrank_test

CUSTOMERS = st.lists(st.tuples(st.integers(0, 30), st.booleans(), st.sampled_from('abc')), min_size=3, max_size=80)


def test_worked_example():
    """Six customers: two leave after 2 months, one after 5; one is watched for 3, two for 6 months.

    S(2) = 4/6, after that three are watched: S(5) = 4/6 * 2/3 = 4/9. H(2) = 1/6 + 1/5, H(5) = H(2) + 1/3.
    """
    curve = survival.curve([2, 2, 3, 5, 6, 6], [True, True, False, True, False, False])
    assert curve.time.tolist() == [0, 2, 3, 5, 6]
    assert curve.at_risk.tolist() == [6, 6, 4, 3, 2]
    assert curve.survival == pytest.approx([1, 4 / 6, 4 / 6, 4 / 9, 4 / 9])
    assert curve.hazard[-1] == pytest.approx(1 / 6 + 1 / 5 + 1 / 3)
    assert curve.at([0, 1.9, 4, 100]) == pytest.approx([1, 1, 4 / 6, 4 / 9])
    assert curve.median == 5


def test_fewer_than_half_left():
    assert survival.curve([2, 3, 4], [True, False, False]).median is None


def test_log_rank_worked_example():
    """Two leave of group a at 1 and 2, one of b at 3, another of b is still there at 4.

    Expected of a: 2/4 + 1/3 + 0 = 5/6; variance 1/4 + 2/9 = 17/36; (2 - 5/6)^2 / (17/36) = 49/17.
    """
    statistic, chance = survival.log_rank([1, 2, 3, 4], [True, True, True, False], list('aabb'))
    assert statistic == pytest.approx(49 / 17)
    assert chance == pytest.approx(0.0896, abs=0.0001)


@settings(max_examples=300 if SOAK else 12)  # the reference takes a second for each
@given(CUSTOMERS)
def test_equal_to_the_reference(rows):
    """Kaplan-Meier with its interval, Nelson-Aalen and log-rank equal lifelines to 1e-12."""
    duration, left, group = (np.array(column) for column in zip(*rows, strict=True))
    curve = survival.curve(duration, left)
    with warnings.catch_warnings(), np.errstate(all='ignore'):
        warnings.simplefilter('ignore')
        meier = KaplanMeierFitter().fit(duration, left)
        aalen = NelsonAalenFitter().fit(duration, left)
        test = multivariate_logrank_test(duration, group, left) if len(set(group)) > 1 else None
    assert curve.time.tolist() == meier.survival_function_.index.tolist()
    assert curve.survival == pytest.approx(meier.survival_function_.iloc[:, 0].to_numpy(), abs=1e-12)
    assert curve.hazard == pytest.approx(aalen.cumulative_hazard_.iloc[:, 0].to_numpy(), abs=1e-12)
    inner = (curve.survival > 0) & (curve.survival < 1)
    bounds = meier.confidence_interval_.to_numpy()[inner]
    assert np.column_stack((curve.low, curve.high))[inner] == pytest.approx(bounds, abs=1e-12)
    assert ((curve.low <= curve.survival) & (curve.survival <= curve.high)).all()
    if test is not None and np.isfinite(test.test_statistic):
        statistic, chance = survival.log_rank(duration, left, group)
        assert statistic == pytest.approx(test.test_statistic, abs=1e-9)
        assert chance == pytest.approx(test.p_value, abs=1e-9)


def test_groups_alike_do_not_differ():
    duration, left = [3, 5, 8, 3, 5, 8], [True, False, True] * 2
    statistic, chance = survival.log_rank(duration, left, list('aaabbb'))
    assert statistic == pytest.approx(0)
    assert chance == pytest.approx(1)


@pytest.mark.parametrize(('duration', 'left', 'message'), [
    ([], [], "one customer"), ([1, 2], [True], "one length"), ([-1], [True], "not below zero"),
    ([np.nan], [True], "is a number"),
])
def test_bad_input(duration, left, message):
    with pytest.raises(ValueError, match=message):
        survival.curve(duration, left)


def test_one_group():
    with pytest.raises(ValueError, match="two groups"):
        survival.log_rank([1, 2], [True, True], ['a', 'a'])

import numpy as np
import pytest
from engine.concentration import gini, gini_normalised, lorenz, top_share, whale_curve
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.special import erf, ndtri


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


# ---- whale curve, Lorenz, Gini -----------------------------------------------------------------

MONEY = st.lists(st.integers(-10**5, 10**6).map(lambda cents: cents / 100), min_size=1, max_size=60)


def test_whale_curve():
    """Four customers bring 60, 50, -10 and 0, -20 costs: 110 at the peak, 80 in the end, 30 are lost."""
    curve = whale_curve(np.array([-10, 60, 0, 50, -20]))
    assert curve.profit.tolist() == [0, 60, 110, 110, 100, 80]
    assert curve.share.tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert (curve.peak, curve.total, curve.lost) == (110, 80, 30)
    assert (curve.earners, curve.losers) == (2, 2)


def test_whale_curve_of_nobody():
    curve = whale_curve(np.array([]))
    assert (curve.profit.tolist(), curve.peak, curve.total) == ([0], 0, 0)


def test_gini():
    # 1, 2, 3, 4: (-3 * 1 - 1 * 2 + 1 * 3 + 3 * 4) / (4 * 10)
    assert gini(np.array([3, 1, 4, 2])) == pytest.approx(0.25)
    assert gini(np.full(9, 5.0)) == pytest.approx(0)
    # one has it all: (n - 1) / n
    assert gini(np.array([0, 0, 0, 8])) == pytest.approx(0.75)


def test_gini_with_losses():
    # -20, 30: (-1 * -20 + 1 * 30) / (2 * 10) = 2.5, of the absolute values .5
    assert gini(np.array([-20, 30])) == pytest.approx(2.5)
    assert gini_normalised(np.array([-20, 30])) == pytest.approx(0.5)


def test_closed_forms():
    """Quantiles of a lognormal law: Gini erf(sigma / 2); of Pareto's with alpha log_4 5: the top 20 % hold 80 %."""
    middles = (np.arange(200_000) + 0.5) / 200_000
    assert gini(np.exp(1.2 * ndtri(middles))) == pytest.approx(erf(0.6), abs=1e-3)
    alpha = np.log(5) / np.log(4)
    # the mean of each slice of the law, so that nothing of its long tail is lost
    edges = np.linspace(1, 0, 200_001)
    held = edges ** (1 - 1 / alpha)
    assert top_share(-np.diff(held), 0.2) == pytest.approx(0.8, abs=1e-9)


@given(MONEY)
@example([3.27] * 4)  # rounds below zero
def test_lorenz_and_gini_agree(values):
    curve = lorenz(np.array(values))
    if curve is None:
        assert gini(np.array(values)) is None
        return
    share, held = curve
    assert (held[0], held[-1]) == (0, pytest.approx(1))
    area = ((held[1:] + held[:-1]) / 2 * np.diff(share)).sum()
    assert gini(np.array(values)) == pytest.approx(1 - 2 * area, rel=1e-9, abs=1e-9)
    assert 0 <= gini_normalised(np.array(values)) <= 1
    if min(values) >= 0:
        assert gini_normalised(np.array(values)) == pytest.approx(gini(np.array(values)))


@given(MONEY)
def test_whale_curve_adds_up(values):
    curve = whale_curve(np.array(values))
    assert curve.total == pytest.approx(sum(values), abs=1e-6)
    assert curve.profit.max() == pytest.approx(curve.peak, abs=1e-6)
    assert curve.lost >= -1e-6


@pytest.mark.parametrize('function', [whale_curve, lorenz, gini, gini_normalised])
def test_money_must_be_numbers(function):
    with pytest.raises(ValueError, match="finite"):
        function(np.array([1.0, np.nan]))

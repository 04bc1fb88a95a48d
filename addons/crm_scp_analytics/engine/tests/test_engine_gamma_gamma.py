import numpy as np
import pytest
from companies import CALIBRATION_END, cdnow
from engine import gamma_gamma
from engine.frame import NotEnoughData
from lifetimes import GammaGammaFitter


def at(p, q, gamma, mean=0.0, flags=()):
    return gamma_gamma.Fit(p, q, gamma, 0.0, 1, mean, None, np.eye(3), 0, flags)


def test_worked_example():
    """p 6, q 4, gamma 15: all spend 6 * 15 / 3 = 30 on average.

    One purchase of 60: 6 * (15 + 60) / (6 + 3) = 50, nine such: 6 * (15 + 540) / (54 + 3) = 58.42.
    """
    fit = at(6.0, 4.0, 15.0)
    assert fit.population() == 30
    assert fit.expected(np.array([0, 1, 9]), np.array([0.0, 60.0, 60.0])) == pytest.approx([30, 50, 58.421052631])


def test_gradient():
    frame = cdnow().frame(CALIBRATION_END)
    money = cdnow().repeat_spend(CALIBRATION_END)
    rows = (frame.x > 0) & (money > 0)
    evaluate = gamma_gamma._likelihood(frame.x[rows].astype(float), money[rows])
    values = np.array([3.0, 2.0, 10.0])
    for slope, step in zip(evaluate(values)[1], np.eye(3) * 1e-5, strict=True):
        assert slope == pytest.approx((evaluate(values + step)[0] - evaluate(values - step)[0]) / 2e-5, rel=1e-6)


def test_likelihood_is_that_of_the_parameters():
    frame, money = cdnow().frame(CALIBRATION_END), cdnow().repeat_spend(CALIBRATION_END)
    fit = gamma_gamma.fit(frame.x, money)
    rows = (frame.x > 0) & (money > 0)
    again = gamma_gamma.log_likelihood(fit.p, fit.q, fit.gamma, frame.x[rows], money[rows])
    assert fit.log_likelihood == pytest.approx(again, abs=1e-6)


def test_expectation_equals_the_reference():
    x, money = np.array([0, 1, 5, 40]), np.array([0.0, 12.0, 80.0, 33.0])
    reference = GammaGammaFitter()
    reference.params_ = dict(p=6.25, q=3.74, v=15.44)
    expected = np.asarray(reference.conditional_expected_average_profit(x, money))
    assert at(6.25, 3.74, 15.44).expected(x, money) == pytest.approx(expected, rel=1e-12)


def test_variance_equals_simulation():
    random = np.random.default_rng(4)
    p, q, gamma, x, mean = 3.0, 6.0, 20.0, 4, 11.0
    nu = random.gamma(p * x + q, 1 / (gamma + x * mean), 400_000)
    amounts = random.gamma(p, 1 / nu)
    fit = at(p, q, gamma)
    assert amounts.mean() == pytest.approx(fit.expected([x], [mean])[0], rel=0.01)
    assert amounts.var() == pytest.approx(fit.variance([x], [mean])[0], rel=0.03)


@pytest.mark.parametrize('rate', [0.01, 7.8, 1e4])
def test_currency_does_not_matter(rate):
    frame, money = cdnow().frame(CALIBRATION_END), cdnow().repeat_spend(CALIBRATION_END)
    one, other = gamma_gamma.fit(frame.x, money), gamma_gamma.fit(frame.x, money * rate)
    assert other.gamma == pytest.approx(one.gamma * rate, rel=1e-6)
    assert other.expected(frame.x, money * rate) == pytest.approx(one.expected(frame.x, money) * rate, rel=1e-6)


def test_everyone_spends_the_same():
    fit = gamma_gamma.fit(np.arange(1, 30), np.full(29, 25.0))
    assert fit.expected(np.array([0, 1, 20]), np.array([0.0, 25.0, 25.0])) == pytest.approx(25, rel=0.01)
    assert fit.correlation is None


def test_spread_without_a_mean_falls_back_on_the_mean_observed():
    random = np.random.default_rng(2)
    x, money = np.ones(300), np.exp(random.normal(0, 4, 300))
    fit = gamma_gamma.fit(x, money)
    assert 'unbounded' in fit.flags
    assert fit.population() == pytest.approx(money.mean())
    assert np.isfinite(fit.expected(x, money)).all()
    assert np.isfinite(fit.variance(x, money)).all()


def test_refunded_customers_are_left_out_and_count_as_nothing():
    x, money = np.array([3, 2, 4, 5, 2]), np.array([10.0, 20.0, 15.0, 0.0, -5.0])
    fit = gamma_gamma.fit(x, money)
    assert fit.customers == 3
    expected = fit.expected(x, money)
    assert (expected > 0).all()
    assert expected[4] < fit.population()


@pytest.mark.parametrize(('x', 'money'), [
    ([], []), ([3], [10.0]), ([0, 0, 0], [0.0] * 3), ([2, 2, 2], [0.0, -1.0, 0.0]),
])
def test_not_enough_data(x, money):
    with pytest.raises(NotEnoughData, match="not enough data"):
        gamma_gamma.fit(np.array(x), np.array(money))


@pytest.mark.parametrize(('x', 'money', 'message'), [
    ([1, 2], [1.0], "one length"), ([1], [np.nan], "finite"), ([1.5], [2.0], "whole number"),
    ([-1], [2.0], "whole number"),
])
def test_bad_input(x, money, message):
    with pytest.raises(ValueError, match=message):
        gamma_gamma.fit(np.array(x), np.array(money))

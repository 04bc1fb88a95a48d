import numpy as np
import pytest
from companies import SOAK, simulate
from engine import bgnbd, calibration, intervals, pareto_nbd
from scipy.stats import gamma, nbinom, poisson


def test_worked_example():
    """A customer buys with chance .5, then 1 + Poisson(2) times: 5 % lie at 0, 95 % at or below 5."""
    mean, square = 0.5 * 3, 0.5 * (2 + 9)
    low, high = intervals.of_customers([mean], [square - mean ** 2], [0.5])
    assert (low[0], high[0]) == (0, 5)


def test_counts_of_every_size():
    """Given that somebody buys, his other purchases are negative binomial, or Poisson where they vary no more."""
    extra, width = (grid.ravel() for grid in np.meshgrid([1e-3, 0.7, 6.0, 90.0, 2500.0], [1.0, 1.001, 1.8, 40.0]))
    low, high = intervals.of_customers(1 + extra, extra * width, np.ones(len(extra)))
    for share, found in ((0.05, low), (0.95, high)):
        wide = width > 1
        shape = extra[wide] / (width[wide] - 1)
        assert found[wide].tolist() == (1 + nbinom.ppf(share, shape, 1 / width[wide])).tolist()
        assert found[~wide].tolist() == (1 + poisson.ppf(share, extra[~wide])).tolist()


def test_customers_who_surely_do_or_do_not():
    low, high = intervals.of_customers(np.array([[0.0, 1.0, 4.0]]), np.zeros((1, 3)), np.array([[0.0, 1.0, 1.0]]))
    assert (low[0, 0], high[0, 0]) == (0, 0)
    assert (low[0, 1], high[0, 1]) == (1, 1)
    assert low[0, 2] <= 4 <= high[0, 2]


def test_gamma_bounds():
    low, high = intervals.gamma_bounds(20.0, 80.0)
    assert (low, high) == pytest.approx(gamma(5, scale=4).ppf([0.05, 0.95]))
    assert intervals.gamma_bounds(3.0, 0.0) == (3.0, 3.0)
    assert intervals.gamma_bounds(0.0, 0.0) == (0.0, 0.0)


def test_money():
    """Four purchases, give or take: 4 * 50 = 200, variance 4 * 100 + 9 * 50^2."""
    assert intervals.of_money(4.0, 9.0, 50.0, 100.0) == (200.0, 22_900.0)


@pytest.mark.parametrize(('model', 'values'), [
    (bgnbd.MODEL, (0.7, 30.0, 0.8, 2.5)), (pareto_nbd.MODEL, (0.7, 30.0, 0.6, 200.0)),
], ids=['bgnbd', 'pareto_nbd'])
def test_intervals_cover(model, values):
    """90 % intervals of simulated companies of 300 cover the total of 85 to 95 % of them, and 90 % of customers.

    Of fewer companies the share is less certain: three standard errors more are allowed.
    """
    companies = 200 if SOAK else 25
    slack = 0.0 if SOAK else 3 * np.sqrt(0.09 / companies) - 0.05
    totals, customers = [], []
    for seed in range(companies):
        observed = np.random.default_rng(seed).integers(30, 400, 300)
        bought = simulate(model, values, observed + 180, 580, seed)
        end, ahead = 400, 180
        known = bought.until(end)
        frame = known.frame(end)
        actual = bought.count(known.ids(), end, end + ahead)
        fit = model.fit(frame)
        [[_mean, low, high]] = intervals.of_totals(fit, frame, [ahead])
        totals.append(low <= actual.sum() <= high)
        mean, variance = fit.moments(frame, ahead)
        low, high = intervals.of_customers(mean[:, 0], variance[:, 0], fit.active(frame, ahead)[:, 0])
        customers.append(calibration.coverage(low, high, actual))
    assert 0.85 - slack <= np.mean(totals) <= 0.95 + slack
    # whole purchases: an interval holds 90 % at least, and for many customers it is just "none"
    assert 0.89 <= np.mean(customers) <= 0.99


def test_a_sample_stands_for_all(monkeypatch):
    observed = np.random.default_rng(5).integers(30, 400, 3000)
    frame = simulate(bgnbd.MODEL, (0.7, 30.0, 0.8, 2.5), observed, 400, 5).frame(400)
    fit = bgnbd.MODEL.fit(frame)
    whole = intervals.parameter_variance(fit, frame, [100.0])
    monkeypatch.setattr(intervals, 'SLOPE_ROWS', 600)
    assert intervals.parameter_variance(fit, frame, [100.0]) == pytest.approx(whole, rel=0.25)

"""The purchase models against an independent implementation, against simulation, and at their limits."""
import warnings
from unittest.mock import Mock

import numpy as np
import pandas as pd
import pytest
from companies import CALIBRATION_END, WEEK, cdnow, simulate
from engine import bgnbd, cnbd_k, mbgnbd, optimise, pareto_nbd
from engine.frame import Frame, NotEnoughData
from engine.model import Fit
from lifetimes import BetaGeoFitter, ModifiedBetaGeoFitter, ParetoNBDFitter
from scipy.integrate import quad
from scipy.special import gammaln
from scipy.stats import nbinom

RANDOM_BUYERS = [bgnbd.MODEL, mbgnbd.MODEL, pareto_nbd.MODEL]
MODELS = [*RANDOM_BUYERS, cnbd_k.model(2), cnbd_k.model(3, modified=False)]
REFERENCE = {'bgnbd': BetaGeoFitter, 'mbgnbd': ModifiedBetaGeoFitter, 'pareto_nbd': ParetoNBDFitter}
HORIZONS = np.array([0.0, 1.0, 4.0, 13.0, 26.0, 52.0])

of_each_model = pytest.mark.parametrize('model', MODELS, ids=lambda model: model.name)


def at(model, *values):
    """A fit with given parameters."""
    return Fit(model, dict(zip(model.parameters, values, strict=True)), 0.0, 1.0, np.eye(4), 0)


def test_worked_example():
    """Two repeat purchases, the last in week 20 of 26; r 1, alpha 10, a 1, b 3.

    Odds of having left (36 / 30)^3 / 4 = .432. Occasions in 12 weeks ~ NB(3, 1/4), worth 1, 1 + 5/6, 1 + 5/6 + 5/7 ...
    """
    frame = Frame([2], [20.0], [26.0])
    fit = at(bgnbd.MODEL, 1.0, 10.0, 1.0, 3.0)
    assert fit.alive(frame) == pytest.approx(1 / 1.432)
    occasions = nbinom(3, 0.75).pmf(np.arange(60))
    worth = np.concatenate(([0], np.cumsum(5 / np.arange(5, 64))))
    assert fit.expected(frame, 12.0)[0, 0] == pytest.approx(occasions @ worth / 1.432, rel=1e-9)
    assert fit.expected(frame, 12.0)[0, 0] == pytest.approx(0.63113, abs=1e-5)
    assert fit.active(frame, 12.0)[0, 0] == pytest.approx((1 - 0.75 ** 3) / 1.432)
    assert fit.discounted(frame, 3, 4.0, 0.01)[0] == pytest.approx(0.61899, abs=1e-5)


@pytest.fixture(scope='module')
def frame():
    return cdnow().frame(CALIBRATION_END, WEEK)


@of_each_model
def test_fit_begins_where_an_earlier_one_ended(model, frame):
    """A month later the parameters have moved a little: the way is short, and leads to the same place."""
    earlier = model.fit(cdnow().frame(CALIBRATION_END - 30, WEEK))
    cold, warm = model.fit(frame), model.fit(frame, earlier.values)
    assert warm.values == pytest.approx(cold.values, rel=1e-5)
    assert warm.log_likelihood == pytest.approx(cold.log_likelihood, abs=1e-6)
    assert warm.passes < cold.passes / 2


@of_each_model
def test_fit_that_begins_anywhere_ends_in_the_same_place(model, frame):
    cold = model.fit(frame)
    for near in ([1e-9] * 4, [1e9] * 4, [40.0, 1e-3, 1e-3, 40.0]):
        assert model.fit(frame, near).log_likelihood == pytest.approx(cold.log_likelihood, abs=1e-3)


@of_each_model
def test_gradient(model, frame):
    """The slopes are those of the likelihood, by central differences."""
    evaluate = model.likelihood(list(frame.collapse()))
    values = np.array([0.4, 3.0, 0.7, 2.0])
    for slope, step in zip(evaluate(values)[1], np.eye(4) * 1e-5, strict=True):
        difference = (evaluate(values + step)[0] - evaluate(values - step)[0]) / 2e-5
        assert slope == pytest.approx(difference, rel=1e-6)


@pytest.mark.parametrize('values', [
    (0.6, 10.0, 0.6, 12.0), (0.7, 2.0, 0.06, 0.01), (0.7, 0.01, 2.0, 50.0), (5.0, 300.0, 0.01, 1e-4),
    (0.2, 1e-4, 8.0, 900.0),
])
@pytest.mark.parametrize(('x', 't_x', 'time'), [(0, 0.0, 30.0), (1, 0.5, 30.0), (3, 29.0, 30.0), (150, 200.0, 230.0)])
def test_pareto_integral(values, x, t_x, time):
    """The likelihood of one customer with its integral done by adaptive quadrature, in pieces about the spikes."""
    r, alpha, s, beta = values
    n = r + x

    def integrand(u):
        return np.exp(-n * np.log((alpha + u) / (alpha + t_x))) * (beta + u) ** -(s + 1)

    edges = np.unique(np.clip(t_x + np.concatenate(([0], np.geomspace(1e-6, 1e3, 60))), None, time))
    integral = sum(quad(integrand, *pair, epsabs=0, epsrel=1e-10)[0] for pair in zip(edges, edges[1:], strict=False))
    stay = np.exp(-n * np.log((alpha + time) / (alpha + t_x))) * (beta + time) ** -s
    expected = (
        gammaln(n) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) - n * np.log(alpha + t_x)
        + np.log(stay + s * integral)
    )
    mine = pareto_nbd.MODEL.log_likelihood(np.array(values), Frame([x], [t_x], [time]))
    assert mine == pytest.approx(expected, abs=1e-8)


@of_each_model
def test_likelihood_is_that_of_the_parameters(model, frame):
    fit = model.fit(frame)
    assert fit.log_likelihood == pytest.approx(model.log_likelihood(fit.values, frame), abs=1e-6)


@pytest.mark.parametrize('model', RANDOM_BUYERS, ids=lambda model: model.name)
def test_forecast_equals_the_reference(model, frame):
    """P(alive), expectations and the discounted value to 1e-9 of `lifetimes` at the same parameters."""
    fit = model.fit(frame)
    reference = REFERENCE[model.name]()
    reference.params_ = pd.Series(fit.parameters)
    x, t_x, time = frame.x, frame.t_x, frame.T

    def expected(horizon):
        return np.asarray(reference.conditional_expected_number_of_purchases_up_to_time(horizon, x, t_x, time))

    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        assert fit.alive(frame) == pytest.approx(
            np.asarray(reference.conditional_probability_alive(x, t_x, time)), rel=1e-9)
        months = [np.zeros(len(x)), *(expected(30 / 7 * month) for month in range(1, 13))]
    assert fit.expected(frame, 30 / 7 * np.array([1, 12])) == pytest.approx(
        np.column_stack((months[1], months[12])), rel=1e-9)
    value = sum((months[i] - months[i - 1]) / 1.01 ** i for i in range(1, 13))
    assert fit.discounted(frame, 12, 30 / 7, 0.01) == pytest.approx(value, rel=1e-9)


def test_regular_buyers_at_one_are_random_buyers(frame):
    for regular, random in ((cnbd_k.model(1), mbgnbd.MODEL), (cnbd_k.model(1, modified=False), bgnbd.MODEL)):
        assert regular.fit(frame).parameters == random.fit(frame).parameters


@pytest.mark.parametrize(('model', 'values'), [
    (bgnbd.MODEL, (0.8, 20.0, 0.7, 2.5)),
    (mbgnbd.MODEL, (0.8, 20.0, 0.7, 2.5)),
    (pareto_nbd.MODEL, (0.8, 20.0, 0.6, 60.0)),
    (cnbd_k.model(3), (2.0, 20.0, 0.5, 3.0)),
], ids=lambda case: getattr(case, 'name', ''))
def test_forecast_equals_simulation(model, values):
    """40,000 customers drawn from the model: sums within four standard errors of what was forecast from their past."""
    size, seen, ahead = 40_000, 100.0, 50.0
    random = np.random.default_rng(11)
    times = model.simulate(np.array(values), np.full(size, seen + ahead), random)
    past = [row[row <= seen] for row in times]
    frame = Frame(
        np.array([len(row) for row in past]), np.array([row[-1] if len(row) else 0.0 for row in past]),
        np.full(size, seen),
    )
    future = np.array([len(row) for row in times]) - frame.x
    fit = at(model, *values)
    mean, variance = (column[:, 0] for column in fit.moments(frame, ahead))
    active = fit.active(frame, ahead)[:, 0]
    for rows in (frame.x >= 0, frame.x == 0, frame.x == 1, frame.x >= 5):
        assert abs(future[rows].sum() - mean[rows].sum()) < 4 * np.sqrt(variance[rows].sum())
        spread = np.sqrt((active * (1 - active))[rows].sum())
        assert abs((future[rows] > 0).sum() - active[rows].sum()) < 4 * spread
    # the variance is right as well, not only large
    assert np.mean((future - mean) ** 2) == pytest.approx(variance.mean(), rel=0.08)


def test_fit_finds_what_was_simulated():
    model, values = cnbd_k.model(3), (2.0, 10.0, 0.6, 2.5)
    observed = np.random.default_rng(3).integers(100, 700, 4000)
    frame = simulate(model, values, observed, 700, 5).frame(700)
    fit = cnbd_k.fit(frame)
    assert fit.model.k == 3
    spread = np.sqrt(np.diag(fit.covariance))
    # days are whole, which blurs short times between purchases: four standard errors
    assert (np.abs(np.log(fit.values) - np.log(values)) < 4 * spread).all()


@of_each_model
def test_unit_of_time_and_order_of_rows(model, frame):
    weeks, horizons = model.fit(frame), HORIZONS[1:]
    days = Frame(frame.x, 7 * frame.t_x, 7 * frame.T, log_gaps=frame.log_gaps + frame.x * np.log(7))
    order = np.random.default_rng(0).permutation(len(frame))
    assert model.fit(days).expected(days, 7 * horizons) == pytest.approx(weeks.expected(frame, horizons), rel=1e-6)
    shuffled = frame.take(order)
    assert model.fit(shuffled).expected(shuffled, horizons) == pytest.approx(
        weeks.expected(frame, horizons)[order], rel=1e-6)
    assert model.fit(days).log_likelihood == pytest.approx(
        weeks.log_likelihood - frame.x.sum() * np.log(7), abs=1e-5)


@of_each_model
def test_a_weight_is_a_number_of_customers(model, frame):
    some = frame.take(slice(0, 300))
    twice = Frame(*(np.concatenate((column, column)) for column in (some.x, some.t_x, some.T)),
                  log_gaps=np.tile(some.log_gaps, 2))
    weighted = Frame(some.x, some.t_x, some.T, np.full(300, 2.0), some.log_gaps)
    assert model.fit(weighted).values == pytest.approx(model.fit(twice).values, rel=1e-5)


@of_each_model
def test_many_customers_take_few_passes(model, frame):
    """20 times the sample: the sample of it finds the way, all the rows are read ten times at most."""
    many = frame.take(np.tile(np.arange(len(frame)), 20))
    fit = model.fit(many)
    assert fit.passes <= 10
    assert fit.values == pytest.approx(model.fit(frame).values, rel=1e-4)


@of_each_model
def test_very_many_customers_take_two_samples(model, frame, monkeypatch):
    """A small sample chooses among the starts, a larger one goes on: the end is the same."""
    many = frame.take(np.tile(np.arange(len(frame)), 20))
    expected = model.fit(many)
    curvature = Mock(wraps=optimise.curvature_root)
    monkeypatch.setattr(optimise, 'curvature_root', curvature)
    monkeypatch.setattr(optimise, 'SAMPLE_ROWS', 200)
    monkeypatch.setattr(optimise, 'SAMPLE_STRIDE', 8)
    fit = model.fit(many)
    assert curvature.call_count == 2
    assert fit.passes <= 10
    assert fit.values == pytest.approx(expected.values, rel=1e-4)


# ---- limits ------------------------------------------------------------------------------------

@of_each_model
def test_nobody_leaves(model):
    """Everyone buys every ten days up to the end: forecasts go on at that rate, and the fit says why."""
    frame = Frame(np.full(60, 30), np.full(60, 300.0), np.full(60, 303.0),
                  log_gaps=np.full(60, 30 * np.log(10.0)))
    fit = model.fit(frame)
    assert 'no_drop_out' in fit.flags
    assert "nobody is seen to leave" in fit.message
    assert fit.alive(frame) == pytest.approx(1, abs=0.01)
    assert fit.expected(frame, 100.0) == pytest.approx(10, rel=0.1)


@pytest.mark.parametrize(('model', 'singular', 'near'), [
    (bgnbd.MODEL, (0.5, 5.0, 1.0, 2.0), (0.5, 5.0, 1.0 + 1e-7, 2.0)),
    (mbgnbd.MODEL, (0.5, 5.0, 1.0, 2.0), (0.5, 5.0, 1.0 + 1e-7, 2.0)),
    (pareto_nbd.MODEL, (0.5, 5.0, 1.0, 9.0), (0.5, 5.0, 1.0 + 1e-7, 9.0)),
    (pareto_nbd.MODEL, (0.5, 5.0, 2.0, 9.0), (0.5, 5.0, 2.0 + 1e-7, 9.0)),
], ids=lambda case: getattr(case, 'name', ''))
def test_where_the_usual_formulas_are_singular(model, singular, near, frame):
    for mine, other in zip(at(model, *singular).moments(frame, HORIZONS), at(model, *near).moments(frame, HORIZONS),
                           strict=True):
        assert np.isfinite(mine).all()
        assert mine == pytest.approx(other, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize(('model', 'values'), [
    (bgnbd.MODEL, (0.5, 5.0, 1e-9, 2.0)), (bgnbd.MODEL, (0.5, 5.0, 0.5, 1e9)), (mbgnbd.MODEL, (1e5, 1e6, 1e-9, 1e5)),
    (pareto_nbd.MODEL, (0.5, 5.0, 1e-9, 10.0)), (pareto_nbd.MODEL, (1e4, 1e5, 1e4, 1e8)),
    (pareto_nbd.MODEL, (0.01, 1e-4, 5.0, 1e-3)), (cnbd_k.model(4), (0.5, 0.1, 1e-9, 2.0)),
], ids=lambda case: getattr(case, 'name', ''))
def test_forecasts_at_the_edge_are_finite_and_rise(model, values, frame):
    fit = at(model, *values)
    mean, variance = fit.moments(frame, HORIZONS)
    active = fit.active(frame, HORIZONS)
    for column in (mean, variance, active, fit.alive(frame)):
        assert np.isfinite(column).all()
        assert (column >= 0).all()
    assert (np.diff(mean, axis=1) >= -1e-9).all()
    assert (np.diff(active, axis=1) >= -1e-9).all()
    assert (active <= 1).all()


@pytest.mark.parametrize('model', [bgnbd.MODEL, mbgnbd.MODEL, cnbd_k.model(3)], ids=lambda model: model.name)
def test_daily_buyers_of_many_years(model):
    """Thousands of purchases: no under- or overflow; with hardly any leaving it is the rate times the time."""
    frame = Frame(np.array([3000, 6000]), np.array([3000.0, 6000.0]), np.array([3001.0, 6001.0]))
    expected = at(model, 1.0, 1.0 / model.k, 1e-7, 10.0).expected(frame, np.array([30.0, 365.0, 6000.0]))
    assert expected == pytest.approx(np.array([[30.0, 365.0, 6000.0]] * 2), rel=0.005)


@pytest.mark.parametrize(('frame', 'code'), [
    (Frame([], [], []), 'customers'),
    (Frame([2], [3.0], [5.0]), 'customers'),
    (Frame([2, 0], [3.0, 0.0], [5.0, 5.0]), 'customers'),
    (Frame([0] * 9, [0.0] * 9, [5.0] * 9), 'repeats'),
    (Frame([0] * 9, [0.0] * 9, [0.0] * 9), 'time'),
], ids=lambda case: case if isinstance(case, str) else '')
@of_each_model
def test_not_enough_data(model, frame, code):
    with pytest.raises(NotEnoughData, match="not enough data") as caught:
        model.fit(frame)
    assert caught.value.code == code


def test_three_customers_are_enough():
    fit = bgnbd.MODEL.fit(Frame([0, 1, 4], [0.0, 10.0, 30.0], [40.0, 35.0, 31.0]))
    assert np.isfinite(fit.values).all()
    assert np.isfinite(fit.log_likelihood)


def test_regular_buyers_need_their_gaps():
    with pytest.raises(ValueError, match="times between purchases"):
        cnbd_k.model(2).fit(Frame([1, 2, 0], [3.0, 4.0, 0.0], [5.0, 5.0, 5.0]))


@pytest.mark.parametrize('horizon', [-1.0, np.nan, np.inf])
def test_bad_horizon(horizon, frame):
    with pytest.raises(ValueError, match="time ahead"):
        at(bgnbd.MODEL, 0.5, 5.0, 0.7, 2.0).expected(frame, horizon)


def test_value_without_a_period(frame):
    with pytest.raises(ValueError, match="at least one period"):
        at(bgnbd.MODEL, 0.5, 5.0, 0.7, 2.0).discounted(frame, 0, 1.0, 0.01)

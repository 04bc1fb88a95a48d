"""Companies drawn at random never break a model, and no better parameters are found from eight other starts."""
import numpy as np
import pytest
from companies import SOAK, random_company
from engine import bgnbd, cnbd_k, gamma_gamma, mbgnbd, optimise, pareto_nbd
from engine.frame import NotEnoughData
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

MODELS = [bgnbd.MODEL, mbgnbd.MODEL, pareto_nbd.MODEL, cnbd_k.model(2), cnbd_k.model(4, modified=False)]
HORIZONS = np.array([0.0, 1.0, 30.0, 91.0, 182.0, 365.0])
#: Companies of each model: a thousand of all five in a soak.
EXAMPLES = 200 if SOAK else 8
SEEDS = st.integers(0, 2 ** 32 - 1)

of_each_model = pytest.mark.parametrize('model', MODELS, ids=lambda model: model.name)


@of_each_model
@settings(max_examples=EXAMPLES)
@given(SEEDS)
@example(15291)  # of 74 customers some leave at once and the others never
@example(708025)  # likewise, very few of 89
@example(3205009314)  # likewise, half of 27
@example(416)  # all of 20 have the same small chance to leave
@example(318681)  # a shape of a hundred thousand
@example(3864449447)  # a search runs to where the gamma function has no digits left
def test_never_breaks(model, seed):
    bought, end = random_company(seed)
    frame = bought.frame(end)
    try:
        fit = model.fit(frame)
    except NotEnoughData:
        assert frame.x.max() == 0 or len(frame) < 3
        return
    assert 'not_converged' not in fit.flags
    mean, variance = fit.moments(frame, HORIZONS)
    active, alive = fit.active(frame, HORIZONS), fit.alive(frame)
    for column in (mean, variance, active, alive):
        assert np.isfinite(column).all()
        assert (column >= 0).all()
    assert (alive <= 1).all()
    assert (mean[:, 0] == 0).all()
    # logarithms of shapes near the wall leave ten digits
    assert (np.diff(mean, axis=1) >= -1e-9).all()
    assert (np.diff(active, axis=1) >= -1e-9).all()
    # who buys at least once buys at least one
    assert (active <= mean + 1e-9).all()
    assert fit.log_likelihood >= reference(model, frame) - 1e-5 * len(frame)


def reference(model, frame):
    """:return: highest log-likelihood of eight searches by another method from starts far apart, within the wall"""
    scale = frame.T.mean()

    def loss(theta):
        value, gradient = evaluate(np.exp(theta))
        return -value / len(frame), -gradient * np.exp(theta) / len(frame)

    evaluate = model.likelihood(list(frame.collapse()))
    units = np.log(scale) * np.isin(model.parameters, ('alpha', 'beta'))
    starts = np.random.default_rng(8).normal(0, 1.2, (8, 4)) + units
    bounds = [(unit - optimise.WALL, unit + optimise.WALL) for unit in units]
    with np.errstate(all='ignore'):
        found = [
            minimize(optimise.with_ridge(loss), start, jac=True, method='L-BFGS-B', bounds=bounds)
            for start in starts
        ]
        return max(evaluate(np.exp(minimum.x))[0] for minimum in found)


@settings(max_examples=EXAMPLES)
@given(SEEDS)
def test_spending_never_breaks(seed):
    bought, end = random_company(seed)
    frame = bought.frame(end)
    random = np.random.default_rng(seed)
    money = np.exp(random.normal(3, random.uniform(0, 3), len(frame))) - random.integers(0, 2) * 10
    try:
        fit = gamma_gamma.fit(frame.x, money)
    except NotEnoughData:
        assert ((frame.x > 0) & (money > 0)).sum() < 3
        return
    assert 'not_converged' not in fit.flags
    for column in (fit.expected(frame.x, money), fit.variance(frame.x, money)):
        assert np.isfinite(column).all()
        assert (column >= 0).all()

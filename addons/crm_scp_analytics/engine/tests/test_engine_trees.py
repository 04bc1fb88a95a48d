"""Trees kept as plain numbers forecast like those of scikit-learn."""

import json
from dataclasses import replace

import numpy as np
import pytest
from companies import CALIBRATION_END, HOLDOUT_END, cdnow
from engine import blend, calibration, choices, selection, trees
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor


def test_worked_by_hand():
    """Base 1; whoever waited up to 5 days adds 2, with more than 3 purchases 4, others subtract 1."""
    kept = {'base': 1.0, 'trees': [[0, 5.0, False, [1, 3.0, True, 2.0, 4.0], -1.0], 0.5]}
    features = np.array([[5.0, 3.0], [5.0, 4.0], [6.0, 9.0], [np.nan, 1.0], [1.0, np.nan]])
    assert trees.add_up(kept, features).tolist() == [3.5, 5.5, 0.5, 0.5, 3.5]


def test_whatever_is_known_goes_left():
    kept = {'base': 0.0, 'trees': [[0, None, False, 1.0, 2.0]]}
    assert trees.add_up(kept, np.array([[1e300], [np.nan]])).tolist() == [1.0, 2.0]


def test_equal_to_those_of_the_library():
    generator = np.random.default_rng(3)
    features = generator.gamma(2, 3, (20_000, 6))
    features[generator.random(features.shape) < 0.2] = np.nan
    signal = np.nan_to_num(features[:, 0]) / 6 + np.isnan(features[:, 1])
    count = HistGradientBoostingRegressor(loss='poisson', **blend.TREES).fit(features, generator.poisson(signal))
    happened = generator.random(len(signal)) < expit(signal - 1)
    chance = HistGradientBoostingClassifier(**blend.TREES).fit(features, happened)
    kept = json.loads(json.dumps([trees.plain(count), trees.plain(chance)], allow_nan=False))
    assert np.array_equal(np.exp(trees.add_up(kept[0], features)), count.predict(features))
    assert expit(trees.add_up(kept[1], features)) == pytest.approx(chance.predict_proba(features)[:, 1], abs=1e-15)


@pytest.fixture(scope='module')
def kept():
    """Trees taught a week before the day of the forecast, as a company keeps them."""
    trees_and = selection.Candidate(selection.CLOSED_FORMS[0], blended=True)
    learnt = blend.Blend.learn(cdnow(), CALIBRATION_END - 7, HOLDOUT_END - CALIBRATION_END, trees_and.model)
    choice = selection.Choice(
        trees_and, trees_and, near={trees_and.model.name: learnt.fit.values.tolist()}, taught=learnt.taught,
    )
    return choices.load(**json.loads(json.dumps(choices.dump(choice), allow_nan=False)))


def test_forecasts_of_the_week_need_no_lessons(kept, monkeypatch):
    """They are as good as with trees taught on their day: the figures of the documentation."""
    monkeypatch.setattr(blend, 'teach', None)
    ahead = HOLDOUT_END - CALIBRATION_END
    forecast = selection.predict(cdnow(), CALIBRATION_END, [ahead], kept)
    bought = cdnow().count(forecast.ids, CALIBRATION_END, HOLDOUT_END)
    measures = calibration.accuracy(forecast.expected[:, 0], forecast.active[:, 0], bought)
    assert measures['deviance'] == pytest.approx(1.535, abs=0.01)
    assert measures['log_loss'] == pytest.approx(0.4966, abs=0.002)
    assert measures['brier'] == pytest.approx(0.1599, abs=0.001)


def test_same_day_same_forecast(kept):
    """On the day they were taught, kept trees say what trees taught anew do."""
    day, ahead = CALIBRATION_END - 7, HOLDOUT_END - CALIBRATION_END
    anew = replace(kept, taught=None)
    first, second = (selection.predict(cdnow(), day, [ahead], choice) for choice in (kept, anew))
    assert np.array_equal(first.expected, second.expected)
    assert np.array_equal(first.active, second.active)


def test_a_choice_brings_its_trees():
    ahead, models = HOLDOUT_END - CALIBRATION_END, selection.CLOSED_FORMS[:1]
    choice = selection.choose(cdnow(), CALIBRATION_END, ahead, models=models)
    assert choice.count.blended
    assert len(choice.taught['count']['trees']) == blend.TREES['max_iter']
    assert choice.taught['horizon'] == 88
    closed = selection.choose(cdnow(), CALIBRATION_END, 90, blend=False, models=models)
    assert closed.taught is None

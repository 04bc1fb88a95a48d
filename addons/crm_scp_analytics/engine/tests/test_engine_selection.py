import numpy as np
import pytest
from companies import CALIBRATION_END, HOLDOUT_END, cdnow, simulate
from engine import bgnbd, blend, calibration, cnbd_k, mbgnbd, selection
from engine.blend import Blend, cutoffs
from engine.frame import NotEnoughData, Purchases
from engine.selection import Candidate, Choice

DAYS = HOLDOUT_END - CALIBRATION_END


@pytest.fixture(scope='module')
def choice():
    return selection.choose(cdnow(), CALIBRATION_END, DAYS)


@pytest.fixture(scope='module')
def forecast(choice):
    return selection.predict(cdnow(), CALIBRATION_END, [DAYS / 2, DAYS], choice)


def test_the_holdout_is_never_looked_at(choice):
    blind = selection.choose(cdnow().until(CALIBRATION_END), CALIBRATION_END, DAYS)
    assert (blind.count, blind.chance) == (choice.count, choice.chance)
    assert blind.trials == choice.trials
    assert all(trial.cutoff + trial.horizon <= CALIBRATION_END for trial in choice.trials)


def test_every_candidate_is_tried_at_every_cutoff(choice):
    names = {trial.candidate.name for trial in choice.trials}
    assert names >= {'bgnbd', 'mbgnbd', 'pareto_nbd'}
    assert sum(name.endswith('+trees') for name in names) == 1
    assert len(choice.trials) == selection.CUTOFFS * len(names)
    for scores in (choice.count_scores, choice.chance_scores):
        assert set(scores) == names
        assert min(scores.values()) >= 1
    assert choice.count.name == min(choice.count_scores, key=choice.count_scores.get)


def test_the_blind_choice_beats_every_closed_form_on_the_holdout(forecast):
    """Chosen on 39 weeks, judged on the next 39: deviance, log-loss and Brier are the best of all."""
    bought = cdnow().count(forecast.ids, CALIBRATION_END, HOLDOUT_END)
    mine = calibration.accuracy(forecast.expected[:, 1], forecast.active[:, 1], bought)
    # the figures of the documentation
    assert mine['deviance'] == pytest.approx(1.535, abs=0.01)
    assert mine['log_loss'] == pytest.approx(0.4966, abs=0.002)
    assert mine['brier'] == pytest.approx(0.1599, abs=0.001)
    assert mine['ece'] == pytest.approx(0.053, abs=0.005)
    for model in selection.CLOSED_FORMS:
        candidate = Candidate(model)
        other = selection.predict(cdnow(), CALIBRATION_END, [DAYS], Choice(candidate, candidate))
        closed = calibration.accuracy(other.expected[:, 0], other.active[:, 0], bought)
        assert mine['deviance'] < closed['deviance']
        assert mine['log_loss'] < closed['log_loss']
        assert mine['brier'] < closed['brier']
        assert mine['rmse'] < 1.005 * closed['rmse']


def test_forecast_is_sound(forecast):
    for column in (forecast.expected, forecast.variance, forecast.active, forecast.alive):
        assert np.isfinite(column).all()
        assert (column >= 0).all()
    assert (forecast.active <= np.minimum(forecast.expected, 1)).all()
    assert (np.diff(forecast.expected, axis=1) >= 0).all()


def test_choice_and_forecast_are_the_same_every_time(choice, forecast):
    again = selection.predict(cdnow(), CALIBRATION_END, [DAYS / 2, DAYS], choice)
    assert np.array_equal(again.expected, forecast.expected)
    assert np.array_equal(again.active, forecast.active)


def test_regular_buyers_are_recognised():
    observed = np.random.default_rng(6).integers(200, 720, 500)
    bought = simulate(cnbd_k.model(4), (3.0, 20.0, 0.3, 4.0), observed, 720, 6)
    choice = selection.choose(bought, 720, 180, blend=False)
    assert choice.count.model.k > 1
    assert choice.chance.model.k > 1


def test_chances_are_right_with_two_horizons_of_history():
    """P(buys within the horizon) errs by 3 % at most, whatever model the back-test chooses."""
    observed = np.random.default_rng(7).integers(60, 900, 4000) + 180
    bought = simulate(mbgnbd.MODEL, (0.7, 40.0, 0.8, 2.5), observed, 1080, 7)
    choice = selection.choose(bought, 900, 180)
    forecast = selection.predict(bought, 900, [180], choice)
    did = bought.count(forecast.ids, 900, 1080) > 0
    assert calibration.calibration_error(forecast.active[:, 0], did) < 0.03


def test_trees_keep_the_level_of_the_closed_form():
    blend = Blend.learn(cdnow(), CALIBRATION_END, DAYS, bgnbd.MODEL)
    expected, active = blend.forecast(cdnow(), CALIBRATION_END, [30, DAYS])
    frame = cdnow().frame(CALIBRATION_END, 7)
    closed = blend.fit.expected(frame, np.array([30, DAYS]) / 7)
    assert expected.sum(axis=0) == pytest.approx(closed.sum(axis=0))
    assert np.abs(expected - closed).max() > 0.1
    assert ((active >= 0) & (active <= 1)).all()


def test_cutoffs_leave_the_horizon_inside_the_window():
    taught, days = cutoffs(1000, 1272, 273)
    assert taught == 88
    assert (days[0], days[-1]) == (1096, 1184)
    assert cutoffs(0, 1000, 100)[0] == 100
    assert selection.back_test_cutoffs(0, 1000, 100) == [(500, 100), (700, 100), (900, 100)]
    assert selection.back_test_cutoffs(0, 272, 273) == [(136, 136), (170, 102), (204, 68)]


@pytest.mark.parametrize(('customer', 'day'), [
    ([], []), ([1], [5]), ([1, 2, 3, 4], [5, 5, 5, 5]), ([1, 2, 3, 4], [5, 6, 30, 60]),
])
def test_not_enough_data(customer, day):
    bought = Purchases.of(customer, day)
    with pytest.raises(NotEnoughData, match="not enough data"):
        selection.choose(bought, 60, 30)
    with pytest.raises(NotEnoughData, match="not enough data"):
        Blend.learn(bought, 60, 30, bgnbd.MODEL)


def test_too_few_for_trees_but_not_for_a_closed_form():
    observed = np.full(60, 300)
    bought = simulate(bgnbd.MODEL, (1.0, 30.0, 0.5, 3.0), observed, 300, 3)
    choice = selection.choose(bought, 300, 60)
    assert not any(trial.candidate.blended for trial in choice.trials)
    assert not choice.count.blended


def test_tells_how_far_it_is_and_can_be_stopped():
    observed = np.full(60, 300)
    bought = simulate(bgnbd.MODEL, (1.0, 30.0, 0.5, 3.0), observed, 300, 3)
    shares = []
    selection.choose(bought, 300, 60, blend=False, models=[bgnbd.MODEL, mbgnbd.MODEL], on_trial=shares.append)
    assert shares == pytest.approx([1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1])

    def stop(share):
        shares.append(share)
        raise KeyboardInterrupt

    shares.clear()
    with pytest.raises(KeyboardInterrupt):
        selection.choose(bought, 300, 60, on_trial=stop)
    assert len(shares) == 1


def test_lessons_are_bounded(monkeypatch):
    """Of many customers every third gives the lessons; each of his is the same as when all give them."""
    observed = np.random.default_rng(4).integers(100, 300, 600)
    bought = simulate(bgnbd.MODEL, (1.0, 30.0, 0.5, 3.0), observed, 300, 4)
    everybody = blend.teach(bought, 300, 60, bgnbd.MODEL, 7.0)
    monkeypatch.setattr(blend, 'LESSONS_MAX', len(everybody.bought) // 3 + 1)
    some = blend.teach(bought, 300, 60, bgnbd.MODEL, 7.0)
    assert some.cutoffs == everybody.cutoffs
    assert len(some.bought) == pytest.approx(len(everybody.bought) / 3, rel=0.1)
    rows, of = ({tuple(row) for row in lessons.features[:, :3].tolist()} for lessons in (some, everybody))
    assert rows <= of

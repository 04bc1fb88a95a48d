import numpy as np
import pytest
from engine import calibration
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics
from sklearn.isotonic import IsotonicRegression

CHANCES = st.lists(st.tuples(st.integers(0, 20).map(lambda n: n / 20), st.booleans()), min_size=2, max_size=60)


def test_worked_example():
    """Four customers were forecast 2, 1, 0.5 and 0.5 purchases, and made 3, 0, 1 and 0: 4 each.

    MAE (1 + 1 + .5 + .5) / 4 = .75, RMSE sqrt((1 + 1 + .25 + .25) / 4) = .7906,
    deviance 2 (3 ln 1.5 - 1 + 1 + ln 2 - .5 + .5) / 4 = .9548,
    Brier (.2^2 + .6^2 + .6^2 + .4^2) / 4 = .23, log-loss -(ln .8 + ln .4 + ln .4 + ln .6) / 4 = .6416
    """
    measures = calibration.accuracy([2, 1, 0.5, 0.5], [0.8, 0.6, 0.4, 0.4], [3, 0, 1, 0])
    assert measures['bias'] == 0
    assert measures['mae'] == pytest.approx(0.75)
    assert measures['rmse'] == pytest.approx(np.sqrt(0.625))
    assert measures['deviance'] == pytest.approx((3 * np.log(1.5) + np.log(2)) / 2)
    assert measures['brier'] == pytest.approx(0.23)
    assert measures['log_loss'] == pytest.approx(-(np.log(0.8) + 2 * np.log(0.4) + np.log(0.6)) / 4)
    # of the pairs (bought, did not) two are right, one wrong, one even
    assert measures['auc'] == pytest.approx(0.625)
    assert measures['hit10'] == 0.75


def test_calibration_error():
    # ten groups of ten by chance: each is off by as much as it says too little
    chance = np.repeat(np.arange(10) / 10, 10)
    did = np.concatenate([[True] * (i + 1) + [False] * (9 - i) for i in range(10)])
    assert calibration.calibration_error(chance, did) == pytest.approx(0.1)
    assert [group['share'] for group in calibration.reliability(chance, did)] == pytest.approx(np.arange(1, 11) / 10)


@given(CHANCES)
def test_measures_equal_the_usual_ones(rows):
    chance, did = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    measures = calibration.accuracy(chance, chance, did)
    assert measures['brier'] == pytest.approx(metrics.brier_score_loss(did, chance, pos_label=True))
    inside = np.clip(chance, calibration.CLOSEST, 1 - calibration.CLOSEST)
    assert measures['log_loss'] == pytest.approx(metrics.log_loss(did, inside, labels=[False, True]))
    if did.all() or not did.any():
        assert measures['auc'] is None
    else:
        assert measures['auc'] == pytest.approx(metrics.roc_auc_score(did, chance))


@given(CHANCES)
def test_isotonic_equals_the_usual_one(rows):
    chance, did = np.array([row[0] for row in rows]), np.array([row[1] for row in rows], dtype=float)
    values, curve = calibration.isotonic(chance, did)
    assert np.interp(chance, values, curve) == pytest.approx(IsotonicRegression().fit(chance, did).predict(chance))
    assert (np.diff(curve) >= 0).all()


def test_temperature_finds_what_was_wrong():
    random = np.random.default_rng(1)
    true = random.uniform(0.02, 0.98, 20_000)
    said = calibration.Temperature(-0.8, 2.0).apply(true)
    did = random.random(20_000) < true
    mended = calibration.Temperature.fit(said, did).apply(said)
    assert mended == pytest.approx(true, abs=0.02)
    assert calibration.calibration_error(mended, did) < 0.01 < calibration.calibration_error(said, did)


def test_temperature_believes_few_customers_little():
    told = calibration.Temperature.fit(np.full(3, 0.2), np.array([True] * 3))
    assert 0.2 < told.apply(np.array([0.2]))[0] < 0.35
    assert told.apply(np.array([0.0, 1.0])).tolist() == [0, 1]


def test_nobody_bought():
    measures = calibration.accuracy([0.1, 0.2], [0.1, 0.2], [0, 0])
    assert measures['bias'] is None
    assert measures['auc'] is None
    assert measures['hit10'] is None
    assert measures['correlation'] is None
    assert measures['deviance'] == pytest.approx(0.3)


def test_no_customer():
    with pytest.raises(ValueError, match="no customer"):
        calibration.accuracy([], [], [])


def test_coverage():
    assert calibration.coverage(np.zeros(4), np.array([1, 2, 3, 4]), np.array([1, 3, 0, 4])) == 0.75

import numpy as np
import pytest
from companies import CALIBRATION_END, cdnow, random_company
from engine import bgnbd, churn
from engine.frame import Frame, NotEnoughData, Purchases
from hypothesis import given, settings
from hypothesis import strategies as st


def test_worked_example():
    """At random (no log_gaps): customer one buys every 10 days, nine times, and is silent for 10; typical gap 10.

    Lateness 1 - exp(-1) = 63.2 %, risk 2 * .632 - 1 = 26.4 %; having no memory, his next purchase is due in 10 ln 2.
    Customer two has bought once only and is judged by the typical gap: silent for 30, lateness 1 - exp(-3).
    """
    rhythm = churn.rhythm(Frame([9, 0], [90.0, 0.0], [100.0, 30.0]))
    assert rhythm.gap == pytest.approx([10, 10])
    assert rhythm.shape == 1
    assert rhythm.lateness == pytest.approx([1 - np.exp(-1), 1 - np.exp(-3)])
    assert rhythm.risk == pytest.approx([1 - 2 * np.exp(-1), 1 - 2 * np.exp(-3)])
    assert rhythm.due == pytest.approx([10 * np.log(2), 10 * np.log(2)])


def test_the_model_may_know_better():
    frame = Frame([9, 0], [90.0, 0.0], [100.0, 30.0])
    assert churn.rhythm(frame, np.array([0.2, 1.0])).risk == pytest.approx([0.8, 1 - 2 * np.exp(-3)])


@pytest.mark.parametrize('shape', [1.0, 4.0, 25.0])
def test_regularity_is_found(shape):
    random = np.random.default_rng(3)
    gaps = random.gamma(shape, random.uniform(5, 50, (2000, 1)) / shape, (2000, 6))
    frame = Frame(np.full(2000, 6), gaps.sum(axis=1), gaps.sum(axis=1) + 1, log_gaps=np.log(gaps).sum(axis=1))
    assert churn.rhythm(frame).shape == pytest.approx(shape, rel=0.05)


def test_a_clockwork_late_by_half_is_at_risk():
    customer, day = np.repeat([1, 2], 11), np.concatenate((np.arange(11) * 30, np.arange(11) * 30))
    regular = churn.rhythm(Purchases.of(customer, day).frame(345))
    assert regular.shape == pytest.approx(churn.SHAPE_MAX)
    assert regular.risk == pytest.approx(1, abs=1e-3)
    assert churn.rhythm(Purchases.of(customer, day).frame(310)).risk.max() == 0
    # due on the thirtieth day after the last, ten days were silent
    assert churn.rhythm(Purchases.of(customer, day).frame(310)).due == pytest.approx(20, abs=0.2)


def test_risk_rises_with_silence():
    rhythms = [churn.rhythm(cdnow().until(CALIBRATION_END).frame(CALIBRATION_END + days)) for days in (0, 30, 200)]
    for earlier, later in zip(rhythms, rhythms[1:], strict=False):
        assert (later.risk >= earlier.risk - 1e-12).all()
    assert rhythms[-1].risk.mean() > 0.7


def test_nobody_bought_twice():
    with pytest.raises(NotEnoughData, match="nobody"):
        churn.rhythm(Frame([0, 0], [0.0, 0.0], [3.0, 4.0]))
    with pytest.raises(NotEnoughData, match="nobody"):
        churn.rhythm(Frame([], [], []))


@settings(max_examples=20)
@given(st.integers(0, 2 ** 32 - 1))
def test_never_breaks(seed):
    bought, end = random_company(seed)
    frame = bought.frame(end)
    try:
        alive = bgnbd.MODEL.fit(frame).alive(frame)
    except NotEnoughData:
        return
    rhythm = churn.rhythm(frame, alive)
    for column in (rhythm.lateness, rhythm.risk):
        assert ((column >= 0) & (column <= 1)).all()
    assert (np.isfinite(rhythm.due) & (rhythm.due >= 0)).all()
    assert (rhythm.gap > 0).all()
    assert (rhythm.risk >= 1 - alive - 1e-12).all()

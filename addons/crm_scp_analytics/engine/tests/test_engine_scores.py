import numpy as np
import pytest
from companies import CALIBRATION_END, SOAK, cdnow, random_company
from engine import bgnbd, scores
from engine.frame import NotEnoughData, Purchases
from engine.selection import Candidate, Choice
from hypothesis import given, settings
from hypothesis import strategies as st

PLAIN = Choice(Candidate(bgnbd.MODEL), Candidate(bgnbd.MODEL))
TREES = Choice(Candidate(bgnbd.MODEL, True), Candidate(bgnbd.MODEL, True))


@pytest.fixture(scope='module', params=[PLAIN, TREES], ids=['closed form', 'with trees'])
def scored(request):
    return scores.score(cdnow(), CALIBRATION_END, request.param)


def test_one_row_for_each_customer(scored):
    assert len(scored.table) == 2357
    assert scored.table.index.is_unique
    assert np.isfinite(scored.table.to_numpy()).all()
    assert (scored.table.to_numpy() >= 0).all()


def test_points_add_up_to_the_revenue_shown(scored):
    revenue = scored.table['revenue_365']
    # the difference to the median customer, the same for all, is the revenue of that customer
    rest = revenue - scored.points.sum(axis=1)
    assert rest.to_numpy() == pytest.approx(rest.iloc[0], rel=1e-9)
    assert rest.iloc[0] > 0


def test_reasons_name_both_sides(scored):
    found = scored.reasons(0, 500)
    assert found == scored.reasons()[:500]
    for row, points in zip(found, scored.points, strict=False):
        assert all(reason['points'] > 0 for reason in row['raise'])
        assert all(reason['points'] < 0 for reason in row['lower'])
        assert len(row['raise']) <= 3
        strongest = np.abs(points).max()
        assert strongest == 0 or strongest in [abs(reason['points']) for side in row.values() for reason in side]


def test_frequent_recent_buyers_are_worth_more_and_the_reasons_say_so(scored):
    best = scored.table['value'].to_numpy().argmax()
    codes = [reason['code'] for reason in scored.reasons(best, best + 1)[0]['raise']]
    assert 'purchases' in codes


def test_intervals_hold_the_expectation(scored):
    for days in scores.HORIZONS:
        table = scored.table
        assert (table[f'expected_{days}_low'] <= table[f'expected_{days}_high']).all()
        assert (table[f'revenue_{days}_low'] <= table[f'revenue_{days}_high']).all()
        mean, low, high = scored.totals[days]
        assert low < mean < high
        assert table[f'expected_{days}'].sum() == pytest.approx(mean)
    assert scored.table['expected_91'].sum() < scored.table['expected_182'].sum() < scored.table['expected_365'].sum()


def test_money_that_was_never_spent_twice():
    bought = Purchases.of([1, 1, 2, 3, 3, 4], [0, 20, 3, 5, 40, 9], [50, -50, 30, 20, -20, 0])
    scored = scores.score(bought, 60, PLAIN)
    assert scored.amounts is None
    assert scored.table['spend'].to_numpy() == pytest.approx(30 / 6)


def test_refunds_only():
    bought = Purchases.of([1, 1, 2, 3, 3], [0, 20, 3, 5, 40], [-5.0] * 5)
    table = scores.score(bought, 60, PLAIN).table
    assert (table[['spend', 'value', 'revenue_365', 'revenue_365_high']] == 0).all(axis=None)


@pytest.mark.parametrize(('customer', 'day'), [([], []), ([1], [3]), ([1, 2, 3], [3, 3, 3]), ([1, 2, 3], [3, 9, 20])])
def test_not_enough_data(customer, day):
    with pytest.raises(NotEnoughData, match="not enough data"):
        scores.score(Purchases.of(customer, day), 60, PLAIN)


@settings(max_examples=200 if SOAK else 5)
@given(st.integers(0, 2 ** 32 - 1))
def test_never_breaks(seed):
    bought, end = random_company(seed)
    money = np.random.default_rng(seed).normal(50, 60, len(bought.day))
    bought = Purchases.of(bought.customer, bought.day, money)
    try:
        scored = scores.score(bought, end, PLAIN)
    except NotEnoughData:
        assert bought.frame(end).x.max() == 0
        return
    assert np.isfinite(scored.table.to_numpy()).all()
    assert (scored.table.drop(columns='due').to_numpy() >= 0).all()
    assert np.isfinite(scored.points).all()

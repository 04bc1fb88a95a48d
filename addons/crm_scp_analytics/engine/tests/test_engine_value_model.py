"""Values by weights, grades by cut-offs, and grades that hold still."""
import json

import numpy as np
import pytest
from engine import rfm
from engine.value_model import ABSOLUTE, QUANTILE, Component, Cutoffs, Steady, steady, value
from engine.value_reasons import explain

RFM = [
    Component('recency', 0.25, falling=True), Component('frequency', 0.35),
    Component('monetary', 0.40, positive=True),
]
FIVE = {
    'recency': [2, 10, 30, 90, 179], 'frequency': [12, 6, 4, 2, 1], 'monetary': [9000, 4000, 6000, 800, 300],
}


def test_five_customers():
    """Birch: 4, 4 and 3 of 5: 18.75 + 26.25 + 20 = 65."""
    result = value(FIVE, RFM)
    assert result.value.tolist() == [100.0, 65.0, 60.0, 25.0, 0.0]
    assert result.scores.tolist() == [[5, 5, 5], [4, 4, 3], [3, 3, 4], [2, 2, 2], [1, 1, 1]]
    reasons = explain({code: figures[1] for code, figures in FIVE.items()}, result.scales())
    assert [(reason['code'], reason['points'], reason['below'], reason['others']) for reason in reasons] == [
        ('frequency', 8.75, 3, 4), ('recency', 6.25, 3, 4),
    ]


def test_equals_rfm():
    generator = np.random.default_rng(5)
    columns = {
        'recency': generator.integers(0, 300, 400), 'frequency': generator.integers(1, 9, 400),
        'monetary': np.round(generator.gamma(2, 100, 400), 2),
    }
    ours, theirs = value(columns, RFM), rfm.score(**columns)
    assert (ours.value == theirs.value).all()
    scales = json.loads(json.dumps(ours.scales()))
    for i, reasons in enumerate(theirs.reasons()):
        for reason in reasons:
            # of 399 others, in tenths
            reason.update({name: reason[name] * 10 // 399 for name in ('below', 'above')}, others=10)
        assert explain({code: float(figures[i]) for code, figures in columns.items()}, scales) == reasons
    assert (Cutoffs(ABSOLUTE, (80.0, 50.0, 25.0)).grades(ours.value) == theirs.grade).all()


def test_no_data_is_neither_good_nor_bad():
    """Half of the weight unknown: the other half decides; ranked among those who have the figure.

    profit: b of {a 10, b 20}: p = 1.5 / 2, score 4; a: p = .5 / 2, score 2. money: c > b > a: 2, 3, 5.
    """
    result = value(
        {'money': [1, 2, 3], 'profit': [10, 20, np.nan]}, [Component('money', 0.5), Component('profit', 0.5)],
    )
    assert result.scores.tolist() == [[1, 2], [3, 4], [5, 0]]
    assert result.value.tolist() == [12.5, 62.5, 100.0]
    assert explain({'money': 3, 'profit': None}, result.scales()) == [
        {'code': 'money', 'value': 3, 'benchmark': 2.0, 'points': 50.0, 'below': 2, 'above': 0, 'others': 2},
    ]
    nothing = value({'money': [np.nan, 1]}, [Component('money', 1)])
    assert np.isnan(nothing.value[0]) and nothing.value[1] == 50.0
    assert Cutoffs(ABSOLUTE, (40.0,)).grades(nothing.value).tolist() == [1, 0]


def test_nothing_left_to_value():
    result = value(FIVE, RFM, void=[True, False, False, False, False])
    assert result.value.tolist() == [0.0, 65.0, 60.0, 25.0, 0.0]
    assert result.scales()['base'] == 50.0


def test_at_most_three_reasons_each_way():
    codes = [f'c{i}' for i in range(8)]
    columns = {code: [i % 2, 1 - i % 2] for i, code in enumerate(codes)}
    scales = value(columns, [Component(code, 1 / 8) for code in codes]).scales()
    for row in (0, 1):
        own = explain({code: column[row] for code, column in columns.items()}, scales)
        assert sum(reason['points'] > 0 for reason in own) == 3
        assert sum(reason['points'] < 0 for reason in own) == 3


@pytest.mark.parametrize('weights', [(0.5, 0.4), (1.5, -0.5), ()])
def test_weights_make_a_whole(weights):
    with pytest.raises(ValueError, match="100 %"):
        value({'a': [1], 'b': [1]}, [Component(code, weight) for code, weight in zip('ab', weights, strict=False)])


@pytest.mark.parametrize(('method', 'cutoffs'), [
    (ABSOLUTE, (50, 80)), (ABSOLUTE, (80, 80)), (QUANTILE, (60, 30)), (ABSOLUTE, (101, 5)), (QUANTILE, (0, 5)),
    ('median', (5,)),
])
def test_cutoffs_out_of_order(method, cutoffs):
    with pytest.raises(ValueError, match="cut-offs"):
        Cutoffs(method, cutoffs)


def test_quantiles():
    """Of ten customers the best two are A (20 %), three more B (50 %)."""
    grades = Cutoffs(QUANTILE, (20.0, 50.0)).grades
    assert grades(np.arange(10.0)).tolist() == [2, 2, 2, 2, 2, 1, 1, 1, 0, 0]
    # the second and third are equal: both are among the first two
    assert grades(np.array([9, 8, 8, 7, 6, 5, 4, 3, 2, 1.0])).tolist() == [0, 0, 0, 1, 1, 2, 2, 2, 2, 2]
    assert grades(np.array([5.0])).tolist() == [0]
    assert grades(np.zeros(0)).tolist() == []


def former(grade, pending=-1, since=0):
    return Steady(np.array([grade]), np.array([pending]), np.array([since]))


@pytest.mark.parametrize(('proposed', 'before', 'after'), [
    # day 60, calls from before day 31 are followed
    (2, former(-1), (2, -1, 0)),             # nobody before: at once
    (1, former(1), (1, -1, 0)),              # nothing asked for
    (1, former(1, 2, 20), (1, -1, 0)),       # the call is over
    (2, former(1), (1, 2, 60)),              # a first call down
    (2, former(1, 2, 45), (1, 2, 45)),       # not long enough
    (2, former(1, 2, 30), (2, -1, 0)),       # two periods in a row
    (3, former(1, 2, 30), (2, 3, 60)),       # goes to the mildest call, the rest is a new one
    (2, former(1, 3, 45), (1, 2, 45)),       # the mildest is kept
    (0, former(1, 2, 30), (1, 0, 60)),       # the other way: the count begins anew
    (0, former(2, 1, 30), (1, 0, 60)),       # up, the mildest first
    (1, former(2, 0, 45), (2, 1, 45)),
])
def test_steady(proposed, before, after):
    result = steady(np.array([proposed]), before, 60, 30)
    assert (result.grade[0], result.pending[0], result.since[0]) == after


def test_steady_at_once():
    """Without a period every call is followed."""
    before = Steady(np.array([1, 1]), np.array([-1, -1]), np.zeros(2, dtype=int))
    assert steady(np.array([3, 0]), before, 60, 60).grade.tolist() == [3, 0]

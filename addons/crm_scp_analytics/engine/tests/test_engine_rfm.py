import numpy as np
import pytest
from engine import rfm
from hypothesis import given
from hypothesis import strategies as st

CENTS = st.integers(-50_000, 5_000_000).map(lambda cents: cents / 100)
CUSTOMERS = st.lists(
    st.tuples(st.integers(0, 730), st.integers(1, 60), CENTS), min_size=1, max_size=120,
)


def score(rows, **kwargs):
    columns = np.array(rows, dtype=float).reshape(-1, 3).T
    return rfm.score(*columns, **kwargs)


# ---- worked example ----------------------------------------------------------------------------

def test_worked_example():
    """Five customers, none alike: mid-ranks .1 .3 .5 .7 .9, so the scores are 1 to 5.

    customer  days  purchases    money   R F M   25 (R-1)/4 + 35 (F-1)/4 + 40 (M-1)/4
    -------------------------------------------------------------------------------
    1           10         12  9000.00   5 5 5   25.00 + 35.00 + 40.00 = 100.00  A
    2           40          6  2000.00   4 4 3   18.75 + 26.25 + 20.00 =  65.00  B
    3           90          3  4000.00   3 3 4   12.50 + 17.50 + 30.00 =  60.00  B
    4          200          2   500.00   2 2 2    6.25 +  8.75 + 10.00 =  25.00  C
    5          700          1    50.00   1 1 1    0                               D
    """
    result = score([
        (10, 12, 9000), (40, 6, 2000), (90, 3, 4000), (200, 2, 500), (700, 1, 50),
    ])
    assert result.scores.tolist() == [[5, 5, 5], [4, 4, 3], [3, 3, 4], [2, 2, 2], [1, 1, 1]]
    assert result.value.tolist() == [100.0, 65.0, 60.0, 25.0, 0.0]
    assert result.grade.tolist() == [0, 1, 1, 2, 3]
    assert result.medians.tolist() == [90, 3, 2000]
    assert result.base == 50.0
    assert result.points.tolist() == [
        [12.5, 17.5, 20.0], [6.25, 8.75, 0.0], [0.0, 0.0, 10.0], [-6.25, -8.75, -10.0],
        [-12.5, -17.5, -20.0],
    ]
    assert result.reasons()[1] == [
        {'code': 'frequency', 'value': 6, 'benchmark': 3, 'points': 8.75,
         'below': 3, 'above': 1, 'others': 4},
        {'code': 'recency', 'value': 40, 'benchmark': 90, 'points': 6.25,
         'below': 3, 'above': 1, 'others': 4},
    ]
    assert [reason['code'] for reason in result.reasons()[4]] == [
        'monetary', 'frequency', 'recency',
    ]
    assert result.reasons(1, 3) == result.reasons()[1:3]


def test_ties_share_a_score():
    # 0.5 * 6 / 10 = .3 for the six equal ones, (6 + .5 * 4) / 10 = .8 for the four
    assert rfm.quantile_scores(np.array([1] * 6 + [2] * 4)).tolist() == [2] * 6 + [5] * 4


@pytest.mark.parametrize('count', [1, 2, 7])
def test_customers_alike_are_in_the_middle(count):
    result = score([(30, 4, 100.0)] * count)
    assert (result.scores == 3).all()
    assert (result.value == 50).all()
    assert (result.points == 0).all()
    assert result.reasons() == [[]] * count


def test_two_customers_are_told_apart():
    assert rfm.quantile_scores(np.array([5.0, 1.0])).tolist() == [4, 2]


def test_no_customer():
    result = score([])
    assert len(result) == 0
    assert result.base is None
    assert result.reasons() == []


def test_refunded_customer_has_no_value():
    result = score([(0, 50, 0.0), (10, 3, 100.0), (20, 2, 300.0), (5, 9, -20.0)])
    assert result.scores[0].tolist() == [5, 5, 1]
    assert result.value[[0, 3]].tolist() == [0.0, 0.0]
    assert result.grade[[0, 3]].tolist() == [3, 3]
    assert [reason['code'] for reason in result.reasons()[0]] == ['refunded']
    assert result.reasons()[3][0]['value'] == -20.0
    assert result.reasons()[3][0]['points'] == -result.base


def test_everybody_refunded():
    result = score([(3, 1, 0.0), (9, 2, -5.0)])
    assert result.value.tolist() == [0.0, 0.0]
    assert [reasons[0]['code'] for reasons in result.reasons()] == ['refunded', 'refunded']


def test_cutoff_is_the_lowest_value_of_its_grade():
    parameters = rfm.Parameters(cutoffs=(100.0, 65.0, 25.0))
    result = score([
        (10, 12, 9000), (40, 6, 2000), (90, 3, 4000), (200, 2, 500), (700, 1, 50),
    ], parameters=parameters)
    assert result.grade.tolist() == [0, 1, 2, 2, 3]


# ---- bad input ---------------------------------------------------------------------------------

@pytest.mark.parametrize(('kwargs', 'message'), [
    ({'weights': {'recency': 0.5, 'frequency': 0.5, 'monetary': 0.5}}, "100 %"),
    ({'weights': {'recency': -0.5, 'frequency': 0.5, 'monetary': 1.0}}, "negative"),
    ({'weights': {'recency': 1.0}}, "weights are needed"),
    ({'cutoffs': (25.0, 50.0, 75.0)}, "fall"),
    ({'cutoffs': (75.0, 75.0)}, "fall"),
    ({'cutoffs': (120.0, 50.0)}, "above 100"),
    ({'cutoffs': (50.0, 0.0)}, "above 0"),
    ({'bins': 1}, "two quantile scores"),
])
def test_bad_parameters(kwargs, message):
    with pytest.raises(ValueError, match=message):
        rfm.Parameters(**kwargs)


@pytest.mark.parametrize(('row', 'message'), [
    ((-1, 1, 1.0), "after the day"),
    ((1, 0, 1.0), "without a purchase"),
    ((1, 1, float('nan')), "finite"),
    ((1, 1, float('inf')), "finite"),
])
def test_bad_rows(row, message):
    with pytest.raises(ValueError, match=message):
        score([(1, 1, 1.0), row])


def test_lengths_differ():
    with pytest.raises(ValueError, match="one length"):
        rfm.score(np.ones(2), np.ones(3), np.ones(2))


# ---- properties --------------------------------------------------------------------------------

@given(CUSTOMERS)
def test_ranges(rows):
    result = score(rows)
    assert ((result.scores >= 1) & (result.scores <= 5)).all()
    assert ((result.value >= 0) & (result.value <= 100)).all()
    assert ((result.grade >= 0) & (result.grade <= 3)).all()
    assert (result.below + result.above < len(rows)).all()


@given(CUSTOMERS, st.randoms(use_true_random=False))
def test_row_order_does_not_matter(rows, random):
    order = list(range(len(rows)))
    random.shuffle(order)
    result, shuffled = score(rows), score([rows[i] for i in order])
    assert shuffled.value.tolist() == result.value[order].tolist()
    assert shuffled.scores.tolist() == result.scores[order].tolist()
    assert shuffled.reasons() == [result.reasons()[i] for i in order]


@given(CUSTOMERS, st.sampled_from([0.01, 0.25, 1.1, 7.8, 31.4159, 1e4]))
def test_currency_does_not_matter(rows, rate):
    result, converted = score(rows), score([(r, f, m * rate) for r, f, m in rows])
    assert converted.value.tolist() == result.value.tolist()
    assert converted.grade.tolist() == result.grade.tolist()
    assert converted.points.tolist() == result.points.tolist()


@given(CUSTOMERS)
def test_points_add_up(rows):
    result = score(rows)
    assert np.allclose(result.base + result.points.sum(axis=1), result.value, atol=0.11)


@given(CUSTOMERS, st.integers(0, 119))
def test_buying_more_never_lowers_the_score(rows, position):
    position %= len(rows)
    recency, frequency, monetary = rows[position]
    better = list(rows)
    better[position] = (max(recency - 20, 0), frequency + 2, monetary + 150)
    assert score(better).value[position] >= score(rows).value[position]


@given(CUSTOMERS)
def test_reasons_agree_with_the_ranks(rows):
    """A reason that raises beats at least half of the others, one that lowers is beaten by half."""
    for reasons in score(rows).reasons():
        for reason in reasons:
            if reason['code'] != 'refunded':
                ahead = reason['below'] if reason['points'] > 0 else reason['above']
                assert 2 * ahead >= reason['others']


@given(CUSTOMERS)
def test_twice_the_same_company_gives_the_same_scores(rows):
    """Scores depend on the distribution, not on the number of customers."""
    assert score(rows + rows).value[:len(rows)].tolist() == score(rows).value.tolist()

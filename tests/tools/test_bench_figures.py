"""Verdicts of the benchmarks: beyond doubt or not at all."""
import random

import pytest

from tests.bench import figures
from tests.bench.figures import OK, SHORT, UNSURE


def noisy_pairs(ratio, noise, *, number=30, seed=7):
    """Times of a baseline of 0.1 s and of something ``ratio`` times as slow, under ``noise``."""
    draw = random.Random(seed)

    def time(seconds):
        return seconds * draw.lognormvariate(0, noise)

    return [(time(0.1), time(0.1 * ratio)) for _i in range(number)]


@pytest.mark.parametrize(('value', 'verdict'), [(0, OK), (3, OK), (4, SHORT)])
def test_counts_are_never_unsure(value, verdict):
    assert figures.count("errors", value, 3).verdict == verdict


@pytest.mark.parametrize(('plain', 'suite', 'verdict'), [(10, 13, OK), (10, 14, SHORT), (10, 8, OK)])
def test_extra_queries_of_one_record(plain, suite, verdict):
    assert figures.extra_queries("create", plain, suite, 3).verdict == verdict


@pytest.mark.parametrize(('suite', 'verdict'), [(210, OK), (211, SHORT)])
def test_extra_queries_of_a_batch_count_by_record(suite, verdict):
    figure = figures.extra_queries("create", 200, suite, 0.5, records=20)
    assert figure.verdict == verdict
    assert "against 10" in figure.value


@pytest.mark.parametrize(('interval', 'verdict'), [
    ((0.9, 1.0), OK),
    ((1.0, 1.1), OK),
    ((1.05, 1.15), UNSURE),
    ((1.11, 1.2), SHORT),
])
def test_upper_bound_is_missed_by_the_whole_interval(interval, verdict):
    assert figures.interval_at_most(*interval, 1.1) == verdict


@pytest.mark.parametrize(('interval', 'verdict'), [
    ((0.96, 1.0), OK),
    ((0.95, 1.0), OK),
    ((0.9, 1.0), UNSURE),
    ((0.8, 0.94), SHORT),
])
def test_lower_bound_is_missed_by_the_whole_interval(interval, verdict):
    assert figures.interval_at_least(*interval, 0.95) == verdict


@pytest.mark.parametrize(('value', 'verdict'), [(60, OK), (61, UNSURE), (180, UNSURE), (181, SHORT)])
def test_seconds_have_a_threefold_margin(value, verdict):
    assert figures.seconds("installation", value, 60).verdict == verdict


@pytest.mark.parametrize(('value', 'verdict'), [(9000, OK), (8999, UNSURE), (3000, UNSURE), (2999, SHORT)])
def test_rates_have_a_threefold_margin(value, verdict):
    assert figures.rate("scoring", value, 9000, 'customers/s').verdict == verdict


@pytest.mark.parametrize(('ratio', 'verdict'), [(1.0, OK), (1.3, SHORT)])
def test_time_of_clear_cases(ratio, verdict):
    assert figures.slower("confirm", noisy_pairs(ratio, 0.05), 0.1).verdict == verdict


def test_time_is_unsure_when_noise_hides_the_bound():
    assert figures.slower("confirm", noisy_pairs(1.1, 0.3), 0.1).verdict == UNSURE


@pytest.mark.parametrize(('share', 'verdict'), [(1.0, OK), (0.7, SHORT)])
def test_throughput_of_clear_cases(share, verdict):
    assert figures.throughput("orders", noisy_pairs(share, 0.02), 0.95).verdict == verdict


def test_an_interruption_of_a_few_pairs_changes_no_verdict():
    pairs = noisy_pairs(1.0, 0.02)
    pairs[3] = (0.1, 4.0)
    pairs[17] = (0.1, 9.0)
    assert figures.slower("confirm", pairs, 0.1).verdict == OK


def test_slowing_both_halves_of_a_pair_changes_nothing():
    pairs = noisy_pairs(1.05, 0.02)
    drifting = [(plain * (1 + i), suite * (1 + i)) for i, (plain, suite) in enumerate(pairs)]
    assert figures.ratio_with_interval(drifting) == pytest.approx(figures.ratio_with_interval(pairs))


def test_interval_holds_the_truth_nineteen_times_in_twenty():
    held = 0
    for seed in range(100):
        _ratio, low, high = figures.ratio_with_interval(noisy_pairs(1.2, 0.1, seed=seed))
        held += low <= 1.2 <= high
    assert held >= 88  # three standard deviations below 95


def test_fewer_than_thirty_pairs_are_no_comparison():
    with pytest.raises(ValueError, match="29 pairs are too few"):
        figures.slower("confirm", noisy_pairs(1.0, 0.1, number=29), 0.1)


def test_same_measurements_same_interval():
    pairs = noisy_pairs(1.1, 0.2)
    assert figures.ratio_with_interval(pairs) == figures.ratio_with_interval(pairs)


def test_comparison_is_precise_once_its_interval_is_narrow():
    pairs = [(1.0, 1.0 + share) for share in (0.0, 0.05, 0.10)] * 10
    assert figures.is_precise(pairs * 4)
    assert not figures.is_precise([(1.0, 1.0), (1.0, 1.3)] * 15)



def test_a_line_shows_figure_bound_and_verdict():
    line = str(figures.extra_queries("sale_confirm, queries", 96, 98, 3))
    assert line.split() == "sale_confirm, queries +2 (98 against 96) at most +3 ok".split()


@pytest.mark.parametrize(('suite', 'verdict'), [(1.0, OK), (1.01, UNSURE), (1.49, UNSURE), (1.51, SHORT)])
def test_ratio_of_processor_seconds_has_a_margin_of_a_half(suite, verdict):
    assert figures.times_faster("fit", 60, suite, 60).verdict == verdict


@pytest.mark.parametrize(('suite', 'verdict'), [(30, OK), (31, UNSURE), (45, UNSURE), (46, SHORT)])
def test_share_of_a_reference_has_a_margin_of_a_half(suite, verdict):
    assert figures.share_of("night", 60, suite, 0.5).verdict == verdict


def test_ratio_without_a_bound_is_information():
    assert figures.times_faster("fit", 60, 1, None).verdict == figures.INFO

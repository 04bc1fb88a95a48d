"""Figures of the benchmarks and the verdict on each: arithmetic alone, no database.

What a verdict means:

- ``ok``: the bound is kept;
- ``SHORT``: it is missed beyond doubt, and the run fails;
- ``unsure``: this run cannot tell, because the machine was too noisy or the figure is in seconds,
  which depend on the machine; it never fails the run;
- ``info``: a figure without a bound.

Counts are exact, so they are never unsure. A comparison is the median of the ratios of interleaved
pairs with its 95 % bootstrap interval, judged by where the whole interval lies. Seconds and rates
are judged with a threefold margin, ratios of processor seconds of one run with one of a half.
"""
import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

OK, UNSURE, SHORT, INFO = 'ok', 'unsure', 'SHORT', 'info'

#: pairs that a comparison needs at least
PAIRS_MIN = 30
#: half the width of an interval that is narrow enough
PRECISION = 0.03
#: how many times slower than its bound an absolute time must be before it counts as too slow
MARGIN = 3
#: likewise of a ratio of processor seconds taken in one run
RATIO_MARGIN = 1.5
RESAMPLES = 2000


@dataclass(frozen=True)
class Figure:
    """One line of the report.

    :param name: what was measured, after the name of the case
    :param value: the figure as shown, with its unit
    :param bound: the bound as shown, empty for information
    :param details: lines shown below when the bound is missed, e.g. the queries in excess
    """

    name: str
    value: str
    bound: str = ''
    verdict: str = INFO
    details: tuple[str, ...] = ()

    def __str__(self):
        return f"{self.name:<44} {self.value:<48} {self.bound:<18} {self.verdict}".rstrip()


def at_most(value: float, bound: float) -> str:
    """Verdict on an exact figure that must not exceed ``bound``."""
    return OK if value <= bound else SHORT


def interval_at_most(low: float, high: float, bound: float) -> str:
    """Verdict on a figure known to lie between ``low`` and ``high`` that must not exceed ``bound``."""
    if high <= bound:
        return OK
    return SHORT if low > bound else UNSURE


def interval_at_least(low: float, high: float, bound: float) -> str:
    """Verdict on a figure known to lie between ``low`` and ``high`` that must reach ``bound``."""
    if low >= bound:
        return OK
    return SHORT if high < bound else UNSURE


def margin_at_most(value: float, bound: float) -> str:
    """Verdict on an absolute time: missed only when it is more than :data:`MARGIN` times too long."""
    if value <= bound:
        return OK
    return SHORT if value > bound * MARGIN else UNSURE


def margin_at_least(value: float, bound: float) -> str:
    """Verdict on an absolute rate: missed only when it is more than :data:`MARGIN` times too low."""
    if value >= bound:
        return OK
    return SHORT if value < bound / MARGIN else UNSURE


def ratio_with_interval(pairs: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Median of the ratios second/first of ``pairs``, and its 95 % interval.

    The interval is the percentile bootstrap (Efron, 1979): pairs are drawn with replacement, so
    that what slowed both halves of a pair cancels out. The draws are seeded: the same
    measurements always give the same verdict.

    :param pairs: (baseline, suite), both above 0, in the same unit
    :return: ratio, low end, high end
    :raise ValueError: when there are fewer than :data:`PAIRS_MIN` pairs
    """
    if len(pairs) < PAIRS_MIN:
        raise ValueError(f"{len(pairs)} pairs are too few to compare, {PAIRS_MIN} are needed")
    ratios = [suite / baseline for baseline, suite in pairs]
    draw = random.Random(len(ratios))
    medians = sorted(median(draw.choices(ratios, k=len(ratios))) for _ in range(RESAMPLES))
    return median(ratios), medians[int(RESAMPLES * 0.025)], medians[int(RESAMPLES * 0.975) - 1]


def is_precise(pairs: Sequence[tuple[float, float]]) -> bool:
    """Whether the interval of the ratio is no wider than twice :data:`PRECISION`.

    To stop measuring at a width, wherever the interval lies, favours no verdict.
    """
    _ratio, low, high = ratio_with_interval(pairs)
    return high - low <= 2 * PRECISION


def info(name: str, value: str) -> Figure:
    """A figure without a bound."""
    return Figure(name, value)


def count(name: str, value: float, bound: float, *, details: Sequence[str] = ()) -> Figure:
    """A number that must not exceed ``bound``; the hard kind of bound."""
    return Figure(name, f"{value:g}", f"at most {bound:g}", at_most(value, bound), tuple(details))


def extra_queries(
    name: str, baseline: int, suite: int, bound: float, *, records: int = 1, details: Sequence[str] = (),
) -> Figure:
    """Queries that the suite adds to an operation, per record.

    :param baseline: queries of the whole operation without the suite
    :param suite: queries of the whole operation with it
    :param bound: how many it may add per record
    :param records: how many records the operation works on
    """
    extra = (suite - baseline) / records
    return Figure(
        name, f"{extra:+.4g} ({suite / records:.4g} against {baseline / records:.4g})",
        f"at most {bound:+g}", at_most(extra, bound), tuple(details),
    )


def slower(name: str, pairs: Sequence[tuple[float, float]], bound: float) -> Figure:
    """The time with the suite against the time without it.

    :param pairs: (seconds without, seconds with) of one interleaved run
    :param bound: how much longer it may take, as a share: 0.1 for 10 %
    """
    ratio, low, high = ratio_with_interval(pairs)
    baseline, suite = (median(column) * 1000 for column in zip(*pairs, strict=True))
    return Figure(
        name, f"{_change(ratio)} [{_change(low)}, {_change(high)}] ({suite:.1f} against {baseline:.1f} ms)",
        f"at most {bound:+.0%}", interval_at_most(low, high, 1 + bound),
    )


def throughput(name: str, pairs: Sequence[tuple[float, float]], share: float) -> Figure:
    """The throughput with the suite against that without it.

    :param pairs: (per second without, per second with) of one interleaved run
    :param share: the share of the baseline that must be reached: 0.95 for 95 %
    """
    ratio, low, high = ratio_with_interval(pairs)
    baseline, suite = (median(column) for column in zip(*pairs, strict=True))
    return Figure(
        name, f"{ratio:.1%} [{low:.1%}, {high:.1%}] ({suite:.2f} against {baseline:.2f}/s)",
        f"at least {share:.0%}", interval_at_least(low, high, share),
    )


def seconds(name: str, value: float, bound: float, *, details: Sequence[str] = ()) -> Figure:
    """An absolute time."""
    return Figure(name, f"{value:.2f} s", f"at most {bound:g} s", margin_at_most(value, bound), tuple(details))


def times_faster(name: str, reference: float, suite: float, bound: float | None) -> Figure:
    """Processor seconds of another implementation against ours, of one run.

    Both are slowed down by the same neighbours, so the margin is :data:`RATIO_MARGIN` only.

    :param bound: how many times faster we must be; without it the figure is information
    """
    ratio = reference / suite
    value = f"{ratio:.0f} times ({suite:.3f} against {reference:.2f} s)"
    if bound is None:
        return info(name, value)
    verdict = OK if ratio >= bound else SHORT if ratio < bound / RATIO_MARGIN else UNSURE
    return Figure(name, value, f"at least {bound:g}", verdict)


def share_of(name: str, reference: float, suite: float, bound: float) -> Figure:
    """Seconds of the suite against those of a reference of the same run, both on the same machine.

    :param bound: how many times the seconds of the reference they may be
    """
    ratio = suite / reference
    verdict = OK if ratio <= bound else SHORT if ratio > bound * RATIO_MARGIN else UNSURE
    return Figure(name, f"{ratio:.2f} times ({suite:.2f} against {reference:.2f} s)", f"at most {bound:g}", verdict)


def rate(name: str, value: float, bound: float, unit: str) -> Figure:
    """An absolute rate, e.g. of ``unit`` 'customers/s'."""
    return Figure(
        name, f"{value:,.0f} {unit}", f"at least {bound:,.0f}", margin_at_least(value, bound),
    )


def _change(ratio):
    return f"{ratio - 1:+.1%}"

"""Everything the purchase models say about each customer, as one table.

This is what a run of the scoring calls: purchases in, a data frame with a row for each customer out. The parts are
those of the other modules; here they are only put together:

    revenue  = purchases expected * amount expected                          (:mod:`engine.gamma_gamma`)
    value    = discounted purchases of the coming months * amount expected   (:meth:`engine.model.Fit.discounted`)
    reasons  = Shapley points of the revenue of the last horizon against the median customer   (:mod:`engine.reasons`)

Where trees take part, what they change is a reason of its own (``pattern``), so that the points add up to the figure
shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from . import churn, gamma_gamma, intervals, reasons, selection
from .frame import Frame, NotEnoughData, Purchases
from .model import Fit
from .selection import Choice

if TYPE_CHECKING:
    import pandas as pd

#: Days ahead: three, six and twelve months.
HORIZONS = (91, 182, 365)
#: Months of the discounted value, days of a month, and discount of a month.
MONTHS, MONTH, DISCOUNT = 36, 30.4375, 0.01
#: Inputs by which a customer is explained.
INPUTS = ('purchases', 'silence', 'observed', 'spend')
SPEND = INPUTS.index('spend')


@dataclass(frozen=True)
class Scores:
    """:param ids: (n,) customers, ascending
    :param columns: (n,) each: ``alive``, ``risk``, ``lateness``, ``gap`` and ``due`` (days), ``spend``, ``value``, and
        for each horizon of h days ``expected_h``, ``active_h``, ``revenue_h``, each of ``expected_h`` and ``revenue_h``
        with ``_low`` and ``_high``
    :param points: (n, 5) points of :data:`INPUTS` and ``pattern`` for the revenue of the last horizon
    :param inputs: (n, 5) the inputs themselves; days, and money for ``spend``; NaN for ``pattern``
    :param benchmark: (5,) inputs of the median customer
    :param totals: {horizon: (expectation, lower, upper bound)} of the purchases of all customers
    :param fit: closed form that the purchases come from
    :param amounts: of what a purchase brings; None when nobody has spent anything twice
    """

    ids: np.ndarray
    columns: dict[str, np.ndarray]
    points: np.ndarray
    inputs: np.ndarray
    benchmark: np.ndarray
    totals: dict[int, tuple[float, float, float]]
    fit: Fit
    amounts: gamma_gamma.Fit | None

    @cached_property
    def table(self) -> pd.DataFrame:
        """:return: a row for each customer, index ``customer``"""
        import pandas as pd  # half of what a night needs in memory: for those who ask for a table

        return pd.DataFrame(self.columns, index=pd.Index(self.ids, name='customer'), copy=False)

    def reasons(self, start: int = 0, stop: int | None = None) -> list[dict[str, list[dict]]]:
        """:return: for each customer of the slice what raises and what lowers his revenue most"""
        rows = slice(start, stop)
        # a pattern is told by its points alone
        values = np.where(np.isnan(self.inputs[rows]), 0.0, self.inputs[rows])
        return reasons.top((*INPUTS, 'pattern'), values, np.nan_to_num(self.benchmark), self.points[rows])


def score(
    bought: Purchases, end: int, choice: Choice, horizons=HORIZONS, unit: float = 7.0, months: int = MONTHS,
    discount: float = DISCOUNT, level: float = intervals.LEVEL,
) -> Scores:
    """Score every customer who bought by the end of the window.

    :param end: last day of the window
    :param choice: models chosen for the company, see :func:`engine.selection.choose`
    :param horizons: days ahead, ascending
    :param months: of the discounted value
    :param discount: of a month, .01 for 1 %
    :param level: of the intervals
    :raise NotEnoughData: when no model can be fitted
    """
    bought = bought.until(end)
    forecast = selection.predict(bought, end, horizons, choice, unit)
    frame = forecast.frame
    money = bought.repeat_spend(end)
    try:
        amounts = gamma_gamma.fit(frame.x, money)
        spend, spread = amounts.expected(frame.x, money), amounts.variance(frame.x, money)
    except NotEnoughData:
        amounts = None
        spend, spread = _plain_spend(bought, len(frame))
    rhythm = churn.rhythm(frame, forecast.alive)
    columns = {
        'alive': forecast.alive,
        'risk': rhythm.risk,
        'lateness': rhythm.lateness,
        'gap': rhythm.gap * unit,
        'due': rhythm.due * unit,
        'spend': spend,
        'value': forecast.fit.discounted(frame, months, MONTH / unit, discount) * spend,
    }
    lows, highs = intervals.of_customers(forecast.expected, forecast.variance, forecast.active, level)
    for i, days in enumerate(horizons):
        expected, active = forecast.expected[:, i], forecast.active[:, i]
        mean, variance = intervals.of_money(expected, forecast.variance[:, i], spend, spread)
        low, high = intervals.of_money_bounds(mean, variance, active, level)
        columns |= {
            f'expected_{days}': expected, f'expected_{days}_low': lows[:, i], f'expected_{days}_high': highs[:, i],
            f'active_{days}': active,
            f'revenue_{days}': mean, f'revenue_{days}_low': low, f'revenue_{days}_high': high,
        }
    points, inputs, benchmark = _explain(forecast, frame, money, amounts, spend, horizons[-1], unit)
    totals = intervals.of_totals(forecast.fit, frame, np.array(horizons) / unit, forecast.closed, level)
    return Scores(
        ids=forecast.ids,
        columns=columns,
        points=points,
        inputs=inputs,
        benchmark=benchmark,
        totals={days: tuple(total) for days, total in zip(horizons, totals.tolist(), strict=True)},
        fit=forecast.fit,
        amounts=amounts,
    )


def _plain_spend(bought, count):
    """Mean and variance of an amount, the same for everybody: there is nothing to tell customers apart by."""
    return np.full(count, max(bought.money.mean(), 0.0)), np.full(count, bought.money.var())


def _explain(forecast, frame, money, amounts, spend, horizon, unit):
    """Points of the revenue of the last horizon, in money."""
    inputs = np.column_stack((frame.x, (frame.T - frame.t_x) * unit, frame.T * unit, money if amounts else spend))
    benchmark = np.percentile(inputs, 50, axis=0, method='lower')
    if amounts:
        # who has not bought again has no amount of his own: he is expected to spend what all do
        inputs[frame.x == 0, SPEND] = amounts.population()
        benchmark[SPEND] = np.percentile(inputs[:, SPEND], 50, method='lower')

    @lru_cache(maxsize=1)
    def purchases(own):
        x, silence, observed, _amount = reasons.mix(inputs, benchmark, own).T
        last = np.where(x > 0, np.clip(observed - silence, 1e-3 * np.maximum(observed, 1.0), observed), 0.0)
        again = (x > 0) & (observed > 0)
        x, last = np.where(again, x, 0), np.where(again, last, 0.0)
        known = Frame(x.astype(np.intp), np.minimum(last, observed) / unit, observed / unit)
        return known.x, forecast.fit.expected(known, horizon / unit)[:, 0]

    def revenue(own):
        # the amount of a purchase changes nothing about their number
        x, expected = purchases(own - {SPEND})
        amount = inputs[:, SPEND] if SPEND in own else np.full(len(inputs), benchmark[SPEND])
        return expected * (amounts.expected(x, amount) if amounts else amount)

    points = reasons.share_out(revenue, inputs == benchmark)
    shown = forecast.expected[:, -1] * spend
    closed = forecast.closed[0][:, -1] * spend
    return (
        np.column_stack((points, shown - closed)),
        np.column_stack((inputs, np.full(len(inputs), np.nan))),
        np.append(benchmark, np.nan),
    )

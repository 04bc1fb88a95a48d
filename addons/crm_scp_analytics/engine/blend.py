"""A closed form and gradient boosting, half and half.

A closed form knows how purchases come about, so its level and its long run are right; boosting knows what the closed
form leaves out (seasons of the year, rhythms, money) as far as the past showed it. It is taught by the company's own
past: at several cut-offs inside the window, what was known then and what happened within the horizon after it.

1. Where the history is too short for the whole horizon, boosting learns a shorter one; each customer's forecast is
   stretched as his closed form grows from the shorter to the longer horizon.
2. The level comes from the closed form: the forecasts of boosting are multiplied by one number so that both add up to
   the same sum. (Boosting only knows the level of the years it was taught by.)
3. The forecast is the mean of the two; so is the chance of at least one purchase.

The equal weight is no choice by data: of two forecasts with errors of like size and imperfect correlation it is the
combination that cannot be badly wrong (Bates & Granger, Operational Research Quarterly 20 (1969) 451).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from . import features, trees
from .frame import Frame, NotEnoughData, Purchases
from .model import Fit, Model
from .optimise import one_thread

CUTOFFS = 6
#: Rows and purchases that boosting needs to tell anything from chance.
ROWS_MIN, EVENTS_MIN = 400, 100
#: Lessons taught at most. Where there would be more, every so manieth customer gives them: trees of five leaves do not
#: become better by a million lessons more, but a night longer.
LESSONS_MAX = 60_000
#: Share of the window that lies before the first cut-off, at least.
HISTORY_MIN = 0.35
#: Few and small trees: chosen among three sizes at days 136, 170 and 204 of the calibration of CDNOW, of which none saw
#: the holdout; larger ones learnt the customers by heart.
TREES = {
    'max_iter': 50, 'learning_rate': 0.06, 'max_leaf_nodes': 5, 'min_samples_leaf': 80, 'l2_regularization': 5.0,
    'early_stopping': False, 'random_state': 0,
}


@dataclass(frozen=True)
class Lessons:
    """What boosting is taught: customers at several cut-offs.

    :param horizon: days ahead it is taught to forecast
    """

    features: np.ndarray
    bought: np.ndarray
    horizon: int
    cutoffs: tuple[int, ...]


def cutoffs(first: int, end: int, horizon: int) -> tuple[int, tuple[int, ...]]:
    """Choose the horizon to teach and the cut-offs to teach it at.

    :param first: day of the first purchase of the company
    :param end: last day of the window
    :param horizon: days ahead that are asked for
    :return: days ahead that can be taught, cut-offs ascending
    """
    window = end - first
    earliest = first + int(np.ceil(window * HISTORY_MIN))
    taught = min(horizon, int(window * (1 - HISTORY_MIN) / 2))
    if taught < 1:
        raise NotEnoughData('history')
    days = np.linspace(earliest, end - taught, CUTOFFS)
    return taught, tuple(np.unique(np.round(days).astype(int)).tolist())


def teach(bought: Purchases, end: int, horizon: int, model: Model, unit: float) -> Lessons:
    """:raise NotEnoughData: when the past is too short, or too little happened in it"""
    if not len(bought.day):
        raise NotEnoughData('customers')
    taught, days = cutoffs(int(bought.day.min()), end, horizon)
    asked = bought.every(-(-sum(bought.until(day).size() for day in days) // LESSONS_MAX))
    tables, counts = [], []
    for day in days:
        try:
            fit = model.fit(bought.until(day).frame(day, unit))
        except NotEnoughData:
            continue
        tables.append(features.build(asked, day, taught, fit, unit))
        counts.append(asked.count(asked.until(day).ids(), day, day + taught))
    if not tables:
        raise NotEnoughData('history')
    table, count = np.concatenate(tables), np.concatenate(counts)
    if len(count) < ROWS_MIN or (count > 0).sum() < EVENTS_MIN or (count == 0).sum() < EVENTS_MIN:
        raise NotEnoughData('history')
    return Lessons(table, count.astype(float), taught, days)


@dataclass(frozen=True)
class Blend:
    """A closed form with the trees that correct it.

    :param taught: ``horizon``, the days ahead that the trees were taught, and ``count`` and ``chance``, see
        :mod:`engine.trees`: plain data, which tell for some time what they have learnt
    """

    fit: Fit
    unit: float
    taught: dict

    @classmethod
    def learn(
        cls, bought: Purchases, end: int, horizon: int, model: Model, unit: float = 7.0, near=None,
    ) -> Blend:
        """Fit the closed form to the whole window and the trees to the cut-offs within it.

        :param horizon: days ahead that will be asked for
        :param near: see :meth:`engine.model.Model.fit`
        :raise NotEnoughData: then the closed form alone has to do
        """
        bought = bought.until(end)
        fit = model.fit(bought.frame(end, unit), near)
        lessons = teach(bought, end, horizon, model, unit)
        # takes seconds, which companies with too few lessons are spared
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        with one_thread():
            count = HistGradientBoostingRegressor(loss='poisson', **TREES).fit(lessons.features, lessons.bought)
            chance = HistGradientBoostingClassifier(**TREES).fit(lessons.features, lessons.bought > 0)
        return cls(fit, unit, {
            'horizon': lessons.horizon, 'count': trees.plain(count), 'chance': trees.plain(chance),
        })

    def forecast(
        self, bought: Purchases, end: int, horizons, frame: Frame | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Forecast the customers known at the end of the window.

        :param horizons: days ahead, ascending
        :param frame: the purchases summed up, where they are already
        :return: (n, h) purchases expected, (n, h) probability of at least one
        """
        horizons = np.asarray(horizons, dtype=float)
        frame, ahead = frame or bought.frame(end, self.unit), self.taught['horizon']
        both = np.append(horizons, ahead) / self.unit
        expected, active = self.fit.expected(frame, both), self.fit.active(frame, both)
        table = features.build(bought, end, ahead, self.fit, self.unit, frame)
        count = np.exp(trees.add_up(self.taught['count'], table))
        chance = expit(trees.add_up(self.taught['chance'], table))
        own = _stretch(count, expected)
        level = own.sum(axis=0)
        own *= np.divide(expected[:, :-1].sum(axis=0), level, out=np.zeros(len(horizons)), where=level > 0)
        return (expected[:, :-1] + own) / 2, (active[:, :-1] + _stretch_chance(chance, active)) / 2


def _stretch(count, expected):
    """:return: (n, h) counts of the taught horizon, grown as each customer's closed form grows"""
    taught = expected[:, -1:]
    growth = np.divide(expected[:, :-1], taught, out=np.zeros(expected[:, :-1].shape), where=taught > 1e-12)
    return count[:, None] * growth


def _stretch_chance(chance, active):
    """As the counts, but of ln P(no purchase), so that a chance stays one."""
    none = np.log1p(-np.minimum(active, 1 - 1e-12))
    taught = none[:, -1:]
    growth = np.divide(none[:, :-1], taught, out=np.zeros(none[:, :-1].shape), where=taught < -1e-12)
    return -np.expm1(np.log1p(-np.minimum(chance, 1 - 1e-12))[:, None] * growth)

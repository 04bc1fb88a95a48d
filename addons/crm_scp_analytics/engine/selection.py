"""Which model forecasts this company best, judged by its own past alone.

A rolling back-test: at three cut-offs inside the window every candidate is fitted to what was known then, forecasts the
time ahead as far as the window shows it, and is compared with what happened. Nothing after the window is ever seen.

How much and whether are two questions, and no model is best at both: how many purchases are expected is judged by
deviance and RMSE, whether there will be one by log-loss and Brier. Each measure is taken relative to the best
candidate in it, so that none decides by its unit; the mean of these ratios is the score, 1 the best possible. MAE is
shown and does not judge: it is lowest at the median, which is zero for most customers, so it rewards forecasts whose
sum is too low. The blend is tried with the best closed form only: it costs a hundred times as much.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from . import bgnbd, cnbd_k, mbgnbd, pareto_nbd
from .blend import Blend
from .calibration import Temperature, accuracy
from .executors import Executor
from .frame import Frame, NotEnoughData, Purchases
from .model import Fit, Model

CLOSED_FORMS = (bgnbd.MODEL, mbgnbd.MODEL, pareto_nbd.MODEL)
#: Share of the window known at the first cut-off.
FIRST_CUTOFF = 0.5
CUTOFFS = 3
#: A back-test of at least this share of the horizon asked for may correct its chances.
LIKE_HORIZON = 0.8
#: Losses that judge how many purchases are expected, and whether there will be one.
COUNT_LOSSES, CHANCE_LOSSES = ('deviance', 'rmse'), ('log_loss', 'brier')


@dataclass(frozen=True)
class Trial:
    """One candidate at one cut-off.

    :param cutoff: day up to which it knew the past
    :param horizon: days ahead it forecast
    :param measures: see :func:`engine.calibration.accuracy`
    """

    candidate: Candidate
    cutoff: int
    horizon: int
    measures: dict[str, float | None]


@dataclass(frozen=True)
class Candidate:
    """A closed form, alone or blended with boosting."""

    model: Model
    blended: bool = False

    @property
    def name(self) -> str:
        return self.model.name + ('+trees' if self.blended else '')


@dataclass(frozen=True)
class Choice:
    """The candidates chosen, and why.

    :param count: who says how many purchases
    :param chance: who says whether there will be one
    :param count_scores: mean relative loss of each candidate, 1 is the best possible
    :param chance_scores: likewise
    :param trials: every candidate at every cut-off, for the user to see
    :param temperature: correction of the chances that the back-test suggests
    :param near: parameters of the closed forms chosen, by name: later fits begin there, and so end sooner
    :param taught: what the trees chosen have learnt by then, see :class:`engine.blend.Blend`; forecasts of another
        choice, or where there was too little to learn, have them taught anew
    """

    count: Candidate
    chance: Candidate
    count_scores: dict[str, float] = field(default_factory=dict)
    chance_scores: dict[str, float] = field(default_factory=dict)
    trials: tuple[Trial, ...] = field(default=(), repr=False)
    temperature: Temperature = field(default_factory=Temperature)
    near: dict[str, list[float]] = field(default_factory=dict)
    taught: dict | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Forecast:
    """What the customers known at the end of the window will do.

    :param ids: (n,) customers
    :param expected: (n, h) purchases
    :param variance: (n, h)
    :param active: (n, h) probability of at least one
    :param alive: (n,)
    :param fit: the closed form that says how many
    :param closed: (n, h) expectation and variance as it has them, without trees
    :param frame: the customers as it sees them
    """

    ids: np.ndarray
    expected: np.ndarray
    variance: np.ndarray
    active: np.ndarray
    alive: np.ndarray
    fit: Fit
    closed: tuple[np.ndarray, np.ndarray]
    frame: Frame


def back_test_cutoffs(first: int, end: int, horizon: int) -> list[tuple[int, int]]:
    """:return: (cut-off, days ahead) of each trial, all within the window, the horizon asked for where it fits"""
    window = end - first
    earliest = first + int(np.ceil(window * FIRST_CUTOFF))
    ahead = min(horizon, int(window * (1 - FIRST_CUTOFF)))
    if window < 4 or ahead < 2:
        raise NotEnoughData('history')
    last = max(earliest, end - ahead)
    if last - earliest < ahead // 4:
        # no room to roll the horizon: later trials of down to half its length still tell luck from skill
        last = end - ahead // 2
    days = np.unique(np.linspace(earliest, last, CUTOFFS).astype(int)).tolist()
    return [(day, min(ahead, end - day)) for day in days]


def choose(
    bought: Purchases, end: int, horizon: int, unit: float = 7.0, blend: bool = True, models=None,
    on_trial: Callable[[float], None] = lambda _share: None, executor: Executor | None = None,
) -> Choice:
    """Choose the model of a company.

    :param end: last day of the window; later purchases are not looked at
    :param horizon: days ahead that forecasts will be asked for
    :param unit: days in the unit of time of the models
    :param blend: whether boosting may take part
    :param models: closed forms to try; by default three for random and one for regular buyers
    :param on_trial: told after each trial which share of them is done; what it raises ends the choice
    :param executor: who does the trials, by default this process alone
    :raise NotEnoughData: when no back-test is possible
    """
    executor = executor or Executor()
    bought = bought.until(end)
    if not len(bought.day):
        raise NotEnoughData('customers')
    moments = back_test_cutoffs(int(bought.day.min()), end, horizon)
    models = list(models or [*CLOSED_FORMS, *_regular(bought, moments[0][0], unit)])
    candidates = [Candidate(model) for model in models]
    shares = iter(np.linspace(0, 1, (len(candidates) + blend) * len(moments) + 1)[1:].tolist())

    def attempt(candidates):
        pieces = [(candidate, *moment) for candidate in candidates for moment in moments]
        results = executor.map(try_out, (bought, unit), pieces, lambda: on_trial(next(shares)))
        return list(_get_tried(pieces, results, len(moments)))

    tried = attempt(candidates)
    if not tried:
        raise NotEnoughData('history')
    if blend:
        best = _best(_scores(tried, COUNT_LOSSES + CHANCE_LOSSES))
        tried += attempt([Candidate(best.model, blended=True)])
    count_scores, chance_scores = _scores(tried, COUNT_LOSSES), _scores(tried, CHANCE_LOSSES)
    count, chance = _best(count_scores), _best(chance_scores)
    frame = bought.frame(end, unit)
    near = {model.name: model.fit(frame).values.tolist() for model in {count.model, chance.model}}
    return Choice(
        count=count,
        chance=chance,
        count_scores={candidate.name: score for candidate, score in count_scores.items()},
        chance_scores={candidate.name: score for candidate, score in chance_scores.items()},
        trials=tuple(trial for trials, _chances in tried for trial in trials),
        temperature=_temperature(next(chances for trials, chances in tried if trials[0].candidate == chance), horizon),
        near=near,
        taught=_teach(bought, end, horizon, {count, chance}, unit, near),
    )


def _teach(bought, end, horizon, chosen, unit, near):
    """:return: what the trees of the candidates chosen have learnt, of which one at most has any"""
    for candidate in chosen:
        if candidate.blended:
            try:
                return Blend.learn(bought, end, horizon, candidate.model, unit, near[candidate.model.name]).taught
            except NotEnoughData:
                return None
    return None


def _regular(bought, day, unit):
    """:return: the model of regular buyers, where the times between purchases speak for one"""
    try:
        fit = cnbd_k.fit(bought.until(day).frame(day, unit))
    except NotEnoughData:
        return []
    return [fit.model] if fit.model.k > 1 else []


def try_out(known, candidate: Candidate, day: int, ahead: int) -> tuple | None:
    """One trial, which needs no other and may be done anywhere.

    :param known: (purchases, days in the unit of time)
    :return: measures, chances given, whether each bought; None when the candidate cannot be fitted to that day
    """
    bought, unit = known
    try:
        forecast = predict(bought.until(day), day, [ahead], Choice(candidate, candidate), unit)
    except NotEnoughData:
        return None
    actual, active = bought.count(forecast.ids, day, day + ahead), forecast.active[:, 0]
    return accuracy(forecast.expected[:, 0], active, actual), active, actual > 0


def _get_tried(pieces, results, moments):
    """:return: trials of each candidate and the chances it gave, of those that could be fitted at every cut-off"""
    done = list(zip(pieces, results, strict=True))
    for start in range(0, len(done), moments):
        own = done[start:start + moments]
        if all(result for _piece, result in own):
            yield (
                [Trial(*piece, result[0]) for piece, result in own],
                [(ahead, active, did) for (_candidate, _day, ahead), (_measures, active, did) in own],
            )


def _scores(tried, losses):
    """:return: {candidate: mean over cut-offs and losses of loss / loss of the best}"""
    table = np.array([[trial.measures[loss] for trial in trials for loss in losses] for trials, _chances in tried])
    lowest = table.min(axis=0)
    ratios = np.divide(table, lowest, out=np.ones(table.shape), where=lowest > 0).mean(axis=1)
    return {trials[0].candidate: float(ratio) for (trials, _chances), ratio in zip(tried, ratios, strict=True)}


def _best(scores):
    """:return: the candidate of the lowest score, the simpler one of equals"""
    return min(scores, key=scores.get)


def _temperature(pairs, horizon):
    like = [(active, did) for ahead, active, did in pairs if ahead >= LIKE_HORIZON * horizon]
    if not like:
        return Temperature()
    return Temperature.fit(*(np.concatenate(column) for column in zip(*like, strict=True)))


def predict(bought: Purchases, end: int, horizons, choice: Choice, unit: float = 7.0) -> Forecast:
    """Fit what was chosen to the window and forecast its customers.

    :param horizons: days ahead, ascending; trees are taught the last one
    :raise NotEnoughData: also where there is enough for the closed form, but not for the trees chosen
    """
    bought = bought.until(end)
    horizons = np.asarray(horizons, dtype=float)
    frame, times = bought.frame(end, unit), horizons / unit
    learnt = {
        candidate: _learn(bought, frame, end, horizons, candidate, unit, choice)
        for candidate in {choice.count, choice.chance}
    }
    mixed = {
        candidate: blend.forecast(bought, end, horizons, frame)
        for candidate, (_fit, blend) in learnt.items() if blend
    }
    fit, _blend = learnt[choice.count]
    expected, variance = mean, spread = fit.moments(frame, times)
    if choice.count in mixed:
        expected = mixed[choice.count][0]
        # the same spread around another mean
        variance = spread * np.divide(expected, mean, out=np.ones(mean.shape), where=mean > 1e-12)
    if choice.chance in mixed:
        active = mixed[choice.chance][1]
    else:
        active = learnt[choice.chance][0].active(frame, times)
    active = choice.temperature.apply(active)
    # who buys at least once buys at least one, whoever says so
    active = np.minimum(active, np.minimum(expected, 1.0))
    return Forecast(bought.ids(), expected, variance, active, fit.alive(frame), fit, (mean, spread), frame)


def _learn(bought, frame, end, horizons, candidate, unit, choice):
    """:return: closed form fitted, trees or None"""
    near = choice.near.get(candidate.model.name)
    if candidate.blended and not choice.taught:
        blend = Blend.learn(bought, end, int(horizons[-1]), candidate.model, unit, near)
        return blend.fit, blend
    fit = candidate.model.fit(frame, near)
    return fit, Blend(fit, unit, choice.taught) if candidate.blended else None

"""How long customers stay: Kaplan-Meier, Nelson-Aalen and the log-rank test.

With d leaving and n still watched at a time, both counted over the times t_i <= t:

    S(t)      = product of (1 - d / n)                         Kaplan & Meier, JASA 53 (1958) 457
    Var S(t)  = S(t)^2 sum of d / (n (n - d))                  Greenwood (1926)
    H(t)      = sum of 1/n + 1/(n - 1) + ... + 1/(n - d + 1)   Nelson (1972), Aalen (1978); ties as they came apart
    Var H(t)  = sum of 1/n^2 + 1/(n - 1)^2 + ...

Who has not left by the end of the window is watched up to it (censored): counting him as staying for ever, or leaving
him out, are the two usual mistakes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri
from scipy.stats import chi2


@dataclass(frozen=True)
class Curve:
    """A life table at the distinct times at which somebody left or stopped being watched, 0 first.

    :param time: (m,) times
    :param at_risk: (m,) customers watched just before
    :param left: (m,) who left at the time
    :param survival: (m,) share that stays longer
    :param low: (m,) lower bound of the survival, at the level asked for (log-minus-log, so within 0 ... 1)
    :param high: (m,)
    :param hazard: (m,) cumulative hazard of Nelson and Aalen
    :param hazard_variance: (m,)
    """

    time: np.ndarray
    at_risk: np.ndarray
    left: np.ndarray
    survival: np.ndarray
    low: np.ndarray
    high: np.ndarray
    hazard: np.ndarray
    hazard_variance: np.ndarray

    def at(self, times) -> np.ndarray:
        """:return: share that stays longer than each time"""
        return self.survival[np.searchsorted(self.time, np.asarray(times, dtype=float), 'right') - 1]

    @property
    def median(self) -> float | None:
        """:return: time by which half have left, None when fewer did"""
        below = np.flatnonzero(self.survival <= 0.5)
        return float(self.time[below[0]]) if len(below) else None


def curve(duration: np.ndarray, left: np.ndarray, level: float = 0.95) -> Curve:
    """Estimate the life table.

    :param duration: (n,) how long each customer was watched
    :param left: (n,) whether he left at the end of it
    :param level: of the interval
    """
    time, at_risk, gone = _table(*_columns(duration, left))
    with np.errstate(divide='ignore', invalid='ignore'):
        survival = np.cumprod(1 - gone / at_risk)
        greenwood = np.cumsum(gone / (at_risk * (at_risk - gone)))
        log = np.log(survival)
        reach = ndtri((1 + level) / 2) * np.sqrt(greenwood) / log
        low, high = np.exp(log * np.exp(-reach)), np.exp(log * np.exp(reach))
    whole, none = survival == 1, survival == 0
    steps, squares = _harmonic(at_risk, gone)
    return Curve(
        time, at_risk, gone, survival,
        np.where(whole, 1.0, np.where(none, 0.0, low)), np.where(whole, 1.0, np.where(none, 0.0, high)),
        np.cumsum(steps), np.cumsum(squares),
    )


def log_rank(duration: np.ndarray, left: np.ndarray, group: np.ndarray) -> tuple[float, float]:
    """Test whether groups of customers stay equally long (Mantel 1966, Peto & Peto 1972).

    :param group: (n,) any labels
    :return: statistic, chance of at least that much if they do (p)
    :raise ValueError: fewer than two groups
    """
    duration, left = _columns(duration, left)
    labels, member = np.unique(np.asarray(group), return_inverse=True)
    if len(labels) < 2:
        raise ValueError("a comparison needs two groups")
    times, position = np.unique(duration, return_inverse=True)
    shape = (len(labels), len(times))
    exits = np.zeros(shape)
    gone = np.zeros(shape)
    np.add.at(exits, (member, position), 1)
    np.add.at(gone, (member, position), left)
    watched = exits[:, ::-1].cumsum(axis=1)[:, ::-1]
    n, d = watched.sum(axis=0), gone.sum(axis=0)
    share = watched / n
    excess = (gone - share * d).sum(axis=1)
    ties = np.divide(d * (n - d), n - 1, out=np.zeros(len(n)), where=n > 1)
    covariance = np.diag((share * ties).sum(axis=1)) - (share * ties) @ share.T
    statistic = float(excess[:-1] @ np.linalg.pinv(covariance[:-1, :-1]) @ excess[:-1])
    return statistic, float(chi2.sf(statistic, len(labels) - 1))


def _columns(duration, left):
    duration, left = np.asarray(duration, dtype=float), np.asarray(left, dtype=bool)
    if duration.shape != left.shape or duration.ndim != 1 or not len(duration):
        raise ValueError("durations and who left must be of one length, of one customer at least")
    if not np.isfinite(duration).all() or (duration < 0).any():
        raise ValueError("a duration is a number, not below zero")
    return duration, left


def _table(duration, left):
    """:return: distinct times with 0 first, watched just before each, left at each"""
    order = np.sort(duration)
    events = np.sort(duration[left])
    time = order[np.flatnonzero(np.diff(order, prepend=np.nan))]
    if time[0] > 0:
        time = np.concatenate(([0.0], time))
    at_risk = len(order) - np.searchsorted(order, time, 'left')
    gone = np.searchsorted(events, time, 'right') - np.searchsorted(events, time, 'left')
    return time, at_risk.astype(float), gone.astype(float)


def _harmonic(at_risk, gone):
    """:return: sums of 1/n and of 1/n^2 over the customers who left at each time, one after the other"""
    if not gone.any():
        return np.zeros(len(gone)), np.zeros(len(gone))
    counts = gone.astype(np.intp)
    rows = np.repeat(np.arange(len(gone)), counts)
    before = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    inverse = 1 / (at_risk[rows] - before)
    return (np.bincount(rows, inverse, minlength=len(gone)), np.bincount(rows, inverse ** 2, minlength=len(gone)))

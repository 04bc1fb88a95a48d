"""Is a customer later than it is like him?

A customer is judged by his own rhythm: his times between purchases are taken as gamma distributed, with a mean drawn
toward that of his company as far as he has shown few of his own, and the regularity of his company.

    gap          (sum of his gaps + K typical gap) / (gaps + K), typical the median customer's mean gap, K = 1
    regularity   k, the shape: 1 at random, large for a clockwork; from the whole company, by maximum likelihood of
                 the gaps of each customer given their sum
    lateness     F(silence), the share of his gaps that would have ended by now
    risk         1 - P(alive): what the chosen model says, raised by lateness beyond its usual share:
                 risk = max(1 - P(alive), 2 lateness - 1)
    next order   the median of his gap, given that it is longer than the silence so far

As long as half of his gaps would have been longer, nobody is at risk by his rhythm; when all but 5 % would have ended,
his risk is 90 %.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammainc, gammaincinv, polygamma

from .frame import Frame, NotEnoughData

#: Gaps' worth of belief in the typical gap of the company.
PRIOR_GAPS = 1.0
#: Regularities beyond these are not told apart.
SHAPE_MIN, SHAPE_MAX = 0.3, 200.0


@dataclass(frozen=True)
class Rhythm:
    """Rhythm of each customer of a company.

    :param gap: (n,) his usual time between purchases, in the unit of the frame
    :param shape: regularity of the company
    :param lateness: (n,) share of his gaps that would have ended by now, 0 ... 1
    :param risk: (n,) 0 ... 1
    :param due: (n,) time from the end of the window to the next purchase expected, if he is still a customer
    """

    gap: np.ndarray
    shape: float
    lateness: np.ndarray
    risk: np.ndarray
    due: np.ndarray


def rhythm(frame: Frame, alive: np.ndarray | None = None) -> Rhythm:
    """Judge every customer by his own rhythm.

    :param frame: customers; with ``log_gaps`` the regularity is estimated, without it purchases count as random
    :param alive: (n,) P(alive) of the model chosen
    :raise NotEnoughData: when nobody bought twice
    """
    if not len(frame) or frame.x.max() == 0:
        raise NotEnoughData('repeats')
    again = frame.x > 0
    typical = np.median(frame.t_x[again] / frame.x[again])
    gap = (frame.t_x + PRIOR_GAPS * typical) / (frame.x + PRIOR_GAPS)
    shape = _shape(frame)
    silence = shape * (frame.T - frame.t_x) / gap
    lateness = gammainc(shape, silence)
    median = gammaincinv(shape, np.minimum((1 + lateness) / 2, 1 - 1e-9))
    gone = np.zeros(len(frame)) if alive is None else 1 - np.asarray(alive, dtype=float)
    return Rhythm(
        gap=gap,
        shape=shape,
        lateness=lateness,
        risk=np.clip(np.maximum(gone, 2 * lateness - 1), 0.0, 1.0),
        due=np.maximum(gap / shape * median - (frame.T - frame.t_x), 0.0),
    )


def _shape(frame: Frame) -> float:
    """Shape of gamma distributed gaps around each customer's mean.

    Given their sum, a customer's x gaps are Dirichlet (k, ..., k). Their likelihood is highest where ln(mean gap) less
    mean ln gap equals psi(k x) - ln x - psi(k), over all customers with two gaps at least (Newton in ln k).
    """
    rows = frame.x > 1
    if frame.log_gaps is None or not rows.any():
        return 1.0
    x, weights = frame.x[rows], (frame.x[rows] if frame.weights is None else frame.x[rows] * frame.weights[rows])
    spread = np.log(frame.t_x[rows] / x) - frame.log_gaps[rows] / x
    target = weights @ spread / weights.sum()
    # the search asks for the number of purchases only, of which there are few different ones
    counts = np.bincount(x, weights)
    x = np.flatnonzero(counts)
    weights = counts[x]
    log_k = 0.0
    for _step in range(60):
        k = np.exp(log_k)
        value = weights @ (digamma(k * x) - np.log(x)) / weights.sum() - digamma(k) - target
        slope = k * (weights @ (x * polygamma(1, k * x)) / weights.sum() - polygamma(1, k))
        step = np.clip(value / min(slope, -1e-12), -1.0, 1.0)
        log_k = float(np.clip(log_k - step, np.log(SHAPE_MIN), np.log(SHAPE_MAX)))
        if abs(step) < 1e-10:
            break
    return float(np.exp(log_k))

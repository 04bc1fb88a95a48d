"""What boosting learns from: a customer's past in numbers that mean the same at every cut-off.

Times are in horizons, money relative to the company: so a tree learnt at one cut-off, for one horizon, reads the
customers of another one rightly.
"""

from __future__ import annotations

import numpy as np

from .frame import Frame, Purchases
from .model import Fit

NAMES = (
    'purchases', 'observed', 'silence', 'gap', 'silence_in_gaps', 'last_gap', 'irregularity', 'recent_half', 'recent',
    'recent_double', 'spend', 'last_spend', 'expected', 'alive',
)


def build(
    bought: Purchases, end: int, horizon: int, fit: Fit, unit: float, frame: Frame | None = None,
) -> np.ndarray:
    """Describe the customers known at a cut-off, without looking beyond it.

    :param end: the cut-off, a day
    :param horizon: days ahead to be forecast
    :param fit: closed form fitted to the same past
    :param unit: days in its unit of time
    :param frame: the purchases summed up, where they are already
    :return: (n, len(NAMES)) in the order of ``bought.until(end).ids()``; NaN where there is nothing to tell
    """
    known = bought.until(end)
    frame = frame or known.frame(end, unit)
    starts = known.starts()
    last = np.append(starts[1:], len(known.day)) - 1
    x = frame.x.astype(float)
    observed, silence = frame.T * unit / horizon, (frame.T - frame.t_x) * unit / horizon
    with np.errstate(divide='ignore', invalid='ignore'):
        gap = frame.t_x * unit / horizon / x
        last_gap = np.where(x > 0, (known.day[last] - known.day[last - 1]) / horizon, np.nan)
        # ln of the mean gap less the mean ln: 0 for a clockwork, .58 for purchases at random
        irregularity = np.where(x > 1, np.log(frame.t_x / x) - frame.log_gaps / x, np.nan)
        columns = [x, observed, silence, gap, silence / gap, last_gap, irregularity]
    columns += [
        np.add.reduceat(known.day > end - round(horizon * part), starts, dtype=np.intp) for part in (0.5, 1, 2)
    ]
    spend = np.add.reduceat(known.money, starts) / (x + 1)
    typical = np.median(np.abs(known.money)) or 1.0
    columns += [_signed_log(spend / typical), _signed_log(known.money[last] / typical)]
    columns += [fit.expected(frame, horizon / unit)[:, 0], fit.alive(frame)]
    features = np.column_stack(columns)
    features[~np.isfinite(features)] = np.nan
    return features


def _signed_log(values):
    return np.sign(values) * np.log1p(np.abs(values))

"""(M)BG/CNBD-k: regular buyers, whose times between purchases are Erlang-k distributed.

The larger k, the more regular: at k = 1 they are the BG/NBD and the MBG/NBD. Platzer & Reutterer, Ticking Away the
Moments, Marketing Science 35 (2016) 779-799.
"""

from __future__ import annotations

from .bg_family import BGFamily
from .frame import Frame
from .model import Fit

#: Regularities tried: monthly orders that come within a week of their day have k of about 16.
K = (1, 2, 3, 4, 6, 8, 12, 16)


def model(k: int, modified: bool = True) -> BGFamily:
    """:return: the model of buyers who buy with every k-th event"""
    return BGFamily(f"{'mbgcnbd' if modified else 'bgcnbd'}_{k}", k, modified)


def fit(frame: Frame, modified: bool = True) -> Fit:
    """Fit the regularity too: the likelihood rises to its best k and falls again.

    :param frame: with ``log_gaps``
    """
    best = None
    for k in K:
        found = model(k, modified).fit(frame)
        if best is not None and found.log_likelihood <= best.log_likelihood:
            break
        best = found
    return best

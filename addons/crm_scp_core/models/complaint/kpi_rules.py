"""Arithmetic of key figures: plain functions, without a database."""
from math import sqrt

_Z = 1.959964  # of the standard normal distribution, 95 % on both sides


def get_poisson_interval(count: int) -> tuple[float, float]:
    """Return between which numbers the expectation of a counted event lies, with 95 % confidence.

    By Byar's approximation (Breslow and Day, Statistical Methods in Cancer Research II, 1987, 2.3),
    closer than 0.1 to the exact limits from five events on. No event at all says nothing against 0.
    """
    high = count + 1
    upper = high * (1 - 1 / (9 * high) + _Z / (3 * sqrt(high))) ** 3
    if not count:
        return 0.0, upper
    return count * (1 - 1 / (9 * count) - _Z / (3 * sqrt(count))) ** 3, upper

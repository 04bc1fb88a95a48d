"""How good a forecast was, as plain functions: no database, no environment.

Forecasts and what came of them are pairs (forecast, actual). None is "no data".
"""

from collections.abc import Sequence

Pairs = Sequence[tuple[float, float]]


def get_bias(pairs: Pairs) -> float | None:
    """Return sum(F - A) / sum(A): above zero for too much promised."""
    actual = sum(a for _f, a in pairs)
    return sum(f - a for f, a in pairs) / actual if actual else None


def get_wape(pairs: Pairs) -> float | None:
    """Return sum|F - A| / sum(A), the error weighed by what is at stake."""
    actual = sum(a for _f, a in pairs)
    return sum(abs(f - a) for f, a in pairs) / actual if actual else None


def get_mape(pairs: Pairs) -> float | None:
    """Return the mean of |F - A| / A, of the periods in which anything was won."""
    errors = [abs(f - a) / a for f, a in pairs if a > 0]
    return sum(errors) / len(errors) if errors else None


def get_value_added(ours: Pairs, naive: Pairs) -> float | None:
    """Return WAPE(naive) - WAPE(ours): what the effort gained over no effort."""
    our_error, naive_error = get_wape(ours), get_wape(naive)
    return None if our_error is None or naive_error is None else naive_error - our_error

"""When is a fault more than bad luck? Plain functions of counts."""
import math

#: fewer complaints in a window are never called a recurrence, however rare the fault was before
MIN_OBSERVED = 3
#: days before the window from which the expectation is taken
BASELINE_DAYS = 365
_NEGLIGIBLE = 1e-17


def get_expected(before: int, window_days: int, baseline_days: int = BASELINE_DAYS) -> float:
    """Return how many complaints the window would see if nothing had changed.

    ``(before + 1/2) * window / baseline``: the rate of the period before. The half is the mean of
    the rate under Jeffreys' prior; without it a fault that never occurred could not occur by
    chance, and every first case would be infinitely surprising.
    """
    return (before + 0.5) * window_days / baseline_days


def get_poisson_tail(observed: int, expected: float) -> float:
    """Return P(X >= k | lambda) of a Poisson variable, for k = observed and lambda = expected.

    P(X >= k | lambda) = sum over i >= k of exp(-lambda) lambda^i / i!

    Below the expectation the complement of the lower terms is summed, above it the upper terms
    themselves, which keeps small probabilities exact.

    :raise ValueError: if one of them is negative
    """
    if observed < 0 or expected < 0:
        raise ValueError(f"A Poisson probability of {observed} given {expected} does not exist.")
    if not observed:
        return 1.0
    if not expected:
        return 0.0

    def term(i):
        return math.exp(i * math.log(expected) - expected - math.lgamma(i + 1))

    if observed <= expected:
        return max(1.0 - math.fsum(term(i) for i in range(observed)), 0.0)
    total, i = 0.0, observed
    while (share := term(i)) > _NEGLIGIBLE * total and share:
        total += share
        i += 1
    return min(total, 1.0)

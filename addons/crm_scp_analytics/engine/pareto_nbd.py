"""Pareto/NBD: who buys at random and may leave at any time.

Each customer buys at a rate of his own, gamma distributed (r, alpha), and leaves at a rate of his own, gamma
distributed (s, beta). With n = r + x, for one customer:

    L = G(n) / G(r) alpha^r beta^s [(alpha + T)^-n (beta + T)^-s + I(t_x, T)]
    I(t_x, T) = s integral from t_x to T of (alpha + u)^-n (beta + u)^-(s + 1) du

The usual form of I has two Gaussian hypergeometric functions of which one overflows, or both cancel. Here it is
integrated numerically in v = ln((m + u) / (m + t_x)), m the smaller of alpha and beta: a smooth function, for which
Gauss and Legendre reach the precision of the machine with 16 points (32 on long intervals, and in forecasts).

    P(alive) = (alpha + T)^-n (beta + T)^-s / [...]
    E[purchases within t] = P(alive) n (beta + T) / (alpha + T) (1 - q^(s - 1)) / (s - 1)
    q = (beta + T) / (beta + T + t)
    P(no purchase within t, given alive)
      = [(alpha + T + t)^-n (beta + T + t)^-s + I(T, T + t)] / ((alpha + T)^-n (beta + T)^-s)

Sources: Schmittlein, Morrison & Colombo, Management Science 33 (1987) 1; Fader & Hardie, brucehardie.com/notes/009.
"""

from __future__ import annotations

import numpy as np
from scipy.special import digamma, gammaln

from .model import BLOCK, NEGLIGIBLE, Model

#: The integrand has fallen to exp(-DECAY) of its start where the integral is cut.
DECAY = 36.0
#: Longest interval that needs the small number of points only.
SHORT = 3.0
#: Points and weights on [0, 1].
SMALL, LARGE = (
    ((points + 1) / 2, weights / 2) for points, weights in map(np.polynomial.legendre.leggauss, (16, 32))
)


class ParetoNBD(Model):
    name = 'pareto_nbd'
    parameters = ('r', 'alpha', 's', 'beta')
    starts = (
        (0.6, 1.0, 0.6, 1.0), (3.0, 1.0, 0.3, 3.0), (0.3, 1.0, 1.5, 1.0),
        # customers who leave at once or never
        (1.0, 1.0, 0.2, 1e-3),
    )

    # ---- fit -----------------------------------------------------------------------------------

    def scaled(self, start, repeats):
        r, _alpha, s, beta = start
        return np.array([r, r / max(repeats, 1e-3), s, beta])

    def unscaled(self, values, scale):
        r, alpha, s, beta = values
        return np.array([r, alpha * scale, s, beta * scale])

    def flags(self, values):
        r, _alpha, s, beta = values
        return (('no_drop_out',) if s / (s + beta) < NEGLIGIBLE else ()) + (('alike',) if r * NEGLIGIBLE > 1 else ())

    def likelihood(self, parts):
        highest = max(int(part.x.max(initial=0)) for part in parts)
        counts = sum(np.bincount(part.x, part.weights, minlength=highest + 1) for part in parts)
        distinct = np.flatnonzero(counts)
        counts = counts[distinct]
        customers = counts.sum()
        size = BLOCK // 4
        blocks = [part.take(slice(i, i + size)) for part in parts for i in range(0, len(part), size)]

        def evaluate(values):
            r, alpha, s, beta = values
            n = r + distinct
            total = counts @ gammaln(n) + customers * (r * np.log(alpha) + s * np.log(beta) - gammaln(r))
            gradient = np.array([
                counts @ digamma(n) + customers * (np.log(alpha) - digamma(r)),
                customers * r / alpha,
                customers * np.log(beta),
                customers * s / beta,
            ])
            for block in blocks:
                columns = _log_bracket(values, block.x, block.t_x, block.T)
                for i, column in enumerate(columns):
                    part = column.sum() if block.weights is None else column @ block.weights
                    if i:
                        gradient[i - 1] += part
                    else:
                        total += part
            return total, gradient
        return evaluate

    # ---- forecast ------------------------------------------------------------------------------

    def alive(self, values, frame):
        r, alpha, s, beta = values
        result = np.empty(len(frame))
        for start in range(0, len(frame), BLOCK):
            rows = slice(start, start + BLOCK)
            x, t_x, time = frame.x[rows], frame.t_x[rows], frame.T[rows]
            stay = -(r + x) * np.log(alpha + time) - s * np.log(beta + time)
            result[rows] = np.exp(stay - _log_bracket(values, x, t_x, time, slopes=False)[0])
        return np.minimum(result, 1.0)

    def moments(self, values, frame, horizons, orders, weights=None):
        r, alpha, s, beta = values
        columns = len(horizons) if weights is None else weights.shape[1]
        results = [np.empty((len(frame), columns)) for _order in range(orders)]
        alive = self.alive(values, frame)
        for start in range(0, len(frame), BLOCK):
            rows = slice(start, start + BLOCK)
            n, end = (r + frame.x[rows])[:, None], frame.T[rows, None]
            rate, age = n / (alpha + end), beta + end
            life = age * _power_integral(np.log1p(horizons / age), s - 1)
            given = [rate * life]
            if orders > 1:
                # E[min(t, life left)^2] = 2 integral of u P(life left > u) du
                longer = age * age * _power_integral(np.log1p(horizons / age), s - 2) - age * life
                given.append(given[0] + 2 * rate * (n + 1) / (alpha + end) * longer)
            for result, part in zip(results, given, strict=True):
                result[rows] = alive[rows, None] * (part if weights is None else part @ weights)
        return results

    def active(self, values, frame, horizons):
        r, alpha, s, beta = values
        alive = self.alive(values, frame)
        result = np.empty((len(frame), len(horizons)))
        for start in range(0, len(frame), BLOCK):
            rows = slice(start, start + BLOCK)
            x, time = frame.x[rows], frame.T[rows]
            stay = -(r + x) * np.log(alpha + time) - s * np.log(beta + time)
            for column, horizon in enumerate(horizons):
                none = np.exp(_log_bracket(values, x, time, time + horizon, slopes=False)[0] - stay)
                result[rows, column] = alive[rows] * (1 - none)
        return np.clip(result, 0.0, 1.0)

    def simulate(self, values, T, generator):
        r, alpha, s, beta = values
        rates = generator.gamma(r, 1 / alpha, len(T))
        lives = generator.exponential(1, len(T)) / generator.gamma(s, 1 / beta, len(T))
        ends = np.minimum(lives, T)
        return [
            np.sort(generator.uniform(0, end, count))
            for end, count in zip(ends, generator.poisson(rates * ends), strict=True)
        ]


MODEL = ParetoNBD()


def _power_integral(log_ratio, power):
    """:return: integral of e^(-power u) over u = 0 ... log_ratio, power = 0 included"""
    product = power * log_ratio
    with np.errstate(divide='ignore', invalid='ignore'):
        ratio = np.where(np.abs(product) < 1e-12, 1.0, -np.expm1(-product) / product)
    return log_ratio * ratio


def _log_bracket(values, x, t_x, time, slopes=True):
    """Logarithm of the bracket of the likelihood, and its slopes by r, alpha, s, beta.

    :return: list of (n,) columns, the first only without ``slopes``
    """
    r, alpha, s, beta = values
    n = r + x
    nearest = min(alpha, beta)
    last, age_last = alpha + t_x, beta + t_x
    log_last, log_age_last = np.log(last), np.log(age_last)
    length, aged = np.log(alpha + time) - log_last, np.log(beta + time) - log_age_last
    # where n logarithms of (alpha + u) / (alpha + t_x) make DECAY, unless the window ends before
    reach = np.minimum(time, last * np.exp(np.minimum(DECAY / np.maximum(n - 1, 1e-3), 300.0)) - alpha)
    start = nearest + t_x
    cut = np.log((nearest + reach) / start)
    points, shares = LARGE if not slopes or cut.max(initial=0.0) > SHORT else SMALL
    # everything relative to (alpha + t_x)^-n (beta + t_x)^-s, so that nothing overflows
    stay = np.exp(-n * length - s * aged)
    sums = np.zeros((5 if slopes else 1, len(n)))
    for point, share in zip(points.tolist(), shares.tolist(), strict=True):
        v = cut * point
        near = start * np.exp(v)
        far = near + abs(alpha - beta)
        if alpha <= beta:
            now, age, log_now, log_age = near, far, v, np.log(far) - log_age_last
        else:
            now, age, log_now, log_age = far, near, np.log(far) - log_last, v
        # du = near dv
        term = np.exp(-n * log_now - s * log_age)
        term *= near / age
        term *= share
        sums[0] += term
        if slopes:
            sums[1] += term * log_now
            # by alpha at fixed u: -n / (alpha + u) of the integrand
            sums[2] += term / now
            sums[3] += term * log_age
            sums[4] += term / age
    sums *= cut * s
    total = stay + sums[0]
    value = np.log(total) - n * log_last - s * log_age_last
    if not slopes:
        return [value]
    return [
        value,
        -(stay * length + sums[1]) / total - log_last,
        -n * (stay / (alpha + time) + sums[2]) / total,
        -(stay * aged + sums[3] - sums[0] / s) / total - log_age_last,
        -(s * stay / (beta + time) + (s + 1) * sums[4]) / total,
    ]

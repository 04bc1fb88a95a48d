"""Customers who may leave after each purchase: BG/NBD, MBG/NBD and their kin with regular buyers.

Each customer buys every k-th event of a Poisson process of his own rate; after a purchase he leaves with a chance
of his own. Rates are gamma distributed (r, alpha), chances beta distributed (a, b). m = 1 lets him leave after the
first purchase already (the modified models), m = 0 only after a repeat purchase.

With n = r + k x, for one customer (f depends on x alone):

    ln L = f - n ln(alpha + T) + ln(S + exp(e))
    f    = ln G(n) - ln G(r) + r ln alpha + ln B(a, b + x + m) - ln B(a, b) - x ln G(k) + (k - 1) log_gaps
    e    = n ln((alpha + T) / (alpha + t_x)) + ln(a / (b + x + m - 1))          minus infinity for x = 0, m = 0
    S    = sum over j < k of G(n + j) / G(n) / j! z^j,     z = (T - t_x) / (alpha + T)             1 for k = 1
    P(alive) = S / (S + exp(e))

Forecast, exact: given that he is alive and in phase j (which has the weight of its term in S), the events within t are
negative binomial, N ~ NB(n + j, t / (alpha + T + t)); the c-th purchase is made when N + j reaches k c, unless he left
before. With q = 1 - p, E[q^c] = (b + x + m)_c / (a + b + x + m)_c:

    E[purchases] = P(alive) sum over j of w_j sum over N of P(N) sum over c = 1 ... [(N + j) / k] of E[q^(c - 1)]

All terms are positive, so nothing cancels and a = 1, where the usual closed form is singular, is as good as any.

Sources: Fader, Hardie & Lee, Marketing Science 24 (2005) 275 (BG/NBD); Batislam, Denizel & Filiztekin, International
Journal of Research in Marketing 24 (2007) 201 (MBG/NBD); Platzer & Reutterer, Marketing Science 35 (2016) 779
(regular buyers; their conditional expectation is an approximation, the one above is not).
"""

from __future__ import annotations

import numpy as np
from scipy.special import betaln, digamma, gammaln

from .model import BLOCK, NEGLIGIBLE, Model

#: exp() of more than this is out of range.
EXPONENT_MAX = 700.0
#: Terms of a forecast are left out below this share; the first one must not be smaller than exp(-UNDERFLOW).
PRECISION = 1e-14
UNDERFLOW = 650.0
#: Fewer sums than this are computed with all their terms at once, so many terms at a time.
NARROW, WIDE = 600, 1 << 17
#: Rows are summed as if they had so many horizons at least: their terms are kept until all are known.
COLUMNS = 4


class BGFamily(Model):
    """:param k: events between two purchases: 1 for purchases at random, more for regular buyers
    :param modified: whether a customer may leave after his first purchase
    """

    parameters = ('r', 'alpha', 'a', 'b')
    starts = (
        (0.5, 1.0, 0.6, 2.0), (3.0, 1.0, 0.1, 2.0), (0.3, 1.0, 2.0, 2.0),
        # customers who leave at once or never: many, and very few
        (1.0, 1.0, 0.02, 0.05), (0.5, 1.0, 1e-5, 2e-4),
        # all have the same small chance to leave
        (0.5, 1.0, 20.0, 1000.0),
    )

    def __init__(self, name: str, k: int = 1, modified: bool = False):
        self.name = name
        self.k = k
        self.modified = int(modified)

    # ---- fit -----------------------------------------------------------------------------------

    def scaled(self, start, repeats):
        r, _alpha, a, b = start
        return np.array([r, r / max(self.k * repeats, 1e-3), a, b])

    def unscaled(self, values, scale):
        r, alpha, a, b = values
        return np.array([r, alpha * scale, a, b])

    def flags(self, values):
        r, _alpha, a, b = values
        return (('no_drop_out',) if a / (a + b) < NEGLIGIBLE else ()) + (('alike',) if r * NEGLIGIBLE > 1 else ())

    def likelihood(self, parts):
        highest = max(int(part.x.max(initial=0)) for part in parts)
        counts = sum(np.bincount(part.x, part.weights, minlength=highest + 1) for part in parts)
        distinct = np.flatnonzero(counts)
        counts = counts[distinct]
        blocks = [part.take(slice(i, i + BLOCK)) for part in parts for i in range(0, len(part), BLOCK)]
        customers = counts.sum()
        constant = self._constant(parts, counts @ distinct)
        shifted = distinct + self.modified

        def evaluate(values):
            r, alpha, a, b = values
            n = r + self.k * distinct
            total = constant + counts @ (gammaln(n) + betaln(a, b + shifted))
            total += customers * (r * np.log(alpha) - gammaln(r) - betaln(a, b))
            both = digamma(a + b + shifted) - digamma(a + b)
            gradient = np.array([
                counts @ digamma(n) + customers * (np.log(alpha) - digamma(r)),
                customers * r / alpha,
                -(counts @ both),
                counts @ (digamma(b + shifted) - digamma(b) - both),
            ])
            table = self._leaving(a, b, highest)
            gone = np.zeros(highest + 1)
            for block in blocks:
                part, slope = self._pass(block, r, alpha, table, gone)
                total += part
                gradient[:2] += slope
            gradient[2] += gone.sum() / a
            left = gone[distinct] > 0
            gradient[3] -= np.sum(gone[distinct][left] / (b + shifted[left] - 1))
            return total, gradient
        return evaluate

    def _constant(self, parts, repeats):
        """What the parameters do not change; without it models of different k cannot be compared."""
        if self.k == 1:
            return 0.0
        if any(part.log_gaps is None and part.x.any() for part in parts):
            raise ValueError("a model of regular buyers needs the times between purchases")
        gaps = sum(part.total(part.log_gaps) for part in parts if part.log_gaps is not None)
        return (self.k - 1) * gaps - repeats * gammaln(self.k)

    def _leaving(self, a, b, highest):
        """:return: (highest + 1,) ln(a / (b + x + m - 1)) for each x"""
        with np.errstate(divide='ignore', invalid='ignore'):
            table = np.log(a / (b + np.arange(highest + 1) + self.modified - 1))
        if not self.modified:
            table[0] = -np.inf
        return table

    def _pass(self, block, r, alpha, table, gone):
        """Log-likelihood of a block that depends on times, its slopes by r and alpha; adds to who has left, by x."""
        end = alpha + block.T
        last = alpha + block.t_x
        log_end = np.log(end)
        drift = log_end - np.log(last)
        n = self.k * block.x + r
        exponent = n * drift
        exponent += table[block.x]
        excess = 0.0
        if exponent.max(initial=0.0) > EXPONENT_MAX:
            excess = np.maximum(exponent - EXPONENT_MAX, 0.0)
            exponent -= excess
        odds = np.exp(exponent, out=exponent)
        stay, by_r, by_alpha = self._phases(block, n, end)
        both = stay + odds
        left = np.divide(odds, both, out=odds)
        value = np.log(both) + excess
        if self.k > 1:
            log_end -= by_r / both
            extra = by_alpha / both
        weights = block.weights
        if weights is None:
            plain = value.sum()
            drifted = log_end.sum()
        else:
            plain = value @ weights
            drifted = log_end @ weights
            left *= weights
        seen = n if weights is None else n * weights
        gone += np.bincount(block.x, left, minlength=len(gone))
        slope_r = left @ drift - drifted
        left *= n
        seen_end = seen @ (log_end if self.k == 1 else np.log(end))
        slope_alpha = -(left @ np.reciprocal(last, out=last))
        np.subtract(seen, left, out=left)
        slope_alpha -= left @ np.reciprocal(end, out=end)
        if self.k > 1:
            slope_alpha += extra.sum() if weights is None else extra @ weights
        return plain - seen_end, (slope_r, slope_alpha)

    def _phases(self, block, n, end):
        """:return: S of the likelihood, and its slopes by r and alpha"""
        if self.k == 1:
            return 1.0, 0.0, 0.0
        z = (block.T - block.t_x) / end
        term, harmonic = np.ones(len(block)), np.zeros(len(block))
        stay, by_r, by_alpha = term.copy(), np.zeros(len(block)), np.zeros(len(block))
        for j in range(1, self.k):
            harmonic += 1 / (n + j - 1)
            term = term * (z * (n + j - 1) / j)
            stay += term
            by_r += term * harmonic
            by_alpha -= j * term
        return stay, by_r, by_alpha / end

    # ---- forecast ------------------------------------------------------------------------------

    def alive(self, values, frame):
        return self._state(values, frame)[0]

    def _state(self, values, frame):
        """:return: (n,) P(alive), (k, n) weights of the phases"""
        r, alpha, a, b = values
        n = r + self.k * frame.x
        end = alpha + frame.T
        table = self._leaving(a, b, int(frame.x.max(initial=0)))
        exponent = n * np.log(end / (alpha + frame.t_x)) + table[frame.x]
        z = (frame.T - frame.t_x) / end
        phases = np.ones((self.k, len(frame)))
        for j in range(1, self.k):
            phases[j] = phases[j - 1] * (z * (n + j - 1) / j)
        stay = phases.sum(axis=0)
        with np.errstate(over='ignore'):
            alive = 1 / (1 + np.exp(exponent - np.log(stay)))
        return alive, phases / stay

    def moments(self, values, frame, horizons, orders, weights=None):
        alive, phases = self._state(values, frame)
        x, time, inverse = frame.pairs
        columns = len(horizons) if weights is None else weights.shape[1]
        results = [np.zeros((len(frame), columns)) for _order in range(orders)]
        for j in range(self.k):
            shares = alive * phases[j]
            for result, given in zip(results, self._given_alive(values, x, time, horizons, j, orders), strict=True):
                if weights is not None:
                    given = given @ weights
                result += shares[:, None] * given[inverse]
        return results

    def _given_alive(self, values, x, time, horizons, j, orders):
        """:return: (u, h) moments of the purchases of living customers in phase j"""
        r, alpha, a, b = values
        n = r + self.k * x + j
        z = horizons / (alpha + time[:, None] + horizons)
        terms = _terms(n, z.max(axis=1, initial=0.0))
        results = [np.empty(z.shape) for _order in range(orders)]
        for rows in _batches(terms, np.min(n[:, None] * np.log1p(-z), axis=1, initial=0.0), len(horizons)):
            function = _sum_wide if len(rows) * len(horizons) < NARROW else _sum_long
            sums = function(
                n[rows], z[rows], a, b + x[rows] + self.modified, self.k, j, int(terms[rows].max()), orders,
            )
            for result, part in zip(results, sums, strict=True):
                result[rows] = part
        return results

    def active(self, values, frame, horizons):
        r, alpha, _a, _b = values
        alive, phases = self._state(values, frame)
        z = horizons / (alpha + frame.T[:, None] + horizons)
        result = np.zeros(z.shape)
        for j in range(self.k):
            # no purchase within t: fewer than k - j events
            n = (r + self.k * frame.x + j)[:, None]
            mass = np.exp(n * np.log1p(-z))
            none = mass.copy()
            for count in range(1, self.k - j):
                mass = mass * (z * (n + count - 1) / count)
                none += mass
            result += phases[j][:, None] * (1 - none)
        return np.clip(alive[:, None] * result, 0.0, 1.0)

    def simulate(self, values, T, generator):
        r, alpha, a, b = values
        rates = generator.gamma(r, 1 / alpha, len(T))
        chances = generator.beta(a, b, len(T))
        return [self._draw(*customer, generator) for customer in zip(rates, chances, T, strict=True)]

    def _draw(self, rate, chance, end, generator):
        times, now = [], 0.0
        if self.modified and generator.random() < chance:
            return np.zeros(0)
        while rate > 0:
            now += generator.gamma(self.k, 1 / rate)
            if now > end:
                break
            times.append(now)
            if generator.random() < chance:
                break
        return np.array(times)


def _terms(n, z):
    """:return: (u,) how many terms of NB(n, z) hold all but a negligible rest"""
    with np.errstate(divide='ignore'):
        mean = n * z / (1 - z)
        decay = -np.log(PRECISION) / np.maximum(-np.log(z), 1e-12)
        count = mean + 8 * np.sqrt(mean / (1 - z)) + decay + 2
    return np.where(z > 0, np.ceil(count), 1).astype(np.intp)


def _batches(terms, first, columns):
    """Rows to be summed together: of much the same number of terms.

    :param first: (u,) logarithm of the first term; where it would underflow, rows are few and summed widely
    :param columns: number of horizons
    :return: arrays of positions
    """
    order = np.argsort(terms, kind='stable')
    tiny = first[order] < -UNDERFLOW
    small, size = order[tiny], max(1, (NARROW - 1) // max(columns, 1))
    batches = [small[start:start + size] for start in range(0, len(small), size)]
    order = order[~tiny]
    size = max(1, BLOCK // max(columns, COLUMNS))
    start = 0
    while start < len(order):
        end = min(start + size, int(np.searchsorted(terms[order], 2 * terms[order[start]], 'right')))
        batches.append(order[start:end])
        start = end
    return batches


def _sum_long(n, z, a, b, k, j, terms, orders):
    """Sum over the number of events N: P(N) times what the purchases up to then are worth.

    What differs between the horizons of a customer is a power of z alone, so that the terms of the farthest horizon
    are the coefficients of a polynomial for all (Horner).

    :param n: (u,) shape of the rate
    :param z: (u, h) share of the horizon in the time seen by its end
    :param b: (u,) second parameter of the chance to leave, after what was seen
    :return: list of (u, h) first, and second, moment
    """
    farthest = z.max(axis=1)
    mass = np.exp(n * np.log1p(-farthest))
    staying = np.ones(len(n))
    worth = [np.zeros(len(n)) for _order in range(orders)]
    coefficients = [np.empty((terms, len(n), 1)) for _order in range(orders)]
    purchases = 0
    for events in range(1, terms + 1):
        mass *= farthest * ((n + events - 1) / events)
        if (events + j) % k == 0:
            purchases += 1
            worth[0] += staying
            if orders > 1:
                worth[1] += (2 * purchases - 1) * staying
            staying *= (b + purchases - 1) / (a + b + purchases - 1)
        for column, value in zip(coefficients, worth, strict=True):
            np.multiply(mass, value, out=column[events - 1, :, 0])
    share = np.divide(z, farthest[:, None], out=np.zeros(z.shape), where=z > 0)
    nearer = np.exp(n[:, None] * (np.log1p(-z) - np.log1p(-farthest)[:, None]))
    sums = []
    for column in coefficients:
        total = np.zeros(z.shape)
        for coefficient in column[::-1]:
            total += coefficient
            total *= share
        sums.append(total * nearer)
    return sums


def _sum_wide(n, z, a, b, k, j, terms, orders):
    """The same for few rows with many terms: all terms of some rows at once, in logarithms."""
    events = np.arange(1, terms + 1)
    purchases = (events + j) // k
    counts = np.arange(1, purchases[-1] + 1)
    sums = [np.empty(z.shape) for _order in range(orders)]
    size = max(1, WIDE // terms)
    for start in range(0, len(n), size):
        rows = slice(start, start + size)
        own, second = n[rows, None], b[rows, None]
        # E[q^(c - 1)], and its sum up to each number of purchases
        staying = np.ones((len(own), len(counts)))
        staying[:, 1:] = np.cumprod((second + counts[:-1] - 1) / (a + second + counts[:-1] - 1), axis=1)
        steps = np.cumsum(np.log((own + events - 1) / events), axis=1)
        masses = [
            np.exp(steps + events * np.log(column)[:, None] + own * np.log1p(-column)[:, None])
            for column in np.maximum(z[rows].T, 1e-300)
        ]
        for total, factor in zip(sums, (1, 2 * counts - 1), strict=False):
            worth = np.zeros((len(own), len(counts) + 1))
            np.cumsum(factor * staying, axis=1, out=worth[:, 1:])
            reached = worth[:, purchases]
            for column, mass in enumerate(masses):
                total[rows, column] = np.einsum('ij,ij->i', mass, reached)
    # the logarithm of no time at all was not quite one
    return [total * (z > 0) for total in sums]

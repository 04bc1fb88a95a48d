"""Gamma-Gamma: what a customer spends on a purchase, whatever the number of his purchases.

Amounts of one customer are gamma distributed around a mean of his own, and the means are spread as the inverse of a
gamma distribution (p, q, gamma). With the mean m of x amounts, for one customer:

    ln L = ln G(p x + q) - ln G(p x) - ln G(q) + q ln gamma + (p x - 1) ln m + p x ln x - (p x + q) ln(gamma + m x)
    E[mean amount | x, m] = p (gamma + x m) / (p x + q - 1)

That is a weighted mean of what he spent and of what all spend, p gamma / (q - 1); the more often he bought, the more
his own money counts. For q <= 1 the mean of all is not finite: then the mean amount observed over all customers is
used in its place, and the fit says so.

Sources: Colombo & Jiang, Journal of Interactive Marketing 13 (1999) 2; Fader & Hardie, brucehardie.com/notes/025.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

from . import optimise
from .frame import CUSTOMERS_MIN, NotEnoughData
from .model import BLOCK

STARTS = np.log([(5.0, 4.0, 1.0), (1.0, 2.0, 1.0), (30.0, 10.0, 1.0)])


@dataclass(frozen=True)
class Fit:
    """Spending of the customers of one company.

    :param p: shape of the amounts of one customer
    :param q: shape of the spread between customers
    :param gamma: scale, in the currency of the amounts
    :param mean: mean amount of all purchases fitted, in that currency
    :param correlation: of the number of purchases and the mean amount, which the model takes for independent
    :param flags: ``unbounded`` (q <= 1) and ``not_converged``, as in :class:`engine.model.Fit`
    """

    p: float
    q: float
    gamma: float
    log_likelihood: float
    customers: int
    mean: float
    correlation: float | None
    covariance: np.ndarray
    passes: int
    flags: tuple[str, ...]

    def population(self) -> float:
        """:return: mean amount of a customer of whom nothing is known"""
        return self.mean if 'unbounded' in self.flags else self.p * self.gamma / (self.q - 1)

    def expected(self, x: np.ndarray, mean: np.ndarray) -> np.ndarray:
        """Expected mean amount of the purchases to come.

        :param x: (n,) amounts known
        :param mean: (n,) their mean; below zero it counts as zero, without amounts it does not matter
        """
        x, mean = _columns(x, mean)
        weight = self.p * x + self.q - 1
        known = (x > 0) & (weight > 0)
        money = self.p * (self.gamma + x * np.maximum(mean, 0))
        return np.where(known, np.divide(money, weight, out=np.zeros(len(x)), where=known), self.population())

    def variance(self, x: np.ndarray, mean: np.ndarray) -> np.ndarray:
        """Variance of one amount to come, of a customer with these amounts.

        Where it is not finite (p x + q <= 2) it is taken as if q were a little larger.

        :return: (n,) square of the currency
        """
        x, mean = _columns(x, mean)
        shape = np.maximum(self.p * x + self.q, 2.1)
        scale = self.gamma + x * np.maximum(mean, 0)
        # amount = Gamma(p) / nu, nu ~ Gamma(shape, scale)
        square = self.p * (self.p + 1) * scale ** 2 / ((shape - 1) * (shape - 2))
        return square - (self.p * scale / (shape - 1)) ** 2


def fit(x: np.ndarray, mean: np.ndarray) -> Fit:
    """Estimate the parameters from the customers with at least one positive amount.

    :param x: (n,) amounts of each customer, of his repeat purchases as a rule
    :param mean: (n,) their mean, in any one currency
    :raise NotEnoughData: fewer than three such customers
    """
    x, mean = _columns(x, mean)
    rows = (x > 0) & (mean > 0)
    x, mean = x[rows], mean[rows]
    if len(x) < CUSTOMERS_MIN:
        raise NotEnoughData('repeats')
    average = float(x @ mean / x.sum())
    scaled = mean / average

    def problem(step):
        part, money = x[::step], scaled[::step]
        evaluate = _likelihood(part, money)

        def objective(theta):
            with np.errstate(all='ignore'):
                value, gradient = evaluate(np.exp(theta))
            return -value / len(part), -gradient * np.exp(theta) / len(part)
        return len(part), objective

    found = optimise.maximise_likelihood(problem, len(x), STARTS)
    p, q, gamma = np.exp(found.theta)
    gamma *= average
    flags = (('unbounded',) if q <= 1 else ()) + (() if found.converged else ('not_converged',))
    spread = np.std(x) * np.std(mean) > 0
    return Fit(
        p=float(p),
        q=float(q),
        gamma=float(gamma),
        log_likelihood=found.likelihood - len(x) * np.log(average),
        customers=len(x),
        mean=average,
        correlation=float(np.corrcoef(x, mean)[0, 1]) if spread else None,
        covariance=found.covariance,
        passes=found.passes,
        flags=flags,
    )


def log_likelihood(p: float, q: float, gamma: float, x: np.ndarray, mean: np.ndarray) -> float:
    """:return: log-likelihood of mean amounts, all positive, in the currency of gamma"""
    return float(_likelihood(*_columns(x, mean))(np.array([p, q, gamma]))[0])


def _likelihood(x, mean):
    """Prepare what does not change from pass to pass: one logarithm for each customer is left.

    :return: function of (p, q, gamma) -> (log-likelihood, its gradient)
    """
    counts = np.bincount(x.astype(np.intp))
    distinct = np.flatnonzero(counts)
    counts = counts[distinct]
    customers = counts.sum()
    log_mean = np.log(mean)
    by_p = float(x @ log_mean + counts @ (distinct * np.log(distinct)))
    constant = -float(log_mean.sum())
    spent = x * mean
    blocks = [(x[i:i + BLOCK], spent[i:i + BLOCK]) for i in range(0, len(x), BLOCK)]

    def evaluate(values):
        p, q, gamma = values
        both, own = p * distinct + q, p * distinct
        value = counts @ (gammaln(both) - gammaln(own)) - customers * (gammaln(q) - q * np.log(gamma))
        value += constant + p * by_p
        psi = digamma(both)
        gradient = np.array([
            counts @ (distinct * (psi - digamma(own))) + by_p,
            counts @ psi - customers * (digamma(q) - np.log(gamma)),
            customers * q / gamma,
        ])
        for amounts, money in blocks:
            sums = money + gamma
            logs = np.log(sums)
            weighted, plain = amounts @ logs, logs.sum()
            inverse = np.reciprocal(sums, out=sums)
            value -= p * weighted + q * plain
            gradient -= (weighted, plain, p * (amounts @ inverse) + q * inverse.sum())
        return value, gradient
    return evaluate


def _columns(x, mean):
    x, mean = np.asarray(x, dtype=float), np.asarray(mean, dtype=float)
    if x.shape != mean.shape or x.ndim != 1:
        raise ValueError("all columns must be of one length")
    if not (np.isfinite(x).all() and np.isfinite(mean).all()):
        raise ValueError("all columns must be finite numbers")
    if (x < 0).any() or (np.floor(x) != x).any():
        raise ValueError("the number of amounts must be a whole number")
    return x, mean

"""What every purchase model can do, whatever its formulas."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from . import optimise
from .frame import Frame

#: Rows computed at a time: their columns stay in the cache of the processor.
BLOCK = 16_384
#: A rate, or a chance, that lies beyond this has no spread or does not occur.
NEGLIGIBLE = 1e-4


@dataclass(frozen=True)
class Fit:
    """A model with its parameters.

    :param parameters: in the unit of time of the frame it was fitted to
    :param log_likelihood: of the data, in that unit; comparable between models of one frame (for regular buyers see
        :mod:`engine.cnbd_k`)
    :param covariance: (p, p) of the logarithms of the parameters
    :param passes: how often the likelihood of all rows was computed
    :param flags: what is out of the ordinary: ``no_drop_out`` (nobody is seen to leave), ``alike`` (all customers buy
        at one rate), ``unbounded`` (customers without a purchase have no finite mean), ``not_converged``
    """

    model: Model
    parameters: dict[str, float]
    log_likelihood: float
    customers: float
    covariance: np.ndarray = field(repr=False)
    passes: int
    flags: tuple[str, ...] = ()

    MESSAGES = {
        'no_drop_out': "nobody is seen to leave",
        'alike': "all customers buy at one rate",
        'unbounded': "the mean of a customer without purchases is not finite",
        'not_converged': "the search for the parameters did not come to rest",
    }

    @property
    def values(self) -> np.ndarray:
        """:return: (p,) the parameters in the order of the model"""
        return np.array(list(self.parameters.values()))

    @property
    def message(self) -> str:
        """:return: the flags in words, empty when there are none"""
        return "; ".join(self.MESSAGES[flag] for flag in self.flags)

    def alive(self, frame: Frame) -> np.ndarray:
        """:return: (n,) probability that the customer has not left by the end of the window"""
        return self.model.alive(self.values, frame)

    def expected(self, frame: Frame, horizons) -> np.ndarray:
        """:return: (n, h) purchases expected within each time after the window"""
        return self.model.moments(self.values, frame, _times(horizons), 1)[0]

    def moments(self, frame: Frame, horizons) -> tuple[np.ndarray, np.ndarray]:
        """:return: (n, h) expectation and variance of the purchases within each time after the window"""
        mean, square = self.model.moments(self.values, frame, _times(horizons), 2)
        return mean, np.maximum(square - mean * mean, 0.0)

    def active(self, frame: Frame, horizons) -> np.ndarray:
        """:return: (n, h) probability of at least one purchase within each time after the window"""
        return self.model.active(self.values, frame, _times(horizons))

    def discounted(self, frame: Frame, periods: int, length: float, rate: float) -> np.ndarray:
        """Present value of one unit of money with every purchase expected.

        A purchase counts at the end of its period: sum over i of (E(i length) - E((i - 1) length)) / (1 + rate)^i.

        :param periods: number of periods ahead
        :param length: of a period, in the unit of time of the frame
        :param rate: discount of a period, .01 for 1 %
        :return: (n,)
        """
        if periods < 1 or rate <= -1:
            raise ValueError("a value needs at least one period, and a rate above -100 %")
        horizons = _times(length * np.arange(1, periods + 1))
        factors = (1 + rate) ** -np.arange(1.0, periods + 2)
        factors[-1] = 0
        weights = factors[:-1] - factors[1:]
        return self.model.moments(self.values, frame, horizons, 1, weights[:, None])[0][:, 0]


def _times(horizons) -> np.ndarray:
    horizons = np.atleast_1d(np.asarray(horizons, dtype=float))
    if not (np.isfinite(horizons).all() and (horizons >= 0).all()):
        raise ValueError("a horizon is a time ahead")
    return horizons


class Model(ABC):
    """A purchase model: customers buy at rates of their own until they leave.

    :cvar name: short technical name, stored with scores
    :cvar parameters: names of its parameters, all positive
    :cvar starts: (s, p) where to search from, at one unit of time per mean observation and one purchase in it
    """

    name: str
    parameters: tuple[str, ...]
    starts: tuple[tuple[float, ...], ...]

    def fit(self, frame: Frame, near: Sequence[float] | None = None) -> Fit:
        """Estimate the parameters by maximum likelihood.

        The search runs in units of the mean time observed, so that the unit of the frame does not matter.

        :param near: parameters of an earlier fit to these customers, in the unit of the frame. The search begins there
            alone, and where it does not come to rest, from everywhere.
        :raise NotEnoughData: when there is nothing to learn from
        """
        frame.require()
        scale = frame.total(frame.T) / frame.customers
        repeats = frame.total(frame.x)
        if near is None:
            starts = np.log([self.scaled(np.array(start), repeats / frame.customers) for start in self.starts])
        else:
            starts = np.clip(np.log([self.unscaled(np.array(near), 1 / scale)]), -optimise.WALL, optimise.WALL)
        once, others = (part.scaled(scale) for part in frame.collapse())
        rows = len(once) + len(others)
        found = optimise.maximise_likelihood(self.problem(once, others), rows, starts)
        if near is not None and not found.converged:
            return self.fit(frame)
        values = self.unscaled(np.exp(found.theta), scale)
        return Fit(
            model=self,
            parameters=dict(zip(self.parameters, values.tolist(), strict=True)),
            # a density of so many purchase times
            log_likelihood=found.likelihood - repeats * np.log(scale),
            customers=frame.customers,
            covariance=found.covariance,
            passes=found.passes,
            flags=self.flags(np.exp(found.theta)) + (() if found.converged else ('not_converged',)),
        )

    def problem(self, once: Frame, others: Frame):
        """:return: step -> (customers, mean negative log-likelihood with gradient) of every step-th row"""
        def of(step):
            parts = [part.take(slice(None, None, step)) if step > 1 else part for part in (once, others)]
            if step > 1:
                # the collapsed rows stay whole: a tenth of the times observed is not a tenth of the customers
                parts[0] = once.weighted(1 / step)
            customers = sum(part.customers for part in parts)
            evaluate = self.likelihood(parts)

            def objective(theta):
                with np.errstate(all='ignore'):
                    value, gradient = evaluate(np.exp(theta))
                return -value / customers, -gradient * np.exp(theta) / customers
            return customers, objective
        return of

    def log_likelihood(self, values: np.ndarray, frame: Frame) -> float:
        """:return: log-likelihood of the frame at parameters in its unit of time"""
        return float(self.likelihood(list(frame.collapse()))(values)[0])

    @abstractmethod
    def likelihood(self, parts: list[Frame]):
        """Prepare what does not change from pass to pass.

        :return: function of the parameters -> (log-likelihood, its gradient by the parameters)
        """

    @abstractmethod
    def scaled(self, start: np.ndarray, repeats: float) -> np.ndarray:
        """:return: a start for the mean number of repeat purchases of this company"""

    @abstractmethod
    def unscaled(self, values: np.ndarray, scale: float) -> np.ndarray:
        """:return: parameters in the unit of time of which ``scale`` make one of the search"""

    @abstractmethod
    def flags(self, values: np.ndarray) -> tuple[str, ...]:
        """:return: codes of what is out of the ordinary with parameters in units of the search"""

    @abstractmethod
    def alive(self, values: np.ndarray, frame: Frame) -> np.ndarray: ...

    @abstractmethod
    def moments(self, values, frame, horizons, orders, weights=None) -> list[np.ndarray]:
        """Raw moments of the purchases within each horizon.

        :param orders: 1 for the expectation, 2 for the expectation of the square too
        :param weights: (h, c) to return sums over the horizons instead
        :return: list of (n, h) or (n, c)
        """

    @abstractmethod
    def active(self, values: np.ndarray, frame: Frame, horizons: np.ndarray) -> np.ndarray: ...

    @abstractmethod
    def simulate(self, values: np.ndarray, T: np.ndarray, generator: np.random.Generator) -> list[np.ndarray]:
        """Draw purchase times of new customers, each observed for a time of his own.

        :param T: (n,) times observed
        :return: for each customer the times of his repeat purchases, ascending
        """

"""What the purchase models see of a customer: how often, how lately, for how long.

    x     repeat purchases: days with a purchase after the first one
    t_x   time from the first to the last purchase, 0 without a repeat purchase
    T     time from the first purchase to the end of the window

These three numbers are sufficient for every model with exponential times between purchases. Models of
regular buyers need one more, the sum of the logarithms of the times between purchases.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

#: Customers below which no model of a company is fitted.
CUSTOMERS_MIN = 3


class NotEnoughData(ValueError):
    """There is nothing to learn a model from.

    :param code: ``customers`` (fewer than :data:`CUSTOMERS_MIN`), ``time`` (the window is one day), ``repeats``
        (nobody bought twice) or ``history`` (too short for a back-test)
    """

    MESSAGES = {
        'customers': "not enough data: too few customers",
        'time': "not enough data: all purchases are of one day",
        'repeats': "not enough data: nobody has bought twice",
        'history': "not enough data: the history is too short for a back-test",
    }

    def __init__(self, code: str):
        super().__init__(self.MESSAGES[code])
        self.code = code


@dataclass(frozen=True)
class Frame:
    """Customers of one company, in any one unit of time.

    :param x: (n,) repeat purchases, integers
    :param t_x: (n,) time of the last purchase since the first one
    :param T: (n,) time observed since the first purchase
    :param weights: (n,) how many customers a row stands for; 1 each by default
    :param log_gaps: (n,) sum of the natural logarithms of the times between purchases, in the unit of T; only
        needed to compare models of regular buyers
    :raise ValueError: a value is missing or impossible
    """

    x: np.ndarray
    t_x: np.ndarray
    T: np.ndarray
    weights: np.ndarray | None = None
    log_gaps: np.ndarray | None = None

    def __post_init__(self):
        frequency = np.asarray(self.x)
        if not np.issubdtype(frequency.dtype, np.integer) and not (np.floor(frequency) == frequency).all():
            raise ValueError("the number of repeat purchases must be a whole number")
        object.__setattr__(self, 'x', frequency.astype(np.intp, copy=False))
        for name in ('t_x', 'T', 'weights', 'log_gaps'):
            column = getattr(self, name)
            if column is not None:
                column = np.ascontiguousarray(column, dtype=float)
                if column.shape != frequency.shape or column.ndim != 1:
                    raise ValueError("all columns must be of one length")
                if not np.isfinite(column).all():
                    raise ValueError("all columns must be finite numbers")
                object.__setattr__(self, name, column)
        if len(frequency) and (self.x.min() < 0 or self.t_x.min() < 0):
            raise ValueError("neither purchases nor times can be negative")
        if (self.t_x > self.T).any():
            raise ValueError("the last purchase lies after the end of the window")
        if ((self.x == 0) != (self.t_x == 0)).any():
            raise ValueError("a repeat purchase lies after the first one, and only a repeat purchase does")
        if self.weights is not None and (self.weights <= 0).any():
            raise ValueError("a row must stand for somebody")

    def __len__(self) -> int:
        return len(self.x)

    @property
    def customers(self) -> float:
        """:return: number of customers, weights counted"""
        return float(len(self) if self.weights is None else self.weights.sum())

    @cached_property
    def pairs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The distinct combinations of repeat purchases and time observed: all that a forecast given life depends on.

        :return: (u,) x, (u,) T, (n,) position of the pair of each row
        """
        if not len(self):
            return self.x, self.T, np.zeros(0, dtype=np.intp)
        order = np.lexsort((self.x, self.T))
        x, time = self.x[order], self.T[order]
        new = np.ones(len(order), dtype=bool)
        new[1:] = (np.diff(x) != 0) | (np.diff(time) != 0)
        inverse = np.empty(len(order), dtype=np.intp)
        inverse[order] = np.cumsum(new) - 1
        return x[new], time[new], inverse

    def total(self, values: np.ndarray) -> float:
        """:return: sum over the customers, weights counted"""
        return float(values.sum() if self.weights is None else values @ self.weights)

    @classmethod
    def _checked(cls, x, t_x, T, weights=None, log_gaps=None) -> Frame:
        """:return: a frame of columns known to be good, without looking at them once more"""
        frame = object.__new__(cls)
        frame.__dict__.update(x=x, t_x=t_x, T=T, weights=weights, log_gaps=log_gaps)
        return frame

    def take(self, rows) -> Frame:
        """:return: some of the rows, an index or a slice"""
        return self._checked(*(
            None if column is None else column[rows]
            for column in (self.x, self.t_x, self.T, self.weights, self.log_gaps)
        ))

    def scaled(self, scale: float) -> Frame:
        """:return: the same customers in another unit of time, of which ``scale`` old ones make one"""
        gaps = None if self.log_gaps is None else self.log_gaps - self.x * np.log(scale)
        return self._checked(self.x, self.t_x / scale, self.T / scale, self.weights, gaps)

    def weighted(self, factor: float) -> Frame:
        """:return: the same rows, each standing for ``factor`` times as many customers"""
        weights = np.full(len(self), factor) if self.weights is None else self.weights * factor
        return self._checked(self.x, self.t_x, self.T, weights, self.log_gaps)

    def require(self):
        """:raise NotEnoughData: when no model can be fitted"""
        if self.customers < CUSTOMERS_MIN:
            raise NotEnoughData('customers')
        if self.T.max() <= 0:
            raise NotEnoughData('time')
        if self.x.max() == 0:
            raise NotEnoughData('repeats')

    def collapse(self) -> tuple[Frame, Frame]:
        """Count the customers without a repeat purchase by the time observed: all they have told us.

        :return: (one row for each time observed of those without a repeat purchase, all others)
        """
        once = self.x == 0
        times = self.T[once]
        if self.weights is None:
            times, counts = _count(times)
        else:
            times, inverse = np.unique(times, return_inverse=True)
            counts = np.bincount(inverse, self.weights[once])
        zeros = np.zeros(len(times))
        return self._checked(zeros.astype(np.intp), zeros, times, counts), self.take(np.flatnonzero(~once))


@dataclass(frozen=True)
class Purchases:
    """Purchase days of the customers of one company.

    Several orders of a customer on one day are one purchase: nobody decides twice, and splitting an order must not
    change a score.

    :param customer: (m,) whole numbers, any
    :param day: (m,) whole days, in any count
    :param money: (m,) money of one currency, net of refunds
    """

    customer: np.ndarray
    day: np.ndarray
    money: np.ndarray

    @classmethod
    def of(cls, customer, day, money=None) -> Purchases:
        """Sort purchases by customer and day, and add up those of one day."""
        customer, day = np.asarray(customer, dtype=np.int64), np.asarray(day, dtype=np.int64)
        money = np.ones(len(day)) if money is None else np.asarray(money, dtype=float)
        if not np.isfinite(money).all():
            raise ValueError("money must be a finite number")
        later = (customer[1:] > customer[:-1]) | (customer[1:] == customer[:-1]) & (day[1:] > day[:-1])
        if later.all():
            return cls(customer, day, money)
        order = np.lexsort((day, customer))
        customer, day, money = customer[order], day[order], money[order]
        first = np.ones(len(day), dtype=bool)
        first[1:] = (np.diff(customer) != 0) | (np.diff(day) != 0)
        starts = np.flatnonzero(first)
        money = np.add.reduceat(money, starts) if len(starts) else money
        return cls(customer[starts], day[starts], money)

    def until(self, day: int) -> Purchases:
        """:return: the purchases up to and including a day"""
        rows = self.day <= day
        if rows.all():
            return self
        return Purchases(self.customer[rows], self.day[rows], self.money[rows])

    def every(self, step: int) -> Purchases:
        """:return: the purchases of every so manieth customer, by number"""
        if step <= 1:
            return self
        rank = np.cumsum(np.diff(self.customer, prepend=self.customer[:1]) != 0)
        rows = rank % step == 0
        return Purchases(self.customer[rows], self.day[rows], self.money[rows])

    def size(self) -> int:
        """:return: number of customers"""
        return len(self.starts())

    def starts(self) -> np.ndarray:
        """:return: (n,) position of the first purchase of each customer"""
        first = np.ones(len(self.day), dtype=bool)
        first[1:] = np.diff(self.customer) != 0
        return np.flatnonzero(first)

    def ids(self) -> np.ndarray:
        """:return: (n,) the customers, ascending: the order of everything counted per customer"""
        return self.customer[self.starts()]

    def frame(self, end: int, unit: float = 1.0) -> Frame:
        """Summarise the purchases up to a day.

        :param end: last day of the window
        :param unit: days in a unit of time, 7 for weeks
        :return: a row for each customer who bought by then, in the order of :meth:`ids`
        """
        known = self.until(end)
        starts = known.starts()
        if not len(starts):
            return Frame(np.zeros(0, dtype=np.intp), np.zeros(0), np.zeros(0), log_gaps=np.zeros(0))
        counts = np.diff(np.append(starts, len(known.day)))
        gaps = np.diff(known.day, prepend=known.day[0]).astype(float)
        gaps[starts] = unit  # before the first purchase there is no gap: ln 1 = 0
        first, last = known.day[starts], known.day[starts + counts - 1]
        return Frame(
            counts - 1, (last - first) / unit, (end - first) / unit,
            log_gaps=np.add.reduceat(np.log(gaps / unit), starts),
        )

    def repeat_spend(self, end: int) -> np.ndarray:
        """:return: (n,) mean money of the repeat purchases up to a day, 0 without one; in the order of :meth:`ids`"""
        known = self.until(end)
        starts = known.starts()
        if not len(starts):
            return np.zeros(0)
        repeats = np.diff(np.append(starts, len(known.day))) - 1
        money = np.add.reduceat(known.money, starts) - known.money[starts]
        return np.divide(money, repeats, out=np.zeros(len(starts)), where=repeats > 0)

    def count(self, ids: np.ndarray, after: int, until: int) -> np.ndarray:
        """:return: (n,) purchases of the customers ``ids`` after one day and up to and including another"""
        rows = (self.day > after) & (self.day <= until)
        position = np.searchsorted(ids, self.customer[rows])
        position[position == len(ids)] = 0
        known = ids[position] == self.customer[rows] if len(ids) else np.zeros(0, dtype=bool)
        return np.bincount(position[known], minlength=len(ids))


def _count(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """:return: distinct values, ascending, and how often each occurs"""
    ordered = np.sort(values)
    starts = np.flatnonzero(np.diff(ordered, prepend=np.nan))
    return ordered[starts], np.diff(np.append(starts, len(ordered))).astype(float)

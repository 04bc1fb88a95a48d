"""Why a score is what it is: the inputs that raise it most and those that lower it most.

A score that is a sum of parts is explained by its parts against those of a benchmark customer: the points of an input
are what the score would lose if the customer were the benchmark in it. They add up to the difference of the two scores.

A score that is no sum is explained by replacing its inputs by those of the benchmark, averaged over the orders in which
they can be replaced (Shapley, 1953): again the points add up. Four inputs take sixteen evaluations of all customers.

Only figures come from here. The sentences are made where the language of the reader is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from math import factorial

import numpy as np

TOP = 3
#: Points below this share of the largest of a customer are no reason.
NEGLIGIBLE = 0.01
#: Inputs explained exactly; more would take too many evaluations.
INPUTS_MAX = 6


def top(
    codes: Sequence[str], values: np.ndarray, benchmark: np.ndarray, points: np.ndarray, count: int = TOP,
) -> list[dict[str, list[dict]]]:
    """The strongest reasons of each customer.

    :param codes: names of the k inputs
    :param values: (n, k) inputs in their own units; NaN where there is no data
    :param benchmark: (k,) inputs of the benchmark
    :param points: (n, k) what each input adds to the score, negative where it lowers it; NaN where there is no data
    :param count: reasons of each direction, at most
    :return: for each customer ``{'raise': [...], 'lower': [...]}``, strongest first, each reason
        ``{'code', 'value', 'benchmark', 'points'}``; equal ones in the order of ``codes``
    """
    values, points = np.atleast_2d(np.asarray(values, dtype=float)), np.atleast_2d(np.asarray(points, dtype=float))
    if values.shape != points.shape or values.shape[1] != len(codes) or len(benchmark) != len(codes):
        raise ValueError("values, points and benchmark must have a column for each code")
    points = np.where(np.isfinite(points) & np.isfinite(values), points, 0.0)
    floor = NEGLIGIBLE * np.abs(points).max(axis=1, initial=0.0)
    order = np.argsort(-np.abs(points), axis=1, kind='stable')
    usual = [float(value) for value in benchmark]
    result = []
    for ranked, row, own, least in zip(order.tolist(), values.tolist(), points.tolist(), floor.tolist(), strict=True):
        reasons = [
            {'code': codes[i], 'value': row[i], 'benchmark': usual[i], 'points': own[i]}
            for i in ranked if abs(own[i]) > least
        ]
        result.append({
            'raise': [reason for reason in reasons if reason['points'] > 0][:count],
            'lower': [reason for reason in reasons if reason['points'] < 0][:count],
        })
    return result


def shapley(score: Callable[[np.ndarray], np.ndarray], inputs: np.ndarray, benchmark: np.ndarray) -> np.ndarray:
    """Share out the difference to the benchmark among the inputs.

    :param score: function of (n, k) inputs -> (n,) scores
    :param inputs: (n, k)
    :param benchmark: (k,) inputs of the benchmark customer
    :return: (n, k) points; each row adds up to the score less that of the benchmark
    """
    inputs = np.asarray(inputs, dtype=float)
    return share_out(
        lambda own: np.asarray(score(mix(inputs, benchmark, own)), dtype=float), inputs == np.asarray(benchmark),
    )


def mix(inputs: np.ndarray, benchmark: np.ndarray, own: frozenset[int]) -> np.ndarray:
    """:return: (n, k) the benchmark customer, with these inputs of each customer"""
    mixed = np.broadcast_to(np.asarray(benchmark, dtype=float), inputs.shape).copy()
    columns = sorted(own)
    mixed[:, columns] = inputs[:, columns]
    return mixed


def share_out(worth: Callable[[frozenset[int]], np.ndarray], alike: np.ndarray) -> np.ndarray:
    """The same for a score that knows what it need not compute anew.

    What the score is for each set of inputs is added up at once, and not kept: of a million customers it would be
    a hundred megabytes.

    :param worth: function of the inputs that are the customer's own -> (n,) scores; asked for each set without the
        last input, then with it
    :param alike: (n, k) whether an input equals that of the benchmark, and so tells nothing to the last digit
    :return: (n, k) points
    """
    size = alike.shape[1]
    if size > INPUTS_MAX:
        raise ValueError(f"at most {INPUTS_MAX} inputs can be explained at once")
    points = np.zeros(alike.shape)
    for chosen in product((False, True), repeat=size):
        value = worth(frozenset(np.flatnonzero(chosen).tolist()))
        for i, own in enumerate(chosen):
            others = sum(chosen) - own
            share = factorial(others) * factorial(size - others - 1) / factorial(size)
            points[:, i] += share * value if own else -share * value
    points[alike] = 0
    return points

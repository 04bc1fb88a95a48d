"""Maximum likelihood with few passes over many customers.

A pass over the data is what a fit costs. Two thirds of them are spent far from the optimum, where a small sample
shows the way as well as all the data do. So:

1. a small sample finds the neighbourhood, from several starts; of many customers a larger one goes on from there;
2. the curvature of the sample there, by differences of its gradients, turns the parameters into coordinates in
   which the surface is nearly a sphere (whitening);
3. all the data finish the work in these coordinates, in four to seven passes.

The minimiser is BFGS (Nocedal & Wright, *Numerical Optimization*, 2006, algorithm 6.1) with a step never longer than
:data:`STEP_MAX`. To the mean negative log-likelihood a ridge of :data:`RIDGE` is added, and a steeper one far away:
where the data say something it changes nothing that is ever shown, and where they say nothing (nobody ever leaves,
all customers are alike) it keeps the answer finite and the same on every machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from threadpoolctl import ThreadpoolController

#: Weights, per customer, of the squared log-parameters, and of how far they lie beyond the wall squared. Beyond it the
#: models do not change any more, but the gamma function loses digits; from the end on it would have none left, and
#: the objective stays as it is there.
RIDGE, WALL_RIDGE = 1e-8, 1e-4
WALL, END = 12.0, 16.0
#: Expected decrease, per customer, below which the rounding of the likelihood is what keeps a search from ending, and
#: at which one that ends by itself has found the minimum for all purposes.
ROUNDING, CLOSE = 1e-8, 1e-6
#: Longest step, in log-parameters.
STEP_MAX = 2.0
#: Rows of the small sample, and of how many rows the larger one takes one.
SAMPLE_ROWS, SAMPLE_STRIDE = 3000, 50
PASSES_MAX = 400
#: Expected decrease at which a fit ends: of the log-likelihood of all, but never finer than this of one customer.
TOLERANCE, PRECISION = 1e-11, 3e-15
#: Steps granted below the rounding.
IDLE_MAX = 12

#: value and gradient at a point
Objective = Callable[[np.ndarray], tuple[float, np.ndarray]]


@dataclass(frozen=True)
class Minimum:
    """Where a minimisation ended.

    :param theta: the point
    :param value: the objective there
    :param covariance: inverse of the curvature there
    :param passes: evaluations of the objective
    :param converged: whether the gradient says so
    :param likelihood: where a likelihood was maximised, its logarithm over all customers, without the ridge
    """

    theta: np.ndarray
    value: float
    covariance: np.ndarray
    passes: int
    converged: bool
    likelihood: float = 0.0


def ridge(theta: np.ndarray) -> tuple[float, np.ndarray]:
    """:return: penalty at a point, and its gradient"""
    beyond = theta - np.clip(theta, -WALL, WALL)
    penalty = RIDGE * float(theta @ theta) + WALL_RIDGE * float(beyond @ beyond)
    return penalty, 2 * (RIDGE * theta + WALL_RIDGE * beyond)


def with_ridge(objective: Objective) -> Objective:
    """:return: the objective with the ridge that keeps it finite"""
    def ridged(theta):
        value, gradient = objective(np.clip(theta, -END, END))
        penalty, slope = ridge(theta)
        return value + penalty, np.where(np.abs(theta) <= END, gradient, 0.0) + slope
    return ridged


def minimise(objective: Objective, start: np.ndarray, tolerance: float, root: np.ndarray | None = None) -> Minimum:
    """Find a minimum by BFGS.

    :param tolerance: the decrease still expected at which to stop
    :param root: R of the coordinates theta = start + R u to work in; the log-parameters themselves by default
    """
    first = np.eye(len(start)) if root is None else root @ root.T
    inverse = first
    theta = start
    value, gradient = objective(theta)
    passes, updates, idle = 1, 0, 0
    while passes < PASSES_MAX:
        direction = -inverse @ gradient
        slope = float(gradient @ direction)
        if -slope / 2 <= tolerance:
            return Minimum(theta, value, inverse, passes, True)
        idle = idle + 1 if -slope / 2 <= ROUNDING else 0
        if idle > IDLE_MAX:
            break
        step, new_value, new_gradient, used = _search(objective, theta, value, slope, direction)
        passes += used
        if step is None:
            if not updates:
                break
            # the curvature learnt misleads: begin again from here
            inverse, updates = first, 0
            continue
        change, difference = step * direction, new_gradient - gradient
        theta, value, gradient = theta + change, new_value, new_gradient
        inverse = _update(inverse, change, difference, scale=root is None and not updates)
        updates += 1
    return Minimum(theta, value, inverse, passes, -slope / 2 <= CLOSE)


def _search(objective, theta, value, slope, direction):
    """A step that satisfies the weak Wolfe conditions, by bisection and doubling.

    :return: (length, value, gradient, passes); the length is None when there is no way down
    """
    longest = STEP_MAX / max(float(np.abs(direction).max()), 1e-300)
    low, high = 0.0, np.inf
    step = min(1.0, longest)
    # near the minimum the values differ by less than their rounding
    slack = 1e-14 * (1 + abs(value))
    best = None
    for used in range(1, 25):
        new_value, gradient = objective(theta + step * direction)
        new_slope = float(gradient @ direction)
        if not np.isfinite(new_value) or new_value > value + 1e-4 * step * slope + slack:
            high = step
            curvature = 2 * (new_value - value - step * slope)
            newton = -slope * step * step / curvature if np.isfinite(curvature) and curvature > 0 else 0.0
            step = min(max(newton, low + 0.1 * (high - low)), low + 0.6 * (high - low))
        elif new_slope < 0.9 * slope and step < longest and used < 20:
            best = (step, new_value, gradient)
            low = step
            step = min(2 * step, longest) if high == np.inf else (low + high) / 2
        else:
            return step, new_value, gradient, used
    return (*best, used) if best else (None, value, None, used)


def _update(inverse, change, difference, scale):
    """:return: the inverse Hessian after a step (Nocedal & Wright, equation 6.17)"""
    product = float(change @ difference)
    if product <= 1e-14 * float(np.abs(change).max() * np.abs(difference).max()):
        return inverse
    if scale:
        inverse = np.eye(len(change)) * (product / float(difference @ difference))
    left = np.eye(len(change)) - np.outer(change, difference) / product
    return left @ inverse @ left.T + np.outer(change, change) / product


def curvature_root(objective: Objective, theta: np.ndarray, step: float = 1e-4) -> np.ndarray:
    """Square root of the inverse Hessian, from central differences of the gradient.

    Directions in which nothing is known count as flat as the ridge makes them.

    :return: R with R R' = inverse Hessian
    """
    size = len(theta)
    hessian = np.empty((size, size))
    for i, unit in enumerate(np.eye(size) * step):
        hessian[i] = (objective(theta + unit)[1] - objective(theta - unit)[1]) / (2 * step)
    values, vectors = np.linalg.eigh((hessian + hessian.T) / 2)
    return vectors / np.sqrt(np.maximum(values, 2 * RIDGE))


def maximise_likelihood(problem: Callable, rows: int, starts: np.ndarray) -> Minimum:
    """Fit log-parameters to all rows: sample, whiten, finish.

    :param problem: step between rows -> (customers of these rows, their mean negative log-likelihood)
    :param rows: number of rows
    :param starts: (s, p) log-parameters to begin from
    :return: the minimum; its covariance is that of the log-parameters, its passes are those over all rows
    """
    with one_thread():
        return _maximise_likelihood(problem, rows, starts)


def one_thread():
    """:return: context in which numpy and scikit-learn use one thread

    Others would only wait for each other, in blocks that fit into the cache, and for the other workers of Odoo.
    """
    # libraries loaded since bring threads of their own
    return _threads('sklearn' in sys.modules).limit(limits=1)


@cache
def _threads(_loaded):
    return ThreadpoolController()


def _maximise_likelihood(problem, rows, starts):
    stride = max(1, rows // SAMPLE_ROWS)
    customers, everybody = problem(1)
    everybody = with_ridge(everybody)
    sample = everybody if stride == 1 else with_ridge(problem(stride)[1])
    found = [minimise(sample, start, 1e-7 if stride > 1 else 1e-9) for start in starts]
    best = min(found, key=lambda minimum: minimum.value)
    root = curvature_root(sample, best.theta)
    if stride > SAMPLE_STRIDE:
        sample = with_ridge(problem(SAMPLE_STRIDE)[1])
        best = minimise(sample, best.theta, 1e-7, root)
        root = curvature_root(sample, best.theta)
    last = minimise(everybody, best.theta, max(TOLERANCE / customers, PRECISION), root)
    passes = last.passes
    if stride == 1:
        passes += sum(minimum.passes for minimum in found) + 2 * len(best.theta)
    likelihood = -customers * (last.value - ridge(last.theta)[0])
    # what all the data found from one of the starts is found, even where rounding lets nobody confirm it from there
    converged = last.converged or (stride == 1 and best.converged)
    return Minimum(last.theta, last.value, last.covariance / customers, passes, converged, likelihood)

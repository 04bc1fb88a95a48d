"""One fit, or one scoring, in a process of its own: ``python -m tests.bench.engine_job JOB CUSTOMERS``.

Prints a line of JSON: processor seconds, memory beyond the data, passes. The customers are drawn from a BG/NBD law over
three years of whole days, always the same ones; amounts from a Gamma-Gamma law.
"""
import contextlib
import ctypes
import json
import re
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

# the engine by itself, not through the addon around it, which imports Odoo
sys.path.insert(0, str(Path(__file__).parents[2] / 'addons' / 'crm_scp_analytics'))

from engine import bgnbd, gamma_gamma, pareto_nbd, rfm  # noqa: E402 - after the path is set
from engine.frame import Frame  # noqa: E402 - after the path is set
from lifetimes import BetaGeoFitter, GammaGammaFitter, ParetoNBDFitter  # noqa: E402 - after the path is set

R, ALPHA, A, B = 0.5, 60.0, 0.8, 2.5
WINDOW = 1095
#: Months of the lifetime value, and their discount.
MONTHS, DISCOUNT = 12, 0.01
REPEATS = 3


def draw(customers):
    """:return: frame in days, mean amount of each customer"""
    random = np.random.default_rng(19)
    observed = random.integers(1, WINDOW, customers).astype(float)
    rates = random.gamma(R, 1 / ALPHA, customers)
    leaves = random.geometric(np.maximum(random.beta(A, B, customers), 1e-9))
    x, last, now = np.zeros(customers, dtype=int), np.zeros(customers), np.zeros(customers)
    active = np.arange(customers)
    while len(active):
        now[active] += random.exponential(1 / rates[active])
        active = active[now[active] < observed[active]]
        x[active] += 1
        last[active] = now[active]
        active = active[x[active] < leaves[active]]
    frame = Frame(x, np.minimum(np.ceil(last), observed), observed)
    scale = random.gamma(3.7, 1 / 15.4, customers)
    return frame, random.gamma(6.2 * np.maximum(x, 1)) / scale / np.maximum(x, 1)


def fit_bgnbd(frame, _money):
    return bgnbd.MODEL.fit(frame)


def fit_pareto_nbd(frame, _money):
    return pareto_nbd.MODEL.fit(frame)


def fit_gamma_gamma(frame, money):
    return gamma_gamma.fit(frame.x, money)


def lifetimes_bgnbd(frame, _money):
    return BetaGeoFitter().fit(frame.x, frame.t_x, frame.T)


def lifetimes_pareto_nbd(frame, _money):
    return ParetoNBDFitter().fit(frame.x, frame.t_x, frame.T)


def lifetimes_gamma_gamma(frame, money):
    again = frame.x > 0
    return GammaGammaFitter().fit(frame.x[again], money[again])


JOBS = {function.__name__: function for function in (
    fit_bgnbd, fit_pareto_nbd, fit_gamma_gamma, lifetimes_bgnbd, lifetimes_pareto_nbd, lifetimes_gamma_gamma,
)}


def fit(name, customers):
    """:return: dict of ``seconds``, ``memory`` (bytes beyond the data), ``passes`` of ours"""
    frame, money = draw(customers)
    # what importing and first calls take is no part of a fit
    JOBS[name](*draw(2000))
    seconds = []
    before = _memory(reset=True)
    for _repeat in range(REPEATS if name.startswith('fit') else 1):
        start = time.process_time()
        found = JOBS[name](frame, money)
        seconds.append(time.process_time() - start)
    return {
        'seconds': float(np.median(seconds)), 'memory': _memory() - before, 'passes': getattr(found, 'passes', None),
    }


def score(customers):
    """Score everybody: P(alive), purchases of a year, discounted value and RFM; lifetimes: the value alone.

    :return: dict of ``ours``, ``lifetimes`` (seconds), ``difference`` (largest, relative)
    """
    frame, money = draw(customers)
    bought, spent = bgnbd.MODEL.fit(frame), gamma_gamma.fit(frame.x, money)
    start = time.process_time()
    bought.alive(frame)
    bought.expected(frame, 365.0)
    value = bought.discounted(frame, MONTHS, 30.0, DISCOUNT) * spent.expected(frame.x, money)
    rfm.score(np.floor(frame.T - frame.t_x), frame.x + 1, money * (frame.x + 1))
    ours = time.process_time() - start
    model, amounts = BetaGeoFitter(), GammaGammaFitter()
    model.params_ = pd.Series(bought.parameters)
    # set by a fit only
    model.predict = model.conditional_expected_number_of_purchases_up_to_time
    amounts.params_ = pd.Series({'p': spent.p, 'q': spent.q, 'v': spent.gamma})
    columns = [pd.Series(column) for column in (frame.x, frame.t_x, frame.T, money)]
    start = time.process_time()
    reference = amounts.customer_lifetime_value(model, *columns, time=MONTHS, discount_rate=DISCOUNT, freq='D')
    seconds = time.process_time() - start
    return {
        'ours': ours, 'lifetimes': seconds,
        'difference': float(np.max(np.abs(value / reference.to_numpy() - 1))),
    }


def _memory(reset=False):
    """:return: highest resident memory since the last reset, bytes"""
    if reset:
        # what drawing the data left behind would hide what the fit takes
        ctypes.CDLL(None).malloc_trim(0)
        Path('/proc/self/clear_refs').write_text('5')
    return 1024 * int(re.search(r'VmHWM:\s+(\d+)', Path('/proc/self/status').read_text())[1])


def main():
    name, customers = sys.argv[1], int(sys.argv[2])
    # lifetimes warns of its own steps, and prints
    with warnings.catch_warnings(), contextlib.redirect_stdout(sys.stderr), np.errstate(all='ignore'):
        warnings.simplefilter('ignore')
        result = score(customers) if name == 'score' else fit(name, customers)
    sys.stdout.write(json.dumps(result) + '\n')


if __name__ == '__main__':
    main()

"""Purchase histories for the tests: the public one of CDNOW, and companies drawn at random."""

import datetime
import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from engine import cnbd_k
from engine.frame import Purchases

#: End of the calibration and of the holdout of the published tables, 39 weeks each.
CALIBRATION_END = datetime.date(1997, 9, 30).toordinal()
HOLDOUT_END = datetime.date(1998, 6, 30).toordinal()
WEEK = 7.0
#: More examples, and the long tables, run now and then.
SOAK = bool(os.environ.get('SCP_SOAK'))


@cache
def cdnow(name='CDNOW_sample.txt'):
    """Purchases of the customers of CDNOW, from the files that the package `lifetimes` carries.

    :param name: the 1/10 sample or ``CDNOW_master.txt``
    """
    path = Path(find_spec('lifetimes').origin).parent / 'datasets' / name
    customers, days, money = [], [], []
    for line in path.read_text().splitlines():
        cells = line.split()
        if cells and cells[0] != 'customer_id':
            customers.append(int(cells[0]))
            days.append(datetime.datetime.strptime(cells[-3], '%Y%m%d').toordinal())
            money.append(float(cells[-1]))
    return Purchases.of(customers, days, money)


def simulate(model, values, observed, window, seed):
    """Purchases in whole days of customers observed for ``observed`` days, up to the day ``window``."""
    random = np.random.default_rng(seed)
    customers, days = [], []
    for i, times in enumerate(model.simulate(np.asarray(values), observed.astype(float), random)):
        first = window - observed[i]
        customers += [i] * (len(times) + 1)
        days += [first, *(first + np.floor(times).astype(int))]
    return Purchases.of(customers, days)


def random_company(seed):
    """A company of 20 to 1,000 customers who buy daily to monthly, at random or regularly, and leave or stay.

    :return: purchases, last day of the window
    """
    random = np.random.default_rng(seed)
    size = round(np.exp(random.uniform(np.log(20), np.log(1000))))
    window = int(random.choice([90, 365, 730, 1095]))
    k = int(random.choice([1, 1, 2, 4]))
    r = np.exp(random.uniform(np.log(0.1), np.log(3)))
    gap = np.exp(random.uniform(0, np.log(31)))
    a, b = np.exp(random.uniform(np.log(0.05), np.log(3))), random.uniform(0.5, 6)
    model = cnbd_k.model(k, modified=bool(random.integers(2)))
    observed = random.integers(0, window, size)
    return simulate(model, (r, r * gap / k, a, b), observed, window, seed), window

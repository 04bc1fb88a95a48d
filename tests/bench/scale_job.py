"""One choice of models, here and elsewhere: ``python -m tests.bench.scale_job CUSTOMERS``.

Prints a line of JSON: processor seconds, and those that two workers would need if handing out cost nothing; seconds of
the clock in this process, with two processes, and on a cluster of one and of two workers; and whether all came to the
same. Customers are drawn from a BG/NBD law over three years, always the same.
"""
import json
import sys
import time
from pathlib import Path

import numpy as np

# the engine by itself, not through the addon around it, which imports Odoo
ADDON = Path(__file__).parents[2] / 'addons' / 'crm_scp_analytics'
sys.path += [str(ADDON), str(ADDON / 'engine' / 'tests')]

from clusters import LocalCluster  # noqa: E402 - after the path is set
from engine import bgnbd, selection  # noqa: E402 - after the path is set
from engine.executors import Executor, open_executor  # noqa: E402 - after the path is set
from engine.frame import Purchases  # noqa: E402 - after the path is set

PARAMETERS = (0.8, 60.0, 0.7, 2.5)
WINDOW, HORIZON = 1095, 365


def draw(customers):
    """:return: purchases of these customers"""
    random = np.random.default_rng(23)
    observed = random.integers(1, WINDOW, customers)
    times = bgnbd.MODEL.simulate(np.array(PARAMETERS), observed.astype(float), random)
    counts = np.array([len(own) + 1 for own in times])
    days = np.concatenate([np.append(0, np.floor(own)) for own in times]).astype(int)
    return Purchases.of(np.repeat(np.arange(customers), counts), days + np.repeat(WINDOW - observed, counts))


class Timed(Executor):
    """This process, with the processor seconds of each piece."""

    def __init__(self):
        self.rounds = []

    def map(self, function, common, pieces, on_done=lambda: None):
        def timed(known, *piece):
            start = time.process_time()
            result = function(known, *piece)
            seconds.append(time.process_time() - start)
            return result

        seconds = []
        self.rounds.append(seconds)
        return super().map(timed, common, pieces, on_done)

    def get_seconds_of_two(self):
        """:return: of the trials, each given to whoever is free first; one round waits for the one before"""
        total = 0.0
        for seconds in self.rounds:
            ends = [0.0, 0.0]
            for own in seconds:
                ends[ends.index(min(ends))] += own
            total += max(ends)
        return total


def measure(bought, executor):
    """:return: seconds of the clock, the choice; helpers are there and have loaded their libraries"""
    with executor:
        executor.map(eval, "bool(__import__('sklearn.ensemble'))", [({},)] * 2)
        start = time.perf_counter()
        choice = selection.choose(bought, WINDOW, HORIZON, executor=executor)
        assert not executor.problem, executor.problem
        return time.perf_counter() - start, choice


def main():
    bought = draw(int(sys.argv[1]))
    __import__('sklearn.ensemble')
    timed, start = Timed(), time.process_time()
    selection.choose(bought, WINDOW, HORIZON, executor=timed)
    processor = time.process_time() - start
    trials = sum(map(sum, timed.rounds))
    results = {'process': measure(bought, Executor()), 'processes': measure(bought, open_executor('', 2))}
    for workers in (1, 2):
        with LocalCluster(workers) as cluster:
            results[f'workers_{workers}'] = measure(bought, open_executor(cluster.address))
    choices = [choice for _seconds, choice in results.values()]
    sys.stdout.write(json.dumps({
        'purchases': len(bought.day), 'same': all(choice == choices[0] for choice in choices),
        'processor': processor, 'of_two': processor - trials + timed.get_seconds_of_two(),
        **{name: seconds for name, (seconds, _choice) in results.items()},
    }) + '\n')


if __name__ == '__main__':
    main()

"""From how many customers on it pays to compare the forecast models past one process."""
import json
import subprocess
import sys

from suite.paths import REPO
from suite.ui import Fail, step
from tests.bench.figures import count, info

CUSTOMERS = {'small': (1_000, 10_000), 'full': (1_000, 10_000, 50_000, 200_000, 1_000_000)}


def scale(bench):
    """The weekly choice of models: one process, two, a cluster of one worker and of two, to the same last digit."""
    for customers in CUSTOMERS[bench.size]:
        with step(f"Choosing the models of {customers:,} customers, four times"):
            found = _measure(bench, customers)
        name = f"{customers:,} customers, {found['purchases']:,} purchases"
        yield info(f"{name}: processor", f"{found['processor']:.1f} s")
        gain = found['processor'] / found['of_two']
        yield info("  two workers, if handing out were free", f"{gain:.2f} times as fast")
        yield info("  one process, by the clock", f"{found['process']:.1f} s")
        for label, key in (
            ("two processes", 'processes'), ("cluster, 1 worker", 'workers_1'), ("cluster, 2 workers", 'workers_2'),
        ):
            yield info(f"  {label}", f"{found[key]:.1f} s, {found['process'] / found[key]:.2f} times as fast")
        yield count("  choices that differ", 0 if found['same'] else 1, 0)


def _measure(bench, customers):
    """:return: what the job reports, from a process of its own with one thread"""
    result = subprocess.run(
        [sys.executable, '-m', 'tests.bench.scale_job', str(customers)], cwd=REPO, capture_output=True, text=True,
        env={**bench.workplace.environment, 'OMP_NUM_THREADS': '1', 'OPENBLAS_NUM_THREADS': '1'},
    )
    if result.returncode:
        raise Fail(f"scale_job fails: {(result.stderr.strip().splitlines() or ['?'])[-1]}", "run it by hand")
    return json.loads(result.stdout)

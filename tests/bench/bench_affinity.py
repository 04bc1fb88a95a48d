"""What is bought together against the package `mlxtend`, what to offer against the package `implicit`."""
import json
import subprocess
import sys

from suite.paths import REPO
from suite.ui import Fail, step
from tests.bench.figures import OK, SHORT, Figure, count, info, times_faster

#: (orders, times faster than mlxtend): the bounds are meant for many orders and customers
PAIRS = {'small': (20_000, None), 'full': (100_000, 45)}
CUSTOMERS = {'small': 3_000, 'full': 20_000}


def affinity(bench):
    """Pairs of 1,000 products: equal to mlxtend's, and faster; held-out products found, against implicit."""
    orders, bound = PAIRS[bench.size]
    with step(f"Pairs in {orders:,} orders, twice"):
        found = _measure(bench, 'pairs', orders)
    yield info("pairs", f"{found['pairs']:,} in {orders:,} orders")
    yield count("pairs with another count or lift", found['different'], 0)
    yield times_faster("faster than mlxtend", found['theirs'], found['ours'], bound)
    customers = CUSTOMERS[bench.size]
    with step(f"Suggestions for {customers:,} customers, four times"):
        offered = _measure(bench, 'suggestions', customers)
    best = max(offered['others'].values())
    title, share = "held-out products among the first ten", f"{offered['ours']:.1%}"
    if bound:
        yield Figure(title, share, f"at least {best:.1%}", OK if offered['ours'] >= best else SHORT)
    else:
        yield info(title, share)
    for name, share in {**offered['others'], 'popularity': offered['popular']}.items():
        yield info(f"  by {name}", f"{share:.1%}")
    yield info("choosing the ridge and learning", f"{offered['seconds']:.2f} s of one processor")


def _measure(bench, job, rows):
    """:return: what the job reports, from a process of its own with one thread"""
    result = subprocess.run(
        [sys.executable, '-m', 'tests.bench.affinity_job', job, str(rows)], cwd=REPO, capture_output=True, text=True,
        env={**bench.workplace.environment, 'OMP_NUM_THREADS': '1', 'OPENBLAS_NUM_THREADS': '1'},
    )
    if result.returncode:
        raise Fail(f"{job} fails: {(result.stderr.strip().splitlines() or ['no reason given'])[-1]}", "run it by hand")
    return json.loads(result.stdout)

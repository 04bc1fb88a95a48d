"""Fitting and scoring of the engine against the package `lifetimes`, side by side on the same customers."""
import json
import subprocess
import sys

from suite.paths import REPO
from suite.ui import Fail, step
from tests.bench.figures import count, info, times_faster

#: Most passes over all customers that a fit may take; largest relative difference of a lifetime value.
PASSES, DIFFERENCE = 10, 1e-9
#: Share of the other's memory beyond the data.
MEMORY = 1 / 6
#: (model, customers, times faster): the bounds are meant for large companies, the small size informs.
FITS = {
    'small': [('bgnbd', 100_000, None), ('gamma_gamma', 100_000, None), ('pareto_nbd', 20_000, None)],
    'full': [
        ('bgnbd', 1_000_000, 60), ('bgnbd', 5_000_000, 100), ('gamma_gamma', 1_000_000, 30),
        ('pareto_nbd', 100_000, 35),
    ],
}
SCORES = {'small': (100_000, None), 'full': (1_000_000, 4)}


def engine(bench):
    """Purchase models: processor seconds, passes and memory of a fit; seconds of scoring; against lifetimes."""
    for model, customers, bound in FITS[bench.size]:
        with step(f"Fitting {model} to {customers:,} customers, twice"):
            other = _measure(bench, f'lifetimes_{model}', customers)
            ours = _measure(bench, f'fit_{model}', customers)
        name = f"{model}, {customers:,}"
        yield times_faster(f"{name}: faster", other['seconds'], ours['seconds'], bound)
        yield count(f"{name}: passes", ours['passes'], PASSES)
        memory = f"{ours['memory'] / 1e6:.0f} against {other['memory'] / 1e6:.0f} MB"
        yield info(f"{name}: memory beyond the data", memory)
        if model == 'bgnbd' and bound:
            yield count(f"{name}: share of the memory", round(ours['memory'] / other['memory'], 3), round(MEMORY, 3))
    customers, bound = SCORES[bench.size]
    with step(f"Scoring {customers:,} customers, twice"):
        scored = _measure(bench, 'score', customers)
    yield times_faster(f"scores, {customers:,}: faster", scored['lifetimes'], scored['ours'], bound)
    yield count("lifetime values: largest difference", scored['difference'], DIFFERENCE)


def _measure(bench, job, customers):
    """:return: what the job reports, from a process of its own with one thread"""
    result = subprocess.run(
        [sys.executable, '-m', 'tests.bench.engine_job', job, str(customers)], cwd=REPO, capture_output=True, text=True,
        env={**bench.workplace.environment, 'OMP_NUM_THREADS': '1', 'OPENBLAS_NUM_THREADS': '1'},
    )
    if result.returncode:
        raise Fail(f"{job} fails: {(result.stderr.strip().splitlines() or ['no reason given'])[-1]}", "run it by hand")
    return json.loads(result.stdout)

"""``make bench``: every figure with the bound it must keep, measured on this machine.

A case is a public function of a module ``tests/bench/bench_<topic>.py`` of the same name as the
topic. It takes a :class:`Bench` and yields figures; a new file is found by itself. Cases named in
``BESIDE`` of the module are measured in the same run.
"""
import importlib
import os
import sys
import time
from datetime import datetime

from suite import odoo, odoo_source, postgres
from suite.locking import exclusive
from suite.paths import CACHE, LOGS, REPO
from suite.system import os_release, require_disk
from suite.ui import Fail, say

PREFIX = 'bench_'
#: comparisons are made of so many interleaved pairs
PAIRS = {'small': 30, 'full': 60}
#: gigabytes of disk
DISK = {'small': 4, 'full': 32}


def run(only, size):
    """Measure; print a line a figure.

    :param only: names of cases, separated by commas; all of them when empty
    :param size: 'small' (five minutes) or 'full' (the volumes that the bounds are meant for)
    :return: exit code, 1 when a figure falls short of its bound
    """
    cases = _chosen(only)
    require_disk(CACHE, DISK[size])
    odoo_source.find()
    LOGS.mkdir(parents=True, exist_ok=True)
    with exclusive(CACHE / 'bench'), (LOGS / 'bench.log').open('w') as log:
        server = postgres.for_tests()
        server.start()
        return _measure(cases, odoo.for_tests(server), size, _Report(log))


def _chosen(only):
    names = sorted(path.stem[len(PREFIX):] for path in (REPO / 'tests' / 'bench').glob(f'{PREFIX}*.py'))
    wanted = [name for name in only.split(',') if name] or names.copy()
    if unknown := set(wanted) - set(names):
        raise Fail(f"there is no benchmark {', '.join(sorted(unknown))}", f"choose from: {', '.join(names)}")
    if str(REPO) not in sys.path:
        sys.path.append(str(REPO))
    cases = {}
    while wanted:
        name = wanted.pop(0)
        module = importlib.import_module(f'tests.bench.{PREFIX}{name}')
        cases[name] = getattr(module, name)
        wanted += [beside for beside in getattr(module, 'BESIDE', ()) if beside not in cases]
    return cases


def _measure(cases, workplace, size, report):
    from tests.bench.places import Places

    bench = Places(workplace, size, PAIRS[size])
    report.line(f"{datetime.now():%Y-%m-%d %H:%M}, size {size}, {_machine(bench)}")
    try:
        for name, case in cases.items():
            report.line(f"\n{name}: {case.__doc__.splitlines()[0]}")
            start = time.monotonic()
            for figure in case(bench):
                report.figure(figure)
            report.line(f"  ({time.monotonic() - start:.0f} s)")
    finally:
        bench.close()
    return report.close()


def _machine(bench):
    system = os_release().get('PRETTY_NAME', sys.platform)
    (version,), = bench.rows('postgres', "SHOW server_version")
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, load {load:.1f} at the start, {system}, "
        f"Python {sys.version.split()[0]}, PostgreSQL {version.split()[0]}"
    )


class _Report:
    """Prints the lines and keeps them in the log, with the details of every figure there."""

    def __init__(self, log):
        self._log = log
        self._verdicts = []

    def line(self, text):
        say(text)
        print(text, file=self._log, flush=True)

    def figure(self, figure):
        from tests.bench.figures import SHORT

        self._verdicts.append(figure.verdict)
        self.line(f"  {figure}")
        for detail in figure.details:
            if figure.verdict == SHORT:
                say(f"      {detail}")
            print(f"      {detail}", file=self._log)

    def close(self):
        """Print the sum; return the exit code."""
        from tests.bench.figures import OK, SHORT, UNSURE

        self.line("\n" + ", ".join(f"{self._verdicts.count(verdict)} {verdict}" for verdict in (OK, UNSURE, SHORT)))
        say(f"log, with the queries behind the figures: {self._log.name}")
        return 1 if SHORT in self._verdicts else 0

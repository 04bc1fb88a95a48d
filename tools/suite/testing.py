"""``make test`` and ``make soak``: every check in stages side by side, each with its time, one verdict."""
import datetime
import os
import re
import signal
import sys
import time
from contextlib import contextmanager

from suite import database, odoo, odoo_source, postgres, side_by_side, wkhtmltopdf
from suite.locking import exclusive
from suite.paths import ADDONS, ADDONS_DIR, CACHE, LOCAL, LOGS, REPO
from suite.side_by_side import Job
from suite.system import require_browser, require_disk
from suite.ui import Fail, say

ENGINE_TESTS = ADDONS_DIR / 'crm_scp_analytics' / 'engine' / 'tests'


LOGISTICS = ('stock_dropshipping', 'mrp_subcontracting', 'stock_delivery')

# A stage waits a third of its time for a browser or the database: one more than there are cores keeps them busy.
AT_ONCE = (os.cpu_count() or 1) + 1

# Property tests run a twentieth of their examples in `make test`; tests multiply theirs by SCP_SOAK.
SOAK_FACTOR = '20'


class Session:
    """One run of the checks: its database server and the counts it works with."""

    def __init__(self, soak):
        self.soak = soak
        self._workplace = None

    @property
    def workplace(self):
        if self._workplace is None:
            server = postgres.for_tests()
            server.start()
            self._workplace = odoo.for_tests(server)
        return self._workplace

    def pytest(self, *arguments, plugin='no:odoo', **variables):
        """Run pytest with our strict plugin, by default on plain Python tests; True if all passed.

        :param variables: environment variables that the tests see
        """
        command = ['-m', 'pytest', '-q', *arguments]
        command += ['-p', 'tests.plugins.strict', '-p', 'tests.plugins.slowest', '-p', plugin]
        if self.soak:
            variables = {'SCP_SOAK': SOAK_FACTOR, **variables}
        return not self.workplace.python(*command, **variables)

    def pytest_odoo(self, name, *arguments, **variables):
        """Run the Odoo tests of some folders on database ``name``; True if all passed."""
        config = self.workplace.config(name, log_level='info')
        options = [f'--odoo-config={config}', '--odoo-http', '--odoo-log-level=error']
        options += ['-p', 'tests.plugins.bundles', '-p', 'tests.plugins.browser']
        return self.pytest(*options, *arguments, plugin='odoo', **variables)

    @contextmanager
    def database_with(self, dependencies, addons, *, neighbours=(), demo=True):
        """A fresh database with ``addons`` on the template of ``dependencies``, dropped after.

        :param neighbours: addons that ours do not depend on, installed after them
        :param demo: with the demo data of ours; that of the dependencies is there anyway
        """
        template = database.template(self.workplace, dependencies)
        name = f'test_{addons[0]}_{len(addons)}_{os.getpid()}'
        database.clone(self.workplace, template, name)
        try:
            if not demo:
                database.spare_demo(self.workplace, name)
            for names in filter(None, (addons, neighbours)):
                self.workplace.run(name, '-i', ','.join(names), '--skip-auto-install', '--log-level=info')
            yield name
        finally:
            database.drop(self.workplace, name)

    @contextmanager
    def suite(self):
        """A fresh database with the three addons on demo data, dropped after: they are installed once in a run."""
        shared = _get_shared(os.getppid())
        with exclusive(shared):
            if not database.exists(self.workplace, shared.name):
                with self.database_with(database.ALL_DEPENDENCIES, ADDONS) as name:
                    database.rename(self.workplace, name, shared.name)
        name = f'test_suite_{os.getpid()}'
        database.clone(self.workplace, shared.name, name)
        try:
            yield name
        finally:
            database.drop(self.workplace, name)


def _get_shared(run):
    """The database that the stages of a run copy, as the path of its lock.

    :param run: number of the process of the run
    """
    return CACHE / f'suite_{run}'


def _drop_shared():
    shared = _get_shared(os.getpid())
    lock = shared.with_name(f'{shared.name}.lock')
    if lock.exists():
        database.drop(Session(soak=False).workplace, shared.name)
        lock.unlink()


def lint(session):
    return not odoo.without_server().python('-m', 'suite.lint')


def tools(session):
    """The checks check themselves: plugin, lint rules, bench verdicts, set-up."""
    return session.pytest('tests/plugins', 'tests/lint', 'tests/tools')


def engine(session):
    return session.pytest(ENGINE_TESTS)


def addons(session):
    """All three addons together on demo data: the tests of the outer two, and rights.

    Of core's tests those of the demo data; the others run on core alone, and in a soak here too, with the usual counts.
    """
    core, *outer = (f'addons/{addon}/tests' for addon in ADDONS)
    require_browser()
    with session.suite() as name:
        passed = session.pytest_odoo(name, f'{core}/demo', *outer, 'tests/access', 'tests/loaders')
        if session.soak:
            passed = session.pytest_odoo(name, core, SCP_SOAK='1') and passed
        return passed


def tours(session):
    """Every main screen as every role, in a browser."""
    require_browser()
    with session.suite() as name:
        return session.pytest_odoo(name, 'tests/tours')


def core_alone(session):
    """Core on exactly its own dependencies: no stock, no purchase."""
    require_browser()
    with session.database_with(database.CORE_DEPENDENCIES, ADDONS[:1]) as name:
        return session.pytest_odoo(name, 'addons/crm_scp_core/tests')


def neighbours(session):
    """What core does where website and live chat are installed, supply where direct deliveries, subcontractors and
    carriers are: none of them depends on these."""
    with session.database_with(
        database.CORE_DEPENDENCIES, ADDONS[:1], neighbours=('website', 'im_livechat'),
    ) as name:
        passed = session.pytest_odoo(name, 'tests/neighbours')
    with session.database_with(
        database.ALL_DEPENDENCIES, (ADDONS[0], ADDONS[2]), neighbours=LOGISTICS, demo=False,
    ) as name:
        return session.pytest_odoo(name, 'tests/logistics') and passed


def manufacturing(session):
    """Traces through productions and repairs of the apps that supply does not depend on."""
    with session.database_with(
        database.ALL_DEPENDENCIES, (ADDONS[0], ADDONS[2]), neighbours=('mrp', 'repair', 'stock_dropshipping'),
    ) as name:
        return session.pytest_odoo(name, 'tests/manufacturing', 'addons/crm_scp_supply/tests/trace')


def lifecycle(session):
    return session.pytest('tests/lifecycle')


def cdnow(session):
    """The whole purchase history of CDNOW through the loader, and the scoring of its customers."""
    with session.database_with(database.ANALYTICS_DEPENDENCIES, ADDONS[:2]) as name:
        loader = REPO / 'tools' / 'suite' / 'cdnow.py'
        return not session.workplace.python(loader, '-c', session.workplace.config(name), '-d', name, '--full')


def replica(session):
    """All three addons on a primary and a streaming replica, both started for it."""
    with session.suite() as name:
        return session.pytest('tests/replica', SCP_REPLICA_OF=name)


# In the order in which they start and are shown: the longest first, so that all end at about the same time.
STAGES = {
    'addons': addons,
    'core-alone': core_alone,
    'tours': tours,
    'lifecycle': lifecycle,
    'neighbours': neighbours,
    'lint': lint,
    'engine': engine,
    'tools': tools,
}
SOAK_STAGES = {'cdnow': cdnow, 'manufacturing': manufacturing, 'replica': replica, **STAGES}


def run(names, *, soak):
    """Run the stages named, all of them by default, some at once; 0 when every one passed."""
    stages = SOAK_STAGES if soak else STAGES
    for name in names:
        if name not in stages:
            raise Fail(f"there is no stage {name}", f"choose from: {', '.join(stages)}")
    require_disk(LOCAL, 4)
    odoo_source.find()
    wkhtmltopdf.prepare()
    LOGS.mkdir(parents=True, exist_ok=True)
    for number in (signal.SIGINT, signal.SIGTERM):  # a script's background job would start with SIGINT ignored
        signal.signal(number, signal.default_int_handler)
    start = time.monotonic()
    _drop_shared()  # of a run long ago that was killed and had our number
    jobs = [
        Job(name, [sys.executable, '-m', 'suite.testing', name, *(['--soak'] if soak else [])], LOGS / f'{name}.log')
        for name in stages if name in names or not names
    ]
    try:
        failed = [job for job in side_by_side.run(jobs, AT_ONCE) if job.code]
    finally:
        _drop_shared()
    say("\n=== verdict " + '=' * 63)
    for job in jobs:
        say(_verdict(job.name, job not in failed, job.seconds, _counts(job.log)))
    say(_verdict('all', not failed, time.monotonic() - start))
    if soak:
        say(f"soak of {datetime.date.today()}: examples x {SOAK_FACTOR}, seed fixed in the tests, "
            f"{len(failed)} of {len(jobs)} stages failed")
    return 1 if failed else 0


def _verdict(name, passed, seconds, counts=''):
    return f"  {name:<12} {'passed' if passed else 'FAILED':<8} {seconds:6.0f} s  {counts}".rstrip()


def _counts(log):
    """What each run of pytest counted, as '2 failed, 1044 passed'; nothing for a stage without pytest."""
    found = re.findall(r'^((?:\d+ [a-z]+(?: [a-z]+)?(?:, )?)+) in \d', log.read_text(errors='replace'), re.M)
    return '; '.join(found)


def main(name, *options):
    """Run one stage in this process; return the exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what it has begun is cleared away even then
    say(f"\n=== {name} " + '=' * (70 - len(name)))
    try:
        return 0 if SOAK_STAGES[name](Session('--soak' in options)) else 1
    except Fail as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))

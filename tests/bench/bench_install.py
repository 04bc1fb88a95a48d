"""Installing the three addons on a database in use, and what their jobs then do for the first time."""
import resource
import threading
import time
from contextlib import closing, suppress

import psutil

from suite.ui import step
from tests.bench import jobs
from tests.bench.figures import info, seconds
from tests.bench.places import Worker

SECONDS = 60
LOCK_SECONDS = 2
INTERVAL = 0.1
REFRESH = 'crm_scp_core.ir_cron_scp_customer_refresh'

#: keeps everybody out, readers included
READERS_OUT = {'AccessExclusiveLock'}
#: keeps those out who write
WRITERS_OUT = {'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock'}


def install(bench):
    """Installing all three on a database in use: time, locks on core tables, the first jobs."""
    name = bench.with_volume()
    # asked before, as the tables to ask are locked then
    wizards = [table for table, in bench.rows(name, "SELECT replace(model, '.', '_') FROM ir_model WHERE transient")]
    with LockWatch(bench.workplace, name, wizards) as watch, step("Installing the suite on the volume data"):
        start, processor = time.monotonic(), _processor_seconds()
        bench.install_suite(name)
        duration, processor = time.monotonic() - start, _processor_seconds() - processor
    yield seconds('installation', duration, SECONDS)
    yield seconds(
        'longest lock on a core table', watch.longest(READERS_OUT), LOCK_SECONDS, details=watch.table(READERS_OUT),
    )
    yield info('longest lock against writing', _worst(watch, WRITERS_OUT))
    # neither depends on what else the machine does
    yield info('memory, processor time of Python', f"{watch.memory / 1e6:.0f} MB, {processor:.1f} s")
    with Worker(bench.workplace, name) as worker:
        for job in worker.call(jobs.names):
            yield _job(f'{job}, first run', worker.call(jobs.run_job, job=job))
        yield _job(f'{REFRESH}, nothing changed', worker.call(jobs.run_job, job=REFRESH))


def _job(name, outcome):
    return info(name.removeprefix('crm_scp_'), f"{outcome['seconds']:.2f} s, {outcome['queries']} queries")


def _processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _worst(watch, modes):
    lines = watch.table(modes)
    return lines[0] if lines else "none seen"


class LockWatch:
    """Looks every tenth of a second who locks which table, and how much memory our processes take.

    A lock counts, for each transaction, from when it was first seen to when it was last seen, plus
    one interval. Left out are tables of the suite, which are new, of Odoo's own registry of models
    and views (``ir_*``), which any installation locks, and of wizards, which hold no data.
    """

    _MODES = sorted(READERS_OUT | WRITERS_OUT)
    _QUERY = """
        SELECT lock.virtualtransaction, class.relname, lock.mode
          FROM pg_locks lock
          JOIN pg_class class ON class.oid = lock.relation
         WHERE lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND lock.granted
           AND class.relkind IN ('r', 'p')
           AND class.relnamespace = 'public'::regnamespace
           AND lock.mode = ANY(%s)
           AND NOT starts_with(class.relname, 'scp_')
           AND NOT starts_with(class.relname, 'ir_')
           AND class.relname != ALL(%s)
    """

    def __init__(self, workplace, name, wizards):
        self.memory = 0
        self._seen = {}
        self._done = threading.Event()
        self._connect = lambda: workplace.server.connect(name)
        self._wizards = wizards
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_args):
        self._done.set()
        self._thread.join()

    def longest(self, modes):
        """Seconds that the longest lock of one of ``modes`` was held."""
        return max((held for held, _table, _mode in self._held(modes)), default=0)

    def table(self, modes):
        """The five longest of these locks, as lines."""
        held = sorted(self._held(modes), reverse=True)[:5]
        return [f"{table}: {mode}, {duration:.1f} s" for duration, table, mode in held]

    def _held(self, modes):
        return [
            (last - first + INTERVAL, table, mode)
            for (_transaction, table, mode), (first, last) in self._seen.items() if mode in modes
        ]

    def _watch(self):
        with closing(self._connect()) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                while not self._done.wait(INTERVAL):
                    cursor.execute(self._QUERY, [self._MODES, self._wizards])
                    now = time.monotonic()
                    for lock in cursor.fetchall():
                        first, _last = self._seen.get(lock, (now, now))
                        self._seen[lock] = (first, now)
                    self.memory = max(self.memory, _memory_of_children())


def _memory_of_children():
    total = 0
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if process.name().startswith('python'):
                total += process.memory_info().rss
    return total

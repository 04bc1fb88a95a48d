"""A primary with a copy of a database, a replica that follows it, and Odoo between them."""

import os
import socket
import subprocess
from contextlib import closing

import pytest
import requests

from suite import odoo, postgres, serve
from suite.postgres import COMMON, FAST, Embedded


class Pair:
    """A primary and its streaming replica, in folders of their own."""

    def __init__(self, folder):
        settings = {**COMMON, **FAST, 'shared_buffers': '128MB'}
        self.primary, self.replica = Embedded(folder / 'primary', settings), Embedded(folder / 'replica', settings)

    def start(self, source, name):
        """Copy database ``name`` of the server ``source``, and have the replica follow."""
        self.primary.start()
        dump = self.primary.folder.parent / 'dump'
        with closing(self.primary.connect('postgres')) as connection:
            connection.autocommit = True
            connection.cursor().execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        self._run(source, 'pg_dump', '--format=directory', '--jobs=2', '--compress=none', f'--file={dump}', name)
        self._run(self.primary, 'pg_restore', '--jobs=2', '--no-owner', f'--dbname={name}', dump)
        self.primary.run(
            'pg_basebackup', '--write-recovery-conf', '--checkpoint=fast', f'--pgdata={self.replica.folder}')
        # the primary's socket lies in the folder that was copied
        (self.replica.folder / '.s.PGSQL.5432.lock').unlink()
        self.replica.start()

    def stop(self):
        self.replica.leave()
        self.primary.leave()

    def _run(self, server, program, *arguments):
        subprocess.run(
            [self.primary.program(program), *arguments], env={**os.environ, **server.environment}, check=True)


class Client:
    """Somebody who is logged in."""

    def __init__(self, url, database, login):
        self.url, self.session = url, requests.Session()
        self.ask('/web/session/authenticate', db=database, login=login, password=login)

    def ask(self, path, **parameters):
        answer = self.session.post(f'{self.url}{path}', json={'params': parameters}, timeout=120).json()
        assert 'error' not in answer, answer['error'].get('data', {}).get('message')
        return answer['result']

    def call(self, model, method, *arguments, **keywords):
        return self.ask(
            f'/web/dataset/call_kw/{model}/{method}', model=model, method=method, args=arguments, kwargs=keywords)


class Serving:
    """Odoo on a pair, and what it says."""

    def __init__(self, pair, name, folder):
        self.pair, self.name, self.log = pair, name, folder / 'odoo.log'
        self.workplace = odoo.Workplace(pair.primary, folder / 'data')
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            self.port = probe.getsockname()[1]

    def start(self, **options):
        with self.log.open('w') as stream:
            self.process = subprocess.Popen(
                self.workplace.command(self.name, http_port=self.port, gevent_port=self.port + 1, **options),
                env=self.workplace.environment, stdout=stream, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            )
        serve.wait_until_it_answers(self.process, self.url, self.log)

    @property
    def url(self):
        return f'http://127.0.0.1:{self.port}'

    def log_in(self, login):
        return Client(self.url, self.name, login)

    def query(self, server, text, parameters=()):
        """:return: the rows of a statement on one of the two, committed"""
        with closing(server.connect(self.name)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(text, parameters)
            return cursor.fetchall() if cursor.description else []

    def stop(self):
        self.process.terminate()
        self.process.wait()


@pytest.fixture(scope='session')
def serving(tmp_path_factory):
    """Odoo on a copy of the database that ``SCP_REPLICA_OF`` names, with all addons and their demo data."""
    source, name = postgres.for_tests(), os.environ['SCP_REPLICA_OF']
    source.start()
    folder = tmp_path_factory.mktemp('replica')
    pair = Pair(folder)
    pair.start(source, name)
    serving = Serving(pair, name, folder)
    yield serving
    pair.stop()
    source.leave()

"""Scratch databases to install into, upgrade and uninstall from."""

import os
import subprocess
import sys
from contextlib import closing

import pytest

from suite import database, odoo, postgres
from suite.paths import LOGS
from tests.lifecycle import fingerprint


class Scratch:
    """A database of its own, made from a template and dropped after use.

    Each step returns the log of the Odoo process that did it.
    """

    def __init__(self, workplace, name):
        self.workplace = workplace
        self.name = name

    def install(self, addons, *, demo):
        return self._run('-i', ','.join(addons), '--skip-auto-install', *(['--with-demo'] if demo else []))

    def upgrade(self, addons):
        return self._run('-u', ','.join(addons))

    def uninstall(self, addons):
        path = LOGS / f'{self.name}-uninstall.log'
        LOGS.mkdir(parents=True, exist_ok=True)
        with path.open('w') as stream:
            code = subprocess.run(
                [sys.executable, odoo.LAUNCHER, 'module', 'uninstall', *addons,
                 '-c', self.workplace.config(self.name, log_level='info'), '-d', self.name],
                env=self.workplace.environment, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream,
            ).returncode
        log = path.read_text()
        assert not code, log[-5000:]
        # the command takes no offence at names it does not know
        assert not set(addons) & self.installed(), f"still installed after:\n{log[-5000:]}"
        return log

    def _run(self, *arguments):
        return self.workplace.run(self.name, *arguments)

    def query(self, text, parameters=()):
        """Return the rows of one query."""
        with closing(self.workplace.server.connect(self.name)) as connection, connection.cursor() as cursor:
            cursor.execute(text, parameters)
            return cursor.fetchall()

    def installed(self):
        return {name for (name,) in self.query("SELECT name FROM ir_module_module WHERE state = 'installed'")}

    def fingerprint(self):
        with closing(self.workplace.server.connect(self.name)) as connection, connection.cursor() as cursor:
            return fingerprint.take(cursor)


@pytest.fixture(scope='session')
def workplace():
    server = postgres.for_tests()
    server.start()
    yield odoo.for_tests(server)
    server.leave()


@pytest.fixture(scope='session')
def scratch(workplace):
    """Return a function that makes a :class:`Scratch` with the addons ``dependencies`` installed."""
    made = []

    def make(dependencies, *, demo=True):
        template = database.template(workplace, dependencies, demo=demo)
        name = f'lifecycle_{os.getpid()}_{len(made)}'
        database.clone(workplace, template, name)
        made.append(name)
        return Scratch(workplace, name)

    yield make
    for name in made:
        database.drop(workplace, name)

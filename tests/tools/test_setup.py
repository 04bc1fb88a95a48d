"""Errors of the set-up: one line each, with a remedy, and never a traceback."""
import os
import socket
import subprocess
import sys

import pytest

from suite import database, debian, odoo, odoo_source, postgres, system
from suite.paths import REPO
from suite.ui import Fail


def _suite(*arguments, **env):
    return subprocess.run(
        [sys.executable, '-m', 'suite', *arguments], capture_output=True, text=True,
        env={**os.environ, 'PYTHONPATH': str(REPO / 'tools'), **env}, cwd=REPO,
    )


def test_port_taken():
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = _suite('run', '--port', str(port), '--db', 'never_created')
    assert result.returncode == 1
    assert f"error: port {port} cannot be used" in result.stdout
    assert f"make run PORT={port + 1}" in result.stdout
    assert 'Traceback' not in result.stdout + result.stderr


def test_port_out_of_range():
    with pytest.raises(Fail, match="99999 is no port"):
        system.require_free_port(99999)


def test_disk_full(tmp_path):
    with pytest.raises(Fail, match="GB free on the disk"):
        system.require_disk(tmp_path, 10**9)


def test_odoo_home_without_odoo(tmp_path):
    result = _suite('run', '--port', '0', ODOO_HOME=str(tmp_path))
    assert result.returncode == 1
    assert "holds no Odoo" in result.stdout
    assert 'Traceback' not in result.stdout + result.stderr


def test_odoo_home_of_another_series(tmp_path):
    (tmp_path / 'odoo').mkdir()
    (tmp_path / 'odoo' / 'release.py').write_text("version_info = (18, 0, 0, FINAL, 0, '')\n")
    with pytest.raises(Fail, match=r"holds Odoo 18\.0"):
        odoo_source._check_home(tmp_path)


@pytest.mark.parametrize('version', ['3, 9', '3, 14'])
def test_wrong_python(version):
    program = f"""
import runpy, sys
class V(tuple):
    pass
sys.version_info = V(({version}, 0))
runpy.run_module('suite', run_name='__main__')
"""
    result = subprocess.run(
        [sys.executable, '-c', program], capture_output=True, text=True, cwd=REPO,
        env={**os.environ, 'PYTHONPATH': str(REPO / 'tools')},
    )
    assert result.returncode == 1
    assert "Odoo 19 needs Python 3.10 to 3.13" in result.stderr
    assert 'Traceback' not in result.stderr


def test_database_server_that_does_not_answer():
    result = _suite('run', '--port', '0', PGHOST='/nonexistent', PGUSER='nobody')
    assert result.returncode == 1
    assert "the PostgreSQL server you named does not answer" in result.stdout
    assert 'Traceback' not in result.stdout + result.stderr


def test_database_server_named(monkeypatch, tmp_path):
    """By odoo.conf, else by variables, else our own; each server keeps its files apart."""
    for name in postgres.PG_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(postgres, 'REPO', tmp_path)
    assert type(postgres.for_work()) is type(postgres.for_tests()) is postgres.Embedded
    monkeypatch.setenv('PGHOST', 'db.example')
    monkeypatch.setenv('PGUSER', 'anna')
    by_variables = postgres.for_work()
    assert by_variables.environment == {'PGHOST': 'db.example', 'PGUSER': 'anna'}
    (tmp_path / 'odoo.conf').write_text("[options]\ndb_host = other.example\ndb_port = 5433\ndb_user = False\n")
    by_file = postgres.for_work()
    assert by_file.environment == {'PGHOST': 'other.example', 'PGPORT': '5433'}
    assert by_file.key != by_variables.key


@pytest.mark.parametrize('name', ['', 'a b', 'x";drop', '-x'])
def test_bad_database_name(name):
    with pytest.raises(Fail, match="no name for a database"):
        database._quoted(name)


def test_database_newer_than_the_code():
    database.require_not_newer('shop', {'crm_scp_core': database.manifest_version('crm_scp_core')})
    with pytest.raises(Fail, match=r"database shop has crm_scp_core 19\.0\.99\.0\.0, newer than this code"):
        database.require_not_newer('shop', {'crm_scp_core': '19.0.99.0.0'})


def test_addon_that_fails_to_load_is_named(tmp_path):
    log = """
2026-01-01 00:00:00,000 1 INFO scp odoo.modules.loading: Loading module crm_scp_core (60/61)
2026-01-01 00:00:00,000 1 ERROR scp odoo.registry: Failed to load registry
Traceback (most recent call last):
  File "/srv/addons/crm_scp_core/models/hub/scp_grade.py", line 4, in <module>
    import nothing_of_that_name
ModuleNotFoundError: No module named 'nothing_of_that_name'
"""
    message = str(odoo.failure(log, tmp_path / 'x.log'))
    assert message.startswith("error: the addon crm_scp_core fails to load: ModuleNotFoundError")
    assert 'nothing_of_that_name' in message.splitlines()[0]


@pytest.mark.parametrize(('text', 'expected'), [
    ("deb http://mirror.example/debian bookworm main contrib\n", 'http://mirror.example/debian'),
    ("deb [arch=amd64] http://mirror.example/debian bookworm main\n", 'http://mirror.example/debian'),
    ("# deb http://no.example/debian bookworm main\n", None),
    ("deb http://no.example/other bookworm contrib\n", None),
])
def test_mirror_in_one_line_format(text, expected):
    found = [address for address, suite in debian._one_line_entries(text) if suite == 'bookworm']
    assert found == ([expected] if expected else [])


def test_mirror_in_deb822_format():
    text = (
        "Types: deb\n# a comment\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\n"
        "Components: main\n\nTypes: deb\nURIs: http://mirror.example/security\n"
        "Suites: bookworm-security\nComponents: main\n"
    )
    assert list(debian._deb822_entries(text)) == [
        ('http://mirror.example/debian', 'bookworm'),
        ('http://mirror.example/debian', 'bookworm-updates'),
        ('http://mirror.example/security', 'bookworm-security'),
    ]


def test_auto_installed_addons_join_but_not_those_that_call_paid_services():
    names = odoo.closure('crm,sale_crm').split(',')
    assert {'base', 'crm', 'sale_crm', 'sale'} <= set(names)
    assert not odoo.NETWORK_ADDONS & set(names)
    assert 'stock' not in names


def test_nothing_is_written_into_the_home(tmp_path, monkeypatch):
    monkeypatch.setenv('HOME', str(tmp_path))
    monkeypatch.delenv('XDG_DATA_HOME', raising=False)
    assert odoo.closure.__wrapped__('base')
    assert not list(tmp_path.iterdir())

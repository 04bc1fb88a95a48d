"""The compose files are what the compose specification says, and name files that exist."""
import subprocess
import sys

import pytest
import yaml

from suite.paths import REPO

FOLDER = REPO / 'docker'
FILES = ('compose.yaml', 'compose.scale.yaml')


@pytest.fixture(params=FILES)
def compose(request):
    return FOLDER / request.param


def services(compose):
    return yaml.safe_load(compose.read_text())['services']


def test_every_compose_file_is_checked():
    assert {path.name for path in FOLDER.glob('compose*.yaml')} == set(FILES)


def test_schema(compose):
    command = [sys.executable, '-m', 'check_jsonschema', '--builtin-schema', 'vendor.compose-spec', compose]
    result = subprocess.run(command, capture_output=True, text=True)
    assert not result.returncode, result.stdout + result.stderr


def test_mounted_files_exist(compose):
    sources = [
        volume.split(':')[0] for service in services(compose).values() for volume in service.get('volumes', ())
        if volume.startswith('.')
    ]
    assert sources
    for source in sources:
        assert (FOLDER / source).exists(), source


def test_every_service_has_a_health_check(compose):
    assert all('healthcheck' in service for service in services(compose).values())


def test_services_wait_for_services_that_exist(compose):
    known = services(compose)
    for name, service in known.items():
        assert set(service.get('depends_on', ())) <= set(known), name


def test_workers_cannot_reach_the_database():
    """Nor do they know a password, and nobody outside reaches them."""
    known = services(FOLDER / 'compose.scale.yaml')
    for name in ('scheduler', 'worker-a', 'worker-b'):
        assert not {'environment', 'volumes', 'ports'} & set(known[name]), name
        assert not set(known[name]['networks']) & set(known['db']['networks']), name


def test_passwords_come_from_the_environment():
    """Each variable without a default is in the example, and none of them has a value in a compose file."""
    example = (FOLDER / '.env.example').read_text()
    for name in FILES:
        text = (FOLDER / name).read_text()
        for variable in ('SCP_DB_PASSWORD', 'SCP_REPLICATION_PASSWORD'):
            assert text.count(variable + ':?') == text.count('${' + variable), name
            assert variable + '=' in example

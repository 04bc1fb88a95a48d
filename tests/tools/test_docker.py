"""The compose file is what the compose specification says, and names files that exist."""
import subprocess
import sys

import yaml

from suite.paths import REPO

COMPOSE = REPO / 'docker' / 'compose.yaml'


def test_schema():
    command = [sys.executable, '-m', 'check_jsonschema', '--builtin-schema', 'vendor.compose-spec', COMPOSE]
    result = subprocess.run(command, capture_output=True, text=True)
    assert not result.returncode, result.stdout + result.stderr


def test_mounted_files_exist():
    services = yaml.safe_load(COMPOSE.read_text())['services']
    sources = [
        volume.split(':')[0] for service in services.values() for volume in service.get('volumes', ())
        if volume.startswith('.')
    ]
    assert sources
    for source in sources:
        assert (COMPOSE.parent / source).exists(), source


def test_every_service_has_a_health_check():
    services = yaml.safe_load(COMPOSE.read_text())['services']
    assert all('healthcheck' in service for service in services.values())

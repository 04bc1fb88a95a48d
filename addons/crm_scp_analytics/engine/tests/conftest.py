"""Engine tests need neither Odoo nor a database: ``python -m pytest <this folder>``."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# The engine by itself, not through the addon around it, which imports Odoo.
sys.path.insert(0, str(Path(__file__).parents[2]))

settings.register_profile('default', derandomize=True, deadline=None, max_examples=50)
settings.register_profile('soak', parent=settings.get_profile('default'), max_examples=1000)
settings.load_profile('soak' if os.environ.get('SCP_SOAK') else 'default')


# pytest-odoo, where installed, opens a database for every session: these tests have none.
@pytest.fixture(scope='session', autouse=True)
def load_registry():
    yield


@pytest.fixture(scope='session', autouse=True)
def load_http():
    yield


@pytest.fixture(scope='module', autouse=True)
def enable_odoo_test_flag():
    yield

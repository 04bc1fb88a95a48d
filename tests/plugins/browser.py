"""Pytest plugin that gives Chromium a minute to start, and starts it once before it counts.

Odoo gives up after ten seconds, and after three on the first answer, and skips the test; on a busy
machine, with a browser not yet in memory, that has happened.
"""

import subprocess
import tempfile
from contextlib import suppress
from unittest import SkipTest

import pytest

from odoo.tests import common

common.CHECK_BROWSER_ITERATIONS = 600
common.BROWSER_WAIT = common.CHECK_BROWSER_SLEEP * common.CHECK_BROWSER_ITERATIONS


@pytest.fixture(scope='session', autouse=True)
def _browser_in_memory():
    with suppress(SkipTest, subprocess.TimeoutExpired), tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [common._find_executable(), '--headless', '--no-sandbox', '--disable-gpu',
             f'--user-data-dir={profile}', '--dump-dom', 'about:blank'],
            check=False, capture_output=True, timeout=common.BROWSER_WAIT,
        )

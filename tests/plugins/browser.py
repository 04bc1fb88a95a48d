"""Pytest plugin that gives Chromium a minute to start, and what it has compiled to the next one.

Odoo gives up after ten seconds, and after three on the first answer, and skips the test: on a busy
machine, with a browser not yet in memory, that has happened. And it starts a browser with an empty
profile for every tour, to which reading and compiling the web client anew is half of the work.
"""

import subprocess
import tempfile
from contextlib import suppress
from unittest import SkipTest
from unittest.mock import patch

import pytest

from odoo.tests import common

common.CHECK_BROWSER_ITERATIONS = 600
common.BROWSER_WAIT = common.CHECK_BROWSER_SLEEP * common.CHECK_BROWSER_ITERATIONS


@pytest.fixture(scope='session', autouse=True)
def browsers():
    spawn = common.ChromeBrowser._spawn_chrome
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as cache,
        patch.object(common.ChromeBrowser, '_spawn_chrome', lambda browser, command: spawn(
            browser, [command[0], f'--disk-cache-dir={cache}', *command[1:]])),
    ):
        with suppress(SkipTest, subprocess.TimeoutExpired):
            subprocess.run(
                [common._find_executable(), '--headless', '--no-sandbox', '--disable-gpu',
                 f'--user-data-dir={profile}', '--dump-dom', 'about:blank'],
                check=False, capture_output=True, timeout=common.BROWSER_WAIT,
            )
        yield

"""Pytest plugin that gives Chromium a minute to start.

Odoo gives up after ten seconds and skips the test; on a busy machine that has happened.
"""

from odoo.tests import common

common.CHECK_BROWSER_ITERATIONS = 600
common.BROWSER_WAIT = common.CHECK_BROWSER_SLEEP * common.CHECK_BROWSER_ITERATIONS

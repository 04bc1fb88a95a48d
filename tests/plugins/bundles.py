"""Pytest plugin that builds the bundles of the web client once, before the first test.

Odoo's own runner does so, pytest-odoo does not: each test in a browser would build them anew, four
seconds of work, and roll them back; on a busy machine its other requests would give up waiting.
"""

import pytest

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests.common import get_db_name

STYLES = ('web.assets_web', 'web.assets_web_print', 'web.assets_frontend', 'web.assets_backend_lazy')
SCRIPTS = (
    'web.assets_web', 'web.assets_tests', 'web.assets_frontend_minimal', 'web.assets_frontend_lazy',
    'web.assets_backend_lazy', 'bus.websocket_worker_assets',
)


@pytest.fixture(scope='session', autouse=True)
def bundles(load_registry):
    with Registry(get_db_name()).cursor() as cr:
        qweb = api.Environment(cr, SUPERUSER_ID, {})['ir.qweb']
        for name in STYLES:
            qweb._get_asset_bundle(name, css=True, js=False).css()
        for name in SCRIPTS:
            qweb._get_asset_bundle(name, css=False, js=True).js()

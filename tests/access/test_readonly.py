"""What only reads says so, and keeps to it: then a streaming replica serves it (`db_replica_host`).

In tests a cursor of a call that says so refuses to write, as that of a replica does; Odoo then warns, and does the
call again with one that may.
"""

import contextlib
import inspect

from odoo.tests import HttpCase, tagged
from odoo.tests.common import JsonRpcException

from suite.paths import ADDONS
from tests.access.common import AccessCase
from tests.access.rights_boards import BOARDS, OF_THE_PRIMARY, READS, REPORTS


def own_methods(env):
    """Yield (model, name, method) of what our addons let the web client call."""
    for model, records in env.registry.items():
        for name, method in inspect.getmembers(records, inspect.isfunction):
            if name.startswith(READS) and any(
                name in vars(cls) and cls.__module__.startswith(tuple(f'odoo.addons.{addon}.' for addon in ADDONS))
                for cls in records.mro()
            ):
                yield model, name, method


@tagged('post_install', '-at_install')
class TestReadonly(AccessCase):

    def test_what_only_reads_says_so(self):
        """Odoo's own `get_values` of settings are no part of it."""
        breaches = [
            f"{model}.{name}" for model, name, method in own_methods(self.env)
            if not getattr(method, '_readonly', False) and model != 'res.config.settings' and name not in OF_THE_PRIMARY
        ]
        self.assertNone(breaches, "methods by whose names they only read, without @api.readonly")

    def test_every_board_is_tried(self):
        tried = {getattr(self.env.registry[model], name) for model, methods in BOARDS.items() for name in methods}
        missed = [
            f"{model}.{name}" for model, name, method in own_methods(self.env)
            if name.startswith('get_') and method not in tried and name not in OF_THE_PRIMARY
            and self.env[model]._original_module in ADDONS
        ]
        self.assertNone(missed, "boards that TestReadonlyCalls does not ask for")


@tagged('post_install', '-at_install')
class TestReadonlyCalls(HttpCase):

    def call(self, model, method, *args, **kwargs):
        with self.assertNoLogs('odoo.http', 'WARNING'):
            return self.make_jsonrpc_request(
                f'/web/dataset/call_kw/{model}/{method}',
                {'model': model, 'method': method, 'args': args, 'kwargs': kwargs})

    def test_boards_and_reports_write_nothing(self):
        self.authenticate('scp_manager', 'scp_manager')
        for model, methods in BOARDS.items():
            for method, arguments in methods.items():
                if method == 'get_trace':
                    arguments = ['stock.lot', self.env['stock.lot'].search([], limit=1).ids]
                with self.subTest(model=model, method=method):
                    self.assertTrue(self.call(model, method, *arguments))
        for model in REPORTS:
            with self.subTest(model=model):
                self.call(model, 'web_search_read', [], {'display_name': {}}, limit=5)
                self.call(model, 'web_read_group', [], ['company_id'], ['__count'])

    def test_records_behind_are_opened_without_writing(self):
        """Each button that opens something, on a record of the demo; some have nothing to open there."""
        self.authenticate('scp_manager', 'scp_manager')
        manager = self.env['res.users'].search([('login', '=', 'scp_manager')])
        tried = 0
        for model, name, _method in own_methods(self.env):
            records = self.env[model].with_user(manager)
            if name.startswith('get_') or records._abstract or records._transient or not records.has_access('read'):
                continue
            if record := records.search([], limit=1):
                with self.subTest(model=model, method=name), contextlib.suppress(JsonRpcException):
                    tried += 1
                    self.call(model, name, record.ids)
        self.assertGreater(tried, 60)

"""What only reads says so, and keeps to it: then a streaming replica serves it (`db_replica_host`).

In tests a cursor of a call that says so refuses to write, as that of a replica does; Odoo then warns, and does the
call again with one that may.
"""

import contextlib
import inspect
from datetime import date, timedelta

from odoo.tests import HttpCase, tagged
from odoo.tests.common import JsonRpcException

from suite.paths import ADDONS
from tests.access.common import AccessCase

#: beginnings of names of methods that only read
READS = ('get_', 'action_view_', 'action_open_', 'action_scp_view_', 'action_scp_open_')

#: method -> why it is asked of the primary nevertheless
OF_THE_PRIMARY = {
    'get_scp_move_questions': "asks about the move that was made a moment ago, which a replica may not know yet",
}

SINCE = {'date_from': str(date.today() - timedelta(days=60))}

#: the figures of each board, as the manager asks for them: model -> method -> arguments
BOARDS = {
    'scp.my.day': {'get_my_day': []},
    'scp.funnel': {
        'get_conversion': [{}], 'get_outcome': [{}], 'get_velocity': [{}], 'get_pipeline': [{}],
        'get_waterfall': [SINCE], 'get_slippage': [SINCE],
    },
    'scp.forecast': {'get_forecast': [{}], 'get_calibration': [{}], 'get_accuracy': [{}]},
    'scp.gap': {'get_gap': [{}]},
    'scp.complaint.kpi': {'get_kpis': [{}]},
    'scp.value.whale': {'get_whale': [{}]},
    'scp.value.accuracy': {'get_accuracy': [{}]},
    'scp.value.model': {'get_trial': [{}]},
    'scp.value.asset': {'get_migration': [{}], 'get_waterfall': [{}]},
    'scp.value.cohort': {'get_cohorts': [{}]},
    'scp.value.dashboard': {'get_dashboard': [{}]},
    'scp.control.tower': {'get_tower': [{}]},
    'scp.trace': {'get_trace': ['stock.lot', [1]]},
}

#: lists and pivots of reports
REPORTS = (
    'scp.customer', 'scp.lead.log', 'scp.complaint.report', 'scp.value.score', 'scp.value.fact',
    'scp.value.profit.report', 'scp.sevenp', 'scp.appraisal', 'scp.promise.report', 'scp.delivery.report',
    'scp.scorecard', 'scp.supply.base.report',
)


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

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lot = cls.env['stock.lot'].search([], limit=1)

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
                    arguments = ['stock.lot', self.lot.ids]
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

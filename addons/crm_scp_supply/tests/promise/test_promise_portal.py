import json
from datetime import datetime, timedelta

from odoo import Command, fields, http
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger


@tagged('post_install', '-at_install')
class TestPromisePortal(HttpCase):
    """The supplier's own pages, over HTTP."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vendor = cls.env['res.partner'].create({'name': "Rope Works", 'is_company': True})
        cls.supplier = new_test_user(cls.env, 'prm_supplier', 'base.group_portal')
        cls.supplier.partner_id.parent_id = cls.vendor
        cls.buyer = new_test_user(cls.env, 'prm_buyer', 'base.group_user,purchase.group_purchase_user', tz='UTC')
        cls.product = cls.env['product.product'].create({'name': "Rope", 'type': 'consu'})
        cls.planned = fields.Datetime.now() + timedelta(days=7)
        cls.order = cls.env['purchase.order'].create({
            'partner_id': cls.vendor.id,
            'user_id': cls.buyer.id,
            'order_line': [Command.create({
                'product_id': cls.product.id, 'product_qty': qty, 'price_unit': 1.0, 'date_planned': cls.planned,
            }) for qty in (10, 20)],
        })
        cls.order.button_confirm()
        cls.line, cls.other_line = cls.order.order_line

    def _get_promises(self, line):
        return self.env['scp.promise'].search([('purchase_line_id', '=', line.id)], order='date, id')

    def _update(self, dates, **params):
        """Post to the supplier's form as its page does."""
        response = self.url_open(
            f'/my/purchase/{self.order.id}/update',
            data=json.dumps({'jsonrpc': '2.0', 'method': 'call', 'params': {
                **{str(line.id): date.strftime('%Y-%m-%d') for line, date in dates.items()}, **params,
            }}),
            headers={'Content-Type': 'application/json'},
        )
        response.raise_for_status()
        self.env.invalidate_all()

    def test_update_dates(self):
        first, second = (self.planned + timedelta(days=days) for days in (3, 9))
        self.authenticate('prm_supplier', 'prm_supplier')
        self._update({self.line: first})
        row = self._get_promises(self.line)[-1]
        self.assertEqual(
            (row.kind, row.source, row.unconfirmed, row.user_id), ('baseline', 'portal', False, self.supplier),
        )
        self.assertEqual(row.date_promised, datetime.combine(first, datetime.min.time()) + timedelta(hours=12))
        self.assertEqual(row.previous_date, self.planned)
        self._update({self.line: second})
        self._update({self.line: second})
        row = self._get_promises(self.line)[-1]
        self.assertEqual((row.kind, row.source), ('revision', 'portal'))
        self.assertEqual(len(self._get_promises(self.line)), 4)
        self.assertEqual(self.line.scp_baseline_date.date(), first.date(), "The first date stays the measure")
        self.assertEqual(len(self._get_promises(self.other_line)), 2)

    def test_update_dates_by_token(self):
        """The link in the mail needs no login: the ledger says portal, and nobody's name."""
        self._update({self.line: self.planned}, access_token=self.order._portal_ensure_token())
        row = self._get_promises(self.line)[-1]
        self.assertEqual((row.kind, row.source), ('baseline', 'portal'))
        self.assertEqual(row.user_id, self.env.ref('base.public_user'))

    def test_acknowledge(self):
        self.authenticate('prm_supplier', 'prm_supplier')
        for _click in range(2):
            self.url_open(
                f'/my/purchase/{self.order.id}', data={'acknowledge': '1', 'csrf_token': http.Request.csrf_token(self)},
            ).raise_for_status()
        self.env.invalidate_all()
        self.assertTrue(self.order.acknowledged)
        for line in self.order.order_line:
            rows = self._get_promises(line)
            self.assertEqual(rows.mapped('kind'), ['requested', 'baseline', 'baseline'])
            self.assertEqual((rows[-1].source, rows[-1].user_id), ('portal', self.supplier))
            self.assertEqual(rows[-1].date_promised, self.planned)

    def test_somebody_else(self):
        new_test_user(self.env, 'prm_stranger', 'base.group_portal')
        self.authenticate('prm_stranger', 'prm_stranger')
        self.url_open(
            f'/my/purchase/{self.order.id}/update',
            data=json.dumps({'params': {str(self.line.id): '2030-01-01'}}),
            headers={'Content-Type': 'application/json'},
        )
        self.env.invalidate_all()
        self.assertEqual(len(self._get_promises(self.line)), 2)

    def test_api(self):
        """A change that comes in through the JSON API says so."""
        key = self.env['res.users.apikeys'].with_user(self.buyer)._generate(
            'rpc', "Test", fields.Datetime.now() + timedelta(days=1),
        )
        self.url_open('/json/2/purchase.order.line/write', data=json.dumps({
            'ids': [self.line.id], 'vals': {'product_qty': 12},
            'context': {'scp_promise_origin': {'source': 'portal'}},
        }), headers={'Content-Type': 'application/json', 'Authorization': f'Bearer {key}'}).raise_for_status()
        self.env.invalidate_all()
        row = self._get_promises(self.line)[-1]
        self.assertEqual((row.kind, row.source, row.user_id), ('revision', 'api', self.buyer))

    @mute_logger('odoo.addons.rpc.controllers.jsonrpc')
    def test_old_api(self):
        self.url_open('/jsonrpc', data=json.dumps({'jsonrpc': '2.0', 'method': 'call', 'params': {
            'service': 'object', 'method': 'execute_kw', 'args': [
                self.env.cr.dbname, self.buyer.id, 'prm_buyer', 'purchase.order.line', 'write',
                [[self.line.id], {'product_qty': 11}],
            ],
        }}), headers={'Content-Type': 'application/json'}).raise_for_status()
        self.env.invalidate_all()
        row = self._get_promises(self.line)[-1]
        self.assertEqual((row.kind, row.source, row.user_id), ('revision', 'api', self.buyer))

    @mute_logger('odoo.http')
    def test_ledger_over_rpc(self):
        """Nothing in the ledger can be written, deleted or added through the web client either."""
        new_test_user(self.env, 'prm_admin', 'base.group_system,crm_scp_core.group_scp_manager')
        self.authenticate('prm_admin', 'prm_admin')
        row = self._get_promises(self.line)[-1]
        vals = {'kind': 'revision', 'direction': 'in', 'line_ref': self.line.id, 'source': 'internal'}
        for method, args in (
            ('write', [[row.id], {'date_promised': '2030-01-01 00:00:00'}]),
            ('unlink', [[row.id]]),
            ('create', [[vals]]),
            ('web_save', [[row.id], {'note': "x"}, {}]),
            ('copy', [[row.id]]),
            ('_append', [[vals]]),
        ):
            response = self.url_open('/web/dataset/call_kw', data=json.dumps({'params': {
                'model': 'scp.promise', 'method': method, 'args': args, 'kwargs': {},
            }}), headers={'Content-Type': 'application/json'}).json()
            self.assertIn('error', response, method)
        self.env.invalidate_all()
        self.assertEqual(len(self._get_promises(self.line)), 2)
        self.assertEqual(row.date_promised, self.planned)

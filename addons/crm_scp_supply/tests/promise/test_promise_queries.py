from datetime import datetime

from odoo import Command
from odoo.tests import TransactionCase, freeze_time, tagged

from .common import NOW, PromiseCommon

COMMITTED = datetime(2026, 3, 6, 8)
LATER = datetime(2026, 3, 10, 8)


@tagged('post_install', '-at_install')
@freeze_time(NOW)
class TestPromiseQueries(PromiseCommon):
    """The ledger costs one SELECT and one INSERT per call, however many lines there are."""

    def _without_ledger(self):
        """Plain Odoo: no order is ever touched."""
        self.patch(self.registry['scp.promise'], '_get_states', lambda *args: {})
        for model in ('sale.order', 'purchase.order'):
            self.patch(
                self.registry[model], '_scp_get_touched_orders', lambda orders, vals: orders.browse().sudo(),
            )

    def _count(self, function, *args):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        function(*args)
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def _compare(self, create, confirm):
        """Extra queries of confirming 1 and 20 orders, against the same with the ledger taken out."""
        confirm(create(1))  # warm up
        orders = [create(1), create(20)]
        with_ledger = [self._count(confirm, records) for records in orders]
        orders = [create(1), create(20)]
        self._without_ledger()
        without = [self._count(confirm, records) for records in orders]
        return [ours - plain for ours, plain in zip(with_ledger, without, strict=True)]

    def _create_sales(self, count):
        return self.env['sale.order'].concat(*(
            self._create_sale((self.bolt, 1), (self.sail, 2), commitment_date=COMMITTED) for _index in range(count)
        ))

    def _create_purchases(self, count):
        return self.env['purchase.order'].concat(*(
            self._create_purchase((self.bolt, 1), (self.sail, 2)) for _index in range(count)
        ))

    def test_confirm_sales(self):
        one, twenty = self._compare(self._create_sales, lambda orders: orders.action_confirm())
        self.assertLessEqual(one, 3)
        self.assertLessEqual(twenty, 3)

    def test_confirm_purchases(self):
        one, twenty = self._compare(self._create_purchases, lambda orders: orders.button_confirm())
        self.assertLessEqual(one, 3)
        self.assertLessEqual(twenty, 3)

    def test_lines_of_an_order(self):
        """20 lines in one save cost the ledger as much as one."""
        order = self._create_sale(*[(self.bolt, 1)] * 20, commitment_date=COMMITTED)
        order.action_confirm()
        lines = order.order_line
        self.env.flush_all()
        self.env.invalidate_all()
        inserts = []
        append = type(self.Promise)._append

        def counting_append(model, vals_list):
            inserts.append(len(vals_list))
            append(model, vals_list)

        self.patch(type(self.Promise), '_append', counting_append)
        order.write({'commitment_date': LATER, 'order_line': [
            Command.update(line.id, {'product_uom_qty': 5}) for line in lines
        ]})
        self.assertEqual(inserts, [20])
        self.assertEqual(set(self.Promise.search([
            ('sale_order_id', '=', order.id), ('kind', '=', 'revision'),
        ]).mapped('product_uom_qty')), {5})

    def test_columns_of_many_lines(self):
        orders = self._create_sales(10)
        orders.action_confirm()
        lines = orders.order_line.browse(orders.order_line.ids)
        self.env.flush_all()
        self.env.invalidate_all()
        lines.mapped('product_uom_qty')
        with self.assertQueryCount(1):
            lines.mapped('scp_baseline_date')
            lines.mapped('scp_promise_date')
            lines.mapped('scp_revision_count')


@tagged('post_install', '-at_install')
class TestPromiseDrafts(TransactionCase):

    def test_drafts_cost_nothing(self):
        partner = self.env['res.partner'].create({'name': "Quay"})
        order = self.env['sale.order'].create({'partner_id': partner.id})
        calls = []
        self.patch(self.registry['scp.promise'], '_get_states', lambda *args: calls.append(args) or {})
        order.write({'commitment_date': COMMITTED, 'client_order_ref': "X"})
        order.write({'order_line': [Command.create({'name': "Deck", 'display_type': 'line_section'})]})
        self.assertFalse(calls)

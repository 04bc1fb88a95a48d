"""A sale that a supplier sends straight to the customer, as Odoo's own addon makes it."""

import json
from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from tests.logistics.common import LogisticsCase


@tagged('post_install', '-at_install')
class TestDropship(LogisticsCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.works.street, cls.yard.street = "Hemp Lane 1", "Quay 7"
        anchor = cls.env['product.product'].create({
            'name': "Anchor", 'type': 'consu', 'is_storable': True, 'list_price': 9.0,
            'route_ids': [Command.set(cls.env.ref('stock_dropshipping.route_drop_shipping').ids)],
            'seller_ids': [Command.create({'partner_id': cls.works.id, 'price': 4.0})],
        })
        cls.sale = cls._create_sale((anchor, 10), client_order_ref="HY-4711")
        cls.purchase = cls.env['purchase.order'].search([('order_line.product_id', '=', anchor.id)])
        cls.purchase.button_confirm()
        cls.direct = cls.purchase.picking_ids

    def get_slip(self, user):
        """The slip as a user prints it, or gets it in the portal: made with full rights in his name."""
        report = self.env['ir.actions.report'].with_user(user).sudo()
        return report._render_qweb_html('stock.report_deliveryslip', self.direct.ids)[0].decode()

    def test_fixture(self):
        self.assertTrue(self.direct.is_dropship)
        self.assertEqual(self.direct.partner_id, self.works)
        self.assertEqual(self.direct.move_ids.sale_line_id, self.sale.order_line)

    def test_neither_side_learns_of_the_other(self):
        self.assert_learns_nothing(self.hanna, self.works.name, self.works.street, self.purchase.name)
        self.assert_learns_nothing(self.rob, self.yard.name, self.yard.street, self.sale.name, "HY-4711")
        self.assert_closed(self.hanna)
        self.assert_closed(self.rob)

    @mute_logger('odoo.http')
    def test_remote_calls(self):
        """The fields that name the other side cannot be read, searched or grouped by."""
        for user, record, names in (
            (self.hanna, self.direct, ('partner_id', 'origin', 'purchase_id')),
            (self.rob, self.direct, ('sale_id', 'reference_ids')),
            (self.rob, self.purchase, ('dest_address_id', 'origin', 'reference_ids')),
            (self.rob, self.purchase.order_line, ('sale_line_id', 'sale_order_id')),
        ):
            self._login(user)
            for name in names:
                self.assertIn(name, record._fields)
                for method, args in (
                    ('web_read', [record.ids, {name: {}}]), ('search_count', [[(name, '!=', False)]]),
                    ('formatted_read_group', [[], [name], ['__count']]),
                ):
                    answer = self.url_open('/web/dataset/call_kw', data=json.dumps({'params': {
                        'model': record._name, 'method': method, 'args': args, 'kwargs': {},
                    }}), headers={'Content-Type': 'application/json'}).json()
                    self.assertIn('error', answer, f"{user.name}: {record._name}.{method}({name})")

    def test_pages(self):
        self._login(self.hanna)
        page = self.url_open(f'/my/supply/orders/{self.sale.id}').text
        self.assertIn(self.direct.name, page)
        for secret in (self.works.name, self.purchase.name):
            self.assertNotIn(secret, page)
        self._login(self.rob)
        page = self.url_open(f'/my/supply/purchases/{self.purchase.id}').text
        self.assertIn("Goes straight to a customer", page)
        for secret in (self.yard.name, self.sale.name):
            self.assertNotIn(secret, page)

    def test_slip(self):
        """It travels with the goods: it says where they go, and not from whom they come."""
        keeper = self.env.ref('base.user_admin')
        for state in ('assigned', 'done'):
            if state == 'done':
                self.direct.move_ids.quantity = 10
                self.direct.move_ids.picked = True
                self.direct._action_done()
            for reader in (keeper, self.hanna):
                slip = self.get_slip(reader)
                for text in (self.direct.name, self.yard.street, self.sale.name, "HY-4711"):
                    self.assertIn(text, slip, f"{state}, {reader.name}")
                for secret in (self.works.name, self.works.street, self.purchase.name):
                    self.assertNotIn(secret, slip, f"{state}, {reader.name}")
            slip = self.get_slip(self.rob)
            self.assertIn(self.purchase.name, slip)
            for secret in (self.yard.name, self.yard.street, self.sale.name, "HY-4711"):
                self.assertNotIn(secret, slip, state)

    def test_slip_when_the_policy_reveals(self):
        self.policy.write({'reveal_supplier_identity': True, 'reveal_customer_identity': True})
        self.assertIn(self.yard.street, self.get_slip(self.rob))
        self.assertIn(self.purchase.name, self.get_slip(self.hanna))

    def test_return_slip(self):
        report = self.env['ir.actions.report'].with_user(self.hanna).sudo()
        with patch.object(type(report), 'barcode', return_value=b''):  # drawing it takes a library of its own
            slip = report._render_qweb_html('stock.report_return_document', self.direct.ids)[0].decode()
        for secret in (self.works.name, self.works.street):
            self.assertNotIn(secret, slip)

    def test_measured_on_both_sides(self):
        self.direct.move_ids.quantity = 10
        self.direct.move_ids.picked = True
        self.direct._action_done()
        self.env['scp.delivery.refresh']._cron_refresh()
        for line in (self.sale.order_line, self.purchase.order_line):
            fact = self.env['scp.delivery.fact'].search([
                ('direction', '=', line._scp_direction), ('line_ref', '=', line.id),
            ])
            self.assertEqual((fact.qty_done, fact.is_in_full, fact.is_closed), (10, True, True), line._name)

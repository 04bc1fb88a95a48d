import contextlib
import json

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SupplyPortalCommon


@tagged('post_install', '-at_install')
class TestSupplyIdentities(SupplyPortalCommon):
    """In a direct delivery neither side learns who the other is, unless the policy says so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale = cls._create_sale()
        cls.sale.picking_ids.action_cancel()
        # As stock_dropshipping makes them: from the supplier to the customer, in one transfer
        picking_type = cls.env['stock.picking.type'].search([('code', '=', 'incoming')], limit=1).copy({
            'name': "Direct", 'sequence_code': 'DIR',
            'default_location_src_id': cls.env.ref('stock.stock_location_suppliers').id,
            'default_location_dest_id': cls.env.ref('stock.stock_location_customers').id,
        })
        cls.purchase = cls._create_purchase(
            partner=cls.rob.partner_id, picking_type_id=picking_type.id, dest_address_id=cls.yard.id,
            origin=cls.sale.name,
        )
        cls.direct = cls.purchase.picking_ids
        cls.direct.move_ids.sale_line_id = cls.sale.order_line
        cls.direct.sale_id = cls.sale
        if 'sale_line_id' in cls.purchase.order_line._fields:  # sale_purchase is installed
            cls.purchase.order_line.sale_line_id = cls.sale.order_line

    # === PAGES === #

    def test_customer_page(self):
        self._login(self.hanna)
        url = f'/my/supply/orders/{self.sale.id}'
        page = self.url_open(url).text
        self.assertIn(self.direct.name, page)
        for secret in (self.works.name, self.rob.name, self.purchase.name):
            self.assertNotIn(secret, page)
        self.policy.reveal_supplier_identity = True
        page = self.url_open(url).text
        self.assertIn(self.works.name, page)
        self.assertNotIn(self.purchase.name, page)

    def test_supplier_page(self):
        self._login(self.rob)
        url = f'/my/supply/purchases/{self.purchase.id}'
        page = self.url_open(url).text
        self.assertIn("Goes straight to a customer", page)
        for secret in (self.yard.name, self.sale.name):
            self.assertNotIn(secret, page)
        self.policy.reveal_customer_identity = True
        self.assertIn(self.yard.name, self.url_open(url).text)

    # === REMOTE CALLS === #

    @mute_logger('odoo.http')
    def test_remote_calls(self):
        """No field behind the documents gives the name away: neither read nor search nor grouping."""
        hidden = {
            (self.hanna, self.direct): ('partner_id', 'origin', 'purchase_id'),
            (self.rob, self.direct): ('sale_id', 'reference_ids'),
            (self.rob, self.purchase): ('dest_address_id', 'origin'),
            (self.rob, self.purchase.order_line): ('sale_line_id', 'sale_order_id'),
        }
        for (user, record), names in hidden.items():
            self._login(user)
            record.with_user(user).check_access('read')
            for name in names:
                if name not in record._fields:
                    continue  # of an addon that is not installed
                for method, args in (
                    ('read', [record.ids, [name]]), ('web_read', [record.ids, {name: {}}]),
                    ('search_read', [[], [name]]), ('search_count', [[(name, '!=', False)]]),
                    ('formatted_read_group', [[], [name], ['__count']]),
                    ('export_data', [record.ids, [name]]),
                ):
                    response = self.url_open('/web/dataset/call_kw', data=json.dumps({'params': {
                        'model': record._name, 'method': method, 'args': args, 'kwargs': {},
                    }}), headers={'Content-Type': 'application/json'}).json()
                    self.assertIn('error', response, f"{user.name}: {record._name}.{method}({name})")
            self.assertFalse(set(names) & set(record.with_user(user).fields_get()))
            text = ''
            for name in record.with_user(user).fields_get(attributes=['type']):
                with contextlib.suppress(AccessError):  # links to models the portal may not read at all
                    text += str(record.with_user(user).read([name]))
            for secret in (
                (self.works.name, self.purchase.name) if user == self.hanna else (self.yard.name, self.sale.name)
            ):
                self.assertNotIn(secret, text)

    def test_core_still_works(self):
        """Odoo's own pages read as superuser, employees read all."""
        self._login(self.rob)
        self.assertIn(self.purchase.name, self.url_open('/my/purchase').text)
        self.assertEqual(self.url_open(f'/my/purchase/{self.purchase.id}').status_code, 200)
        self._login(self.hanna)
        self.assertIn(self.sale.name, self.url_open('/my/orders').text)
        self.assertEqual(self.url_open(f'/my/orders/{self.sale.id}').status_code, 200)
        self.assertEqual(self.purchase.with_user(self.buyer).dest_address_id, self.yard)

    def test_by_a_path(self):
        """Nor through the fields of another document."""
        for user, model, path in (
            (self.rob, 'purchase.order', 'picking_ids.sale_id.name'),
            (self.rob, 'purchase.order', 'dest_address_id.name'),
            (self.hanna, 'sale.order', 'picking_ids.origin'),
            (self.hanna, 'sale.order', 'picking_ids.partner_id.name'),
        ):
            with self.assertRaises(AccessError, msg=path):
                self.env[model].with_user(user).search([(path, 'ilike', "a")])

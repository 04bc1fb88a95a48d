from odoo.tests import HttpCase, new_test_user, tagged


@tagged('post_install', '-at_install')
class TestPromiseTour(HttpCase):
    """Each role opens its promises in the browser; the tour fails on any error in the console."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = new_test_user(cls.env, 'prm_seller', 'base.group_user,crm_scp_core.group_scp_user')
        cls.buyer = new_test_user(cls.env, 'prm_buyer', 'base.group_user,purchase.group_purchase_user')
        cls.stock = new_test_user(cls.env, 'prm_stock', 'base.group_user,stock.group_stock_user')
        product = cls.env['product.product'].create({'name': "Tour Bolt", 'type': 'consu', 'sale_delay': 3})
        customer, vendor = cls.env['res.partner'].create([{'name': "Tour Customer"}, {'name': "Tour Supplier"}])
        cls.sale = cls.env['sale.order'].create({
            'name': "TOURSO", 'partner_id': customer.id, 'user_id': cls.seller.id,
            'order_line': [(0, 0, {'product_id': product.id, 'product_uom_qty': 5})],
        })
        cls.sale.action_confirm()
        cls.purchase = cls.env['purchase.order'].create({
            'name': "TOURPO", 'partner_id': vendor.id, 'user_id': cls.buyer.id,
            'order_line': [(0, 0, {'product_id': product.id, 'product_qty': 5, 'price_unit': 1.0})],
        })
        cls.purchase.button_confirm()

    def test_salesperson(self):
        self.start_tour('/odoo', 'scp_promise_salesperson', login='prm_seller')
        self.assertEqual(
            self.env['scp.promise'].search([('sale_order_id', '=', self.sale.id)], order='id').mapped('kind'),
            ['baseline', 'revision'],
        )

    def test_buyer(self):
        self.start_tour('/odoo', 'scp_promise_buyer', login='prm_buyer')
        rows = self.env['scp.promise'].search([('purchase_order_id', '=', self.purchase.id)], order='id')
        self.assertEqual(rows.mapped('kind'), ['requested', 'baseline', 'baseline'])
        self.assertEqual(rows[-1].source, 'phone')

    def test_warehouse(self):
        self.start_tour('/odoo', 'scp_promise_warehouse', login='prm_stock')

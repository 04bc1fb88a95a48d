from datetime import datetime

from odoo import Command
from odoo.tests import TransactionCase, freeze_time, new_test_user

# The moment at which every scenario takes place, a Monday
NOW = datetime(2026, 3, 2, 9)

BASE_GROUPS = 'base.group_user'


@freeze_time(NOW)
class PromiseCommon(TransactionCase):
    """Goods with lead times of 3 and 10 days, and a role each.

    ======== ======================================= ==========================
    user     groups                                  sees
    ======== ======================================= ==========================
    seller   group_scp_user                          his own sales orders
    leader   group_scp_team                          those of his team
    manager  group_scp_manager                       everything
    auditor  group_scp_auditor                       everything
    buyer    purchase.group_purchase_user            suppliers
    stock    stock.group_stock_user                  everything
    finance  account.group_account_invoice           everything
    employee base.group_user                         nothing
    supplier base.group_portal                       nothing
    ======== ======================================= ==========================
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, 'tracking_disable': True, 'mail_notrack': True})
        cls.Promise = cls.env['scp.promise']
        cls.unit = cls.env.ref('uom.product_uom_unit')
        cls.dozen = cls.env.ref('uom.product_uom_dozen')
        cls.customer = cls.env['res.partner'].create({'name': "Harbour Yard", 'is_company': True})
        cls.vendor = cls.env['res.partner'].create({'name': "Rope Works", 'is_company': True})
        cls.bolt, cls.sail = cls.env['product.product'].create([
            {'name': "Bolt", 'type': 'consu', 'is_storable': True, 'sale_delay': 3, 'list_price': 2.0,
             'seller_ids': [Command.create({'partner_id': cls.vendor.id, 'delay': 5, 'price': 1.0})]},
            {'name': "Sail", 'type': 'consu', 'is_storable': True, 'sale_delay': 10, 'list_price': 900.0},
        ])
        cls.rigging = cls.env['product.product'].create({'name': "Rigging", 'type': 'service', 'list_price': 60.0})
        cls.seller = new_test_user(cls.env, 'prm_seller', f'{BASE_GROUPS},crm_scp_core.group_scp_user')
        cls.leader = new_test_user(cls.env, 'prm_leader', f'{BASE_GROUPS},crm_scp_core.group_scp_team')
        cls.manager = new_test_user(cls.env, 'prm_manager', f'{BASE_GROUPS},crm_scp_core.group_scp_manager')
        cls.auditor = new_test_user(cls.env, 'prm_auditor', f'{BASE_GROUPS},crm_scp_core.group_scp_auditor')
        cls.buyer = new_test_user(cls.env, 'prm_buyer', f'{BASE_GROUPS},purchase.group_purchase_user')
        cls.stock = new_test_user(cls.env, 'prm_stock', f'{BASE_GROUPS},stock.group_stock_user')
        cls.finance = new_test_user(cls.env, 'prm_finance', f'{BASE_GROUPS},account.group_account_invoice')
        cls.employee = new_test_user(cls.env, 'prm_employee', BASE_GROUPS)
        cls.supplier = new_test_user(cls.env, 'prm_supplier', 'base.group_portal')
        cls.supplier.partner_id.parent_id = cls.vendor

    @classmethod
    def _create_sale(cls, *lines, user=None, **values):
        """A quotation; each line is a product, a quantity and optional values."""
        return cls.env['sale.order'].create({
            'partner_id': cls.customer.id,
            'user_id': (user or cls.seller).id,
            'order_line': [
                Command.create({'product_id': product.id, 'product_uom_qty': qty} | dict(*more))
                for product, qty, *more in lines or [(cls.bolt, 10)]
            ],
            **values,
        })

    @classmethod
    def _create_purchase(cls, *lines, **values):
        """A request for quotation, its lines planned for 9 March, noon."""
        return cls.env['purchase.order'].create({
            'partner_id': cls.vendor.id,
            'user_id': cls.buyer.id,
            'order_line': [
                Command.create({
                    'product_id': product.id, 'product_qty': qty, 'price_unit': 7.0,
                    'date_planned': datetime(2026, 3, 9, 12),
                } | dict(*more))
                for product, qty, *more in lines or [(cls.bolt, 10)]
            ],
            **values,
        })

    def _get_promises(self, line):
        """The ledger of an order line, oldest first."""
        return self.Promise.search([
            ('direction', '=', line._scp_direction), ('line_ref', '=', line.id),
        ], order='date, id')

    def _assert_ledger(self, line, expected):
        """Compare the ledger of a line with rows of kind, date, previous date, quantity in the product's unit."""
        self.assertEqual(
            [
                (row.kind, row.date_promised, row.previous_date, row.product_uom_qty)
                for row in self._get_promises(line)
            ],
            [(kind, date or False, previous or False, qty) for kind, date, previous, qty in expected],
        )

    def _transfer(self, picking, quantities, backorder=True):
        """Validate a transfer with the quantities given by product; what is not named is not moved."""
        for move in picking.move_ids:
            move.quantity = quantities.get(move.product_id, 0)
            move.picked = bool(move.quantity)
        picking.with_context(cancel_backorder=not backorder)._action_done()

    def _return(self, picking, quantities, to_refund=True):
        """Take goods of a done transfer back (a return taken back goes out again); returns the transfer."""
        wizard = self.env['stock.return.picking'].with_context(
            active_id=picking.id, active_model='stock.picking',
        ).create({})
        for line in wizard.product_return_moves:
            line.write({'quantity': quantities.get(line.product_id, 0), 'to_refund': to_refund})
        returned = self.env['stock.picking'].browse(wizard.action_create_returns()['res_id'])
        self._transfer(returned, quantities)
        return returned

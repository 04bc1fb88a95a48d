from odoo import Command
from odoo.tests import TransactionCase


class TraceCommon(TransactionCase):
    """Goods with lots that come, are made into others, go and come back.

    Productions are told as `mrp` and `repair` write them, in the tables of `stock` alone: those apps need not be
    there.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, 'tracking_disable': True, 'mail_notrack': True})
        cls.Trace = cls.env['scp.trace']
        cls.unit = cls.env.ref('uom.product_uom_unit')
        cls.warehouse = cls.env['stock.warehouse'].search([('company_id', '=', cls.env.company.id)], limit=1)
        cls.stock = cls.warehouse.lot_stock_id
        cls.suppliers = cls.env.ref('stock.stock_location_suppliers')
        cls.customers = cls.env.ref('stock.stock_location_customers')
        cls.production, cls.scrapped = (
            cls.env['stock.location'].search(
                [('usage', '=', usage), ('company_id', '=', cls.env.company.id)], limit=1)
            for usage in ('production', 'inventory')
        )
        cls.steel = cls._create_product("Steel")
        cls.pump = cls._create_product("Pump")
        cls.mill, cls.forge, cls.yard, cls.dock = cls.env['res.partner'].create([
            {'name': name, 'is_company': True} for name in ("Mill", "Forge", "Yard", "Dock")
        ])

    @classmethod
    def _create_product(cls, name):
        return cls.env['product.product'].create({
            'name': name, 'type': 'consu', 'is_storable': True, 'tracking': 'lot', 'uom_id': cls.unit.id,
        })

    @classmethod
    def _create_lot(cls, product, name, **values):
        return cls.env['stock.lot'].create({'product_id': product.id, 'name': name, **values})

    # --- what happens, by Odoo's own methods --- #

    @classmethod
    def _buy(cls, supplier, lot, qty, price=5.0):
        """Receive a lot on a purchase order, which is returned."""
        order = cls.env['purchase.order'].create({
            'partner_id': supplier.id,
            'order_line': [Command.create({'product_id': lot.product_id.id, 'product_qty': qty, 'price_unit': price})],
        })
        order.button_confirm()
        cls._validate(order.picking_ids, lot, qty)
        return order

    @classmethod
    def _sell(cls, customer, lot, qty):
        """Deliver a lot on a sales order, which is returned."""
        order = cls.env['sale.order'].create({
            'partner_id': customer.id,
            'order_line': [Command.create({'product_id': lot.product_id.id, 'product_uom_qty': qty})],
        })
        order.action_confirm()
        cls._validate(order.picking_ids, lot, qty)
        return order

    @classmethod
    def _send_back(cls, picking, lot, qty):
        """Goods of a done transfer go back the way they came."""
        wizard = cls.env['stock.return.picking'].create({'picking_id': picking.id})
        wizard.product_return_moves.filtered(lambda line: line.product_id == lot.product_id).quantity = qty
        back = cls.env['stock.picking'].browse(wizard.action_create_returns()['res_id'])
        cls._validate(back, lot, qty)
        return back

    @classmethod
    def _validate(cls, picking, lot, qty):
        move = picking.move_ids.filtered(lambda move: move.product_id == lot.product_id)
        move.move_line_ids.unlink()
        move.write({'move_line_ids': [Command.create({
            'product_id': lot.product_id.id, 'lot_id': lot.id, 'quantity': qty, 'picking_id': picking.id,
            'location_id': move.location_id.id, 'location_dest_id': move.location_dest_id.id,
        })], 'picked': True})
        picking.with_context(skip_sms=True)._action_done()

    @classmethod
    def _make(cls, used, made, reference="Production"):
        """Use lots for others: ``{lot: quantity}`` each. To unbuild is to use the whole for its parts."""
        lines = cls._move(used, cls.stock, cls.production, reference)
        made_lines = cls._move(made, cls.production, cls.stock, reference)
        made_lines.consume_line_ids = lines
        return made_lines

    @classmethod
    def _repair(cls, lot, added, removed):
        """Repair a lot, as `repair` writes it: what was added and what was taken out are both "consumed"."""
        parts = cls._move(added, cls.stock, cls.production, "Repair")
        parts += cls._move(removed, cls.production, cls.stock, "Repair")
        line = cls._move({lot: 1}, cls.stock, cls.stock, "Repair")
        line.consume_line_ids = parts
        return line

    @classmethod
    def _move(cls, lots, source, destination, reference):
        moves = cls.env['stock.move'].create([{
            'product_id': lot.product_id.id, 'product_uom': lot.product_uom_id.id, 'product_uom_qty': qty,
            'location_id': source.id, 'location_dest_id': destination.id,
            'move_line_ids': [Command.create({
                'product_id': lot.product_id.id, 'lot_id': lot.id, 'quantity': qty,
                'location_id': source.id, 'location_dest_id': destination.id,
            })],
        } for lot, qty in lots.items()])
        moves.picked = True
        moves._action_done()
        moves.reference = reference
        return moves.move_line_ids

    # --- what the trace says --- #

    def _get_holders(self, lots):
        """{(lot, customer): net quantity}, what came back whole included."""
        return {
            (self.env['stock.lot'].browse(row['lot_id']).name,
             self.env['res.partner'].browse(row['partner_id'] or []).name): row['net']
            for row in self.Trace._get_customer_rows(lots)
        }

    def _get_sources(self, lots):
        """{(lot, supplier): net quantity received}"""
        return {
            (self.env['stock.lot'].browse(row['lot_id']).name,
             self.env['res.partner'].browse(row['partner_id'] or []).name): row['net']
            for row in self.Trace._get_supplier_rows(lots)
        }

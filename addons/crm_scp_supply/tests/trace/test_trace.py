from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from odoo.addons.crm_scp_supply.models.trace import scp_trace_graph

from .common import TraceCommon


@tagged('post_install', '-at_install')
class TestTrace(TraceCommon):
    """Two lots of steel become pumps: S1 of the mill is in P1 and P2, S2 of the forge in P2 alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.s1, cls.s2 = (cls._create_lot(cls.steel, name) for name in ("S1", "S2"))
        cls.p1, cls.p2 = (cls._create_lot(cls.pump, name) for name in ("P1", "P2"))
        cls.purchase = cls._buy(cls.mill, cls.s1, 100)
        cls._buy(cls.forge, cls.s2, 50)
        cls._make({cls.s1: 40}, {cls.p1: 10}, "MO/1")
        cls._make({cls.s1: 20, cls.s2: 30}, {cls.p2: 12}, "MO/2")

    def test_quantities_of_customers(self):
        """What the mill's steel went into: 6 of P1 and 4 of P2 with the yard, 5 of P2 with the dock."""
        self._sell(self.yard, self.p1, 6)
        self._sell(self.yard, self.p2, 4)
        self._sell(self.dock, self.p2, 5)
        self.assertEqual(self._get_holders(self.s1), {("P1", "Yard"): 6, ("P2", "Yard"): 4, ("P2", "Dock"): 5})
        self.assertEqual(self._get_holders(self.s2), {("P2", "Yard"): 4, ("P2", "Dock"): 5})
        self.assertEqual((self.s1.scp_customer_count, self.s1.scp_supplier_count), (2, 1))
        self.assertEqual((self.p2.scp_customer_count, self.p2.scp_supplier_count), (2, 2))

    def test_suppliers_of_a_finished_lot(self):
        """Odoo names no purchase order for it; the trace names both, with what was received and sent back."""
        self.assertFalse(self.p2.purchase_order_ids)
        self._send_back(self.purchase.picking_ids, self.s1, 25)
        self.assertEqual(self._get_sources(self.p2), {("S1", "Mill"): 75, ("S2", "Forge"): 50})
        [row, *_others] = self.Trace._get_supplier_rows(self.p2)
        self.assertEqual(row['purchase_ids'], self.purchase.ids)
        self.assertEqual((row['received'], row['sent_back']), (100, 25))

    def test_returned_and_resold(self):
        """After 5 of 5 came back and were sold to somebody else: 0 and 5."""
        sale = self._sell(self.yard, self.p1, 5)
        self._send_back(sale.picking_ids, self.p1, 5)
        self._sell(self.dock, self.p1, 5)
        self.assertEqual(self._get_holders(self.s1), {("P1", "Yard"): 0, ("P1", "Dock"): 5})
        self.assertEqual(self.s1.scp_customer_count, 1)

    def test_delivery_address_is_its_company(self):
        address = self.env['res.partner'].create({'name': "Gate 7", 'parent_id': self.yard.id, 'type': 'delivery'})
        self._sell(address, self.p1, 2)
        self.assertEqual(self._get_holders(self.p1), {("P1", "Yard"): 2})

    def test_direct_delivery(self):
        """The transfer names the supplier, its move the customer; both ends are known."""
        picking = self.env['stock.picking'].create({
            'partner_id': self.forge.id, 'picking_type_id': self.warehouse.out_type_id.id,
            'location_id': self.suppliers.id, 'location_dest_id': self.customers.id,
            'move_ids': [Command.create({
                'product_id': self.pump.id, 'product_uom': self.unit.id, 'product_uom_qty': 3,
                'location_id': self.suppliers.id, 'location_dest_id': self.customers.id,
            })],
        })
        picking.move_ids.partner_id = self.dock
        direct = self._create_lot(self.pump, "P9")
        self._validate(picking, direct, 3)
        self.assertEqual(self._get_holders(direct), {("P9", "Dock"): 3})
        self.assertEqual(self._get_sources(direct), {("P9", "Forge"): 3})

    def test_nobody_named(self):
        """Goods that left without a name are counted all the same."""
        self._move({self.p1: 4}, self.stock, self.customers, "Till")
        self.assertEqual(self._get_holders(self.s1), {("P1", False): 4})
        [row] = self.Trace._prepare_customer_rows(self.Trace._get_customer_rows(self.s1))
        self.assertEqual((row['partner'], row['partner_id']), ("Nobody named", False))

    def test_scrap_is_with_nobody(self):
        """1 of 10 is scrapped, 6 are sold: 3 are here."""
        self.env['stock.scrap'].create({
            'product_id': self.pump.id, 'lot_id': self.p1.id, 'scrap_qty': 1, 'location_id': self.stock.id,
        }).do_scrap()
        self._sell(self.yard, self.p1, 6)
        self.assertEqual(self._get_holders(self.p1), {("P1", "Yard"): 6})
        [row] = self.Trace._get_stock_rows(self.p1)
        self.assertEqual((row['location_id'], row['quantity']), (self.stock.id, 3))

    def test_rework_ends(self):
        """P1 goes into P2 and P2 into P1 again: each lot once, both ways."""
        self._make({self.p1: 2, self.s2: 1}, {self.p2: 2}, "Rework")
        self._make({self.p2: 1}, {self.p1: 1}, "Rework")
        self._sell(self.yard, self.p1, 3)
        self.assertEqual(self._get_holders(self.s2), {("P1", "Yard"): 3}, "S2 is in P2, which is in P1")
        self.assertEqual(self._get_sources(self.p1), {("S1", "Mill"): 100, ("S2", "Forge"): 50})

    def test_unbuilding_gives_back_what_was_used(self):
        """P2 is taken apart: its steel of the mill is what it was, and has nothing of the forge's in it."""
        self._make({self.p2: 12}, {self.s1: 20, self.s2: 30}, "Unbuild")
        self._make({self.s1: 20}, {self.p1: 5}, "MO/3")
        self._sell(self.yard, self.p1, 3)
        unbuild = SQL("back.reference = 'Unbuild'")
        with patch.object(type(self.Trace), '_get_unbuild_condition', lambda self: unbuild):
            self.assertEqual(self._get_holders(self.s1), {("P1", "Yard"): 3})
            self.assertEqual(self._get_holders(self.s2), {})
            self.assertEqual(self._get_sources(self.p1), {("S1", "Mill"): 100})

    def test_part_taken_out_by_a_repair(self):
        """A seal of lot R goes into P1, another of lot O comes out of it: O was in P1, P1 is not made of O."""
        seal = self._create_product("Seal")
        new, old = self._create_lot(seal, "N"), self._create_lot(seal, "O")
        self._buy(self.forge, new, 5)
        with patch.object(type(self.Trace), '_has_repairs', lambda self: True):
            self._repair(self.p1, {new: 1}, {old: 1})
            self._sell(self.yard, self.p1, 1)
            self._sell(self.dock, old, 1)
            self.assertEqual(self._get_holders(new), {("P1", "Yard"): 1, ("O", "Dock"): 1})
            self.assertEqual(self._get_holders(old), {("O", "Dock"): 1})
            self.assertEqual(self._get_sources(old), {("N", "Forge"): 5, ("S1", "Mill"): 100})

    def test_lots_without_moves_or_of_archived_products(self):
        lonely = self._create_lot(self.steel, "S9")
        self.assertEqual((lonely.scp_customer_count, lonely.scp_supplier_count), (0, 0))
        page = self.Trace.get_trace('stock.lot', lonely.ids)
        self.assertEqual([node['name'] for node in page['graph']['nodes']], ["S9"])
        self._sell(self.yard, self.p1, 1)
        self.pump.action_archive()
        self.assertEqual(self._get_holders(self.s1), {("P1", "Yard"): 1})
        self.assertEqual(self.Trace.get_trace('stock.lot', self.p1.ids)['customers']['rows'][0]['product'], "Pump")

    def test_merged_lots(self):
        """A lot whose moves and stock another one took over: all of it is told of that one, nothing of who is gone."""
        self._sell(self.yard, self.p1, 2)
        twin = self._create_lot(self.steel, "S1 again")
        self._buy(self.forge, twin, 7)
        for model in ('stock.move.line', 'stock.quant'):
            self.env[model].flush_model()
            self.env.cr.execute(SQL(
                "UPDATE %s SET lot_id = %s WHERE lot_id = %s",
                SQL.identifier(self.env[model]._table), twin.id, self.s1.id))
        self.env.invalidate_all()
        self.assertEqual(self._get_holders(twin), {("P1", "Yard"): 2})
        self.assertEqual(self._get_sources(twin), {("S1 again", "Mill"): 100, ("S1 again", "Forge"): 7})
        self.assertIn(("S1 again", "Mill"), self._get_sources(self.p1))
        self.assertEqual((self._get_holders(self.s1), self._get_sources(self.s1)), ({}, {}))
        self.s1.unlink()
        with self.assertRaisesRegex(UserError, "deleted"):
            self.Trace.get_trace('stock.lot', self.s1.ids)

    def test_what_is_not_there(self):
        with self.assertRaisesRegex(UserError, "Mill: no goods with a lot"):
            self.Trace.get_trace('res.partner', self.mill.ids, 'customer')
        with self.assertRaisesRegex(UserError, "begins with"):
            self.Trace.get_trace('res.users', self.env.user.ids)
        gone = self._create_lot(self.steel, "S8")
        gone.unlink()
        with self.assertRaisesRegex(UserError, "deleted"):
            self.Trace.get_trace('stock.lot', gone.ids)

    def test_partner_of_a_transfer_without_order(self):
        """It is the transfer's, with whose company his lots count; not for who ordered other goods, nor elsewhere."""
        gate = self.env['res.partner'].create({'name': "Gate", 'parent_id': self.dock.id})
        picking = self.env['stock.picking'].create({
            'partner_id': gate.id, 'picking_type_id': self.warehouse.out_type_id.id,
            'location_id': self.stock.id, 'location_dest_id': self.customers.id,
            'move_ids': [Command.create({
                'product_id': self.pump.id, 'product_uom_qty': 1, 'product_uom': self.unit.id,
                'location_id': self.stock.id, 'location_dest_id': self.customers.id,
            })],
        })
        picking.action_confirm()
        self._validate(picking, self.p2, 1)
        companies = self.dock + gate + self.yard
        self.assertEqual(companies.mapped('scp_lot_received_count'), [1, 1, 0])
        self.assertEqual(companies.mapped('scp_lot_supplied_count'), [0, 0, 0])
        other = self.env['res.company'].create({'name': "Elsewhere"})
        self.assertEqual(self.dock.with_context(allowed_company_ids=other.ids).scp_lot_received_count, 0)

    def test_from_transfer_and_partner(self):
        """From a receipt, a delivery, a supplier and a customer one comes to the same lots."""
        sale = self._sell(self.yard, self.p2, 4)
        self.assertEqual(self.purchase.picking_ids.scp_lot_count, 1)
        self.assertEqual((self.mill.scp_lot_supplied_count, self.mill.scp_lot_received_count), (1, 0))
        self.assertEqual((self.yard.scp_lot_supplied_count, self.yard.scp_lot_received_count), (0, 1))

        def trace(action):
            return self.Trace.get_trace(**action['params'])

        for forward in (self.purchase.picking_ids.action_scp_trace(), self.mill.action_scp_trace_supplied()):
            page = trace(forward)
            self.assertEqual([row['name'] for row in page['lots']['rows']], ["S1"])
            self.assertEqual([(row['partner'], row['net']) for row in page['customers']['rows']], [("Yard", 4)])
            self.assertEqual(page['totals'], {'customers': 1, 'returned': 0, 'suppliers': 1, 'stock': 3})
        for backward in (sale.picking_ids.action_scp_trace(), self.yard.action_scp_trace_received()):
            page = trace(backward)
            self.assertEqual([row['name'] for row in page['lots']['rows']], ["P2"])
            self.assertEqual({row['partner'] for row in page['suppliers']['rows']}, {"Mill", "Forge"})

    def test_graph(self):
        """S2 in the middle: P2 after it, nothing before; P2 in the middle: both lots of steel before it."""
        self._sell(self.dock, self.p2, 5)
        graph = self.Trace.get_trace('stock.lot', self.s2.ids)['graph']
        self.assertEqual([(node['name'], node['level']) for node in graph['nodes']], [("S2", 0), ("P2", 1)])
        [steel, pumps] = graph['nodes']
        self.assertEqual((steel['suppliers'], steel['on_hand']), (["Forge"], 20))
        self.assertEqual((pumps['delivered'], pumps['customers'], pumps['on_hand']), (5, 1, 7))
        [edge] = graph['edges']
        self.assertEqual((edge['qty'], edge['document'], edge['is_shared']), (30, "MO/2", False))
        graph = self.Trace.get_trace('stock.lot', self.p2.ids)['graph']
        self.assertEqual(
            [(node['name'], node['level']) for node in graph['nodes']], [("S1", -1), ("S2", -1), ("P2", 0)])
        self.assertFalse(graph['is_cut'])

    def test_graph_of_one_run_for_two_lots(self):
        """What was used for two lots at once is told as shared: nobody knows how much went into each."""
        first, second = self._create_lot(self.pump, "P3"), self._create_lot(self.pump, "P4")
        self._make({self.s2: 6}, {first: 1, second: 1})
        edges = self.Trace._get_edges(first, 'backward')
        self.assertEqual([(edge['qty'], edge['is_shared']) for edge in edges], [(6, True)])

    def test_graph_is_cut_and_tables_are_not(self):
        with patch.object(scp_trace_graph, 'MAX_NODES', 2):
            page = self.Trace.get_trace('stock.lot', self.s1.ids)
        self.assertTrue(page['graph']['is_cut'])
        self.assertEqual(len(page['graph']['nodes']), 2)
        self.assertEqual(page['totals']['stock'], 3)

    def test_companies(self):
        """A company sees what it moved itself."""
        self._sell(self.yard, self.p1, 2)
        other = self.env['res.company'].create({'name': "Sister"})
        self.assertEqual(self.Trace.with_company(other).with_context(
            allowed_company_ids=other.ids)._get_customer_rows(self.s1), [])

    def test_who_may(self):
        for groups in ('stock.group_stock_user', 'purchase.group_purchase_user', 'crm_scp_core.group_scp_user',
                       'crm_scp_core.group_scp_quality', 'crm_scp_core.group_scp_auditor'):
            user = new_test_user(self.env, f"trace_{groups}", groups)
            page = self.Trace.with_user(user).get_trace('stock.lot', self.s1.ids)
            self.assertEqual(page['totals']['suppliers'], 1)
            lot = self.s1.with_user(user)
            lot.web_read({name: {} for name in ('scp_supplier_count', 'purchase_order_count', 'sale_order_count')})
        for groups in ('base.group_user', 'account.group_account_invoice', 'base.group_portal'):
            user = new_test_user(self.env, f"trace_{groups}", groups)
            with self.assertRaises(AccessError):
                self.Trace.with_user(user).get_trace('stock.lot', self.s1.ids)
            with self.assertRaises(AccessError):
                self.Trace.with_user(user).get_trace('res.partner', self.mill.ids, 'supplier')

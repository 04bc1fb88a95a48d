"""Traces through Odoo's own productions, unbuild orders and repairs, although our addon depends on none of them."""

from odoo import Command
from odoo.tests import Form, tagged

from odoo.addons.crm_scp_supply.models.epcis.schema import find_errors
from odoo.addons.crm_scp_supply.tests.trace.common import TraceCommon


@tagged('post_install', '-at_install')
class TestTraceManufacturing(TraceCommon):
    """Steel S1 of the mill and S2 of the forge; pumps take four pieces each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.s1, cls.s2 = (cls._create_lot(cls.steel, name) for name in ("S1", "S2"))
        cls.p1, cls.p2 = (cls._create_lot(cls.pump, name) for name in ("P1", "P2"))
        cls._buy(cls.mill, cls.s1, 100)
        cls._buy(cls.forge, cls.s2, 50)
        cls.bom = cls.env['mrp.bom'].create({
            'product_tmpl_id': cls.pump.product_tmpl_id.id, 'product_qty': 1,
            'bom_line_ids': [Command.create({'product_id': cls.steel.id, 'product_qty': 4})],
        })

    def _produce(self, lot, qty, used):
        """A production order, done with these lots of steel."""
        order = Form(self.env['mrp.production'])
        order.product_id, order.bom_id, order.product_qty = self.pump, self.bom, qty
        order = order.save()
        order.action_confirm()
        order.lot_producing_ids = lot
        order.qty_producing = qty
        order.move_raw_ids.move_line_ids.unlink()
        order.move_raw_ids.write({'picked': True, 'move_line_ids': [Command.create({
            'product_id': self.steel.id, 'lot_id': part.id, 'quantity': amount,
            'location_id': order.move_raw_ids.location_id.id,
            'location_dest_id': order.move_raw_ids.location_dest_id.id,
        }) for part, amount in used.items()]})
        order.button_mark_done()
        self.assertEqual(order.state, 'done')
        return order

    def _tell(self, lot, kind):
        """{step: (goods that went in, goods that came out)} of the events of a kind, from a valid document."""
        Epcis = self.env['scp.epcis']
        events = Epcis._get_lot_events(lot)
        self.assertEqual(find_errors(Epcis._prepare_document(events)), [])
        names = {Epcis._get_lot_uri(lot.id): lot.name for lot in self.env['stock.lot'].search([])}

        def get_names(event, *fields):
            return {names[item['epcClass']] for field in fields for item in event.get(field, ())}

        return {
            event['bizStep']: (
                get_names(event, 'inputQuantityList', 'childQuantityList'),
                get_names(event, 'outputQuantityList') or {names.get(event.get('parentID'))},
            ) for event in events if event['type'] == kind
        }

    def test_production(self):
        """The graph names the production order, which a click opens."""
        order = self._produce(self.p1, 3, {self.s1: 8, self.s2: 4})
        self._sell(self.yard, self.p1, 2)
        self.assertEqual(self._get_holders(self.s1), {("P1", "Yard"): 2})
        self.assertEqual(self._get_sources(self.p1), {("S1", "Mill"): 100, ("S2", "Forge"): 50})
        edges = {edge['from']: edge for edge in self.Trace.get_trace('stock.lot', self.p1.ids)['graph']['edges']}
        self.assertEqual((edges[self.s1.id]['qty'], edges[self.s2.id]['qty']), (8, 4))
        self.assertEqual((edges[self.s1.id]['model'], edges[self.s1.id]['res_id']), ('mrp.production', order.id))
        self.assertEqual(self._tell(self.p1, 'TransformationEvent'), {'commissioning': ({"S1", "S2"}, {"P1"})})

    def test_unbuild(self):
        """The steel of the mill that comes back has nothing of the forge's in it."""
        order = self._produce(self.p1, 3, {self.s1: 8, self.s2: 4})
        self.env['mrp.unbuild'].create({
            'product_id': self.pump.id, 'lot_id': self.p1.id, 'mo_id': order.id, 'product_qty': 3,
            'bom_id': self.bom.id,
        }).action_unbuild()
        self.assertEqual(self._tell(self.p1, 'TransformationEvent'), {
            'commissioning': ({"S1", "S2"}, {"P1"}), 'disassembling': ({"P1"}, {"S1", "S2"}),
        })
        self._produce(self.p2, 2, {self.s1: 8})
        self._sell(self.yard, self.p2, 1)
        self.assertEqual(self._get_holders(self.s1), {("P2", "Yard"): 1})
        self.assertEqual(self._get_holders(self.s2), {})
        self.assertEqual(self._get_sources(self.p2), {("S1", "Mill"): 100})

    def test_repair(self):
        """A part put in is in the pump; a part taken out comes of it."""
        seal = self._create_product("Seal")
        new, old = self._create_lot(seal, "N"), self._create_lot(seal, "O")
        self._buy(self.forge, new, 5)
        self._produce(self.p1, 1, {self.s1: 4})
        repair = self.env['repair.order'].create({
            'product_id': self.pump.id, 'lot_id': self.p1.id, 'product_qty': 1,
            'move_ids': [Command.create({
                'product_id': seal.id, 'product_uom_qty': 1, 'repair_line_type': kind,
            }) for kind in ('add', 'recycle')],
        })
        repair._action_repair_confirm()
        repair.action_repair_start()
        for move in repair.move_ids:
            move.move_line_ids.unlink()
            move.write({'picked': True, 'move_line_ids': [Command.create({
                'product_id': seal.id, 'lot_id': (new if move.repair_line_type == 'add' else old).id, 'quantity': 1,
                'location_id': move.location_id.id, 'location_dest_id': move.location_dest_id.id,
            })]})
        repair.action_repair_end()
        self.assertEqual(repair.state, 'done')
        self._sell(self.yard, self.p1, 1)
        self._sell(self.dock, old, 1)
        self.assertEqual(self._get_holders(new), {("P1", "Yard"): 1, ("O", "Dock"): 1})
        self.assertEqual(self._get_holders(old), {("O", "Dock"): 1})
        self.assertEqual(self._get_sources(old), {("N", "Forge"): 5, ("S1", "Mill"): 100})
        self.assertEqual(self._tell(self.p1, 'AssociationEvent'), {
            'installing': ({"N"}, {"P1"}), 'removing': ({"O"}, {"P1"}),
        })

    def test_same_deliveries_as_odoo(self):
        """Where Odoo lists deliveries of a lot, ours are the same: in what it does know, it is right."""
        self._produce(self.p1, 3, {self.s1: 12})
        self._produce(self.p2, 2, {self.s1: 4, self.s2: 4})
        self._sell(self.yard, self.p1, 2)
        self._sell(self.dock, self.p2, 1)
        for lot in (self.s1, self.s2, self.p1):
            ours = {picking for row in self.Trace._get_customer_rows(lot) for picking in row['picking_ids']}
            self.assertEqual(ours, set(lot.delivery_ids.ids))

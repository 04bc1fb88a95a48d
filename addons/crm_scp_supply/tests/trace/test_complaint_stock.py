from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import TraceCommon


@tagged('post_install', '-at_install')
class TestComplaintStock(TraceCommon):
    """The yard complains of pumps P1, made of the same steel S1 as P2; a pump costs 7."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pump.standard_price = 7
        cls.s1 = cls._create_lot(cls.steel, "S1")
        cls.p1, cls.p2 = (cls._create_lot(cls.pump, name) for name in ("P1", "P2"))
        cls._buy(cls.mill, cls.s1, 100)
        cls._make({cls.s1: 40}, {cls.p1: 10})
        cls._make({cls.s1: 40}, {cls.p2: 10})
        cls.sale = cls._sell(cls.yard, cls.p1, 6)
        cls._sell(cls.dock, cls.p2, 4)
        cls.complaint = cls.env['scp.complaint'].create({
            'name': "Pumps leak", 'partner_id': cls.yard.id, 'product_id': cls.pump.id, 'sale_order_id': cls.sale.id,
        })

    def _get_costs(self):
        return {(cost.kind, cost.source_model): cost.amount for cost in self.complaint.cost_ids}

    # --- what it is about --- #

    def test_lots_of_the_order_are_proposed(self):
        """P1 was delivered; a click makes it the lot complained of, and it is proposed no more."""
        self.assertEqual(self.complaint.proposed_lot_ids, self.p1)
        self.complaint.action_take_proposed_lots()
        self.assertEqual(self.complaint.lot_ids, self.p1)
        self.assertFalse(self.complaint.proposed_lot_ids)

    def test_siblings(self):
        """S1 is in P1, and P2 was made of it: the dock holds some of it."""
        self.assertFalse(self.complaint.sibling_lot_ids)
        self.complaint.lot_ids = self.p1
        self.assertEqual(self.complaint.sibling_lot_ids, self.p2 + self.s1, "most customers first")
        self.assertEqual((self.complaint.sibling_count, self.complaint.sibling_customer_count), (2, 1))
        self.assertCountEqual(self.complaint.action_scp_trace()['params']['res_ids'], (self.s1 + self.p1).ids)

    def test_siblings_before_saving(self):
        """They are proposed while the complaint is being written down."""
        complaint = self.env['scp.complaint'].new({'partner_id': self.yard.id, 'lot_ids': self.p1.ids})
        self.assertEqual(complaint.sibling_count, 2)

    def test_who_reads_it(self):
        for groups, may in (
            ('crm_scp_core.group_scp_manager', True), ('crm_scp_core.group_scp_quality', True),
            ('crm_scp_core.group_scp_auditor', True), ('account.group_account_invoice', False),
        ):
            user = new_test_user(self.env, f"goods_{groups}", groups)
            complaint = self.complaint.with_user(user)
            self.assertEqual(complaint._has_field_access(complaint._fields['lot_ids'], 'read'), may)
            if may:
                complaint.web_read({
                    name: {'fields': {'display_name': {}}} for name in (
                        'picking_ids', 'lot_ids', 'proposed_lot_ids', 'sibling_lot_ids', 'scrap_ids', 'return_ids')
                })

    # --- what came of it --- #

    def test_replacement(self):
        """Two pumps go out for nothing and cost 14; one comes back: 7. Noted once, and kept up to date."""
        self.complaint.sale_line_ids = self.sale.order_line
        order = self.env['sale.order'].browse(self.complaint.action_replace_goods()['res_id'])
        self.assertEqual((order.amount_total, order.origin), (0, self.complaint.number))
        order.order_line.product_uom_qty = 2
        order.action_confirm()
        self.complaint.action_take_stock_costs()
        self.assertEqual(self._get_costs(), {}, "nothing has left yet")
        self._validate(order.picking_ids, self.p2, 2)
        self.complaint.action_take_stock_costs()
        self.assertEqual(self._get_costs(), {('goods', 'sale.order'): 14})
        self._send_back(order.picking_ids, self.p2, 1)
        self.complaint.action_take_stock_costs()
        self.complaint.action_take_stock_costs()
        self.assertEqual(self._get_costs(), {('goods', 'sale.order'): 7})
        self.assertEqual(self.complaint.cost_ids.source_name, order.name)
        self.assertEqual(self.complaint.replacement_count, 1)

    def test_scrap_of_a_return(self):
        """Two pumps come back and are scrapped: it is found by the delivery, and costs 14."""
        self.complaint.picking_ids = self.sale.picking_ids
        back = self._send_back(self.sale.picking_ids, self.p1, 2)
        self.assertEqual(self.complaint.return_ids, back)
        scrap = self.env['stock.scrap'].create({
            'product_id': self.pump.id, 'lot_id': self.p1.id, 'scrap_qty': 2, 'picking_id': back.id,
            'location_id': self.stock.id,
        })
        self.assertEqual(scrap.scp_complaint_id, self.complaint)
        scrap.do_scrap()
        self.complaint.action_take_stock_costs()
        self.assertEqual(self._get_costs(), {('scrap', 'stock.scrap'): 14})

    def test_actions_lead_to_odoo(self):
        """One delivery can be taken back; who names none, or nothing to replace, is told what is missing."""
        with self.assertRaisesRegex(UserError, f"{self.complaint.number}: choose the one delivery"):
            self.complaint.action_return_goods()
        self.complaint.write({'picking_ids': self.sale.picking_ids.ids, 'lot_ids': self.p1.ids})
        self.assertEqual(self.complaint.action_return_goods()['context']['active_id'], self.sale.picking_ids.id)
        self.assertEqual(self.complaint.action_scrap_goods()['context']['default_lot_id'], self.p1.id)
        self.complaint.product_id = False
        with self.assertRaisesRegex(UserError, "name the customer"):
            self.complaint.action_replace_goods()

    def test_job(self):
        """It looks at complaints about goods, once a night, and leaves those that ended long ago alone."""
        self.env['stock.scrap'].create({
            'product_id': self.pump.id, 'lot_id': self.p1.id, 'scrap_qty': 1, 'location_id': self.stock.id,
            'scp_complaint_id': self.complaint.id,
        }).do_scrap()
        job = self.env.ref('crm_scp_supply.ir_cron_scp_complaint_stock_costs')
        self.env.cr.execute("UPDATE scp_complaint SET closed_at = %s WHERE id = %s", [
            fields.Datetime.now() - timedelta(days=90), self.complaint.id])
        self.env.invalidate_all()
        with self.enter_registry_test_mode():
            job.method_direct_trigger()
        self.assertEqual(self._get_costs(), {})
        self.env.cr.execute("UPDATE scp_complaint SET closed_at = NULL WHERE id = %s", [self.complaint.id])
        self.env.invalidate_all()
        with self.enter_registry_test_mode():
            job.method_direct_trigger()
            job.method_direct_trigger()
        self.complaint.invalidate_recordset()
        self.assertEqual(self._get_costs(), {('scrap', 'stock.scrap'): 7})

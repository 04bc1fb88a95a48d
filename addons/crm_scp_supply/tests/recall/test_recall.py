from datetime import timedelta

from odoo import Command, fields, http
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged

from ..trace.common import TraceCommon


class RecallCommon(TraceCommon):
    """Steel S1 is at fault: 10 pumps P1 and 10 pumps P2 were made of it; the yard holds 6 and 1, the dock 4."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.s1 = cls._create_lot(cls.steel, "S1")
        cls.p1, cls.p2 = (cls._create_lot(cls.pump, name) for name in ("P1", "P2"))
        cls._buy(cls.mill, cls.s1, 100)
        cls._make({cls.s1: 40}, {cls.p1: 10})
        cls._make({cls.s1: 40}, {cls.p2: 10})
        cls._sell(cls.yard, cls.p1, 6)
        cls._sell(cls.yard, cls.p2, 1)
        cls._sell(cls.dock, cls.p2, 4)
        cls.yard.email = 'yard@example.com'
        cls.quality = new_test_user(cls.env, 'recall_quality', 'crm_scp_core.group_scp_quality')
        cls.recall = cls._create_recall()

    @classmethod
    def _create_recall(cls, **values):
        return cls.env['scp.recall'].with_user(cls.quality).create({
            'name': "Cracked steel", 'lot_ids': cls.s1.ids, 'hazard': "The housing can burst.",
            'remedy': "Replacement, free of charge", **values,
        })

    def _get_customer(self, partner):
        return self.recall.customer_ids.filtered(lambda customer: customer.partner_id == partner)

    def _get_quantity(self, lot, location):
        return sum(self.env['stock.quant'].search([
            ('lot_id', '=', lot.id), ('location_id', '=', location.id)]).mapped('quantity'))

    def _notify(self):
        self.env['scp.recall']._get_due_customers()._send_notice()


@tagged('post_install', '-at_install')
class TestRecall(RecallCommon):

    # --- start --- #

    def test_start_finds_everybody(self):
        """7 pumps with the yard in two lots, 4 with the dock: 11 units with two customers."""
        self.recall.action_start()
        self.assertEqual(self.recall.state, 'active')
        self.assertEqual(self.recall.affected_lot_ids, self.s1 + self.p1 + self.p2)
        self.assertEqual(
            {(line.partner_id.name, line.lot_id.name): line.qty for line in self.recall.customer_ids.line_ids},
            {("Yard", "P1"): 6, ("Yard", "P2"): 1, ("Dock", "P2"): 4})
        self.assertEqual((self.recall.customer_count, self.recall.qty_shipped), (2, 11))
        self.assertEqual(self._get_customer(self.dock).status, 'unreachable', "no email: to be called")
        self.recall.action_start()
        self.assertEqual(self.recall.customer_count, 2, "starting twice has one effect")

    def test_stock_is_held_and_released(self):
        """20 of S1, 4 of P1 and 5 of P2 are moved away, no unit lost; afterwards they are back."""
        self.recall.action_start()
        place = self.recall._get_hold_location()
        lots = {self.s1: 20, self.p1: 4, self.p2: 5}
        for lot, qty in lots.items():
            self.assertEqual((self._get_quantity(lot, place), self._get_quantity(lot, self.stock)), (qty, 0))
        self.assertEqual(self.env['stock.quant']._get_available_quantity(self.pump, self.stock), 0)
        self.recall.action_release_stock()
        self.assertEqual(self._get_quantity(self.p1, place), 4, "not while it runs")
        self.recall.action_cancel()
        self.recall.action_release_stock()
        self.recall.action_release_stock()
        for lot, qty in lots.items():
            self.assertEqual((self._get_quantity(lot, place), self._get_quantity(lot, self.stock)), (0, qty))

    def test_deliveries_are_stopped(self):
        """A transfer that had pumps reserved loses them and says why; goods that came back cannot leave again."""
        order = self.env['sale.order'].create({
            'partner_id': self.dock.id,
            'order_line': [Command.create({'product_id': self.pump.id, 'product_uom_qty': 3})],
        })
        order.action_confirm()
        order.picking_ids.action_assign()
        self.assertEqual(order.picking_ids.state, 'assigned')
        self.recall.action_start()
        self.assertEqual(self.recall.stopped_picking_ids, order.picking_ids)
        self.assertEqual(order.picking_ids.state, 'confirmed')
        self.assertIn(self.recall.number, order.picking_ids.message_ids[0].body)
        self.assertEqual(self.p1.scp_running_recall_id, self.recall)
        sold = self.env['stock.move.line'].search([('lot_id', '=', self.p1.id), ('picking_id', '!=', False)])
        self._send_back(sold.picking_id, self.p1, 2)
        with self.assertRaisesRegex(UserError, f"P1 of Pump is recalled \\({self.recall.number}\\)"):
            self._validate(order.picking_ids, self.p1, 1)
        with self.assertRaisesRegex(UserError, "may not leave"):
            self._make({self.p1: 1}, {self._create_lot(self.pump, "P7"): 1})

    def test_drill(self):
        """The list is drawn up; no stock moves, nobody is told, nothing is stopped, and it closes without answers."""
        self.recall.is_drill = True
        self.recall.action_start()
        self.assertEqual((self.recall.customer_count, self.recall.qty_shipped), (2, 11))
        self.assertFalse(self.recall.hold_ids)
        self.assertEqual(self._get_quantity(self.p1, self.stock), 4)
        self.assertFalse(self.env['scp.recall']._get_due_customers() & self.recall.customer_ids)
        self._sell(self.dock, self.p1, 1)
        self.recall.action_close()
        self.assertEqual(self.recall.state, 'closed')
        self.assertFalse(self.env['scp.recall.customer']._find_by_token(self.recall.customer_ids[0].sudo().token))

    def test_what_is_missing_is_told(self):
        recall = self._create_recall(hazard=False, lot_ids=False)
        with self.assertRaisesRegex(ValidationError, f"{recall.number}: fill in Lots at Fault, Hazard"):
            recall.action_start()
            recall.flush_recordset()

    def test_look_again(self):
        """A supplier delivered to the forge directly in the meantime; what the yard answered stays."""
        self.recall.action_start()
        yard = self._get_customer(self.yard)
        yard._answer({line.id: {'qty_kept': 1} for line in yard.line_ids}, "")
        for partner in self.forge, self.dock:
            self._move({self.p2: 3}, self.suppliers, self.customers, "Direct").move_id.partner_id = partner
        self._get_customer(self.dock).action_record_answer()
        self.recall.action_refresh()
        self.recall.action_refresh()
        self.recall.invalidate_recordset()
        self.assertEqual(self._get_customer(self.forge).qty, 3)
        self.assertEqual((self.recall.customer_count, self.recall.qty_accounted), (3, 2))
        self.assertTrue(yard.answered_at)
        self.assertEqual(self._get_customer(self.dock).qty, 7)
        self.assertFalse(self._get_customer(self.dock).answered_at, "asked about the three that came on top")

    # --- answers --- #

    def test_effectiveness(self):
        """The yard keeps 3, used 2 and passed 1 on of 7; the dock found all 4: 10 of 11."""
        self.recall.action_start()
        first, second = self._get_customer(self.yard).line_ids
        self._get_customer(self.yard)._answer(
            {first.id: {'qty_kept': 3, 'qty_used': 2}, second.id: {'qty_passed': 1}}, "One more in the cellar")
        dock = self._get_customer(self.dock)
        dock.line_ids.qty_kept = 4
        dock.action_record_answer()
        self.recall.invalidate_recordset()
        self.assertEqual((self.recall.qty_accounted, self.recall.answered_count), (10, 2))
        self.assertEqual(self.recall.effectiveness, 90.9)
        with self.assertRaisesRegex(ValidationError, "no more than the 4"):
            dock.line_ids.qty_used = 1

    def test_close_needs_every_answer(self):
        self.recall.action_start()
        self._get_customer(self.yard).action_record_answer()
        with self.assertRaisesRegex(UserError, "1 customers have not answered, among them Dock"):
            self.recall.action_close()
        self.assertEqual(self.recall.state, 'active')
        self._get_customer(self.dock).action_record_answer()
        self.recall.action_close()
        self.assertTrue(self.recall.closed_at)

    def test_started_recalls_remain(self):
        self.recall.action_start()
        with self.assertRaisesRegex(UserError, "must remain on record"):
            self.recall.sudo().unlink()

    def test_lots_of_recalls_remain(self):
        """Those at fault and those made of them; a recall that is only prepared keeps nothing."""
        draft = self._create_recall(lot_ids=self._create_lot(self.steel, "S8").ids)
        draft.sudo().lot_ids.unlink()
        self.recall.action_start()
        for lot in (self.s1, self.p1):
            with self.assertRaisesRegex(UserError, f"Lot {lot.name} of .* is in recall {self.recall.number}"):
                lot.unlink()

    def test_lot_without_moves(self):
        """Nobody has anything of it: the recall says so, holds nothing and closes."""
        recall = self._create_recall(lot_ids=self._create_lot(self.steel, "S9").ids)
        recall.action_start()
        self.assertEqual(
            (recall.state, recall.customer_count, recall.qty_shipped, len(recall.hold_ids)), ('active', 0, 0, 0))
        recall.action_close()
        self.assertEqual(recall.state, 'closed')

    def test_archived_product(self):
        """Goods that are not sold any more are with the same customers, and their stock is held."""
        self.pump.action_archive()
        self.recall.action_start()
        self.assertEqual((self.recall.customer_count, self.recall.qty_shipped), (2, 11))
        self.assertEqual(self._get_quantity(self.p1, self.recall._get_hold_location()), 4)

    # --- notices --- #

    def test_notices_and_reminders(self):
        """Told once, reminded after three days and no sooner, not any more once he has answered."""
        self.recall.action_start()
        with freeze_time(fields.Datetime.now()) as clock:
            yard = self._get_customer(self.yard)
            self._notify()
            self._notify()
            self.assertEqual((yard.notice_count, yard.status), (1, 'notified'))
            [mail] = self.env['mail.mail'].search([('model', '=', yard._name), ('res_id', '=', yard.id)])
            for text in ("Product safety recall", "P1", "The housing can burst.", "Stop using", "free of charge",
                         yard.sudo().token):
                self.assertIn(text, mail.body_html)
            clock.tick(timedelta(days=2, hours=23))
            self._notify()
            self.assertEqual(yard.notice_count, 1)
            clock.tick(timedelta(hours=2))
            self._notify()
            self.assertEqual(yard.notice_count, 2)
            yard.action_record_answer()
            clock.tick(timedelta(days=30))
            self._notify()
            self.assertEqual(yard.notice_count, 2)

    def test_job(self):
        self.recall.action_start()
        with self.enter_registry_test_mode():
            self.env.ref('crm_scp_supply.ir_cron_scp_recall_notify').method_direct_trigger()
        self.recall.invalidate_recordset()
        self.assertEqual(self.recall.notified_count, 1)

    # --- rights and report --- #

    def test_who_may(self):
        worker = new_test_user(self.env, 'recall_stock', 'stock.group_stock_user')
        self.recall.with_user(worker).web_read({name: {} for name in ('number', 'customer_count', 'effectiveness')})
        with self.assertRaises(AccessError):
            self.recall.with_user(worker).write({'name': "Nothing happened"})
        self.recall.action_start()
        seller = new_test_user(self.env, 'recall_seller', 'crm_scp_core.group_scp_user')
        self._get_customer(self.dock).with_user(seller).line_ids.qty_used = 4
        with self.assertRaises(AccessError):
            self._get_customer(self.dock).with_user(seller).read(['token'])

    def test_from_complaint_and_lot(self):
        complaint = self.env['scp.complaint'].create({
            'name': "Leaks", 'partner_id': self.yard.id, 'lot_ids': self.p1.ids})
        context = complaint.action_prepare_recall()['context']
        recall = self.env['scp.recall'].with_context(**context).create({})
        self.assertEqual((recall.complaint_id, recall.lot_ids, recall.name), (complaint, self.p1, "Leaks"))
        self.assertEqual(complaint.recall_ids, recall)
        self.assertEqual(self.p1.action_prepare_recall()['context']['default_lot_ids'], self.p1.ids)

    def test_report(self):
        self.recall.action_start()
        html, _kind = self.env['ir.actions.report']._render_qweb_html(
            'crm_scp_supply.report_scp_recall', self.recall.ids)
        for text in (self.recall.number, "Yard", "Dock", "P2", "units accounted for"):
            self.assertIn(text, html.decode())


@tagged('post_install', '-at_install')
class TestRecallPage(RecallCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.recall.action_start()
        cls.customer = cls.recall.customer_ids.filtered(lambda customer: customer.partner_id == cls.yard).sudo()
        cls.url = f'/scp/recall/{cls.customer.token}'

    def _answer(self, **form):
        return self.url_open(
            self.url, data={'csrf_token': http.Request.csrf_token(self), **form}, allow_redirects=False)

    def test_answer(self):
        """Read without login, answered without login, corrected; what is impossible is told and nothing is kept."""
        self.authenticate(None, None)
        page = self.url_open(self.url)
        for text in ("Product safety recall", "The housing can burst.", "P1", "P2"):
            self.assertIn(text, page.text)
        self.assertNotIn("Dock", page.text)
        self.env.invalidate_all()
        self.assertFalse(self.customer.answered_at, "opening the page answers nothing")
        first, second = self.customer.line_ids
        page = self._answer(**{f'qty_kept_{first.id}': '7'})
        self.assertIn("no more than", page.text)
        page = self._answer(**{f'qty_kept_{first.id}': 'many'})
        self.assertIn("as numbers", page.text)
        self.env.invalidate_all()
        self.assertEqual((self.customer.answered_at, self.customer.qty_accounted), (False, 0))
        self.assertEqual(self._answer(**{f'qty_kept_{first.id}': '6', f'qty_used_{second.id}': '0,5'}).status_code, 303)
        self.env.invalidate_all()
        self.assertEqual(self.customer.qty_accounted, 6.5)
        self.assertTrue(self.customer.answered_at)
        self.assertEqual(self.url_open('/scp/recall/' + 'x' * 43).status_code, 404)

    def test_portal(self):
        """A colleague of the customer finds it in the portal; nobody else has such a page."""
        user = new_test_user(self.env, 'recall_portal', 'base.group_portal')
        self.authenticate('recall_portal', 'recall_portal')
        self.assertEqual(self.url_open('/my/supply/recalls').status_code, 404)
        user.partner_id.parent_id = self.yard
        self.env.flush_all()
        page = self.url_open('/my/supply/recalls')
        self.assertIn("Answer needed", page.text)
        self.assertIn(self.customer.token, page.text)

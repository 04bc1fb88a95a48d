from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from ..delivery.common import DeliveryCommon, moment
from ..promise.common import NOW


@tagged('post_install', '-at_install')
@freeze_time(NOW)
class TestException(DeliveryCommon):
    """Bolts are sold for 2 and bought for 7 apiece; promised for Friday 6 March."""

    def _look(self, when):
        """Run the job at a moment."""
        with freeze_time(moment(when)):
            self.Refresh._cron_refresh()
        self.env.invalidate_all()

    def _find(self, line, **values):
        domain = [('direction', '=', line._scp_direction), ('line_ref', '=', line.id)]
        return self.env['scp.exception'].search(domain + [(name, '=', value) for name, value in values.items()])

    def test_late_and_gone(self):
        line = self._play('out', [])
        self._look('6 20:00')
        self.assertFalse(self._find(line), "It can still be kept")
        self._look('9 10:00')
        late = self._find(line)
        self.assertEqual(
            (late.kind, late.state, late.qty, late.amount, late.days_late, late.day_expected),
            ('late', 'open', 10, 20, 3, date(2026, 3, 9)))
        self.assertEqual((late.user_id, late.contact_id, late.date_due), (self.seller, self.customer, date(2026, 3, 9)))
        with freeze_time(moment('10')):
            self._do_move(line, 4)
        self._look('10 12:00')
        self.assertEqual((late.qty, late.amount, late.days_late), (6, 12, 4))
        with freeze_time(moment('11')):
            self._do_move(line, 6)
        self._look('11 12:00')
        self.assertEqual((late.state, late.date_resolved), ('resolved', moment('11 12:00')))

    def test_within_tolerance(self):
        self.env['scp.relation'].create({
            'partner_id': self.customer.id, 'role': 'customer', 'tolerance_days_late': 2,
            'company_id': self.env.company.id,
        })
        line = self._play('out', ["4: promise 8"])
        self._look('4 12:00')
        self.assertFalse(self._find(line))
        with freeze_time(moment('5')):
            self._do_promise(line, '9')
        self._look('5 12:00')
        self.assertEqual(self._find(line).days_late, 3)

    def test_told_with_a_message(self):
        """A promise that is moved beyond tolerance: one activity for the order, taken back when it settles itself."""
        self.customer.lang = 'en_US'
        line = self._play('out', ["4: promise 10"])
        self._look('4 12:00')
        late = self._find(line)
        activity = late.activity_id
        self.assertEqual((activity.user_id, activity.res_model, activity.res_id),
                         (self.seller, 'sale.order', line.order_id.id))
        self.assertIn("Harbour Yard", activity.summary)
        self.assertIn("promised for 03/06/2026, now expected on 03/10/2026", activity.note)
        self._look('5 12:00')
        self.assertEqual(late.activity_id, activity, "Told once")
        with freeze_time(moment('6')):
            self._do_move(line, 10)
        self._look('6 12:00')
        self.assertEqual(late.state, 'resolved')
        self.assertFalse(activity.exists())

    def test_switched_off(self):
        self.env.company.scp_exception_activity = False
        line = self._play('out', ["4: promise 10"])
        self._look('4 12:00')
        self.assertTrue(self._find(line))
        self.assertFalse(self._find(line).activity_id)

    def test_customer_hangs_on_supplier(self):
        """Made to order: the supplier's move in the portal makes the customer's promise late."""
        mto = self.env.ref('stock.route_warehouse0_mto')
        mto.active = True
        self.bolt.route_ids = [Command.set((mto + self.env.ref('purchase_stock.route_warehouse0_buy')).ids)]
        with freeze_time(moment('2 09:00')):
            order = self._create_sale((self.bolt, 10), commitment_date=moment('20 12:00'))
            order.action_confirm()
            purchase = self.env['purchase.order'].search(
                [('partner_id', '=', self.vendor.id)], order='id desc', limit=1)
            bought = purchase.order_line
            bought.write({'date_planned': moment('13 12:00'), 'price_unit': 7})
            purchase.button_confirm()
            purchase.user_id = self.buyer
        self.assertEqual(bought.product_qty, 10)
        with freeze_time(moment('4')):
            self._do_acknowledge(bought)
            self._do_push(bought, '25')
        self._look('4 12:00')
        sold = order.order_line
        cause, effect = self._find(bought), self._find(sold)
        self.assertEqual((cause.kind, cause.days_late, cause.user_id), ('late', 12, self.buyer))
        self.assertEqual(cause.pegged_line_ids, sold)
        self.assertEqual(
            cause.with_user(self.buyer).waiting, f"{order.name}, Harbour Yard: 10 Bolt", "A buyer may know who waits")
        self.assertEqual(cause.amount, 20, "What the customer is to pay, not the 70 the goods cost")
        self.assertEqual(
            (effect.kind, effect.supplier_line_id, effect.day_expected), ('late', bought, date(2026, 3, 25)))
        self.assertIn("Rope Works", effect.activity_id.note, "The salesperson knows why")
        self.assertNotIn("Rope Works", effect.proposed_message, "The customer is not told who")
        with freeze_time(moment('5')):
            self._do_push(bought, '13')
        self._look('5 12:00')
        self.assertEqual((cause.state, effect.state), ('resolved', 'resolved'))

    def test_dropshipped(self):
        """Goods that go from the supplier to the customer: the transfer carries both lines."""
        bought = self._play('in', ["3: acknowledge"])
        order = self._create_sale((self.bolt, 10), commitment_date=moment('9 12:00'))
        order.action_confirm()
        order.picking_ids.action_cancel()
        bought.move_ids.write({
            'sale_line_id': order.order_line.id,
            'location_dest_id': self.env.ref('stock.stock_location_customers').id,
        })
        with freeze_time(moment('4')):
            self._do_push(bought, '12')
        self._look('4 12:00')
        self.assertEqual(self._find(bought).pegged_line_ids, order.order_line)
        self.assertEqual(self._find(order.order_line).supplier_line_id, bought)
        with freeze_time(moment('9')):
            self._do_move(bought, 10)
        self._look('9 12:00')
        self.assertEqual(self._find(order.order_line).state, 'resolved')
        row = self._get_row(order.order_line)
        self.assertEqual((row['status'], row['qty_by_baseline']), ('kept', 10), "The customer got it in time")
        self.assertEqual(self._get_row(bought)['status'], 'late', "The supplier was late")

    def test_common_origin(self):
        """Receipt and delivery of the same product with a common reference, and no other link."""
        bought = self._play('in', ["3: acknowledge"])
        order = self._create_sale((self.bolt, 10), commitment_date=moment('9 12:00'))
        order.action_confirm()
        bought.move_ids.reference_ids += order.picking_ids.move_ids.reference_ids
        with freeze_time(moment('4')):
            self._do_push(bought, '12')
        self._look('4 12:00')
        self.assertEqual(self._find(order.order_line).supplier_line_id, bought)

    def test_short(self):
        line = self._play('out', ["6: move 7 close"])
        self._look('6 12:00')
        short = self._find(line)
        self.assertEqual((short.kind, short.qty, short.amount), ('short', 3, 6))

    def test_supplier_confirms_less(self):
        line = self._play('in', ["3: confirm 8"])
        self._look('3 12:00')
        self.assertEqual((self._find(line).kind, self._find(line).qty), ('short', 2))

    def test_resolved_by_people(self):
        """It stays resolved while its cause lasts, and comes up again when the cause does."""
        line = self._play('out', [])
        self._look('9 10:00')
        late = self._find(line)
        late.with_user(self.seller).action_resolve()
        self._look('10 10:00')
        self.assertEqual(late.state, 'resolved')
        with freeze_time(moment('10 11:00')):
            self._do_move(line, 10)
        self._look('10 12:00')
        self.assertFalse(late.is_accepted)
        with freeze_time(moment('11')):
            self._do_order(line, 12)
            line.order_id.picking_ids.filtered(lambda picking: picking.state == 'done').move_line_ids.quantity = 5
        self._look('11 12:00')
        self.assertEqual(late.state, 'open')

    def test_rejected(self):
        """A rejection is open until it is replaced; one that is refunded is settled by that."""
        line = self._play('out', ["6: move 10", "7: return 4 replace"])
        self._look('7 12:00')
        rejected = self._find(line, kind='quality')
        self.assertEqual((rejected.state, rejected.qty, rejected.amount), ('open', 4, 8))
        with freeze_time(moment('9')):
            self._do_redo(line, 4, 'replace')
        self._look('9 12:00')
        self.assertEqual(rejected.state, 'resolved')
        self.assertFalse(self._find(self._play('out', ["6: move 10", "7: return 4 credit"]), kind='quality'))

    def test_billed_more_than_received(self):
        line = self._play('in', ["3: acknowledge", "6: move 8 close"])
        line.order_id.action_create_invoice()
        bill = line.order_id.invoice_ids
        bill.invoice_line_ids.quantity = 10
        self._look('6 12:00')
        document = self._find(line, kind='document')
        self.assertEqual((document.qty, document.amount), (2, 14))
        bill.invoice_line_ids.quantity = 8
        self._look('6 13:00')
        self.assertEqual(document.state, 'resolved')

    def test_came_without_papers(self):
        """Where papers were agreed: a day after the goods came without a file, until it is there."""
        self.env['scp.relation'].create([
            {'partner_id': self.vendor.id, 'role': 'supplier', 'is_document_required': True},
            {'partner_id': self.customer.id, 'role': 'customer', 'is_document_required': True},
        ])
        bought, sold = self._play('in', ["6: move 6"]), self._play('out', ["6: move 10"])
        self._look('7 09:00')
        self.assertFalse(self._find(bought, kind='document') + self._find(sold, kind='document'), "They may follow")
        self.assertEqual(self._get_row(sold)['perfect_order'], 1)
        self._look('7 11:00')
        self.assertEqual(self._get_row(sold)['perfect_order'], 0, "Complete and in time, but without papers")
        for line, qty, amount in ((bought, 6, 42), (sold, 10, 20)):
            paperless = self._find(line, kind='document')
            picking = line.order_id.picking_ids.filtered(lambda picking: picking.state == 'done')
            self.assertEqual(
                (paperless.cause, paperless.picking_id, paperless.qty, paperless.amount),
                ('papers', picking, qty, amount))
            self.env['ir.attachment'].create({
                'name': "slip.pdf", 'raw': b'%PDF', 'res_model': 'stock.picking', 'res_id': picking.id,
            })
            self._look('7 12:00')
            self.assertEqual(paperless.state, 'resolved')
        with freeze_time(moment('7 13:00')):
            self._do_move(bought, 4)
        self._look('8 14:00')
        self.assertEqual((paperless.state, self._find(bought, kind='document').state), ('resolved', 'open'),
                         "Each transfer brings its own")
        self.assertEqual(self._get_row(sold)['perfect_order'], 0, "They came too late")
        self._find(sold, kind='document').action_dismiss()
        self.assertEqual(self._get_row(sold)['perfect_order'], 1, "It was no problem")

    def test_both_faults_of_documents(self):
        """Billed too much and without papers: one exception, which says the former first."""
        self.env['scp.relation'].create(
            {'partner_id': self.vendor.id, 'role': 'supplier', 'is_document_required': True})
        line = self._play('in', ["3: acknowledge", "6: move 8 close"])
        line.order_id.action_create_invoice()
        bill = line.order_id.invoice_ids
        bill.invoice_line_ids.quantity = 10
        self._look('8')
        document = self._find(line, kind='document')
        self.assertEqual((document.cause, document.qty), ('billed', 2))
        bill.invoice_line_ids.quantity = 8
        self._look('8 11:00')
        self.assertEqual((document.cause, document.qty, document.state), ('papers', 8, 'open'))

    def test_reported(self):
        """A storekeeper reports crushed boxes: the order is not perfect, until it turns out to be no problem."""
        line = self._play('in', ["3: acknowledge", "6: move 10"])
        self.assertEqual(self._get_row(line)['perfect_order'], 1)
        action = line.order_id.picking_ids.with_user(self.stock).action_scp_report_problem()
        with Form(self.env['scp.exception.report'].with_user(self.stock).with_context(**action['context'])) as form:
            self.assertEqual(form.purchase_line_id, line)
            form.qty = 2
            form.note = "Two boxes are crushed"
        form.save().action_report()
        reported = self._find(line)
        self.assertEqual(
            (reported.kind, reported.state, reported.amount, reported.user_id, reported.reporter_id),
            ('quality', 'open', 14, self.buyer, self.stock))
        self.assertEqual(self._get_row(line)['perfect_order'], 0)
        self.assertEqual(self._get_row(line)['otif_baseline'], 1)
        self._look('9 12:00')
        self.assertEqual(reported.state, 'open', "What people report, people resolve")
        reported.action_dismiss()
        self.assertEqual(self._get_row(line)['perfect_order'], 1)

    def test_bad_reports(self):
        line, stranger = self._play('in', ["6: move 10"]), self._play('in', [])
        Exceptions = self.env['scp.exception'].with_user(self.buyer)
        with self.assertRaisesRegex(UserError, "Name the order line"):
            Exceptions.create({'kind': 'quality'})
        with self.assertRaisesRegex(UserError, "found by itself"):
            Exceptions.create({'kind': 'late', 'purchase_line_id': line.id})
        with self.assertRaisesRegex(UserError, "amount of an exception"):
            Exceptions.create({'kind': 'quality', 'purchase_line_id': line.id, 'amount': 5})
        reported = Exceptions.create({'kind': 'document', 'purchase_line_id': line.id})
        with self.assertRaisesRegex(UserError, "amount of an exception"):
            reported.amount = 5
        with self.assertRaises(UserError):
            reported.sudo().unlink()
        with self.assertRaisesRegex(UserError, "is not on"):
            self.env['scp.exception.report'].create({
                'res_model': 'purchase.order', 'res_id': line.order_id.id, 'purchase_line_id': stranger.id, 'note': "?",
            }).action_report()
        with self.assertRaises(AccessError):
            self.env['scp.exception'].with_user(self.supplier).search([])

    def test_control_tower(self):
        """Most money first; everybody sees his own."""
        small = self._play('out', [])
        large = self._play('out', [], qty=50)
        other = self._play('out', [], user=self.leader)
        self._look('9 10:00')
        ours = (small + large + other).order_id.mapped('name')

        def get_orders(user, **filters):
            tower = self.env['scp.control.tower'].with_user(user).get_tower(filters)
            return [row['order'] for row in tower['rows'] if row['order'] in ours], tower

        self.assertEqual(get_orders(self.manager)[0][:1], [large.order_id.name])
        self.assertCountEqual(get_orders(self.manager)[0], ours)
        orders, tower = get_orders(self.seller)
        self.assertEqual(orders, [large.order_id.name, small.order_id.name])
        self.assertEqual((tower['total']['value'], tower['count']['value']), (120, 2))
        self.assertEqual(self.env['scp.exception'].with_user(self.seller).search_count(tower['total']['domain']), 2)
        self.assertEqual(get_orders(self.seller, kind='short')[0], [])
        with self.assertRaisesRegex(UserError, "cannot be filtered by colour"):
            get_orders(self.seller, colour='red')

        # by the team of orders he cannot read
        large.order_id.team_id = self.env['crm.team'].create({'name': "Large Orders"})
        quality = new_test_user(self.env, 'tower_quality', 'crm_scp_core.group_scp_quality')
        orders, tower = get_orders(quality, team_ids=large.order_id.team_id.ids)
        self.assertEqual(orders, [large.order_id.name])
        self.assertEqual(self.env['scp.exception'].with_user(quality).search_count(tower['count']['domain']), 1)

    def test_counted_on_documents(self):
        line = self._play('out', [])
        self._look('9 10:00')
        self.assertEqual(line.order_id.scp_exception_count, 1)
        self.assertEqual(line.order_id.picking_ids.scp_exception_count, 1)
        action = line.order_id.picking_ids.action_view_scp_exceptions()
        self.assertEqual(self.env['scp.exception'].search(action['domain']), self._find(line))

    def test_second_run_changes_nothing(self):
        self._play('out', [])
        self._look('9 10:00')
        with freeze_time(moment('9 11:00')):
            self.assertEqual(self.env['scp.exception']._sync(), 0)

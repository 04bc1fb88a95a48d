from datetime import datetime

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import NOW, PromiseCommon

PLANNED = datetime(2026, 3, 9, 12)
CONFIRMED = datetime(2026, 3, 11, 12)
LATER = datetime(2026, 3, 13, 12)
LATEST = datetime(2026, 3, 20, 12)


@tagged('post_install', '-at_install')
@freeze_time(NOW)
class TestPromisePurchase(PromiseCommon):

    def _get_flags(self, line):
        return [(row.kind, row.source, row.unconfirmed) for row in self._get_promises(line)]

    def test_requested_date_stands_in_until_confirmation(self):
        order = self._create_purchase()
        self.assertFalse(self._get_promises(order.order_line))
        order.with_user(self.buyer).button_confirm()
        self._assert_ledger(order.order_line, [
            ('requested', PLANNED, None, 10),
            ('baseline', PLANNED, None, 10),
        ])
        promise = self._get_promises(order.order_line)[1]
        self.assertTrue(promise.unconfirmed)
        self.assertEqual(promise.direction, 'in')
        self.assertEqual(promise.user_id, self.buyer)
        self.assertEqual(promise.partner_id, self.vendor)
        self.assertEqual(promise.warehouse_id, order.picking_type_id.warehouse_id)

    def test_two_step_approval(self):
        order = self._create_purchase()
        order.company_id.write({'po_double_validation': 'two_step', 'po_double_validation_amount': 1})
        order.with_user(self.buyer).button_confirm()
        self.assertEqual(order.state, 'to approve')
        self.assertFalse(self._get_promises(order.order_line))
        order.button_approve()
        self.assertEqual(len(self._get_promises(order.order_line)), 2)

    def test_acknowledgement_confirms_the_dates(self):
        order = self._create_purchase((self.bolt, 10), (self.sail, 1))
        order.button_confirm()
        order.with_user(self.buyer).action_acknowledge()
        order.with_user(self.buyer).action_acknowledge()
        for line in order.order_line:
            self.assertEqual(self._get_flags(line), [
                ('requested', 'internal', False),
                ('baseline', 'internal', True),
                ('baseline', 'internal', False),
            ])
            self.assertEqual(line.scp_baseline_date, PLANNED)

    def test_buyer_moves_the_date(self):
        """His move is no confirmation; the baseline is what the supplier then confirms first."""
        order = self._create_purchase()
        order.button_confirm()
        line = order.order_line
        line.with_user(self.buyer).date_planned = CONFIRMED
        self.assertEqual(line.scp_baseline_date, PLANNED)
        order.action_acknowledge()
        self.assertEqual(line.scp_baseline_date, CONFIRMED)
        line.with_user(self.buyer).date_planned = LATER
        self.assertEqual(line.scp_baseline_date, CONFIRMED)
        self._assert_ledger(line, [
            ('requested', PLANNED, None, 10),
            ('baseline', PLANNED, None, 10),
            ('revision', CONFIRMED, PLANNED, 10),
            ('baseline', CONFIRMED, CONFIRMED, 10),
            ('revision', LATER, CONFIRMED, 10),
        ])
        self.assertEqual(
            self._get_promises(line).mapped('unconfirmed'), [False, True, True, False, True],
        )

    def test_supplier_states_dates(self):
        """The method behind the portal's form: the first date is the baseline, and later ones cannot change it."""
        order = self._create_purchase((self.bolt, 10), (self.sail, 1))
        order.button_confirm()
        bolt, sail = order.order_line
        for date in (CONFIRMED, LATER, LATER, LATEST, PLANNED):
            order._update_date_planned_for_lines([(bolt, date)])
            self.assertEqual(bolt.date_planned, date)
            self.assertEqual(bolt.scp_baseline_date, CONFIRMED)
        self._assert_ledger(bolt, [
            ('requested', PLANNED, None, 10),
            ('baseline', PLANNED, None, 10),
            ('baseline', CONFIRMED, PLANNED, 10),
            ('revision', LATER, CONFIRMED, 10),
            ('revision', LATEST, LATER, 10),
            ('revision', PLANNED, LATEST, 10),
        ])
        self.assertEqual(
            self._get_flags(bolt)[2:], [('baseline', 'portal', False)] + [('revision', 'portal', False)] * 3,
        )
        self.assertEqual(len(self._get_promises(sail)), 2, "He has not spoken of the sail")

    def test_unchanged_date_is_a_confirmation(self):
        order = self._create_purchase()
        order.button_confirm()
        line = order.order_line
        order._update_date_planned_for_lines([(line, PLANNED)])
        self.assertEqual(self._get_flags(line)[2:], [('baseline', 'portal', False)])
        line.date_planned = LATER
        order._update_date_planned_for_lines([(line, LATER)])
        self.assertEqual(self._get_flags(line)[3:], [
            ('revision', 'internal', True),
            ('confirmation', 'portal', False),
        ])
        self.assertEqual(line.scp_baseline_date, PLANNED)

    def test_supplier_moves_dates_of_a_request(self):
        """Before the order is confirmed nothing is promised; what he wrote becomes what is requested."""
        order = self._create_purchase()
        order._update_date_planned_for_lines([(order.order_line, LATER)])
        self.assertFalse(self._get_promises(order.order_line))
        order.button_confirm()
        self._assert_ledger(order.order_line, [
            ('requested', LATER, None, 10),
            ('baseline', LATER, None, 10),
        ])

    def test_quantity_moves_the_date_as_well(self):
        """Odoo recomputes the planned date from the supplier's lead time: one entry tells both."""
        order = self._create_purchase((self.bolt, 10, {'price_unit': 1.0, 'technical_price_unit': 1.0}))
        order.button_confirm()
        line = order.order_line
        line.product_qty = 25
        promises = self._get_promises(line)
        self.assertEqual(promises.mapped('kind'), ['requested', 'baseline', 'revision'])
        self.assertEqual(promises[-1].product_uom_qty, 25)
        self.assertEqual(promises[-1].date_promised, line.date_planned)
        self.assertNotEqual(line.date_planned, PLANNED)

    def test_two_units(self):
        order = self._create_purchase((self.bolt, 2, {'product_uom_id': self.dozen.id}))
        order.button_confirm()
        promise = self._get_promises(order.order_line)[-1]
        self.assertEqual((promise.qty, promise.uom_id), (2, self.dozen))
        self.assertEqual((promise.product_uom_qty, promise.product_uom_id), (24, self.unit))

    def test_services_are_not_promised(self):
        order = self._create_purchase((self.rigging, 3))
        order.button_confirm()
        self.assertFalse(self._get_promises(order.order_line))

    def test_line_added_later_and_form(self):
        order = self._create_purchase()
        order.button_confirm()
        line = order.order_line
        order.write({'order_line': [
            Command.update(line.id, {'date_planned': LATER}),
            Command.create({
                'product_id': self.sail.id, 'product_qty': 2, 'price_unit': 3.0, 'date_planned': LATEST,
            }),
        ]})
        self.assertEqual(self._get_promises(line).mapped('kind'), ['requested', 'baseline', 'revision'])
        self._assert_ledger(order.order_line - line, [
            ('requested', LATEST, None, 2),
            ('baseline', LATEST, None, 2),
        ])

    def test_cancel_draft_confirm(self):
        order = self._create_purchase()
        order.button_confirm()
        order.action_acknowledge()
        line = order.order_line
        order.button_cancel()
        order.button_draft()
        line.date_planned = LATER
        order.button_confirm()
        self._assert_ledger(line, [
            ('requested', PLANNED, None, 10),
            ('baseline', PLANNED, None, 10),
            ('baseline', PLANNED, PLANNED, 10),
            ('cancel', None, PLANNED, 0),
            ('requested', LATER, PLANNED, 10),
            ('revision', LATER, PLANNED, 10),
        ])
        self.assertTrue(self._get_promises(line)[-1].unconfirmed, "He has not agreed to the new date")
        self.assertEqual(line.scp_baseline_date, PLANNED)

    def test_deleted_order(self):
        order = self._create_purchase()
        order.button_confirm()
        name, promises = order.name, self._get_promises(order.order_line)
        order.button_cancel()
        order.unlink()
        self.assertEqual(set(promises.mapped('order_name')), {name})
        self.assertFalse(promises.purchase_line_id)

    # === RECORDED BY THE BUYER === #

    def _record(self, order, user=None, **values):
        return self.env['scp.promise.confirm'].with_user(user or self.buyer).create({
            'order_id': order.id, 'source': 'phone', **values,
        })

    def test_record_confirmation(self):
        order = self._create_purchase((self.bolt, 10), (self.sail, 1), (self.rigging, 1))
        order.button_confirm()
        bolt, sail = order.order_line[:2]
        reason = self.env.ref('crm_scp_supply.scp_promise_reason_capacity')
        wizard = self._record(order, reason_id=reason.id, note="OC-4711")
        self.assertEqual(wizard.line_ids.purchase_line_id, bolt + sail, "Goods only")
        wizard.line_ids[0].date_confirmed = CONFIRMED
        wizard.line_ids[0].qty_confirmed = 8
        wizard.line_ids[1].selected = False
        wizard.action_confirm()
        wizard.action_confirm()
        self._assert_ledger(bolt, [
            ('requested', PLANNED, None, 10),
            ('baseline', PLANNED, None, 10),
            ('baseline', CONFIRMED, PLANNED, 8),
        ])
        promise = self._get_promises(bolt)[-1]
        self.assertEqual((promise.source, promise.unconfirmed, promise.user_id), ('phone', False, self.buyer))
        self.assertEqual((promise.reason_id, promise.note), (reason, "OC-4711"))
        self.assertEqual((bolt.date_planned, bolt.product_qty), (CONFIRMED, 8))
        self.assertEqual(len(self._get_promises(sail)), 2)

    def test_record_confirmation_of_a_request(self):
        order = self._create_purchase()
        with self.assertRaisesRegex(UserError, order.name):
            self._record(order).action_confirm()

    def test_record_nothing(self):
        order = self._create_purchase()
        order.button_confirm()
        wizard = self._record(order)
        wizard.line_ids.selected = False
        with self.assertRaises(UserError):
            wizard.action_confirm()

    def test_record_a_line_of_another_order(self):
        order, other = self._create_purchase(), self._create_purchase()
        (order + other).button_confirm()
        wizard = self._record(order, line_ids=[Command.create({
            'purchase_line_id': other.order_line.id, 'date_confirmed': LATER, 'qty_confirmed': 1,
        })])
        with self.assertRaisesRegex(ValidationError, order.name):
            wizard.action_confirm()
        self.assertEqual(len(self._get_promises(other.order_line)), 2)

    def test_record_a_negative_quantity(self):
        order = self._create_purchase()
        order.button_confirm()
        wizard = self._record(order)
        wizard.line_ids.qty_confirmed = -1
        with self.assertRaisesRegex(ValidationError, "Bolt"):
            wizard.action_confirm()

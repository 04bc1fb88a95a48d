from datetime import datetime, timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

from .common import NOW, PromiseCommon

REQUESTED = datetime(2026, 3, 4, 8)
COMMITTED = datetime(2026, 3, 6, 8)
LATER = datetime(2026, 3, 10, 8)
LATEST = datetime(2026, 3, 16, 8)
IN_3_DAYS = NOW + timedelta(days=3)
IN_10_DAYS = NOW + timedelta(days=10)


@tagged('post_install', '-at_install')
@freeze_time(NOW)
class TestPromiseSale(PromiseCommon):

    def test_nothing_before_confirmation(self):
        order = self._create_sale(scp_requested_date=REQUESTED, commitment_date=COMMITTED)
        order.action_quotation_sent()
        order.order_line.product_uom_qty = 12
        self.assertFalse(self._get_promises(order.order_line))

    def test_request_and_commitment(self):
        order = self._create_sale(scp_requested_date=REQUESTED, commitment_date=COMMITTED)
        order.with_user(self.seller).action_confirm()
        self._assert_ledger(order.order_line, [
            ('requested', REQUESTED, None, 10),
            ('baseline', COMMITTED, None, 10),
        ])
        promise = self._get_promises(order.order_line)[1]
        self.assertEqual(promise.direction, 'out')
        self.assertEqual(promise.source, 'internal')
        self.assertEqual(promise.user_id, self.seller)
        self.assertEqual(promise.order_name, order.name)
        self.assertEqual(promise.product_name, "Bolt")
        self.assertEqual(promise.partner_id, self.customer)
        self.assertEqual(promise.company_id, order.company_id)
        self.assertEqual(promise.warehouse_id, order.warehouse_id)
        self.assertFalse(promise.unconfirmed, "We confirm our own promises")

    def test_expected_date_stands_for_a_missing_commitment(self):
        order = self._create_sale((self.bolt, 1), (self.sail, 1))
        order.action_confirm()
        bolt, sail = order.order_line
        self._assert_ledger(bolt, [('baseline', IN_3_DAYS, None, 1)])
        self._assert_ledger(sail, [('baseline', IN_10_DAYS, None, 1)])

    def test_expected_date_of_an_order_shipped_at_once(self):
        order = self._create_sale((self.bolt, 1), (self.sail, 1), picking_policy='one')
        order.action_confirm()
        for line in order.order_line:
            self._assert_ledger(line, [('baseline', IN_10_DAYS, None, 1)])

    def test_added_line_delays_an_order_shipped_at_once(self):
        order = self._create_sale((self.bolt, 1), picking_policy='one')
        order.action_confirm()
        order.order_line = [Command.create({'product_id': self.sail.id, 'product_uom_qty': 1})]
        bolt, sail = order.order_line
        self._assert_ledger(bolt, [
            ('baseline', IN_3_DAYS, None, 1),
            ('revision', IN_10_DAYS, IN_3_DAYS, 1),
        ])
        self._assert_ledger(sail, [('baseline', IN_10_DAYS, None, 1)])

    def test_line_overrides_the_request_of_the_order(self):
        order = self._create_sale(
            (self.bolt, 1), (self.sail, 1, {'scp_requested_date': LATER}),
            scp_requested_date=REQUESTED, commitment_date=COMMITTED,
        )
        order.action_confirm()
        bolt, sail = order.order_line
        self.assertEqual(self._get_promises(bolt)[0].date_promised, REQUESTED)
        self.assertEqual(self._get_promises(sail)[0].date_promised, LATER)
        order.scp_requested_date = LATEST
        self.assertEqual(self._get_promises(bolt)[-1].date_promised, LATEST)
        self.assertEqual(self._get_promises(sail).mapped('kind'), ['requested', 'baseline'])

    def test_request_changed_and_taken_back(self):
        order = self._create_sale(commitment_date=COMMITTED)
        order.action_confirm()
        order.order_line.scp_requested_date = REQUESTED
        order.order_line.scp_requested_date = LATER
        order.order_line.scp_requested_date = False
        self._assert_ledger(order.order_line, [
            ('baseline', COMMITTED, None, 10),
            ('requested', REQUESTED, None, 10),
            ('requested', LATER, REQUESTED, 10),
            ('requested', None, LATER, 10),
        ])

    def test_revisions(self):
        order = self._create_sale(commitment_date=COMMITTED)
        order.action_confirm()
        order.commitment_date = LATER
        order.commitment_date = LATER
        order.commitment_date = False
        self._assert_ledger(order.order_line, [
            ('baseline', COMMITTED, None, 10),
            ('revision', LATER, COMMITTED, 10),
            ('revision', IN_3_DAYS, LATER, 10),
        ])
        self.assertEqual(
            self._get_promises(order.order_line).mapped('shift_days'),
            [0.0, 4.0, -round((LATER - IN_3_DAYS) / timedelta(days=1), 2)],
        )
        line = order.order_line
        self.assertEqual(line.scp_baseline_date, COMMITTED)
        self.assertEqual(line.scp_promise_date, IN_3_DAYS)
        self.assertEqual(line.scp_revision_count, 2)

    def test_lead_time_moves_the_expected_date(self):
        order = self._create_sale()
        order.action_confirm()
        order.order_line.customer_lead = 10
        self._assert_ledger(order.order_line, [
            ('baseline', IN_3_DAYS, None, 10),
            ('revision', IN_10_DAYS, IN_3_DAYS, 10),
        ])

    def test_quantity(self):
        order = self._create_sale(commitment_date=COMMITTED)
        order.action_confirm()
        order.order_line.product_uom_qty = 15
        order.order_line.product_uom_qty = 15
        order.order_line.product_uom_qty = 0
        self._assert_ledger(order.order_line, [
            ('baseline', COMMITTED, None, 10),
            ('revision', COMMITTED, COMMITTED, 15),
            ('revision', COMMITTED, COMMITTED, 0),
        ])
        self.assertEqual(self._get_promises(order.order_line).mapped('previous_product_uom_qty'), [0, 10, 15])

    def test_two_units(self):
        """2 dozen are 24 pieces; 24 pieces instead are no other promise."""
        order = self._create_sale(
            (self.bolt, 2, {'product_uom_id': self.dozen.id}), commitment_date=COMMITTED,
        )
        order.action_confirm()
        line = order.order_line
        promise = self._get_promises(line)
        self.assertEqual((promise.qty, promise.uom_id), (2, self.dozen))
        self.assertEqual((promise.product_uom_qty, promise.product_uom_id), (24, self.unit))
        line.write({'product_uom_qty': 24, 'product_uom_id': self.unit.id})
        self.assertEqual(len(self._get_promises(line)), 1)
        line.write({'product_uom_qty': 3, 'product_uom_id': self.dozen.id})
        self.assertEqual(self._get_promises(line).mapped('product_uom_qty'), [24, 36])

    def test_split(self):
        """Half now, half later: the first half is a smaller quantity, the second a promise of its own."""
        order = self._create_sale(commitment_date=COMMITTED)
        order.action_confirm()
        line = order.order_line
        order.write({'order_line': [
            Command.update(line.id, {'product_uom_qty': 6}),
            Command.create({'product_id': self.bolt.id, 'product_uom_qty': 4, 'scp_requested_date': LATER}),
        ]})
        self._assert_ledger(line, [
            ('baseline', COMMITTED, None, 10),
            ('revision', COMMITTED, COMMITTED, 6),
        ])
        self._assert_ledger(order.order_line - line, [
            ('requested', LATER, None, 4),
            ('baseline', COMMITTED, None, 4),
        ])

    def test_line_added_later(self):
        order = self._create_sale(commitment_date=COMMITTED)
        order.action_confirm()
        line = self.env['sale.order.line'].create({
            'order_id': order.id, 'product_id': self.sail.id, 'product_uom_qty': 1,
        })
        self._assert_ledger(line, [('baseline', COMMITTED, None, 1)])
        self.assertEqual(len(self._get_promises(order.order_line[0])), 1)

    def test_only_goods_are_promised(self):
        order = self._create_sale(
            (self.bolt, 1), (self.rigging, 5), (self.sail, -1), commitment_date=COMMITTED,
        )
        order.order_line = [Command.create({'display_type': 'line_section', 'name': "Deck"})]
        order.action_confirm()
        self.assertEqual(self.Promise.search([('sale_order_id', '=', order.id)]).product_id, self.bolt)

    def test_goods_delivered_without_an_order(self):
        """Stock adds a line of quantity zero for an extra product: nobody promised it."""
        order = self._create_sale()
        order.action_confirm()
        line = self.env['sale.order.line'].create({
            'order_id': order.id, 'product_id': self.sail.id, 'product_uom_qty': 0,
        })
        self.assertFalse(self._get_promises(line))

    def test_cancel_and_confirm_again(self):
        """The baseline is written at the first confirmation ever, whatever happens later."""
        order = self._create_sale(scp_requested_date=REQUESTED, commitment_date=COMMITTED)
        order.action_confirm()
        order.action_cancel()
        order.action_cancel()
        self.assertFalse(order.order_line.scp_promise_date)
        order.action_draft()
        order.commitment_date = LATER
        order.order_line.product_uom_qty = 11
        order.action_confirm()
        self._assert_ledger(order.order_line, [
            ('requested', REQUESTED, None, 10),
            ('baseline', COMMITTED, None, 10),
            ('cancel', None, COMMITTED, 0),
            ('revision', LATER, COMMITTED, 11),
        ])
        self.assertEqual(order.order_line.scp_baseline_date, COMMITTED)
        self.assertEqual(order.order_line.scp_promise_date, LATER)

    def test_back_to_draft_without_cancelling(self):
        order = self._create_sale(commitment_date=COMMITTED)
        order.action_confirm()
        order.write({'state': 'draft'})
        order.write({'state': 'sale'})
        self.assertEqual(self._get_promises(order.order_line).mapped('kind'), ['baseline', 'cancel', 'revision'])

    def test_deleted_line(self):
        order = self._create_sale((self.bolt, 10), (self.sail, 1), commitment_date=COMMITTED)
        order.action_confirm()
        line = order.order_line[1]
        order.action_cancel()
        promises = self._get_promises(line)
        line.unlink()
        self.assertFalse(promises.sale_line_id)
        self.assertEqual(promises.mapped('product_name'), ["Sail", "Sail"])
        self.assertEqual(promises.mapped('kind'), ['baseline', 'cancel'], "Taken back once, not twice")

    def test_deleted_line_of_a_confirmed_order(self):
        """Odoo forbids it, an addon may allow it: the promise is taken back."""
        order = self._create_sale((self.bolt, 10), (self.sail, 1), commitment_date=COMMITTED)
        order.action_confirm()
        line = order.order_line[1]
        self.patch(self.registry['sale.order.line'], '_check_line_unlink', lambda lines: lines.browse())
        promise = self._get_promises(line)
        line_ref = line.id
        line.unlink()
        rows = self.Promise.search([('direction', '=', 'out'), ('line_ref', '=', line_ref)], order='id')
        self.assertEqual(rows[0], promise)
        self.assertEqual(rows.mapped('kind'), ['baseline', 'cancel'])
        self.assertFalse(rows.sale_line_id)

    def test_deleted_order(self):
        order = self._create_sale(commitment_date=COMMITTED)
        order.action_confirm()
        order.action_cancel()
        name, promises = order.name, self._get_promises(order.order_line)
        order.unlink()
        self.assertEqual(promises.mapped('order_name'), [name, name])
        self.assertEqual(promises.product_id, self.bolt)
        self.assertEqual(promises[0].qty, 10)
        self.assertFalse(promises.sale_order_id)
        self.assertFalse(promises.sale_line_id)

    def test_ways_in(self):
        """Import, form and a plain write confirm an order as well as the button does."""
        imported = self._create_sale(state='sale', commitment_date=COMMITTED)
        self._assert_ledger(imported.order_line, [('baseline', COMMITTED, None, 10)])
        with Form(imported) as form:
            form.commitment_date = LATER
            with form.order_line.edit(0) as line:
                line.product_uom_qty = 20
        self.assertEqual(len(self._get_promises(imported.order_line)), 2, "One entry for one save")
        self.assertEqual(self._get_promises(imported.order_line)[-1].product_uom_qty, 20)
        written = self._create_sale(commitment_date=COMMITTED)
        written.write({'state': 'sale'})
        self._assert_ledger(written.order_line, [('baseline', COMMITTED, None, 10)])

    def test_copy_asks_for_nothing(self):
        order = self._create_sale((self.bolt, 1, {'scp_requested_date': LATER}), scp_requested_date=REQUESTED)
        copy = order.copy()
        self.assertFalse(copy.scp_requested_date)
        self.assertFalse(copy.order_line.scp_requested_date)

    def test_promise_another_date(self):
        order = self._create_sale(commitment_date=COMMITTED)
        order.action_confirm()
        reason = self.env.ref('crm_scp_supply.scp_promise_reason_stock')
        wizard = self.env['scp.promise.revise'].with_user(self.seller).create({
            'order_id': order.id, 'date_promised': LATER, 'reason_id': reason.id, 'note': "Told by phone",
        })
        self.assertEqual(wizard.date_current, COMMITTED)
        wizard.action_revise()
        wizard.action_revise()
        self._assert_ledger(order.order_line, [
            ('baseline', COMMITTED, None, 10),
            ('revision', LATER, COMMITTED, 10),
        ])
        promise = self._get_promises(order.order_line)[-1]
        self.assertEqual(promise.reason_id, reason)
        self.assertEqual(promise.note, "Told by phone")
        self.assertEqual(order.commitment_date, LATER)

        reason.name = "No goods"  # a better word is no other reason
        with self.assertRaisesRegex(UserError, "No goods"):
            reason.party = 'customer'
        with self.assertRaisesRegex(UserError, "archive it"):
            reason.unlink()
        reason.action_archive()
        self.assertEqual(promise.reason_id, reason)

    def test_another_date_for_a_quotation(self):
        order = self._create_sale()
        wizard = self.env['scp.promise.revise'].create({
            'order_id': order.id, 'date_promised': LATER,
            'reason_id': self.env.ref('crm_scp_supply.scp_promise_reason_stock').id,
        })
        with self.assertRaisesRegex(Exception, order.name):
            wizard.action_revise()
        self.assertFalse(order.commitment_date)

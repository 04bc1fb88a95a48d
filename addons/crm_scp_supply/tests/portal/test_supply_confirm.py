import html
from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .common import SupplyPortalCommon


@tagged('post_install', '-at_install')
class TestSupplyConfirm(SupplyPortalCommon):
    """What a supplier confirms in the portal, and what becomes of order, transfer and ledger."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_purchase((cls.rope, 10), (cls.hook, 20))
        cls.line, cls.other = cls.order.order_line

    def setUp(self):
        super().setUp()
        self._login(self.rob)

    def _get_parts(self):
        """Quantity, days after the day planned and open receipt of the line and its parts."""
        lines = self.line + self.order.order_line.filtered(lambda line: line.scp_split_from_id == self.line)
        return [
            (line.product_qty, (line.date_planned.date() - self.planned.date()).days,
             sum(line.move_ids.filtered(lambda move: move.state not in ('done', 'cancel')).mapped('product_uom_qty')))
            for line in lines
        ]

    # === AS ORDERED === #

    def test_as_ordered(self):
        answer = self._confirm(self.order, {
            self.line: [(self._day(), 10)], self.other: [(self._day(), 20)],
        })
        self.assertEqual(answer.status_code, 303)
        self.assertTrue(answer.headers['Location'].endswith(f'/my/supply/purchases/{self.order.id}?done=confirm'))
        self.assertEqual(self._get_ledger(self.line), [
            ('requested', 0, 10, False), ('baseline', 0, 10, True), ('baseline', 0, 10, False),
        ])
        row = self._get_promises(self.line)[-1]
        self.assertEqual((row.source, row.user_id, row.form_key), ('portal', self.rob, 'k1'))
        self.assertEqual(self.line.date_planned, self.planned, "The same day is the same moment")
        self.assertTrue(self.order.acknowledged)
        self.assertTrue(any("Rope: 10" in message.body for message in self.order.message_ids))

    def test_large_quantity(self):
        """The form proposes the quantity to the last unit."""
        order = self._create_purchase((self.rope, 1234567.25))
        page = self.url_open(f'/my/supply/purchases/{order.id}').text
        self.assertIn('value="1234567.25"', page)

    def test_one_line(self):
        """The lines without a tick wait."""
        self._confirm(self.order, {self.line: [(self._day(), 10)]})
        self.assertTrue(self._get_promises(self.other)[-1].unconfirmed)
        self.assertFalse(self.order.acknowledged)
        self.assertTrue(self.order.scp_unconfirmed)
        self._confirm(self.order, {self.other: [(self._day(), 20)]}, key='k2')
        self.assertTrue(self.order.acknowledged)
        self.assertFalse(self.order.scp_unconfirmed)

    def test_another_day(self):
        """Within the tolerance without, beyond it with a reason; the receipt moves along."""
        self._confirm(self.order, {self.line: [(self._day(1), 10)]})
        self.assertEqual(self._get_ledger(self.line)[-1], ('baseline', 1, 10, False))
        self.assertEqual(self.line.move_ids.date_deadline, self.line.date_planned)
        self._confirm(self.order, {self.line: ([(self._day(9), 10)], {
            'reason': self.reason.id, 'note': "Spare part ordered",
        })}, key='k2')
        row = self._get_promises(self.line)[-1]
        self.assertEqual(
            (row.kind, row.reason_id, row.note, row.source), ('revision', self.reason, "Spare part ordered", 'portal'),
        )
        self.assertEqual(self.line.scp_baseline_date.date(), (self.planned + timedelta(days=1)).date())
        self.assertEqual(self.line.move_ids.date_deadline, self.line.date_planned)
        self.assertTrue(self.order.activity_ids.filtered(lambda activity: activity.user_id == self.buyer))

    def test_reasons_by_line(self):
        other = self.env['scp.promise.reason'].create({'name': "Strike", 'party': 'supplier'})
        self._confirm(self.order, {
            self.line: ([(self._day(5), 10)], {'reason': self.reason.id}),
            self.other: ([(self._day(6), 20)], {'reason': other.id}),
        })
        self.assertEqual(self._get_promises(self.line)[-1].reason_id, self.reason)
        self.assertEqual(self._get_promises(self.other)[-1].reason_id, other)

    # === SPLIT === #

    def test_split(self):
        """6 as asked, 4 a week later: what was requested and promised first stays, on both parts."""
        self._confirm(self.order, {self.line: ([(self._day(), 6), (self._day(7), 4)], {'reason': self.reason.id})})
        self.assertEqual(self._get_parts(), [(6, 0, 6), (4, 7, 4)])
        part = self.order.order_line.scp_split_from_id and self.order.order_line[-1]
        self.assertEqual(self._get_ledger(self.line), [
            ('requested', 0, 10, False), ('baseline', 0, 10, True), ('baseline', 0, 6, False),
        ])
        self.assertEqual(self._get_ledger(part), [
            ('requested', 0, 4, False), ('baseline', 0, 4, True), ('baseline', 7, 4, False),
        ])
        self.assertEqual((part.price_unit, part.product_id, part.product_uom_id),
                         (7.0, self.rope, self.line.product_uom_id))
        self.assertEqual(self.order.amount_untaxed, 30 * 7.0)

    def test_split_of_what_was_confirmed(self):
        """The baseline of every part is what was confirmed first, however often the line is split."""
        self._confirm(self.order, {self.line: [(self._day(), 10)]})
        self._confirm(self.order, {
            self.line: ([(self._day(), 6), (self._day(7), 4)], {'reason': self.reason.id}),
        }, key='k2')
        part = self.order.order_line[-1]
        self.assertEqual(self._get_ledger(part), [
            ('requested', 0, 4, False), ('baseline', 0, 4, False), ('revision', 7, 4, False),
        ])
        self._confirm(self.order, {
            part: ([(self._day(7), 3), (self._day(9), 1)], {'reason': self.reason.id}),
        }, key='k3')
        last = self.order.order_line[-1]
        self.assertEqual(last.scp_split_from_id, self.line)
        self.assertEqual(self._get_ledger(last), [
            ('requested', 0, 1, False), ('baseline', 0, 1, False), ('revision', 9, 1, False),
        ])
        self.assertEqual(self._get_parts(), [(6, 0, 6), (3, 7, 3), (1, 9, 1)])

    def test_less(self):
        """What he does not confirm stays ordered and open, and the buyer has something to do."""
        self._confirm(self.order, {self.line: ([(self._day(), 7)], {'reason': self.reason.id})})
        self.assertEqual(self._get_parts(), [(7, 0, 7), (3, 0, 3)])
        rest = self.order.order_line[-1]
        self.assertEqual(self._get_ledger(rest), [('requested', 0, 3, False), ('baseline', 0, 3, True)])
        self.assertIn("Confirmed less than ordered", self.order.activity_ids.mapped('summary'))
        self.assertFalse(self.order.acknowledged)

    def test_more_within_tolerance(self):
        self._confirm(self.order, {self.line: [(self._day(), 11)]})
        self.assertEqual(self._get_parts(), [(11, 0, 11)])
        self.assertEqual(self.line.price_unit, 7.0)

    def test_after_a_part_was_received(self):
        """4 of 10 are here: he confirms the other 6."""
        picking = self.order.picking_ids
        for move in picking.move_ids:
            move.quantity = 4 if move.product_id == self.rope else 0
            move.picked = bool(move.quantity)
        picking._action_done()
        self._confirm(self.order, {self.line: ([(self._day(2), 5), (self._day(4), 1)], {'reason': self.reason.id})})
        self.assertEqual(self._get_parts(), [(9, 2, 5), (1, 4, 1)])

    def test_bought_for_a_sale(self):
        """Both parts go to the delivery that waits for them."""
        warehouse = self.env['stock.warehouse'].search([('company_id', '=', self.env.company.id)], limit=1)
        product = self.env['product.product'].create({
            'name': "Anchor", 'type': 'consu', 'is_storable': True,
            'route_ids': [Command.set((
                warehouse.mto_pull_id.route_id + self.env.ref('purchase_stock.route_warehouse0_buy')).ids)],
            'seller_ids': [Command.create({'partner_id': self.works.id, 'price': 7.0})],
        })
        warehouse.mto_pull_id.route_id.active = True
        sale = self._create_sale((product, 10))
        order = self.env['purchase.order'].search([('order_line.product_id', '=', product.id)])
        order.button_confirm()
        line = order.order_line
        day = order._scp_get_day(line.date_planned + timedelta(days=1)).isoformat()
        later = order._scp_get_day(line.date_planned + timedelta(days=8)).isoformat()
        self._confirm(order, {line: ([(day, 6), (later, 4)], {'reason': self.reason.id})})
        delivery = sale.picking_ids.move_ids.filtered(lambda move: move.location_dest_id.usage == 'customer')
        self.assertEqual(sorted(delivery.move_orig_ids.mapped('product_uom_qty')), [4, 6])
        for move in order.order_line.move_ids:
            move.quantity, move.picked = move.product_uom_qty, True
        order.picking_ids._action_done()
        self.assertEqual((delivery.state, delivery.quantity), ('assigned', 10))

    # === REFUSED === #

    def test_what_is_wrong(self):
        late = {'reason': self.reason.id}
        for answer, sentence in (
            ([(self._day(), 12)], "you confirm 12, at most 11 are agreed"),
            (([(self._day(), 6), (self._day(3), 6)], late), "you confirm 12, at most 11 are agreed"),
            ([(self._day(), -1)], "Quantity: enter a number"),
            ([(self._day(), 'nan')], "Quantity: enter a number"),
            ([(self._day(), 'many')], "Quantity: enter a number"),
            ([(self._day(), 0)], "Quantity: say how much"),
            ([('', 10)], "Date: choose the day"),
            ([('31.12.2030', 10)], "Date: choose the day"),
            ([('2020-01-01', 10)], "Date: 2020-01-01 has passed"),
            ([('9020-01-01', 10)], "more than ten years ahead"),
            ([(self._day(2), 10)], "Reason: choose why"),
            ([(self._day(), 9)], "Reason: choose why"),
            (([(self._day(2), 10)], {'reason': 999999999}), "Reason: choose why"),
            (([(self._day(), 5), (self._day(), 5)], late), "two parts are for the same day"),
        ):
            with self.subTest(answer=answer), self._assert_nothing_written():
                page = self._confirm(self.order, {self.line: answer, self.other: [(self._day(), 20)]})
            self.assertEqual(page.status_code, 200)
            self.assertIn(sentence, html.unescape(page.text))
            self.assertIn("Rope: ", page.text, "The message names the product")
        with self._assert_nothing_written():
            page = self._confirm(self.order, {})
        self.assertIn("Choose at least one line", page.text)

    def test_typed_text_is_kept(self):
        page = self._confirm(self.order, {self.line: ([(self._day(5), 10)], {'note': "Truck broke"})}).text
        self.assertIn("Truck broke", page)
        self.assertIn(self._day(5), page)

    def test_lines_of_other_orders(self):
        stranger = self._create_purchase(partner=self.loft).order_line
        with self._assert_nothing_written():
            page = self._confirm(self.order, {stranger: [(self._day(), 10)]})
        self.assertIn("Choose at least one line", page.text)

    def test_stale_page(self):
        """The buyer moved the date meanwhile: the supplier looks again before he confirms."""
        form = self._get_form(self.order, {self.line: [(self._day(), 10)]})
        self.line.date_planned += timedelta(days=3)
        with self._assert_nothing_written():
            page = self._post(f'/my/supply/purchases/{self.order.id}/confirm', form)
        self.assertIn("has changed since you opened this page", page.text)
        self.assertIn(f'value="{self._day(3)}"', page.text, "The page shows the present date")

    def test_cancelled_meanwhile(self):
        form = self._get_form(self.order, {self.line: [(self._day(), 10)]})
        self.order.button_cancel()
        page = self._post(f'/my/supply/purchases/{self.order.id}/confirm', form)
        self.assertIn("has changed since you opened this page", page.text)
        page = self._confirm(self.order, {self.line: [(self._day(), 10)]})
        self.assertIn("there is nothing to confirm", page.text)

    def test_sent_twice(self):
        answers = {self.line: ([(self._day(), 6), (self._day(7), 4)], {'reason': self.reason.id})}
        form = self._get_form(self.order, answers)
        for _again in range(2):
            answer = self._post(f'/my/supply/purchases/{self.order.id}/confirm', form)
            self.assertEqual(answer.status_code, 303)
        self.assertEqual(self._get_parts(), [(6, 0, 6), (4, 7, 4)])
        self.assertEqual(len(self._get_promises(self.line)), 3)

    def test_received_meanwhile(self):
        """What has arrived in full is no longer on the form."""
        for move in self.order.picking_ids.move_ids:
            move.quantity, move.picked = move.product_uom_qty, True
        self.order.picking_ids._action_done()
        page = self.url_open(f'/my/supply/purchases/{self.order.id}').text
        self.assertNotIn('<form action="/my/supply', page)
        self.assertIn("Received", page)

    # === BY WHOM === #

    def test_csrf(self):
        form = self._get_form(self.order, {self.line: [(self._day(), 10)]})
        with self._assert_nothing_written():
            answer = self.url_open(f'/my/supply/purchases/{self.order.id}/confirm', data=form)
        self.assertEqual(answer.status_code, 400)

    def test_policy(self):
        """Without the switch the page is read-only, and the POST is not there."""
        self.policy.allow_confirmation = False
        page = self.url_open(f'/my/supply/purchases/{self.order.id}').text
        self.assertIn(self.order.name, page)
        self.assertNotIn('<form action="/my/supply', page)
        with self._assert_nothing_written():
            answer = self._confirm(self.order, {self.line: [(self._day(), 10)]})
        self.assertEqual(answer.status_code, 404)

    def test_others(self):
        for user in (self.sam, self.hanna):
            self._login(user)
            answer = self._confirm(self.order, {self.line: [(self._day(), 10)]})
            self.assertEqual(answer.status_code, 404)
        self.assertEqual(len(self._get_promises(self.line)), 2)
        self._login(self.ria)
        self._confirm(self.order, {self.line: [(self._day(), 10)]})
        self.assertEqual(self._get_promises(self.line)[-1].user_id, self.ria, "A colleague may confirm")

    def test_day_of_the_buyer(self):
        """Days are those of the place where the goods are received."""
        self.buyer.tz = 'Asia/Tokyo'
        self.line.date_planned = self.planned.replace(hour=20)  # 5 o'clock of the next day in Tokyo
        self.assertEqual(self.order._scp_get_day(self.line.date_planned).isoformat(), self._day(1))
        self._confirm(self.order, {self.line: [(self._day(1), 10)]})
        self.assertEqual(self.line.date_planned, self.planned.replace(hour=20))

    def test_filter_of_the_buyer(self):
        done = self._create_purchase((self.rope, 5))
        self._confirm(done, {done.order_line: [(self._day(), 5)]}, key='k5')
        found = self.env['purchase.order'].with_user(self.buyer).search([
            ('scp_unconfirmed', '=', True), ('id', 'in', (self.order + done).ids),
        ])
        self.assertEqual(found, self.order)
        self.assertEqual(fields.Date.from_string(self._day()), self.order._scp_get_day(self.planned))

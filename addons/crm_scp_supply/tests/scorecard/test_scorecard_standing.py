from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .common import FROZEN, ScorecardCommon


@tagged('post_install', '-at_install')
@freeze_time(FROZEN)
class TestScorecardStanding(ScorecardCommon):

    def _order(self, user=None):
        return self._create_purchase(user_id=(user or self.buyer).id).with_user(user or self.buyer)

    def _hold(self):
        card = self._score(kept=0, late=3, service=0)
        self.assertEqual(card.standing, 'Bronze')
        return card

    def test_held(self):
        """Bronze holds: neither sent, printed, confirmed nor approved, and the reason is told."""
        self._hold()
        order = self._order()
        self.assertEqual(order.scp_standing_action, 'hold')
        reason = "Rope Works stands at Bronze \\(30 of 100, March 2026\\)"
        for action in (order.button_confirm, order.action_rfq_send, order.print_quotation):
            with self.assertRaisesRegex(UserError, reason):
                action()
        order.sudo().state = 'to approve'
        with self.assertRaisesRegex(UserError, reason):
            order.with_user(self.head).button_approve()
        self.assertEqual(order.state, 'to approve')

    def test_warned(self):
        """Silver warns: the order says so, and keeps that it was confirmed all the same."""
        self._score()
        order = self._order()
        self.assertEqual(order.scp_standing_action, 'warn')
        order.button_confirm()
        self.assertEqual(order.state, 'purchase')
        self.assertIn("Confirmed although Rope Works stands at Silver", order.message_ids.mapped('preview')[0])
        self.assertEqual(order.scp_standing_action, 'none', "Nothing is left to warn of")

    def test_good_standing_says_nothing(self):
        self._score(kept=3, late=0, service=100)
        order = self._order()
        self.assertEqual((order.scp_standing_action, order.scp_standing_reason), ('none', False))
        order.button_confirm()
        self.assertFalse(order.message_ids.filtered(lambda message: "although" in (message.body or "")))

    def test_switched_off(self):
        self._hold()
        self.env.company.scp_standing_acts = False
        order = self._order()
        self.assertEqual(order.scp_standing_action, 'none')
        order.button_confirm()
        self.assertEqual(order.state, 'purchase')

    def test_template_no_longer_in_use(self):
        self._hold()
        self.template.action_stop()
        self.assertEqual(self._order().scp_standing_action, 'none')

    def test_hardest_of_two_templates(self):
        self._hold()
        kind = self._create_template((('manual', 100, 0, 100, 1),))
        kind.action_start()
        self._freeze(self._prepare(kind), 100)
        self.assertEqual(self._order().scp_standing_action, 'hold')

    def test_released_order(self):
        """By who may, with a reason, for one order; the others stay held. It is a record."""
        card = self._hold()
        order, other = self._order(), self._order()
        with self.assertRaises(AccessError):
            self._release(order, self.buyer)
        release = self._release(order, self.head)
        self.assertEqual(
            (release.user_id, release.user_name, release.card_id, release.standing, release.order_name),
            (self.head, self.head.name, card, 'Bronze', order.name))
        self.assertEqual((order.scp_standing_action, other.scp_standing_action), ('warn', 'hold'))
        order.button_confirm()
        self.assertEqual(order.state, 'purchase')
        with self.assertRaises(UserError):
            other.button_confirm()
        for change in (lambda: release.sudo().write({'reason': "!"}), release.sudo().unlink):
            with self.assertRaises(UserError):
                change()

    def test_released_supplier(self):
        """All orders until the day named, and no longer."""
        self._hold()
        self._release(self._order(), self.head, scope='supplier', date_to='2026-04-20')
        self.assertEqual(self._order().scp_standing_action, 'warn')
        with freeze_time('2026-04-21'):
            self.assertEqual(self._order().scp_standing_action, 'hold')
        with self.assertRaisesRegex(UserError, "this day has passed"):
            self._release(self._order(), self.head, date_to='2026-04-01')

    def test_nothing_to_release(self):
        with self.assertRaisesRegex(UserError, "Nothing holds"):
            self._release(self._order(), self.head)

    def _release(self, order, user, **values):
        wizard = self.env['scp.scorecard.release'].with_user(user)
        with Form(wizard.with_context(**order.action_scp_release()['context'])) as form:
            form.reason = "No other source"
            for name, value in values.items():
                form[name] = value
        form.save().action_release()
        return self.env['scp.scorecard.override'].search([], limit=1)

from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY, BalanceCommon


@freeze_time('2030-07-01 10:00:00')
@tagged('post_install', '-at_install')
class TestBalanceAccount(BalanceCommon):

    def test_never_below_zero(self):
        """What is too much is refused with what there is, and nothing is written."""
        self._post(100, date(2030, 6, 1))
        self._post(-70, date(2030, 6, 10))
        with self.assertRaisesRegex(UserError, r"Steel would be at -5\.0000 .* at most 30\.0000"):
            self._post(-35)
        self._assert_entries(self.account, ('input', 100, 100), ('output', -70, -70))
        self._post(-30)
        self.assertEqual((self.account.balance, self.account.available), (0, 0))

    def test_new_account_opens(self):
        """Its form shows what can be claimed: of an account that is not saved yet, nothing."""
        form = Form(self.env['scp.balance.account'])
        self.assertEqual((form.available, form.ending_qty), (0, 0))

    def test_back_dated(self):
        """On an earlier day counts what is left on every day since: 100 came on 1 June, 90 went on the 20th."""
        self._post(100, date(2030, 6, 1))
        self._post(-90, date(2030, 6, 20))
        self._post(50, date(2030, 6, 25))
        with self.assertRaisesRegex(UserError, r"-1\.0000 .* on 06/20/2030: on 06/10/2030 at most 10\.0000"):
            self._post(-11, date(2030, 6, 10))
        self._post(-10, date(2030, 6, 10))
        with self.assertRaises(UserError):
            self._post(-1, date(2030, 5, 31))
        entries = self.Entry.search([('account_id', '=', self.account.id)], order='date')
        self.assertEqual(entries.mapped('balance_on_day'), [100, 90, 0, 50])
        self.assertEqual(entries.sorted('number').mapped('balance_after'), [100, 10, 60, 50])

    def test_one_posting_of_several(self):
        """What comes and goes together may stand in any order."""
        self.account._post([
            {'kind': 'output', 'source': 'hand', 'reason': "Test", 'date': TODAY, 'qty': -5},
            {'kind': 'input', 'source': 'hand', 'reason': "Test", 'date': TODAY, 'qty': 5},
        ])
        self.assertEqual(self.account.balance, 0)

    def test_reversal(self):
        """The opposite on the same day; credits that were claimed since cannot be taken back, and once is enough."""
        came = self._post(100, date(2030, 6, 1))
        claimed = self._post(-60, date(2030, 6, 5))
        with self.assertRaisesRegex(UserError, r"-60\.0000"):
            came.with_user(self.keeper)._reverse("Wrong lot")
        back = claimed.with_user(self.keeper)._reverse("Not delivered")
        self.assertEqual((back.date, back.qty, back.reason, back.user_id), (
            date(2030, 6, 5), 60, "Not delivered", self.keeper))
        came.with_user(self.keeper)._reverse("Wrong lot")
        self.assertEqual(self.account.balance, 0)
        for entry in (claimed, back):
            with self.assertRaisesRegex(UserError, "has been reversed"):
                entry._reverse("Again")

    def test_entries_stay(self):
        entry = self._post(10)
        for change in (lambda: entry.write({'qty': 5}), entry.unlink, entry.copy, lambda: self.Entry.create({})):
            with self.assertRaises(UserError):
                change()
        with self.assertRaisesRegex(UserError, "standard, site, unit"):
            self.account.standard_id = self.other_standard
        with self.assertRaisesRegex(UserError, "Archive it"):
            self.account.unlink()

    def test_closed_period(self):
        """Two quarters are closed, the third is not over. Corrections go to the first open day."""
        entry = self._post(100, date(2030, 2, 1))
        self.account.with_user(self.keeper).action_close_period()
        self.assertEqual(self.account.closed_until, date(2030, 3, 31))
        with self.assertRaisesRegex(UserError, "closed until 03/31/2030"):
            self._post(5, date(2030, 3, 31))
        self.assertEqual(entry._reverse("Wrong").date, date(2030, 4, 1))
        self.account.action_close_period()
        with self.assertRaisesRegex(UserError, "lasts until 09/30/2030"):
            self.account.action_close_period()

    def test_credits_end(self):
        """They hold for three months: 100 of 15 January end on 14 April; 30 went before, 50 came later."""
        self.account.validity_months = 3
        self._post(100, date(2030, 1, 15))
        self._post(50, date(2030, 2, 10))
        self._post(-30, date(2030, 4, 14))
        with self.assertRaisesRegex(UserError, r"at most 50\.0000"):
            self._post(-60, date(2030, 4, 15))
        self._post(-40, date(2030, 5, 9))
        self._assert_entries(
            self.account, ('input', 100, 100), ('input', 50, 50), ('output', -30, -30), ('output', -40, -40),
            ('expiry', -70, 0))
        with self.enter_registry_test_mode():
            self.env.ref('crm_scp_supply.ir_cron_scp_balance_expire').method_direct_trigger()
        self.env.invalidate_all()
        expired = self.Entry.search([('account_id', '=', self.account.id), ('kind', '=', 'expiry')], order='date')
        self.assertEqual([(entry.date, entry.qty) for entry in expired], [
            (date(2030, 4, 15), -70), (date(2030, 5, 10), -10)])
        self.assertEqual(self.account.balance, 0)

    def test_carried_over(self):
        """40 of February: not carried over they end with March, into the next period with June."""
        for carry_over, last_day in (
            ('none', date(2030, 3, 31)), ('next', date(2030, 6, 30)), ('all', False),
        ):
            account = self._open_account(carry_over=carry_over)
            self.assertEqual(self._post(40, date(2030, 2, 5), account).expires_on, last_day)
            self.assertEqual((account.balance, account.available), (40, 0 if last_day else 40))
        account.validity_months = 2
        self.assertEqual(self._post(1, date(2030, 2, 5), account).expires_on, date(2030, 4, 4))

    def test_expired_too_early(self):
        """A claim that is entered late: what expired for want of it is reversed first, then only the rest expires."""
        self.account.validity_months = 3
        self._post(100, date(2030, 1, 15))
        self.account._expire(TODAY)
        with self.assertRaises(UserError):
            self._post(-30, date(2030, 3, 1))
        self.Entry.search([('account_id', '=', self.account.id), ('kind', '=', 'expiry')])._reverse("Claim was late")
        self._post(-30, date(2030, 3, 1))
        self.account._expire(TODAY)
        self.assertEqual(self.Entry.search([('account_id', '=', self.account.id)], limit=1, order='id desc').qty, -70)

    def test_what_has_ended_carries_nothing(self):
        """A claim that is reversed frees credits that ended long ago: what came later must not be reversed on them."""
        self.account.validity_months = 1
        self._post(10, date(2030, 1, 1))
        claimed = self._post(-10, date(2030, 1, 20))
        later = self._post(10, date(2030, 3, 1))
        self._post(-10, date(2030, 3, 10))
        claimed._reverse("Not delivered")
        with self.assertRaisesRegex(UserError, r"-10\.0000 .* on 03/10/2030: on 03/01/2030 at most 0\.0000"):
            later._reverse("Wrong lot")

    def test_rolling_average(self):
        """Over three months: 60 of 100 and 0 of 20 make 50 %; on 16 June the first is out of the window: 0 of 20."""
        account = self._open_account(method='average')
        self.assertIsNone(account._get_average(TODAY))
        self._post(60, date(2030, 3, 15), account, base=100)
        account._post([{'kind': 'input', 'source': 'hand', 'reason': "Test", 'date': date(2030, 4, 20), 'qty': 0,
                        'base_qty': 20}])
        self.assertEqual(account._get_average(date(2030, 6, 14)), 50)
        self.assertEqual(account._get_average(date(2030, 6, 16)), 0)

    def test_by_hand(self):
        """The wizard asks for goods and their certified part; the reason is kept, and so is who posted."""
        with Form(self.env['scp.balance.post'].with_user(self.keeper).with_context(
                default_account_id=self.account.id)) as form:
            form.base_qty, form.percent, form.reason = 80, 50, "Taken over"
        form.save().action_post()
        entry = self.Entry.search([('account_id', '=', self.account.id)])
        self.assertEqual((entry.qty, entry.base_qty, entry.percent, entry.reason, entry.user_id), (
            40, 80, 50, "Taken over", self.keeper))
        wizard = self.env['scp.balance.post'].create({
            'account_id': self.account.id, 'kind': 'output', 'base_qty': 40.5, 'reason': "Given away"})
        with self.assertRaisesRegex(UserError, r"at most 40\.0000"):
            wizard.action_post()
        for wrong in ({'base_qty': 0}, {'percent': 120}, {'percent': 0}, {'date': date(2030, 7, 2)}):
            with self.assertRaisesRegex(UserError, "Steel"):
                self.env['scp.balance.post'].create({
                    'account_id': self.account.id, 'kind': 'output', 'base_qty': 1, 'reason': "x", **wrong,
                }).action_post()

    @mute_logger('odoo.addons.base.models.ir_model')
    def test_who_keeps_books(self):
        entry = self._post(10)
        for change in (
            lambda: self.env['scp.balance.post'].with_user(self.buyer).create({'account_id': self.account.id}),
            lambda: entry.with_user(self.buyer)._reverse("No"),
            self.account.with_user(self.buyer).action_close_period,
        ):
            with self.assertRaises(AccessError):
                change()
        self.assertEqual(entry.with_user(self.buyer).balance_on_day, 10)

    def test_day_is_ours(self):
        """A day begins where the company is."""
        self.env.company.resource_calendar_id.tz = 'Asia/Shanghai'
        with freeze_time('2030-07-01 17:00:00'):
            self.assertEqual(self.account._get_today(), date(2030, 7, 2))

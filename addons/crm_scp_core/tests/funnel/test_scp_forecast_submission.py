from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .plan_common import PlanCase

NOW = '2026-03-10 12:00:00'


@tagged('post_install', '-at_install')
class TestForecastSubmission(PlanCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.w1 = cls.win(1000.0, '2026-03-02 10:00:00')
        cls.lose(3000.0, '2026-02-02 10:00:00')
        cls.o1 = cls.open(10000.0, probability=40.0, date_deadline='2026-03-20')
        cls.o2 = cls.open(5000.0, probability=80.0, date_deadline='2026-03-21', stage=cls.decided)
        cls.open(7000.0, date_deadline='2026-03-20', user_id=cls.mate.id)
        cls.create_target(12000.0, user_id=cls.salesman.id)

    def submit(self, amount=9000.0, user=None, moment=NOW, **values):
        Submission = self.env['scp.forecast.submission'].with_user(user or self.salesman)
        return self.at(moment, lambda: Submission.create({
            'user_id': self.salesman.id, 'month': '2026-03-15', 'amount': amount,
            'company_id': self.company.id, **values,
        }))

    def test_what_is_frozen(self):
        """Won 1,000; open 10,000 at 40 % and 5,000 at 80 %; half of the top is won, of the lower 2/3.

        One of two was won from the top, (1 + 1) / (2 + 2); the only one from the lower band,
        (1 + 1) / (1 + 2). North leans on all, which are the same: (1 + 28 x 1/2) / 30 and
        (1 + 29 x 2/3) / 30.
        """
        row = self.submit()
        self.assertEqual(str(row.month), '2026-03-01')
        self.assertEqual(
            (row.kind, row.author_id, row.team_id, row.currency_id),
            ('submission', self.salesman, self.team_north, self.usd))
        self.assertEqual(str(row.date), NOW)
        for fname, value in (
            ('target_amount', 4000), ('won_amount', 1000), ('pipeline_amount', 10000),
            ('best_case_amount', 0), ('commit_amount', 5000), ('user_line', 1000 + 4000 + 4000),
            ('empirical_line', 1000 + 10000 * 0.5 + 5000 * (1 + 29 * 2 / 3) / 30),
        ):
            self.assertAlmostEqual(row[fname], value, 2, fname)

    def test_frozen_is_frozen(self):
        row = self.submit()
        self.write_at(self.o1, '2026-03-11 09:00:00', expected_revenue=99000.0)
        row.invalidate_recordset()
        self.assertEqual(row.pipeline_amount, 10000)
        for record in (row, row.with_user(self.manager), row.sudo()):
            with self.assertRaisesRegex(UserError, "Test salesman, March 2026.*cannot be changed"):
                record.amount = 1.0
            with self.assertRaises(UserError):
                record.unlink()
        with self.assertRaisesRegex(UserError, "Test salesman, March 2026.*cannot be deleted"):
            row.sudo().unlink()
        with self.assertRaisesRegex(UserError, "Test salesman has submitted forecasts"):
            self.salesman.unlink()

    def test_nobody_writes_the_past(self):
        row = self.submit(
            date='2020-01-01 00:00:00', author_id=self.manager.id, won_amount=1e6, kind='adjustment', user_line=7.0)
        self.assertEqual((str(row.date), row.author_id), (NOW, self.salesman))
        self.assertEqual((row.won_amount, row.kind, row.user_line), (1000, 'submission', 9000))

    def test_latest_counts(self):
        self.submit(9000.0)
        self.submit(8000.0, moment='2026-03-11 12:00:00')
        self.submit(6000.0, self.leader, '2026-03-12 12:00:00', reason="O1 will slip")
        [group] = self.ask(
            'scp.forecast', 'get_forecast', '2026-03-13 12:00:00', date_from='2026-03-01',
            date_to='2026-03-31')['groups']
        cell = group['cells']['2026-03-01']
        self.assertEqual((cell['submitted']['value'], cell['adjusted']['value']), (8000, 6000))
        # the salesman speaks last: his word stands until it is adjusted again
        self.submit(7000.0, moment='2026-03-14 12:00:00')
        [group] = self.ask(
            'scp.forecast', 'get_forecast', '2026-03-15 12:00:00', date_from='2026-03-01',
            date_to='2026-03-31', group_by='user', user_ids=self.salesman.ids)['groups']
        cell = group['cells']['2026-03-01']
        self.assertEqual((cell['submitted']['value'], cell['adjusted']['value']), (7000, 7000))

    def test_adjustment(self):
        with self.assertRaisesRegex(UserError, "not submitted"):
            self.submit(user=self.leader, reason="Too much")
        self.submit()
        with self.assertRaisesRegex(UserError, "Say in Reason"):
            self.submit(user=self.leader, reason=" ")
        row = self.submit(user=self.leader, reason="Too much")
        self.assertEqual((row.kind, row.author_id, row.team_id), ('adjustment', self.leader, self.team_north))
        self.assertEqual(self.submit(user=self.manager, reason="Less").kind, 'adjustment')

    def test_who_may_speak_for_whom(self):
        self.submit()
        for user in (self.mate, self.stranger, self.auditor, self.internal, self.accountant):
            with self.assertRaises(AccessError):
                self.submit(user=user, reason="Too much")
        # a member of the team who does not lead it
        colleague = self.mate
        colleague.group_ids += self.env.ref('crm_scp_core.group_scp_team')
        with self.assertRaisesRegex(AccessError, "Only the leader"):
            self.submit(user=colleague, reason="Too much")

    def test_who_sees_what(self):
        row = self.submit()
        for user, visible in (
            (self.salesman, True), (self.mate, False), (self.stranger, False), (self.leader, True),
            (self.manager, True), (self.auditor, True), (self.other_salesman, False),
        ):
            found = self.env['scp.forecast.submission'].with_user(user).with_context(
                allowed_company_ids=None).search([('id', '=', row.id)])
            self.assertEqual(bool(found), visible, user.login)

    def test_months_that_are_over(self):
        with self.assertRaisesRegex(UserError, "February 2026 is over"):
            self.submit(month='2026-02-01')
        self.assertTrue(self.submit(month='2026-04-01'))

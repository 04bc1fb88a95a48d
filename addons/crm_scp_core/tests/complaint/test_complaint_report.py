from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .clock_common import ClockCommon


@tagged('post_install', '-at_install')
class TestComplaintReport(ClockCommon):
    """Work is from 8 to 12 and 13 to 17 o'clock in Paris, one hour ahead of UTC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Report = cls.env['scp.complaint.report']
        cls.ClockReport = cls.env['scp.sla.clock.report']
        cls.cause, cls.other_cause = cls.env['scp.complaint.cause'].create([
            {'name': "Wrong seal", 'kind': 'occurrence'}, {'name': "Wrong label", 'kind': 'occurrence'},
        ])

    def _create_three(self):
        """Three complaints of a week in March, and a duplicate of the first."""
        at_once = self._create_complaint(
            '2026-03-02 07:00', occurrence_cause_id=self.cause.id, is_justified='yes',
            decided_at='2026-03-02 10:00:00', first_response_at='2026-03-02 09:00:00', response_count=1,
            first_resolved_at='2026-03-03 07:00:00', resolved_at='2026-03-03 07:00:00',
        )
        in_two_rounds = self._create_complaint(
            '2026-03-03 07:00', occurrence_cause_id=self.cause.id, is_justified='partly',
            decided_at='2026-03-03 10:00:00', first_response_at='2026-03-03 11:00:00', response_count=3,
            first_resolved_at='2026-03-04 07:00:00', first_reopened_at='2026-03-10 07:00:00', cycle=2,
            resolved_at='2026-03-12 07:00:00',
        )
        still_open = self._create_complaint(
            '2026-03-04 07:00', occurrence_cause_id=self.other_cause.id, is_justified='no',
            decided_at='2026-03-05 07:00:00', first_response_at='2026-03-06 07:00:00',
        )
        duplicate = self._create_complaint('2026-03-05 07:00', duplicate_of_id=at_once.id, state='duplicate')
        self.complaints = at_once | in_two_rounds | still_open | duplicate
        return at_once, in_two_rounds, still_open

    def _read(self, *aggregates, report=None, domain=()):
        report = self.Report if report is None else report
        [values] = report._read_group(
            [('complaint_id', 'in', self.complaints.ids), *domain], [], aggregates)
        return values

    def test_times(self):
        self._create_three()
        count, mean, median, p90 = self._read(
            '__count', 'first_response_hours:avg', 'first_response_hours_median:avg', 'first_response_hours_p90:avg')
        self.assertEqual(count, 3)
        # 2, 4 and 16 hours; nine tenths of the way from the first to the last is 4 + 0.8 * 12
        self.assertAlmostEqual(mean, 22 / 3)
        self.assertEqual(median, 4)
        self.assertAlmostEqual(p90, 13.6)
        # 8 hours each; the second took seven days of eight hours in the end
        self.assertEqual(self._read('first_resolution_hours:avg', 'resolution_hours:avg'), (8, 32))

    def test_shares_are_of_those_they_are_asked_of(self):
        self._create_three()
        self.assertEqual(
            self._read('justified_share:avg', 'reopen_rate:avg', 'first_contact_rate:avg'),
            (0.5, 0.5, 0.5))
        self.assertAlmostEqual(self._read('repeat_rate:avg')[0], 1 / 3)
        self.assertEqual(self._read('satisfaction_rate:avg', 'solved_rate:avg'), (False, False))

    def test_groups_without_data_have_no_rate(self):
        *_others, still_open = self._create_three()
        [(reopen_rate, hours)] = self.Report._read_group(
            [('complaint_id', '=', still_open.id)], [], ['reopen_rate:avg', 'resolution_hours:avg'])
        self.assertIs(reopen_rate, False)
        self.assertIs(hours, False)

    def test_next_complaint_within_thirty_days_is_a_reopening(self):
        at_once, *_others = self._create_three()
        self._create_complaint('2026-04-01 07:00', previous_id=at_once.id)
        self.assertEqual(self._read('reopen_rate:avg'), (1.0,))

    def test_next_complaint_after_thirty_days_is_none(self):
        at_once, *_others = self._create_three()
        self._create_complaint('2026-04-03 07:00', previous_id=at_once.id)
        self.assertEqual(self._read('reopen_rate:avg'), (0.5,))

    def test_same_cause_after_ninety_days_is_no_repeat(self):
        self._create_three()
        late = self._create_complaint('2026-06-02 07:00', occurrence_cause_id=self.cause.id)  # 91 days
        self.assertFalse(self.Report.browse(late.id).is_repeat)

    def test_feedback_counts_answers_not_complaints(self):
        at_once, in_two_rounds, _open = self._create_three()
        model = self.env['ir.model']._get_id('scp.complaint')
        self.env['rating.rating'].create([
            {'res_model_id': model, 'res_id': complaint.id, 'rating': rating, 'consumed': bool(rating)}
            for complaint, rating in ((at_once, 5), (at_once, 2), (in_two_rounds, 4), (in_two_rounds, 0))
        ])
        satisfaction, response = self._read('satisfaction_rate:avg', 'response_rate:avg')
        self.assertAlmostEqual(satisfaction, 2 / 3)  # the average of ½ and 1 would be ¾
        self.assertEqual(response, 0.75)

    def test_cost_in_the_currency_of_the_company(self):
        at_once, in_two_rounds, _open = self._create_three()
        self.env['scp.complaint.cost'].create([
            {'complaint_id': at_once.id, 'kind': 'labour', 'amount': 100, 'currency_id': self.usd.id},
            {'complaint_id': at_once.id, 'kind': 'freight', 'amount': 50, 'currency_id': self.eur.id},
            {'complaint_id': in_two_rounds.id, 'kind': 'goods', 'amount': 40, 'currency_id': self.usd.id},
        ])
        # one euro is two dollars
        self.assertEqual(self._read('cost:sum', 'cost_per_complaint:avg'), (240, 80))

    def test_root_cause_in_time(self):
        self.complaints = self.env['scp.complaint']
        with self.at('2026-03-20 07:00'):
            for received, severity, found in (
                ('2026-03-02', 's1', '2026-03-16'),  # in time
                ('2026-03-02', 's2', '2026-03-17'),  # a day late
                ('2026-03-02', 's2', False),  # overdue
                ('2026-03-16', 's2', False),  # has time
                ('2026-03-02', 's3', '2026-03-03'),  # not asked for
            ):
                self.complaints |= self._create_complaint(f'{received} 07:00', severity=severity, d4_date=found)
        with self.at('2026-03-20 07:00'):
            self.assertAlmostEqual(self._read('root_cause_in_time:avg')[0], 1 / 3)

    def test_cause_comes_back_after_prevention(self):
        prevented = self._create_complaint(
            '2026-03-02 07:00', occurrence_cause_id=self.cause.id, d7_date='2026-03-31')
        self.complaints = prevented | self._create_complaint(
            '2026-03-03 07:00', occurrence_cause_id=self.other_cause.id, d7_date='2026-03-31')
        self._create_complaint('2026-09-30 07:00', occurrence_cause_id=self.cause.id)
        self._create_complaint('2026-03-31 10:00', occurrence_cause_id=self.other_cause.id)
        self.assertEqual(self._read('recurrence_rate:avg'), (0.5,))

    def test_clocks_past_their_deadline_are_missed(self):
        self._create_policy(('first_response', 2, 'hour'))
        late = self._create_complaint('2026-03-02 07:00')
        kept = self._create_complaint('2026-03-02 07:00')
        running = self._create_complaint('2026-03-02 09:00')
        self.complaints = late | kept | running
        self.write_at(kept, '2026-03-02 08:00', first_response_at='2026-03-02 08:00:00')
        figures = ('hit_rate:avg', 'met_count:sum', 'missed_count:sum', 'late_by_h:avg')
        with self.at('2026-03-02 09:30'):  # the job has not come
            self.assertEqual(self._read(*figures, report=self.ClockReport), (0.5, 1, 1, False))
            [overdue] = self.ClockReport.search([
                ('complaint_id', 'in', self.complaints.ids), ('is_overdue', '=', True)])
            self.assertEqual(overdue.complaint_id, late)
            # the late one is 2.5 hours old, the running one half an hour; both were given two
            [index] = self._read('ageing_index:avg', report=self.ClockReport)
            self.assertAlmostEqual(index, 3 / 4)
        self.write_at(late, '2026-03-02 10:00', first_response_at='2026-03-02 10:00:00')
        with self.at('2026-03-02 10:00'):
            self.assertEqual(self._read(*figures, report=self.ClockReport), (0.5, 1, 1, 1.0))

    def test_cancelled_clocks_do_not_count(self):
        self._create_policy(('first_response', 2, 'hour'))
        self.complaints = self._create_complaint('2026-03-02 07:00')
        self.write_at(self.complaints, '2026-03-02 08:00', active=False)
        self.assertFalse(self.ClockReport.search([('complaint_id', '=', self.complaints.id)]))

    def test_net_time_leaves_pauses_out(self):
        self._create_policy(('resolution', 16, 'hour', {'pausable': True}))
        self.complaints = self._create_complaint('2026-03-02 07:00', state='assessed')
        self.write_at(self.complaints, '2026-03-02 08:00', state='waiting_customer')
        self.write_at(self.complaints, '2026-03-02 10:00', state='investigating')
        moment = '2026-03-02 11:00:00'
        self.write_at(self.complaints, moment[:16], resolved_at=moment, first_resolved_at=moment)
        self.assertEqual(self._read('resolution_hours:avg', 'net_resolution_hours:avg'), (4, 2))

    def test_actions_are_on_time_by_the_day_of_the_company(self):
        complaint = self._create_complaint('2026-03-02 07:00')
        on_time, late, undone = self.env['scp.complaint.action'].create([
            {'name': "Change the seal", 'complaint_id': complaint.id, 'due_date': '2026-03-10', 'done_at': done}
            for done in ('2026-03-10 22:59:00', '2026-03-10 23:00:00', False)  # midnight in Paris is 23:00
        ])
        self.assertTrue(on_time.done_on_time)
        self.assertFalse(late.done_on_time)
        self.assertFalse(undone.done_on_time)

    def test_who_sees_a_complaint_sees_it_here(self):
        self._create_policy(('first_response', 2, 'hour'))
        own = self._create_complaint('2026-03-02 07:00')
        mates = self._create_complaint('2026-03-02 07:00', user_id=self.mate.id)
        strangers = self._create_complaint('2026-03-02 07:00', user_id=self.stranger.id, team_id=False)
        shared = self._create_complaint(
            '2026-03-02 07:00', user_id=self.stranger.id, team_id=False,
            d1_member_ids=[Command.link(self.salesman.id)])
        self.env.flush_all()
        everything = own | mates | strangers | shared
        for report in (self.Report, self.ClockReport):
            for user, complaints in (
                (self.salesman, own | shared), (self.leader, own | mates), (self.manager, everything),
                (self.quality, everything), (self.auditor, everything), (self.accountant, everything),
                (self.other_salesman, own.browse()),
            ):
                rows = report.with_user(user).search([('complaint_id', 'in', everything.ids)])
                self.assertEqual(set(rows.complaint_id.ids), set(complaints.ids), (report._name, user.login))
            for user in (self.internal, self.portal):
                with self.assertRaises(AccessError):
                    report.with_user(user).search([])

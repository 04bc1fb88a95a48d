from odoo.fields import Command
from odoo.tests import tagged

from .clock_common import ClockCommon

PAUSABLE = {'pausable': True}


@tagged('post_install', '-at_install')
class TestClockTimelines(ClockCommon):
    """Timelines worked out by hand. Paris works 8 to 12 and 13 to 17 o'clock, Monday to Friday;
    moments are UTC, an hour behind Paris in winter."""

    def _start(self, moment, target=16, unit='hour', **values):
        self._create_policy(('resolution', target, unit, {**PAUSABLE, **values}))
        return self._create_complaint(moment)

    # === WORKING TIME ===#

    def test_lunch_break(self):
        # 10:30 in Paris + 4 h: 10:30-12 is 1.5, 13-15:30 is 2.5
        complaint = self._start('2026-03-02 09:30', 4)
        self.assertDeadline(self.get_clock(complaint), '2026-03-02 14:30')

    def test_weekend(self):
        # Friday 15:00 in Paris + 4 h: 2 until 17, 2 on Monday until 10
        complaint = self._start('2026-03-06 14:00', 4)
        self.assertDeadline(self.get_clock(complaint), '2026-03-09 09:00')

    def test_received_on_a_sunday(self):
        complaint = self._start('2026-03-08 10:00', 1)
        self.assertDeadline(self.get_clock(complaint), '2026-03-09 08:00')

    def test_ends_with_the_day(self):
        # Friday 9:00 + 7 h end at 17:00, not when work begins on Monday
        complaint = self._start('2026-03-06 08:00', 7)
        self.assertDeadline(self.get_clock(complaint), '2026-03-06 16:00')

    def test_working_days(self):
        # Monday 10:00 + 2 days of 8 h: Wednesday 10:00
        complaint = self._start('2026-03-02 09:00', 2, 'day')
        clock = self.get_clock(complaint)
        self.assertEqual(clock.target_h, 16)
        self.assertDeadline(clock, '2026-03-04 09:00')

    def test_holiday(self):
        # Tuesday 15:00 + 4 h, Wednesday off: Thursday 10:00
        self._create_holiday('2026-03-03 23:00:00', '2026-03-04 23:00:00')
        complaint = self._start('2026-03-03 14:00', 4)
        self.assertDeadline(self.get_clock(complaint), '2026-03-05 09:00')

    def test_holiday_of_everybody(self):
        self._create_holiday('2026-03-03 23:00:00', '2026-03-04 23:00:00', calendar_id=False,
                             company_id=self.company.id)
        complaint = self._start('2026-03-03 14:00', 4)
        self.assertDeadline(self.get_clock(complaint), '2026-03-05 09:00')

    def test_leave_of_a_colleague_is_no_holiday(self):
        resource = self.env['resource.resource'].create(
            {'name': "Colleague", 'calendar_id': self.calendar.id})
        self._create_holiday('2026-03-03 23:00:00', '2026-03-04 23:00:00', resource_id=resource.id)
        complaint = self._start('2026-03-03 14:00', 4)
        self.assertDeadline(self.get_clock(complaint), '2026-03-04 09:00')

    def test_new_holiday_moves_running_clocks(self):
        complaint = self._start('2026-03-03 14:00', 4)
        clock = self.get_clock(complaint)
        self.assertDeadline(clock, '2026-03-04 09:00')
        self._create_holiday('2026-03-03 23:00:00', '2026-03-04 23:00:00')
        self.assertTrue(clock.stale)
        with self.at('2026-03-03 15:00'):
            clock._refresh_stale(clock)
        self.assertDeadline(clock, '2026-03-05 09:00')
        self.assertFalse(clock.stale)
        self.assertEqual(self.get_events(clock)[-1], ('2026-03-03 15:00:00', 'replan'))

    def test_around_the_clock(self):
        complaint = self._start('2026-03-06 20:00', 24, time_basis='always')
        self.assertDeadline(self.get_clock(complaint), '2026-03-07 20:00')

    def test_turn_of_the_year(self):
        # Wednesday, 31 December 2025, 16:00 + 4 h; 1 January is worked here: 1 + 3
        complaint = self._start('2025-12-31 15:00', 4)
        self.assertDeadline(self.get_clock(complaint), '2026-01-01 10:00')

    # === ZONES AND SUMMER TIME ===#

    def test_two_zones(self):
        """Each company counts in the zone of its own working hours."""
        self._create_policy(('resolution', 2, 'hour'), company_id=False)
        asia = self._create_partner("Asia Mill", company_id=self.other_company.id)
        # Monday 8:30 UTC is 9:30 in Paris and 16:30 in Shanghai, which works 8-12 and 13-17 too
        paris = self._create_complaint('2026-03-02 08:30')
        shanghai = self._create_complaint(
            '2026-03-02 08:30', company_id=self.other_company.id, partner_id=asia.id, team_id=False,
            user_id=False)
        self.assertDeadline(self.get_clock(paris), '2026-03-02 10:30')
        # half an hour until 17:00, the rest on Tuesday until 9:30
        self.assertDeadline(self.get_clock(shanghai), '2026-03-03 01:30')

    def test_summer_time_begins(self):
        # Friday, 27 March 16:00 (UTC+1) + 4 h: Monday 11:00 (UTC+2)
        complaint = self._start('2026-03-27 15:00', 4)
        self.assertDeadline(self.get_clock(complaint), '2026-03-30 09:00')

    def test_summer_time_ends(self):
        # Friday, 23 October 16:00 (UTC+2) + 4 h: Monday 11:00 (UTC+1)
        complaint = self._start('2026-10-23 14:00', 4)
        self.assertDeadline(self.get_clock(complaint), '2026-10-26 10:00')

    def test_summer_time_around_the_clock(self):
        complaint = self._start('2026-03-28 20:00', 24, time_basis='always')
        self.assertDeadline(self.get_clock(complaint), '2026-03-29 20:00')

    # === PAUSES ===#

    def test_pause(self):
        # Monday 9:00 + 16 h; waits from Monday 15:00 (5 h used) to Wednesday 10:00
        complaint = self._start('2026-03-02 08:00')
        clock = self.get_clock(complaint)
        self.assertDeadline(clock, '2026-03-04 08:00')
        self.write_at(complaint, '2026-03-02 14:00', state='waiting_customer')
        self.assertEqual((clock.state, clock.consumed_h, clock.last_resume_at), ('paused', 5, False))
        self.assertDeadline(clock, '2026-03-04 08:00')
        self.assertEqual(clock.remaining_h, 11)
        self.assertFalse(clock.next_event_at)
        self.write_at(complaint, '2026-03-04 09:00', state='investigating')
        # 11 h left: 6 on Wednesday until 17:00, 5 on Thursday until 14:00
        self.assertEqual(clock.state, 'running')
        self.assertDeadline(clock, '2026-03-05 13:00')
        self.assertEqual(self.get_events(clock), [
            ('2026-03-02 08:00:00', 'start'), ('2026-03-02 14:00:00', 'pause'),
            ('2026-03-04 09:00:00', 'resume'),
        ])

    def test_pause_across_a_holiday_moves_nothing(self):
        """What stood still would not have counted either."""
        self._create_holiday('2026-03-03 23:00:00', '2026-03-04 23:00:00')
        complaint = self._start('2026-03-03 14:00', 4)
        clock = self.get_clock(complaint)
        before = clock.deadline
        self.write_at(complaint, '2026-03-03 16:00', state='waiting_third')
        self.write_at(complaint, '2026-03-05 07:00', state='investigating')
        self.assertEqual(clock.deadline, before)
        self.assertEqual(clock.consumed_h, 2)

    def test_pause_at_night_and_lunch_costs_nothing(self):
        complaint = self._start('2026-03-02 08:00')
        clock = self.get_clock(complaint)
        for start, stop in (('2026-03-02 11:00', '2026-03-02 12:00'), ('2026-03-02 16:00', '2026-03-03 07:00')):
            self.write_at(complaint, start, state='waiting_customer')
            self.write_at(complaint, stop, state='investigating')
        self.assertDeadline(clock, '2026-03-04 08:00')

    def test_only_pausable_clocks_stand(self):
        self._create_policy(('decision', 8, 'hour'), ('resolution', 16, 'hour', PAUSABLE))
        complaint = self._create_complaint('2026-03-02 08:00')
        self.write_at(complaint, '2026-03-02 09:00', state='waiting_customer')
        self.assertEqual(self.get_clock(complaint, 'decision').state, 'running')
        self.assertEqual(self.get_clock(complaint).state, 'paused')

    def test_created_waiting(self):
        self._create_policy(('resolution', 16, 'hour', PAUSABLE))
        with self.at('2026-03-02 10:00'):
            complaint = self.env['scp.complaint'].create({
                'name': "Late entry", 'company_id': self.company.id, 'partner_id': self.partner.id,
                'received_at': self.moment('2026-03-02 08:00'), 'category_id': self.category.id,
                'severity': 's3', 'state': 'waiting_customer',
            })
        clock = self.get_clock(complaint)
        self.assertEqual((clock.state, clock.consumed_h), ('paused', 2))

    # === CHANGES ===#

    def test_severity_change_keeps_used_time(self):
        self._create_policy(('resolution', 24, 'hour', PAUSABLE), severity='s3')
        self._create_policy(('resolution', 8, 'hour', PAUSABLE), severity='s2')
        complaint = self._create_complaint('2026-03-02 08:00')
        old = self.get_clock(complaint)
        self.write_at(complaint, '2026-03-02 14:00', severity='s2')  # 5 h used
        new = self.get_clock(complaint)
        self.assertEqual((old.state, old.cancel_reason), ('cancelled', "The complaint was changed."))
        self.assertEqual((new.replaces_id, new.start_at, new.consumed_h), (old, old.start_at, 5))
        # 3 h left: 2 until 17:00, 1 on Tuesday
        self.assertDeadline(new, '2026-03-03 08:00')
        self.assertEqual(self.get_events(old)[-1], ('2026-03-02 14:00:00', 'cancel'))

    def test_severity_change_while_paused(self):
        self._create_policy(('resolution', 24, 'hour', PAUSABLE), severity='s3')
        self._create_policy(('resolution', 8, 'hour', PAUSABLE), severity='s2')
        complaint = self._create_complaint('2026-03-02 08:00')
        self.write_at(complaint, '2026-03-02 14:00', state='waiting_customer')  # 5 h used
        self.write_at(complaint, '2026-03-03 09:00', severity='s2')
        clock = self.get_clock(complaint)
        self.assertEqual((clock.state, clock.consumed_h, clock.remaining_h), ('paused', 5, 3))
        self.write_at(complaint, '2026-03-04 09:00', state='investigating')
        self.assertDeadline(clock, '2026-03-04 13:00')  # 10:00-12:00, 13:00-14:00 in Paris

    def test_severity_there_and_back_gives_nothing_away(self):
        self._create_policy(('resolution', 24, 'hour', PAUSABLE), severity='s3')
        self._create_policy(('resolution', 8, 'hour', PAUSABLE), severity='s2')
        complaint = self._create_complaint('2026-03-02 08:00')
        before = self.get_clock(complaint).deadline
        self.write_at(complaint, '2026-03-02 14:00', severity='s2')
        self.write_at(complaint, '2026-03-02 15:00', severity='s3')
        self.assertEqual(self.get_clock(complaint).deadline, before)
        self.assertEqual(self.get_clocks(complaint, 'resolution').mapped('state'),
                         ['cancelled', 'cancelled', 'running'])

    def test_less_time_than_used(self):
        """A clock does not become late in the past: it is missed from the change on."""
        self._create_policy(('resolution', 24, 'hour', PAUSABLE), severity='s3')
        self._create_policy(('resolution', 4, 'hour', PAUSABLE), severity='s2')
        complaint = self._create_complaint('2026-03-02 08:00')
        self.write_at(complaint, '2026-03-02 14:00', severity='s2')  # 5 h used
        clock = self.get_clock(complaint)
        self.assertEqual((clock.state, str(clock.breached_at)), ('missed', '2026-03-02 14:00:00'))

    def test_missed_is_not_replaced(self):
        self._create_policy(('resolution', 24, 'hour'), severity='s3')
        self._create_policy(('resolution', 4, 'hour'), severity='s2')
        complaint = self._create_complaint('2026-03-02 08:00', severity='s2')
        self.write_at(complaint, '2026-03-03 08:00', severity='s3')
        self.assertEqual(self.get_clock(complaint).state, 'missed')
        self.assertEqual(len(self.get_clocks(complaint, 'resolution')), 1)

    def test_a_duty_that_a_change_brings_begins_with_it(self):
        self._create_policy(('resolution', 24, 'hour'))
        self._create_policy(('containment', 4, 'hour'), severity='s1')
        complaint = self._create_complaint('2026-03-02 08:00')
        self.write_at(complaint, '2026-03-03 08:00', severity='s1')
        clock = self.get_clock(complaint, 'containment')
        self.assertDeadline(clock, '2026-03-03 13:00')

    def test_first_assessment_counts_from_receipt(self):
        self._create_policy(('acknowledge', 4, 'hour'))
        self._create_policy(('resolution', 8, 'hour'), severity='s2')
        complaint = self._create_complaint('2026-03-02 08:00', severity=False)
        self.assertFalse(self.get_clock(complaint))
        self.write_at(complaint, '2026-03-02 10:00', severity='s2')
        # Monday 9:00 + 8 h in Paris: 7 on Monday, 1 on Tuesday
        self.assertDeadline(self.get_clock(complaint), '2026-03-03 08:00')

    def test_receipt_corrected(self):
        complaint = self._start('2026-03-02 10:00')
        clock = self.get_clock(complaint)
        self.write_at(complaint, '2026-03-02 14:00', received_at=self.moment('2026-03-02 08:00'))
        self.assertDeadline(clock, '2026-03-04 08:00')
        self.assertEqual(str(clock.start_at), '2026-03-02 08:00:00')

    def test_policy_change_reaches_open_complaints(self):
        policy = self._create_policy(('resolution', 16, 'hour', PAUSABLE))
        complaint = self._create_complaint('2026-03-02 08:00')
        old = self.get_clock(complaint)
        policy.line_ids.target = 8
        self.assertTrue(old.stale)
        with self.at('2026-03-02 14:00'):
            old._refresh_stale(old)
        new = self.get_clock(complaint)
        self.assertEqual((old.state, old.cancel_reason), ('cancelled', "The policy was changed."))
        self.assertEqual((new.replaces_id, new.consumed_h), (old, 5))
        self.assertDeadline(new, '2026-03-03 08:00')

    def test_unrelated_writes_leave_clocks_alone(self):
        complaint = self._start('2026-03-02 08:00')
        clock = self.get_clock(complaint)
        written = clock.write_date
        self.write_at(complaint, '2026-03-02 14:00', phone="12345")
        self.assertEqual(clock.write_date, written)

    # === ENDS ===#

    def test_met(self):
        self._create_policy(('first_response', 4, 'hour'))
        complaint = self._create_complaint('2026-03-02 08:00')
        self.write_at(complaint, '2026-03-02 10:00', first_response_at=self.moment('2026-03-02 10:00'))
        clock = self.get_clock(complaint, 'first_response')
        self.assertEqual((clock.state, clock.consumed_h, clock.late_by_h), ('met', 2, 0))
        self.assertEqual(str(clock.met_at), '2026-03-02 10:00:00')
        self.assertFalse(clock.next_event_at)

    def test_met_at_the_last_moment(self):
        self._create_policy(('first_response', 4, 'hour'))
        complaint = self._create_complaint('2026-03-02 08:00')
        self.write_at(complaint, '2026-03-02 13:00', first_response_at=self.moment('2026-03-02 13:00'))
        self.assertEqual(self.get_clock(complaint, 'first_response').state, 'met')

    def test_missed_stays_missed(self):
        self._create_policy(('first_response', 4, 'hour'))
        complaint = self._create_complaint('2026-03-02 08:00')
        # due Monday 14:00 in Paris, answered Tuesday 10:00: 3 + 2 h late
        self.write_at(complaint, '2026-03-03 09:00', first_response_at=self.moment('2026-03-03 09:00'))
        clock = self.get_clock(complaint, 'first_response')
        self.assertEqual((clock.state, clock.late_by_h), ('missed', 5))
        self.assertEqual(str(clock.breached_at), '2026-03-02 13:00:00')
        self.assertEqual(str(clock.met_at), '2026-03-03 09:00:00')
        self.assertEqual(self.get_events(clock), [
            ('2026-03-02 08:00:00', 'start'), ('2026-03-02 13:00:00', 'missed'),
            ('2026-03-03 09:00:00', 'met'),
        ])

    def test_lateness_leaves_out_pauses(self):
        complaint = self._start('2026-03-02 08:00', 4)
        clock = self.get_clock(complaint)
        self.write_at(complaint, '2026-03-02 14:00', state='waiting_customer')  # 1 h late
        self.assertEqual(clock.state, 'missed')
        self.write_at(complaint, '2026-03-04 08:00', state='investigating')
        with self.at('2026-03-04 10:00'):  # 2 h more
            complaint.write({'state': 'duplicate', 'duplicate_of_id': self._create_complaint('2026-03-01 08:00').id})
        self.assertEqual((clock.state, clock.late_by_h), ('missed', 3))

    def test_duplicate_cancels(self):
        complaint = self._start('2026-03-02 08:00')
        other = self._create_complaint('2026-03-02 07:00')
        self.write_at(complaint, '2026-03-02 09:00', state='duplicate', duplicate_of_id=other.id)
        clock = self.get_clock(complaint)
        self.assertEqual((clock.state, clock.cancel_reason),
                         ('cancelled', "The complaint is a duplicate."))
        self.write_at(complaint, '2026-03-02 14:00', state='investigating', duplicate_of_id=False)
        clock = self.get_clock(complaint)
        self.assertEqual((clock.state, clock.consumed_h), ('running', 1))

    def test_archived(self):
        complaint = self._start('2026-03-02 08:00')
        self.write_at(complaint, '2026-03-02 09:00', active=False)
        self.assertEqual(self.get_clock(complaint).state, 'cancelled')

    # === CONVERSATION ===#

    def _resolve(self, complaint, moment):
        with self.at(moment):
            complaint.write({
                'state': 'assessed', 'is_justified': 'yes', 'remedy': 'refund', 'decision': "<p>Money back</p>",
            })
            complaint.with_user(self.salesman).message_post(
                body="We pay you back.", message_type='comment', subtype_xmlid='mail.mt_comment')
            complaint.message_ids[:1].date = self.moment(moment)
            complaint.informed_at = self.moment(moment)
            complaint.state = 'resolved'

    def test_reopening_starts_clocks_of_its_own(self):
        self._create_policy(('resolution', 16, 'hour'), ('total_resolution', 24, 'hour'))
        complaint = self._create_complaint('2026-03-02 08:00')
        self._resolve(complaint, '2026-03-02 14:00')
        first, total = self.get_clock(complaint), self.get_clock(complaint, 'total_resolution')
        self.assertEqual((first.state, first.consumed_h, total.state), ('met', 5, 'met'))
        with self.at('2026-03-05 09:00'):
            complaint._reopen("not solved")
        second = self.get_clock(complaint)
        self.assertEqual((complaint.cycle, second.cycle, second.state), (2, 2, 'running'))
        self.assertEqual((second.consumed_h, second.replaces_id.id), (0, False))
        self.assertDeadline(second, '2026-03-09 09:00')  # 6 h on Thursday, 8 on Friday, 2 on Monday
        # the total goes on where it stood, from the first receipt
        again = self.get_clock(complaint, 'total_resolution')
        self.assertEqual((again.consumed_h, again.start_at, again.replaces_id), (5, first.start_at, total))
        self.assertDeadline(again, '2026-03-09 13:00')  # 19 h: 6, 8, 5
        self.assertEqual(first.state, 'met')

    def test_next_response(self):
        self._create_policy(('next_response', 4, 'hour'))
        complaint = self._create_complaint('2026-03-02 08:00')
        # the first answer is not asked for twice
        self.write_at(complaint, '2026-03-02 09:00', awaits_response=True,
                      last_customer_message_at=self.moment('2026-03-02 09:00'))
        self.assertFalse(self.get_clock(complaint, 'next_response'))
        answered = self.moment('2026-03-02 10:00')
        self.write_at(complaint, '2026-03-02 10:00', awaits_response=False,
                      first_response_at=answered, last_response_at=answered)
        self.assertFalse(self.get_clock(complaint, 'next_response'))
        for moment in ('2026-03-02 13:00', '2026-03-02 14:00'):  # a second message changes nothing
            self.write_at(complaint, moment, awaits_response=True,
                          last_customer_message_at=self.moment(moment))
        clock = self.get_clock(complaint, 'next_response')
        self.assertEqual(len(self.get_clocks(complaint, 'next_response')), 1)
        self.assertDeadline(clock, '2026-03-03 08:00')
        self.write_at(complaint, '2026-03-02 15:00', awaits_response=False,
                      last_response_at=self.moment('2026-03-02 15:00'))
        self.assertEqual(clock.state, 'met')
        self.write_at(complaint, '2026-03-03 09:00', awaits_response=True,
                      last_customer_message_at=self.moment('2026-03-03 09:00'))
        self.assertEqual(self.get_clocks(complaint, 'next_response').mapped('state'), ['met', 'running'])

    def test_customer_update_again_and_again(self):
        self._create_policy(('customer_update', 8, 'hour'))
        complaint = self._create_complaint('2026-03-02 08:00')
        self.assertDeadline(self.get_clock(complaint, 'customer_update'), '2026-03-03 08:00')
        for moment in ('2026-03-02 14:00', '2026-03-05 08:00'):
            self.write_at(complaint, moment, last_response_at=self.moment(moment), awaits_response=False)
        clocks = self.get_clocks(complaint, 'customer_update')
        self.assertEqual(clocks.mapped('state'), ['met', 'missed', 'running'])
        # due Tuesday 15:00 in Paris, told on Thursday at 9:00: 2 + 8 + 1 h late
        self.assertEqual(clocks[1].late_by_h, 11)
        self._resolve(complaint, '2026-03-05 09:00')
        self.assertEqual(
            self.get_clocks(complaint, 'customer_update').filtered(lambda clock: not clock.ended_at).ids, [])

    def test_effectiveness(self):
        self._create_policy(('effectiveness', 40, 'hour'))
        complaint = self._create_complaint('2026-03-02 08:00')
        action = self.env['scp.complaint.action'].create({
            'name': "Other seal", 'complaint_id': complaint.id, 'kind': 'corrective',
            'user_id': self.salesman.id, 'effect_check_date': '2026-03-20',
        })
        self._resolve(complaint, '2026-03-02 10:00')
        self.assertFalse(self.get_clock(complaint, 'effectiveness'))
        self.write_at(complaint, '2026-03-02 14:00', state='closed')
        clock = self.get_clock(complaint, 'effectiveness')
        self.assertDeadline(clock, '2026-03-09 14:00')
        with self.at('2026-03-05 14:00'):
            action.effective = 'yes'
        self.assertEqual((clock.state, clock.consumed_h), ('met', 24))

    def test_closed_with_its_actions(self):
        """A case of the past with an action to check, written down at once: one clock waits for the check."""
        self._create_policy(('effectiveness', 40, 'hour'))
        with self.at('2026-03-03 14:00'):
            complaint = self.env['scp.complaint'].create({
                'name': "From the old system", 'company_id': self.company.id, 'severity': 's3',
                'partner_id': self.partner.id, 'received_at': self.moment('2026-03-02 08:00'),
                'closed_at': self.moment('2026-03-02 14:00'),
                'action_ids': [Command.create({
                    'name': "Other seal", 'kind': 'corrective', 'user_id': self.salesman.id,
                    'effect_check_date': '2026-03-20',
                })],
            })
        self.assertDeadline(self.get_clock(complaint, 'effectiveness'), '2026-03-09 14:00')

    def test_written_down_late(self):
        """What happened before it was written down counts as when it happened."""
        self._create_policy(('first_response', 4, 'hour'))
        with self.at('2026-03-03 14:00'):
            complaint = self.env['scp.complaint'].create({
                'name': "By phone yesterday", 'company_id': self.company.id, 'severity': 's3',
                'partner_id': self.partner.id, 'received_at': self.moment('2026-03-02 08:00'),
                'first_response_at': self.moment('2026-03-02 09:00'),
            })
        clock = self.get_clock(complaint, 'first_response')
        self.assertEqual((clock.state, clock.consumed_h), ('met', 1))

    # === GRADES, LAW ===#

    def test_grade_factor(self):
        grade = self.env['scp.grade'].create({'name': "Best", 'sequence': 0, 'clock_factor': 0.75})
        self._create_customer(self.partner).grade_id = grade
        complaint = self._start('2026-03-02 08:00', 16)
        self.assertEqual(self.get_clock(complaint).target_h, 12)

    def test_statutory_days(self):
        """The day of receipt does not count, the last one counts to its end."""
        self._create_policy(
            ('resolution', 3, 'day', {'statutory': True}), ('decision', 10, 'calendar_day', {'statutory': True}))
        # Friday 23:30 in Paris: Monday, Tuesday, Wednesday; ends at midnight
        complaint = self._create_complaint('2026-03-06 22:30')
        self.assertDeadline(self.get_clock(complaint, statutory=True), '2026-03-11 23:00')
        self.assertDeadline(self.get_clock(complaint, 'decision', True), '2026-03-16 23:00')

    def test_statutory_over_summer_time(self):
        self._create_policy(('resolution', 2, 'day', {'statutory': True}))
        # Friday, 27 March: Monday, Tuesday to midnight, which is 22:00 UTC by then
        complaint = self._create_complaint('2026-03-27 10:00')
        self.assertDeadline(self.get_clock(complaint, statutory=True), '2026-03-31 22:00')

    def test_statutory_never_pauses_and_stands_apart(self):
        self._create_policy(('resolution', 16, 'hour', PAUSABLE))
        self._create_policy(('resolution', 15, 'day', {'statutory': True}), is_regulated=True)
        complaint = self._create_complaint('2026-03-02 08:00', is_regulated=True)
        self.write_at(complaint, '2026-03-02 09:00', state='waiting_customer')
        law = self.get_clock(complaint, statutory=True)
        self.assertEqual((law.state, self.get_clock(complaint).state), ('running', 'paused'))
        self.assertEqual([chip['statutory'] for chip in complaint.statutory_clock_chips], [True])
        self.assertEqual([chip['statutory'] for chip in complaint.clock_chips], [False])

    def test_the_law_caps_targets(self):
        self._create_policy(('resolution', 10, 'day', PAUSABLE))
        self._create_policy(('resolution', 2, 'day', {'statutory': True}), is_regulated=True)
        complaint = self._create_complaint('2026-03-02 08:00', is_regulated=True)
        # to the end of Wednesday: 7 h of Monday, 8 of Tuesday, 8 of Wednesday
        self.assertEqual(self.get_clock(complaint).target_h, 23)

    def test_holding_reply(self):
        self._create_policy(('resolution', 2, 'day', {'statutory': True, 'holding_target': 5}))
        complaint = self._create_complaint('2026-03-02 08:00')
        clock = self.get_clock(complaint, statutory=True)
        self.assertDeadline(clock, '2026-03-04 23:00')
        with self.at('2026-03-04 12:00'):
            reply = self.env['scp.sla.holding.reply'].with_user(self.salesman).create({
                'clock_id': clock.id, 'body': "<p>We wait for the laboratory.</p>",
            })
            self.assertEqual(str(reply.deadline), '2026-03-09 23:00:00')
            reply.action_send()
        self.assertDeadline(clock, '2026-03-09 23:00')
        self.assertIn("laboratory", complaint.message_ids[0].body)
        # what changes later does not take the extension back
        self.write_at(complaint, '2026-03-05 12:00', severity='s2')
        self.assertDeadline(self.get_clock(complaint, statutory=True), '2026-03-09 23:00')
        with self.at('2026-03-05 12:00'), self.assertRaisesRegex(Exception, "extended before"):
            reply.action_send()

    def test_command_writes_are_one_change(self):
        self._create_policy(('resolution', 16, 'hour', PAUSABLE))
        complaint = self._create_complaint('2026-03-02 08:00')
        self.write_at(complaint, '2026-03-02 09:00', action_ids=[Command.create({
            'name': "Stop the line", 'kind': 'containment', 'done_at': self.moment('2026-03-02 09:00'),
        })])
        self.assertEqual(len(self.get_clocks(complaint, 'resolution')), 1)

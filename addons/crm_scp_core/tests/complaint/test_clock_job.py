from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.crm_scp_core.models.complaint.scp_complaint_clock import ClockHold

from .clock_common import ClockCommon

LADDER = ((50, 'owner'), (75, 'leader'), (90, 'leader'), (100, 'manager'), (150, 'director'))


@tagged('post_install', '-at_install')
class TestClockJob(ClockCommon):
    """What time alone makes happen. Paris works 8 to 12 and 13 to 17, an hour ahead of UTC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['scp.escalation.level'].create([
            {'name': f"{percent} %", 'percent': percent, 'recipient': recipient,
             'propose_reassign': percent == 90}
            for percent, recipient in LADDER
        ])
        cls.director = cls.quality
        cls.company.write({
            'scp_complaint_manager_id': cls.manager.id, 'scp_complaint_director_id': cls.director.id,
        })

    def get_steps(self, clock):
        return [
            (str(event.date)[5:16], event.percent, event.recipient_id)
            for event in self.env['scp.sla.event'].search(
                [('clock_id', '=', clock.id), ('event_type', '=', 'escalate')], order='id')
        ]

    def get_activities(self, complaint):
        return self.env['mail.activity'].search([
            ('res_model', '=', 'scp.complaint'), ('res_id', '=', complaint.id),
        ], order='id')

    # === THE LADDER ===#

    def test_each_step_once_at_its_time(self):
        self._create_policy(('resolution', 8, 'hour'))
        complaint = self._create_complaint('2026-03-02 08:00')  # 9:00 in Paris, due on Tuesday at 9:00
        clock = self.get_clock(complaint)
        self.assertEqual(str(clock.next_event_at), '2026-03-02 13:00:00')  # 4 of 8 h
        self.fire('2026-03-02 12:59')
        self.assertFalse(self.get_steps(clock))
        for moment in ('2026-03-02 13:00', '2026-03-02 13:05', '2026-03-02 15:00', '2026-03-03 07:12',
                       '2026-03-03 08:00', '2026-03-03 08:01', '2026-03-03 13:00', '2026-03-04 13:00'):
            self.fire(moment)
            self.fire(moment)
        self.assertEqual(self.get_steps(clock), [
            ('03-02 13:00', 50, self.salesman),
            ('03-02 15:00', 75, self.leader),
            ('03-03 07:12', 90, self.leader),
            ('03-03 08:00', 100, self.manager),
            ('03-03 13:00', 150, self.director),
        ])
        self.assertEqual((clock.state, clock.next_event_at), ('missed', False))
        activities = self.get_activities(complaint)
        self.assertEqual(activities.mapped('user_id'), self.salesman | self.leader | self.manager | self.director)
        self.assertEqual(activities[0].summary, "Resolution: 50 % of the time used")

    def test_a_job_that_was_off_catches_up(self):
        self._create_policy(('resolution', 8, 'hour'))
        complaint = self._create_complaint('2026-03-02 08:00')
        self.fire('2026-03-05 09:00')
        self.assertEqual([step[1] for step in self.get_steps(self.get_clock(complaint))], [50, 75, 90, 100, 150])
        self.assertEqual(str(self.get_clock(complaint).breached_at), '2026-03-03 08:00:00')

    def test_only_s1_rings_at_night(self):
        self._create_policy(('containment', 8, 'hour', {'time_basis': 'always'}))
        severe = self._create_complaint('2026-03-02 20:00', severity='s1')
        other = self._create_complaint('2026-03-02 20:00', severity='s2')
        self.fire('2026-03-03 00:00')
        self.assertEqual([step[1] for step in self.get_steps(self.get_clock(severe, 'containment'))], [50])
        clock = self.get_clock(other, 'containment')
        self.assertFalse(self.get_steps(clock))
        # it is missed at night all the same, and told of when work begins at 8:00 in Paris
        self.fire('2026-03-03 04:30')
        self.assertEqual(clock.state, 'missed')
        self.assertFalse(self.get_steps(clock))
        self.assertEqual(str(clock.next_event_at), '2026-03-03 07:00:00')
        self.fire('2026-03-03 07:00')
        self.assertEqual([step[1] for step in self.get_steps(clock)], [50, 75, 90, 100])

    def test_nobody_is_told_while_it_stands(self):
        self._create_policy(('resolution', 8, 'hour', {'pausable': True}))
        complaint = self._create_complaint('2026-03-02 08:00')
        self.write_at(complaint, '2026-03-02 09:00', state='waiting_customer')
        self.fire('2026-03-05 09:00')
        self.assertFalse(self.get_steps(self.get_clock(complaint)))

    def test_replaced_clock_tells_nobody_twice(self):
        self._create_policy(('resolution', 8, 'hour'), severity='s3')
        self._create_policy(('resolution', 7, 'hour'), severity='s2')
        complaint = self._create_complaint('2026-03-02 08:00')
        self.fire('2026-03-02 13:00')
        self.write_at(complaint, '2026-03-02 13:30', severity='s2')
        self.fire('2026-03-02 13:40')
        clock = self.get_clock(complaint)
        self.assertEqual((clock.escalated_percent, self.get_steps(clock)), (50, []))

    def test_met_takes_activities_back(self):
        self._create_policy(('first_response', 8, 'hour'))
        complaint = self._create_complaint('2026-03-02 08:00')
        self.fire('2026-03-02 13:00')
        self.assertTrue(self.get_activities(complaint))
        self.write_at(complaint, '2026-03-02 14:00', first_response_at=self.moment('2026-03-02 14:00'))
        self.assertFalse(self.get_activities(complaint))

    def test_proposes_who_has_least_to_do(self):
        self._create_policy(('resolution', 8, 'hour'))
        self.complaint_team.member_ids = self.salesman | self.mate | self.stranger
        self._create_complaint('2026-03-02 08:00', user_id=self.mate.id)
        complaint = self._create_complaint('2026-03-02 08:00')
        self.fire('2026-03-03 07:12')
        self.assertIn(self.stranger.name, str(self.get_activities(complaint).mapped('note')))

    def test_who_is_missing_passes_it_down(self):
        self._create_policy(('resolution', 8, 'hour'))
        self.company.write({'scp_complaint_director_id': False, 'scp_complaint_manager_id': False})
        complaint = self._create_complaint('2026-03-02 08:00')
        self.fire('2026-03-05 09:00')
        self.assertEqual({step[2] for step in self.get_steps(self.get_clock(complaint))}, {self.salesman, self.leader})

    def test_never_the_person_complained_of(self):
        self._create_policy(('resolution', 8, 'hour'))
        complaint = self._create_complaint('2026-03-02 08:00', accused_user_id=self.leader.id)
        self.fire('2026-03-05 09:00')
        self.assertNotIn(self.leader, self.get_activities(complaint).user_id)

    def test_switched_off(self):
        self.company.scp_escalation_active = False
        self._create_policy(('resolution', 8, 'hour'))
        complaint = self._create_complaint('2026-03-02 08:00')
        clock = self.get_clock(complaint)
        self.assertEqual(clock.next_event_at, clock.deadline)
        self.fire('2026-03-05 09:00')
        self.assertEqual((clock.state, self.get_steps(clock)), ('missed', []))

    def test_timeline_of_the_documentation(self):
        """The worked timeline of docs/complaints.md, line by line; Paris is an hour ahead."""
        self._create_holiday('2026-03-02 23:00:00', '2026-03-03 23:00:00')
        for severity, hours in (('s3', 24), ('s2', 12)):
            self._create_policy(('resolution', hours, 'hour', {'pausable': True}), severity=severity)
        complaint = self._create_complaint('2026-03-02 08:00')
        first = self.get_clock(complaint)
        self.assertDeadline(first, '2026-03-06 08:00')
        self.write_at(complaint, '2026-03-02 14:00', state='waiting_customer')
        self.assertEqual((first.state, first.consumed_h, first.remaining_h), ('paused', 5, 19))
        self.write_at(complaint, '2026-03-04 09:00', severity='s2')
        heir = self.get_clock(complaint)
        self.assertEqual((first.state, heir.state, heir.consumed_h, heir.remaining_h), ('cancelled', 'paused', 5, 7))
        self.write_at(complaint, '2026-03-04 10:00', state='investigating')
        self.assertDeadline(heir, '2026-03-05 09:00')
        for moment in ('04 11:00', '04 12:00', '04 15:00', '05 07:48', '05 09:00'):
            self.fire(f'2026-03-{moment}')
        self.assertEqual(self.get_steps(heir), [
            ('03-04 12:00', 50, self.salesman), ('03-04 15:00', 75, self.leader),
            ('03-05 07:48', 90, self.leader), ('03-05 09:00', 100, self.manager),
        ])
        self.write_at(complaint, '2026-03-05 13:00', resolved_at=self.moment('2026-03-05 13:00'))
        self.assertEqual((heir.state, heir.consumed_h, heir.late_by_h), ('missed', 15, 3))
        self.write_at(complaint, '2026-03-11 08:00', cycle=2, resolved_at=False,
                      reopened_at=self.moment('2026-03-11 08:00'))
        again = self.get_clock(complaint)
        self.assertEqual((again.cycle, again.consumed_h, heir.state), (2, 0, 'missed'))
        self.assertDeadline(again, '2026-03-12 13:00')

    # === THE JOB ===#

    def test_job(self):
        """Received long ago: the job of today finds everything due."""
        self._create_policy(('resolution', 8, 'hour', {'time_basis': 'always'}))
        now = self.env['scp.sla.clock']._get_now()
        complaints = self.env['scp.complaint'].union(*(
            self._create_complaint(str(now - timedelta(hours=20)), severity='s1') for _i in range(3)
        ))
        job = self.env.ref('crm_scp_core.ir_cron_scp_sla_clock')
        for _run in range(2):
            with self.enter_registry_test_mode():
                job.method_direct_trigger()
        self.env.invalidate_all()
        for complaint in complaints:
            clock = self.get_clock(complaint)
            self.assertEqual(clock.state, 'missed')
            self.assertEqual([step[1] for step in self.get_steps(clock)], [50, 75, 90, 100, 150])

    def test_job_plans_again_what_policies_changed(self):
        policy = self._create_policy(('resolution', 8, 'hour', {'time_basis': 'always'}))
        now = self.env['scp.sla.clock']._get_now()
        complaint = self._create_complaint(str(now - timedelta(hours=1)))
        policy.line_ids.target = 4
        with self.enter_registry_test_mode():
            self.env.ref('crm_scp_core.ir_cron_scp_sla_clock').method_direct_trigger()
        self.env.invalidate_all()
        clock = self.get_clock(complaint)
        self.assertEqual((clock.target_h, clock.stale), (4, False))
        self.assertEqual(self.get_clocks(complaint, 'resolution').mapped('state'), ['cancelled', 'running'])

    def test_due_clocks_are_found_by_their_index(self):
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        for condition, index in (
            ("next_event_at <= now()", 'scp_sla_clock_due_idx'),
            ("stale IS TRUE", 'scp_sla_clock_stale_idx'),  # as the ORM asks
        ):
            self.env.cr.execute(f"EXPLAIN SELECT id FROM scp_sla_clock WHERE {condition}")  # noqa: S608 - constants
            self.assertIn(index, str(self.env.cr.fetchall()))

    # === COST ===#

    def _count(self, action):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        action()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def _create_many(self, count):
        return self.env['scp.complaint'].create([{
            'name': f"Case {number}", 'company_id': self.company.id, 'partner_id': self.partner.id,
            'received_at': self.moment('2026-03-02 08:00'), 'category_id': self.category.id,
            'severity': 's3', 'team_id': self.complaint_team.id, 'user_id': self.salesman.id,
        } for number in range(count)])

    def test_queries_do_not_grow_with_complaints(self):
        """Pausing, resuming, replacing and missing cost the same queries for 2 as for 20."""
        self._create_policy(
            ('decision', 8, 'hour', {'pausable': True}), ('resolution', 16, 'hour', {'pausable': True}))
        self._create_policy(('resolution', 12, 'hour', {'pausable': True}), severity='s2')
        counts = {}
        with self.at('2026-03-02 10:00'):
            for size in (2, 20):
                complaints = self._create_many(size).with_context(tracking_disable=True)
                steps = []
                for values in (
                    {'state': 'waiting_customer'}, {'state': 'investigating'}, {'severity': 's2'},
                ):
                    # what the complaint itself does is not ours to count
                    hold = complaints.with_context(scp_clocks=ClockHold())
                    hold.write(values)
                    steps.append(self._count(complaints._sync_clocks))
                counts[size] = steps
        self.assertEqual(counts[2], counts[20])

    def test_queries_of_a_pause(self):
        self._create_policy(('resolution', 16, 'hour', {'pausable': True}))
        with self.at('2026-03-02 10:00'):
            complaints = self._create_many(20)
            complaints.with_context(scp_clocks=ClockHold()).write({'state': 'waiting_customer'})
            self.env.flush_all()
            self.env.invalidate_all()
            with self.assertQueryCount(7):
                complaints._sync_clocks()
                self.env.flush_all()
        self.assertEqual(set(complaints.clock_ids.mapped('state')), {'paused'})

    def test_nothing_to_do_writes_nothing(self):
        self._create_policy(('resolution', 16, 'hour'))
        with self.at('2026-03-02 10:00'):
            complaints = self._create_many(20)
            self.env.flush_all()
            written = complaints.clock_ids.mapped('write_date')
            complaints._sync_clocks()
            self.env.flush_all()
        self.assertEqual(complaints.clock_ids.mapped('write_date'), written)

    # === HISTORY ===#

    def test_history_is_for_good(self):
        self._create_policy(('resolution', 16, 'hour'))
        event = self.get_clock(self._create_complaint('2026-03-02 08:00')).event_ids
        for change in (
            lambda: event.write({'reason': "x"}), event.unlink,
            lambda: self.env['scp.sla.event'].create({'reason': "x"}),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                change()

    # === WHO SEES ===#

    def test_clocks_are_seen_with_their_complaint(self):
        self._create_policy(('resolution', 16, 'hour'))
        clock = self.get_clock(self._create_complaint('2026-03-02 08:00'))
        for user, sees in (
            (self.salesman, True), (self.mate, False), (self.leader, True), (self.manager, True),
            (self.quality, True), (self.auditor, True), (self.stranger, False), (self.other_salesman, False),
        ):
            for record in (clock, clock.event_ids):
                found = record.with_user(user).search([('id', '=', record.id)])
                self.assertEqual(bool(found), sees, f"{user.login} {record}")
        self.assertFalse(self.env['scp.sla.clock'].with_user(self.portal).has_access('read'))

    def test_a_customer_starts_clocks_without_rights(self):
        self._create_policy(('resolution', 16, 'hour'))
        complaint = self.env['scp.complaint'].with_user(self.portal).sudo().create({
            'name': "From the portal", 'company_id': self.company.id, 'partner_id': self.partner.id,
        })
        self.assertEqual(self.get_clock(complaint).state, 'running')

    def test_my_day(self):
        self._create_policy(('resolution', 8, 'hour'))
        late = self._create_complaint('2026-03-02 08:00')
        day = self.env['scp.my.day'].with_user(self.salesman).get_my_day()
        section = next(section for section in day['sections'] if section['id'] == 'clocks')
        self.assertEqual([item['res_id'] for item in section['items']], [late.id])
        self.assertEqual(section['items'][0]['badge']['tone'], 'danger')
        found = self.env['scp.complaint'].search([('has_clock_missed', '=', True), ('id', '=', late.id)])
        self.assertEqual((found, late.has_clock_warning), (late, True))

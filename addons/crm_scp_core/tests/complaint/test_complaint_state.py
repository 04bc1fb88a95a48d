from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import ComplaintCommon


@tagged('post_install', '-at_install')
class TestComplaintState(ComplaintCommon):

    def assertMissing(self, complaint, state, *names):
        """Moving to `state` is refused, and the message names exactly what is missing."""
        with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
            complaint.write({'state': state})
        _head, *lines = str(caught.exception).splitlines()
        self.assertEqual(lines, [f"- {name}" for name in names])
        self.assertIn(complaint.number, str(caught.exception))

    # === GUARDS ===#

    def test_new_complaint(self):
        complaint = self._create_complaint()
        self.assertEqual(complaint.state, 'new')
        self.assertRegex(complaint.number, r'^C\d{4}-\d{5}$')
        self.assertEqual(complaint.commercial_partner_id, self.customer)
        self.assertEqual(complaint.email_from, 'carla@customer.example.com')
        self.assertTrue(complaint.awaits_response)

    def test_assessing_needs_category_and_severity(self):
        complaint = self._create_complaint()
        self.assertMissing(complaint, 'assessed', "Category", "Severity")
        complaint.category_id = self.category
        self.assertMissing(complaint, 'assessed', "Severity")
        complaint.write({'severity': 's3', 'state': 'assessed'})
        self.assertTrue(complaint.assessed_at)

    def test_proposing_needs_a_decision_with_remedy(self):
        complaint = self._create_complaint()
        self._assess(complaint)
        self.assertMissing(complaint, 'proposed', "Justified", "Decision", "Remedy Offered")
        complaint.write({'is_justified': 'yes', 'decision': "<p><br></p>", 'remedy': 'repair'})
        self.assertMissing(complaint, 'proposed', "Decision")
        self._decide(complaint)
        complaint.state = 'proposed'
        self.assertTrue(complaint.decided_at)

    def test_skipping_states_skips_no_condition(self):
        complaint = self._create_complaint()
        self.assertMissing(
            complaint, 'resolved', "Category", "Severity", "Justified", "Decision",
            "Remedy Offered", "a message to the customer after the decision",
        )

    def test_resolving_needs_the_customer_informed(self):
        complaint = self._create_complaint()
        self._assess(complaint)
        with freeze_time('2026-03-02 09:00:00'):
            self._answer(complaint, "We are looking into it.")
        with freeze_time('2026-03-02 10:00:00'):
            self._decide(complaint)
        missing = "a message to the customer after the decision"
        self.assertMissing(complaint, 'resolved', missing)
        complaint.with_user(self.salesman).message_post(body="Call him", subtype_xmlid='mail.mt_note')
        self.assertMissing(complaint, 'resolved', missing)
        with freeze_time('2026-03-02 11:00:00'):
            self._answer(complaint, "This is what we decided.")
        self.assertEqual(complaint.informed_at, datetime(2026, 3, 2, 11))
        complaint.state = 'resolved'
        self.assertTrue(complaint.resolved_at)

    def test_another_decision_has_to_be_told_again(self):
        complaint = self._resolve(self._create_complaint())
        complaint.decision = "<p>We replace the valve, at once.</p>"
        self.assertTrue(complaint.informed_at, "polishing the words is no other decision")
        complaint.remedy = 'refund'
        self.assertFalse(complaint.informed_at)

    def test_severe_complaints_need_both_causes_and_a_corrective_action(self):
        for values in (
            {'severity': 's1'}, {'severity': 's2'},
            {'severity': 's4', 'repeat_of_id': self._create_complaint().id},
        ):
            complaint = self._create_complaint(category_id=self.category.id, **values)
            self._decide(complaint)
            self._answer(complaint)
            self.assertMissing(
                complaint, 'resolved', "Cause of Occurrence", "Cause of Escape",
                "a corrective action",
            )
            complaint.occurrence_cause_id = self.occurrence
            action = self.env['scp.complaint.action'].create({
                'name': "Sort the stock", 'complaint_id': complaint.id, 'kind': 'containment',
            })
            self.assertMissing(complaint, 'resolved', "Cause of Escape", "a corrective action")
            complaint.escape_cause_id = self.escape
            action.kind = 'corrective'
            complaint.state = 'resolved'
            self.assertMissing(
                complaint, 'closed', "a date of the effectiveness check of Sort the stock",
            )
            action.effect_check_date = '2027-01-01'
            complaint.state = 'closed'
            self.assertTrue(complaint.closed_at)

    def test_moderate_complaints_need_no_causes(self):
        complaint = self._resolve(self._create_complaint())
        complaint.state = 'closed'
        self.assertEqual(complaint.state, 'closed')

    def test_rejecting_needs_reason_and_recourse(self):
        complaint = self._create_complaint()
        self.assertMissing(
            complaint, 'rejected', "Rejection Reason", "Recourse", "Justified: No",
        )
        complaint.write({
            'is_justified': 'no', 'rejection_reason': "Worn after ten years.",
            'recourse': "The chamber of commerce arbitrates.", 'state': 'rejected',
        })
        self.assertIn(complaint.state, self.Complaint._get_open_states(), "recourse is still open")
        self.assertTrue(complaint.decided_at)
        self.assertIn("chamber of commerce", complaint.public_decision)
        self.assertMissing(complaint, 'closed', "a message to the customer after the decision")
        self._answer(complaint)
        complaint.state = 'closed'

    def test_goodwill_without_justification(self):
        complaint = self._create_complaint()
        self._assess(complaint)
        self._decide(complaint, justified='no', remedy='compensation')
        self._answer(complaint)
        complaint.state = 'resolved'
        complaint.state = 'closed'
        self.assertTrue(complaint.closed_at)

    def test_side_states(self):
        first, complaint = self._create_complaint(), self._create_complaint()
        complaint.state = 'waiting_customer'
        complaint.state = 'waiting_third'
        self.assertMissing(complaint, 'duplicate', "Duplicate of")
        self.assertMissing(complaint, 'escalated_external', "External Body")
        complaint.write({'external_body': "Arbitration board", 'state': 'escalated_external'})
        self.assertIn(complaint.state, self.Complaint._get_open_states())
        complaint.write({'duplicate_of_id': first.id, 'state': 'duplicate'})
        with self.assertRaises(ValidationError):
            first.duplicate_of_id = complaint

    def test_every_way_in_is_guarded(self):
        """Form, board, import and remote call all end in `write` and `create`."""
        complaint = self._create_complaint()
        resolved = self.env.ref('crm_scp_core.scp_complaint_stage_resolved')
        with self.assertRaises(UserError), Form(complaint.with_user(self.salesman)) as form:
            form.stage_id = resolved
        with self.assertRaises(UserError):
            complaint.with_user(self.salesman).web_save({'stage_id': resolved.id}, {})
        with self.assertRaises(UserError):
            self._create_complaint(state='assessed')
        result = self.Complaint.with_user(self.manager).load(
            ['name', 'channel', 'state'], [["Imported", "Phone", "Resolved"]],
        )
        self.assertFalse(result['ids'])
        self.assertIn("cannot become Resolved", result['messages'][0]['message'])

    def test_stamps_are_not_set_by_hand(self):
        """Nobody ticks off that the customer was told; who loads the past writes when it was."""
        complaint = self._create_complaint()
        for user in (self.salesman, self.manager):
            with self.assertRaises(AccessError) as caught:
                complaint.with_user(user).write({'informed_at': '2026-03-02 09:00:00'})
            self.assertIn("Customer Informed", str(caught.exception))
            self.assertIn(complaint.number, str(caught.exception))
        values = {'name': "Old", 'company_id': self.company.id, 'first_response_at': '2026-03-02 09:00:00',
                  'received_at': '2026-03-01 09:00:00'}
        with self.assertRaises(AccessError):
            self.Complaint.with_user(self.salesman).create(values)
        self.assertTrue(self.Complaint.with_user(self.manager).create(values).first_response_at)

    def test_the_regular_way_without_superuser(self):
        complaint = self.Complaint.with_user(self.salesman).create({
            'name': "The valve leaks", 'partner_id': self.contact.id, 'user_id': self.salesman.id,
            'company_id': self.company.id, 'team_id': self.care.id,
        })
        complaint.state = 'acknowledged'
        self._resolve(complaint)
        self.env['scp.complaint.action'].with_user(self.salesman).create({
            'name': "Stop", 'complaint_id': complaint.id, 'kind': 'containment',
            'done_at': '2026-03-02 09:00:00',
        })
        complaint.state = 'closed'
        complaint.action_reopen()
        self.assertEqual((complaint.state, complaint.cycle), ('investigating', 2))
        self.assertTrue(complaint.contained_at and complaint.first_resolved_at)

    def test_import_with_an_unknown_category_writes_nothing(self):
        before = self.Complaint.search_count([])
        result = self.Complaint.with_user(self.manager).load(
            ['name', 'channel', 'category_id'],
            [["First", "Phone", "Leak"], ["Second", "Phone", "No Such Category"]],
        )
        self.assertFalse(result['ids'])
        self.assertIn("No Such Category", result['messages'][0]['message'])
        self.assertEqual(self.Complaint.search_count([]), before)

    def test_a_stage_in_use_keeps_its_meaning(self):
        stage = self.env['scp.complaint.stage'].create({'name': "Laboratory", 'state': 'investigating'})
        stage.state = 'waiting_third'
        complaint = self._create_complaint(stage_id=stage.id)
        self.assertEqual(complaint.state, 'waiting_third')
        stage.name = "External laboratory"
        with self.assertRaisesRegex(UserError, complaint.number):
            stage.state = 'investigating'

    def test_hook_is_called_once_per_write(self):
        complaints = self._create_complaint() | self._create_complaint() | self._create_complaint()
        complaints[2].state = 'waiting_third'
        calls = []
        self.patch(
            self.env.registry['scp.complaint'], '_on_state_change',
            lambda records, old_states: calls.append((records, old_states)),
        )
        complaints.state = 'acknowledged'
        complaints.name = "Another subject"
        self.assertEqual(calls, [(complaints, dict(zip(
            complaints.ids, ('new', 'new', 'waiting_third'), strict=True,
        )))])
        self.assertTrue(all(complaints.mapped('acknowledged_at')))

    # === THE PERSON COMPLAINED OF ===#

    def test_accused_never_handles(self):
        complaint = self._create_complaint(user_id=self.mate.id)
        with self.assertRaisesRegex(ValidationError, "Test mate"):
            complaint.accused_user_id = self.mate
        complaint.write({'accused_user_id': self.salesman.id})
        with self.assertRaises(ValidationError):
            complaint.user_id = self.salesman
        with self.assertRaises(ValidationError):
            complaint.d1_member_ids = [Command.link(self.salesman.id)]
        with self.assertRaises(ValidationError):
            self.env['scp.complaint.action'].create({
                'name': "Talk", 'complaint_id': complaint.id, 'user_id': self.salesman.id,
            })

    # === DOCUMENTS ===#

    def test_documents_belong_to_who_complains(self):
        foreign = self._create_order(self.other_customer, 100, '2026-01-05')
        own = self._create_order(self.customer, 100, '2026-01-05')
        with self.assertRaises(ValidationError) as caught:
            self._create_complaint(sale_order_id=foreign.id)
        self.assertIn("Customer Works", str(caught.exception))
        self.assertIn("Other Works", str(caught.exception))
        self.assertIn(foreign.name, str(caught.exception))
        complaint = self._create_complaint(
            sale_order_id=own.id, sale_line_ids=[Command.set(own.order_line.ids)],
        )
        with self.assertRaises(ValidationError):
            complaint.sale_line_ids = foreign.order_line
        with self.assertRaises(ValidationError):
            complaint.partner_id = self.other_customer

    def test_not_received_in_the_future(self):
        with freeze_time('2026-03-02 09:00:00'), self.assertRaises(ValidationError):
            self._create_complaint(received_at='2026-03-02 09:00:01')

    # === REOPENING ===#

    @freeze_time('2026-03-02 09:00:00')
    def _create_resolved(self):
        return self._resolve(self._create_complaint(received_at='2026-02-27 15:00:00'))

    def test_reopening_within_the_period(self):
        complaint = self._create_resolved()
        self.assertEqual((complaint.cycle, complaint.resolved_at), (1, datetime(2026, 3, 2, 9)))
        with freeze_time('2026-03-16 09:00:00'):  # 14 days later, to the second
            self.assertEqual(complaint._reopen("It leaks again."), complaint)
        self.assertEqual((complaint.state, complaint.cycle), ('investigating', 2))
        self.assertEqual(complaint.reopened_at, datetime(2026, 3, 16, 9))
        self.assertFalse(complaint.resolved_at)
        self.assertEqual(complaint.first_resolved_at, datetime(2026, 3, 2, 9))
        self.assertIn("It leaks again.", complaint.message_ids[0].body)
        self.assertEqual(complaint._reopen("Once more."), complaint)
        self.assertEqual(complaint.cycle, 2, "what is open is not opened")

    def test_reopening_later_opens_a_new_case(self):
        complaint = self._create_resolved()
        with freeze_time('2026-03-16 09:00:01'):
            follower = complaint._reopen("It leaks again.")
            self.assertEqual(complaint._reopen("It still leaks."), follower)
        self.assertEqual(follower.previous_id, complaint)
        self.assertEqual(
            (follower.state, follower.cycle, follower.partner_id, follower.category_id),
            ('new', 1, self.contact, self.category),
        )
        self.assertTrue(follower.is_repeat)
        self.assertEqual(complaint.state, 'resolved')
        self.assertEqual(follower.received_at, datetime(2026, 3, 16, 9, 0, 1))

    def test_reopening_period_of_the_company(self):
        self.company.scp_complaint_grace_days = 3
        complaint = self._create_resolved()
        with freeze_time('2026-03-06 09:00:00'):
            with self.assertRaises(UserError) as caught:
                complaint.state = 'investigating'
            self.assertIn("more than 3 days ago", str(caught.exception))
            self.assertEqual(complaint._reopen("Again.").previous_id, complaint)

    def test_reopening_on_the_board_counts_a_cycle(self):
        complaint = self._create_resolved()
        with freeze_time('2026-03-03 09:00:00'):
            complaint.state = 'closed'
            self.assertEqual(complaint.resolved_at, datetime(2026, 3, 2, 9))
            complaint.state = 'assessed'
        self.assertEqual(complaint.cycle, 2)
        self.assertFalse(complaint.closed_at)

    def test_working_hours_to_resolution(self):
        """Friday 15:00 to Monday 09:00 in UTC, 8 to 12 and 13 to 17: two hours and one."""
        self.assertAlmostEqual(self._create_resolved().resolution_hours, 3.0)

    # === FROZEN VALUES ===#

    def test_grade_at_receipt_stays(self):
        grades = self.env['scp.grade'].search([], limit=2)
        customer = self._create_customer(self.customer)
        customer.sudo().grade_id = grades[0]
        complaint = self._create_complaint()
        self.assertEqual(complaint.grade_id, grades[0])
        customer.sudo().grade_id = grades[1]
        complaint.partner_id = self.customer
        self.assertEqual(complaint.grade_id, grades[0])
        stranger = self._create_complaint(partner_id=False)
        self.assertFalse(stranger.grade_id)
        stranger.partner_id = self.contact
        self.assertEqual(stranger.grade_id, grades[1])

    def test_suggested_severity(self):
        best = self.env['scp.grade'].search([], limit=1)
        complaint = self._create_complaint()
        self.assertFalse(complaint.severity_suggestion)
        complaint.category_id = self.category
        self.assertEqual(complaint.severity_suggestion, "S3 Moderate: usual for Leak")
        complaint.grade_id = best
        self.assertEqual(
            complaint.severity_suggestion,
            f"S2 Major: usual for Leak, one step up for grade {best.name}",
        )
        complaint.is_safety = True
        self.assertEqual(complaint.severity_suggestion, "S1 Critical: safety is at stake")
        self.assertFalse(complaint.severity, "a person decides")
        complaint.action_apply_severity()
        self.assertEqual(complaint.severity, 's1')

    def test_category_says_what_is_safety(self):
        self.category.write({'is_safety': True, 'is_regulated': True})
        complaint = self._create_complaint(category_id=self.category.id)
        self.assertTrue(complaint.is_safety and complaint.is_regulated)

    def test_company_follows_the_team(self):
        team = self.env['scp.complaint.team'].create({
            'name': "Asia", 'company_id': self.other_company.id,
        })
        complaint = self.Complaint.create({'name': "By mail", 'team_id': team.id})
        self.assertEqual(complaint.company_id, self.other_company)

    def test_handled_complaints_are_kept(self):
        complaint = self._create_complaint()
        complaint.state = 'acknowledged'
        with self.assertRaisesRegex(UserError, complaint.number):
            complaint.unlink()
        self._create_complaint().unlink()

    # === ACTIONS ===#

    def test_containment(self):
        complaint = self._create_complaint()
        actions = self.env['scp.complaint.action'].create([
            {'name': "Stop deliveries", 'complaint_id': complaint.id, 'kind': 'containment',
             'done_at': '2026-03-03 10:00:00'},
            {'name': "Warn others", 'complaint_id': complaint.id, 'kind': 'containment'},
            {'name': "New seal", 'complaint_id': complaint.id, 'done_at': '2026-03-01 10:00:00'},
        ])
        self.assertEqual(complaint.contained_at, datetime(2026, 3, 3, 10))
        actions[1].done_at = '2026-03-02 10:00:00'
        self.assertEqual(complaint.contained_at, datetime(2026, 3, 2, 10))

    def test_who_acts_does_not_verify(self):
        complaint = self._create_complaint()
        with self.assertRaisesRegex(ValidationError, "Test mate"):
            self.env['scp.complaint.action'].create({
                'name': "New seal", 'complaint_id': complaint.id, 'user_id': self.mate.id,
                'verified_by_id': self.mate.id,
            })

    def test_disciplines_are_dated(self):
        complaint = self._create_complaint()
        with freeze_time('2026-03-02'):
            complaint.d4 = "<p>Wrong seal.</p>"
        self.assertEqual(str(complaint.d4_date), '2026-03-02')
        with freeze_time('2026-03-09'):
            complaint.write({'d4': "<p>Wrong seal of lot 7.</p>", 'd5': "<p></p>"})
        self.assertEqual(str(complaint.d4_date), '2026-03-02')
        self.assertFalse(complaint.d5_date)

    def test_effectiveness_checks_are_reminded_once(self):
        complaint = self._create_complaint()
        due, later, checked = self.env['scp.complaint.action'].create([
            {'name': name, 'complaint_id': complaint.id, 'user_id': self.mate.id,
             'verified_by_id': self.quality.id, **values}
            for name, values in (
                ("Due", {'effect_check_date': '2026-03-02'}),
                ("Later", {'effect_check_date': '2099-03-02'}),
                ("Checked", {'effect_check_date': '2026-03-02', 'effective': 'yes'}),
            )
        ])
        cron = self.env.ref('crm_scp_core.ir_cron_scp_complaint_effect_checks')
        for _run in range(2):
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
        self.assertEqual(due.activity_ids.user_id, self.quality)
        self.assertEqual(len(due.activity_ids), 1)
        self.assertFalse(later.activity_ids | checked.activity_ids)
        due.effective = 'no'
        self.assertFalse(due.activity_ids)

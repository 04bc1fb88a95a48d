from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.crm_scp_core.tests.complaint.test_complaint_portal import PortalCommon


@tagged('post_install', '-at_install')
class TestComplaintFeedback(PortalCommon):

    def _run_cron(self):
        with self.mock_mail_gateway(), self.enter_registry_test_mode():
            self.env.ref('crm_scp_core.ir_cron_scp_complaint_feedback').method_direct_trigger()
        return self._new_mails.filtered(lambda mail: mail.model == 'scp.complaint')

    def _create_resolved(self, days_ago=0, **values):
        complaint = self._create_complaint(**values)
        self._resolve(complaint)
        complaint.resolved_at = fields.Datetime.now() - timedelta(days=days_ago)
        return complaint

    def test_asked_and_reminded_once(self):
        complaint = self._create_resolved()
        mail = self._run_cron()
        self.assertEqual(mail.recipient_ids, self.anna)
        token = complaint.rating_ids.access_token
        self.assertIn(f'/complaints/feedback/{token}?rate=5', mail.body_html)
        self.assertFalse(self._run_cron(), "Asked once")
        complaint.feedback_requested_at -= timedelta(days=6)
        self.assertFalse(self._run_cron(), "The follow-up comes after seven days")
        complaint.feedback_requested_at -= timedelta(days=1)
        self.assertIn(token, self._run_cron().body_html)
        complaint.feedback_requested_at -= timedelta(days=5)
        self.assertFalse(self._run_cron(), "One follow-up")

    def test_who_answered_is_left_alone(self):
        complaint = self._create_resolved()
        self._run_cron()
        complaint._apply_feedback(complaint._get_open_rating(), 5, 'yes', "")
        complaint.feedback_requested_at -= timedelta(days=8)
        self.assertFalse(self._run_cron())

    def test_old_cases_are_left_alone(self):
        self._create_resolved(days_ago=31)
        self.assertFalse(self._run_cron())

    def test_switched_off(self):
        self._create_resolved()
        self.company.scp_feedback_auto = False
        self.assertFalse(self._run_cron())

    def test_no_reminder(self):
        self.company.scp_feedback_reminder_days = 0
        complaint = self._create_resolved()
        self.assertTrue(self._run_cron())
        complaint.feedback_requested_at -= timedelta(days=20)
        self.assertFalse(self._run_cron())

    def test_question_shows_to_colleagues_only(self):
        complaint = self._create_resolved()
        self._run_cron()
        self.assertFalse([
            entry for entry in complaint._prepare_portal_values(self.anna)['timeline']
            if "satisfied" in (entry['body'] or '')
        ])

    def test_without_login(self):
        complaint = self._create_resolved()
        rating = complaint._get_open_rating()
        url = f'/complaints/feedback/{rating.access_token}'
        self.assertIn(complaint.number, self.url_open(f'{url}?rate=5').text)
        self.assertFalse(rating.consumed, "Mail servers open every link")
        self.assertIn("choose a value", self._post(url, rate='7').text)
        self.assertEqual(self._post(url, rate='5', solved='yes', comment="Well done").status_code, 303)
        self.assertEqual((rating.rating, rating.feedback), (5.0, "Well done"))
        self.assertEqual((complaint.feedback_solved, complaint.rating_last_value), ('yes', 5.0))
        self.assertIn("Thank you", self.url_open(url).text)
        self._post(url, rate='1', solved='no')
        self.assertEqual((rating.rating, complaint.state), (5.0, 'resolved'), "Answered once")
        self.assertEqual(self.url_open('/complaints/feedback/wrong').status_code, 404)

    def test_bad_rating_reopens(self):
        for rate, state, cycle in ((3, 'resolved', 1), (2, 'investigating', 2)):
            complaint = self._create_resolved()
            complaint._apply_feedback(complaint._get_open_rating(), rate, 'partly', "")
            self.assertEqual((complaint.state, complaint.cycle), (state, cycle))

    def test_not_solved_reopens(self):
        """Treated well and still not helped: the two are asked apart."""
        complaint = self._create_resolved()
        complaint._apply_feedback(complaint._get_open_rating(), 5, 'no', "It leaks again")
        self.assertEqual((complaint.state, complaint.rating_last_value), ('investigating', 5.0))
        self.assertIn("It leaks again", " ".join(complaint.message_ids.mapped('body')))

    def test_asked_again_after_the_next_resolution(self):
        complaint = self._create_resolved()
        self._run_cron()
        complaint._apply_feedback(complaint._get_open_rating(), 1, 'no', "")
        self.assertEqual(complaint.state, 'investigating')
        complaint.state = 'resolved'
        self.assertTrue(self._run_cron())
        self.assertEqual(len(complaint.rating_ids), 2)

    def test_bad_rating_after_the_grace(self):
        complaint = self._create_resolved(days_ago=20)
        complaint._apply_feedback(complaint._get_open_rating(), 1, '', "")
        self.assertEqual(complaint.state, 'resolved')
        self.assertEqual(len(complaint.next_ids), 1)

    def test_page_of_odoo(self):
        """Links to Odoo's own rating page have the same effect, once."""
        complaint = self._create_resolved()
        rating = complaint._get_open_rating()
        for _again in range(2):
            self._post(f'/rate/{rating.access_token}/submit_feedback', rate='1', feedback="No")
        self.assertEqual((complaint.state, complaint.cycle), ('investigating', 2))
        self.assertTrue(complaint.feedback_at)

    def test_answer_button(self):
        """The customer is told the result by a person, starting from the template."""
        complaint = self._create_complaint()
        with self.assertRaisesRegex(Exception, complaint.number):
            complaint.action_send_answer()
        complaint.write({
            'category_id': self.category.id, 'severity': 's3', 'is_justified': 'yes', 'remedy': 'refund',
            'decision': "<p>The seal was damaged.</p>",
        })
        as_salesman = complaint.with_user(self.salesman)
        with self.assertRaisesRegex(Exception, "message to the customer"), self.env.cr.savepoint():
            as_salesman.state = 'resolved'
        context = as_salesman.action_send_answer()['context']
        with self.mock_mail_gateway():
            composer = self.env['mail.compose.message'].with_user(self.salesman).with_context(**context).create({})
            composer._action_send_mail()
        self.assertTrue(complaint.informed_at)
        mail = self._new_mails.filtered(lambda mail: self.anna in mail.recipient_ids)
        self.assertIn("The seal was damaged.", mail.body_html)
        self.assertIn("Refund", mail.body_html)
        as_salesman.state = 'resolved'
        self.assertEqual(complaint.state, 'resolved')

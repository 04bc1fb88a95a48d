from datetime import datetime

from freezegun import freeze_time

from odoo.tests import tagged

from .common import ComplaintCommon


@tagged('post_install', '-at_install')
class TestComplaintMessage(ComplaintCommon):

    def setUp(self):
        super().setUp()
        with freeze_time('2026-03-02 08:00:00'):
            self.complaint = self._create_complaint()

    def test_first_response_is_a_persons_that_the_customer_sees(self):
        complaint = self.complaint
        with freeze_time('2026-03-02 09:00:00'):
            complaint.with_user(self.salesman).message_post(body="Urgent!", subtype_xmlid='mail.mt_note')
            complaint.message_post(body="Your number", message_type='notification', subtype_xmlid='mail.mt_comment')
            complaint.message_post(body="Automatic", message_type='auto_comment', subtype_xmlid='mail.mt_comment')
            complaint.message_post(
                body="Robot", message_type='comment', subtype_xmlid='mail.mt_comment',
                author_id=self.env.ref('base.partner_root').id,
            )
            complaint._message_log(body="Logged")
        self.assertFalse(complaint.first_response_at)
        self.assertTrue(complaint.awaits_response)
        with freeze_time('2026-03-02 14:30:00'):
            self._answer(complaint)
        self.assertEqual(complaint.first_response_at, datetime(2026, 3, 2, 14, 30))
        self.assertEqual(complaint.acknowledged_at, datetime(2026, 3, 2, 14, 30))
        # 8 to 12 and 13 to 14:30
        self.assertAlmostEqual(complaint.first_response_hours, 5.5)
        with freeze_time('2026-03-03 09:00:00'):
            self._answer(complaint)
        self.assertEqual(complaint.first_response_at, datetime(2026, 3, 2, 14, 30))
        self.assertEqual(complaint.last_response_at, datetime(2026, 3, 3, 9))
        self.assertEqual(complaint.response_count, 2)
        self.assertFalse(complaint.informed_at, "nothing is decided yet")

    def test_answer_from_the_mailbox(self):
        self.complaint.message_post(
            body="By mail", message_type='email', author_id=self.mate.partner_id.id,
            subtype_xmlid='mail.mt_comment',
        )
        self.assertTrue(self.complaint.first_response_at)

    def test_call_is_a_response_but_informs_of_nothing(self):
        self._decide(self.complaint)
        with freeze_time('2026-03-03 10:00:00'):
            self.complaint.with_user(self.salesman).activity_schedule(
                'mail.mail_activity_data_call', user_id=self.salesman.id,
            ).action_feedback(feedback="Told him")
        self.assertEqual(self.complaint.first_response_at, datetime(2026, 3, 3, 10))
        self.assertFalse(self.complaint.informed_at)

    def test_todo_done_is_no_response(self):
        self.complaint.with_user(self.salesman).activity_schedule(
            'mail.mail_activity_data_todo', user_id=self.salesman.id,
        ).action_feedback(feedback="Looked at it")
        self.assertFalse(self.complaint.first_response_at)

    def test_customer_messages(self):
        complaint = self.complaint
        self._answer(complaint)
        for hour, values in enumerate((
            {}, {'message_type': 'email'}, {'subtype': 'mail.mt_note'},
        ), start=9):
            complaint.awaits_response = False
            with freeze_time(f'2026-03-04 {hour:02}:00:00'):
                self._hear(complaint, **values)
            self.assertEqual(complaint.last_customer_message_at, datetime(2026, 3, 4, hour))
            self.assertTrue(complaint.awaits_response)
        self._answer(complaint)
        self.assertFalse(complaint.awaits_response)
        self._hear(complaint, message_type='notification')
        self.assertFalse(complaint.awaits_response, "a rating or a bounce is no message")

    def test_message_of_an_unknown_sender(self):
        self.complaint.awaits_response = False
        self.complaint.message_post(
            body="Me again", message_type='email', author_id=False,
            email_from='private@example.com', subtype_xmlid='mail.mt_comment',
        )
        self.assertTrue(self.complaint.awaits_response)

    def test_sender_whose_clock_runs_ahead(self):
        with freeze_time('2026-03-04 09:00:00'):
            self.complaint.message_post(
                body="From the future", message_type='email', author_id=self.contact.id,
                subtype_xmlid='mail.mt_comment', date='2026-03-05 09:00:00',
            )
        self.assertEqual(self.complaint.last_customer_message_at, datetime(2026, 3, 4, 9))

    def test_hooks(self):
        heard, answered = [], []
        model = self.env.registry['scp.complaint']
        self.patch(model, '_on_customer_message', lambda records, message: heard.append((records, message)))
        self.patch(model, '_on_response', lambda records, message: answered.append((records, message)))
        question, answer = self._hear(self.complaint), self._answer(self.complaint)
        self.complaint.with_user(self.salesman).message_post(body="Note", subtype_xmlid='mail.mt_note')
        self.assertEqual(heard, [(self.complaint, question)])
        self.assertEqual(answered, [(self.complaint, answer)])

    def test_mass_answer(self):
        """One mail to the customers of several complaints, as after a recall."""
        complaints = self.complaint | self._create_complaint()
        composer = self.env['mail.compose.message'].with_user(self.salesman).with_context(
            active_model='scp.complaint', active_ids=complaints.ids,
        ).create({
            'composition_mode': 'mass_mail', 'subject': "News", 'body': "<p>We replace them.</p>",
            'model': 'scp.complaint', 'res_ids': repr(complaints.ids),
            'auto_delete': False, 'auto_delete_keep_log': True,
        })
        composer._action_send_mail()
        self.assertTrue(all(complaint.first_response_at for complaint in complaints))

    def test_customer_writes_without_rights_on_stamps(self):
        """A portal user posts; the stamps are written all the same, and nothing else."""
        self.complaint.awaits_response = False
        self.complaint.with_user(self.portal).sudo().message_post(
            body="Hello", message_type='comment', subtype_xmlid='mail.mt_comment',
            author_id=self.portal.partner_id.id,
        )
        self.assertTrue(self.complaint.awaits_response)

    def test_answering_costs_the_same_however_long_the_thread(self):
        for _index in range(5):
            self._answer(self.complaint)
        self.env.flush_all()
        self.env.invalidate_all()
        count = self.env.cr.sql_log_count
        self._answer(self.complaint)
        self.env.flush_all()
        self.assertLess(self.env.cr.sql_log_count - count, 60)

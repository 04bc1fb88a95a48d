from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from odoo.addons.crm_scp_core.models.complaint.mail_rules import FilePolicy, IncomingMail, find_numbers
from odoo.addons.crm_scp_core.tests.complaint.contact_common import ContactCommon


@tagged('post_install', '-at_install')
class TestComplaintMail(ContactCommon):
    """Real messages through the gateway."""

    # === NEW ===#

    @freeze_time('2026-11-02 08:20:00')
    def test_new(self):
        order = self._create_order(self.anvil, 100.0, '2026-10-01', name='SCPT-0815')
        complaint = self._receive('new')
        self.assertEqual(len(complaint), 1)
        self.assertRecordValues(complaint, [{
            'name': "Valve leaks, order SCPT-0815", 'channel': 'email', 'partner_id': self.anna.id,
            'commercial_partner_id': self.anvil.id, 'team_id': self.care.id,
            'company_id': self.company.id, 'state': 'new', 'user_id': False,
            'received_at': datetime(2026, 11, 2, 8, 15), 'sale_order_id': order.id,
            'awaits_response': True, 'first_response_at': False, 'acknowledgement_due': True,
        }])
        self.assertNotEqual(complaint.number, '/')
        self.assertIn("leaks", complaint.description)
        self.assertNotIn("script", complaint.description)
        self.assertEqual(complaint.message_ids.filtered('body')[-1:].author_id, self.anna)

    def test_same_mail_twice(self):
        self.assertEqual(len(self._receive('new')), 1)
        self.assertFalse(self._receive('new'))

    @freeze_time('2026-11-02 08:20:00')
    def test_budget(self):
        """Whoever writes to us waits for few queries; of 60 there may be, other addons want some."""
        self._receive('two_recipients')  # warm caches
        self.env.invalidate_all()
        with self.mock_mail_gateway():
            mail = self._read_mail('new')
            before = self.env.cr.sql_log_count
            self.env['mail.thread'].message_process(None, mail)
            self.env.flush_all()
            count = self.env.cr.sql_log_count - before
        self.assertLessEqual(count, 60)

    def test_chinese(self):
        self.env['res.lang']._activate_lang('zh_CN')
        complaint = self._receive('chinese')
        self.assertEqual(complaint.name, "阀门漏水")
        self.assertIn("请更换", complaint.description)
        self.assertEqual(complaint.lang, 'zh_CN')
        self.assertEqual(complaint.email_from, '"王芳" <wangfang@example.cn>')
        self.assertFalse(complaint.partner_id)

    def test_two_recipients(self):
        """Two teams are addressed: the first takes the case, once."""
        complaint = self._receive('two_recipients')
        self.assertEqual(len(complaint), 1)
        self.assertEqual(complaint.team_id, self.care)
        self.assertIn('ben@anvil.example.com', complaint.email_cc)

    def test_no_sender(self):
        complaint = self._receive('no_sender')
        self.assertEqual(complaint.name, "Broken")
        self.assertFalse(complaint.partner_id or complaint.email_from or complaint.acknowledgement_due)
        note = self._get_notes(complaint)
        self.assertIn(complaint.number, note.body)
        self.assertIn("no sender: enter Customer and Email", note.body)
        self.assertEqual(note.attachment_ids.raw, self._read_mail('no_sender'))

    def test_order_of_another(self):
        self._create_order(self.bolt, 100.0, '2026-10-01', name='SCPT-0666')
        complaint = self._receive('order_of_another')
        self.assertFalse(complaint.sale_order_id)
        self.assertIn("Sales Order SCPT-0666", self._get_notes(complaint).body)

    def test_customer_of_another_company(self):
        self.anvil.company_id = self.other_company
        complaint = self._receive('new')
        self.assertFalse(complaint.partner_id)
        self.assertEqual(complaint.email_from, '"Anna Amboss" <anna@anvil.example.com>')
        self.assertIn("belongs to another company", self._get_notes(complaint).body)

    def test_date_that_cannot_be(self):
        with freeze_time('2027-03-01 10:00:00'):
            self.assertEqual(self._receive('new').received_at, datetime(2027, 3, 1, 10))
        with freeze_time('2026-01-01 10:00:00'):
            self.assertEqual(self._receive('two_recipients').received_at, datetime(2026, 1, 1, 10))

    # === THREADS ===#

    def _create_case_with_message(self, **values):
        complaint = self._create_complaint(**values)
        self._respond(complaint, message_id='<scp-case-message-1@scp-test.example.com>')
        return complaint

    def test_reply(self):
        complaint = self._create_case_with_message()
        self.assertFalse(complaint.awaits_response)
        self.assertFalse(self._receive('reply'))
        self.assertTrue(complaint.awaits_response)
        self.assertTrue(complaint.last_customer_message_at)
        self.assertEqual(complaint.message_ids[0].author_id, self.anna)
        self.assertFalse(complaint.message_ids[0].subtype_id.internal)

    def test_reply_by_number(self):
        """A colleague of the customer names the number; his program drops the references."""
        complaint = self._create_complaint(number='TEST-90001')
        self.assertFalse(self._receive('reply_by_number'))
        self.assertIn("write to me", complaint.message_ids[0].body)
        self.assertEqual(complaint.message_ids[0].author_id, self.ben)

    def test_stranger_by_number(self):
        """A number can be guessed: a stranger opens a case of his own."""
        complaint = self._create_complaint(number='TEST-90001')
        messages = complaint.message_ids
        other = self._receive('stranger_by_number')
        self.assertEqual(len(other), 1)
        self.assertEqual(complaint.message_ids, messages)
        self.assertNotIn('TEST-90001', other.number)

    def test_reply_reopens(self):
        complaint = self._create_case_with_message()
        self._resolve(complaint)
        self.assertFalse(self._receive('reply'))
        self.assertEqual((complaint.state, complaint.cycle), ('investigating', 2))

    def test_reply_after_the_grace(self):
        complaint = self._create_case_with_message()
        self._resolve(complaint)
        complaint.resolved_at = fields.Datetime.now() - timedelta(days=15)
        follower = self._receive('reply')
        self.assertEqual(complaint.state, 'resolved')
        self.assertEqual(follower.previous_id, complaint)
        self.assertIn("delivered on Friday", follower.description)
        self.assertTrue(follower.acknowledgement_due)

    def test_reply_ends_waiting(self):
        complaint = self._create_case_with_message(category_id=self.category.id, severity='s3')
        complaint.state = 'waiting_customer'
        self._receive('reply')
        self.assertEqual(complaint.state, 'investigating')

    def test_reply_ends_waiting_of_a_case_not_assessed(self):
        complaint = self._create_case_with_message()
        complaint.state = 'waiting_customer'
        self._receive('reply')
        self.assertEqual(complaint.state, 'acknowledged')

    # === LOOPS ===#

    def test_auto_reply(self):
        """Kept where only colleagues see it; nobody owes an answer, nothing is reopened."""
        complaint = self._create_case_with_message()
        self._resolve(complaint)
        self.assertFalse(self._receive('auto_reply'))
        message = complaint.message_ids[0]
        self.assertIn("out of the office", message.body)
        self.assertEqual(message.message_type, 'out_of_office')
        self.assertTrue(message.is_internal and message.subtype_id.internal)
        self.assertEqual(complaint.state, 'resolved')
        self.assertFalse(complaint.awaits_response)
        self.assertNotIn(self.anna, self._new_mails.recipient_ids)

    def test_auto_reply_to_nothing(self):
        self.assertFalse(self._receive('auto_reply_unknown'))

    def test_ticket_system(self):
        """A program may complain, but is never answered by one."""
        complaint = self._receive('ticket_system')
        self.assertEqual(len(complaint), 1)
        self.assertFalse(complaint.acknowledgement_due)

    def test_loop(self):
        """Our own address writes to us."""
        self.assertFalse(self._receive('loop'))

    def test_bounce(self):
        complaint = self._create_case_with_message()
        self.assertFalse(self._receive('bounce'))
        note = self._get_notes(complaint)[0]
        self.assertIn(complaint.number, note.body)
        self.assertIn('anna@anvil.example.com', note.body)
        self.assertFalse(complaint.awaits_response)

    def test_answer_that_bounced_informed_nobody(self):
        complaint = self._create_complaint(user_id=self.salesman.id)
        self._decide(complaint)
        answer = complaint.message_ids[0]
        answer.message_id = '<scp-case-message-1@scp-test.example.com>'
        self.assertTrue(complaint.informed_at)
        self._receive('bounce')
        self.assertFalse(complaint.informed_at)
        todo = complaint.activity_ids.filtered(lambda activity: activity.user_id == self.salesman)
        self.assertIn('anna@anvil.example.com', todo.summary)
        with self.assertRaisesRegex(UserError, "a message to the customer after the decision"):
            complaint.state = 'resolved'
        self._respond(complaint)
        complaint.state = 'resolved'

    def test_bounce_of_one_of_two_answers(self):
        """He was told by the other one; that a colleague of his did not get it changes nothing."""
        complaint = self._create_complaint(user_id=self.salesman.id)
        self._decide(complaint)
        answer = complaint.message_ids[0]
        answer.message_id = '<scp-case-message-1@scp-test.example.com>'
        complaint.decided_at -= timedelta(hours=2)
        answer.date = complaint.informed_at = complaint.decided_at
        self._respond(complaint).date = complaint.decided_at + timedelta(hours=1)
        complaint.partner_id = self.ben
        self._receive('bounce')
        self.assertEqual(complaint.informed_at, complaint.decided_at)
        complaint.partner_id = self.anna
        self._receive('bounce')
        self.assertEqual(complaint.informed_at, complaint.decided_at + timedelta(hours=1))
        self.assertFalse(complaint.activity_ids)

    def test_outsiders_do_not_read_each_other(self):
        """A supplier and the customer follow: each gets our words, none those of the other."""
        complaint = self._create_complaint()
        supplier = self._create_partner("Supplier", email='supplier@forge.example.com')
        complaint.message_subscribe((self.anna | self.ben | supplier | self.salesman.partner_id).ids)
        with self.mock_mail_gateway():
            for author, told in (
                (self.salesman.partner_id, self.anna | self.ben | supplier),
                (supplier, self.salesman.partner_id),
                (self.anna, self.ben | self.salesman.partner_id),
            ):
                message = complaint.message_post(
                    body="Words", author_id=author.id, message_type='email', subtype_xmlid='mail.mt_comment',
                )
                self.assertEqual(message.notified_partner_ids, told, author.name)
            message = complaint.message_post(
                body="Words", author_id=False, email_from='stranger@mill.example.com', message_type='email',
                subtype_xmlid='mail.mt_comment',
            )
            self.assertEqual(message.notified_partner_ids, self.salesman.partner_id)

    def test_mail_after_mail(self):
        """The gateway stops a sender who floods us."""
        self.env['ir.config_parameter'].set_param('mail.gateway.loop.threshold', 1)
        self.assertEqual(len(self._receive('new')), 1)
        self.assertFalse(self._receive('two_recipients'))

    # === FORWARDED ===#

    def test_forwarded(self):
        complaint = self._receive('forwarded')
        self.assertEqual(complaint.partner_id, self.anna)
        self.assertIn("gasket was torn", complaint.description)
        self.assertNotIn("always like that", complaint.description)
        self.assertFalse(complaint.first_response_at, "Handing on is no answer")
        self.assertFalse(complaint.message_ids.filtered(
            lambda message: not (message.is_internal or message.subtype_id.internal)
        ), "What colleagues write among themselves stays with them")

    def test_forwarded_as_attachment(self):
        complaint = self._receive('forwarded_attached')
        self.assertFalse(complaint.partner_id)
        self.assertEqual(complaint.email_from, '"New Customer" <new.customer@mill.example.com>')
        self.assertIn("second gasket", complaint.description)
        self.assertNotIn("another 500", complaint.description)

    def test_colleague_without_customer(self):
        complaint = self._receive('colleague')
        self.assertFalse(complaint.partner_id or complaint.email_from or complaint.acknowledgement_due)
        self.assertIn("enter Customer and Email", self._get_notes(complaint)[-1].body)

    # === FILES ===#

    def test_attachments(self):
        complaint = self._receive('attachments')
        notes = self._get_notes(complaint)
        files = complaint.message_ids.attachment_ids
        self.assertEqual(
            set(files.mapped('name')), {'leak.png', f"Original mail of {complaint.number}.eml"},
        )
        self.assertIn("setup.exe: this kind of file is not accepted", notes.body)
        self.assertIn("holiday.jpg is not what its name says", notes.body)
        self.assertIn(complaint.number, notes.body)
        original = message_from_bytes(notes.attachment_ids.raw, policy=SMTP)
        self.assertEqual(
            [part.get_filename() for part in original.iter_attachments()],
            ['leak.png', 'setup.exe', 'holiday.jpg'], "Nothing is lost",
        )

    def test_too_large(self):
        self.company.scp_complaint_max_mb = 1
        mail = EmailMessage()
        mail['From'], mail['To'] = 'anna@anvil.example.com', 'complaints@scp-test.example.com'
        mail['Subject'], mail['Message-ID'] = "Film of the leak", '<large-1@anvil.example.com>'
        mail.set_content("See the film.")
        mail.add_attachment(bytes(1024 * 1024 + 1), maintype='video', subtype='mp4', filename='leak.mp4')
        with self.mock_mail_gateway():
            id_ = self.env['mail.thread'].message_process(None, mail.as_bytes())
        notes = self._get_notes(self.Complaint.browse(id_))
        self.assertIn("leak.mp4 is too large: 1.0 MB, at most 1 MB", notes.body)
        self.assertGreater(len(notes.attachment_ids.raw), 1024 * 1024)

    def test_file_policy(self):
        policy = FilePolicy(max_mb=1, types=frozenset({'png', 'pdf', 'plain'}))
        self.assertEqual(policy.refuse('a.PDF', b'%PDF-1.4'), None)
        self.assertEqual(policy.refuse('a.pdf.exe', b'%PDF-1.4'), 'type')
        self.assertEqual(policy.refuse('a.pdf', b'MZ\x90'), 'content')
        self.assertEqual(policy.refuse('a.png', b'plain text'), 'content')
        self.assertEqual(policy.refuse('noending', b'plain text'), None)
        self.assertEqual(policy.refuse('a.pdf', bytes(1024 * 1024 + 1)), 'size')
        self.assertEqual(FilePolicy().refuse('a.xyz', bytes(1024 * 1024 + 1)), None)

    # === RULES ===#

    def test_who_is_answered(self):
        for headers, automatic, silent in (
            ({}, False, False),
            ({'Auto-Submitted': 'no'}, False, False),
            ({'Auto-Submitted': 'auto-replied; owner-email="a@b.example"'}, True, True),
            ({'Precedence': 'bulk'}, False, True),
            ({'List-Id': '<list.example.com>'}, False, True),
            ({'X-Auto-Response-Suppress': 'DR, AutoReply'}, False, True),
            ({'Return-Path': '<>'}, False, True),
            ({'X-Autoreply': 'yes'}, True, True),
            ({'Subject': "自动回复: 休假"}, True, True),
            ({'Subject': "Automatic transmission out of order"}, False, False),
        ):
            mail = EmailMessage()
            for name, value in headers.items():
                mail[name] = value
            with self.subTest(headers=headers):
                incoming = IncomingMail(mail)
                self.assertEqual((incoming.is_automatic(), incoming.wants_no_answer()), (automatic, silent))

    def test_numbers(self):
        self.assertEqual(find_numbers("Re: [C2026-00012] S00045, valve."), ['C2026-00012', 'S00045'])
        self.assertEqual(find_numbers(None), [])


@tagged('post_install', '-at_install')
class TestComplaintAcknowledgement(ContactCommon):

    def _run_cron(self):
        with self.mock_mail_gateway(), self.enter_registry_test_mode():
            self.env.ref('crm_scp_core.ir_cron_scp_complaint_acknowledge').method_direct_trigger()

    def test_sent_once(self):
        complaint = self._receive('new')
        self._run_cron()
        self.assertEqual((complaint.state, complaint.acknowledgement_due), ('acknowledged', False))
        self.assertTrue(complaint.acknowledged_at)
        self.assertFalse(complaint.first_response_at, "A program is no human")
        mail = self._new_mails
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.recipient_ids, self.anna)
        self.assertIn(complaint.number, mail.subject)
        self.assertIn("arbitration body", mail.body_html)
        self.assertIn('auto-replied', mail.headers)
        self.assertEqual(mail.reply_to, '"SCP Test Works" <complaints@scp-test.example.com>')
        self._run_cron()
        self.assertFalse(self._new_mails)

    def test_unknown_sender(self):
        complaint = self._receive('chinese')
        partners = self.env['res.partner'].search_count([])
        self._run_cron()
        self.assertEqual(self._new_mails.email_to, 'wangfang@example.cn')
        self.assertEqual(self.env['res.partner'].search_count([]), partners)
        self.assertEqual(complaint.state, 'acknowledged')

    def test_language(self):
        self.env['res.lang']._activate_lang('de_DE')
        template = self.env.ref('crm_scp_core.mail_template_scp_complaint_acknowledge')
        template.with_context(lang='de_DE').subject = "Ihre Beschwerde {{ object.number }}"
        self.company.with_context(lang='de_DE').scp_complaint_rights = "Ihre Rechte"
        self.anna.lang = 'de_DE'
        complaint = self._receive('new')
        self._run_cron()
        self.assertEqual(self._new_mails.subject, f"Ihre Beschwerde {complaint.number}")
        self.assertIn("Ihre Rechte", self._new_mails.body_html)

    def test_usual_rights(self):
        """Of a company that says nothing of its own: in the language of the customer all the same."""
        self.env['res.lang']._activate_lang('zh_CN')
        self.company.scp_complaint_rights = False
        self.anna.lang = 'zh_CN'
        self._receive('new')
        self._run_cron()
        self.assertIn("仲裁", self._new_mails.body_html)

    def test_switched_off(self):
        self.company.scp_complaint_auto_acknowledge = False
        complaint = self._receive('new')
        self.assertFalse(complaint.acknowledgement_due)
        self._run_cron()
        self.assertEqual(complaint.state, 'new')

    def test_answered_before(self):
        """A person was faster than the job."""
        complaint = self._receive('new')
        self._respond(complaint)
        self._run_cron()
        self.assertFalse(complaint.acknowledgement_due)
        self.assertFalse(self._new_mails)

    def test_one_fails(self):
        """A complaint that cannot be acknowledged is told of, and does not hold up the others."""
        first, second = self._receive('new'), self._receive('chinese')
        origin = type(first)._acknowledge

        def fail(complaint):
            if complaint == first:
                raise ValueError("no")
            return origin(complaint)

        logger = 'odoo.addons.crm_scp_core.models.complaint.scp_complaint_answer'
        with patch.object(type(first), '_acknowledge', fail), self.assertLogs(logger, 'ERROR'):
            self._run_cron()
        self.assertEqual((first.state, second.state), ('new', 'acknowledged'))
        self.assertIn("could not be sent", self._get_notes(first)[0].body)

    def test_button(self):
        complaint = self._create_complaint(channel='phone')
        self.assertFalse(complaint.acknowledgement_due, "Nobody asked for it")
        with self.mock_mail_gateway():
            complaint.with_user(self.salesman).action_acknowledge()
        self.assertEqual(complaint.state, 'acknowledged')
        self.assertEqual(len(self._new_mails), 1)


@tagged('post_install', '-at_install')
class TestComplaintDuplicates(ContactCommon):

    def test_hint(self):
        order = self._create_order(self.anvil, 100.0, '2026-10-01')
        first = self._create_complaint(self.anna, sale_order_id=order.id)
        same = self._create_complaint(self.ben, sale_order_id=order.id)
        plain = self._create_complaint(self.anna)
        self._create_complaint(self.bolt)
        self.assertEqual(same.duplicate_ids, first)
        self.assertEqual(first.duplicate_ids, same)
        self.assertFalse(plain.duplicate_ids)
        plain.product_id = first.product_id = self.product
        self.assertEqual(plain.duplicate_ids, first)

    def test_thirty_days(self):
        now = fields.Datetime.now()
        old = self._create_complaint(received_at=now - timedelta(days=31))
        near = self._create_complaint(received_at=now - timedelta(days=29))
        complaint = self._create_complaint(received_at=now)
        self.assertEqual(complaint.duplicate_ids, near)
        self.assertEqual(old.duplicate_ids, near)
        near.write({'duplicate_of_id': complaint.id, 'state': 'duplicate'})
        self.env.invalidate_all()
        self.assertFalse(complaint.duplicate_ids)

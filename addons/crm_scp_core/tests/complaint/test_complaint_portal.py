import re
from contextlib import contextmanager
from unittest.mock import patch

from odoo import http
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.sql_db import Cursor
from odoo.tests import HttpCase, tagged
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger
from odoo.tools.misc import file_open

from odoo.addons.crm_scp_core.tests.complaint.contact_common import ContactCommon

WRITES = re.compile(r'^\s*(?:INSERT|UPDATE|DELETE)\s', re.IGNORECASE)


class PortalCommon(ContactCommon, HttpCase):
    """Anna and Ben of Anvil Works and Olga of Bolt Ltd may log in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.olga = cls.env['res.partner'].create({
            'name': "Olga Other", 'parent_id': cls.bolt.id, 'email': 'olga@bolt.example.com',
        })
        cls.user_anna, cls.user_ben, cls.user_olga = cls.env['res.users'].create([
            {'name': partner.name, 'login': login, 'password': login, 'partner_id': partner.id,
             'company_id': cls.company.id, 'company_ids': [Command.set(cls.company.ids)],
             'group_ids': [Command.set([cls.env.ref('base.group_portal').id])]}
            for partner, login in (
                (cls.anna, 'scp_portal_anna'), (cls.ben, 'scp_portal_ben'), (cls.olga, 'scp_portal_olga'),
            )
        ])
        cls.salesman.password = cls.salesman.login

    def _login(self, user):
        self.authenticate(user.login, user.login)

    def _post(self, url, files=None, **data):
        """POST as the form of the page does."""
        if not self.session:
            self.authenticate(None, None)
        return self.url_open(
            url, data={'csrf_token': http.Request.csrf_token(self), **data}, files=files,
            allow_redirects=False,
        )

    @contextmanager
    def _assert_nothing_written(self):
        origin, written = Cursor.execute, []

        def execute(cursor, query, *args, **kwargs):
            text = query.code if hasattr(query, 'code') else str(query)
            if WRITES.match(text):
                written.append(text[:200])
            return origin(cursor, query, *args, **kwargs)

        with patch.object(Cursor, 'execute', execute):
            yield
        self.assertFalse(written)


@tagged('post_install', '-at_install')
class TestComplaintPortal(PortalCommon):

    # === WHO SEES WHAT ===#

    def test_list(self):
        mine = self._create_complaint(name="Anna's valve")
        self._create_complaint(self.olga, name="Olga's bolt")
        for user, seen in ((self.user_anna, True), (self.user_ben, True), (self.user_olga, False)):
            self._login(user)
            page = self.url_open('/my/complaints').text
            self.assertEqual((mine.number in page, "Olga&#39;s bolt" in page), (seen, not seen), user.name)
            counters = self.make_jsonrpc_request('/my/counters', {'counters': ['complaint_count']})
            self.assertEqual(counters['complaint_count'], 1)
        self.assertIn('/my/complaints', self.url_open('/my/home').text)

    def test_page(self):
        """Own and colleague's cases open; a stranger is told the same as of a case that is not there."""
        complaint = self._create_complaint()
        gone = self._create_complaint()
        gone_id = gone.id
        gone.unlink()
        for user in (self.user_anna, self.user_ben):
            self._login(user)
            self.assertIn(complaint.number, self.url_open(f'/my/complaints/{complaint.id}').text)
        self._login(self.user_olga)
        answers = [self.url_open(f'/my/complaints/{id_}') for id_ in (complaint.id, gone_id)]
        self.assertEqual([answer.status_code for answer in answers], [404, 404])
        self.assertNotIn(complaint.number, answers[0].text)
        for route in ('reply', 'proposal', 'rate', 'follow'):
            statuses = [
                self._post(
                    f'/my/complaints/{id_}/{route}', answer='accept', text="x", rate='1', follow='yes',
                ).status_code
                for id_ in (complaint.id, gone_id)
            ]
            self.assertEqual(statuses, [404, 404], route)

    def test_follower_of_another_customer(self):
        """Who follows gets the mails, but opens no page."""
        complaint = self._create_complaint()
        complaint.message_subscribe(self.olga.ids)
        message = self._respond(complaint)
        self._login(self.user_olga)
        self.assertEqual(self.url_open(f'/my/complaints/{complaint.id}').status_code, 404)
        self.assertNotIn(complaint.id, complaint.with_user(self.user_olga).search([]).ids)
        self.assertFalse(complaint.with_user(self.user_olga).has_access('read'))
        self.assertIn(self.olga, message.notified_partner_ids)

    def test_other_company(self):
        """What was filed with another of our companies shows to users of that company only."""
        complaint = self._create_complaint(company_id=self.other_company.id, team_id=False)
        self._login(self.user_anna)
        page = self.url_open(f'/my/complaints/{complaint.id}')
        self.assertEqual(page.status_code, 404)

    def test_token(self):
        complaint = self._create_complaint()
        token = complaint._portal_ensure_token()
        url = f'/my/complaints/{complaint.id}'
        page = self.url_open(f'{url}?access_token={token}').text
        self.assertIn(complaint.number, page)
        self.assertNotIn(f'action="{url}/reply', page)
        self.assertNotIn("Anna", page)
        self.assertEqual(self.url_open(f'{url}?access_token=wrong').status_code, 404)
        login = self.url_open(url, allow_redirects=False)
        self.assertIn('/web/login', login.headers['Location'])
        # the token reads: nothing can be written with it, by form or by the portal's chatter
        count = len(complaint.message_ids)
        self._post(f'{url}/reply?access_token={token}', text="I write", key='1')
        with mute_logger('odoo.http'):
            for params in (
                {'token': token},
                {'pid': self.anna.id, 'hash': complaint._sign_token(self.anna.id)},
            ):
                arguments = {'thread_model': 'scp.complaint', 'thread_id': complaint.id, **params}
                with self.subTest(params=params):
                    with self.assertRaises(JsonRpcException):
                        self.make_jsonrpc_request(
                            '/mail/message/post', {**arguments, 'post_data': {'body': "I write"}},
                        )
                    self.assertFalse(self._fetch_chatter(arguments))
        self.assertEqual(len(complaint.message_ids), count)

    def _fetch_chatter(self, arguments):
        try:
            return self.make_jsonrpc_request('/mail/chatter_fetch', arguments)['messages']
        except JsonRpcException:
            return []

    def test_read_only_for_employees(self):
        complaint = self._create_complaint()
        self._login(self.salesman)
        page = self.url_open(f'/my/complaints/{complaint.id}').text
        self.assertIn(complaint.number, page)
        self.assertNotIn('/reply', page)
        self.assertEqual(self._post(f'/my/complaints/{complaint.id}/reply', text="x").status_code, 404)

    # === WHAT IS SHOWN ===#

    def test_nothing_internal(self):
        complaint = self._create_complaint(user_id=self.salesman.id, accused_user_id=self.mate.id)
        cause = self.env['scp.complaint.cause'].create({'name': "Secret cause", 'kind': 'occurrence'})
        complaint.write({
            'occurrence_cause_id': cause.id, 'd4': "<p>Secret analysis</p>", 'decision': "<p>Secret draft</p>",
            'cost_ids': [Command.create({'name': "Secret cost", 'kind': 'goods', 'amount': 4711.0})],
        })
        secret = complaint.with_user(self.salesman).message_post(
            body="Secret note", subtype_xmlid='mail.mt_note',
            attachments=[('secret.txt', b"Secret file")],
        )
        supplier = self._create_partner("Secret Supplier", email='secret@supplier.example.com')
        complaint.message_post(
            author_id=supplier.id, body="Secret words of a supplier", message_type='email',
            subtype_xmlid='mail.mt_comment', attachments=[('words.txt', b"Secret words")],
        )
        self._respond(complaint, attachments=[('answer.txt', b"Open file")])
        self._login(self.user_anna)
        page = self.url_open(f'/my/complaints/{complaint.id}').text
        self.assertIn("You get a new one.", page)
        for word in ("Secret", "secret", "4711", "4,711", self.mate.name, self.salesman.name):
            self.assertNotIn(word, page)

        files = {file.name: file for file in complaint.message_ids.attachment_ids}
        url = f'/my/complaints/{complaint.id}/file'
        self.assertEqual(self.url_open(f"{url}/{files['answer.txt'].id}").content, b"Open file")
        for name in ('secret.txt', 'words.txt'):
            self.assertEqual(self.url_open(f'{url}/{files[name].id}').status_code, 404, name)
            self.assertNotIn(b"Secret", self.url_open(f'/web/content/{files[name].id}').content, name)

        # nor by remote calls
        Message = self.env['mail.message'].with_user(self.user_anna)
        found = Message.search([('model', '=', 'scp.complaint'), ('res_id', '=', complaint.id)])
        self.assertNotIn(secret.id, found.ids)
        self.assertNotIn(supplier, found.sudo().author_id)

    def test_timeline(self):
        complaint = self._create_complaint(description="<p>It leaks.</p>")
        complaint._post_as_customer(self.anna, "It leaks.", [('leak.txt', b"wet")])
        complaint._post_as_customer(self.ben, "It still leaks.")
        self._respond(complaint)
        values = complaint._prepare_portal_values(self.anna)
        self.assertEqual([file['name'] for file in values['files']], ['leak.txt'])
        self.assertEqual(
            [(entry['kind'], entry['who']) for entry in values['timeline'] if entry['kind'] != 'event'],
            [('customer', "Your company"), ('company', "SCP Test Works")],
        )
        bens = [entry['who'] for entry in complaint._prepare_portal_values(self.ben)['timeline']]
        self.assertIn("You", bens)
        self.assertNotIn("Your company", bens)

    def test_decision_only_once_told(self):
        complaint = self._create_complaint(decision="<p>Draft</p>", is_justified='yes', remedy='refund')
        self.assertFalse(complaint._prepare_portal_values(self.anna)['decision'])
        self._respond(complaint)
        self.assertIn("Draft", complaint._prepare_portal_values(self.anna)['decision'])

    def test_reading_writes_nothing(self):
        complaint = self._create_complaint()
        self._resolve(complaint)
        self._respond(complaint, attachments=[('answer.txt', b"Open file")])
        rating = complaint._get_open_rating()
        attachment = complaint.message_ids.attachment_ids
        self._login(self.user_anna)
        self.url_open('/my/complaints')  # warm: assets and sessions
        with self._assert_nothing_written():
            for url in (
                '/my/complaints', f'/my/complaints/{complaint.id}', '/my/complaints/new',
                f'/my/complaints/{complaint.id}/file/{attachment.id}',
                f'/complaints/feedback/{rating.access_token}?rate=1',
            ):
                self.assertEqual(self.url_open(url).status_code, 200, url)
        self.assertFalse(rating.consumed)

    # === WRITING ===#

    def test_file(self):
        order = self._create_order(self.anvil, 100.0, '2026-10-01')
        self._login(self.user_anna)
        with file_open('crm_scp_core/static/description/icon.png', 'rb') as picture:
            photo = picture.read()
        data = {
            'subject': "Gasket torn", 'description': "It was torn\nwhen we opened the box.",
            'order': order.name, 'remedy': 'replacement', 'reference': "A-17", 'key': 'k1',
        }
        answer = self._post('/my/complaints/new', files={'files': ('torn.png', photo)}, **data)
        complaint = self.Complaint.search([('name', '=', "Gasket torn")])
        self.assertEqual(answer.status_code, 303)
        self.assertIn(f'/my/complaints/{complaint.id}', answer.headers['Location'])
        self.assertRecordValues(complaint, [{
            'partner_id': self.anna.id, 'company_id': self.company.id, 'channel': 'portal',
            'team_id': self.care.id, 'user_id': False, 'sale_order_id': order.id,
            'remedy_sought': 'replacement', 'identifier': "A-17", 'state': 'new',
            'acknowledgement_due': True, 'awaits_response': True, 'first_response_at': False,
        }])
        self.assertEqual(complaint.message_ids.attachment_ids.raw, photo)
        self.assertIn(self.anna, complaint.message_partner_ids)
        # the button pressed twice
        again = self._post('/my/complaints/new', **data)
        self.assertEqual(again.headers['Location'], answer.headers['Location'])
        self.assertEqual(self.Complaint.search_count([('name', '=', "Gasket torn")]), 1)

    def test_file_what_is_wrong(self):
        order = self._create_order(self.bolt, 100.0, '2026-10-01')
        self._login(self.user_anna)
        good = {'subject': "Gasket torn", 'description': "Torn.", 'key': 'k1'}
        for wrong, files, sentence in (
            ({'subject': " "}, None, "Subject: say in a few words"),
            ({'description': ""}, None, "Description: tell what happened"),
            ({'order': order.name}, None, f"Order: {order.name} is not an order of yours"),
            ({'order': "S-nobody"}, None, "Order: S-nobody is not an order of yours"),
            ({'remedy': "gold"}, None, "Remedy: gold is not one of the choices"),
            ({}, {'files': ('run.exe', b"MZ")}, "File run.exe: this kind of file is not accepted"),
            ({}, {'files': ('photo.png', b"no photo")}, "File photo.png is not what its name says"),
            ({}, [('files', (f'{i}.txt', b"x")) for i in range(11)], "Files: at most 10 at once"),
        ):
            page = self._post('/my/complaints/new', files=files, **{**good, **wrong})
            self.assertIn(sentence, page.text)
            self.assertIn("Gasket torn" if 'subject' not in wrong else "Torn.", page.text, "Nothing typed is lost")
        self.assertFalse(self.Complaint.search([('name', '=', "Gasket torn")]))

    def test_csrf(self):
        complaint = self._create_complaint()
        self._login(self.user_anna)
        with mute_logger('odoo.http'):
            for url in ('/my/complaints/new', f'/my/complaints/{complaint.id}/reply',
                        f'/my/complaints/{complaint.id}/proposal', f'/my/complaints/{complaint.id}/rate',
                        f'/my/complaints/{complaint.id}/follow'):
                self.assertEqual(self.url_open(url, data={'text': "x", 'subject': "x"}).status_code, 400, url)

    def test_reply(self):
        complaint = self._create_complaint()
        self._respond(complaint)
        url = f'/my/complaints/{complaint.id}/reply'
        self._login(self.user_ben)
        for _again in range(2):
            answer = self._post(url, text="When?", key='k1', files={'files': ('a.txt', b"text")})
            self.assertEqual(answer.status_code, 303)
        message = complaint.message_ids[0]
        self.assertEqual((message.author_id, message.attachment_ids.name), (self.ben, 'a.txt'))
        self.assertEqual(len(complaint.message_ids.filtered(lambda m: "When?" in m.body)), 1)
        self.assertTrue(complaint.awaits_response)
        self.assertIn("Message: write something", self._post(url, text=" ").text)
        page = self._post(url, text="With a program", files={'files': ('run.exe', b"MZ")}).text
        self.assertIn("File run.exe", page)
        self.assertIn("With a program", page, "Nothing typed is lost")

    def test_accept(self):
        complaint = self._create_complaint()
        self._decide(complaint)
        complaint.state = 'proposed'
        url = f'/my/complaints/{complaint.id}/proposal'
        self._login(self.user_anna)
        self.assertIn(f'action="{url}"', self.url_open(f'/my/complaints/{complaint.id}').text)
        for _again in range(2):
            self.assertEqual(self._post(url, answer='accept').status_code, 303)
        self.assertEqual((complaint.state, complaint.proposal_answer, complaint.cycle), ('resolved', 'accepted', 1))
        self.assertEqual(len(complaint.message_ids.filtered(lambda m: "I accept" in m.body)), 1)

    def test_accept_before_the_causes_are_known(self):
        complaint = self._create_complaint(user_id=self.salesman.id)
        self._decide(complaint)
        complaint.write({'severity': 's1', 'state': 'proposed'})
        self._login(self.user_anna)
        self._post(f'/my/complaints/{complaint.id}/proposal', answer='accept')
        self.assertEqual((complaint.state, complaint.proposal_answer), ('proposed', 'accepted'))
        self.assertIn(complaint.number, complaint.activity_ids.filtered(
            lambda activity: activity.user_id == self.salesman
        ).mapped('summary')[-1])
        # another decision is another proposal
        complaint.remedy = 'refund'
        self.assertTrue(complaint._is_proposal_open())

    def test_refuse(self):
        complaint = self._create_complaint()
        self._decide(complaint)
        complaint.state = 'proposed'
        url = f'/my/complaints/{complaint.id}/proposal'
        self._login(self.user_anna)
        self.assertIn("Reason: tell us why", self._post(url, answer='reject', reason=" ").text)
        self.assertEqual(complaint.state, 'proposed')
        for _again in range(2):
            self.assertEqual(self._post(url, answer='reject', reason="Too late").status_code, 303)
        self.assertEqual((complaint.state, complaint.proposal_answer), ('investigating', 'rejected'))
        self.assertEqual(len(complaint.message_ids.filtered(lambda m: "Too late" in m.body)), 1)
        # nothing is left to accept
        self._post(url, answer='accept')
        self.assertEqual(complaint.proposal_answer, 'rejected')

    def test_rate(self):
        complaint = self._create_complaint()
        url = f'/my/complaints/{complaint.id}/rate'
        self._login(self.user_anna)
        self._post(url, rate='5')
        self.assertFalse(complaint.rating_ids, "There is no result to rate yet")
        self._resolve(complaint)
        self.assertIn("Satisfaction: choose", self._post(url, rate='9').text)
        for _again in range(2):
            self._post(url, rate='4', solved='yes', comment="Fine")
        self.assertEqual(complaint.rating_ids.mapped('rating'), [4.0])
        self.assertEqual((complaint.feedback_solved, complaint.state), ('yes', 'resolved'))

    def test_colleague_follows(self):
        """Whoever reads the case may have its mails sent to himself, and to nobody else."""
        complaint = self._create_complaint()
        url = f'/my/complaints/{complaint.id}/follow'
        self._login(self.user_ben)
        self.assertNotIn(self.ben, self._respond(complaint).notified_partner_ids)
        for _again in range(2):
            self.assertEqual(self._post(url, follow='yes').status_code, 303)
        self.assertIn(self.ben, self._respond(complaint).notified_partner_ids)
        note = complaint.with_user(self.salesman).message_post(body="Among us", subtype_xmlid='mail.mt_note')
        self.assertNotIn(self.ben, note.notified_partner_ids)
        self.assertIn('value="no"', self.url_open(f'/my/complaints/{complaint.id}').text)
        self._post(url, follow='no')
        self.assertNotIn(self.ben, complaint.message_partner_ids)
        self.assertEqual(self._post(url, follow='maybe').status_code, 404)
        with self.assertRaises(AccessError):
            complaint.with_user(self.user_ben).message_subscribe(self.anna.ids)
        complaint.with_user(self.user_olga).message_subscribe(self.olga.ids)
        self._login(self.user_olga)
        self.assertEqual(self._post(url, follow='yes').status_code, 404)
        self._login(self.salesman)
        self.assertEqual(self._post(url, follow='yes').status_code, 404)
        self.assertFalse((self.ben | self.olga) & complaint.message_partner_ids)

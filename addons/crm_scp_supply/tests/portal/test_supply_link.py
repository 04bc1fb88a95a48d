import re
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import SupplyPortalCommon


@tagged('post_install', '-at_install')
class TestSupplyLink(SupplyPortalCommon):
    """A supplier without a login confirms by the link of a mail."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.works.email = 'orders@rope.example.com'
        cls.order = cls._create_purchase((cls.rope, 10))
        cls.line = cls.order.order_line

    def _ask(self, order=None):
        """Ask as the buyer; return the token of the mail."""
        known = self.env['mail.mail'].search([])
        (order or self.order).with_user(self.buyer).action_scp_ask_confirmation()
        self.mail = self.env['mail.mail'].search([]) - known
        return re.search(r'/supply/confirm/([\w-]+)', self.mail.body_html)[1]

    def _get_answers(self, token):
        """What GET and POST say to a link: status and page, without what differs from page to page."""
        answers = []
        for response in (
            self.url_open(f'/supply/confirm/{token}'), self._post(f'/supply/confirm/{token}', {}),
        ):
            if response.status_code == 303:
                response = self.url_open(response.headers['Location'])
            text = re.sub(r'csrf_token: "[^"]*"|/supply/confirm/[\w-]+', '', response.text)
            answers.append((response.status_code, text))
        return answers

    def test_confirmed_without_login(self):
        token = self._ask()
        self.assertEqual(self.mail.email_to, self.works.email_formatted)
        self.authenticate(None, None)
        with self._assert_nothing_written():
            page = self.url_open(f'/supply/confirm/{token}')
        self.assertEqual((page.status_code, page.headers['Referrer-Policy']), (200, 'no-referrer'))
        self.assertIn(f'action="/supply/confirm/{token}"', page.text)
        answer = self._post(f'/supply/confirm/{token}', self._get_form(self.order, {self.line: [(self._day(), 10)]}))
        self.assertEqual(answer.status_code, 303)
        row = self._get_promises(self.line)[-1]
        self.assertEqual((row.kind, row.unconfirmed, row.source), ('baseline', False, 'portal'))
        self.assertTrue(self.order.acknowledged)
        [note] = self.order.message_ids.filtered(lambda message: "Confirmed in the portal" in message.body)
        self.assertEqual(note.author_id, self.works)
        self.assertIn("Your confirmation has been saved", self.url_open(answer.headers['Location']).text)

    def test_wrong_answer(self):
        """The same rules as in the portal: the page says what is wrong, nothing is written."""
        token = self._ask()
        self.authenticate(None, None)
        form = self._get_form(self.order, {self.line: [(self._day(), 99)]})
        self.assertIn("at most 11 are agreed", self._post(f'/supply/confirm/{token}', form).text)
        self.assertTrue(self._get_promises(self.line)[-1].unconfirmed)

    def test_one_answer_to_whatever_opens_nothing(self):
        """Unknown, expired, withdrawn, about a cancelled order, of a former supplier, without a policy."""
        self.authenticate(None, None)
        unknown = self._get_answers('x' * 43)
        self.assertEqual([status for status, _page in unknown], [404, 404])
        self.assertIn("This link is not valid any more", unknown[0][1])
        Link = self.env['scp.portal.link']
        token = self._ask()
        with freeze_time(fields.Datetime.now() + timedelta(days=15)):
            self.assertEqual(self._get_answers(token), unknown, "Expired")
        for spoil in (
            lambda: Link.search([('purchase_order_id', '=', self.order.id)]).unlink(),
            lambda: self.order.button_cancel(),
            lambda: self.order.write({'partner_id': self.loft.id}),
            lambda: self.policy.write({'allow_confirmation': False}),
            lambda: self.supplier_relation.write({'share_policy_id': False}),
        ):
            token = self._ask()
            with self.env.cr.savepoint() as savepoint:
                spoil()
                self.env.flush_all()
                self.assertEqual(self._get_answers(token), unknown)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_for_one_order_alone(self):
        """A link opens its order, and neither another one nor Odoo's page of it."""
        other = self._create_purchase((self.rope, 5))
        token = self._ask()
        self.authenticate(None, None)
        form = self._get_form(other, {other.order_line: [(self._day(), 5)]})
        self._post(f'/supply/confirm/{token}', form)
        self.assertTrue(self._get_promises(other.order_line)[-1].unconfirmed)
        for url in (f'/my/purchase/{self.order.id}', f'/my/supply/purchases/{self.order.id}'):
            answer = self.url_open(f'{url}?access_token={token}', allow_redirects=False)
            self.assertIn(answer.status_code, (302, 303))
            self.assertNotIn(self.order.name, answer.text)

    def test_token_is_nowhere(self):
        """Neither the table nor the chatter of the order holds what opens it."""
        token = self._ask()
        self.env.flush_all()
        self.env.cr.execute("SELECT to_jsonb(link)::text FROM scp_portal_link link")
        self.assertNotIn(token, str(self.env.cr.fetchall()))
        self.assertNotIn(token, str(self.order.message_ids.mapped('body')))
        self.assertFalse(self.mail.mail_message_id.res_id)
        self.assertTrue(self.mail.auto_delete)
        admin = self.env.ref('base.user_admin')
        self.assertNotIn('token_hash', self.env['scp.portal.link'].with_user(admin).fields_get())

    def test_who_cannot_be_asked(self):
        for change, reason in (
            (lambda: self.works.write({'email': False}), "has no email address"),
            (lambda: self.policy.write({'allow_confirmation': False}), "is not allowed to confirm"),
            (lambda: self.order.button_cancel(), "has nothing to confirm"),
        ):
            with self.subTest(reason), self.env.cr.savepoint() as savepoint:
                change()
                with self.assertRaisesRegex(UserError, reason):
                    self.order.with_user(self.buyer).action_scp_ask_confirmation()
                savepoint.rollback()
            self.env.invalidate_all()

    def test_acknowledging_in_odoos_page(self):
        """The link in Odoo's mail asks first: a scanner that opens it acknowledges nothing."""
        self.authenticate(None, None)
        url = self.order.get_acknowledge_url()
        with self._assert_nothing_written():
            page = self.url_open(url)
        self.assertIn('name="acknowledge"', page.text)
        self.assertFalse(self.order.acknowledged)
        self._post(self.order.get_portal_url(), {'acknowledge': '1'})
        self.assertTrue(self.order.acknowledged)
        self.assertFalse(self._get_promises(self.line)[-1].unconfirmed)

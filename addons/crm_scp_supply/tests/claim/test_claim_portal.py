from odoo import Command
from odoo.tests import tagged

from ..portal.common import SupplyPortalCommon

URL = '/my/supply/claims'
PDF = ('files', ('test.pdf', b'%PDF-1.4 test', 'application/pdf'))
EXE = ('files', ('virus.exe', b'MZ', 'application/x-dosexec'))


@tagged('post_install', '-at_install')
class TestClaimPortal(SupplyPortalCommon):
    """Rope Works is claimed 120.00 because ropes tore at Harbour Yard; a second claim is a draft."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.share_claims = True
        complaint = cls.env['scp.complaint'].create({'name': "Ropes tear", 'partner_id': cls.yard.id})
        cls.claim, cls.draft = cls.env['scp.supplier.claim'].create([{
            'name': "Harbour Yard is angry", 'partner_id': cls.works.id, 'user_id': cls.buyer.id,
            'complaint_id': complaint.id, 'fault': "Torn strands",
            'line_ids': [
                Command.create({'kind': 'goods', 'amount': 100, 'name': "Ropes of Harbour Yard"}),
                Command.create({'kind': 'freight', 'amount': 20}),
            ],
        } for _index in range(2)])
        cls.claim.action_send()

    def _answer(self, answer='accept', text='', claim=None, version=None, **kwargs):
        claim = claim or self.claim
        return self._post(f'{URL}/{claim.id}/answer', {
            'answer': answer, 'text': text, 'version': claim._scp_get_version() if version is None else version,
        }, **kwargs)

    def _get_messages(self):
        return self.claim.message_ids.filtered(
            lambda message: message.author_id == self.rob.partner_id and message.message_type == 'comment')

    def test_pages(self):
        """Everybody at the supplier reads the claim, and nothing of who complained or of our own words."""
        for user in (self.rob, self.ria):
            self._login(user)
            page = self.url_open(URL).text
            self.assertIn(f'{URL}/{self.claim.id}"', page)
            self.assertNotIn(f'{URL}/{self.draft.id}"', page)
            with self._assert_nothing_written():
                page = self.url_open(f'{URL}/{self.claim.id}').text
            for text in (self.claim.number, "120.00", "Torn strands", "Answer needed"):
                self.assertIn(text, page)
            for text in ("Harbour", "Ropes tear", self.buyer.name, "Freight"):
                self.assertNotIn(text, page)
        self.policy.share_claim_costs = True
        page = self.url_open(f'{URL}/{self.claim.id}').text
        for text in ("Freight", "Goods", "20.00"):
            self.assertIn(text, page)
        self.assertNotIn("Harbour", page)
        self.assertIn(URL, self.url_open('/my').text)

    def test_not_yours_is_not_there(self):
        """Another's, a draft, one that does not exist, a policy that does not share: all the same, for GET and POST."""
        def get_answer(user, claim_id):
            self._login(user)
            answer = self.url_open(f'{URL}/{claim_id}')
            return answer.status_code, len(answer.content)

        missing = get_answer(self.rob, 2**31 - 5)
        self.assertEqual(missing[0], 404)
        self.assertEqual(get_answer(self.rob, self.draft.id), missing)
        self.assertEqual(get_answer(self.sam, self.claim.id), get_answer(self.sam, 2**31 - 5))
        for user in (self.sam, self.hanna):
            self._login(user)
            self.assertEqual(self._answer().status_code, 404)
        self._login(self.rob)
        self.assertEqual(self._answer(claim=self.draft, version='').status_code, 404)
        self.policy.share_claims = False
        self.assertEqual(self.url_open(URL).status_code, 404)
        self.assertEqual(self._answer().status_code, 404)
        self.assertEqual(self.claim.state, 'sent')
        self.authenticate(None, None)
        self.assertIn('/web/login', self.url_open(f'{URL}/{self.claim.id}').url)

    def test_reading_answers_nothing(self):
        self._login(self.rob)
        self.assertIn(self.url_open(f'{URL}/{self.claim.id}/answer?answer=accept').status_code, (404, 405))
        self.assertEqual(self.claim.state, 'sent')

    def test_accept(self):
        """Sent twice it counts once; the responsible is told."""
        self._login(self.rob)
        version = self.claim._scp_get_version()
        for _time in range(2):
            answer = self._answer(version=version)
            self.assertEqual(
                (answer.status_code, answer.headers['Location']), (303, f'{URL}/{self.claim.id}?done=accept'))
        self.assertEqual((self.claim.state, self.claim.amount_agreed), ('accepted', 120))
        self.assertTrue(self.claim.answered_at)
        self.assertEqual(len(self._get_messages()), 1)
        self.assertEqual(self.claim.activity_ids.mapped('user_id'), self.buyer)
        page = self.url_open(f'{URL}/{self.claim.id}').text
        self.assertNotIn('name="version"', page, "answered: no form any more")

    def test_dispute(self):
        """With a reason and a file; an employee finds both, and the claim can be sent again with a lower sum."""
        self._login(self.rob)
        self.assertIn("say why you dispute", self._answer('dispute', ' ').text)
        self.assertEqual(self.claim.state, 'sent')
        answer = self._answer('dispute', "Wrong use <b>", files=[PDF])
        self.assertEqual(answer.status_code, 303)
        self.assertEqual((self.claim.state, self.claim.answer), ('disputed', "Wrong use <b>"))
        message = self._get_messages()
        self.assertEqual(message.attachment_ids.mapped('name'), ['test.pdf'])
        self.assertIn("Wrong use &lt;b&gt;", message.body)
        self.claim.amount_agreed = 60
        self.claim.action_send()
        self.env.flush_all()
        page = self.url_open(f'{URL}/{self.claim.id}').text
        for text in ("60.00", "instead of", "120.00", "Answer needed"):
            self.assertIn(text, page)

    def test_refused(self):
        """Said on the page, with what was typed; and nothing is written."""
        self._login(self.rob)
        page = self._answer('dispute', "x" * 501).text
        self.assertIn("at most 500 characters", page)
        self.assertIn("x" * 501, page)
        self.assertIn("accept the claim or dispute it", self._answer('perhaps').text)
        page = self._answer('dispute', "See file", files=[EXE]).text
        self.assertIn("virus.exe", page)
        self.assertEqual((self.claim.state, self.claim.answer), ('sent', False))

    def test_stale_page(self):
        """Answered by a colleague, or changed by us, since the page was opened."""
        version = self.claim._scp_get_version()
        self._login(self.rob)
        self.assertEqual(self._answer('dispute', "No").status_code, 303)
        self._login(self.ria)
        self.assertIn("answered or changed meanwhile", self._answer(version=version).text)
        self.assertEqual(self.claim.state, 'disputed')
        self.claim.amount_agreed = 60
        self.claim.action_send()
        self.assertIn("answered or changed meanwhile", self._answer(version=version).text)
        self.claim.action_withdraw()
        self.assertIn("answered or changed meanwhile", self._answer().text)
        self.assertEqual(self.claim.state, 'withdrawn')

    def test_no_records_by_rpc(self):
        """Neither claims nor their lines can be read around the pages."""
        for name in ('', '.line', '.lot', '.report'):
            self.assertFalse(self.env[f'scp.supplier.claim{name}'].with_user(self.rob).has_access('read'), name)

from odoo.tests import tagged
from odoo.tools import file_open

from .common import ScorecardCommon


@tagged('post_install', '-at_install')
class TestScorecardNotice(ScorecardCommon):
    """Partners are told of published scorecards by mail, where the company and the share policy say so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.scp_scorecard_mail = True
        cls.policy = cls.env['scp.share.policy'].create({'name': "Test", 'share_scorecard': True})
        cls.relation.share_policy_id = cls.policy
        cls.vendor.email = 'office@rope.example.com'

    def _publish(self):
        """Publish a card of 67.33 points; the mails that come of it."""
        before = self.env['mail.mail'].search([])
        self.card = self._score(publish=True)
        return self.env['mail.mail'].search([]) - before

    def test_who_can_log_in_is_told(self):
        """What the card says and where it is."""
        mail = self._publish()
        self.assertEqual((len(mail), mail.recipient_ids, mail.state), (1, self.supplier.partner_id, 'outgoing'))
        self.assertIn(self.env.company.name, mail.subject)
        self.assertIn("March 2026", mail.subject)
        for text in ("67.33", "Silver", f'/my/supply/scorecards/{self.card.id}', "can be read now"):
            self.assertIn(text, mail.body_html)

    def test_company_is_told(self):
        """Nobody there can log in."""
        self.supplier.active = False
        self.assertEqual(self._publish().recipient_ids, self.vendor)

    def test_correction_is_told(self):
        """The second mail says what was corrected; the card it replaces is not mentioned."""
        self._publish()
        before = self.env['mail.mail'].search([])
        version = self.card._correct(self.card.line_ids[0], 100, 3, "All three were in time.")
        mail = self.env['mail.mail'].search([]) - before
        self.assertEqual(len(mail), 1)
        for text in ("All three were in time.", f'/my/supply/scorecards/{version.id}'):
            self.assertIn(text, mail.body_html)

    def test_switch_off(self):
        self.env.company.scp_scorecard_mail = False
        self.assertFalse(self._publish())

    def test_policy_does_not_share(self):
        self.policy.share_scorecard = False
        self.assertFalse(self._publish())
        self.assertEqual(self.card.state, 'published')

    def test_without_address(self):
        (self.vendor | self.supplier.partner_id).email = False
        self.assertFalse(self._publish())

    def test_copies_tell_nobody(self):
        self.env.flush_all()
        with file_open('crm_scp_supply/data/neutralize.sql') as statements:
            self.env.cr.execute(statements.read())
        self.env.invalidate_all()
        self.assertFalse(self.env.company.scp_scorecard_mail)

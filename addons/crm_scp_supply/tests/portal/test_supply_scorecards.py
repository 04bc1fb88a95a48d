from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .common import SupplyPortalCommon

URL = '/my/supply/scorecards'


@tagged('post_install', '-at_install')
class TestSupplyScorecards(SupplyPortalCommon):
    """Rope Works was assessed twice: the first card was frozen and published, the second is a draft."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['scp.scorecard.template'].search([]).state = 'draft'
        cls.policy.share_scorecard = True
        cls.supplier_relation.user_id = cls.buyer
        cls.template = cls.env['scp.scorecard.template'].create({
            'name': "Rope suppliers", 'period': 'month', 'date_start': fields.Date.today() - timedelta(days=40),
            'criterion_ids': [
                Command.create({'code': 'manual', 'name': "Service", 'weight': 60}),
                Command.create({'code': 'price_drift', 'weight': 40, 'floor': 10, 'target': 0}),
            ],
            'standing_ids': [Command.create({'name': "Gold", 'min_score': 0})],
        })
        first, second = (
            cls.template._prepare_cards(fields.Date.today() - timedelta(days=days)).filtered(
                lambda card: card.partner_id == cls.works) for days in (40, 0))
        cls.card, cls.draft = first, second
        cls.line = first.line_ids[0]
        cls.line.write({'value': 70, 'note': "Do not tell them"})
        first._freeze()
        first._publish()

    def _dispute(self, text="We came at once", line=None, card=None):
        return self._post(f'{URL}/{(card or self.card).id}/dispute', {
            'line_id': str((line or self.line).id), 'text': text})

    def test_pages(self):
        """Everybody at the company reads the published card, and nothing that is ours alone."""
        for user in (self.rob, self.ria):
            self._login(user)
            page = self.url_open(URL).text
            self.assertIn(f'{URL}/{self.card.id}', page)
            self.assertNotIn(f'{URL}/{self.draft.id}', page)
            with self._assert_nothing_written():
                page = self.url_open(f'{URL}/{self.card.id}').text
            for text in ("Rope suppliers", "Gold", '>42 <', "70.0 points", "Not rated"):
                self.assertIn(text, page)
            for text in ("Do not tell them", self.buyer.name):
                self.assertNotIn(text, page)

    def test_not_yours_is_not_there(self):
        """Another's card, a draft, one that does not exist, a policy that does not share: all the same."""
        def get_answer(user, card_id):
            self._login(user)
            answer = self.url_open(f'{URL}/{card_id}')
            return answer.status_code, len(answer.content)

        status, _length = missing = get_answer(self.rob, 2**31 - 5)
        self.assertEqual(status, 404)
        self.assertEqual(get_answer(self.rob, self.draft.id), missing)
        self.assertEqual(get_answer(self.sam, self.card.id), get_answer(self.sam, 2**31 - 5))
        self._login(self.hanna)
        self.assertEqual(self._dispute().status_code, 404, "Her company has a relation, but the card is of another")
        self.policy.share_scorecard = False
        self.assertEqual(get_answer(self.rob, self.card.id)[0], 404)
        self.assertEqual(self.url_open(URL).status_code, 404)
        self.assertEqual(self._dispute().status_code, 404)
        self.assertFalse(self.card.dispute_ids)

    def test_dispute(self):
        """Sent twice it counts once; the answer is there for the partner to read, without a name."""
        self._login(self.rob)
        for _time in range(2):
            answer = self._dispute()
            self.assertEqual(answer.status_code, 303)
            self.assertEqual(answer.headers['Location'], f'{URL}/{self.card.id}?done=dispute')
        self.assertEqual(self.card.dispute_ids.entry_ids.mapped('text'), ["We came at once"])
        self.assertEqual(self.card.dispute_ids.entry_ids.user_id, self.rob)
        self.assertEqual(self.card.activity_ids.user_id, self.buyer)
        self.card.dispute_ids.with_user(self.buyer)._answer('reply', "When was that?")
        page = self.url_open(f'{URL}/{self.card.id}').text
        self.assertIn("When was that?", page)
        self.assertNotIn(self.buyer.name, page)
        self._dispute("On Monday")
        self.assertEqual(len(self.card.dispute_ids.entry_ids), 3)

    def test_refused(self):
        """Said on the page, with what was typed; and nothing is written."""
        self._login(self.rob)
        self.assertIn("please say why", self._dispute(" ").text)
        page = self._dispute("x" * 501).text
        self.assertIn("at most 500 characters", page)
        self.assertIn("x" * 501, page)
        self.assertIn("not on the scorecard", self._dispute(line=self.draft.line_ids[0]).text)
        self.assertFalse(self.card.dispute_ids)

    def test_stale_page(self):
        """Corrected meanwhile: the old address shows the new version, and an old form changes nothing."""
        self._login(self.rob)
        self._dispute()
        version = self.card.dispute_ids.with_user(self.buyer)._answer('accepted', "Right", 90, 1).sudo()
        page = self.url_open(f'{URL}/{self.card.id}').text
        self.assertIn("90.0 points", page)
        self.assertIn("instead of 70.0 points", page)
        self.assertIn("We came at once", page, "The thread goes on")
        self.assertIn("not on the scorecard any more", self._dispute("Again").text)
        self.assertFalse(version.dispute_ids)
        self.assertNotIn(f'{URL}/{self.card.id}"', self.url_open(URL).text)

    def test_time_over(self):
        self.template.dispute_days = 0
        self.env.cr.execute(
            "UPDATE scp_scorecard SET published_at = published_at - INTERVAL '2 days' WHERE id = %s", [self.card.id])
        self.env.invalidate_all()
        self._login(self.rob)
        self.assertIn("The time to dispute this scorecard is over", self._dispute().text)
        self.assertFalse(self.card.dispute_ids)

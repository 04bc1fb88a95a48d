from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .common import FROZEN, ScorecardCommon


@tagged('post_install', '-at_install')
@freeze_time(FROZEN)
class TestScorecardDispute(ScorecardCommon):

    def _dispute(self, card, code='otif_line_request', text="The third line came on the 6th"):
        return card.with_user(self.supplier).sudo()._scp_dispute(self._get_line(card, code).id, text)

    def _answer(self, dispute, user=None, **values):
        context = dispute.action_answer()['context']
        with Form(self.env['scp.scorecard.answer'].with_user(user or self.buyer).with_context(**context)) as form:
            for name, value in values.items():
                form[name] = value
        return form.save().action_answer()

    def test_accepted(self):
        """All three lines were in time: 100 points * 40 %. A new version says so, the old one stays as it was."""
        card = self._score(publish=True)
        dispute = self._dispute(card)
        activity = card.activity_ids
        self.assertEqual((activity.user_id, activity.summary), (self.buyer, "Disputed: OTIF to request, lines"))
        self._answer(dispute, verdict='accepted', value=100, text="Right, it was booked late")
        version = dispute.version_id
        self.assertEqual((version.version, version.state), (2, 'published'))
        self.assertEqual((version.score, version.standing), (94, 'Gold'))
        self.assertEqual((version.replaces_id, version.correction), (card, "Right, it was booked late"))
        line = self._get_line(version, 'otif_line_request')
        self.assertEqual((line.is_corrected, line.value, line.n), (True, 100, 3))
        self.assertAlmostEqual(line.value_before, 200 / 3)
        self.assertEqual((card.state, card.score), ('replaced', 67.33))
        self.assertEqual(card._get_recomputed()[0].score, 67.33)
        self.assertEqual(version.action_check()['params']['type'], 'success')
        self.assertEqual(self.Card._get_standing_cards(self.vendor, self.env.company), {self.vendor: version})
        self.assertFalse(card.activity_ids)
        self.assertEqual(
            dispute.entry_ids.mapped(lambda entry: (entry.kind, entry.is_partner, entry.author_name)),
            [('dispute', True, self.supplier.name), ('accepted', False, self.buyer.name)])

    def test_declined_after_a_talk(self):
        card = self._score(publish=True)
        dispute = self._dispute(card)
        self._answer(dispute, verdict='reply', text="Which transport note?")
        self._dispute(card, text="Note 4711")
        self._answer(dispute, verdict='declined', text="4711 is of the 9th")
        self.assertEqual(dispute.state, 'declined')
        self.assertEqual(dispute.entry_ids.mapped('kind'), ['dispute', 'reply', 'reply', 'declined'])
        self.assertEqual((card.state, card.score), ('published', 67.33))
        self.assertEqual(self._get_line(card, 'otif_line_request').dispute_state, 'declined')
        with self.assertRaisesRegex(UserError, "answered already"):
            dispute._answer('accepted', "Well", 100, 3)

    def test_what_is_open_goes_on(self):
        """A correction of one line leaves the dispute about another open, about the new version."""
        card = self._score(publish=True)
        first, second = self._dispute(card), self._dispute(card, 'manual', "We came each time")
        self._answer(first, verdict='accepted', value=90, text="Right")
        version = first.version_id
        self.assertEqual((second.state, second.line_id), ('open', self._get_line(version, 'manual')))
        self._answer(second, verdict='accepted', value=100, text="Right, too")
        self.assertEqual(second.version_id._get_versions().mapped('version'), [3, 2, 1])
        self.assertEqual(second.version_id.score, 32 + 30 + 30)

    def test_sent_twice(self):
        card = self._score(publish=True)
        self.assertEqual(self._dispute(card), self._dispute(card))
        self.assertEqual(len(card.dispute_ids.entry_ids), 1)
        self.assertEqual(len(card.activity_ids), 1)

    def test_refused(self):
        """With a sentence that names the line, and nothing written."""
        card = self._score(publish=True)
        line = self._get_line(card, 'manual')
        for line_id, text, message in (
            (line.id, "  ", "Assessment: please say why"), (line.id, "x" * 501, "at most 500 characters"),
            (0, "Why?", "not on the scorecard"), ("abc", "Why?", "not on the scorecard"),
        ):
            with self.assertRaisesRegex(UserError, message):
                card._scp_dispute(line_id, text)
        with freeze_time('2026-05-12'), self.assertRaisesRegex(UserError, "time to dispute"):
            card._scp_dispute(line.id, "Too late")
        self.assertFalse(card.dispute_ids)

    def test_not_published(self):
        card = self._score()
        with self.assertRaises(UserError):
            self._dispute(card)

    def test_correction_has_to_correct(self):
        dispute = self._dispute(self._score(publish=True))
        with self.assertRaisesRegex(UserError, "enter the right value"):
            self._answer(dispute, verdict='accepted', text="Right")

    def test_who_answers(self):
        """Who may write the card; nobody changes what was said."""
        dispute = self._dispute(self._score(publish=True))
        with self.assertRaises(AccessError):
            dispute.with_user(self.auditor)._answer('declined', "No")
        entry = dispute.entry_ids.sudo()
        for change in (lambda: entry.write({'text': "!"}), entry.unlink):
            with self.assertRaises(UserError):
                change()
        self.assertEqual(dispute.state, 'open')

    def test_record(self):
        """What an auditor asks for (ISO 9001:2015, 8.4.1): criteria, result, action, the dispute and its answer."""
        card = self._score(publish=True)
        dispute = self._dispute(card)
        self._answer(dispute, verdict='accepted', value=100, text="Right, it was booked late")
        version = dispute.version_id
        html, _kind = self.env['ir.actions.report']._render_qweb_html(
            'crm_scp_supply.report_scp_scorecard', version.ids)
        text = html.decode()
        for part in ("8.4.1", "Rope Works", "94 of 100, standing Gold", "OTIF to request, lines", "was 66.7 %",
                     "The third line came on the 6th", "Right, it was booked late", "Corrects version 1"):
            self.assertIn(part, text)

from datetime import date, datetime

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import FROZEN, ScorecardCommon


@tagged('post_install', '-at_install')
class TestScorecardCard(ScorecardCommon):

    def test_score_by_hand(self):
        """2 of 3 lines in time: (66.67 - 50) / 50 = 33.33 points * 40 %; no fault: 100 * 30 %; service 80 * 30 %."""
        card = self._score(kept=2, late=1, service=80)
        self.assertEqual(card.line_ids.mapped('n'), [3, 3, 1])
        self.assertAlmostEqual(card.line_ids[0].value, 200 / 3)
        self.assertAlmostEqual(card.line_ids[0].points, 100 / 3)
        self.assertEqual((card.score, card.coverage, card.standing), (67.33, 100, 'Silver'))
        self.assertEqual((card.state, card.frozen_at), ('frozen', datetime(2026, 4, 10, 9)))
        self.assertEqual(card.line_ids[0].value_text, "66.7 %")

    def test_rejected_goods(self):
        """One line of two with goods sent back: 50 % faulty earns nothing."""
        self._play_kept(1)
        self._play('in', ["3: acknowledge", "6: move 10", "7: return 2 credit"])
        line = self._get_line(self._freeze(self._prepare(), 50), 'fault_share')
        self.assertEqual((line.value, line.points, line.is_rated), (50, 0, True))

    def test_gaps_add_nothing(self):
        """Nobody assessed the service: 80 + 0; with whatever assessment it is no less."""
        self._play_kept(3)
        card = self._freeze(self._prepare())
        self.assertEqual((card.score, card.coverage, card.measured_score, card.standing), (70, 70, 100, 'Silver'))
        self.assertEqual(self._get_line(card, 'manual').value_text, "no data")

    def test_minimum_of_events(self):
        """One line is too few for OTIF: 100 % is not rated, and what is left is too little to rate the card."""
        self._play_kept(1)
        card = self._freeze(self._prepare())
        line = self._get_line(card, 'otif_line_request')
        self.assertEqual((line.value, line.n, line.is_rated, line.points), (100, 1, False, 0))
        self.assertEqual((card.coverage, card.is_rated, card.standing), (30, False, False))

    def test_without_data_not_rated(self):
        """A period without deliveries says nothing, and the standing before stays."""
        first = self._score(kept=0, late=3, service=0)
        self.assertEqual((first.score, first.standing), (30, 'Bronze'))
        second = self._freeze(self._prepare(day=date(2026, 4, 15)), at='2026-05-10 09:00:00')
        self.assertEqual((second.is_rated, second.coverage, second.standing, second.trend), (False, 0, False, 'none'))
        self.assertEqual(self.Card._get_standing_cards(self.vendor, self.env.company), {self.vendor: first})

    def test_frozen_for_good(self):
        """A year later, with other rules and without the facts, its inputs make the same score."""
        card = self._score()
        before = (card.score, card.standing, card.line_ids.mapped('points'))
        self.template.write({'min_coverage': 100, 'criterion_ids': [
            Command.update(self.template.criterion_ids[0].id, {'floor': 0, 'weight': 70}),
            Command.delete(self.template.criterion_ids[1].id),
        ]})
        self.template.standing_ids.filtered(lambda standing: standing.name == 'Gold').min_score = 60
        self.Fact.search([('partner_id', '=', self.vendor.id)]).unlink()
        with freeze_time('2027-04-10'):
            card._measure()
            card._freeze()
            card.invalidate_recordset()
            result, standing = card._get_recomputed()
        self.assertEqual((result.score, standing[1], card.line_ids.mapped('points')), before)
        self.assertEqual((card.score, card.standing), before[:2])
        self.assertEqual(card.action_check()['params']['type'], 'success')

    def test_tampering_shows(self):
        card = self._score()
        self.env.flush_all()
        self.env.cr.execute("UPDATE scp_scorecard_line SET numerator = 3 WHERE card_id = %s", [card.id])
        self.env.invalidate_all()
        self.assertEqual(card.action_check()['params']['type'], 'danger')

    def test_nobody_changes_a_frozen_card(self):
        """Not even the superuser."""
        card = self._score()
        for change in (
            lambda: card.write({'score': 100}), lambda: card.write({'state': 'draft'}),
            lambda: card.line_ids[2].write({'value': 100}), lambda: card.line_ids[2].write({'note': "!"}),
            lambda: card.write({'line_ids': [Command.delete(card.line_ids[0].id)]}),
            lambda: card.line_ids[0].unlink(), card.unlink,
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                change()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            card.with_context(scp_scorecard_key='guess').write({'score': 100})
        self.assertEqual(card.score, 67.33)

    def test_drafts_follow_records_and_template(self):
        card = self._prepare()
        self.assertEqual(card.coverage, 0)
        self._get_line(card, 'manual').with_user(self.buyer).value = 60
        self._play_kept(2)
        self._refresh()
        self.template.criterion_ids[0].floor = 0
        with freeze_time('2026-03-20'):
            card._measure()
        self.assertEqual((card.coverage, card.score, card.line_ids[0].floor), (100, 88, 0))
        with self.assertRaisesRegex(UserError, "is measured"):
            card.line_ids[0].with_user(self.buyer).value = 100
        with self.assertRaisesRegex(ValidationError, "from 0 to 100 points"):
            self._get_line(card, 'manual').with_user(self.buyer).value = 101

    def test_assessment_taken_back(self):
        card = self._prepare()
        line = self._get_line(card, 'manual').with_user(self.buyer)
        line.value = 60
        self.assertEqual((line.is_rated, line.assessor_id, card.coverage), (True, self.buyer, 30))
        line.action_clear()
        self.assertEqual((line.is_rated, card.coverage, line.value_text), (False, 0, "no data"))

    def test_trend(self):
        first = self._score(kept=2, late=1, service=0)
        self.assertEqual((first.trend, first.score), ('none', 43.33))
        april = self._freeze(self._prepare(day=date(2026, 4, 15)), at='2026-05-10 09:00:00')
        self.assertFalse(april.is_rated)
        may = self._prepare(day=date(2026, 5, 15))
        self._get_line(may, 'manual').value = 100
        self.template.min_coverage = 30
        with freeze_time('2026-05-20'):
            may._measure()
        self.assertEqual((may.score, may.previous_score, may.trend), (30, 43.33, 'down'), "Against the last rated one")

    def test_one_query_for_many(self):
        """Twenty suppliers cost as many statements as two."""
        def measure(count):
            partners = self.env['res.partner'].create([{'name': f"Supplier {n}"} for n in range(count)])
            self.env['scp.relation'].create([
                {'partner_id': partner.id, 'role': 'supplier'} for partner in partners])
            template = self._create_template(CRITERIA_MEASURED)
            with freeze_time('2026-03-15'):
                cards = template._prepare_cards(date(2026, 3, 15))
                self.env.flush_all()
                self.env.invalidate_all()
                start = self.cr.sql_log_count
                cards._measure()
                self.env.flush_all()
            return self.cr.sql_log_count - start

        few = measure(2)
        self.assertLessEqual(measure(20), few + 2)

    def test_words_in_the_language_of_the_reader(self):
        """A card keeps its words; those of the registry are read in translation, a name of one's own as it is."""
        self.env['res.lang']._activate_lang('zh_CN')
        self.template.criterion_ids[1].name = "Broken rope"
        line, renamed, _service = self._prepare().line_ids
        words = self.env['scp.scorecard.figure'].with_context(lang='zh_CN')._get_words()
        read = line.with_context(lang='zh_CN')
        self.assertEqual((read.label, read.definition_text), words['otif_line_request'])
        self.assertNotEqual(read.definition_text, line.definition_text, "Translated with the delivery figures")
        self.assertEqual((line.label, line.definition_text), (line.name, line.definition))
        self.assertEqual(renamed.with_context(lang='zh_CN').label, "Broken rope")

    # === WHO SEES WHAT === #

    def test_rights(self):
        """Buyers see suppliers' cards, salespeople those of their own customers."""
        card = self._score()
        relation = self.env['scp.relation'].create({
            'partner_id': self.customer.id, 'role': 'distributor', 'user_id': self.seller.id})
        template = self._create_template((('manual', 100, 0, 100, 1),), role='distributor')
        other = self._prepare(template, partner=self.customer)
        self.assertEqual(other.user_id, relation.user_id)

        def seen(user):
            return self.Card.with_user(user).search([('id', 'in', (card + other).ids)]).sudo()

        self.assertEqual(seen(self.buyer), card)
        self.assertEqual(seen(self.seller), other)
        self.assertFalse(seen(self.leader))
        for user in (self.manager, self.auditor, self.finance):
            self.assertEqual(seen(user), card + other)
        for user in (self.stock, self.employee, self.supplier):
            with self.assertRaises(AccessError):
                seen(user)
        with self.assertRaises(AccessError):
            card.with_user(self.auditor).action_publish()
        with self.assertRaises(AccessError):
            other.with_user(self.buyer).action_freeze()

    def test_companies_apart(self):
        """Deliveries to another company do not count, and its people do not see the card."""
        self._play_kept(2)
        abroad = self.env['res.company'].create({'name': "Abroad"})
        self.env['scp.relation'].create({
            'partner_id': self.vendor.id, 'role': 'supplier', 'company_id': abroad.id})
        template = self.env['scp.scorecard.template'].with_company(abroad).create({
            'name': "Abroad", 'period': 'month', 'date_start': '2026-03-01', 'company_id': abroad.id,
            'criterion_ids': [Command.create({
                'code': 'otif_line_request', 'weight': 100, 'floor': 50, 'target': 100, 'min_n': 1})],
        })
        self._refresh()
        card = self._prepare(template)
        self.assertFalse(card.line_ids.has_value)
        self.assertFalse(self.Card.with_user(self.manager).search([('id', '=', card.id)]))

    # === THE JOB === #

    def _get_cards(self):
        return self.Card.search(
            [('template_id', '=', self.template.id), ('partner_id', '=', self.vendor.id)], order='date_from')

    def test_job(self):
        """Cards come with the period, are frozen when it and the days of grace are over, once."""
        self._play_kept(2)
        self._refresh()
        job = self.env.ref('crm_scp_supply.ir_cron_scp_scorecard')

        def run(at):
            with freeze_time(at), self.enter_registry_test_mode():
                job.method_direct_trigger()
            self.env.invalidate_all()
            cards = self._get_cards()
            return [(card.date_from.month, card.state) for card in cards]

        self.assertEqual(run('2026-03-10'), [(3, 'draft')])
        self.assertEqual(run('2026-04-05'), [(3, 'draft'), (4, 'draft')], "Within the days of grace")
        self.env.company.scp_scorecard_freeze = False
        self.assertEqual(run('2026-04-06'), [(3, 'draft'), (4, 'draft')], "Switched off")
        self.env.company.scp_scorecard_freeze = True
        self.assertEqual(run('2026-04-06 03:00:00'), [(3, 'frozen'), (4, 'draft')])
        march = self._get_cards()[0]
        self.assertEqual((march.score, march.frozen_at), (70, datetime(2026, 4, 6, 3)))
        self.assertEqual(run('2026-04-07'), [(3, 'frozen'), (4, 'draft')])
        self.assertEqual(march.frozen_at, datetime(2026, 4, 6, 3), "Frozen once")

    def test_published_by_itself(self):
        self.env.company.scp_scorecard_publish = True
        card = self._score()
        self.assertEqual((card.state, card.published_at), ('published', datetime.fromisoformat(FROZEN)))

    def test_merged_partners(self):
        """Of two cards of a period the one of the partner who stays is kept."""
        card = self._score()
        twin = self.env['res.partner'].create({'name': "Rope Works Ltd", 'is_company': True})
        relation = self.env['scp.relation'].create({'partner_id': twin.id, 'role': 'supplier'})
        with freeze_time('2026-03-15'):
            self.template._prepare_cards(date(2026, 3, 15))
        relation.unlink()
        self.env['base.partner.merge.automatic.wizard']._merge((twin + self.vendor).ids, self.vendor)
        self.assertEqual(self._get_cards(), card)
        self.assertEqual(card.partner_id, self.vendor)


CRITERIA_MEASURED = (('otif_line_request', 60, 50, 100, 2), ('price_drift', 40, 10, 0, 1))

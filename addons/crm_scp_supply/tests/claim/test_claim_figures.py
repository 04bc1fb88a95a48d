from datetime import date

from odoo import Command
from odoo.tests import freeze_time, tagged

from .common import ClaimCommon


@tagged('post_install', '-at_install')
class TestClaimFigures(ClaimCommon):
    """What scorecards say of claims. The mill and the forge delivered one line each, today; claims are of 2030."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['scp.delivery.refresh']._cron_refresh()
        cls.env.cr.execute("UPDATE scp_delivery_fact SET day = '2030-03-10' WHERE partner_id = ANY(%s)", [
            (cls.mill + cls.forge).ids])

    def _claim_by_hand(self, partner, amount, day='2030-03-20'):
        claim = self.env['scp.supplier.claim'].create({
            'name': "Cracks", 'partner_id': partner.id,
            'line_ids': [Command.create({'kind': 'goods', 'amount': amount})],
        })
        with freeze_time(day):
            self._send(claim)
        return claim

    def _get_figures(self):
        partners = self.mill + self.forge + self.dock
        values = self.env['scp.scorecard.figure']._get_values(
            ['claim_rate', 'claim_recovered'], 'supplier', partners, self.company,
            date(2030, 3, 1), date(2030, 3, 31))
        return [values[partner.id] for partner in partners]

    def test_figures(self):
        """Mill: two claims over one line, 30 of 150 came back. Forge: withdrawn, and one of April. Dock: nothing."""
        paid = self._claim_by_hand(self.mill, 50)
        self._claim_by_hand(self.mill, 100, '2030-03-31 23:00:00')
        self._claim_by_hand(self.forge, 70).action_withdraw()
        self._claim_by_hand(self.forge, 80, '2030-04-01')
        paid.amount_agreed = 30
        paid.action_accept()
        refund = self.env['account.move'].browse(paid.with_user(self.accountant).action_create_refund()['res_id'])
        refund.with_user(self.accountant).action_post()
        mill, forge, dock = self._get_figures()
        rate, recovered = mill['claim_rate'], mill['claim_recovered']
        self.assertEqual((rate.numerator, rate.denominator, rate.n), (2, 1, 1))
        self.assertEqual((recovered.numerator, recovered.denominator, recovered.n), (30, 150, 2))
        self.assertAlmostEqual(recovered.value, 0.2)
        self.assertEqual(forge['claim_rate'].value, 0)
        self.assertNotIn('claim_recovered', forge, "nothing was claimed: no data, not 0 %")
        self.assertEqual(dock, {}, "no deliveries, no claims: no data")

    def test_on_a_card(self):
        """2 claims over 1 line are 2,000 per 1,000; the magnifier opens these two."""
        self._claim_by_hand(self.mill, 50)
        self._claim_by_hand(self.mill, 100)
        self.env['scp.scorecard.template'].search([]).state = 'draft'
        self.env['scp.relation'].create({'partner_id': self.mill.id, 'role': 'supplier'})
        template = self.env['scp.scorecard.template'].create({
            'name': "Claims", 'period': 'month', 'date_start': '2030-03-01', 'min_coverage': 50,
            'criterion_ids': [Command.create({'code': code, 'weight': 50, 'floor': floor, 'target': target, 'min_n': 1})
                              for code, floor, target in (('claim_rate', 4000, 0), ('claim_recovered', 0, 100))],
            'standing_ids': [Command.create({'name': "Any", 'min_score': 0})],
        })
        template.action_start()
        with freeze_time('2030-03-25'):
            card = template._prepare_cards(date(2030, 3, 25)).filtered(lambda card: card.partner_id == self.mill)
            card._measure()
        rate = card.line_ids.filtered(lambda line: line.code == 'claim_rate')
        self.assertEqual((rate.value, rate.points), (2000, 50))
        self.assertEqual(card.score, 25)
        action = rate.action_view_evidence()
        self.assertEqual(len(self.env[action['res_model']].search(action['domain'])), 2)

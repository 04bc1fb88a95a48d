from datetime import date

from odoo import Command
from odoo.tests import freeze_time, new_test_user

from ..delivery.common import DeliveryCommon

FROZEN = '2026-04-10 09:00:00'
# Criteria of the tests: code, weight, value that earns 0 points, value that earns 100, minimum of events
CRITERIA = (
    ('otif_line_request', 40, 50, 100, 2),
    ('fault_share', 30, 50, 0, 1),
    ('manual', 30, 0, 100, 1),
)
STANDINGS = (('Gold', 80, 'none', 'none'), ('Silver', 50, 'warn', 'warn'), ('Bronze', 0, 'hold', 'hold'))


class ScorecardCommon(DeliveryCommon):
    """Rope Works is scored by the month: OTIF 40 %, faults 30 %, service as somebody sees it 30 %.

    The head of purchasing may release what is held. In March 2026 cards are drafted, on 10 April they are frozen.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Card = cls.env['scp.scorecard']
        cls.env['scp.scorecard.template'].search([]).state = 'draft'
        cls.head = new_test_user(cls.env, 'score_head', 'purchase.group_purchase_manager')
        cls.relation = cls.env['scp.relation'].create({
            'partner_id': cls.vendor.id, 'role': 'supplier', 'user_id': cls.buyer.id,
        })
        cls.template = cls._create_template(CRITERIA)
        cls.template.action_start()

    @classmethod
    def _create_template(cls, criteria, standings=STANDINGS, **values):
        return cls.env['scp.scorecard.template'].create({
            'name': "Suppliers of rope",
            'period': 'month',
            'date_start': '2026-03-01',
            'criterion_ids': [Command.create({
                'code': code, 'weight': weight, 'floor': floor, 'target': target, 'min_n': min_n, 'sequence': place,
            }) for place, (code, weight, floor, target, min_n) in enumerate(criteria)],
            'standing_ids': [Command.create({
                'name': name, 'min_score': score, 'rfq_action': rfq, 'order_action': order,
            }) for name, score, rfq, order in standings],
            **values,
        })

    def _play_kept(self, count):
        for _index in range(count):
            self._play('in', ["3: acknowledge", "6: move 10"])

    def _play_late(self, count):
        for _index in range(count):
            self._play('in', ["3: acknowledge", "9: move 10"])

    @classmethod
    def _prepare(cls, template=None, day=date(2026, 3, 15), partner=None):
        """The draft of the vendor."""
        with freeze_time(day):
            cards = (template or cls.template)._prepare_cards(day)
        return cards.filtered(lambda card: card.partner_id == (partner or cls.vendor))

    def _get_line(self, card, code):
        return card.line_ids.filtered(lambda line: line.code == code)

    def _freeze(self, card, service=None, at=FROZEN):
        """Freeze a card, with an assessment of the service or without."""
        self._refresh()
        with freeze_time(at):
            if service is not None:
                self._get_line(card, 'manual').with_user(self.buyer).value = service
            card._freeze()
        return card

    def _score(self, kept=2, late=1, service=80, publish=False):
        """A frozen card of so many lines in March."""
        self._play_kept(kept)
        self._play_late(late)
        card = self._freeze(self._prepare(), service)
        if publish:
            with freeze_time(FROZEN):
                card._publish()
        return card

from datetime import datetime, time, timedelta

from odoo import api, fields, models

# What the buyer thought of them, of 100; the others nobody assessed
SERVICE = {'weihai': 75, 'lombarda': 20, 'bergmann': 70, 'shunan': 60, 'sealtech': 80, 'pneumo': 85}
# Quarters gone by that are scored
PERIODS = 3
ANSWERED = (
    'manual', "Our engineer came within two days each time you called. 我们的工程师每次都在两天内到场。",
    "Right, the two visits in spring had not been noted. Corrected.", 95.0,
)
OPEN = (
    'otif_line_request', "One of the orders counted here was postponed at your request; see the mail of your buyer.",
)
CHANNEL = (
    'manual', "The report of the last month was late by a day because of the holidays. Do you count that?",
)


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _create_scorecards(self):
        """Score some periods gone by and the running one; a supplier disputes, a manager releases an order."""
        components, channel = (
            self.env.ref(f'crm_scp_supply.scp_scorecard_template_{name}') for name in ('components', 'channel'))
        today = fields.Date.context_today(self)
        first_start, _first_end = components._get_period(fields.Date.subtract(today, months=3 * PERIODS))
        (components + channel).write({'date_start': first_start, 'state': 'active'})
        suppliers = {self.env.ref(f'crm_scp_supply.supplier_{name}'): points for name, points in SERVICE.items()}
        for start, _end in components._get_periods_until(today)[:-1]:
            cards = components._prepare_cards(start) | channel._prepare_cards(start)
            end = cards[:1].date_to
            for line in cards.line_ids.filtered(lambda line: line.code == 'manual'):
                points = suppliers.get(line.partner_id, line.card_id.role == 'distributor' and 90)
                if points:
                    line.value = points
            cards._freeze()
            cards._unsealed().write({'frozen_at': datetime.combine(end + timedelta(days=6), time(7))})
        (components + channel).mapped(lambda template: template._prepare_cards(today))
        published = self.env['scp.scorecard'].search([('template_id', 'in', (components + channel).ids)]).filtered(
            lambda card: card.state == 'frozen')
        published._publish()
        published._unsealed().write({'published_at': self._moment(3)})  # when partners were let in
        self._dispute_scorecard(published)
        self._dispute_channel_cards(published.filtered(lambda card: card.role == 'distributor').sorted('date_to'))
        self._release_order(published)

    def _dispute_scorecard(self, cards):
        weihai = self.env.ref('crm_scp_supply.supplier_weihai')
        partner = self.env.ref('crm_scp_supply.user_scp_supplier')
        card = cards.filtered(lambda card: card.partner_id == weihai).sorted('date_to')[-1:]
        answered, said, answer, value = ANSWERED
        dispute = self._dispute_line(partner, card, answered, said)
        card = dispute.with_user(self.env.ref('base.user_admin'))._answer('accepted', answer, value, 1).sudo()
        self._dispute_line(partner, card, *OPEN)
        self.env['ir.model.data']._update_xmlids([
            {'xml_id': 'crm_scp_supply.scp_scorecard_weihai', 'record': card, 'noupdate': True},
        ])

    def _dispute_channel_cards(self, cards):
        """On the first and the last one; another salesperson was responsible in the beginning."""
        cards[:1].user_id = self.env.ref('crm_scp_core.user_scp_sales')
        for card in cards[:1] | cards[-1:]:
            self._dispute_line(self.env.ref('crm_scp_core.user_scp_distributor'), card, *CHANNEL)

    def _dispute_line(self, partner, card, code, text):
        line = card.line_ids.filtered(lambda line: line.code == code)
        # sudo: as the portal route does
        return card.with_user(partner).sudo()._scp_dispute(line.id, text)

    def _release_order(self, cards):
        """The worst supplier of the period gone by is needed all the same."""
        worst = cards.filtered(lambda card: card.is_rated and card.role == 'supplier').sorted('score')[:1]
        self.env['scp.scorecard.override'].with_user(self.env.ref('base.user_admin'))._grant(
            worst, "Pattern for the new volute is with them until the second source has been approved.",
            fields.Date.context_today(self) + timedelta(days=30))

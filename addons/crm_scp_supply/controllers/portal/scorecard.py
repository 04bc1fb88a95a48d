from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.portal.controllers.portal import pager

from ...models.portal.portal_rules import MAX_NOTE
from .supply import SupplyPortal

ROLES = ('supplier', 'distributor', 'customer')
URL = '/my/supply/scorecards'


class ScorecardPortal(SupplyPortal):
    """A partner's scorecards, and what he disputes on them."""

    def _get_supply_sections(self):
        sections = super()._get_supply_sections()
        if self._get_supply_relations(ROLES, 'share_scorecard'):
            sections.append({'code': 'scorecard', 'label': request.env._("Scorecards"), 'url': URL})
        return sections

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if 'scp_scorecard_count' in counters:
            domain = self._get_scorecard_domain()
            # sudo: cards reach partners through the policy alone
            values['scp_scorecard_count'] = request.env['scp.scorecard'].sudo().search_count(domain) if domain else 0
        return values

    # === READING === #

    @http.route(
        [URL, f'{URL}/page/<int:page>'], type='http', auth='user', website=True, methods=['GET'], readonly=True,
    )
    def portal_supply_scorecards(self, page=1, **_kwargs):
        domain = self._get_open_scorecard_domain()
        Card = request.env['scp.scorecard'].sudo()  # sudo: the domain is the policy; of each, what the summary names
        page_values = pager(url=URL, total=Card.search_count(domain), page=page, step=self._items_per_page)
        cards = Card.search(domain, limit=self._items_per_page, offset=page_values['offset'])
        return self._render_supply(
            'crm_scp_supply.portal_supply_scorecards', 'scorecard',
            cards=cards._scp_prepare_partner_summaries(), pager=page_values,
        )

    @http.route(f'{URL}/<int:card_id>', type='http', auth='user', website=True, methods=['GET'], readonly=True)
    def portal_supply_scorecard(self, card_id, done=None, **_kwargs):
        return self._render_scorecard(self._get_scorecard(card_id), done=done)

    # === WRITING === #

    @http.route(f'{URL}/<int:card_id>/dispute', type='http', auth='user', website=True, methods=['POST'])
    def portal_supply_dispute(self, card_id, line_id=None, text=None, **_post):
        card = self._get_scorecard(card_id)
        try:
            with request.env.cr.savepoint():
                card._scp_dispute(line_id, text)
        except UserError as error:
            return self._render_scorecard(card, error=str(error), form={'line_id': line_id, 'text': text})
        return request.redirect(f'{card._scp_get_portal_url()}?done=dispute', code=303)

    # === ACCESS === #

    def _get_scorecard_domain(self):
        """The cards that some policy opens to the user; None without one."""
        relations = [
            relation for role in ROLES for relation in self._get_supply_relations((role,), 'share_scorecard').values()
        ]
        return relations and request.env['scp.scorecard']._scp_get_portal_domain(
            self._get_supply_partner(), relations)

    def _get_open_scorecard_domain(self):
        self._get_open_supply_relations(ROLES, 'share_scorecard')
        return self._get_scorecard_domain()

    def _get_scorecard(self, card_id):
        """The card, as superuser; one that was corrected meanwhile leads to its latest version.

        :raise NotFound: it is not open to the user, whatever the reason
        """
        domain = self._get_open_scorecard_domain()
        Card = request.env['scp.scorecard'].sudo()  # sudo: the domain is the policy
        card = Card.browse(card_id).exists()
        while card.state == 'replaced':
            card = Card.search([('replaces_id', '=', card.id)], limit=1)
        if not card.filtered_domain(domain):
            raise NotFound
        return card

    # === RENDERING === #

    def _render_scorecard(self, card, error=None, form=None, done=None):
        return self._render_supply(
            'crm_scp_supply.portal_supply_scorecard', 'scorecard',
            card=card._scp_prepare_partner_values(), error=error, form=form or {}, done=done, max_note=MAX_NOTE,
        )

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.portal.controllers.portal import pager

from ...models.portal.portal_rules import MAX_NOTE
from ..portal.supply import SupplyPortal

ROLES = ('supplier',)
SWITCH = 'share_claims'
URL = '/my/supply/claims'


class ClaimPortal(SupplyPortal):
    """What a supplier is asked to pay for, and what he says to it."""

    def _get_supply_sections(self):
        sections = super()._get_supply_sections()
        if self._get_supply_relations(ROLES, SWITCH):
            sections.append({'code': 'claim', 'label': request.env._("Claims"), 'url': URL})
        return sections

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if 'scp_claim_count' in counters:
            relations = self._get_supply_relations(ROLES, SWITCH)
            values['scp_claim_count'] = self._get_claims().search_count(
                self._get_claim_domain(relations)) if relations else 0
        return values

    # === READING === #

    @http.route(
        [URL, f'{URL}/page/<int:page>'], type='http', auth='user', website=True, methods=['GET'], readonly=True,
    )
    def portal_supply_claims(self, page=1, **_kwargs):
        relations = self._get_open_supply_relations(ROLES, SWITCH)
        Claim, domain = self._get_claims(), self._get_claim_domain(relations)
        page_values = pager(url=URL, total=Claim.search_count(domain), page=page, step=self._items_per_page)
        claims = Claim.search(domain, limit=self._items_per_page, offset=page_values['offset'])
        return self._render_supply(
            'crm_scp_supply.portal_supply_claims', 'claim',
            claims=claims._scp_prepare_supplier_summaries(), pager=page_values,
        )

    @http.route(f'{URL}/<int:claim_id>', type='http', auth='user', website=True, methods=['GET'], readonly=True)
    def portal_supply_claim(self, claim_id, done=None, **_kwargs):
        return self._render_claim(self._get_claim(claim_id), done=done)

    # === WRITING === #

    @http.route(f'{URL}/<int:claim_id>/answer', type='http', auth='user', website=True, methods=['POST'])
    def portal_supply_claim_answer(self, claim_id, answer='', text='', version='', **_post):
        claim = self._get_claim(claim_id)
        files = [
            (file.filename, file.read())
            for file in request.httprequest.files.getlist('files') if file.filename
        ]
        try:
            with request.env.cr.savepoint():
                claim._scp_answer(answer, text, version, files)
        except UserError as error:
            claim.invalidate_recordset()
            return self._render_claim(claim, error=str(error), form={'text': text})
        return request.redirect(f'{claim._scp_get_portal_url()}?done={answer}', code=303)

    # === ACCESS === #

    def _get_claims(self):
        # sudo: claims reach suppliers through the domain of the policy and a serializer
        return request.env['scp.supplier.claim'].sudo()

    def _get_claim_domain(self, relations):
        return self._get_claims()._scp_get_portal_domain(self._get_supply_partner(), relations.values())

    def _get_claim(self, claim_id):
        """The claim, as superuser.

        :raise NotFound: it is not open to the user, whatever the reason
        """
        relations = self._get_open_supply_relations(ROLES, SWITCH)
        claim = self._get_claims().browse(claim_id).exists().filtered_domain(self._get_claim_domain(relations))
        if not claim:
            raise NotFound
        return claim

    # === RENDERING === #

    def _render_claim(self, claim, error=None, form=None, done=None):
        return self._render_supply(
            'crm_scp_supply.portal_supply_claim', 'claim',
            claim=claim._scp_prepare_supplier_values(), error=error, form=form or {}, done=done, max_note=MAX_NOTE,
            # sudo: which files may be sent is told who sends them
            accept=claim.company_id.sudo().scp_complaint_file_types,
        )

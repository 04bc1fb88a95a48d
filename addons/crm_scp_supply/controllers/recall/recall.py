from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import ValidationError
from odoo.http import request

from ...models.recall.scp_recall_line import ANSWERS
from ..portal.supply import SupplyPortal

URL = '/scp/recall/<string:token>'
LIST_URL = '/my/supply/recalls'


class RecallPortal(SupplyPortal):
    """What customers are told of a recall, and what they answer: by the link in their mail, or from the portal."""

    def _get_supply_sections(self):
        sections = super()._get_supply_sections()
        if self._get_supply_recalls():
            sections.append({'code': 'recall', 'label': request.env._("Recalls"), 'url': LIST_URL})
        return sections

    def _get_supply_recalls(self):
        """The recalls that the company of the user is affected by; no share policy may hide them."""
        # sudo: what a customer is told of his own goods; a serializer shows it
        return request.env['scp.recall.customer'].sudo().search([
            ('partner_id', '=', self._get_supply_partner().id), ('recall_id.is_drill', '=', False),
            ('recall_id.state', 'in', ('active', 'closed')),
            ('company_id', 'in', request.env.user.sudo().company_ids.ids),
        ], order='id desc')

    @http.route(LIST_URL, type='http', auth='user', website=True, methods=['GET'], readonly=True)
    def portal_supply_recalls(self, **_kwargs):
        recalls = self._get_supply_recalls()
        if not recalls:
            raise NotFound
        return self._render_supply('crm_scp_supply.portal_supply_recalls', 'recall', recalls=[
            customer._prepare_page() | {'url': f'/scp/recall/{customer.token}'} for customer in recalls
        ])

    @http.route(URL, type='http', auth='public', website=True, methods=['GET'], readonly=True, sitemap=False)
    def recall_notice(self, token, **_kwargs):
        return self._render_recall(self._get_recall_customer(token))

    @http.route(URL, type='http', auth='public', website=True, methods=['POST'], sitemap=False)
    def recall_answer(self, token, note='', **form):
        customer = self._get_recall_customer(token)
        if customer.recall_id.state != 'active':
            raise NotFound
        try:
            quantities = {
                line.id: {name: self._parse_recall_qty(form.get(f'{name}_{line.id}')) for name in ANSWERS}
                for line in customer.line_ids
            }
            with request.env.cr.savepoint():
                customer._answer(quantities, note.strip())
        except (ValueError, ValidationError) as error:
            customer.invalidate_recordset()
            text = str(error) if isinstance(error, ValidationError) else request.env._(
                "Enter quantities as numbers, 0 or more.")
            return self._render_recall(customer, error=text, form=form)
        return request.redirect(f'/scp/recall/{token}', code=303)

    def _parse_recall_qty(self, text):
        number = float((text or '0').strip().replace(',', '.') or 0)
        if not 0 <= number < float('inf'):
            raise ValueError(text)
        return number

    def _get_recall_customer(self, token):
        customer = request.env['scp.recall.customer']._find_by_token(token)
        if not customer:
            raise NotFound
        request.update_context(lang=customer.partner_id.lang or request.env.lang)
        return customer.with_context(lang=customer.partner_id.lang)

    def _render_recall(self, customer, error=None, form=None):
        return request.render('crm_scp_supply.recall_notice', {
            'recall': customer._prepare_page(), 'error': error, 'form': form or {}, 'token': customer.token,
        }, headers={'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer', 'X-Robots-Tag': 'noindex'})

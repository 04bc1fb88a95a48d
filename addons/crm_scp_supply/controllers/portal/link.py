from odoo import http
from odoo.http import request

from .purchase import PurchasePortal

URL = '/supply/confirm/<string:token>'
# The address is the key: no other site, cache or search engine shall learn it
HEADERS = {'Referrer-Policy': 'no-referrer', 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex'}


class LinkPortal(PurchasePortal):
    """The page a supplier reaches by the link of a mail, without a login: one order, to confirm, for a while.

    Opening it changes nothing, as scanners of mail servers open every link. A link that was never made, has expired,
    was withdrawn or is for something else gets one answer.
    """

    @http.route(URL, type='http', auth='public', website=True, methods=['GET'], readonly=True)
    def supply_confirm_link(self, token, done=None, **_kwargs):
        order, relation = self._open_supply_link(token)
        return self._render_supply_link(token, order, relation, done=done)

    @http.route(URL, type='http', auth='public', website=True, methods=['POST'])
    def supply_confirm_by_link(self, token, **post):
        order, relation = self._open_supply_link(token)
        if order and (errors := self._confirm_supply_purchase(order, relation, post)):
            return self._render_supply_link(token, order, relation, errors=errors, form=post)
        return request.redirect(f'/supply/confirm/{token}?done=confirm', code=303)

    def _open_supply_link(self, token):
        return request.env['purchase.order']._scp_open_link(token)

    def _render_supply_link(self, token, order, relation, **values):
        """The page of the order, in the language of its supplier; without an order, what to do now."""
        if not order:
            response = request.render('crm_scp_supply.portal_supply_link_invalid', {})
            response.status_code = 404
        else:
            request.update_context(lang=order.partner_id.lang or request.env.lang)
            env = request.env(su=True)
            response = request.render('crm_scp_supply.portal_supply_purchase', self._prepare_supply_purchase_values(
                order.with_env(env), relation.with_env(env), confirm_url=f'/supply/confirm/{token}',
                supply_sections=[], **values,
            ))
        response.headers.update(HEADERS)
        return response

from uuid import uuid4

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request

from ...models.portal.portal_rules import MAX_NOTE, MAX_PARTS, AnswerError
from .supply import SupplyPortal

ROLES = ('supplier',)
URL = '/my/supply/purchases'


class PurchasePortal(SupplyPortal):
    """A supplier's orders, and what he confirms on them."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if {'scp_purchase_count', 'scp_unconfirmed_count'} & set(counters):
            relations = self._get_supply_relations(ROLES, 'share_orders')
            for counter, filterby in (('scp_purchase_count', 'open'), ('scp_unconfirmed_count', 'unconfirmed')):
                if counter in counters:
                    domain = self._get_supply_purchase_domain(relations, filterby) if relations else Domain.FALSE
                    values[counter] = request.env['purchase.order'].search_count(domain) if relations else 0
        return values

    # === READING === #

    @http.route(
        [URL, f'{URL}/page/<int:page>'], type='http', auth='user', website=True, methods=['GET'], readonly=True,
    )
    def portal_supply_purchases(self, page=1, filterby='all', **_kwargs):
        relations = self._get_open_supply_relations(ROLES, 'share_orders')
        filters = self._get_supply_purchase_filters()
        filterby = filterby if filterby in filters else 'all'
        orders, page_values = self._prepare_supply_page(
            'purchase.order', self._get_supply_purchase_domain(relations, filterby), 'date_approve desc, id desc',
            URL, page, filterby=filterby,
        )
        return self._render_supply(
            'crm_scp_supply.portal_supply_purchases', 'purchase',
            # sudo: the user may see these orders; of each, what the summary names
            purchases=[
                summary for company, group in orders.sudo().grouped('company_id').items()
                for summary in group._scp_prepare_supplier_summaries(relations[company])
            ],
            pager=page_values, searchbar_filters=filters, filterby=filterby, default_url=URL,
        )

    @http.route(f'{URL}/<int:order_id>', type='http', auth='user', website=True, methods=['GET'], readonly=True)
    def portal_supply_purchase(self, order_id, done=None, **_kwargs):
        order, relation = self._get_supply_purchase(order_id, 'share_orders')
        return self._render_supply_purchase(order, relation, done=done)

    # === WRITING === #

    @http.route(f'{URL}/<int:order_id>/confirm', type='http', auth='user', website=True, methods=['POST'])
    def portal_supply_confirm(self, order_id, **post):
        order, relation = self._get_supply_purchase(order_id, 'allow_confirmation')
        if errors := self._confirm_supply_purchase(order, relation, post):
            return self._render_supply_purchase(order, relation, errors=errors, form=post)
        return request.redirect(f'{order._scp_get_portal_url()}?done=confirm', code=303)

    def _confirm_supply_purchase(self, order, relation, post):
        """Take a supplier's answer, or tell why not.

        :return: texts by key as of :class:`AnswerError`, nothing when the answer was saved
        :rtype: dict
        """
        try:
            with request.env.cr.savepoint():
                order._scp_confirm_in_portal(post, relation)
        except AnswerError as error:
            return error.errors
        except UserError as error:
            return {'page': str(error)}
        return {}

    # === ACCESS === #

    def _get_supply_purchase_filters(self):
        return {
            'all': {'label': request.env._("All")},
            'unconfirmed': {'label': request.env._("To confirm")},
            'open': {'label': request.env._("Open")},
        }

    def _get_supply_purchase_domain(self, relations, filterby='all'):
        """The orders a supplier may see: placed, or cancelled after they were."""
        domain = self._get_supply_domain(relations) & (
            Domain('state', '=', 'purchase')
            | Domain('state', '=', 'cancel') & Domain('date_approve', '!=', False)
        )
        if filterby == 'all':
            return domain
        # sudo: the ledger tells what is to be confirmed; only ids come of it
        query = request.env['purchase.order'].sudo()._scp_get_open_query(filterby == 'unconfirmed')
        return domain & Domain('state', '=', 'purchase') & Domain('id', 'in', query)

    def _get_supply_purchase(self, order_id, switch):
        """The order, as superuser, and the relation that opens it."""
        relations = self._get_open_supply_relations(ROLES, switch)
        order = self._get_supply_document('purchase.order', order_id, self._get_supply_purchase_domain(relations))
        relation = relations[order.company_id]
        if not relation._get_shared().share_orders:
            raise NotFound
        return order, relation

    # === RENDERING === #

    def _render_supply_purchase(self, order, relation, **values):
        return self._render_supply(
            'crm_scp_supply.portal_supply_purchase', 'purchase',
            **self._prepare_supply_purchase_values(
                order, relation, confirm_url=f'{order._scp_get_portal_url()}/confirm', **values),
        )

    def _prepare_supply_purchase_values(self, order, relation, errors=None, form=None, **values):
        """What the page of an order is rendered with.

        :param order, relation: as superuser
        """
        return {
            'purchase': order._scp_prepare_supplier_values(relation),
            'reasons': order._scp_get_portal_reasons().mapped(lambda reason: (reason.id, reason.name)),
            'part_numbers': range(MAX_PARTS),
            'max_note': MAX_NOTE,
            'errors': errors or {},
            'form': form or {},
            'key': uuid4().hex,
            'today': order._scp_get_today(),
            **values,
        }

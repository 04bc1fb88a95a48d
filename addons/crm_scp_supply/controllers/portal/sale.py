from odoo import http
from odoo.fields import Domain
from odoo.http import request

from .supply import SupplyPortal

ROLES = ('distributor', 'customer')
URL = '/my/supply/orders'


class SalePortal(SupplyPortal):
    """The orders of a customer or distributor, with what was promised and what was delivered."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if 'scp_sale_count' in counters:
            relations = self._get_supply_relations(ROLES, 'share_orders')
            values['scp_sale_count'] = request.env['sale.order'].search_count(
                self._get_supply_sale_domain(relations),
            ) if relations else 0
        return values

    @http.route(
        [URL, f'{URL}/page/<int:page>'], type='http', auth='user', website=True, methods=['GET'], readonly=True,
    )
    def portal_supply_orders(self, page=1, filterby='all', **_kwargs):
        relations = self._get_open_supply_relations(ROLES, 'share_orders')
        filters = self._get_supply_sale_filters()
        filterby = filterby if filterby in filters else 'all'
        orders, page_values = self._prepare_supply_page(
            'sale.order', self._get_supply_sale_domain(relations) & filters[filterby]['domain'],
            'date_order desc, id desc', URL, page, filterby=filterby,
        )
        return self._render_supply(
            'crm_scp_supply.portal_supply_orders', 'sale',
            # sudo: the user may see these orders; of each, what the summary names
            sales=[
                summary for company, group in orders.sudo().grouped('company_id').items()
                for summary in group._scp_prepare_customer_summaries(relations[company])
            ],
            pager=page_values, searchbar_filters=filters, filterby=filterby, default_url=URL,
        )

    @http.route(f'{URL}/<int:order_id>', type='http', auth='user', website=True, methods=['GET'], readonly=True)
    def portal_supply_order(self, order_id, **_kwargs):
        relations = self._get_open_supply_relations(ROLES, 'share_orders')
        order = self._get_supply_document('sale.order', order_id, self._get_supply_sale_domain(relations))
        return self._render_supply(
            'crm_scp_supply.portal_supply_order', 'sale',
            sale=order._scp_prepare_customer_values(relations[order.company_id]),
        )

    def _get_supply_sale_filters(self):
        return {
            'all': {'label': request.env._("All"), 'domain': Domain.TRUE},
            'open': {
                'label': request.env._("Open"),
                'domain': Domain('state', '=', 'sale') & Domain('delivery_status', '!=', 'full'),
            },
        }

    def _get_supply_sale_domain(self, relations):
        """The orders a customer may see: placed, or cancelled after they were promised."""
        # sudo: the ledger tells what was promised; only ids come of it
        promised = request.env['sale.order'].sudo()._scp_get_promised_query()
        return self._get_supply_domain(relations) & (
            Domain('state', '=', 'sale') | Domain('state', '=', 'cancel') & Domain('id', 'in', promised)
        )

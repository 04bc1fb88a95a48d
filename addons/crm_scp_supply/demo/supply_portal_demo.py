from odoo import api, models


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _name_portal_orders(self):
        """Name the newest open order of the supplier, the distributor and the customer of the portal."""
        names = []
        for name, model, partner, state in (
            ('purchase_order_weihai', 'purchase.order', 'crm_scp_supply.supplier_weihai', 'purchase'),
            ('sale_order_yuanli', 'sale.order', 'crm_scp_core.partner_yuanli', 'sale'),
            ('sale_order_rheintal', 'sale.order', 'crm_scp_core.partner_rheintal', 'sale'),
        ):
            order = self.env[model].search([
                ('partner_id', 'child_of', self.env.ref(partner).id), ('state', '=', state),
            ], order='date_order desc, id desc', limit=1)
            if order:
                names.append({'xml_id': f'crm_scp_supply.{name}', 'record': order, 'noupdate': True})
        self.env['ir.model.data']._update_xmlids(names)

    @api.model
    def _send_links(self):
        """The supplier of the newest order has been asked to confirm it by mail."""
        order = self.env.ref('crm_scp_supply.purchase_order_weihai').with_user(self.env.ref('base.user_admin'))
        link, _token = order.env['scp.portal.link']._issue(order, 'confirm', order.partner_id)
        self.env['ir.model.data']._update_xmlids([
            {'xml_id': 'crm_scp_supply.scp_portal_link_weihai', 'record': link, 'noupdate': True},
        ])

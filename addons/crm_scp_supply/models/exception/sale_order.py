from odoo import models


class SaleOrder(models.Model):
    _name = 'sale.order'
    _inherit = ['sale.order', 'scp.exception.owner.mixin']

    # === BUSINESS === #

    def _get_scp_exception_domain(self):
        return [('sale_order_id', 'in', self.ids)]

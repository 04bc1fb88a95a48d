from odoo import models


class PurchaseOrder(models.Model):
    _name = 'purchase.order'
    _inherit = ['purchase.order', 'scp.exception.owner.mixin']

    # === BUSINESS === #

    def _get_scp_exception_domain(self):
        return [('purchase_order_id', 'in', self.ids)]

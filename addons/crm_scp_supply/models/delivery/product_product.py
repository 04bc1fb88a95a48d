from odoo import models


class ProductProduct(models.Model):
    _name = 'product.product'
    _inherit = ['product.product', 'scp.delivery.product.mixin']

    _scp_report_field = 'product_id'

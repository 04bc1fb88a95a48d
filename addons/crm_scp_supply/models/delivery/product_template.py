from odoo import models


class ProductTemplate(models.Model):
    _name = 'product.template'
    _inherit = ['product.template', 'scp.delivery.product.mixin']

    _scp_report_field = 'product_tmpl_id'

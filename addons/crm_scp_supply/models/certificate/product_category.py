from odoo import api, models


class ProductCategory(models.Model):
    """Requirements know the categories below those they name."""

    _inherit = 'product.category'

    @api.model_create_multi
    def create(self, vals_list):
        categories = super().create(vals_list)
        self.env['scp.certificate.requirement']._forget_acting()
        return categories

    def write(self, vals):
        result = super().write(vals)
        if 'parent_id' in vals:
            self.env['scp.certificate.requirement']._forget_acting()
        return result

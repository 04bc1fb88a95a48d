from odoo import api, models


class ScpValueModel(models.Model):
    _inherit = 'scp.value.model'

    @api.model
    def _get_cell_methods(self):
        return super()._get_cell_methods() | {
            'cohort': self.env['scp.value.cohort']._get_cell_customers,
            'asset': self.env['scp.value.asset']._get_cell_customers,
            'dashboard': self.env['scp.value.dashboard']._get_cell_customers,
        }

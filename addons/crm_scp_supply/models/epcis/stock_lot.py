from odoo import api, models


class StockLot(models.Model):
    _inherit = 'stock.lot'

    @api.readonly
    def action_scp_epcis_export(self):
        return self.env['scp.epcis.export']._open(self)

from odoo import api, models


class StockPicking(models.Model):
    _inherit = 'stock.picking'

    @api.readonly
    def action_scp_epcis_export(self):
        return self.env['scp.epcis.export']._open(self)

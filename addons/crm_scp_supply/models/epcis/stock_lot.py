from odoo import api, models


class StockLot(models.Model):
    _inherit = 'stock.lot'

    def unlink(self):
        # sudo: the database would empty the link by itself, and leave the place of the goods in the trace behind
        self.env['scp.epcis.item'].sudo().search([('lot_id', 'in', self.ids)]).lot_id = False
        return super().unlink()

    @api.readonly
    def action_scp_epcis_export(self):
        return self.env['scp.epcis.export']._open(self)

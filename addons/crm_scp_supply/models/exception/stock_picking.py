from odoo import models
from odoo.fields import Domain


class StockPicking(models.Model):
    _name = 'stock.picking'
    _inherit = ['stock.picking', 'scp.exception.owner.mixin']

    # === BUSINESS === #

    def _get_scp_exception_domain(self):
        """Of the order lines moved here, those reported here included."""
        moves = self.move_ids
        return (
            Domain('sale_line_id', 'in', moves.sale_line_id.ids)
            | Domain('purchase_line_id', 'in', moves.purchase_line_id.ids)
        )

from odoo import fields, models

from ..models.delivery.stock_picking import RETURN_FAULTS


class StockReturnPicking(models.TransientModel):
    _inherit = 'stock.return.picking'

    scp_return_fault = fields.Selection(
        RETURN_FAULTS, string="Fault of Return", default='shipper', required=True,
        help="Goods that are merely not wanted any more have been delivered all the same; goods that are defective "
        "have not.",
    )

    # === BUSINESS === #

    def _prepare_picking_default_values(self):
        return super()._prepare_picking_default_values() | {'scp_return_fault': self.scp_return_fault}

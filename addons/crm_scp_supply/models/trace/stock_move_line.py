from odoo import models


class StockMoveLine(models.Model):
    _inherit = 'stock.move.line'

    # Every step of a trace (`scp.trace`), and the trace of Odoo: the lines of a lot. Odoo has no index on it.
    _scp_lot_idx = models.Index('(lot_id) WHERE lot_id IS NOT NULL')

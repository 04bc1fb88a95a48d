from odoo import models


class StockMoveLine(models.Model):
    _inherit = 'stock.move.line'

    # === CRUD === #

    def write(self, vals):
        result = super().write(vals)
        if 'quantity' in vals:
            # A done transfer that is corrected: its quantity is recomputed past StockMove.write()
            self.move_id.filtered(lambda move: move.state == 'done')._scp_queue_facts()
        return result

from odoo import models
from odoo.exceptions import UserError


class StockMove(models.Model):
    _inherit = 'stock.move'

    def _action_done(self, cancel_backorder=False):
        self._scp_check_recalls()
        return super()._action_done(cancel_backorder=cancel_backorder)

    def _scp_check_recalls(self):
        """Recalled goods neither go to customers nor into products, on whatever document."""
        lines = self.move_line_ids.filtered(
            lambda line: line.lot_id and line.quantity
            and line.location_dest_id.usage in ('customer', 'production') and line.location_id.usage != 'supplier'
        )
        # goods of no lot cost no query
        recalls = lines.lot_id._scp_get_running_recalls() if lines else {}
        for line in lines:
            if recall := recalls.get(line.lot_id.id):
                raise UserError(self.env._(
                    "Lot %(lot)s of %(product)s is recalled (%(recall)s) and may not leave. Take it off the transfer.",
                    lot=line.lot_id.name, product=line.product_id.display_name, recall=recall.number,
                ))

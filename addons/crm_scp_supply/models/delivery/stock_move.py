from odoo import api, models

# What delivery facts read of a transfer
FACT_FIELDS = frozenset({
    'date', 'location_dest_id', 'location_id', 'origin_returned_move_id', 'picking_id', 'product_uom',
    'purchase_line_id', 'quantity', 'sale_line_id', 'state', 'to_refund',
})
FINAL_STATES = ('done', 'cancel')


class StockMove(models.Model):
    _inherit = 'stock.move'

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        moves = super().create(vals_list)
        moves._scp_queue_facts()
        return moves

    def write(self, vals):
        if FACT_FIELDS.isdisjoint(vals):
            return super().write(vals)
        if not {'sale_line_id', 'purchase_line_id'}.isdisjoint(vals):
            self._scp_queue_facts()  # the lines they leave
        result = super().write(vals)
        # A transfer that is still to come says no more than that it is
        moves = self if 'state' not in vals or vals['state'] in FINAL_STATES else self.browse()
        moves.filtered(lambda move: move.state in FINAL_STATES)._scp_queue_facts()
        return result

    def unlink(self):
        self._scp_queue_facts()
        return super().unlink()

    # === BUSINESS === #

    def _scp_queue_facts(self):
        """Have the delivery facts of the order lines behind these moves computed again."""
        if not self:
            return
        Queue = self.env['scp.delivery.queue']
        # sudo: ids alone, whoever moves the goods
        moves = self.sudo()
        Queue._add_lines(moves.sale_line_id)
        Queue._add_lines(moves.purchase_line_id)

from odoo import fields, models


class ScpRecallHold(models.Model):
    """What a recall took out of the stock, and from where."""

    _name = 'scp.recall.hold'
    _description = "Recalled Stock"
    _order = 'id'
    _rec_name = 'lot_id'
    _check_company_auto = True

    recall_id = fields.Many2one('scp.recall', required=True, index=True, ondelete='cascade', check_company=True)
    # Stored for security rules
    company_id = fields.Many2one(related='recall_id.company_id', store=True, precompute=True, index=True)
    lot_id = fields.Many2one('stock.lot', required=True, index=True, ondelete='cascade', check_company=True)
    product_id = fields.Many2one(related='lot_id.product_id')
    location_id = fields.Many2one(
        'stock.location', string="Taken from", required=True, ondelete='cascade', check_company=True)
    owner_id = fields.Many2one('res.partner', ondelete='set null', check_company=True)
    qty = fields.Float(string="Quantity", digits='Product Unit')
    is_released = fields.Boolean(string="Released", readonly=True)

    # === BUSINESS === #

    def _release(self):
        """Move back what is still in the place for recalled goods; the rest was scrapped or sent back meanwhile."""
        for hold in self.filtered(lambda hold: not hold.is_released):
            # sudo: as when it was held
            hold_sudo = hold.sudo()
            quants = self.env['stock.quant'].sudo().search([
                ('lot_id', '=', hold.lot_id.id), ('location_id', '=', hold_sudo.recall_id._get_hold_location().id),
                ('owner_id', '=', hold_sudo.owner_id.id), ('quantity', '>', 0),
            ])
            left = hold.qty
            for quant in quants:
                qty = min(left, quant.quantity)
                if qty > 0:
                    move = self.env['stock.move'].sudo().create(quant.with_context(inventory_name=self.env._(
                        "Recall %(number)s: released", number=hold.recall_id.number,
                    ))._get_inventory_move_values(qty, quant.location_id, hold_sudo.location_id))
                    move._action_done()
                    left -= qty
            hold_sudo.is_released = True

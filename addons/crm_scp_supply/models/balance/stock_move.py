from odoo import models


class StockMove(models.Model):
    _inherit = 'stock.move'

    def _action_done(self, cancel_backorder=False):
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        for of_company in moves.filtered(lambda move: move.state == 'done').grouped('company_id').values():
            # sudo: goods are counted, whoever moves them
            self.env['scp.balance.posting'].sudo()._post_moves(of_company.sudo())
        return moves

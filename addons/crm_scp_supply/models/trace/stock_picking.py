from odoo import api, fields, models

from .scp_trace import TRACE_GROUPS


class StockPicking(models.Model):
    _inherit = 'stock.picking'

    scp_lot_count = fields.Integer(
        string="Lots Moved", compute='_compute_scp_lot_count', groups=TRACE_GROUPS,
        help="Lots and serial numbers on this transfer.",
    )

    # === COMPUTE === #

    def _compute_scp_lot_count(self):
        counts = dict(self.env['stock.move.line']._read_group(
            [('picking_id', 'in', self.ids), ('lot_id', '!=', False), ('state', '=', 'done')],
            ['picking_id'], ['lot_id:count_distinct'],
        ))
        for picking in self:
            picking.scp_lot_count = counts.get(picking._origin, 0)

    # === ACTIONS === #

    @api.readonly
    def action_scp_trace(self):
        self.ensure_one()
        return self.env['scp.trace']._get_trace_action(self)

    # === BUSINESS === #

    def _scp_get_trace_lots(self):
        """The lots that were moved here."""
        return self.move_line_ids.filtered(lambda line: line.state == 'done').lot_id

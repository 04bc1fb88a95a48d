from odoo import api, fields, models

from ..trace.scp_trace import TRACE_GROUPS


class StockLot(models.Model):
    _inherit = 'stock.lot'

    scp_recall_ids = fields.Many2many(
        'scp.recall', relation='scp_recall_affected_lot_rel', string="Recalls", readonly=True, groups=TRACE_GROUPS,
    )
    scp_running_recall_id = fields.Many2one(
        'scp.recall', string="Recalled by", compute='_compute_scp_running_recall_id', groups=TRACE_GROUPS,
        help="The recall because of which goods of this lot may not leave.",
    )

    @api.depends('scp_recall_ids.state', 'scp_recall_ids.is_drill')
    def _compute_scp_running_recall_id(self):
        running = self._scp_get_running_recalls()
        for lot in self:
            lot.scp_running_recall_id = running.get(lot._origin.id)

    def action_prepare_recall(self):
        """A new recall of these lots."""
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'scp.recall',
            'views': [(False, 'form')],
            'context': {
                'default_lot_ids': self.ids, 'default_company_id': (self.company_id[:1] or self.env.company).id,
            },
        }

    def _scp_get_running_recalls(self):
        """The recalls that hold these lots now: recall, as superuser, by id of the lot."""
        # sudo: who moves goods must be stopped whether he may read recalls or not
        recalls = self.env['scp.recall'].sudo().search([
            ('affected_lot_ids', 'in', self._origin.ids), ('state', '=', 'active'), ('is_drill', '=', False),
            ('company_id', 'in', self.env.companies.ids),
        ])
        return {lot.id: recall for recall in recalls for lot in recall.affected_lot_ids & self._origin}

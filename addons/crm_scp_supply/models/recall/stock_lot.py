from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

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

    @api.ondelete(at_uninstall=False)
    def _unlink_except_recalled(self):
        # sudo: what was recalled stays on record, whoever cleans up
        recall = self.env['scp.recall'].sudo().search(
            (Domain('lot_ids', 'in', self.ids) | Domain('affected_lot_ids', 'in', self.ids))
            & Domain('state', '!=', 'draft'), limit=1)
        if recall:
            lot = (recall.lot_ids | recall.affected_lot_ids) & self
            raise UserError(self.env._(
                "Lot %(lot)s of %(product)s is in recall %(recall)s and must remain on record.",
                lot=lot[0].name, product=lot[0].product_id.display_name, recall=recall.number))

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

from odoo import api, fields, models
from odoo.fields import Domain

from .journal import PROMISE_GROUPS


class StockPicking(models.Model):
    _inherit = 'stock.picking'

    scp_promise_count = fields.Integer(
        string="Promised Lines",
        compute='_compute_scp_promise_count',
        groups=PROMISE_GROUPS,
        help="Order lines on this transfer that were promised to a customer or by a supplier.",
    )

    def _compute_scp_promise_count(self):
        for picking in self:
            picking.scp_promise_count = self.env['scp.promise.report'].search_count(
                picking._get_scp_promise_domain(),
            ) if picking.move_ids else 0

    @api.readonly
    def action_view_scp_promises(self):
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_promise_report_action')
        return action | {'domain': self._get_scp_promise_domain(), 'context': {}}

    def _get_scp_promise_domain(self):
        """Promises by line of the sale and purchase order lines that are moved here."""
        moves = self.move_ids
        return list(
            Domain('sale_line_id', 'in', moves.sale_line_id.ids)
            | Domain('purchase_line_id', 'in', moves.purchase_line_id.ids)
        )

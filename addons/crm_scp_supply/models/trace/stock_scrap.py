from odoo import api, fields, models

from .scp_trace import TRACE_GROUPS


class StockScrap(models.Model):
    _inherit = 'stock.scrap'

    scp_complaint_id = fields.Many2one(
        'scp.complaint', string="Complaint", compute='_compute_scp_complaint_id', store=True, readonly=False,
        index='btree_not_null', ondelete='set null', copy=False, check_company=True, groups=TRACE_GROUPS,
        help="The complaint because of which this is scrapped; its value is a cost of it.",
    )

    @api.depends('picking_id')
    def _compute_scp_complaint_id(self):
        """What is scrapped of a return is scrapped because of the complaint about the delivery returned."""
        # sudo: to find the case, which the warehouse need not read
        Complaint = self.env['scp.complaint'].sudo()
        for scrap in self:
            delivery = scrap.picking_id.return_id
            if delivery and not scrap.scp_complaint_id:
                scrap.scp_complaint_id = Complaint.search([
                    ('picking_ids', 'in', delivery.ids), ('company_id', '=', scrap.company_id.id),
                ], order='received_at desc', limit=1)
            else:
                scrap.scp_complaint_id = scrap.scp_complaint_id

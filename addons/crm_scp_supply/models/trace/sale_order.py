from odoo import fields, models

from .scp_trace import TRACE_GROUPS


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    scp_complaint_id = fields.Many2one(
        'scp.complaint', string="Replaces for Complaint", index='btree_not_null', ondelete='set null', copy=False,
        check_company=True, groups=TRACE_GROUPS,
        help="The complaint that this order makes good; what it delivers is a cost of it.",
    )

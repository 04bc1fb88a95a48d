from odoo import api, fields, models

from ..promise.journal import PROMISE_GROUPS

# The status of an order is the worst of its lines
SEVERITY = ('overdue', 'quantity', 'late', 'open', 'kept', 'withdrawn')


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    scp_delivery_verdict = fields.Selection(
        selection=lambda self: self.env['scp.delivery.report']._fields['status'].selection,
        string="Promise Kept",
        compute='_compute_scp_delivery_verdict',
        groups=PROMISE_GROUPS,
        help="How the order was delivered by what was promised first: the worst of its lines.",
    )

    # === COMPUTE === #

    @api.depends_context('uid')
    def _compute_scp_delivery_verdict(self):
        Report = self.env['scp.delivery.report']
        statuses = {}
        if Report.has_access('read'):
            for order, status in Report._read_group(
                [('sale_order_id', 'in', self._origin.ids)], ['sale_order_id', 'status'],
            ):
                statuses.setdefault(order.id, []).append(status)
        for order in self:
            order.scp_delivery_verdict = min(statuses.get(order._origin.id, ()), key=SEVERITY.index, default=False)

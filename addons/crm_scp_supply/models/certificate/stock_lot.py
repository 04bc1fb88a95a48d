from odoo import api, fields, models

from ..trace.scp_trace import TRACE_GROUPS
from .scp_lot_compliance import STATUSES

#: the worst decides
RANK = {status: rank for rank, (status, _label) in enumerate(STATUSES)}


class StockLot(models.Model):
    _inherit = 'stock.lot'

    scp_compliance = fields.Selection(
        STATUSES, string="Certificates", compute='_compute_scp_compliance', groups=TRACE_GROUPS,
        help="Whether who delivered what the lot is made of held the certificates required, on the day it came. "
        "What single customers require does not count here.",
    )

    # === COMPUTE === #

    @api.depends_context('company')
    def _compute_scp_compliance(self):
        requirements = self._scp_get_requirements().filtered(lambda requirement: not requirement.partner_id)
        statuses = {}
        for found in self.env['scp.certificate.proof']._get_compliance(requirements, self._origin, self.env.company):
            statuses.setdefault(found.lot_id, []).append(found.status)
        for lot in self:
            lot.scp_compliance = max(statuses.get(lot._origin.id, [False]), key=lambda status: RANK.get(status, -1))

    # === ACTIONS === #

    def action_scp_compliance(self):
        """The proofs of these lots."""
        self.env['scp.trace']._check_trace_access(self)
        return self.env['scp.lot.compliance']._open(self)

    # === BUSINESS === #

    @api.model
    def _scp_get_requirements(self):
        # sudo: who may follow a lot may know what is required of it
        return self.env['scp.certificate.requirement'].sudo().search([('company_id', '=', self.env.company.id)])

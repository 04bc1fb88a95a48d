from odoo import api, fields, models

from .scp_trace import TRACE_GROUPS


class ResPartner(models.Model):
    _inherit = 'res.partner'

    scp_lot_received_count = fields.Integer(
        string="Lots Received", compute='_compute_scp_lot_counts', groups=TRACE_GROUPS,
        help="Lots and serial numbers that were delivered to this company.",
    )
    scp_lot_supplied_count = fields.Integer(
        string="Lots Supplied", compute='_compute_scp_lot_counts', groups=TRACE_GROUPS,
        help="Lots and serial numbers that this company delivered to us.",
    )

    # === COMPUTE === #

    @api.depends('commercial_partner_id')
    @api.depends_context('allowed_company_ids')
    def _compute_scp_lot_counts(self):
        lots = self.env['scp.trace']._get_partner_lots(self._origin, 'customer', 'supplier')
        for partner in self:
            company = partner.commercial_partner_id._origin
            partner.scp_lot_received_count = len(lots.get(('customer', company.id), ()))
            partner.scp_lot_supplied_count = len(lots.get(('supplier', company.id), ()))

    # === ACTIONS === #

    @api.readonly
    def action_scp_trace_received(self):
        self.ensure_one()
        return self.env['scp.trace']._get_trace_action(self, 'customer')

    @api.readonly
    def action_scp_trace_supplied(self):
        self.ensure_one()
        return self.env['scp.trace']._get_trace_action(self, 'supplier')

    # === BUSINESS === #

    def _scp_get_trace_lots(self, role):
        """The lots that this company received as `customer` or delivered as `supplier`."""
        lot_ids = self.env['scp.trace']._get_partner_lots(self, role).values()
        return self.env['stock.lot'].browse(sorted(set().union(*lot_ids)))

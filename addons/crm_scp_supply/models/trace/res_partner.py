from odoo import api, fields, models
from odoo.tools import SQL

from .scp_trace import TRACE_GROUPS


class ResPartner(models.Model):
    _inherit = 'res.partner'

    scp_lot_received_count = fields.Integer(
        string="Lots Received", compute='_compute_scp_counts', groups=TRACE_GROUPS,
        help="Lots and serial numbers that were delivered to this company.",
    )
    scp_lot_supplied_count = fields.Integer(
        string="Lots Supplied", compute='_compute_scp_counts', groups=TRACE_GROUPS,
        help="Lots and serial numbers that this company delivered to us.",
    )

    # === COMPUTE === #

    def _get_scp_count_queries(self):
        return [*super()._get_scp_count_queries(), SQL(
            """
            SELECT CASE role WHEN 'customer' THEN 'scp_lot_received_count' ELSE 'scp_lot_supplied_count' END AS field,
                   partner_id, cardinality(lot_ids) AS number
              FROM (%s) lots
            """,
            self.env['scp.trace']._get_partner_lots_query(self),
        )]

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
        self.env.flush_all()
        rows = self.env.execute_query(self.env['scp.trace']._get_partner_lots_query(self.commercial_partner_id))
        lot_ids = set().union(*(lot_ids for moved_as, _partner_id, lot_ids in rows if moved_as == role))
        return self.env['stock.lot'].browse(sorted(lot_ids))

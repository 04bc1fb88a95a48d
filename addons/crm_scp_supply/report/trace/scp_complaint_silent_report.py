from odoo import api, models
from odoo.tools import SQL


class ScpComplaintSilentReport(models.Model):
    """Customers who sent goods back or waited in vain, and did not complain."""

    _inherit = 'scp.complaint.silent.report'

    _depends = {
        'stock.picking': ['company_id', 'date_done', 'name', 'partner_id', 'return_id', 'scp_return_fault', 'state'],
        'stock.move': ['location_id', 'picking_id', 'state', 'value'],
        'scp.complaint': ['picking_ids', 'sale_order_id'],
        'scp.delivery.fact': [
            'company_id', 'direction', 'due_baseline', 'is_closed', 'is_on_time_baseline', 'is_withdrawn', 'line_ref',
            'order_name', 'sale_order_id',
        ],
        'sale.order': ['currency_rate', 'partner_id'],
        'sale.order.line': ['price_subtotal'],
    }

    @api.model
    def _selection_signal(self):
        return [
            *super()._selection_signal(),
            ('return', self.env._("Goods Returned")),
            ('late', self.env._("Late Delivery")),
        ]

    @api.model
    def _get_signal_model(self, signal):
        return {'return': 'stock.picking', 'late': 'sale.order'}.get(signal) or super()._get_signal_model(signal)

    @api.model
    def _get_silent_signal_queries(self):
        return {
            **super()._get_silent_signal_queries(),
            'return': self._get_return_query(),
            'late': self._get_late_query(),
        }

    @api.model
    def _get_return_query(self) -> SQL:
        """Returns from customers by our fault, but those of deliveries complained of; their value at cost."""
        return SQL(
            """
            SELECT picking.id AS source_id, picking.company_id, partner.commercial_partner_id AS partner_id,
                   picking.date_done::date AS date, picking.name AS reference, back.amount
              FROM stock_picking picking
              JOIN stock_location source ON source.id = picking.location_id AND source.usage = 'customer'
              JOIN res_partner partner ON partner.id = picking.partner_id
        CROSS JOIN LATERAL (
                   SELECT NULLIF(sum(move.value), 0) AS amount
                     FROM stock_move move WHERE move.picking_id = picking.id AND move.state = 'done'
                   ) back
             WHERE picking.state = 'done'
               AND picking.scp_return_fault IS DISTINCT FROM 'receiver'
               AND NOT EXISTS (SELECT FROM scp_complaint_stock_picking_rel link
                                WHERE link.stock_picking_id = picking.return_id)
            """
        )

    @api.model
    def _get_late_query(self) -> SQL:
        """Orders with lines that missed the first promise, on the day they did, but those complained of."""
        return SQL(
            """
            SELECT fact.sale_order_id AS source_id, fact.company_id, partner.commercial_partner_id AS partner_id,
                   min(fact.due_baseline)::date AS date, sale.name AS reference,
                   sum(line.price_subtotal / NULLIF(sale.currency_rate, 0)) AS amount
              FROM scp_delivery_fact fact
              JOIN sale_order sale ON sale.id = fact.sale_order_id
              JOIN sale_order_line line ON line.id = fact.line_ref
              JOIN res_partner partner ON partner.id = sale.partner_id
             WHERE fact.direction = 'out'
               AND NOT fact.is_on_time_baseline
               AND NOT fact.is_withdrawn
               AND fact.due_baseline < %s
               AND NOT EXISTS (SELECT FROM scp_complaint complaint WHERE complaint.sale_order_id = sale.id)
          GROUP BY fact.sale_order_id, fact.company_id, partner.commercial_partner_id, sale.name
            """,
            self.env.cr.now(),
        )

from odoo import models


class StockPicking(models.Model):
    _name = 'stock.picking'
    _inherit = ['stock.picking', 'scp.portal.shield']

    # To a customer, `partner_id`, `origin` and `purchase_id` name the supplier who delivers directly; to the supplier,
    # `sale_id` names the customer.
    _scp_portal_hidden = frozenset({'origin', 'partner_id', 'purchase_id', 'reference_ids', 'sale_id'})

    def _scp_is_shown_to_customer(self, lines):
        """Whether goods of these order lines go to, or come back from, the customer here.

        :param lines: ``sale.order.line`` the customer may see
        """
        self.ensure_one()
        return self.state not in ('draft', 'cancel') and any(
            move.sale_line_id in lines and 'customer' in (move.location_dest_id.usage, move.location_id.usage)
            for move in self.move_ids
        )

    def _scp_prepare_customer_values(self, lines, policy):
        """What a customer sees of a delivery. Runs as superuser.

        :param lines: ``sale.order.line`` he may see
        :param policy: the share policy in force
        """
        self.ensure_one()
        moves = self.move_ids.filtered(lambda move: move.sale_line_id in lines and move.state != 'cancel')
        # Goods that never pass through our warehouse
        direct = moves.filtered(lambda move: move.location_id.usage == 'supplier')
        supplier = direct.purchase_line_id.order_id.partner_id.commercial_partner_id[:1]
        is_return = 'customer' in moves.location_id.mapped('usage')
        return {
            'name': self.name,
            'is_return': is_return,
            'is_done': self.state == 'done',
            'label': self._scp_get_customer_label(is_return),
            'date': self.date_done if self.state == 'done' else self.scheduled_date,
            'from': supplier.name if supplier and policy.reveal_supplier_identity else self.company_id.name,
            'tracking': 'carrier_tracking_ref' in self._fields and self.carrier_tracking_ref,
            'lines': [{
                'name': (move.sale_line_id.name or '').partition('\n')[0],
                'qty': move.quantity if self.state == 'done' else move.product_uom_qty,
                'uom': move.product_uom.name,
                'lots': move.lot_ids.mapped('name') if policy.share_lot_trace and self.state == 'done' else [],
            } for move in moves],
        }

    def _scp_get_customer_label(self, is_return):
        if is_return:
            return self.env._("Returned") if self.state == 'done' else self.env._("Return expected")
        if self.state == 'done':
            return self.env._("Sent")
        return self.env._("Ready to be sent") if self.state == 'assigned' else self.env._("In preparation")

from odoo import models


class StockPicking(models.Model):
    _name = 'stock.picking'
    _inherit = ['stock.picking', 'scp.portal.shield']

    # To a customer, `partner_id`, `origin` and `purchase_id` name the supplier who delivers directly; to the supplier,
    # `sale_id` names the customer.
    _scp_portal_hidden = frozenset({'origin', 'partner_id', 'purchase_id', 'reference_ids', 'sale_id'})

    # === WHO IS NAMED === #

    def _scp_get_direct_moves(self):
        """Moves of goods that never pass through our warehouse."""
        return self.move_ids.filtered(
            lambda move: move.location_id.usage == 'supplier' and move.location_dest_id.usage == 'customer')

    def _scp_get_hidden_parties(self):
        """Whom the papers of this transfer must not name: ``supplier``, ``customer``, both or nobody.

        The papers of a direct delivery travel with the goods, so they name its supplier to nobody unless the customer
        may know him. The customer is hidden only from a supplier who fetches them himself. Runs as superuser.

        :rtype: frozenset
        """
        self.ensure_one()
        moves = self._scp_get_direct_moves()
        if not moves:
            return frozenset()
        get_policy = self.env['scp.relation']._get_policy
        supplier = moves.purchase_line_id.order_id.partner_id[:1] or self.partner_id
        customer = moves.sale_line_id.order_id.partner_id[:1]
        hidden = set()
        if not any(
            get_policy(customer, role, self.company_id).reveal_supplier_identity for role in ('distributor', 'customer')
        ):
            hidden.add('supplier')
        reader = self.env.user.partner_id.commercial_partner_id
        if reader == supplier.commercial_partner_id and not self.env.user._is_internal() and (
            not get_policy(supplier, 'supplier', self.company_id).reveal_customer_identity
        ):
            hidden.add('customer')
        return frozenset(hidden)

    def should_print_delivery_address(self):
        """Whether the slip says where the goods go. Override: not to whom the customer is hidden from."""
        # sudo: who prints a transfer need not have the right to read its orders
        picking = self.sudo()
        return super().should_print_delivery_address() and (
            'customer' not in picking._scp_get_hidden_parties() and bool(picking._scp_get_slip_address()))

    def _scp_get_slip_address(self):
        """Where the goods go, as the slip says. The contact of a direct delivery is its supplier, not its customer."""
        self.ensure_one()
        move = self.move_ids[:1]
        if self._scp_get_direct_moves():
            return move.partner_id or move.sale_line_id.order_id.partner_shipping_id
        return move.partner_id or self.partner_id

    def _scp_get_slip_origin(self):
        """The order, as the slip names it: of a direct delivery that of the reader's side."""
        self.ensure_one()
        hidden = self._scp_get_hidden_parties()
        if not hidden:
            return self.origin
        moves = self._scp_get_direct_moves()
        orders = moves.purchase_line_id.order_id if 'customer' in hidden else moves.sale_line_id.order_id
        return ", ".join(orders.mapped('name'))

    # === VALUES === #

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
        supplier = (moves & self._scp_get_direct_moves()).purchase_line_id.order_id.partner_id.commercial_partner_id[:1]
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

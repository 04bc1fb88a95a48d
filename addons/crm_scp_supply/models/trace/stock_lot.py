from odoo import api, fields, models

from .scp_trace import TRACE_GROUPS


class StockLot(models.Model):
    _inherit = 'stock.lot'

    scp_customer_count = fields.Integer(
        string="Customers Reached",
        compute='_compute_scp_trace',
        groups=TRACE_GROUPS,
        help="Customers who hold goods of this lot or of lots made of it; what came back does not count.",
    )
    scp_supplier_count = fields.Integer(
        string="Suppliers Behind",
        compute='_compute_scp_trace',
        groups=TRACE_GROUPS,
        help="Suppliers of this lot and of the lots it was made of.",
    )
    scp_passport_ids = fields.One2many('scp.lot.passport', 'lot_id', string="Passports", groups=TRACE_GROUPS)

    # === COMPUTE === #

    @api.depends_context('allowed_company_ids')
    def _compute_scp_trace(self):
        Trace = self.env['scp.trace']
        lots = self._origin
        customers = {
            (row['origin_id'], row['partner_id'])
            for row in Trace._get_customer_rows(lots, by_origin=True) if row['net'] > 0
        }
        suppliers = {
            (row['origin_id'], row['partner_id']) for row in Trace._get_supplier_rows(lots, by_origin=True)
        }
        for lot in self:
            lot.scp_customer_count = sum(origin == lot._origin.id for origin, _partner in customers)
            lot.scp_supplier_count = sum(origin == lot._origin.id for origin, _partner in suppliers)

    @api.depends('name')
    def _compute_purchase_order_ids(self):
        # Odoo leaves lots to people who may read orders; those who follow them need not
        if self._scp_may_read('purchase.order', 'purchase.order.line'):
            return super()._compute_purchase_order_ids()
        # sudo: an empty list, which only who reads orders may assign
        self.sudo().update({'purchase_order_ids': False, 'purchase_order_count': 0})
        return None

    @api.depends('name')
    def _compute_sale_order_ids(self):
        if self._scp_may_read('sale.order', 'sale.order.line'):
            return super()._compute_sale_order_ids()
        # sudo: as above
        self.sudo().update({'sale_order_ids': False, 'sale_order_count': 0})
        return None

    # === ACTIONS === #

    @api.readonly
    def action_scp_trace(self):
        return self.env['scp.trace']._get_trace_action(self)

    def action_scp_passports(self):
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_lot_passport_action')
        return action | {'domain': [('lot_id', '=', self.id)], 'context': {'default_lot_id': self.id}}

    # === BUSINESS === #

    @api.model
    def _scp_may_read(self, *models):
        return all(self.env[model].has_access('read') for model in models)

    def _scp_get_trace_lots(self):
        """The lots a trace begins with."""
        return self

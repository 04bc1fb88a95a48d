from datetime import timedelta

from odoo import Command, api, models

# What people saw that no number shows: kind, quantity, what they wrote
SEEN_AT_RECEIPT = ('quality', 14, "Blow holes at the flange of 14 castings, photos sent to the supplier. 铸件有气孔。")
SEEN_BY_CUSTOMER = ('document', 0, "The test certificate 3.1 was missing in the shipment; sent by mail the day after.")


# A supplier puts the goods bought for an open order off to so many days after the customer was promised them
PUT_OFF_DAYS = 9
BOUGHT_AHEAD_DAYS = 4


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _create_waiting_order(self):
        """Buy the goods of an open order for it, from a supplier who then puts the day off."""
        line = self.env['sale.order.line'].search([
            ('order_id.partner_id', 'in', self._get_customers().ids),
            ('order_id.commitment_date', '>', self._moment(-2)),
            ('move_ids.state', 'in', ('confirmed', 'partially_available', 'assigned')),
        ], order='id', limit=1)
        promised = line.order_id.commitment_date
        moment = line.order_id.date_order + timedelta(days=1)
        buyer = self.env.ref('base.user_admin')
        with self._at(moment):
            purchase = self.env['purchase.order'].with_user(buyer).with_context(tracking_disable=True).create({
                'partner_id': self.env.ref('crm_scp_supply.supplier_lombarda').id,
                'company_id': line.company_id.id,
                'user_id': buyer.id,
                'origin': line.order_id.name,
                'date_order': moment,
                'order_line': [Command.create({
                    'product_id': line.product_id.id,
                    'product_qty': line.product_uom_qty,
                    'product_uom_id': line.product_uom_id.id,
                    'price_unit': line.product_id.standard_price,
                    'date_planned': promised - timedelta(days=BOUGHT_AHEAD_DAYS),
                })],
            })
            self._said(purchase, moment).button_confirm()
            purchase.date_approve = moment
        delivery = line.move_ids.filtered(lambda move: move.state not in ('done', 'cancel'))
        delivery._do_unreserve()
        delivery.write({
            'procure_method': 'make_to_order', 'move_orig_ids': [Command.set(purchase.order_line.move_ids.ids)],
        })
        self._said(purchase, moment + timedelta(days=1), 'mail').action_acknowledge()
        purchase = self._said(purchase, self._moment(1), 'mail', 'capacity')
        with purchase._scp_keep_promises(purchase.order_line):
            purchase.order_line.date_planned = promised + timedelta(days=PUT_OFF_DAYS)

    @api.model
    def _create_exceptions(self):
        """Report a problem at a receipt and one at a delivery; the others are found by the job."""
        receipt = self.env['purchase.order.line'].search([
            ('partner_id', '=', self.env.ref('crm_scp_supply.supplier_lombarda').id), ('qty_received', '>', 0),
        ], order='id desc', limit=1)
        delivery = self.env['sale.order.line'].search([
            ('order_id.partner_id', 'in', self._get_customers().ids), ('move_ids.state', '=', 'done'),
        ], order='id desc', limit=1)
        for line, (kind, qty, note) in ((receipt, SEEN_AT_RECEIPT), (delivery, SEEN_BY_CUSTOMER)):
            self.env['scp.exception'].create({line._scp_line_field: line.id, 'kind': kind, 'qty': qty, 'note': note})

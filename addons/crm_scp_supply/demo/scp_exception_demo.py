from odoo import api, models

# What people saw that no number shows: kind, quantity, what they wrote
SEEN_AT_RECEIPT = ('quality', 14, "Blow holes at the flange of 14 castings, photos sent to the supplier. 铸件有气孔。")
SEEN_BY_CUSTOMER = ('document', 0, "The test certificate 3.1 was missing in the shipment; sent by mail the day after.")


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

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

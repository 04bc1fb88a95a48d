from odoo import fields, models
from odoo.exceptions import ValidationError


class ScpPromiseConfirmLine(models.TransientModel):
    _name = 'scp.promise.confirm.line'
    _description = "Line of a Supplier's Confirmation"

    wizard_id = fields.Many2one('scp.promise.confirm', required=True, index=True, ondelete='cascade')
    purchase_line_id = fields.Many2one('purchase.order.line', required=True, readonly=True, ondelete='cascade')
    product_id = fields.Many2one(related='purchase_line_id.product_id')
    product_uom_id = fields.Many2one(related='purchase_line_id.product_uom_id', string="Unit")
    date_planned = fields.Datetime(related='purchase_line_id.date_planned', string="Planned")
    product_qty = fields.Float(related='purchase_line_id.product_qty', string="Ordered")
    selected = fields.Boolean(default=True, help="Untick the lines the supplier has not spoken about.")
    date_confirmed = fields.Datetime(string="Confirmed Date", required=True)
    qty_confirmed = fields.Float(string="Confirmed Quantity", digits='Product Unit', required=True)

    def _apply(self, order):
        """Write what was confirmed, where it differs, on the order line.

        :param order: the purchase order that was confirmed
        """
        self.ensure_one()
        line = self.purchase_line_id
        if line.order_id != order:
            raise ValidationError(self.env._(
                "%(product)s is not on %(order)s.", product=self.product_id.display_name, order=order.name,
            ))
        if self.qty_confirmed < 0:
            raise ValidationError(self.env._(
                "%(product)s: the confirmed quantity cannot be negative.", product=self.product_id.display_name,
            ))
        # The quantity first: Odoo recomputes the planned date from it
        if line.product_uom_id.compare(self.qty_confirmed, line.product_qty) != 0:
            line.product_qty = self.qty_confirmed
        if self.date_confirmed != line.date_planned:
            line.date_planned = self.date_confirmed

from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: what a customer tells about goods, in the order of his form
ANSWERS = ('qty_kept', 'qty_used', 'qty_passed')


class ScpRecallLine(models.Model):
    """How much of a lot a customer got, and what he says became of it."""

    _name = 'scp.recall.line'
    _description = "Recalled Goods of a Customer"
    _order = 'customer_id, id'
    _rec_name = 'lot_id'
    _check_company_auto = True

    customer_id = fields.Many2one(
        'scp.recall.customer', string="Customer of the Recall", required=True, index=True, ondelete='cascade',
        check_company=True,
    )
    recall_id = fields.Many2one(related='customer_id.recall_id', store=True, precompute=True, index=True)
    # Stored for security rules
    company_id = fields.Many2one(related='customer_id.company_id', store=True, precompute=True, index=True)
    partner_id = fields.Many2one(related='customer_id.partner_id', string="Customer")
    lot_id = fields.Many2one('stock.lot', required=True, index=True, ondelete='restrict', check_company=True)
    product_id = fields.Many2one(related='lot_id.product_id')
    product_uom_id = fields.Many2one(related='lot_id.product_uom_id', string="Unit")
    qty = fields.Float(
        string="With the Customer", digits='Product Unit', readonly=True, help="Delivered less returned, at the start.",
    )
    qty_kept = fields.Float(string="Still There", digits='Product Unit', help="Kept apart, to be taken back.")
    qty_used = fields.Float(string="Used or Destroyed", digits='Product Unit')
    qty_passed = fields.Float(string="Passed on", digits='Product Unit', help="Sold or given to somebody else.")
    qty_accounted = fields.Float(
        string="Accounted for", digits='Product Unit', compute='_compute_qty_accounted', store=True)

    _lot_uniq = models.UniqueIndex('(customer_id, lot_id)', "This lot is listed for the customer already.")

    @api.depends(*ANSWERS)
    def _compute_qty_accounted(self):
        for line in self:
            line.qty_accounted = sum(line[name] for name in ANSWERS)

    @api.constrains(*ANSWERS)
    def _check_answers(self):
        for line in self:
            if any(line[name] < 0 for name in ANSWERS) or line.product_uom_id.compare(line.qty_accounted, line.qty) > 0:
                raise ValidationError(self.env._(
                    "Lot %(lot)s: tell of no more than the %(qty)s %(unit)s that %(customer)s received.",
                    lot=line.lot_id.name, qty=line.qty, unit=line.product_uom_id.name, customer=line.partner_id.name,
                ))

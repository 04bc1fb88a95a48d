from odoo import api, fields, models


class ScpSupplierClaimLot(models.Model):
    """A lot of the supplier that went into the goods complained of, as the trace had it when the claim was made."""

    _name = 'scp.supplier.claim.lot'
    _description = "Lot of a Supplier Claim"
    _order = 'claim_id, id'
    _rec_name = 'lot_name'
    _check_company_auto = True

    claim_id = fields.Many2one(
        'scp.supplier.claim', required=True, index=True, ondelete='cascade', check_company=True)
    # Stored for security rules
    company_id = fields.Many2one(related='claim_id.company_id', store=True, precompute=True, index=True)
    lot_id = fields.Many2one('stock.lot', index='btree_not_null', ondelete='set null', check_company=True)
    lot_name = fields.Char(
        string="Lot Number", compute='_compute_names', store=True, precompute=True,
        help="Kept when the lot is deleted.")
    product_id = fields.Many2one('product.product', ondelete='set null', index='btree_not_null', check_company=True)
    product_name = fields.Char(compute='_compute_names', store=True, precompute=True)
    product_uom_id = fields.Many2one('uom.uom', string="Unit", ondelete='set null')
    qty = fields.Float(
        string="Consumed", digits='Product Unit', help="How much of this lot is in the lots complained of.")
    company_currency_id = fields.Many2one(related='company_id.currency_id', string="Company Currency")
    value = fields.Monetary(
        currency_field='company_currency_id', help="Of what was consumed, at the price it was received for.")
    purchase_names = fields.Char(string="Purchase Orders")

    @api.depends('lot_id', 'product_id')
    def _compute_names(self):
        for line in self:
            # sudo: the name is part of the claim
            line.lot_name = line.sudo().lot_id.name or line.lot_name
            line.product_name = line.sudo().product_id.name or line.product_name

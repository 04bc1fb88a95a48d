from odoo import fields, models


class ScpBalanceFactor(models.Model):
    """How much of the unit of an account one unit of a product is: yield of a material, content of a product."""

    _name = 'scp.balance.factor'
    _description = "Conversion Factor of a Mass Balance Account"
    _order = 'account_id, product_id, id'
    _rec_name = 'product_id'
    _check_company_auto = True

    account_id = fields.Many2one(
        'scp.balance.account', required=True, index=True, ondelete='cascade', check_company=True)
    # Stored for security rules
    company_id = fields.Many2one(related='account_id.company_id', store=True, precompute=True, index=True)
    product_id = fields.Many2one(
        'product.product', required=True, index=True, ondelete='cascade', check_company=True)
    product_uom_id = fields.Many2one(related='product_id.uom_id', string="Unit of the Product")
    factor = fields.Float(
        required=True, default=1.0, digits=(16, 6), aggregator=None,
        help="One unit of the product counts for so many units of the account. Without a factor units are converted "
        "where they can be (g into kg), and count one to one where they cannot.",
    )
    reason = fields.Char(help="Where the factor comes from: a measurement, the recipe, the scheme.")

    _product_uniq = models.UniqueIndex('(account_id, product_id)', "A product has one factor in an account.")
    _factor_positive = models.Constraint('CHECK (factor > 0)', "Factor: enter more than 0.")

from odoo import fields, models


class ScpCustomerMeasure(models.Model):
    _name = 'scp.customer.measure'
    _description = "Customer Measure"

    customer_id = fields.Many2one('scp.customer', required=True, index=True, ondelete='cascade')
    code = fields.Char(required=True)
    period = fields.Date(required=True)
    numerator = fields.Float()
    denominator = fields.Float()
    n = fields.Integer()
    currency_id = fields.Many2one('res.currency')
    source = fields.Char()

    _customer_code_period_uniq = models.UniqueIndex('(customer_id, code, period)')

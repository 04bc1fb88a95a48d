from odoo import api, fields, models
from odoo.tools import SQL


class ScpCustomerMeasure(models.Model):
    """What addons tell each other about customers: one row per customer, code and month.

    Rows are derived data. They are only written by `scp.customer.refresh`, from the statements of
    `scp.customer._get_measure_queries`, and may be rebuilt at any time. A code nobody provides has
    no rows: no data.
    """

    _name = 'scp.customer.measure'
    _description = "Customer Measure"
    _order = 'period desc, code, id'
    _log_access = False

    customer_id = fields.Many2one(
        comodel_name='scp.customer',
        required=True,
        index=True,
        ondelete='cascade',
    )
    # Stored for security rules
    company_id = fields.Many2one(
        related='customer_id.company_id', store=True, precompute=True, index=True,
    )
    partner_id = fields.Many2one(related='customer_id.partner_id', string="Contact")
    code = fields.Char(string="Measure", required=True)
    period = fields.Date(
        required=True,
        help="First day of the month, in the time zone of the company's working hours.",
    )
    numerator = fields.Float(
        digits=(20, 6),
        help="What is counted or added up, in the currency of the row where it is money.",
    )
    denominator = fields.Float(
        digits=(20, 6),
        help="What the numerator is divided by: over several months always the sum over the sum.",
    )
    n = fields.Integer(string="Records", help="Number of records behind the figure.")
    currency_id = fields.Many2one(
        comodel_name='res.currency',
        ondelete='restrict',
        help="Empty where the numerator is not money.",
    )
    source = fields.Char(help="Technical name of the addon that provides the measure.")

    # `_get_measures` reads, the refresh upserts, by this key.
    _customer_code_period_uniq = models.UniqueIndex('(customer_id, code, period)')

    @api.model
    def _unlink_source(self, addon):
        """Remove the measures an addon provided. For the `uninstall_hook` of that addon.

        :param str addon: technical name
        """
        self.env.execute_query(SQL("DELETE FROM scp_customer_measure WHERE source = %s", addon))
        self.invalidate_model()

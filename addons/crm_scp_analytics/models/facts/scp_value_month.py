from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.crm_scp_core.fields import LooseMany2one


class ScpValueMonth(models.Model):
    """What the days of a customer add up to in a month: what his profit is counted down from.

    One row per customer and month with a day. Kept because a report that adds up days each time it is opened takes as
    long as there are days. Derived data: written by `scp.value.fact.refresh` alone, in the transaction of the days, and
    removed with them (`scp.value.fact._remove`).
    """

    _name = 'scp.value.month'
    _description = "Customer Month"
    _order = 'period desc, id desc'
    _rec_name = 'customer_id'
    _log_access = False

    customer_id = LooseMany2one(
        comodel_name='scp.customer', required=True, readonly=True, ondelete='cascade',
    )
    # Stored for security rules
    company_id = LooseMany2one(
        comodel_name='res.company', required=True, readonly=True, ondelete='cascade',
    )
    currency_id = fields.Many2one(related='company_id.currency_id')
    period = fields.Date(string="Month", required=True, readonly=True)
    refunded = fields.Monetary(readonly=True)
    discount = fields.Monetary(readonly=True)
    invoiced = fields.Monetary(readonly=True)
    invoiced_cost = fields.Monetary(string="Cost of Invoiced", readonly=True)

    _customer_period_uniq = models.UniqueIndex('(customer_id, period)')

    def init(self):
        """Add up the days that are older than this table."""
        self.env.cr.execute(SQL(
            "INSERT INTO scp_value_month (customer_id, company_id, period, %s) %s",
            SQL(", ").join(map(SQL.identifier, self._get_measure_names())),
            self._get_sum_query(SQL("SELECT * FROM scp_value_fact WHERE NOT EXISTS (SELECT FROM scp_value_month)")),
        ))
        return super().init()

    # === CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        self._raise_derived()

    def write(self, vals):
        self._raise_derived()

    def _raise_derived(self):
        raise UserError(self.env._("The months of customers are added up from their days and cannot be changed."))

    # === BUSINESS METHODS ===#

    @api.model
    def _get_measure_names(self) -> tuple[str, ...]:
        """Columns of the days that are added up."""
        return ('refunded', 'discount', 'invoiced', 'invoiced_cost')

    @api.model
    def _get_period_query(self) -> SQL:
        """:return: statement of rows (customer_id, period): the months in which a day is about to change what is added
            up, of customers of whom some orders changed"""
        names = self._get_measure_names()
        return SQL(
            """
            SELECT DISTINCT customer_id, %(month)s AS period
              FROM scp_value_fact_day
         LEFT JOIN scp_value_fact known USING (customer_id, day)
         LEFT JOIN scp_value_fact_fresh fresh USING (customer_id, day)
             WHERE (%(known)s) IS DISTINCT FROM (%(fresh)s)
            """,
            month=self._get_month(),
            known=SQL(", ").join(SQL.identifier('known', name) for name in names),
            fresh=SQL(", ").join(SQL.identifier('fresh', name) for name in names),
        )

    @api.model
    def _get_fresh_query(self) -> SQL:
        """:return: statement of the months of the customers staged, once their days are written: of whole customers
            all, of others those of `_get_period_query`"""
        return self._get_sum_query(SQL(
            """
            SELECT fact.*
              FROM scp_value_fact fact
              JOIN (SELECT DISTINCT customer_id FROM scp_value_fact_contact WHERE whole) whole USING (customer_id)
             UNION ALL
            SELECT fact.*
              FROM scp_value_month_period month
              JOIN scp_value_fact fact
                ON fact.customer_id = month.customer_id
               AND fact.day >= month.period
               AND fact.day < month.period + INTERVAL '1 month'
            """,
        ))

    @api.model
    def _get_sum_query(self, days: SQL) -> SQL:
        """Sorted first: the planner thinks months few, and would keep the sums of all in memory at once.

        :param days: statement of rows of `scp_value_fact`
        :return: statement of rows (customer_id, company_id, period, *`_get_measure_names`)
        """
        names = self._get_measure_names()
        return SQL(
            """
            SELECT customer_id, company_id, period, %(sums)s
              FROM (SELECT customer_id, company_id, %(month)s AS period, %(names)s
                      FROM (%(days)s) fact
                  ORDER BY 1, 2, 3) day
          GROUP BY customer_id, company_id, period
            """,
            sums=SQL(", ").join(SQL("SUM(%s) AS %s", SQL.identifier(name), SQL.identifier(name)) for name in names),
            month=self._get_month(),
            names=SQL(", ").join(map(SQL.identifier, names)),
            days=days,
        )

    @api.model
    def _get_month(self) -> SQL:
        return self.env['scp.customer']._get_month_of_day(SQL("day"))

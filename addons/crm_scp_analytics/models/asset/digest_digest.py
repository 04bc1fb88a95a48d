from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL


class DigestDigest(models.Model):
    """Customer value in the digest. Who is at risk is as of the sending, equity as of the end of each period."""

    _inherit = 'digest.digest'

    kpi_scp_customer_equity = fields.Boolean(string="Customer Equity")
    kpi_scp_customer_equity_value = fields.Monetary(compute='_compute_kpi_scp_customer_equity_value')
    kpi_scp_customer_at_risk = fields.Boolean(string="Customers at Risk")
    kpi_scp_customer_at_risk_value = fields.Integer(compute='_compute_kpi_scp_customer_at_risk_value')
    kpi_scp_customer_new = fields.Boolean(string="New Customers")
    kpi_scp_customer_new_value = fields.Integer(compute='_compute_kpi_scp_customer_new_value')

    # === COMPUTE METHODS === #

    def _compute_kpi_scp_customer_equity_value(self):
        """Lifetime value of all customers at the last scoring up to the end of the period. The digest sets it beside
        that of the period before."""
        self._check_scp_customer_access()
        end = self._get_scp_period()[1]
        for digest in self:
            # a digest is of one company at a time
            run = self.env['scp.value.asset'].with_company(digest.company_id or self.env.company)._get_runs().filtered(
                lambda run: run.date_to <= end)[:1]
            [[worth]] = self.env['scp.value.score']._read_group(
                [('run_id', '=', run.id)], [], ['lifetime_value:sum'])
            digest.kpi_scp_customer_equity_value = worth or 0.0

    def _compute_kpi_scp_customer_at_risk_value(self):
        self._check_scp_customer_access()
        counts = dict(self.env['scp.customer']._read_group(
            [('company_id', 'in', self._get_kpi_compute_parameters()[2].ids), ('life_cycle_stage', '=', 'at_risk')],
            ['company_id'], ['__count'],
        ))
        for digest in self:
            digest.kpi_scp_customer_at_risk_value = counts.get(digest.company_id or self.env.company, 0)

    def _compute_kpi_scp_customer_new_value(self):
        """Customers whose first purchase is of the period."""
        self._check_scp_customer_access()
        start, end = self._get_scp_period()
        companies = self._get_kpi_compute_parameters()[2]
        customers = self.env['scp.customer'].with_context(active_test=False)._search(
            [('company_id', 'in', companies.ids)])
        counts = dict(self.env.execute_query(SQL(
            """
            SELECT company_id, COUNT(DISTINCT customer_id)
              FROM scp_value_fact fact
             WHERE order_count > 0 AND day > %(start)s AND day <= %(end)s
               AND customer_id IN (%(customers)s)
               AND NOT EXISTS (SELECT
                                 FROM scp_value_fact earlier
                                WHERE earlier.customer_id = fact.customer_id
                                  AND earlier.order_count > 0
                                  AND earlier.day <= %(start)s)
          GROUP BY company_id
            """,
            start=start, end=end, customers=customers.subselect(),
        )))
        for digest in self:
            digest.kpi_scp_customer_new_value = counts.get((digest.company_id or self.env.company).id, 0)

    # === BUSINESS METHODS === #

    def _get_scp_period(self):
        """:return: days: the last before the period, and the last of it"""
        start, end, _companies = self._get_kpi_compute_parameters()
        return fields.Date.to_date(start), fields.Date.to_date(end)

    def _check_scp_customer_access(self):
        """The digest leaves out what a user may not know by this error."""
        if not (self.env.user._is_internal() and self.env['scp.value.fact'].has_access('read')):
            raise AccessError(self.env._("Customer value is left out of the digest of who may not read it."))

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref('crm_scp_core.menu_scp_root').id
        return actions | {
            'kpi_scp_customer_equity': f'crm_scp_analytics.scp_value_equity_action?menu_id={menu}',
            'kpi_scp_customer_at_risk': f'crm_scp_core.scp_customer_action_at_risk?menu_id={menu}',
            'kpi_scp_customer_new': f'crm_scp_analytics.scp_value_dashboard_action?menu_id={menu}',
        }

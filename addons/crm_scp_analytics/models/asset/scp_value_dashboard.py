from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

#: Customers named of those with most at stake.
NAMED = 5


class ScpValueDashboard(models.AbstractModel):
    """What a manager asks of the customers first: what they are worth and whether that grows, who is about to go, who
    comes back, who is new, who pays, and who earns.

    Twelve months are those up to today, in the time of the company. Worth is that of the latest scoring.
    """

    _name = 'scp.value.dashboard'
    _inherit = 'scp.value.board'
    _description = "Customer Value Dashboard"

    @api.model
    @api.readonly
    def get_dashboard(self, filters):
        """The figures of the current company, of the customers whom the reader may see.

        :param filters: {'team_ids', 'user_ids'}
        :return: {'currency', 'has_data', 'equity': see `scp.value.asset.get_waterfall`, 'risk', 'year', 'profit',
            'grades', 'money'}; figures open their records, what nobody knows is None
        """
        filters = {name: filters[name] for name in ('team_ids', 'user_ids') if filters.get(name)}
        whale = self.env['scp.value.whale'].get_whale(filters | {'months': 12})
        run = self.env['scp.value.asset']._get_runs()[:1]
        grades = self._get_grades(run, filters)
        year = self._get_year(filters)
        return {
            'currency': {'id': self.env.company.currency_id.id},
            'has_data': bool(grades or year['sales']['value']),
            'equity': self.env['scp.value.asset'].get_waterfall(filters),
            'risk': self._get_risk(filters),
            'year': year,
            'profit': whale['figures'],
            'grades': grades,
            'money': self._get_money(run, filters),
        }

    # === TWELVE MONTHS ===#

    @api.model
    def _get_year(self, filters):
        """:return: sales of twelve months beside those before, who bought again, who did not, who is new"""
        today = self.env['scp.value.run']._get_today(self.env.company)
        since = today - relativedelta(months=12)
        [[kept, left, new, recent, former]] = self.env.execute_query(SQL(
            """
            SELECT COUNT(*) FILTER (WHERE bought_before AND bought),
                   COUNT(*) FILTER (WHERE bought_before AND NOT bought),
                   COUNT(*) FILTER (WHERE is_new),
                   COALESCE(SUM(recent), 0)::float8,
                   COALESCE(SUM(former), 0)::float8
              FROM (%s) customer
            """,
            self._get_year_query(filters),
        ))

        def cell(value, part):
            return self._get_customer_cell(value, 'dashboard', filters=filters, part=part)

        return {
            'kept': cell(kept / (kept + left) if kept + left else None, 'kept') | {'part': kept, 'whole': kept + left},
            'left': cell(left, 'left'),
            'new': cell(new, 'new'),
            'sales': self._get_days_cell(recent, since, today, filters),
            'former': self._get_days_cell(former, since - relativedelta(months=12), since, filters),
            'growth': recent / former - 1 if former > 0 else None,
        }

    @api.model
    def _get_year_query(self, filters) -> SQL:
        """:return: statement of the customers with anything in 24 months (customer_id, bought, bought_before, is_new,
            recent, former): whether they bought in the last twelve and in those before, whether for the first time, and
            their net sales in either"""
        self.env['scp.value.fact'].check_access('read')
        today = self.env['scp.value.run']._get_today(self.env.company)
        since, before = (today - relativedelta(months=months) for months in (12, 24))
        return SQL(
            """
            SELECT customer_id,
                   COALESCE(BOOL_OR(order_count > 0 AND day > %(since)s), FALSE) AS bought,
                   COALESCE(BOOL_OR(order_count > 0 AND day > %(before)s AND day <= %(since)s), FALSE) AS bought_before,
                   COALESCE(MIN(day) FILTER (WHERE order_count > 0) > %(since)s, FALSE) AS is_new,
                   SUM(amount) FILTER (WHERE day > %(since)s) AS recent,
                   SUM(amount) FILTER (WHERE day > %(before)s AND day <= %(since)s) AS former
              FROM scp_value_fact
             WHERE company_id = %(company)s
               AND day <= %(today)s
               AND customer_id IN (%(customers)s)
          GROUP BY customer_id
            """,
            company=self.env.company.id,
            today=today,
            since=since,
            before=before,
            customers=self._get_customer_query(filters),
        )

    @api.model
    def _get_cell_customers(self, filters, part) -> SQL:
        """:param part: 'kept', 'left' or 'new'
        :return: statement of the ids of the customers of a figure"""
        where = {'kept': "bought_before AND bought", 'left': "bought_before AND NOT bought"}.get(part, "is_new")
        return SQL("SELECT customer_id FROM (%s) customer WHERE %s", self._get_year_query(filters), SQL(where))

    @api.model
    def _get_days_cell(self, value, after, until, filters):
        return {
            'value': value,
            'model': 'scp.value.fact',
            'domain': [
                ['customer_id', 'any', list(self._get_customers(filters))],
                ['day', '>', str(after)], ['day', '<=', str(until)],
            ],
            'context': {'active_test': False, 'create': False},
        }

    # === RISK, GRADES, MONEY ===#

    @api.model
    def _get_risk(self, filters):
        """:return: customers at risk, what is at stake with them, and those with most of it"""
        Customer = self.env['scp.customer']
        domain = self._get_customers(filters) & Domain('life_cycle_stage', '=', 'at_risk')
        [[count, stake]] = Customer._read_group(domain, [], ['__count', 'value_at_stake:sum'])
        cell = {'model': 'scp.customer', 'domain': list(domain), 'context': {'create': False}}
        return {
            'customers': {'value': count, **cell},
            'stake': {'value': stake or 0.0, **cell},
            'named': [
                {'id': customer.id, 'partner_id': customer.partner_id.id, 'name': customer.display_name,
                 'grade': customer.grade_id.name or "", 'stake': customer.value_at_stake}
                for customer in Customer.search(
                    domain & Domain('value_at_stake', '>', 0), order='value_at_stake desc, id', limit=NAMED)
            ],
        }

    @api.model
    def _get_grades(self, run, filters):
        """:return: of each grade of the latest scoring its customers, their worth and their net sales in the window"""
        rows = self._group_scores(run, filters, ['grade_id'])
        customers, worth, sales = (sum(row[place] or 0 for row in rows) for place in (1, 2, 3))
        return [
            {
                'id': grade.id,
                'label': grade.name or self.env._("no grade"),
                'customers': self._get_score_cell(count, run, filters, Domain('grade_id', '=', grade.id)),
                'worth': value,
                'sales': amount,
                'customer_share': count / customers,
                'worth_share': value / worth if worth > 0 else None,
                'sales_share': amount / sales if sales > 0 else None,
            }
            for grade, count, value, amount, _overdue in sorted(rows, key=lambda row: (row[0].sequence, row[0].id))
        ]

    @api.model
    def _get_money(self, run, filters):
        """:return: what was overdue at the latest scoring, and of how many customers"""
        overdue = Domain('overdue_amount', '>', 0)
        rows = self._group_scores(run, filters, [], overdue)
        count, amount = (rows[0][0], rows[0][3]) if rows else (0, 0.0)
        return {
            'overdue': self._get_score_cell((amount or 0.0) if run else None, run, filters, overdue),
            'customers': self._get_score_cell(count, run, filters, overdue),
        }

    @api.model
    def _group_scores(self, run, filters, groupby, domain=Domain.TRUE):
        return self.env['scp.value.score'].with_context(active_test=False)._read_group(
            self._get_score_domain(run, filters) & domain, groupby,
            ['__count', 'lifetime_value:sum', 'monetary:sum', 'overdue_amount:sum'],
        )

    @api.model
    def _get_score_domain(self, run, filters):
        return Domain('run_id', '=', run.id) & Domain('customer_id', 'any', self._get_customers(filters))

    @api.model
    def _get_score_cell(self, value, run, filters, domain):
        return {
            'value': value,
            'model': 'scp.value.score',
            'domain': list(self._get_score_domain(run, filters) & domain),
            'context': {'active_test': False, 'create': False},
        }

from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import formatLang

#: Months of a period, by kind of period.
STEPS = {'month': 1, 'quarter': 3}
#: Cohorts shown at a time.
COUNTS = (6, 12, 24)


class ScpValueCohort(models.AbstractModel):
    """The retention of cohorts: customers by the period of their first purchase, and what came of them.

    A purchase is a day with an order, money is net sales (`scp.value.fact`), both in the company's own time and
    currency. Of a cohort c and k periods later:

        customers   those of c who bought in the period / those of c
        revenue     net sales of c in the period / net sales of c in its first period

    A period to come is not known. The present one is, as far as it goes: it is shown, and left out of the mean of all
    cohorts, which is sum over sum.
    """

    _name = 'scp.value.cohort'
    _inherit = 'scp.value.board'
    _description = "Cohort Retention"

    @api.model
    @api.readonly
    def get_cohorts(self, filters):
        """Cohorts of the current company, of the customers whom the reader may see.

        :param filters: {'step': 'month' or 'quarter', 'count': number of cohorts, 'team_ids', 'user_ids'}
        :return: {'currency', 'step', 'count', 'ages', 'rows', 'all', 'sentence'}; a row has `label`, cells `customers`
            and `revenue` of its first period, and by age a cell of each of `retention` and `money`: None for a
            period to come; `all` is such a row without the first period. `rows` is empty without any purchase.
        :raise UserError: for another kind of period
        """
        step = self._get_step(filters)
        count = filters.get('count') if filters.get('count') in COUNTS else 12
        today = self.env['scp.value.run']._get_today(self.env.company)
        current = fields.Date.start_of(today, step)
        first = current - relativedelta(months=STEPS[step] * (count - 1))
        figures = self._fetch_cohorts(step, first, filters)
        cohorts = sorted({cohort for cohort, _period in figures})
        ages = self._get_age(step, cohorts[0], current) if cohorts else 0

        def cell(value, **key):
            return self._get_customer_cell(
                value, 'cohort', filters=filters, step=step, first=str(first), current=str(current), **key)

        result = {
            'currency': {'id': self.env.company.currency_id.id},
            'step': step,
            'count': count,
            'ages': list(range(1, ages + 1)),
            'rows': [self._describe(step, cohort, current, ages, figures, cell) for cohort in cohorts],
        }
        result['all'] = self._describe_all(result['rows'], ages, cell)
        return result | {'sentence': self._get_sentence(result)}

    def _describe(self, step, cohort, current, ages, figures, cell):
        customers, revenue = figures.get((cohort, cohort), (0, 0.0))
        row = {
            'key': str(cohort),
            'label': self._get_label(step, cohort),
            'customers': cell(customers, cohort=str(cohort)),
            'revenue': self._get_days_cell(revenue, step, cohort, cell(None, cohort=str(cohort))),
            'retention': [],
            'money': [],
        }
        for age in range(1, ages + 1):
            period = cohort + relativedelta(months=STEPS[step] * age)
            if period > current:
                row['retention'].append(None)
                row['money'].append(None)
                continue
            bought, amount = figures.get((cohort, period), (0, 0.0))
            known = {'label': self._get_label(step, period), 'is_open': period == current}
            row['retention'].append(
                cell(self._divide(bought, customers), cohort=str(cohort), age=age) | known
                | {'part': bought, 'whole': customers})
            row['money'].append(
                self._get_days_cell(
                    self._divide(amount, revenue), step, period, cell(None, cohort=str(cohort)))
                | known | {'part': amount, 'whole': revenue})
        return row

    def _describe_all(self, rows, ages, cell):
        """:return: of each age the mean over the cohorts that have been it for a whole period"""
        result = {'retention': [], 'money': []}
        for age in range(1, ages + 1):
            for name, cells in result.items():
                known = [
                    row[name][age - 1] for row in rows if row[name][age - 1] and not row[name][age - 1]['is_open']
                ]
                part, whole = (sum(one[key] for one in known) for key in ('part', 'whole'))
                share = self._divide(part, whole)
                cells.append((
                    cell(share, age=age) if name == 'retention' else {'value': share}
                ) | {'part': part, 'whole': whole})
        return result

    def _get_sentence(self, result):
        """:return: how many came back after one period, and after as many as half of them have seen, in words"""
        known = [
            (age, cell) for age, cell in zip(result['ages'], result['all']['retention'], strict=True)
            if cell['value'] is not None
        ]
        if not known:
            return ""
        first = known[0][1]
        age, last = next((age, cell) for age, cell in reversed(known) if 2 * cell['whole'] >= first['whole'])
        values = {
            'customers': formatLang(self.env, first['whole'], digits=0),
            'share': self._format_share(first['value']),
        }
        if result['step'] == 'month':
            sentence = self.env._(
                "Of %(customers)s new customers %(share)s bought again in the month after.", **values)
        else:
            sentence = self.env._(
                "Of %(customers)s new customers %(share)s bought again in the quarter after.", **values)
        if last is first:
            return sentence
        values = {
            'customers': formatLang(self.env, last['whole'], digits=0),
            'share': self._format_share(last['value']),
            'age': age,
        }
        if result['step'] == 'month':
            return f"{sentence} " + self.env._(
                "Of %(customers)s who became customers early enough, %(share)s bought %(age)s months after.", **values)
        return f"{sentence} " + self.env._(
            "Of %(customers)s who became customers early enough, %(share)s bought %(age)s quarters after.", **values)

    # === FIGURES ===#

    @api.model
    def _fetch_cohorts(self, step, first, filters):
        """:return: {(cohort, period): (customers who bought, net sales)}"""
        return {
            (cohort, period): (customers, amount)
            for cohort, period, customers, amount in self.env.execute_query(SQL(
                """
                SELECT cohort, period, COUNT(DISTINCT customer_id) FILTER (WHERE bought), SUM(amount)::float8
                  FROM (%s) day
              GROUP BY cohort, period
                """,
                self._get_day_query(step, first, filters),
            ))
        }

    @api.model
    def _get_day_query(self, step, first, filters) -> SQL:
        """:param first: day from which cohorts are looked at
        :return: statement of the days of the customers of these cohorts (customer_id, cohort, period, bought, amount)
        """
        self.env['scp.value.fact'].check_access('read')
        # customers who are new are few: their days alone are put into periods
        return SQL(
            """
            SELECT fact.customer_id,
                   newcomer.cohort,
                   date_trunc(%(step)s, fact.day::timestamp)::date AS period,
                   fact.order_count > 0 AS bought,
                   fact.amount
              FROM (SELECT customer_id, date_trunc(%(step)s, MIN(day)::timestamp)::date AS cohort
                      FROM scp_value_fact
                     WHERE company_id = %(company)s
                       AND order_count > 0
                       AND customer_id IN (%(customers)s)
                  GROUP BY customer_id
                    HAVING MIN(day) >= %(first)s) newcomer
              JOIN scp_value_fact fact ON fact.customer_id = newcomer.customer_id AND fact.day >= newcomer.cohort
             WHERE fact.day <= %(today)s
            """,
            step=step,
            first=first,
            company=self.env.company.id,
            today=self.env['scp.value.run']._get_today(self.env.company),
            customers=self._get_customer_query(filters),
        )

    @api.model
    def _get_cell_customers(self, filters, step, first, current, cohort=None, age=0) -> SQL:
        """:param cohort: first day of the first period; by default all of them that have been of the age for a whole
            period
        :param age: periods since
        :return: statement of the ids of the customers of the cohort who bought then"""
        step = self._get_step({'step': step})
        if cohort:
            first, where = cohort, SQL("cohort = %s", date.fromisoformat(cohort))
        else:
            where = SQL("period < %s", date.fromisoformat(current))
        return SQL(
            """
            SELECT customer_id
              FROM (%(days)s) day
             WHERE bought AND period = (cohort + make_interval(months => %(months)s))::date AND %(where)s
            """,
            days=self._get_day_query(step, date.fromisoformat(first), filters),
            months=STEPS[step] * int(age),
            where=where,
        )

    @api.model
    def _get_days_cell(self, value, step, period, customers):
        """:return: a figure that opens the days of customers in a period"""
        end = period + relativedelta(months=STEPS[step])
        return {
            'value': value,
            'model': 'scp.value.fact',
            'domain': [
                ['customer_id', 'any', customers['domain']],
                ['day', '>=', str(period)], ['day', '<', str(end)],
                ['day', '<=', str(self.env['scp.value.run']._get_today(self.env.company))],
            ],
            'context': customers['context'],
        }

    # === PRESENTATION ===#

    @api.model
    def _get_step(self, filters):
        step = filters.get('step') or 'month'
        if step not in STEPS:
            raise UserError(self.env._("Cohorts are counted by month or by quarter, not by %(step)s.", step=step))
        return step

    @api.model
    def _get_age(self, step, cohort, period):
        """:return: periods from one to another"""
        return (12 * (period.year - cohort.year) + period.month - cohort.month) // STEPS[step]

    @api.model
    def _get_label(self, step, period):
        if step == 'quarter':
            return self.env._("Q%(quarter)s %(year)s", quarter=(period.month + 2) // 3, year=period.year)
        return f"{period:%Y-%m}"

    @api.model
    def _divide(self, part, whole):
        """Sum over sum; no data over nothing, and over less than nothing, which would turn signs around."""
        return part / whole if whole > 0 else None

    @api.model
    def _format_share(self, share):
        return self.env._("%(percent)s %%", percent=formatLang(self.env, 100 * share, digits=0))

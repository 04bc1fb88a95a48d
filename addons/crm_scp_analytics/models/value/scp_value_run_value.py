import json
from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.tools import SQL


class ScpValueRun(models.Model):
    """Value and grade: what the active value model makes of the figures of the customers."""

    _inherit = 'scp.value.run'

    model_id = fields.Many2one(
        comodel_name='scp.value.model', string="Value Model", readonly=True, index='btree_not_null',
        ondelete='set null', check_company=True,
        help="The version of the value model that gave the grades.",
    )

    # === BUSINESS METHODS ===#

    def _score_customers(self):
        if self.phase != 'publish':
            model = self.env['scp.value.model']._get_active(self.company_id)
            self.write({'model_id': model.id, 'parameters': self.parameters | model._get_parameters()})
        result = super()._score_customers()
        self.env['scp.value.accuracy']._check_due(self)
        return result

    def _get_columns(self):
        columns = super()._get_columns()
        if columns['customer_id']:
            columns |= self._get_steady_columns(columns)
        return columns

    def _get_value_columns(self, columns) -> dict:
        """Value of each customer, 0 to 100, what it is made of, and its reasons."""
        from ...engine import rfm  # noqa: PLC0415  numpy is loaded by the process that scores

        scores = rfm.score(columns['recency_days'], columns['purchase_count'], columns['monetary']).scores
        result = self._evaluate(columns)
        return {
            'value_score': [None if value != value else value for value in result.value.tolist()],
            'recency_score': scores[:, 0].tolist(),
            'frequency_score': scores[:, 1].tolist(),
            'monetary_score': scores[:, 2].tolist(),
            'reasons': lambda start, stop: [
                json.dumps(reasons) for reasons in self._get_reasons(result, columns, start, stop)
            ],
        }

    def _evaluate(self, columns, weights=None):
        """Value the customers by weights.

        :param columns: {field of `scp.value.score`: figures}, None for no data
        :param weights: {component: share}, by default those of the run
        :return: `engine.value_model.Result`. Who earned the company nothing has nothing to value.
        """
        from ...engine import value_model  # noqa: PLC0415  as in `_get_value_columns`

        weights = weights or self.parameters['weights']
        known = self.env['scp.value.model']._get_components()
        return value_model.value(
            {code: self._get_figures(known[code], columns) for code in weights},
            [
                value_model.Component(
                    code, weight, known[code].get('falling', False), known[code].get('positive', False),
                )
                for code, weight in weights.items()
            ],
            void=[amount <= 0 for amount in columns['monetary']],
        )

    def _get_figures(self, component, columns):
        """:return: figures of one component, None where there is no data"""
        if component['field'] in columns:
            return columns[component['field']]
        if 'method' in component:
            return getattr(self, component['method'])(columns)
        return [None] * len(columns['customer_id'])

    def _get_profit_column(self, columns):
        """Profit after the cost to serve, of the window. Only worked out for versions that weigh it."""
        self.env.flush_all()
        profits = dict(self.env.execute_query(SQL(
            "SELECT customer_id, profit::float8 FROM (%s) profit",
            self.env['scp.customer']._get_profit_query(
                SQL("company_id = %s AND day BETWEEN %s AND %s", self.company_id.id, self.date_from, self.date_to),
                SQL("1"),
            ),
        )))
        return [profits.get(customer_id) for customer_id in columns['customer_id']]

    def _get_reasons(self, result, columns, start, stop):
        """:return: reasons of some customers; nothing left to value is the only reason there is"""
        reasons = result.reasons(start, stop)
        for own, amount in zip(reasons, columns['monetary'][start:stop], strict=True):
            if own and own[0]['code'] == 'void':
                own[0] |= {'code': 'refunded', 'value': amount, 'benchmark': 0, 'below': 0, 'above': 0}
        return reasons

    def _get_grade_ids(self, columns) -> list[int]:
        """Grade of each customer by the value alone."""
        return self._grade(columns['value_score'], self.parameters)

    def _grade(self, values, parameters):
        """:param parameters: of a run or of a model, see `scp.value.model._get_parameters`
        :return: id of the grade of each value"""
        import numpy as np  # noqa: PLC0415  as in `_get_value_columns`

        from ...engine import value_model  # noqa: PLC0415  as in `_get_value_columns`

        cutoffs = value_model.Cutoffs(parameters['cutoff_method'], tuple(parameters['cutoffs']))
        places = cutoffs.grades(np.asarray(values, dtype=float))
        return [parameters['grade_ids'][place] for place in places.tolist()]

    def _get_grades(self):
        """The grades a score leads to, best first."""
        return self.env['scp.grade'].browse(self.parameters['grade_ids'])

    # === BUSINESS METHODS: GRADES THAT HOLD ===#

    def _get_steady_columns(self, columns) -> dict[str, list]:
        """Grades that need two periods to change, and those set by hand.

        :return: `model_grade_id` as the model has it, what it is called for by the value since when,
            and `grade_id`, which is another one where it was set by hand
        """
        import numpy as np  # noqa: PLC0415  as in `_get_value_columns`

        from ...engine import value_model  # noqa: PLC0415  as in `_get_value_columns`

        places = {grade_id: place for place, grade_id in enumerate(self.parameters['grade_ids'])}
        places[None] = -1
        before = self._get_former_grades(places, columns['customer_id'])
        after = value_model.steady(
            np.array([places[grade_id] for grade_id in columns['grade_id']]),
            value_model.Steady(*before),
            self.date_to.toordinal(),
            (self.date_to - relativedelta(months=self.parameters['hold_months'])).toordinal(),
        )
        ids = {place: grade_id for grade_id, place in places.items()}
        model_grade_ids = [ids[place] for place in after.grade.tolist()]
        overrides = self.env['scp.value.override']._get_running(self.company_id, self.date_to)
        by_customer = {override.customer_id.id: override for override in overrides}
        override_ids, grade_ids = [], []
        for customer_id, grade_id in zip(columns['customer_id'], model_grade_ids, strict=True):
            override = by_customer.get(customer_id)
            override_ids.append(override and override.id)
            grade_ids.append(override.grade_id.id if override else grade_id)
        return {
            'grade_id': grade_ids,
            'model_grade_id': model_grade_ids,
            'override_id': override_ids,
            'pending_grade_id': [ids[place] for place in after.pending.tolist()],
            'pending_since': [date.fromordinal(day) if day else None for day in after.since.tolist()],
        }

    def _get_former_grades(self, places, customer_ids):
        """Grades as of the latest earlier day, if they were given by the same version.

        A new version measures anew: its first grades are those its preview has shown.

        :param places: {grade id: place among the grades}
        :return: places of the grades and of the grades called for (-1 for none), and the days since
            when (0 for none), in the order of the customers
        """
        import numpy as np  # noqa: PLC0415  as in `_get_value_columns`

        grade, pending = (np.full(len(customer_ids), -1) for _column in range(2))
        since = np.zeros(len(customer_ids), dtype=np.int64)
        former = self.search([
            ('company_id', '=', self.company_id.id),
            ('state', '=', 'done'),
            ('customer_count', '>', 0),
            ('date_to', '<', self.date_to),
        ], limit=1)
        if former.model_id != self.model_id:
            return grade, pending, since
        rows = {customer_id: place for place, customer_id in enumerate(customer_ids)}
        for customer_id, grade_id, pending_id, day in self.env.execute_query(SQL(
            """
            SELECT customer_id, model_grade_id, pending_grade_id, pending_since
              FROM scp_value_score
             WHERE run_id = %s AND model_grade_id IS NOT NULL
            """,
            former.id,
        )):
            row = rows.get(customer_id)
            if row is not None:
                grade[row], pending[row] = places[grade_id], places[pending_id]
                since[row] = day.toordinal() if day else 0
        return grade, pending, since

    def _publish(self):
        result = super()._publish()
        self.env['scp.value.override']._publish(self.company_id)
        return result

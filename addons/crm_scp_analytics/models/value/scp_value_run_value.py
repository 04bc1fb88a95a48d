from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.tools import SQL

from ...tools import binary_copy
from .scp_value_choice import EPOCH


class ScpValueRun(models.Model):
    """Value and grade: what the active value model makes of the figures of the customers."""

    _inherit = 'scp.value.run'

    model_id = fields.Many2one(
        comodel_name='scp.value.model', string="Value Model", readonly=True, index='btree_not_null',
        ondelete='set null', check_company=True,
        help="The version of the value model that gave the grades.",
    )
    value_scales = fields.Json(
        readonly=True,
        help="What the figures of the customers were compared with. The reasons of each are told from it.",
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
        if len(columns['customer_id']):
            columns |= self._get_steady_columns(columns)
        return columns

    def _get_value_columns(self, columns) -> dict:
        """Value of each customer, 0 to 100, and what it is made of. The run keeps what tells the reasons."""
        from ...engine import rfm  # noqa: PLC0415  numpy is loaded by the process that scores

        scores = rfm.score(columns['recency_days'], columns['purchase_count'], columns['monetary']).scores
        figures = self._get_figure_columns(columns)
        result = self._evaluate(columns | figures)
        self._checkpoint(value_scales=result.scales())
        return figures | {
            'value_score': result.value,
            'recency_score': scores[:, 0],
            'frequency_score': scores[:, 1],
            'monetary_score': scores[:, 2],
        }

    def _get_figure_columns(self, columns) -> dict:
        """:return: what only versions that weigh it have worked out, {field of `scp.value.score`: figures}"""
        known = self.env['scp.value.model']._get_components()
        return {
            known[code]['field']: self._round(known[code]['field'], getattr(self, known[code]['method'])(columns))
            for code in self.parameters['weights'] if 'method' in known[code]
        }

    def _evaluate(self, columns, weights=None):
        """Value the customers by weights.

        :param columns: {field of `scp.value.score`: figures}, None for no data
        :param weights: {component: share}, by default those of the run
        :return: `engine.value_model.Result`. Who earned the company nothing has nothing to value.
        """
        import numpy as np  # noqa: PLC0415  as in `_get_value_columns`

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
            void=np.asarray(columns['monetary'], dtype=float) <= 0,
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
        import numpy as np  # noqa: PLC0415  as in `_get_value_columns`

        self.env.flush_all()
        rows = binary_copy.read(self.env.cr, SQL(
            "SELECT customer_id::integer, profit::float8 FROM (%s) profit WHERE profit IS NOT NULL",
            self.env['scp.customer']._get_profit_query(
                SQL("company_id = %s AND day BETWEEN %s AND %s", self.company_id.id, self.date_from, self.date_to),
                SQL("1"),
            ),
        ), {'customer': 'i4', 'profit': 'f8'})
        return self._align(columns, rows['customer'], rows['profit'], np.nan)

    def _get_grade_ids(self, columns):
        """Grade of each customer by the value alone."""
        return self._grade(columns['value_score'], self.parameters)

    def _grade(self, values, parameters):
        """:param parameters: of a run or of a model, see `scp.value.model._get_parameters`
        :return: (n,) id of the grade of each value"""
        import numpy as np  # noqa: PLC0415  as in `_get_value_columns`

        from ...engine import value_model  # noqa: PLC0415  as in `_get_value_columns`

        cutoffs = value_model.Cutoffs(parameters['cutoff_method'], tuple(parameters['cutoffs']))
        return np.array(parameters['grade_ids'])[cutoffs.grades(np.asarray(values, dtype=float))]

    def _get_grades(self):
        """The grades a score leads to, best first."""
        return self.env['scp.grade'].browse(self.parameters['grade_ids'])

    # === BUSINESS METHODS: GRADES THAT HOLD ===#

    def _get_steady_columns(self, columns) -> dict:
        """Grades that need two periods to change, and those set by hand.

        :return: `model_grade_id` as the model has it, what it is called for by the value since when,
            and `grade_id`, which is another one where it was set by hand
        """
        import numpy as np  # noqa: PLC0415  as in `_get_value_columns`

        from ...engine import value_model  # noqa: PLC0415  as in `_get_value_columns`

        # no grade at all comes last: place -1
        ids = np.array([*self.parameters['grade_ids'], np.nan])
        after = value_model.steady(
            self._get_places(columns['grade_id']),
            value_model.Steady(*self._get_former_grades(columns)),
            (self.date_to - EPOCH).days,
            (self.date_to - relativedelta(months=self.parameters['hold_months']) - EPOCH).days,
        )
        grades, overrides = ids[after.grade], np.full(len(after.grade), np.nan)
        for override in self.env['scp.value.override']._get_running(self.company_id, self.date_to):
            own = columns['customer_id'] == override.customer_id.id
            grades[own], overrides[own] = override.grade_id.id, override.id
        return {
            'grade_id': grades,
            'model_grade_id': ids[after.grade],
            'override_id': overrides,
            'pending_grade_id': ids[after.pending],
            'pending_since': np.where(after.pending >= 0, after.since, np.nan),
        }

    def _get_places(self, grade_ids):
        """:return: (n,) places of grades among those of the run, the best 0, -1 for none"""
        import numpy as np  # noqa: PLC0415  as in `_get_value_columns`

        places = np.full(len(grade_ids), -1)
        for place, grade_id in enumerate(self.parameters['grade_ids']):
            places[grade_ids == grade_id] = place
        return places

    def _get_former_grades(self, columns):
        """Grades as of the latest earlier day, if they were given by the same version.

        A new version measures anew: its first grades are those its preview has shown.

        :return: places of the grades and of the grades called for (-1 for none), and the days since
            when (0 for none), in the order of the customers
        """
        former = self.search([
            ('company_id', '=', self.company_id.id),
            ('state', '=', 'done'),
            ('customer_count', '>', 0),
            ('date_to', '<', self.date_to),
        ], limit=1)
        names = ('grade', 'pending', 'since')
        rows = binary_copy.read(self.env.cr, SQL(
            """
            SELECT customer_id,
                   model_grade_id,
                   COALESCE(pending_grade_id, 0),
                   COALESCE(pending_since - '1970-01-01'::date, 0)
              FROM scp_value_score
             WHERE run_id = %s AND model_grade_id IS NOT NULL
            """,
            former.id if former.model_id == self.model_id else 0,
        ), {'customer': 'i4'} | dict.fromkeys(names, 'i4'))
        grade, pending, since = (self._align(columns, rows['customer'], rows[name], 0) for name in names)
        return self._get_places(grade), self._get_places(pending), since.astype(int)

    def _publish(self):
        result = super()._publish()
        self.env['scp.value.override']._publish(self.company_id)
        return result

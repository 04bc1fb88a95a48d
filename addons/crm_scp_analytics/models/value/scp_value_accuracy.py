from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ...tools import binary_copy
from .scp_value_run_forecast import HORIZONS

#: Forecasts checked by one run. A company has at most three a month to check; more are left by
#: months in which nothing was scored, and come one run later.
CHECKS_MAX = 12


class ScpValueAccuracy(models.Model):
    """What a run forecast for some months ahead, and what happened in them.

    Written once by the first run after these months are over, from the scores as they were kept and
    the facts as they are, and never again. Of each month the last run is checked.
    """

    _name = 'scp.value.accuracy'
    _description = "Forecast Accuracy"
    _order = 'date desc, months'
    _check_company_auto = True

    run_id = fields.Many2one(
        comodel_name='scp.value.run', required=True, readonly=True, ondelete='cascade', check_company=True,
    )
    # Stored for security rules, and to find the latest.
    company_id = fields.Many2one(
        comodel_name='res.company', required=True, readonly=True, ondelete='cascade',
    )
    currency_id = fields.Many2one(related='company_id.currency_id')
    date = fields.Date(string="Forecast On", required=True, readonly=True)
    months = fields.Integer(string="Months Ahead", required=True, readonly=True, aggregator=None)
    date_end = fields.Date(string="For the Time Until", required=True, readonly=True)
    model_summary = fields.Char(string="Models", readonly=True, help="The models that forecast.")
    customer_count = fields.Integer(string="Customers", readonly=True, aggregator=None)
    expected_orders = fields.Float(string="Purchases Forecast", digits=(16, 1), readonly=True, aggregator=None)
    expected_orders_low = fields.Float(string="At Least", digits=(16, 1), readonly=True, aggregator=None)
    expected_orders_high = fields.Float(string="At Most", digits=(16, 1), readonly=True, aggregator=None)
    actual_orders = fields.Integer(string="Purchases Made", readonly=True, aggregator=None)
    expected_revenue = fields.Monetary(string="Revenue Forecast", readonly=True, aggregator=None)
    actual_revenue = fields.Monetary(string="Revenue Made", readonly=True, aggregator=None)
    expected_buyers = fields.Float(string="Buyers Forecast", digits=(16, 1), readonly=True, aggregator=None)
    actual_buyers = fields.Integer(string="Buyers", readonly=True, aggregator=None)
    bias = fields.Float(
        readonly=True, aggregator='avg', digits=(8, 4),
        help="Purchases forecast over purchases made, less one. Empty: nobody bought.",
    )
    mae = fields.Float(string="MAE", readonly=True, aggregator='avg', digits=(8, 4))
    rmse = fields.Float(string="RMSE", readonly=True, aggregator='avg', digits=(8, 4))
    deviance = fields.Float(readonly=True, aggregator='avg', digits=(8, 4))
    auc = fields.Float(string="AUC", readonly=True, aggregator='avg', digits=(8, 4))
    brier = fields.Float(readonly=True, aggregator='avg', digits=(8, 4))
    log_loss = fields.Float(string="Log-Loss", readonly=True, aggregator='avg', digits=(8, 4))
    ece = fields.Float(string="ECE", readonly=True, aggregator='avg', digits=(8, 4))
    coverage = fields.Float(
        readonly=True, aggregator='avg', digits=(8, 4),
        help="Share of the customers whose purchases lay within their bounds of 90 %.",
    )
    revenue_coverage = fields.Float(
        string="Coverage of Revenue", readonly=True, aggregator='avg', digits=(8, 4),
        help="Share of the customers whose revenue lay within its bounds of 90 %.",
    )
    calibration = fields.Json(
        readonly=True, help="By groups of customers of like chance: the chance, and the share that bought.",
    )

    # A forecast is checked once.
    _run_months_uniq = models.UniqueIndex('(run_id, months)')
    # The latest checks of a company: the accuracy page.
    _company_date_idx = models.Index('(company_id, date DESC)')

    # === COMPUTE METHODS ===#

    @api.depends('date', 'months')
    def _compute_display_name(self):
        for check in self:
            check.display_name = self.env._(
                "%(months)s months after %(date)s", months=check.months, date=format_date(self.env, check.date),
            )

    # === BUSINESS METHODS ===#

    @api.model
    def _check_due(self, run):
        """Check the forecasts whose time is over on the day of a run, by its facts."""
        for former, months in self._get_due(run)[:CHECKS_MAX]:
            values = self._prepare_check_values(former, months)
            if values:
                self.create(values)

    @api.model
    def _get_due(self, run):
        """:return: [(run, months ahead)] that are over and were not checked, the oldest first"""
        rows = self.env.execute_query(SQL(
            """
            SELECT latest.id, horizon.months
              FROM (
                    SELECT DISTINCT ON (date_trunc('month', date_to)) id, date_to
                      FROM scp_value_run
                     WHERE company_id = %(company)s
                       AND state = 'done'
                       AND customer_count > 0
                       AND choice_id IS NOT NULL
                  ORDER BY date_trunc('month', date_to), date_to DESC, id DESC
                   ) latest
              JOIN (VALUES %(horizons)s) horizon (months, days)
                ON latest.date_to + horizon.days <= %(date_to)s
             WHERE NOT EXISTS (
                   SELECT
                     FROM scp_value_accuracy accuracy
                     JOIN scp_value_run checked ON checked.id = accuracy.run_id
                    WHERE accuracy.company_id = %(company)s
                      AND accuracy.months = horizon.months
                      AND date_trunc('month', checked.date_to) = date_trunc('month', latest.date_to)
                   )
               AND EXISTS (SELECT FROM scp_value_score score WHERE score.run_id = latest.id)
          ORDER BY latest.date_to, horizon.months
            """,
            company=run.company_id.id,
            date_to=run.date_to,
            horizons=SQL(", ").join(SQL("(%s, %s)", months, days) for months, days in HORIZONS.items()),
        ))
        Run = self.env['scp.value.run']
        return [(Run.browse(run_id), months) for run_id, months in rows]

    @api.model
    def _prepare_check_values(self, run, months):
        """Values of one check; None where nobody has a forecast."""
        import numpy as np  # noqa: PLC0415  loaded by the process that scores

        from ...engine import calibration  # noqa: PLC0415  as above

        columns = self._fetch_columns(run, months)
        count = len(columns['customer'])
        if not count:
            return None
        bought, revenue = columns['bought'], columns['revenue']
        measures = calibration.accuracy(columns['expected'], columns['active'], bought)
        total = (run.forecast_totals or {}).get(str(months), {})
        return {
            'run_id': run.id,
            'company_id': run.company_id.id,
            'date': run.date_to,
            'months': months,
            'date_end': run.date_to + timedelta(days=HORIZONS[months]),
            'model_summary': run.choice_id.summary,
            'customer_count': count,
            'expected_orders': columns['expected'].sum(),
            'expected_orders_low': total.get('low'),
            'expected_orders_high': total.get('high'),
            'actual_orders': int(bought.sum()),
            'expected_revenue': columns['expected_revenue'].sum(),
            'actual_revenue': revenue.sum(),
            'expected_buyers': columns['active'].sum(),
            'actual_buyers': int(np.count_nonzero(bought)),
            **{
                name: measures[name]
                for name in ('bias', 'mae', 'rmse', 'deviance', 'auc', 'brier', 'log_loss', 'ece')
            },
            'coverage': calibration.coverage(columns['low'], columns['high'], bought),
            'revenue_coverage': calibration.coverage(columns['revenue_low'], columns['revenue_high'], revenue),
            'calibration': calibration.reliability(columns['active'], bought > 0),
        }

    @api.model
    def _fetch_columns(self, run, months):
        """:return: {name: column}: what was forecast for each customer of a run, and what he did"""
        columns = {
            'expected': 'expected_orders_{}m', 'low': 'expected_orders_low_{}m', 'high': 'expected_orders_high_{}m',
            'active': 'order_probability_{}m', 'expected_revenue': 'expected_revenue_{}m',
            'revenue_low': 'expected_revenue_low_{}m', 'revenue_high': 'expected_revenue_high_{}m',
        }
        names = {name: SQL.identifier(column.format(months)) for name, column in columns.items()}
        return binary_copy.read(self.env.cr, SQL(
            """
            SELECT score.customer_id::integer,
                   %(forecasts)s,
                   COALESCE(done.bought, 0)::float8,
                   COALESCE(done.revenue, 0)::float8
              FROM scp_value_score score
         LEFT JOIN (SELECT fact.customer_id,
                           COUNT(*) FILTER (WHERE fact.order_count > 0) AS bought,
                           SUM(fact.amount) AS revenue
                      FROM scp_value_fact fact
                     WHERE fact.company_id = %(company)s
                       AND fact.day > %(start)s
                       AND fact.day <= %(end)s
                  GROUP BY fact.customer_id) done
                ON done.customer_id = score.customer_id
             WHERE score.run_id = %(run)s
               AND score.usual_gap_days IS NOT NULL
            """,
            forecasts=SQL(", ").join(SQL("COALESCE(score.%s, 0)::float8", column) for column in names.values()),
            company=run.company_id.id,
            start=run.date_to,
            end=run.date_to + timedelta(days=HORIZONS[months]),
            run=run.id,
        ), {'customer': 'i4', **dict.fromkeys(names, 'f8'), 'bought': 'f8', 'revenue': 'f8'})

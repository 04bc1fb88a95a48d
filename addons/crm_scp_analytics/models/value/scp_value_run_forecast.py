from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from .scp_value_choice import EPOCH

# Months ahead, and the days they are.
HORIZONS = {3: 91, 6: 182, 12: 365}
# A next order further away than this is no date to plan with.
DUE_MAX = 3650

MISSING_DATA = [
    ('customers', "Fewer than three customers"),
    ('time', "All orders on one day"),
    ('repeats', "Nobody bought twice"),
    ('history', "Too short for a back-test"),
]


class ScpValueRun(models.Model):
    """What a run expects: purchases and revenue of each customer, by models chosen in a back-test.

    The models read more than the window of the score: whoever left long ago tells how customers leave.
    """

    _inherit = 'scp.value.run'

    choice_id = fields.Many2one(
        comodel_name='scp.value.choice',
        string="Forecast Models",
        readonly=True,
        index='btree_not_null',
        ondelete='set null',
        check_company=True,
        help="The models that forecast, with the back-test that chose them.",
    )
    missing_data = fields.Selection(
        selection=MISSING_DATA,
        string="Not Enough Data",
        readonly=True,
        help="Why there are no forecasts.",
    )
    expected_orders = fields.Float(
        string="Purchases Expected", digits=(16, 1), readonly=True, aggregator=None,
        help="Of all customers together, in the twelve months after the run.",
    )
    expected_orders_low = fields.Float(
        string="At Least", digits=(16, 1), readonly=True, aggregator=None,
        help="With a chance of 90 %, what happens lies between the two bounds.",
    )
    expected_orders_high = fields.Float(
        string="At Most", digits=(16, 1), readonly=True, aggregator=None,
    )
    expected_revenue = fields.Monetary(
        string="Revenue Expected", readonly=True, aggregator=None,
        help="Of all customers together, in the twelve months after the run.",
    )
    forecast_totals = fields.Json(
        readonly=True,
        help="By months ahead: purchases of all customers, with the bounds of 90 %, and revenue.",
    )
    forecast_benchmark = fields.Json(
        readonly=True, help="The median customer, against whom forecasts are explained.",
    )

    # === BUSINESS METHODS ===#

    def _prepare_discard_values(self) -> dict:
        return super()._prepare_discard_values() | {
            'missing_data': False,
            'expected_orders': 0,
            'expected_orders_low': 0,
            'expected_orders_high': 0,
            'expected_revenue': 0,
            'forecast_totals': False,
            'forecast_benchmark': False,
        }

    def _get_missing_data_sentence(self):
        """:return: why there are no forecasts, and when there will be some"""
        match self.missing_data:
            case 'customers':
                return self.env._(
                    "Not enough data for forecasts: they need three customers with orders.")
            case 'time':
                return self.env._(
                    "Not enough data for forecasts: all orders are of one day.")
            case 'repeats':
                return self.env._(
                    "Not enough data for forecasts: no customer has ordered on a second day yet.")
        return self.env._(
            "Not enough data for forecasts: the history is too short to test a model on it.")

    @api.model
    def _get_history_months(self):
        """Number of months whose purchases the forecast models read."""
        months = self.env['ir.config_parameter'].sudo().get_param(
            'crm_scp_analytics.value_history_months',
        )
        return max(int(months or 60), self._get_window_months())

    def _get_history_from(self):
        """:return: first day of the history that the models read; the window lies within it"""
        date_from = self.date_to + timedelta(days=1) - relativedelta(months=self._get_history_months())
        return min(date_from, self.date_from)

    def _fetch_history(self):
        """:return: what every customer bought in the history that the models read,
            `engine.frame.Purchases`"""
        return self._get_history(self._fetch_days(self._get_history_from()))

    @api.model
    def _get_history(self, days):
        """:param days: of `_fetch_days`
        :return: the purchases, `engine.frame.Purchases`"""
        from ...engine.frame import Purchases  # noqa: PLC0415  numpy is loaded by the process that scores

        return Purchases.of(**self._get_purchase_days(days))

    def _get_forecast_columns(self, columns, bought) -> dict:
        """What each customer will do, and why the models think so.

        Without enough data there are no figures, and the run says what is missing.

        :param bought: the history, `engine.frame.Purchases`
        """
        from ...engine import optimise  # noqa: PLC0415  as in `_fetch_history`
        from ...engine.frame import NotEnoughData  # noqa: PLC0415  as above

        try:
            # The other workers need the processors too.
            with optimise.one_thread():
                bought.frame((self.date_to - EPOCH).days).require()
                choice = self._get_choice(bought)
                scored = self._forecast(bought, choice)
        except NotEnoughData as error:
            self._checkpoint(missing_data=error.code)
            return {}
        self._checkpoint(**self._prepare_forecast_totals(scored))
        return self._prepare_forecast_columns(scored, columns['customer_id'])

    def _get_choice(self, bought):
        """:return: the models of the company, `engine.selection.Choice`, chosen now where it is due"""
        Choice = self.env['scp.value.choice']
        choice = self.choice_id or Choice._get_valid(self.company_id, self.date_to)
        if not choice:
            self._checkpoint(phase='choose', progress=5)
            with self._open_executor() as executor:
                choice = Choice._choose(
                    self.company_id, self.date_to, bought,
                    # a cancel is heard after each trial
                    on_trial=lambda share: self._checkpoint(progress=5 + 25 * share),
                    executor=executor,
                )
            self._checkpoint(**self._prepare_executor_values(executor))
        self._checkpoint(choice_id=choice.id, phase='forecast', progress=30)
        return choice._get_engine_choice()

    def _forecast(self, bought, choice):
        """:return: `engine.scores.Scores`"""
        from ...engine import scores  # noqa: PLC0415  as in `_fetch_history`
        from ...engine.frame import NotEnoughData  # noqa: PLC0415  as above
        from ...engine.selection import Candidate, Choice  # noqa: PLC0415  as above

        end = (self.date_to - EPOCH).days
        horizons = tuple(HORIZONS.values())
        try:
            return scores.score(bought, end, choice, horizons)
        except NotEnoughData:
            # Enough for the trees when they were chosen, but not today: the closed forms go on alone.
            alone = Choice(
                Candidate(choice.count.model), Candidate(choice.chance.model),
                temperature=choice.temperature, near=choice.near,
            )
            return scores.score(bought, end, alone, horizons)

    def _prepare_forecast_totals(self, scored) -> dict:
        """Values of the run that sum up its forecasts."""
        totals = {
            months: dict(zip(('expected', 'low', 'high'), scored.totals[days], strict=True))
            | {'revenue': float(scored.columns[f'revenue_{days}'].sum())}
            for months, days in HORIZONS.items()
        }
        year = totals[12]
        return {
            'missing_data': False,
            'expected_orders': year['expected'],
            'expected_orders_low': year['low'],
            'expected_orders_high': year['high'],
            'expected_revenue': year['revenue'],
            'forecast_totals': totals,
            # the pattern that trees see is a reason of its own, and nobody's benchmark
            'forecast_benchmark': dict(zip(
                self._get_forecast_codes()[:-1], scored.benchmark.tolist()[:-1], strict=True,
            )),
        }

    def _prepare_forecast_columns(self, scored, customer_ids) -> dict:
        """:return: columns of the scores, as in `_get_columns`, of these customers in this order"""
        import numpy as np  # noqa: PLC0415  as in `_fetch_history`

        # who bought in the window did so in the history
        places = np.searchsorted(scored.ids, customer_ids)

        def figures(name):
            # not needed a second time: of many customers they take tens of megabytes
            return scored.columns.pop(name)[places]

        def known(column):
            return np.where(np.isfinite(column), np.maximum(column, 0), np.nan)

        due = figures('due')
        result = {
            'alive_probability': known(figures('alive')),
            'churn_risk': known(figures('risk')),
            'usual_gap_days': known(figures('gap')),
            'next_order_date': known((self.date_to - EPOCH).days + np.where(due <= DUE_MAX, np.round(due), np.nan)),
            'expected_amount': known(figures('spend')),
            'lifetime_value': known(figures('value')),
        }
        for figure, name in (
            ('expected_{}', 'expected_orders_{}m'),
            ('expected_{}_low', 'expected_orders_low_{}m'),
            ('expected_{}_high', 'expected_orders_high_{}m'),
            ('active_{}', 'order_probability_{}m'),
            ('revenue_{}', 'expected_revenue_{}m'),
            ('revenue_{}_low', 'expected_revenue_low_{}m'),
            ('revenue_{}_high', 'expected_revenue_high_{}m'),
        ):
            # More time never brings less: what boosting may say of a single customer is put right here.
            least = -np.inf
            for months, days in HORIZONS.items():
                least = np.maximum(least, figures(figure.format(days)))
                result[name.format(months)] = known(least)
        points, inputs = scored.points[places], scored.inputs[places]
        result |= {
            f'points_{code}': points[:, i] for i, code in enumerate(self._get_forecast_codes())
        }
        # silence is the time since the last order, which the score has anyway
        return result | {
            'repeat_count': inputs[:, 0], 'observed_days': np.round(inputs[:, 2]), 'repeat_amount': inputs[:, 3],
        }

    @api.model
    def _get_forecast_codes(self):
        """Names of the inputs by which a forecast is explained."""
        from ...engine import scores  # noqa: PLC0415  as in `_fetch_history`

        return (*scores.INPUTS, 'pattern')

from datetime import timedelta

from odoo import fields, models
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from .scp_customer_outlook import AT_RISK

# Reasons shown of either kind, and the share of the strongest below which a reason is none.
REASONS_MAX = 3
REASONS_NEGLIGIBLE = 0.01


class ScpValueScore(models.Model):
    """What a customer will do, as far as the models of his company can tell, and why.

    Purchases are days with an order, revenue is net of refunds. No data is stored as NULL, which
    forms tell by the usual gap: whoever has a forecast has one.
    """

    _inherit = 'scp.value.score'

    alive_probability = fields.Float(
        string="Still a Customer", readonly=True, aggregator='avg',
        help="Chance that the customer has not left for good, by how often and how lately he bought.",
    )
    churn_risk = fields.Float(
        readonly=True, aggregator='avg',
        help="By his own rhythm: 0 % as long as half of his gaps between orders would have been "
             "longer, 90 % when all but one in twenty would have ended. At least the chance that he "
             "has left for good.",
    )
    usual_gap_days = fields.Float(
        string="Usual Days Between Orders", digits=(8, 1), readonly=True, aggregator='avg',
        help="Of the customer himself, drawn toward that of the median customer as long as he has "
             "shown few of his own.",
    )
    next_order_date = fields.Date(
        string="Next Order Expected", readonly=True,
        help="The day by which he will have ordered with a chance of one half, if he is still a "
             "customer.",
    )
    expected_amount = fields.Monetary(
        string="Amount per Purchase", readonly=True, aggregator=None,
        help="What a purchase of his will bring: his own mean, drawn toward that of all as long as "
             "he has bought little.",
    )
    lifetime_value = fields.Monetary(
        readonly=True,
        help="Revenue expected in the next 36 months, discounted by 1 % a month.",
    )

    expected_orders_3m = fields.Float(
        string="Purchases in 3 Months", digits=(10, 2), readonly=True,
        help="Days with an order that are expected in the next three months.",
    )
    expected_orders_low_3m = fields.Integer(
        string="Purchases in 3 Months, at Least", readonly=True, aggregator=None,
        help="With a chance of 90 % he buys at least so often and at most as often as the upper bound.",
    )
    expected_orders_high_3m = fields.Integer(
        string="Purchases in 3 Months, at Most", readonly=True, aggregator=None,
    )
    order_probability_3m = fields.Float(
        string="Chance of an Order in 3 Months", readonly=True, aggregator='avg',
    )
    expected_revenue_3m = fields.Monetary(
        string="Revenue in 3 Months", readonly=True,
        help="Revenue that is expected in the next three months.",
    )
    expected_revenue_low_3m = fields.Monetary(
        string="Revenue in 3 Months, at Least", readonly=True, aggregator=None,
        help="With a chance of 90 % he spends at least so much and at most as much as the upper bound.",
    )
    expected_revenue_high_3m = fields.Monetary(
        string="Revenue in 3 Months, at Most", readonly=True, aggregator=None,
    )

    expected_orders_6m = fields.Float(
        string="Purchases in 6 Months", digits=(10, 2), readonly=True,
        help="Days with an order that are expected in the next six months.",
    )
    expected_orders_low_6m = fields.Integer(
        string="Purchases in 6 Months, at Least", readonly=True, aggregator=None,
        help="With a chance of 90 % he buys at least so often and at most as often as the upper bound.",
    )
    expected_orders_high_6m = fields.Integer(
        string="Purchases in 6 Months, at Most", readonly=True, aggregator=None,
    )
    order_probability_6m = fields.Float(
        string="Chance of an Order in 6 Months", readonly=True, aggregator='avg',
    )
    expected_revenue_6m = fields.Monetary(
        string="Revenue in 6 Months", readonly=True,
        help="Revenue that is expected in the next six months.",
    )
    expected_revenue_low_6m = fields.Monetary(
        string="Revenue in 6 Months, at Least", readonly=True, aggregator=None,
        help="With a chance of 90 % he spends at least so much and at most as much as the upper bound.",
    )
    expected_revenue_high_6m = fields.Monetary(
        string="Revenue in 6 Months, at Most", readonly=True, aggregator=None,
    )

    expected_orders_12m = fields.Float(
        string="Purchases in 12 Months", digits=(10, 2), readonly=True,
        help="Days with an order that are expected in the next twelve months.",
    )
    expected_orders_low_12m = fields.Integer(
        string="Purchases in 12 Months, at Least", readonly=True, aggregator=None,
        help="With a chance of 90 % he buys at least so often and at most as often as the upper bound.",
    )
    expected_orders_high_12m = fields.Integer(
        string="Purchases in 12 Months, at Most", readonly=True, aggregator=None,
    )
    order_probability_12m = fields.Float(
        string="Chance of an Order in 12 Months", readonly=True, aggregator='avg',
    )
    expected_revenue_12m = fields.Monetary(
        string="Revenue in 12 Months", readonly=True,
        help="Revenue that is expected in the next twelve months.",
    )
    expected_revenue_low_12m = fields.Monetary(
        string="Revenue in 12 Months, at Least", readonly=True, aggregator=None,
        help="With a chance of 90 % he spends at least so much and at most as much as the upper bound.",
    )
    expected_revenue_high_12m = fields.Monetary(
        string="Revenue in 12 Months, at Most", readonly=True, aggregator=None,
    )

    repeat_count = fields.Integer(
        string="Times Come Back", readonly=True, aggregator=None,
        help="Purchases after the first one, in the history that the models read.",
    )
    observed_days = fields.Integer(
        string="Days Known", readonly=True, aggregator=None, help="Days since the first purchase of that history.",
    )
    repeat_amount = fields.Monetary(
        string="Amount per Repeat Purchase", readonly=True, aggregator=None,
        help="Mean of the purchases after the first one; that of all customers where there was none.",
    )
    # Revenue of twelve months by which the customer is ahead of the median customer
    points_purchases = fields.Float(string="Ahead by Purchases", readonly=True, aggregator=None)
    points_silence = fields.Float(string="Ahead by Last Order", readonly=True, aggregator=None)
    points_observed = fields.Float(string="Ahead by Time Known", readonly=True, aggregator=None)
    points_spend = fields.Float(string="Ahead by Amount", readonly=True, aggregator=None)
    points_pattern = fields.Float(string="Ahead by Pattern", readonly=True, aggregator=None)

    # === BUSINESS METHODS ===#

    def _prepare_card(self, history, references):
        return super()._prepare_card(history, references) | {'outlook': self._prepare_outlook()}

    def _prepare_outlook(self):
        """:return: what is expected of the customer, in words and figures; None without forecasts"""
        self.ensure_one()
        if not self.usual_gap_days:
            return None
        reasons = self._get_forecast_sentences()
        return {
            'figures': self._prepare_outlook_figures(),
            'horizons': [self._prepare_outlook_horizon(months) for months in (3, 6, 12)],
            'raising': [reason for reason in reasons if reason['raises']][:REASONS_MAX],
            'lowering': [reason for reason in reasons if not reason['raises']][:REASONS_MAX],
        }

    def _prepare_outlook_figures(self):
        """:return: figures with a label and a sentence that tells what they mean"""
        return [
            {
                'code': 'alive',
                'label': self.env._("Still a customer"),
                'value': self._format_percent(self.alive_probability),
                'text': self.env._("by how customers of the company come and go"),
            },
            {
                'code': 'risk',
                'label': self.env._("Churn risk"),
                'value': self._format_percent(self.churn_risk),
                'text': self.env._(
                    "usually orders every %(gap)s days, silent for %(days)s",
                    gap=formatLang(self.env, self.usual_gap_days, digits=0),
                    days=formatLang(self.env, self.recency_days, digits=0),
                ),
                'level': self._get_risk_level(),
            },
            self._prepare_next_order(),
            {
                'code': 'lifetime',
                'label': self.env._("Lifetime value"),
                'value': self._format_money(self.lifetime_value),
                'text': self.env._("revenue of the next 36 months in money of today"),
            },
        ]

    def _prepare_next_order(self):
        """:return: figure of the next order; of a customer at risk, when it was to be expected"""
        figure = {'code': 'next', 'label': self.env._("Next order expected")}
        if self.churn_risk >= AT_RISK:
            usual = self.date + timedelta(days=round(self.usual_gap_days) - self.recency_days)
            return figure | {
                'value': self.env._("overdue"),
                'text': self.env._("was due around %(date)s", date=format_date(self.env, usual)),
            }
        return figure | {
            'value': format_date(self.env, self.next_order_date) or self.env._("no date"),
            'text': self.env._("with a chance of one half by then"),
        }

    def _prepare_outlook_horizon(self, months):
        """:return: texts of what is expected in some months, with the bounds of 90 %"""
        orders = {
            name: self[f'expected_orders{suffix}_{months}m']
            for name, suffix in (('expected', ''), ('low', '_low'), ('high', '_high'))
        }
        revenue = {
            name: self._format_money(self[f'expected_revenue{suffix}_{months}m'])
            for name, suffix in (('expected', ''), ('low', '_low'), ('high', '_high'))
        }
        return {
            'months': months,
            'label': self.env._("%(months)s months", months=months),
            'chance': self._format_percent(self[f'order_probability_{months}m']),
            'orders': formatLang(self.env, orders['expected'], digits=1),
            'orders_range': self.env._("%(low)s to %(high)s", **orders),
            'revenue': revenue['expected'],
            'revenue_range': self.env._("%(low)s to %(high)s", **revenue),
        }

    def _get_risk_level(self):
        """:return: how alarming the risk is, in the colours of the suite"""
        if self.churn_risk >= 0.75:
            return 'danger'
        return 'warning' if self.churn_risk >= AT_RISK else 'success'

    def _format_percent(self, share):
        return self.env._("%(percent)s %%", percent=formatLang(self.env, 100 * share, digits=0))

    def _format_money(self, amount):
        """A forecast to the cent would claim too much."""
        return formatLang(
            self.env, amount, currency_obj=self.currency_id, rounding_unit='units',
        )

    # === BUSINESS METHODS: REASONS ===#

    def _get_forecast_sentences(self):
        """Why the revenue of the next twelve months is expected to differ from that of the median
        customer.

        :return: list as of `_get_reason_sentences`; points are money
        """
        self.ensure_one()
        reasons = self._get_forecast_reasons()
        least = REASONS_NEGLIGIBLE * max((abs(points) for _value, points in reasons.values()), default=0)
        # sudo: the median customer of the run, for whoever may read the score
        usual = self.run_id.sudo().forecast_benchmark or {}
        sentences = []
        for code, (value, points) in sorted(reasons.items(), key=lambda item: -abs(item[1][1])):
            write = getattr(self, f'_get_forecast_reason_{code}', None)
            if not write or abs(points) <= least:
                continue
            sentences.append({
                'code': code,
                'raises': points > 0,
                'text': write(value, usual.get(code, 0), points > 0),
                'points': f"{'+' if points > 0 else '−'}{self._format_money(abs(points))}",
            })
        return sentences

    def _get_forecast_reasons(self) -> dict:
        """:return: {input: (what the customer has shown, money by which he is ahead of the median customer)}"""
        return {
            'purchases': (self.repeat_count, self.points_purchases),
            'silence': (self.recency_days, self.points_silence),
            'observed': (self.observed_days, self.points_observed),
            'spend': (self.repeat_amount, self.points_spend),
            'pattern': (0, self.points_pattern),
        }

    def _get_forecast_reason_purchases(self, value, usual, raises):
        return self.env._(
            "Came back %(count)s times after the first order; the median customer %(usual)s times.",
            count=int(value), usual=int(usual),
        )

    def _get_forecast_reason_silence(self, value, usual, raises):
        return self.env._(
            "Has not ordered for %(days)s days; the median customer for %(usual)s days.",
            days=int(value), usual=int(usual),
        )

    def _get_forecast_reason_observed(self, value, usual, raises):
        values = {'days': int(value), 'usual': int(usual)}
        if raises:
            return self.env._(
                "Needed only %(days)s days for these orders; the median customer has been known for "
                "%(usual)s days.", **values)
        return self.env._(
            "Needed %(days)s days for these orders; the median customer has been known for %(usual)s "
            "days.", **values)

    def _get_forecast_reason_spend(self, value, usual, raises):
        return self.env._(
            "Spends %(amount)s per purchase; the median customer %(usual)s.",
            amount=self._format_money(value), usual=self._format_money(usual),
        )

    def _get_forecast_reason_pattern(self, value, usual, raises):
        if raises:
            return self.env._(
                "Customers with a pattern of orders like his bought more than their rates alone say.")
        return self.env._(
            "Customers with a pattern of orders like his bought less than their rates alone say.")

from odoo import api, models
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from .scp_value_run_forecast import HORIZONS

#: Checks that the page lists, equally many of each time ahead.
CHECKS_SHOWN = 9
#: Measures of the back-test, in the order of the page.
TRIAL_MEASURES = ('bias', 'mae', 'rmse', 'deviance', 'auc', 'brier', 'log_loss', 'ece')


class ScpValueAccuracy(models.Model):
    """The page "what we forecast, what happened". Every figure opens its records."""

    _inherit = 'scp.value.accuracy'

    @api.model
    @api.readonly
    def get_accuracy(self, filters):
        """How right the forecasts of the current company were.

        :param filters: {'check_id': the check whose calibration is drawn, by default the latest of
            the longest time ahead}
        :return: {'currency', 'sentences', 'checks', 'check', 'back_test'}
        """
        self.check_access('read')
        latest, others = self.browse(), self.browse()
        for months in HORIZONS:
            checks = self.search([
                ('company_id', '=', self.env.company.id), ('months', '=', months),
            ], limit=CHECKS_SHOWN // len(HORIZONS))
            latest += checks[:1]
            others += checks[1:]
        checks = (latest + others).sorted()
        check = checks.filtered(lambda check: check.id == filters.get('check_id')) or latest[-1:]
        return {
            'currency': {'id': self.env.company.currency_id.id},
            'company': self.env.company.name,
            'sentences': [check._get_sentence() for check in latest],
            'checks': [check._describe() for check in checks],
            'check': check._describe_calibration() if check else None,
            'back_test': self._describe_back_test(),
        }

    def _get_sentence(self):
        """:return: what was forecast and what happened, for people who know no statistics"""
        self.ensure_one()
        values = {
            'months': self.months,
            'date': format_date(self.env, self.date),
            'customers': formatLang(self.env, self.customer_count, digits=0),
            'expected': formatLang(self.env, self.expected_orders, digits=0),
            'low': formatLang(self.env, self.expected_orders_low, digits=0),
            'high': formatLang(self.env, self.expected_orders_high, digits=0),
            'actual': formatLang(self.env, self.actual_orders, digits=0),
            'verdict': self._get_verdict(),
        }
        if not self.expected_orders_high:
            return self.env._(
                "For the %(months)s months after %(date)s we expected %(expected)s purchases of %(customers)s "
                "customers. They made %(actual)s: %(verdict)s.", **values)
        return self.env._(
            "For the %(months)s months after %(date)s we expected %(expected)s purchases of %(customers)s customers, "
            "between %(low)s and %(high)s. They made %(actual)s: %(verdict)s.", **values)

    def _get_verdict(self):
        if not self.actual_orders:
            return self.env._("nobody bought")
        percent = formatLang(self.env, 100 * abs(self.bias), digits=0)
        if abs(self.bias) < 0.005:
            return self.env._("right to the percent")
        if self.bias > 0:
            return self.env._("the forecast was %(percent)s%% too high", percent=percent)
        return self.env._("the forecast was %(percent)s%% too low", percent=percent)

    def _describe(self):
        self.ensure_one()
        scores = [('run_id', '=', self.run_id.id)]
        facts = [
            ('company_id', '=', self.company_id.id), ('day', '>', str(self.date)), ('day', '<=', str(self.date_end)),
            # of those known on that day alone: newcomers were not forecast
            ('customer_id.value_score_ids', 'any', scores),
        ]
        purchases = [*facts, ('order_count', '>', 0)]
        all_bought = self.actual_buyers in (0, self.customer_count)
        return {
            'id': self.id,
            'date': format_date(self.env, self.date),
            'months': self.months,
            'models': self.model_summary,
            'customers': self._get_cell(self.customer_count, 'scp.value.score', scores),
            'expected': self._get_cell(self.expected_orders, 'scp.value.score', scores),
            'low': self.expected_orders_low if self.expected_orders_high else None,
            'high': self.expected_orders_high or None,
            'inside': bool(
                self.expected_orders_high
                and self.expected_orders_low <= self.actual_orders <= self.expected_orders_high
            ),
            'actual': self._get_cell(self.actual_orders, 'scp.value.fact', purchases),
            'bias': self.bias if self.actual_orders else None,
            'expected_revenue': self._get_cell(self.expected_revenue, 'scp.value.score', scores),
            'actual_revenue': self._get_cell(self.actual_revenue, 'scp.value.fact', facts),
            'expected_buyers': self.expected_buyers,
            'actual_buyers': self.actual_buyers,
            'coverage': self.coverage,
            'revenue_coverage': self.revenue_coverage,
            'measures': {
                name: None if name == 'auc' and all_bought else self[name] for name in TRIAL_MEASURES[1:]
            },
        }

    def _describe_calibration(self):
        """:return: of groups of customers with like chances the chance, and the share that bought"""
        self.ensure_one()
        field = f'order_probability_{self.months}m'
        groups = [
            {
                'chance': group['chance'],
                'share': group['share'],
                'customers': self._get_cell(group['customers'], 'scp.value.score', [
                    ('run_id', '=', self.run_id.id), (field, '>=', group['low']), (field, '<=', group['high']),
                ]),
            }
            for group in self.calibration or []
        ]
        return {
            'id': self.id, 'label': self.display_name, 'groups': groups,
            'sentence': self._get_calibration_sentence(groups),
        }

    def _get_calibration_sentence(self, groups):
        """:return: the group that is furthest off, in words"""
        if not groups:
            return ""
        worst = max(groups, key=lambda group: abs(group['chance'] - group['share']))
        return self.env._(
            "Chances were off by %(error)s percentage points on average. Most of all where we gave %(chance)s%%: of "
            "%(customers)s customers %(share)s%% bought.",
            error=formatLang(self.env, 100 * self.ece, digits=1),
            chance=formatLang(self.env, 100 * worst['chance'], digits=0),
            share=formatLang(self.env, 100 * worst['share'], digits=0),
            customers=formatLang(self.env, worst['customers']['value'], digits=0),
        )

    @api.model
    def _describe_back_test(self):
        """:return: the candidates of the latest choice of models side by side, the chosen ones marked;
            None where no models were chosen"""
        choice = self.env['scp.value.choice'].search([('company_id', '=', self.env.company.id)], limit=1)
        if not choice:
            return None
        lines = []
        for candidate, trials in choice.trial_ids.grouped('candidate').items():
            domain = [('choice_id', '=', choice.id), ('candidate', '=', candidate)]
            lines.append({
                'candidate': candidate,
                'label': trials[0].label,
                'is_count_choice': trials[0].is_count_choice,
                'is_chance_choice': trials[0].is_chance_choice,
                'trials': self._get_cell(len(trials), 'scp.value.choice.trial', domain),
                # the mean over the days of the back-test
                'measures': {name: sum(trials.mapped(name)) / len(trials) for name in TRIAL_MEASURES},
                'count_score': trials[0].count_score,
                'chance_score': trials[0].chance_score,
            })
        lines.sort(key=lambda line: line['count_score'])
        return {
            'date': format_date(self.env, choice.date),
            'summary': choice.summary,
            'lines': lines,
            'best': {
                name: (max if name == 'auc' else min)(abs(line['measures'][name]) for line in lines)
                for name in TRIAL_MEASURES
            },
            'sentence': self._get_back_test_sentence(choice),
        }

    @api.model
    def _get_back_test_sentence(self, choice):
        days = choice.trial_ids.mapped('cutoff')
        return self.env._(
            "As of %(date)s the models were shown the past up to %(count)s earlier days, from %(first)s to %(last)s, "
            "and judged by what followed. Best of all were: %(models)s.",
            date=format_date(self.env, choice.date),
            count=len(set(days)),
            first=format_date(self.env, min(days)),
            last=format_date(self.env, max(days)),
            models=choice.summary,
        )

    @api.model
    def _get_cell(self, value, model, domain):
        return {'value': value, 'model': model, 'domain': domain, 'context': {'active_test': False, 'create': False}}

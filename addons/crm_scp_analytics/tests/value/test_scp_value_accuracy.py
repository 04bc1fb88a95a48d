from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ValueCommon

MARCH, JUNE = date(2026, 3, 31), date(2026, 6, 30)


@tagged('post_install', '-at_install')
class TestScpValueAccuracy(ValueCommon):
    """Four customers, forecast on 31 March for three months, which are 91 days and end on 30 June.

    customer  forecast  bounds  chance  bought  revenue: forecast, bounds, made
    Ann       2.0       1 to 4  .9      3       200  100 to 400   300
    Bob       1.0       0 to 2  .5      0       100    0 to 200     0
    Cat       0.5       0 to 0  .4      1        50    0 to  90   100
    Dan       0.5       0 to 1  .2      0        50    0 to  90     0

    Bias 4 / 4 - 1 = 0. MAE (1 + 1 + .5 + .5) / 4 = .75. RMSE root of 2.5 / 4 = .7906. Deviance
    2 (3 ln 1.5 - 1 + 1 + ln 2 - .5 + .5) / 4 = .9548. Brier (.01 + .25 + .36 + .04) / 4 = .165. Log-loss
    -(ln .9 + ln .5 + ln .4 + ln .8) / 4 = .4845. AUC: .9 before .5 and .2, .4 before .2 only: 3 of 4. ECE: each is
    a group: (.1 + .5 + .6 + .2) / 4 = .35.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Accuracy = cls.env['scp.value.accuracy']
        cls.partners = cls._create_partners("Ann", "Bob", "Cat", "Dan")
        for partner in cls.partners:
            cls._order(partner, '2026-03-01 04:00', 100)
        cls.Customer._refresh_for_partners(cls.partners)
        cls.hubs = [cls.Customer.search([('partner_id', '=', partner.id)]) for partner in cls.partners]
        choice = cls.env['scp.value.choice'].create({
            'company_id': cls.company.id, 'date': MARCH, 'count_candidate': 'bgnbd', 'chance_candidate': 'bgnbd',
            'trial_ids': [
                (0, 0, {'candidate': 'bgnbd', 'cutoff': day, 'mae': mae, 'rmse': 2, 'count_score': 1, 'auc': 0.7})
                for day, mae in (('2026-01-01', 0.5), ('2026-02-01', 0.7))
            ] + [(0, 0, {
                'candidate': 'pareto_nbd', 'cutoff': '2026-01-01', 'mae': 0.4, 'rmse': 3, 'auc': 0.8,
                'count_score': 1.5,
            })],
        })
        cls.past = cls.Run.create(cls.Run._prepare_run_values(cls.company, MARCH) | {
            'state': 'done', 'customer_count': 4, 'choice_id': choice.id,
            'forecast_totals': {'3': {'expected': 4, 'low': 3, 'high': 6, 'revenue': 400}},
        })
        cls.past._insert_scores({
            'customer_id': [hub.id for hub in cls.hubs],
            'grade_id': cls.grades[:1].ids * 4,
            'value_score': [50, 50, 50, 50],
            'usual_gap_days': [30, 30, 30, 30],
            'expected_orders_3m': [2, 1, 0.5, 0.5],
            'expected_orders_low_3m': [1, 0, 0, 0],
            'expected_orders_high_3m': [4, 2, 0, 1],
            'order_probability_3m': [0.9, 0.5, 0.4, 0.2],
            'expected_revenue_3m': [200, 100, 50, 50],
            'expected_revenue_low_3m': [100, 0, 0, 0],
            'expected_revenue_high_3m': [400, 200, 90, 90],
        })
        ann, _bob, cat, _dan = cls.partners
        for day in ('04-01', '05-01', '06-30'):
            cls._order(ann, f'2026-{day} 04:00', 100)
        cls._order(cat, '2026-06-01 04:00', 100)
        cls._order(cat, '2026-07-01 04:00', 100)
        # a newcomer, whom nobody could have forecast
        cls._order(cls._create_partner("Eve"), '2026-05-05 04:00', 700)

    def _get_check(self):
        return self.Accuracy.search([('company_id', '=', self.company.id)])

    def test_what_happened(self):
        self.Run._score(self.company, date_to=JUNE)
        check = self._get_check()
        self.assertRecordValues(check, [{
            'run_id': self.past.id, 'months': 3, 'date': MARCH, 'date_end': JUNE, 'model_summary': "BG/NBD",
            'customer_count': 4, 'expected_orders': 4, 'expected_orders_low': 3, 'expected_orders_high': 6,
            'actual_orders': 4, 'expected_revenue': 400, 'actual_revenue': 400, 'expected_buyers': 2,
            'actual_buyers': 2, 'bias': 0, 'mae': 0.75, 'rmse': 0.7906, 'deviance': 0.9548, 'brier': 0.165,
            'log_loss': 0.4845, 'auc': 0.75, 'ece': 0.35, 'coverage': 0.75, 'revenue_coverage': 0.75,
        }])
        self.assertEqual(
            [(group['chance'], group['share'], group['customers']) for group in check.calibration],
            [(0.2, 0, 1), (0.4, 1, 1), (0.5, 0, 1), (0.9, 1, 1)],
        )

    def test_only_when_it_is_over(self):
        self.Run._score(self.company, date_to=date(2026, 6, 29))
        self.assertFalse(self._get_check())

    def test_once(self):
        """A forecast is checked once, by the last run of its month."""
        earlier = self.Run.create(self.Run._prepare_run_values(self.company, date(2026, 3, 15)) | {
            'state': 'done', 'customer_count': 4, 'choice_id': self.past.choice_id.id,
        })
        self.Run._score(self.company, date_to=JUNE)
        self.Run._score(self.company, date_to=date(2026, 7, 1))
        self.assertEqual(self._get_check().run_id, self.past)
        self.assertNotIn(earlier, self._get_check().run_id)

    def test_page(self):
        run = self.Run._score(self.company, date_to=JUNE)
        # that run may choose models of its own
        (run.choice_id - self.past.choice_id).unlink()
        manager = self._create_company_user('accuracy_manager', 'crm_scp_core.group_scp_manager')
        page = self.Accuracy.with_user(manager).with_company(self.company).get_accuracy({})
        self.assertEqual(page['sentences'], [
            "For the 3 months after 03/31/2026 we expected 4 purchases of 4 customers, between 3 and 6. They made 4: "
            "right to the percent.",
        ])
        [check] = page['checks']
        self.assertTrue(check['inside'])
        for cell, count in ((check['customers'], 4), (check['actual'], 4)):
            self.assertEqual(cell['value'], count)
            self.assertEqual(
                self.env[cell['model']].with_user(manager).with_context(**cell['context']).search_count(cell['domain']),
                count,
            )
        facts = self.env['scp.value.fact'].search(check['actual_revenue']['domain'])
        self.assertEqual(sum(facts.mapped('amount')), check['actual_revenue']['value'])
        self.assertEqual(
            page['check']['sentence'],
            "Chances were off by 35.0 percentage points on average. Most of all where we gave 40%: of 1 customers "
            "100% bought.",
        )
        for group in page['check']['groups']:
            self.assertEqual(self.Score.search_count(group['customers']['domain']), group['customers']['value'])
        back_test = page['back_test']
        self.assertEqual([line['label'] for line in back_test['lines']], ["BG/NBD", "Pareto/NBD"])
        self.assertAlmostEqual(back_test['lines'][0]['measures']['mae'], 0.6)
        self.assertAlmostEqual(back_test['best']['auc'], 0.8)
        self.assertEqual(
            self.env['scp.value.choice.trial'].search_count(back_test['lines'][0]['trials']['domain']), 2,
        )

    def test_nobody_bought(self):
        for order in self.env['sale.order'].search([('company_id', '=', self.company.id), ('date_order', '>', MARCH)]):
            order._action_cancel()
        self._order(self._create_partner("Fay"), '2026-05-05 04:00', 700)
        self.Run._score(self.company, date_to=JUNE)
        check = self._get_check()
        self.assertEqual((check.actual_orders, check.actual_revenue), (0, 0))
        described = check._describe()
        self.assertIsNone(described['bias'])
        self.assertIsNone(described['measures']['auc'])
        self.assertIn("nobody bought", check._get_sentence())

    def test_who_may(self):
        seller = self._create_company_user('accuracy_seller', 'crm_scp_core.group_scp_user')
        with self.assertRaises(AccessError):
            self.Accuracy.with_user(seller).get_accuracy({})

    def test_without_anything(self):
        company = self._add_company("Young Company", self.env.ref('base.EUR'))
        page = self.Accuracy.with_company(company).get_accuracy({})
        self.assertEqual((page['checks'], page['check'], page['back_test']), ([], None, None))

from functools import partial

from odoo.tests import tagged

from .plan_common import PlanCase

NOW = '2026-03-10 12:00:00'


@tagged('post_install', '-at_install')
class TestAccuracy(PlanCase):
    """January and February 2026, looked back at in March.

    A 1,000, 50 %, closing 20 January; won on 25 January at noon
    B 2,000, 25 %, closing 31 January; from 10 December 75 %; lost on 10 February
    C 4,000, 80 %, closing 15 February; on 15 January pushed to March, still open
    D   500, came in on 1 February and was won on the 5th

    Moments, days before the end of the month: January 3 November, 3 December, 2 and 25 January;
    February 1 and 31 December, 30 January and 22 February.

    By probability      90     60     30      7   won
      January        1,000  1,000  2,000  2,000   1,000
      February       3,200  3,200      0    500     500
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.a = cls.open(1000.0, probability=50.0, date_deadline='2026-01-20')
        cls.b = cls.open(2000.0, probability=25.0, date_deadline='2026-01-31')
        cls.c = cls.open(
            4000.0, probability=80.0, date_deadline='2026-02-15', user_id=cls.mate.id, stage=cls.pursued)
        cls.write_at(cls.b, '2025-12-10 09:00:00', probability=75.0)
        cls.submit(1500.0, '2026-01-05 09:00:00')
        cls.submit(900.0, '2026-01-06 09:00:00', author=cls.leader, reason="B is not theirs to promise")
        cls.write_at(cls.c, '2026-01-15 09:00:00', date_deadline='2026-03-15')
        cls.at('2026-01-25 12:00:00', cls.a.action_set_won)
        cls.submit(1000.0, '2026-01-28 09:00:00')
        cls.d = cls.open(500.0, '2026-02-01 09:00:00', date_deadline='2026-02-10')
        cls.at('2026-02-05 09:00:00', cls.d.action_set_won)
        cls.at('2026-02-10 09:00:00', cls.b.action_set_lost)

    @classmethod
    def submit(cls, amount, moment, author=None, **values):
        Submission = cls.env['scp.forecast.submission'].with_user(author or cls.salesman)
        return cls.at(moment, lambda: Submission.create({
            'user_id': cls.salesman.id, 'month': '2026-01-01', 'amount': amount,
            'company_id': cls.company.id, **values,
        }))

    def accuracy(self, user=None, **filters):
        answer = self.ask('scp.forecast', 'get_accuracy', NOW, user, **{
            'date_from': '2026-01-01', 'date_to': '2026-02-28', **filters})
        return {group['label']: group for group in answer['groups']}

    def assertRow(self, row, **expected):
        for name, value in expected.items():
            self.assertAlmostEqual(row[name], value, 4, name)

    def test_by_probability(self):
        rows = self.accuracy()["All"]['lines']['user_line']
        for horizon, forecasts in (
            ('90', [1000, 3200]), ('60', [1000, 3200]), ('30', [2000, 0]), ('7', [2000, 500]),
        ):
            self.assertEqual([point['forecast'] for point in rows[horizon]['points']], forecasts, horizon)
        self.assertRow(rows['90'], n=2, bias=2700 / 1500, wape=2700 / 1500, mape=5.4 / 2)
        self.assertRow(rows['30'], bias=500 / 1500, wape=1.0, mape=1.0)
        self.assertRow(rows['7'], bias=1000 / 1500, wape=1000 / 1500, mape=0.5)
        self.assertFigure(rows['7']['points'][0]['actual'], 1000, self.a)
        self.assertFigure(rows['7']['points'][1]['actual'], 500, self.d)

    def test_value_added(self):
        """A year before nothing was won, so that naive misses all.

        The 90 days before 22 February brought 1,500, at which pace February brings 466.67; those
        before 25 January brought nothing.
        """
        group = self.accuracy()["All"]
        self.assertRow(group['lines']['last_year']['7'], wape=1.0)
        self.assertRow(group['lines']['run_rate']['7'], wape=(1000 + 33.3333) / 1500)
        self.assertRow(
            group['lines']['user_line']['7']['value_added'], last_year=1 / 3, run_rate=33.3333 / 1500)

    def test_same_period_last_year(self):
        self.win(800.0, '2025-02-14 09:00:00', moment='2025-01-01 09:00:00')
        points = self.accuracy()["All"]['lines']['last_year']['30']['points']
        self.assertEqual([point['forecast'] for point in points], [0, 800])

    def win(self, amount, won, moment):
        self.at(won, self.open(amount, moment).action_set_won)

    def test_submissions(self):
        """Only what had been said by the moment counts; who said nothing is not judged."""
        lines = self.accuracy()["All"]['lines']
        self.assertEqual(lines['submitted']['30']['n'], 0)
        self.assertRow(lines['submitted']['7'], n=1, bias=0.5, wape=0.5)
        self.assertRow(lines['adjusted']['7'], n=1, bias=-0.1, wape=0.1)

    def test_by_salesperson(self):
        groups = self.accuracy(group_by='user')
        self.assertEqual(
            [point['forecast'] for point in groups["Test mate"]['lines']['user_line']['60']['points']],
            [0, 3200])
        self.assertIsNone(groups["Test mate"]['lines']['user_line']['60']['wape'])
        self.assertIn("No data", groups["Test mate"]['sentence'])
        self.assertRow(groups["Test salesman"]['lines']['user_line']['7'], wape=1000 / 1500)
        only = self.accuracy(user_ids=self.mate.ids)["All"]
        self.assertEqual(only['lines']['user_line']['60']['points'][1]['forecast'], 3200)

    def test_owner_of_that_day(self):
        """What the mate forecast in December stays his when the salesman takes the deal over."""
        self.write_at(self.c, '2026-03-01 09:00:00', user_id=self.salesman.id)
        groups = self.accuracy(group_by='user')
        self.assertEqual(groups["Test mate"]['lines']['user_line']['60']['points'][1]['forecast'], 3200)

    def test_experience_of_that_day(self):
        """Before 25 January no deal was closed: the line by experience knew nothing.

        On 22 February A and D were won and B lost, C was not due any more; D was won by then.
        """
        points = self.accuracy()["All"]['lines']['empirical_line']
        self.assertEqual([point['forecast'] for point in points['30']['points']], [0, 0])
        self.assertEqual([point['forecast'] for point in points['7']['points']], [0, 500])

    def test_best_line(self):
        """Misses over the four moments, on average

        By probability: (1.8 + 1.8 + 1 + 0.67) / 4. By experience: (1 + 1 + 1 + 0.67) / 4 = 0.92. The
        pace: 1,000 in 90 days make 311 in February, so (1 + 1 + 0.79 + 0.69) / 4 = 0.87.
        """
        group = self.accuracy()["All"]
        self.assertEqual(group['best'], 'run_rate')
        self.assertEqual(group['sentence'], "No forecast was better than “Run Rate”, which missed by 87 %.")

    def test_calibration(self):
        """On 1 January A was given 50 % and won, B 75 % and lost; on 1 February B again.

        C is still open. (0.25 + 0.5625 + 0.5625) / 3.
        """
        answer = self.ask(
            'scp.forecast', 'get_calibration', NOW, date_from='2026-01-01', date_to='2026-02-28')
        by_line = {line['key']: line for line in answer['lines']}
        user = by_line['user_line']
        self.assertEqual(
            [(row['decile'], row['n'], row['expected'], row['won']) for row in user['table']],
            [(6, 1, 0.5, 1), (8, 2, 0.75, 0)])
        self.assertAlmostEqual(user['brier'], 1.375 / 3)
        # nobody had been won before January; by February A was, and with North's other 29 deals taken
        # from all teams B's chances were (1 + 29 x 2/3) / 30
        empirical = by_line['empirical_line']
        self.assertEqual(
            [(row['decile'], row['n'], row['won']) for row in empirical['table']], [(1, 2, 0.5), (7, 1, 0)])
        self.assertAlmostEqual(empirical['table'][1]['expected'], 61 / 90)
        self.assertAlmostEqual(empirical['brier'], (1 + (61 / 90) ** 2) / 3)
        self.assertEqual(answer['best'], min(by_line.values(), key=lambda line: line['brier'])['key'])
        for row, deals in zip(user['table'], (self.a, self.b), strict=True):
            found = self.env[row['model']].with_context(**row['context']).search
            self.assertEqual(self.at(NOW, partial(found, row['domain'])), deals)

    def test_calibration_follows_the_filters(self):
        """The mate's only deal is still open; in January alone there were two predictions."""
        for filters, count in (({}, 3), ({'user_ids': self.mate.ids}, 0), ({'date_to': '2026-01-31'}, 2)):
            answer = self.ask('scp.forecast', 'get_calibration', NOW, **{
                'date_from': '2026-01-01', 'date_to': '2026-02-28', **filters})
            self.assertEqual(answer['lines'][0]['n'], count, filters)

    def test_log_keeps_the_prediction(self):
        rows = self.env['scp.lead.log'].search([('lead_ref', '=', self.c.id)], order='id')
        self.assertEqual(rows[-1].predictive_to, round(self.c.automated_probability, 6))

    def test_nothing_there(self):
        answer = self.ask(
            'scp.forecast', 'get_accuracy', NOW, date_from='2020-01-01', date_to='2020-02-28')
        self.assertEqual([group['best'] for group in answer['groups']], [None] * len(answer['groups']))
        answer = self.ask(
            'scp.forecast', 'get_calibration', NOW, date_from='2020-01-01', date_to='2020-02-28')
        self.assertIsNone(answer['best'])
        self.assertIn("No deal", answer['sentence'])

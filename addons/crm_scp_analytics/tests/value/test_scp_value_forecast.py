import math
from datetime import date, timedelta

from odoo.tests import tagged
from odoo.tools import SQL

from ...models.value.scp_value_choice import EPOCH
from ...tools import binary_copy
from .common import ValueCommon

DATE_TO = date(2026, 6, 30)
MONTHS = (3, 6, 12)


@tagged('post_install', '-at_install')
class TestScpValueForecast(ValueCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # numpy and the engine are loaded by the process that scores
        import numpy as np  # noqa: PLC0415  loaded by the process that scores

        from odoo.addons.crm_scp_analytics.engine import choices, frame, scores  # noqa: PLC0415  as above

        cls.np, cls.choices, cls.Purchases, cls.scores = np, choices, frame.Purchases, scores

    def _order_on(self, name, *days, amount=100):
        partner = self._create_partner(name)
        for day in days:
            self._order(partner, f'{day} 04:00', amount)
        return partner

    def _score(self, day=DATE_TO):
        return self.Run._score(self.company, date_to=day)

    def _order_by_rhythm(self):
        """Six customers who order every 10, 14, ... 30 days until June, and one who stopped in March."""
        for number in range(6):
            gap = 10 + 4 * number
            days = [DATE_TO - timedelta(days=number + gap * place) for place in range(300 // gap)]
            self._order_on(f"Rhythm {gap}", *days, amount=100 + number)
        self._order_on("Stopped", *[date(2026, 3, 1) - timedelta(days=10 * place) for place in range(15)])

    def test_figures_are_those_of_the_engine(self):
        """What is stored is what the engine says of the same purchases, typed by hand."""
        self._order_by_rhythm()
        run = self._score()
        self.assertFalse(run.missing_data)
        stored = self._get_scores(run)
        names = sorted(stored, key=lambda name: stored[name].customer_id.id)
        rows = [
            (place, (DATE_TO - timedelta(days=number + gap * step) - EPOCH).days, 100 + number)
            for place, name in enumerate(names) if name != "Stopped"
            for gap in [int(name.split()[1])] for number in [(gap - 10) // 4]
            for step in range(300 // gap)
        ] + [
            (names.index("Stopped"), (date(2026, 3, 1) - timedelta(days=10 * step) - EPOCH).days, 100)
            for step in range(15)
        ]
        bought = self.Purchases.of(*zip(*rows, strict=True))
        end = (DATE_TO - EPOCH).days
        table = self.scores.score(bought, end, run.choice_id._get_engine_choice()).table
        for place, name in enumerate(names):
            score, expected = stored[name], table.loc[place]
            self.assertAlmostEqual(score.alive_probability, expected['alive'], places=9)
            self.assertAlmostEqual(score.churn_risk, expected['risk'], places=9)
            self.assertAlmostEqual(score.expected_orders_12m, expected['expected_365'], delta=0.005001)
            self.assertAlmostEqual(score.expected_revenue_12m, expected['revenue_365'], delta=0.005001)
            self.assertEqual(score.expected_orders_low_12m, expected['expected_365_low'])
            self.assertAlmostEqual(score.lifetime_value, expected['value'], delta=0.005001)
            self.assertEqual(
                score.next_order_date, DATE_TO + timedelta(days=round(expected['due'])),
            )
        stopped = stored["Stopped"]
        self.assertGreater(stopped.churn_risk, 0.9, "121 days of silence after gaps of ten")
        self.assertEqual(stopped.customer_id.churn_risk, stopped.churn_risk)
        self.assertEqual(stopped.customer_id.next_order_date, stopped.next_order_date)
        self.assertLess(stored["Rhythm 10"].churn_risk, 0.5)

    def test_outlook_in_words(self):
        self._order_by_rhythm()
        card = self._get_scores(self._score())["Stopped"].card['outlook']
        self.assertEqual([horizon['months'] for horizon in card['horizons']], [3, 6, 12])
        risk = next(figure for figure in card['figures'] if figure['code'] == 'risk')
        self.assertEqual((risk['level'], risk['text']), (
            'danger', "usually orders every 10 days, silent for 121",
        ))
        following = next(figure for figure in card['figures'] if figure['code'] == 'next')
        # ten and a half days after 1 March, rounded to even
        self.assertEqual((following['value'], following['text']), ("overdue", "was due around 03/11/2026"))
        for direction, sign in (('raising', '+'), ('lowering', '−')):
            self.assertLessEqual(len(card[direction]), 3)
            for reason in card[direction]:
                self.assertTrue(reason['points'].startswith(sign), reason)
        silence = next(reason for reason in card['lowering'] if reason['code'] == 'silence')
        self.assertRegex(
            silence['text'], r"^Has not ordered for 121 days; the median customer for \d+ days\.$",
        )

    def test_not_enough_data(self):
        """Nobody, one, two, then three customers who never came back: said, never guessed."""
        self.assertIn("Nothing to score", self._score().outcome)
        for name, code in (("One", 'customers'), ("Two", 'customers'), ("Three", 'repeats')):
            self._order_on(name, date(2026, 5, len(name)))
            run = self._score()
            self.assertEqual((run.state, run.missing_data), ('done', code))
            self.assertIn("Not enough data for forecasts", run.outcome)
            score = self._get_scores(run)[name]
            self.assertIsNone(score.card['outlook'])
            self.assertIn("No forecast.", score.data_missing)
        self.assertFalse(self.env['scp.value.choice'].search([('company_id', '=', self.company.id)]))

    def test_all_on_one_day(self):
        for number in range(4):
            self._order_on(f"Customer {number}", DATE_TO)
        self.assertEqual(self._score().missing_data, 'time')

    def test_models_are_chosen_once_a_week(self):
        """A choice is used for a week, and never for a day before it was made."""
        self._order_by_rhythm()
        first = self._score(date(2026, 6, 1)).choice_id
        self.assertEqual(first.date, date(2026, 6, 1))
        self.assertEqual(self._score(date(2026, 6, 7)).choice_id, first)
        later = self._score(date(2026, 6, 8)).choice_id
        self.assertEqual(later.date, date(2026, 6, 8))
        self.assertEqual(self._score(date(2026, 5, 31)).choice_id.date, date(2026, 5, 31))
        self.assertTrue(first.trial_ids)
        for trial in first.trial_ids:
            self.assertLessEqual(trial.cutoff + timedelta(days=trial.horizon_days), first.date)
        chosen = first.trial_ids.filtered('is_count_choice')
        self.assertEqual(set(chosen.mapped('count_score')), {min(first.trial_ids.mapped('count_score'))})

    def test_names_of_models(self):
        label = self.env['scp.value.choice']._get_candidate_label
        self.assertEqual(
            [label(name) for name in ('bgnbd', 'pareto_nbd+trees', 'mbgcnbd_4')],
            ["BG/NBD", "Pareto/NBD with trees", "MBG/CNBD-4"],
        )

    def test_nothing_impossible_is_stored(self):
        """Random companies, with refunds larger than purchases: finite, never negative, never less in
        more time, bounds in their order."""
        np = self.np
        run = self.Run.create(self.Run._prepare_run_values(self.company, DATE_TO))
        end = (DATE_TO - EPOCH).days
        rng = np.random.default_rng(2026)
        for model in ('bgnbd', 'mbgnbd', 'pareto_nbd', 'mbgcnbd_4'):
            for count in (3, 12, 80):
                customer = np.repeat(np.arange(count), 12)
                gaps = rng.gamma(rng.choice([1, 8]), rng.choice([2, 10, 40]), (count, 12))
                day = (end - 700 + np.cumsum(gaps, axis=1)).astype(int).ravel()
                bought = self.Purchases.of(customer, day, rng.normal(50, 60, len(day))).until(end)
                choice = self.choices.load(model, model, 0.2, 0.8)
                columns = run._prepare_forecast_columns(run._forecast(bought, choice), bought.ids())
                figures = {
                    name: column for name, column in columns.items()
                    # these may be below zero
                    if not name.startswith('points_') and name != 'repeat_amount'
                }
                for name, column in figures.items():
                    if name != 'next_order_date':
                        self.assertTrue(np.isfinite(column).all(), name)
                        self.assertTrue((column >= 0).all(), name)
                for name in ('alive_probability', 'churn_risk', *(f'order_probability_{m}m' for m in MONTHS)):
                    self.assertTrue((figures[name] <= 1).all(), name)
                for name in ('expected_orders', 'expected_orders_low', 'expected_orders_high',
                             'order_probability', 'expected_revenue', 'expected_revenue_low',
                             'expected_revenue_high'):
                    by_months = np.column_stack([figures[f'{name}_{months}m'] for months in MONTHS])
                    self.assertTrue((np.diff(by_months, axis=1) >= 0).all(), name)
                for kind in ('orders', 'revenue'):
                    for months in MONTHS:
                        self.assertTrue((
                            figures[f'expected_{kind}_low_{months}m'] <= figures[f'expected_{kind}_high_{months}m']
                        ).all())

    def test_binary_copy(self):
        """Numbers come back as they were; no data is NULL and told apart from zero."""
        cr = self.env.cr
        cr.execute(
            "CREATE TEMPORARY TABLE scp_copied (number float8, whole integer, day date, money numeric, fine numeric)",
        )
        money = [0, -0.01, 123456789.25, None, 10000]
        binary_copy.write(cr, 'scp_copied', {
            'number': ('f8', [1.5, -2, 0, None, math.pi]),
            'whole': ('i4', [1, None, -3, 0, 2 ** 31 - 1]),
            'day': ('date', [0, 10957, None, -1, 20000]),
            'money': (2, money),
            'fine': (5, [0.00001, -1, 99999.99999, 1, None]),
        })
        cr.execute("SELECT number, whole, day::text, money::text, fine::text FROM scp_copied")
        self.assertEqual(list(zip(*cr.fetchall(), strict=True)), [
            (1.5, -2.0, 0.0, None, math.pi),
            (1, None, -3, 0, 2 ** 31 - 1),
            ('1970-01-01', '2000-01-01', None, '1969-12-31', '2024-10-04'),
            ('0.00', '-0.01', '123456789.25', None, '10000.00'),
            ('0.00001', '-1.00000', '99999.99999', '1.00000', None),
        ])
        cr.execute("SELECT count(*) FROM scp_copied WHERE money = ANY(%s::numeric[])", [['0', '10000', '-0.01']])
        self.assertEqual(cr.fetchone(), (3,), "the same as numbers that PostgreSQL made itself")
        with self.assertRaisesRegex(ValueError, "too large"):
            binary_copy.write(cr, 'scp_copied', {'money': (2, [1e15])})
        columns = binary_copy.read(
            cr, SQL("SELECT number::integer, number FROM scp_copied WHERE number < %s AND number != 0", 2),
            {'whole': 'i4', 'number': 'f8'},
        )
        self.assertEqual(columns['whole'].tolist(), [2, -2])
        self.assertEqual(columns['number'].tolist(), [1.5, -2.0])
        with self.assertRaisesRegex(ValueError, "NULL"):
            binary_copy.read(cr, SQL("SELECT NULL::float8 FROM scp_copied"), {'number': 'f8'})

from odoo.tests import BaseCase, tagged

from odoo.addons.crm_scp_core.models.funnel.forecast_rules import (
    get_bias,
    get_mape,
    get_value_added,
    get_wape,
)
from odoo.addons.crm_scp_core.models.funnel.funnel_experience import Experience, Outcome


@tagged('post_install', '-at_install')
class TestForecastRules(BaseCase):

    def test_errors_by_hand(self):
        """Forecast 120, 80 and 50, won 100, 100 and nothing: missed by 20, 20 and 50 of 200."""
        pairs = [(120, 100), (80, 100), (50, 0)]
        self.assertAlmostEqual(get_bias(pairs), 0.25)
        self.assertAlmostEqual(get_wape(pairs), 0.45)
        self.assertAlmostEqual(get_mape(pairs), 0.2)  # the third period has no percentage

    def test_value_added(self):
        """Naive misses by half, we by a tenth."""
        self.assertAlmostEqual(get_value_added([(110, 100)], [(50, 100)]), 0.4)

    def test_nothing_won_is_no_data(self):
        for pairs in ([], [(50, 0)]):
            self.assertEqual([get_bias(pairs), get_wape(pairs), get_mape(pairs)], [None] * 3)
            self.assertIsNone(get_value_added(pairs, pairs))


@tagged('post_install', '-at_install')
class TestExperience(BaseCase):
    """Of 40 deals that reached the middle 19 were won: 9 after 10 days, 10 after 30; 21 lost after 20."""

    pool = Experience([
        Outcome('middle', 10, True, 9, 900.0),
        Outcome('middle', 30, True, 10, 3000.0),
        Outcome('middle', 20, False, 21, 2100.0),
        Outcome('top', 50, True, 1, 500.0),
        Outcome('top', 50, False, 1, 1500.0),
    ])

    def test_probability(self):
        self.assertAlmostEqual(self.pool['middle'].probability, 20 / 42)
        self.assertAlmostEqual(self.pool['top'].probability, 2 / 4)
        self.assertIsNone(self.pool['lower'].probability)

    def test_few_deals_lean_on_the_pool(self):
        """Nine of ten won; the other twenty of thirty are won like everybody's."""
        few = Experience([
            Outcome('middle', 5, True, 9, 90.0), Outcome('middle', 5, False, 1, 10.0)], self.pool)
        self.assertAlmostEqual(few['middle'].probability, (9 + 20 * 20 / 42) / 30)
        self.assertEqual(few['middle'].median_days, 30)
        self.assertFalse(few['middle'].is_enough)

    def test_enough_deals_stand_on_their_own(self):
        enough = Experience([Outcome('middle', 5, True, 30, 300.0)], self.pool)
        self.assertAlmostEqual(enough['middle'].probability, 31 / 32)
        self.assertEqual(enough['middle'].median_days, 5)
        self.assertEqual(enough['middle'].average_value, 10.0)

    def test_median_and_value(self):
        self.assertEqual(self.pool['middle'].median_days, 30)  # the tenth of 19 wins
        self.assertAlmostEqual(self.pool['middle'].average_value, 3900 / 19)
        even = Experience([Outcome('middle', 10, True, 1, 1.0), Outcome('middle', 20, True, 1, 1.0)])
        self.assertEqual(even['middle'].median_days, 15)
        self.assertIsNone(even['top'].median_days)
        self.assertAlmostEqual(self.pool['top'].value_rate, 0.25)

    def test_bands_jumped_over(self):
        """A deal won on the spot counts for the probability, not for how long others take."""
        jumped = Experience([
            Outcome('lower', None, True, 2, 200.0), Outcome('lower', 20, True, 1, 100.0),
            Outcome('lower', 10, False, 1, 100.0)])
        self.assertAlmostEqual(jumped['lower'].probability, 4 / 6)
        self.assertEqual(jumped['lower'].median_days, 20)
        self.assertAlmostEqual(jumped['lower'].win_within(0, 0, 30), 1 / 2)

    def test_win_within(self):
        """A deal 15 days old: 31 of 40 were open then, 10 of them won, on their 30th day."""
        self.assertAlmostEqual(self.pool['middle'].win_within(15, 0, 30), 10 / 31)
        self.assertAlmostEqual(self.pool['middle'].win_within(15, 0, 15), 0.0)
        self.assertAlmostEqual(self.pool['middle'].win_within(15, 15, 16), 10 / 31)
        self.assertAlmostEqual(self.pool['middle'].win_within(0, 0, 999), 19 / 40)
        self.assertAlmostEqual(self.pool['middle'].win_within(10, 0, 1), 9 / 40)
        self.assertIsNone(self.pool['middle'].win_within(31, 0, 30))
        self.assertIsNone(self.pool['lower'].win_within(0, 0, 30))

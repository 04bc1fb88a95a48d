import random

from odoo.tests import BaseCase, tagged

from odoo.addons.crm_scp_core.models.hub.scoring import Part, get_points, get_result, is_full

RUNS = 500


@tagged('post_install', '-at_install')
class TestScorecardScoring(BaseCase):

    def test_points(self):
        """A straight line from 0 to 100, whichever way it points; nothing beyond."""
        self.assertEqual([get_points(value, 60, 100) for value in (50, 60, 70, 90, 100, 120)], [0, 0, 25, 75, 100, 100])
        self.assertEqual([get_points(value, 10, 0) for value in (12, 10, 4, 0, -1)], [0, 0, 60, 100, 100])

    def test_score_by_hand(self):
        """50 * 80 % + 30 * 20 % = 46 of 100; of the weight of 80 that was rated, 46 / 80 = 57.5."""
        result = get_result([Part(50, 80.0), Part(30, 20.0), Part(20, None)], 60)
        self.assertEqual(result, (46, 57.5, 80, True))
        self.assertFalse(get_result([Part(50, 80.0), Part(50, None)], 60).is_rated)
        self.assertTrue(get_result([Part(60, 0.0), Part(40, None)], 60).is_rated)

    def test_nothing_known_is_not_rated(self):
        """Even where no weight has to be rated: never 100."""
        self.assertEqual(get_result([Part(100, None)], 0), (0, None, 0, False))

    def _draw(self):
        cuts = sorted(random.uniform(0, 100) for _index in range(random.randint(1, 6)))
        weights = [right - left for left, right in zip([0, *cuts], [*cuts, 100], strict=True)]
        return [Part(weight, random.choice([None, random.uniform(0, 100)])) for weight in weights]

    def test_more_points_never_lower_the_score(self):
        random.seed(4)
        for _run in range(RUNS):
            parts = self._draw()
            index = random.randrange(len(parts))
            if parts[index].points is None:
                continue
            better = parts.copy()
            better[index] = Part(parts[index].weight, random.uniform(parts[index].points, 100))
            before, after = get_result(parts, 50), get_result(better, 50)
            self.assertGreaterEqual(after.score, before.score)
            self.assertEqual(after.is_rated, before.is_rated)

    def test_missing_data_never_improves_the_score(self):
        """Whatever was known, not to know it is no better; and who was not rated is not rated because of less."""
        random.seed(8)
        for _run in range(RUNS):
            parts = self._draw()
            index = random.randrange(len(parts))
            poorer = parts.copy()
            poorer[index] = Part(parts[index].weight, None)
            known, unknown = get_result(parts, 50), get_result(poorer, 50)
            self.assertLessEqual(unknown.score, known.score)
            self.assertLessEqual(unknown.is_rated, known.is_rated)

    def test_better_values_never_earn_less(self):
        random.seed(15)
        for _run in range(RUNS):
            floor, target = random.sample(range(-50, 200), 2)
            worse = random.uniform(-100, 250)
            better = worse + (1 if target > floor else -1) * random.uniform(0, 80)
            self.assertGreaterEqual(get_points(better, floor, target), get_points(worse, floor, target))

    def test_weights(self):
        self.assertTrue(is_full([33.33, 33.33, 33.34]))
        self.assertTrue(is_full([0.1] * 1000))
        self.assertFalse(is_full([50, 49.99]))
        self.assertFalse(is_full([]))

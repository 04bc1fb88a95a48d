import random

from odoo.tests import BaseCase, tagged

from ...models.claim.claim_rules import TRANSITIONS, apportion


@tagged('post_install', '-at_install')
class TestClaimRules(BaseCase):

    def test_by_hand(self):
        """A cent that cannot be divided goes to the largest remainder, the first of equals."""
        self.assertEqual(apportion(10000, [1, 1, 1]), [3334, 3333, 3333])
        self.assertEqual(apportion(10001, [5000, 3000, 2000]), [5001, 3000, 2000])
        self.assertEqual(apportion(5, [1, 2]), [2, 3])
        self.assertEqual(apportion(-5, [1, 2]), [-2, -3])
        self.assertEqual(apportion(7, [0, 0]), [4, 3])
        self.assertEqual(apportion(7, [0, 3]), [0, 7])
        self.assertEqual(apportion(7, []), [])

    def test_adds_up(self):
        """Whatever is split, nothing is lost, and nobody is off by a whole unit."""
        generator = random.Random(7)
        for _time in range(500):
            total = generator.randint(-10**9, 10**9)
            weights = [generator.choice((0, generator.random() * 10**6)) for _index in range(generator.randint(1, 9))]
            parts = apportion(total, weights)
            self.assertEqual(sum(parts), total)
            if whole := sum(weights):
                for part, weight in zip(parts, weights, strict=True):
                    self.assertLess(abs(part - total * weight / whole), 1.001)

    def test_ways(self):
        """Money is the only way to the end called recovered, and back only to where it came from."""
        self.assertEqual({state for state, then in TRANSITIONS.items() if 'recovered' in then}, {'accepted'})
        self.assertEqual(TRANSITIONS['recovered'], {'accepted'})
        self.assertFalse(TRANSITIONS['withdrawn'] | TRANSITIONS['closed'])

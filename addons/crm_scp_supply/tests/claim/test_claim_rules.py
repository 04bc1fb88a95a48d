import os
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ...models.claim.claim_rules import TRANSITIONS, apportion

# The full count is run now and then: SCP_SOAK=20
EXAMPLES = 200 * int(os.environ.get('SCP_SOAK', '1'))


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

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None)
    @given(
        st.integers(-10**9, 10**9),
        st.lists(st.one_of(st.just(0.0), st.floats(1e-6, 1e9)), min_size=1, max_size=12),
    )
    def test_adds_up(self, total, weights):
        """Whatever is split, shares make 100 % and parts the whole, and nobody is off by a whole unit."""
        shares = apportion(10_000, weights)
        self.assertEqual(sum(shares), 10_000)
        parts = apportion(total, shares)
        self.assertEqual(sum(parts), total)
        for part, share in zip(parts, shares, strict=True):
            self.assertLess(abs(Fraction(part) - Fraction(total * share, 10_000)), 1)
            self.assertTrue(share or not part)

    def test_ways(self):
        """Money is the only way to the end called recovered, and back only to where it came from."""
        self.assertEqual({state for state, then in TRANSITIONS.items() if 'recovered' in then}, {'accepted'})
        self.assertEqual(TRANSITIONS['recovered'], {'accepted'})
        self.assertFalse(TRANSITIONS['withdrawn'] | TRANSITIONS['closed'])

from odoo.tests import BaseCase, tagged

from odoo.addons.crm_scp_core.models.funnel.funnel_rules import Gate, Stage
from odoo.addons.crm_scp_core.models.funnel.gate_rules import find_unmet

NEED, LISTED, FOREIGN, PURSUED, DECIDED, WON = range(1, 7)
NORTH, SOUTH = 1, 2


@tagged('post_install', '-at_install')
class TestGateRules(BaseCase):
    """One pipeline of six stages; the third belongs to the team South alone."""

    def find(self, from_id, to_id, *, gates, team_id=NORTH, missing=(), days=10.0):
        stages = [
            Stage(
                number,
                is_won=number == WON,
                team_ids=frozenset({SOUTH} if number == FOREIGN else ()),
                gate=gates.get(number),
            )
            for number in range(1, 7)
        ]
        unmet = find_unmet(
            stages, from_id, to_id, team_id, lambda fname: fname in missing, lambda: days)
        return [(rule.kind, *rule.values.values()) for rule in unmet]

    def test_required_fields_of_the_stage_entered(self):
        gates = {LISTED: Gate('hard', required=('phone', 'email_from'))}
        self.assertEqual(
            self.find(NEED, LISTED, gates=gates, missing={'phone'}), [('hard', 'field', 'phone')])
        self.assertEqual(self.find(NEED, LISTED, gates=gates), [])
        # the stage passed over asks for nothing, the one left neither
        self.assertEqual(self.find(NEED, PURSUED, gates=gates, missing={'phone'}), [])
        self.assertEqual(self.find(LISTED, PURSUED, gates=gates, missing={'phone'}), [])

    def test_back_is_free(self):
        gates = {LISTED: Gate('hard', required=('phone',), min_days=5, allow_skip=False)}
        gates[DECIDED] = gates[LISTED]
        self.assertEqual(self.find(DECIDED, LISTED, gates=gates, missing={'phone'}, days=0), [])

    def test_skips(self):
        # from Need to Decided lie Listed and Pursued; Foreign is not this team's
        cases = [
            (Gate('soft'), []),
            (Gate('soft', allow_skip=False), [('soft', 'skip', 2)]),
            (Gate('soft', skip_ids=frozenset({PURSUED})), [('soft', 'skip', 2)]),
            (Gate('soft', skip_ids=frozenset({DECIDED})), []),
        ]
        for gate, expected in cases:
            self.assertEqual(self.find(NEED, DECIDED, gates={NEED: gate}), expected, gate)
        strict = {NEED: Gate('soft', allow_skip=False)}
        self.assertEqual(self.find(NEED, LISTED, gates=strict), [])
        self.assertEqual(
            self.find(NEED, DECIDED, gates=strict, team_id=SOUTH), [('soft', 'skip', 3)])

    def test_minimum_stay_of_the_stage_left(self):
        gates = {LISTED: Gate('soft', min_days=3)}
        self.assertEqual(
            self.find(LISTED, PURSUED, gates=gates, days=2.4), [('soft', 'days', 2.4, 3)])
        self.assertEqual(self.find(LISTED, PURSUED, gates=gates, days=3.0), [])
        self.assertEqual(self.find(NEED, LISTED, gates=gates, days=0), [])

    def test_winning_asks_for_fields_only(self):
        gates = {
            NEED: Gate('hard', min_days=3, allow_skip=False),
            WON: Gate('soft', required=('phone',)),
        }
        self.assertEqual(
            self.find(NEED, WON, gates=gates, missing={'phone'}, days=0),
            [('soft', 'field', 'phone')])

    def test_stages_of_other_teams_have_no_say(self):
        gates = {FOREIGN: Gate('hard', required=('phone',), min_days=3)}
        self.assertEqual(self.find(NEED, FOREIGN, gates=gates, missing={'phone'}), [])
        self.assertEqual(self.find(FOREIGN, PURSUED, gates=gates, days=0), [])
        self.assertEqual(
            self.find(NEED, FOREIGN, gates=gates, missing={'phone'}, team_id=SOUTH),
            [('hard', 'field', 'phone')])
        self.assertEqual(
            self.find(FOREIGN, PURSUED, gates=gates, days=0, team_id=SOUTH),
            [('hard', 'days', 0, 3)])

    def test_unknown_stages(self):
        self.assertEqual(self.find(99, LISTED, gates={LISTED: Gate('hard', ('phone',))}), [])

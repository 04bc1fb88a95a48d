from odoo.tests import BaseCase, tagged

from odoo.addons.crm_scp_core.models.funnel.funnel_rules import (
    Stage,
    count_skipped,
    get_direction,
    spread_bands,
)


@tagged('post_install', '-at_install')
class TestFunnelRules(BaseCase):

    def spread(self, stages, known=None):
        return list(spread_bands(stages, known).values())

    def test_default_stages(self):
        stages = [Stage(1), Stage(2), Stage(3), Stage(4, is_won=True)]
        self.assertEqual(self.spread(stages), ['top', 'upper', 'middle', 'bottom'])

    def test_any_number_of_stages(self):
        expected = {
            1: ['top'],
            2: ['top', 'middle'],
            4: ['top', 'upper', 'middle', 'lower'],
            5: ['top', 'top', 'upper', 'middle', 'lower'],
            8: ['top', 'top', 'upper', 'upper', 'middle', 'middle', 'lower', 'lower'],
        }
        for count, bands in expected.items():
            self.assertEqual(self.spread([Stage(number) for number in range(count)]), bands)
        self.assertEqual(self.spread([]), [])

    def test_pipelines_of_teams_are_spread_apart(self):
        north, south = frozenset([1]), frozenset([2])
        stages = [
            Stage(1, team_ids=north), Stage(2, team_ids=south), Stage(3, team_ids=north),
            Stage(4, team_ids=south), Stage(5, is_won=True),
        ]
        self.assertEqual(self.spread(stages), ['top', 'top', 'middle', 'middle', 'bottom'])

    def test_newcomer_stays_between_its_neighbours(self):
        stages = [Stage(1), Stage(2), Stage(3), Stage(4), Stage(5)]
        bands = spread_bands(stages, {1: 'top', 2: 'top', 4: 'upper', 5: 'lower'})
        self.assertEqual(bands[3], 'upper')
        bands = spread_bands(stages, {1: 'middle', 2: 'middle', 3: 'lower', 5: 'lower'})
        self.assertEqual(bands[4], 'lower')
        # a known band is kept, sensible or not
        self.assertEqual(spread_bands([Stage(1)], {1: 'lower'}), {1: 'lower'})

    def test_count_skipped(self):
        other = frozenset([9])
        stages = [Stage(1), Stage(2), Stage(3, team_ids=other), Stage(4), Stage(5, is_won=True)]
        self.assertEqual(count_skipped(stages, 1, 2, None), 0)
        self.assertEqual(count_skipped(stages, 1, 4, None), 1)
        self.assertEqual(count_skipped(stages, 1, 4, 9), 2)
        self.assertEqual(count_skipped(stages, 1, 5, None), 2)
        self.assertEqual(count_skipped(stages, 4, 1, None), 0)
        self.assertEqual(count_skipped(stages, None, 4, None), 0)

    def test_direction(self):
        stages = [Stage(1), Stage(2), Stage(3), Stage(4, is_won=True)]

        def state(stage_id, won_status='pending', active=True):
            return {
                'stage_id': stage_id, 'won_status': won_status, 'active': active, 'team_id': None,
            }

        lost = state(2, 'lost', False)
        for before, after, direction in (
            (None, state(1), 'enter'),
            (state(1), None, 'delete'),
            (state(1), state(1), 'none'),
            (state(1), state(2), 'forward'),
            (state(1), state(3), 'skip'),
            (state(3), state(1), 'back'),
            (state(None), state(1), 'forward'),
            (state(1), state(4, 'won'), 'won'),
            (lost, state(4, 'won'), 'won'),
            (state(2), lost, 'lost'),
            (state(4, 'won'), lost, 'lost'),
            (lost, state(2), 'reopen'),
            (state(4, 'won'), state(2), 'reopen'),
            (state(2), state(2, active=False), 'archive'),
            (state(2, active=False), state(3), 'reopen'),
            (state(4, 'won'), state(4, 'won', False), 'none'),
        ):
            self.assertEqual(get_direction(before, after, stages), direction, (before, after))

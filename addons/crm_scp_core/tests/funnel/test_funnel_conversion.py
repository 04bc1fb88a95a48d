from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.crm_scp_core.models.funnel.scp_funnel_conversion import MEASURES
from odoo.addons.mail.tests.common import mail_new_test_user

from .funnel_common import FunnelCase


@tagged('post_install', '-at_install')
class TestFunnelConversion(FunnelCase):
    """A pipeline of seven deals, computed by hand; read on 1 July.

    ======  ======  ========================================================  ==============
    deal    amount  story (day of 2026, 9:00 UTC)                             band, reached
    ======  ======  ========================================================  ==============
    won       1000  2 Mar Need, 4 Listed, 10 Pursued, 20 Decided, 30 won      bottom
    lost      2000  2 Mar Need, 12 Pursued (Listed skipped), 22 lost          middle
    again      500  2 Mar Need, 6 Listed, 8 Need, 12 Listed, 16 lost          upper
    young      400  30 Jun Need                                               top
    filed      300  2 Mar Need, 7 Listed, 17 archived                         upper
    old        700  2 Mar Need                                                top
    direct     800  2 Mar Listed, 12 won                                      bottom
    ======  ======  ========================================================  ==============
    """

    def setUp(self):
        super().setUp()
        need, listed = self.need, self.listed
        self.deals = {
            'won': self.tell(
                ('03-02', need), ('03-04', listed), ('03-10', self.pursued), ('03-20', self.decided),
                ('03-30', 'won')),
            'lost': self.tell(('03-02', need), ('03-12', self.pursued), ('03-22', 'lost'), amount=2000),
            'again': self.tell(
                ('03-02', need), ('03-06', listed), ('03-08', need), ('03-12', listed), ('03-16', 'lost'), amount=500),
            'young': self.tell(('06-30', need), amount=400),
            'filed': self.tell(('03-02', need), ('03-07', listed), ('03-17', 'archive'), amount=300,
                probability=30),
            'old': self.tell(('03-02', need), amount=700),
            'direct': self.tell(('03-02', listed), ('03-12', 'won'), amount=800),
        }

    def get_deals(self, *names):
        return self.env['crm.lead'].union(*(self.deals[name] for name in names))

    def get_column(self, funnel, measure):
        return [step[measure]['value'] for step in funnel['steps']]

    # ------------------------------------------------------------
    # Conversion
    # ------------------------------------------------------------

    def test_reached(self):
        funnel = self.ask('get_conversion')
        self.assertEqual(
            [step['key'] for step in funnel['steps']], ['top', 'upper', 'middle', 'lower', 'bottom'])
        self.assertEqual(self.get_column(funnel, 'entered'), [7, 5, 3, 2, 2])
        # the top is left after 2, 4, 5 and 10 days; nine in ten within 5 + 0.7 * 5 = 8.5 days. So
        # "old" has had its time and "young" has not
        self.assertEqual(self.get_column(funnel, 'mature'), [6, 5, 3, 2, 2])
        self.assertEqual(self.get_column(funnel, 'immature'), [1, 0, 0, 0, 0])
        self.assertEqual(self.get_column(funnel, 'moved'), [5, 3, 2, 2, 0])
        self.assertEqual(
            [step['next'] and (step['next']['n'], step['next']['rate']) for step in funnel['steps']],
            [(6, 5 / 6), (5, 3 / 5), (3, 2 / 3), (2, 1), None])
        # Beta(1, 1): one success and one failure more
        self.assertEqual(
            [step['next']['smoothed'] for step in funnel['steps'][:4]], [6 / 8, 4 / 7, 3 / 5, 3 / 4])
        for step, cumulative in zip(funnel['steps'], [1, 5 / 6, 1 / 2, 1 / 3, 1 / 3], strict=True):
            self.assertAlmostEqual(step['cumulative'], cumulative)
        self.assertEqual(self.get_column(funnel, 'value'), [5700, 4600, 3800, 1800, 1800])

    def test_win_probability(self):
        funnel = self.ask('get_conversion')
        self.assertEqual(self.get_column(funnel, 'decided'), [6, 5, 3, 2, 2])
        self.assertEqual(self.get_column(funnel, 'won'), [2, 2, 2, 2, 2])
        self.assertEqual([step['win']['rate'] for step in funnel['steps']], [2 / 6, 2 / 5, 2 / 3, 1, 1])
        self.assertEqual(funnel['steps'][0]['win']['smoothed'], 3 / 8)
        with self.at('2026-07-01 09:00:00'):
            bands = self.funnel._get_band_figures(self.funnel._parse_filters({'team_ids': self.team.ids}))
        self.assertEqual(bands['top'], {'n': 6, 'won': 2, 'p': 3 / 8, 'n_days': 1, 'days': 28})
        # "direct" never was in the middle: only "won" says how long it takes from there
        self.assertEqual(bands['middle'], {'n': 3, 'won': 2, 'p': 3 / 5, 'n_days': 1, 'days': 20})
        self.assertEqual(bands['upper']['days'], (26 + 10) / 2)

    def test_strict(self):
        funnel = self.ask('get_conversion', rule='strict')
        self.assertEqual(self.get_column(funnel, 'entered'), [6, 4, 2, 1, 2])
        self.assertEqual(self.get_column(funnel, 'moved'), [3, 1, 1, 1, 0])
        self.assertEqual([step['next']['rate'] for step in funnel['steps'][:4]], [3 / 5, 1 / 4, 1 / 2, 1])

    def test_skips(self):
        """Of the four closed deals "direct" was never in Need, "lost" never Listed.

        Strictly taken nobody skips a step: who was not there does not belong to it.
        """
        funnel = self.ask('get_conversion')
        self.assertEqual(self.get_column(funnel, 'skipped'), [1, 1, 1, 1, 0])
        self.assertEqual(
            [step['skip'] and (step['skip']['n'], step['skip']['rate']) for step in funnel['steps']],
            [(4, 1 / 4), (4, 1 / 4), (3, 1 / 3), (2, 1 / 2), None])
        self.assertEqual(funnel['steps'][0]['skip']['smoothed'], 2 / 6)
        for step, name in zip(funnel['steps'], ('direct', 'lost', 'direct', 'direct', None), strict=True):
            self.assertEqual(self.open_cell(step['skipped']), self.get_deals(*filter(None, [name])))
        strict = self.ask('get_conversion', rule='strict')
        self.assertEqual(self.get_column(strict, 'skipped'), [0] * 5)
        self.assertIsNone(strict['steps'][0]['skip']['rate'])

    def test_days(self):
        top, upper, *_others = self.ask('get_conversion')['steps']
        self.assertEqual(top['days_to_leave'], {'n': 4, 'p50': 4.5, 'p75': 6.25, 'p90': 8.5})
        # 6 days until pursued, 10 until the win of "direct", 10 each until lost and filed
        self.assertEqual(upper['days_to_leave']['n'], 4)
        self.assertEqual(upper['days_to_leave']['p50'], 10)

    def test_leakage(self):
        """What was lost or filed away, by where it stood then, against what came there."""
        funnel = self.ask('get_conversion')
        self.assertEqual(self.get_column(funnel, 'leaked'), [0, 2, 1, 0, 0])
        self.assertEqual(self.get_column(funnel, 'leaked_value'), [0, 500 + 300, 2000, 0, 0])
        self.assertEqual(self.get_column(funnel, 'dead'), [0, 0, 0, 0, 0])
        self.assertEqual([step['leakage'] for step in funnel['steps']], [0, 800 / 4600, 2000 / 3800, 0, 0])
        self.assertEqual(self.open_cell(funnel['steps'][1]['leaked']), self.get_deals('again', 'filed'))

    def test_dead(self):
        """Twenty won deals were at the top for 4 days, so after 8 days a deal there is dead."""
        self.deals['won'].unlink()
        leads = self.env['crm.lead']
        with self.at('2026-06-01 09:00:00'):
            leads = leads.create([
                {'name': f"Quick {n}", 'type': 'opportunity', 'team_id': self.team.id, 'stage_id': self.need.id}
                for n in range(20)
            ])
        with self.at('2026-06-05 09:00:00'):
            leads.stage_id = self.listed
        with self.at('2026-06-06 09:00:00'):
            leads.action_set_won()
        seven, nine = self.tell(('06-24', self.need), amount=70), self.tell(('06-22', self.need), amount=90)
        top = self.ask('get_conversion', date_from='2026-06-20')['steps'][0]
        self.assertEqual(self.open_cell(top['dead']), nine)
        self.assertIn(seven, self.open_cell(top['open']))
        self.assertEqual((top['dead_value']['value'], top['leakage']), (90, 90 / (70 + 90 + 400)))

    def test_cohort(self):
        """A cohort is that of the day of first entry, and a young one says nothing yet."""
        top, upper, *_others = self.ask('get_conversion', date_from='2026-06-01')['steps']
        self.assertEqual((top['entered']['value'], top['mature']['value']), (1, 0))
        self.assertEqual(top['next'], {'n': 0, 'rate': None, 'smoothed': None})
        self.assertEqual(upper['entered']['value'], 0)
        # the second entry of "again" on the 12th is not its first
        upper = self.ask('get_conversion', date_from='2026-03-08', date_to='2026-03-31')['steps'][1]
        self.assertEqual(self.open_cell(upper['entered']), self.deals['lost'])

    def test_days_of_the_reader(self):
        """The clock goes forward on 29 March: midnight in Paris is 23:00 UTC, then 22:00."""
        self.funnel = self.funnel.with_context(tz='Europe/Paris')
        self.tell(('03-28 22:59', self.need))
        sunday = [self.tell(('03-28 23:00', self.need)), self.tell(('03-29 21:59', self.need))]
        self.tell(('03-29 22:00', self.need))
        top = self.ask('get_conversion', date_from='2026-03-29', date_to='2026-03-29')['steps'][0]
        with self.at('2026-07-01 09:00:00'):
            leads = self.env['crm.lead'].with_context(tz='Europe/Paris').search(top['entered']['domain'])
        self.assertEqual(leads, self.env['crm.lead'].union(*sunday))

    def test_by_stage(self):
        funnel = self.ask('get_conversion', by='stage')
        self.assertEqual([step['label'] for step in funnel['steps']], ["Need", "Listed", "Pursued", "Decided", "Won"])
        self.assertEqual(self.get_column(funnel, 'entered'), [7, 5, 3, 2, 2])
        self.assertEqual(self.get_column(funnel, 'moved'), [5, 3, 2, 2, 0])

    def test_deleted_stage(self):
        """Of a deleted stage the band stays: who stood there has passed the stages before."""
        back = self.tell(('03-02', self.need), ('03-09', self.pursued), ('03-12', self.need))
        leads = self.get_deals(*self.deals).filtered(lambda lead: lead.stage_id == self.pursued)
        with self.at('2026-06-30 09:00:00'):
            leads.stage_id = self.decided
            self.pursued.unlink()
        funnel = self.ask('get_conversion', by='stage')
        self.assertEqual([step['label'] for step in funnel['steps']], ["Need", "Listed", "Decided", "Won"])
        _need, listed, decided, _won = funnel['steps']
        self.assertIn(back, self.open_cell(listed['entered']))
        self.assertNotIn(back, self.open_cell(decided['entered']))
        middle = self.ask('get_conversion')['steps'][2]
        self.assertIn(back, self.open_cell(middle['entered']))

    def test_stages_of_another_team(self):
        """A deal does not pass the stages of a team it does not belong to."""
        with self.at('2026-03-01 09:00:00'):
            self.env['crm.stage'].create({'name': "Theirs", 'sequence': 103, 'team_ids': self.other_team.ids})
        with self.at('2026-07-01 09:00:00'):
            funnel = self.funnel.get_conversion({'by': 'stage'})
        theirs = next(step for step in funnel['steps'] if step['label'] == "Theirs")
        self.assertFalse(self.open_cell(theirs['entered']) & self.get_deals(*self.deals))
        self.assertEqual({step['cumulative'] for step in funnel['steps']}, {None})

    def test_change_of_team(self):
        """A deal belongs to the team it has today, with all its history."""
        with self.at('2026-06-20 09:00:00'):
            self.deals['old'].team_id = self.other_team
        self.assertEqual(self.get_column(self.ask('get_conversion'), 'entered'), [6, 5, 3, 2, 2])
        theirs = self.ask('get_conversion', team_ids=self.other_team.ids, date_from='2026-03-02', date_to='2026-03-02')
        self.assertIn(self.deals['old'], self.open_cell(theirs['steps'][0]['entered']))

    def test_win_taken_back(self):
        with self.at('2026-04-10 09:00:00'):
            self.deals['direct'].stage_id = self.listed
        funnel = self.ask('get_conversion')
        self.assertEqual(self.get_column(funnel, 'entered'), [7, 5, 2, 1, 1])

    def test_merged_and_deleted(self):
        """Deleted deals are left out, whatever they had reached."""
        with self.at('2026-04-10 09:00:00'):
            self.deals['lost'].unlink()
        self.assertEqual(self.get_column(self.ask('get_conversion'), 'entered'), [6, 4, 2, 2, 2])

    # ------------------------------------------------------------
    # Outcome
    # ------------------------------------------------------------

    def test_outcome(self):
        total = self.ask('get_outcome')['total']
        self.assertEqual([total[name]['value'] for name in ('won', 'lost', 'not_pursued')], [2, 2, 1])
        self.assertEqual(
            [total[name]['value'] for name in ('won_value', 'lost_value', 'not_pursued_value')], [1800, 2500, 500])
        self.assertEqual(total['by_count'], {'n': 4, 'rate': 1 / 2, 'smoothed': 1 / 2})
        self.assertEqual(total['by_value'], {'value': 4300, 'rate': 1800 / 4300})
        self.assertEqual(total['cycle_days']['p50'], (28 + 10) / 2)
        self.assertEqual(self.open_cell(total['lost']), self.get_deals('lost', 'again'))
        self.assertEqual(self.open_cell(total['not_pursued']), self.deals['again'])

    def test_outcome_by_close_date(self):
        total = self.ask('get_outcome', date_from='2026-03-20', date_to='2026-03-31')['total']
        self.assertEqual(self.open_cell(total['won']), self.deals['won'])
        self.assertEqual(self.open_cell(total['lost']), self.deals['lost'])

    def test_outcome_that_stands(self):
        """A loss that was reopened is none; won in the end, it counts on the day of the win."""
        with self.at('2026-05-10 09:00:00'):
            self.deals['lost'].action_restore()
        self.assertEqual(self.ask('get_outcome')['total']['lost']['value'], 1)
        with self.at('2026-05-20 09:00:00'):
            self.deals['lost'].action_set_won()
        may = self.ask('get_outcome', date_from='2026-05-01', date_to='2026-05-31')['total']
        self.assertEqual(self.open_cell(may['won']), self.deals['lost'])
        self.assertEqual(may['lost']['value'], 0)

    def test_outcome_belongs_to_the_team_of_the_day(self):
        self.won.team_ids |= self.other_team
        with self.at('2026-06-20 09:00:00'):
            self.deals['won'].team_id = self.other_team
        self.assertEqual(self.ask('get_outcome')['total']['won']['value'], 2)

    def test_outcome_groups(self):
        groups = self.ask('get_outcome', '07-01', 'reason')['groups']
        self.assertEqual([(group['label'], group['lost']['value']) for group in groups],
                         [("Lost to the moon", 2), ("None", 0)])
        self.assertEqual(self.open_cell(groups[0]['lost']), self.get_deals('lost', 'again'))
        bands = {group['key']: group for group in self.ask('get_outcome', '07-01', 'band')['groups']}
        self.assertEqual(bands['middle']['lost_value']['value'], 2000)
        for group_by in self.funnel._get_groups():
            groups = self.ask('get_outcome', '07-01', group_by)['groups']
            self.assertEqual(sum(group['won']['value'] for group in groups), 2, group_by)
        with self.assertRaisesRegex(UserError, "not by colour"):
            self.ask('get_outcome', '07-01', 'colour')

    def test_velocity(self):
        with self.at('2026-06-20 09:00:00'):
            self.deals['old'].stage_id = self.listed
        result = self.ask('get_velocity')
        # 1 deal past the first band, 2 of 4 won, 900 each, 19 days
        self.assertAlmostEqual(result['velocity'], 1 * 0.5 * 900 / 19)
        self.assertAlmostEqual(result['levers']['value']['gain'], 0.1 * result['velocity'])
        self.assertAlmostEqual(result['levers']['cycle']['gain'], result['velocity'] / 9)
        self.assertEqual(self.open_cell(result['levers']['deals']), self.deals['old'])

    def test_no_data(self):
        filters = {'date_from': '2026-01-01', 'date_to': '2026-01-31'}
        total = self.ask('get_outcome', **filters)['total']
        self.assertIsNone(total['by_count']['rate'])
        self.assertIsNone(total['by_value']['rate'])
        self.assertIsNone(total['cycle_days']['p50'])
        self.assertIsNone(self.ask('get_velocity', **filters)['velocity'])

    # ------------------------------------------------------------
    # Filters and rights
    # ------------------------------------------------------------

    def test_every_figure_opens_its_records(self):
        for filters in ({}, {'rule': 'strict'}, {'by': 'stage'}, {'date_from': '2026-03-05', 'date_to': '2026-06-30'}):
            for step in self.ask('get_conversion', **filters)['steps']:
                for measure in MEASURES:
                    self.assertEqual(len(self.open_cell(step[measure])), step[measure]['value'], (filters, measure))

    def test_wrong_filters(self):
        for filters, message in (
            ({'colour': 'red'}, "colour"),
            ({'date_from': 'soon'}, "date_from takes a day"),
            ({'date_from': '2026-03-02', 'date_to': '2026-03-01'}, "lies after"),
            ({'team_ids': 7}, "team_ids takes a list"),
            ({'rule': 'guess'}, "rule is one of"),
        ):
            with self.assertRaisesRegex(UserError, message):
                self.funnel.get_conversion(filters)
        for cell in ('nonsense', '{"report": "unlink", "measure": "x", "filters": {}}',
                     '{"report": "conversion", "measure": "x", "filters": {}, "key": "top"}'):
            with self.assertRaises(UserError):
                self.env['crm.lead'].search([('scp_funnel_cell', '=', cell)])

    def test_own_deals(self):
        with self.at('2026-06-20 09:00:00'):
            self.deals['won'].user_id = self.colleague
            self.deals['lost'].user_id = self.colleague
        self.funnel = self.funnel.with_user(self.user)
        self.assertEqual(self.get_column(self.ask('get_conversion'), 'entered'), [5, 3, 1, 1, 1])
        self.assertEqual(self.ask('get_outcome')['total']['won']['value'], 1)

    def test_rights(self):
        auditor = mail_new_test_user(
            self.env, login='funnel_auditor', groups='crm_scp_core.group_scp_auditor', company_id=self.company.id)
        employee = mail_new_test_user(
            self.env, login='funnel_employee', groups='base.group_user', company_id=self.company.id)
        self.funnel = self.funnel.with_user(auditor)
        self.assertEqual(self.get_column(self.ask('get_conversion'), 'entered'), [7, 5, 3, 2, 2])
        self.funnel = self.funnel.with_user(employee)
        for method in ('get_conversion', 'get_outcome', 'get_velocity', 'get_pipeline'):
            with self.assertRaises(AccessError):
                self.ask(method)

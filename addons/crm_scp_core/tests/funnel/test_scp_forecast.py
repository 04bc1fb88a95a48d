from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .plan_common import PlanCase

NOW = '2026-03-10 12:00:00'


@tagged('post_install', '-at_install')
class TestForecast(PlanCase):
    """March 2026, seen on the 10th. All but the last deal are of the team North.

    closed:  won 1,000 on 2 March (salesman), won 3,000 in February (mate);
             lost 1,000 from Need, lost 5,000 from Pursued
    open:    name  amount  p    predicted  band    closing    owner
             O1    10,000  40   30         top     20 March   salesman
             O2    20,000  70   90         lower   31 March   mate
             O3     5,000  20   -          middle   5 April   salesman
             O4     8,000  10   -          top     25 March   salesman, omitted
             O5     7,000  50   -          middle  15 March   stranger, of South

    So (2 + 1) / (4 + 2) = 50 % of what reached the top is won, 3/5 = 60 % of the middle and
    3/4 = 75 % of the lower band. North has no 30 deals of its own and leans on these: its lower
    band is worth (2 + 28 x 75 %) / 30 = 23/30.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.w1 = cls.win(1000.0, '2026-03-02 10:00:00')
        cls.w2 = cls.win(3000.0, '2026-02-10 10:00:00', user_id=cls.mate.id)
        cls.lose(1000.0, '2026-02-01 10:00:00')
        cls.lose(5000.0, '2026-02-05 10:00:00', stage=cls.pursued)
        cls.o1 = cls.open(10000.0, probability=40.0, date_deadline='2026-03-20')
        cls.o2 = cls.open(
            20000.0, stage=cls.decided, probability=70.0, date_deadline='2026-03-31', user_id=cls.mate.id)
        cls.o3 = cls.open(5000.0, stage=cls.pursued, probability=20.0, date_deadline='2026-04-05')
        cls.o4 = cls.open(
            8000.0, date_deadline='2026-03-25', scp_forecast_override='omitted', scp_forecast_reason="A rumour")
        cls.o5 = cls.open(
            7000.0, stage=cls.pursued, probability=50.0, date_deadline='2026-03-15',
            user_id=cls.stranger.id, team_id=cls.team_south.id)
        cls.flush()
        for lead, predicted in ((cls.o1, 30), (cls.o2, 90), (cls.o3, None), (cls.o4, None), (cls.o5, 0)):
            cls.env.cr.execute(
                "UPDATE crm_lead SET automated_probability = %s WHERE id = %s", [predicted, lead.id])
        cls.env.invalidate_all()
        cls.create_target(150000.0)
        cls.create_target(36000.0, team_id=cls.team_north.id)
        cls.create_target(12000.0, user_id=cls.salesman.id)
        cls.create_target(3000.0, user_id=cls.stranger.id, date_from='2026-03-01', period='month')

    def forecast(self, user=None, **filters):
        return self.ask(
            'scp.forecast', 'get_forecast', NOW, user,
            **{'date_from': '2026-03-01', 'date_to': '2026-04-30', **filters})

    def cells(self, user=None, month='2026-03-01', **filters):
        return {group['label']: group['cells'][month] for group in self.forecast(user, **filters)['groups']}

    def test_lines(self):
        cell = self.cells()["All"]
        counted = self.o1 | self.o2 | self.o5
        self.assertFigure(cell['won'], 1000, self.w1)
        self.assertFigure(cell['open'], 37000, counted)
        self.assertFigure(cell['user_line'], 1000 + 4000 + 14000 + 3500, counted | self.w1)
        self.assertFigure(cell['predictive_line'], 1000 + 3000 + 18000 + 3500)
        self.assertFigure(cell['empirical_line'], 1000 + 5000 + 20000 * 23 / 30 + 4200)

    def test_categories(self):
        cell = self.cells()["All"]
        for category, value, leads in (
            ('pipeline', 10000, self.o1), ('best_case', 7000, self.o5), ('commit', 20000, self.o2),
            ('omitted', 8000, self.o4), ('closed', 1000, self.w1),
        ):
            self.assertFigure(cell[category], value, leads)

    def test_coverage(self):
        """A third of 150,000 less 1,000 won: 49,000 are left. By value 4 of 10 are won."""
        cell = self.cells()["All"]
        self.assertEqual(cell['target']['value'], 50000)
        self.assertAlmostEqual(cell['coverage']['value'], 37 / 49, 4)
        self.assertAlmostEqual(cell['weighted_coverage']['value'], 21.5 / 49, 4)
        self.assertAlmostEqual(cell['needed_coverage']['value'], 2.5, 4)

    def test_periods(self):
        self.assertFigure(self.cells(month='2026-04-01')["All"]['user_line'], 1000, self.o3)
        answer = self.forecast(date_from='2026-02-15', date_to='2026-04-01', period='quarter')
        self.assertEqual([period['label'] for period in answer['periods']], ["Q1 2026", "Q2 2026"])
        [group] = answer['groups']
        self.assertFigure(group['cells']['2026-01-01']['won'], 4000, self.w1 | self.w2)
        self.assertFigure(group['cells']['2026-01-01']['target'], 150000)
        self.assertFigure(group['cells']['2026-04-01']['open'], 5000, self.o3)

    def test_by_salesperson(self):
        cells = self.cells(group_by='user')
        self.assertEqual(set(cells), {"Test salesman", "Test mate", "Test stranger"})
        self.assertFigure(cells["Test salesman"]['user_line'], 5000, self.o1 | self.w1)
        self.assertFigure(cells["Test salesman"]['target'], 4000)
        self.assertFigure(cells["Test mate"]['user_line'], 14000, self.o2)
        self.assertIsNone(cells["Test mate"]['target']['value'])
        self.assertIsNone(cells["Test mate"]['coverage']['value'])

    def test_by_team(self):
        """South has no target of its own: that of its member counts."""
        cells = self.cells(group_by='team')
        self.assertFigure(cells["North"]['user_line'], 19000, self.o1 | self.o2 | self.w1)
        self.assertFigure(cells["North"]['target'], 12000)
        self.assertFigure(cells["South"]['target'], 3000)
        self.assertFigure(cells["South"]['empirical_line'], 4200, self.o5)

    def test_filters(self):
        self.assertFigure(self.cells(user_ids=self.mate.ids)["All"]['open'], 20000, self.o2)
        self.assertFigure(self.cells(team_ids=self.team_south.ids)["All"]['open'], 7000, self.o5)
        self.assertFigure(self.cells(team_ids=self.team_south.ids)["All"]['target'], 3000)
        territory = self.env['scp.territory'].create({
            'name': "Austria", 'country_ids': self.env.ref('base.at').ids, 'company_id': self.company.id})
        self.o1.country_id = self.env.ref('base.at')
        cell = self.cells(territory_ids=territory.ids)["All"]
        self.assertFigure(cell['open'], 10000, self.o1)
        self.assertIsNone(cell['target']['value'])

    def test_target_reached(self):
        self.env['scp.target'].search([('scope', '=', 'company')]).amount = 3000.0
        cell = self.cells()["All"]
        self.assertEqual(cell['target']['value'], 1000)
        self.assertIsNone(cell['coverage']['value'])

    def test_who_sees_what(self):
        """A salesperson sees his own deals and his own target; his leader the team's."""
        cell = self.cells(self.salesman)["All"]
        self.assertFigure(cell['user_line'], 5000)
        self.assertFigure(cell['target'], 4000)
        cell = self.cells(self.leader)["All"]
        self.assertFigure(cell['user_line'], 19000)
        self.assertFigure(cell['target'], 12000)
        self.assertFigure(self.cells(self.auditor)["All"]['user_line'], 22500)
        for user in (self.internal, self.accountant, self.quality, self.portal):
            with self.assertRaises(AccessError):
                self.forecast(user)

    def test_other_company_in_its_currency(self):
        """3,000 euros are 6,000 dollars by the rates of the company all report to."""
        main = self.env.ref('base.main_company')
        self.env['res.currency.rate'].create({
            'name': '2000-01-01', 'currency_id': self.eur.id, 'company_id': main.id, 'rate': 0.5})
        foreign = self._create_deal(
            self.partner, 3000.0, company=self.other_company, date_deadline='2026-03-20',
            probability=50.0, stage_id=self.need.id)
        self.flush()
        self.env.user.company_ids |= self.company | self.other_company
        self.manager.company_ids |= self.other_company
        both = [self.company.id, self.other_company.id]
        model = self.env['scp.forecast'].with_user(self.manager)
        for companies, value in ((both, 37000 + 6000), (both[::-1], 18500 + 3000), (both[1:], 3000)):
            answer = self.at(NOW, lambda ids=companies: model.with_context(
                allowed_company_ids=ids).get_forecast({'date_from': '2026-03-01', 'date_to': '2026-03-31'}))
            self.assertAlmostEqual(answer['groups'][0]['cells']['2026-03-01']['open']['value'], value)
        answer = self.forecast(company_ids=self.company.ids)
        self.assertNotIn(foreign.id, self.env['crm.lead'].search(
            answer['groups'][0]['cells']['2026-03-01']['open']['domain']).ids)

    def test_nothing_there(self):
        self.env['crm.lead'].with_context(active_test=False).search(
            [('company_id', '=', self.company.id)]).unlink()
        self.env['scp.target'].search([]).unlink()
        self.flush()
        answer = self.forecast()
        cell = answer['groups'][0]['cells']['2026-03-01']
        self.assertEqual((cell['open']['value'], cell['user_line']['value']), (0, 0))
        self.assertIsNone(cell['needed_coverage']['value'])
        self.assertIn("No target", answer['notes'][0])
        self.assertIn("No deal", answer['notes'][1])

    def test_filters_that_make_no_sense(self):
        for filters in (
            {'period': 'week'}, {'date_from': 'yesterday'}, {'user_ids': 3}, {'group_by': 'moon'}, {'nonsense': 1},
            {'date_to': '2026-02-28'},
        ):
            with self.assertRaises(UserError):
                self.forecast(**filters)

    def test_queries_do_not_grow(self):
        model = self.env['scp.forecast'].with_user(self.manager)
        filters = {'date_from': '2026-03-01', 'date_to': '2026-03-31', 'group_by': 'user'}
        model.get_forecast(filters)
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        model.get_forecast(filters)
        count = self.cr.sql_log_count - before
        for number in range(8):
            self.open(1000.0 + number, date_deadline='2026-03-20')
        self.env.invalidate_all()
        with self.assertQueryCount(count):
            model.get_forecast(filters)

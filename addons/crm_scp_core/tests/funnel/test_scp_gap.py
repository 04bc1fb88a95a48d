from odoo.exceptions import AccessError
from odoo.tests import tagged

from .plan_common import PlanCase

NOW = '2026-01-10 12:00:00'
CAME = '2025-10-01 09:00:00'


@tagged('post_install', '-at_install')
class TestGap(PlanCase):
    """January to March 2026, seen on 10 January; 60,000 are to be won each month.

    Closed deals, by the day after they came they reached each band:

          value  top  upper  middle  lower  closed
    W1   10,000    0     10      20     40  won on day 60
    W2   30,000    0     20      40     60  won on day 80
    L1    5,000    0      -       -      -  lost on day 30
    L2    5,000    0     10       -      -  lost on day 40

                 top  upper  middle  lower
    closed, won  4/2    3/2     2/2    2/2
    P            3/6    3/5     3/4    3/4
    days          70     55      40     20
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for amount, days, outcome in (
            (10000.0, ('10-11', '10-21', '11-10', '11-30'), 'action_set_won'),
            (30000.0, ('10-21', '11-10', '11-30', '12-20'), 'action_set_won'),
            (5000.0, (None, None, None, '10-31'), 'action_set_lost'),
            (5000.0, ('10-11', None, None, '11-10'), 'action_set_lost'),
        ):
            lead = cls.open(amount, CAME)
            for stage, day in zip((cls.listed, cls.pursued, cls.decided), days, strict=False):
                if day:
                    cls.write_at(lead, f'2025-{day} 09:00:00', stage_id=stage.id)
            cls.at(f'2025-{days[-1]} 09:00:00', getattr(lead, outcome))
        cls.target = cls.create_target(180000.0)

    def gap(self, user=None, **filters):
        answer = self.ask('scp.gap', 'get_gap', NOW, user, **filters)
        cells = {
            (band['key'], month): cell
            for band in answer['bands'] for month, cell in band['cells'].items()
        }
        return answer, cells

    def fill(self):
        """Stock, by band and closing. S5 and S6 go where their band's pace takes them."""
        self.s1 = self.open(40000.0, NOW, date_deadline='2026-03-20')
        self.s2 = self.open(20000.0, NOW, self.listed, date_deadline='2026-03-15')
        self.s3 = self.open(30000.0, NOW, self.pursued, date_deadline='2026-03-31')
        self.s4 = self.open(10000.0, NOW, self.decided, date_deadline='2026-02-10')
        self.s5 = self.open(8000.0, NOW, self.decided)  # 20 days on it is 30 January
        self.s6 = self.open(12000.0, NOW, self.listed, date_deadline='2025-12-01')  # 55 days: 6 March
        self.open(
            90000.0, NOW, self.decided, date_deadline='2026-03-15', scp_forecast_override='omitted',
            scp_forecast_reason="A rumour")

    def test_experience(self):
        answer, _cells = self.gap()
        self.assertEqual(
            [(band['key'], band['probability'], band['days'], band['deals']) for band in answer['bands']],
            [('top', 0.5, 70, 4), ('upper', 0.6, 55, 3), ('middle', 0.75, 40, 2), ('lower', 0.75, 20, 2)])
        self.assertEqual(answer['notes'], ["Only 4 deals are closed: conversions and times are rough."])

    def test_gaps_of_a_month(self):
        """March, from the end of the funnel

        lower   60,000 / 0.75 = 80,000 needed, none there
        middle  the same needed, 30,000 there
        upper   (60,000 - 0.75 x 30,000) / 0.6 = 62,500 needed, 20,000 + 12,000 there
        top     (60,000 - 22,500 - 0.6 x 32,000) / 0.5 = 36,600 needed, 40,000 there
        """
        self.fill()
        _answer, cells = self.gap()
        for band, need, stock, gap, state, leads in (
            ('lower', 80000, 0, 1.0, 'hole', self.env['crm.lead']),
            ('middle', 80000, 30000, 0.625, 'hole', self.s3),
            ('upper', 62500, 32000, 0.488, 'thin', self.s2 | self.s6),
            ('top', 36600, 40000, -0.0929, 'ok', self.s1),
        ):
            cell = cells[band, '2026-03-01']
            self.assertEqual((cell['need'], cell['gap'], cell['state']), (need, gap, state), band)
            self.assertFigure(cell['stock'], stock, leads)
            self.assertEqual(cell['count'], len(leads))

    def test_sentence_says_what_to_do(self):
        """To fill upper for March 30,500 are missing, 2 deals of 20,000, 55 days before its end."""
        self.fill()
        _answer, cells = self.gap()
        cell = cells['upper', '2026-03-01']
        self.assertEqual((cell['missing'], cell['value'], cell['until']), (2, 20000, '2026-02-04'))
        self.assertEqual(
            cell['sentence'].replace('\xa0', ' '),
            "2 new shortlistings of about $ 20,000 by February 4, 2026. "
            "Rough: only 3 deals that got here are closed.")
        self.assertIn("Enough", cells['top', '2026-03-01']['sentence'])

    def test_dates_as_a_language_writes_them(self):
        self.fill()
        self.env['res.lang']._activate_lang('zh_CN')
        self.env = self.env(context={**self.env.context, 'lang': 'zh_CN'})
        answer, cells = self.gap()
        self.assertEqual(answer['months'][0]['label'], "2026年1月")
        self.assertIn("2026年2月4日", cells['upper', '2026-03-01']['sentence'])

    def test_sentence_says_where_from(self):
        """Grades are A to D: two deals of the bands before belong to a B, a lead to an A."""
        self.fill()
        grades = self.env['scp.grade'].search([])
        good, best, poor = (self._create_partner(name) for name in ("Good", "Best", "Poor"))
        for partner, grade in ((good, grades[1]), (best, grades[0]), (poor, grades[2])):
            self._create_customer(partner, grade_id=grade.id)
        (self.s1 | self.s2).partner_id = good
        self.s3.partner_id = poor
        lead = self.env['crm.lead'].create({
            'name': "A lead", 'type': 'lead', 'partner_id': best.id, 'company_id': self.company.id})
        answer, cells = self.gap()
        for band, leads in zip(answer['bands'], (lead, self.s1, self.s1 | self.s2, self.s1 | self.s2), strict=True):
            self.assertFigure(band['pool'], len(leads), leads)
        self.assertIn("2026. In reach among customers graded B or better: 1.", cells['upper', '2026-03-01']['sentence'])
        self.assertNotIn("In reach", cells['top', '2026-03-01']['sentence'])

    def test_too_late(self):
        """Who gets into pursuit today is won on 19 February: too late for January, not for the lower band."""
        self.fill()
        _answer, cells = self.gap()
        cell = cells['middle', '2026-01-01']
        self.assertTrue(cell['is_late'])
        self.assertEqual((cell['need'], cell['until'], cell['state']), (72000, '2025-12-22', 'hole'))
        self.assertIn("takes 40 days", cell['sentence'])
        cell = cells['lower', '2026-01-01']
        self.assertFalse(cell['is_late'])
        self.assertEqual((cell['until'], cell['gap']), ('2026-01-11', 0.9))
        self.assertFigure(cell['stock'], 8000, self.s5)

    def test_won_counts(self):
        """6,000 won on 5 January: (60,000 - 6,000) / P, which is now (3 + 1) / (3 + 2)."""
        self.fill()
        lead = self.open(6000.0, '2025-12-26 09:00:00')
        self.at('2026-01-05 09:00:00', lead.action_set_won)
        answer, cells = self.gap()
        self.assertFigure(answer['months'][0]['won'], 6000, lead)
        self.assertEqual(cells['lower', '2026-01-01']['need'], 67500)
        # it jumped over the band: how long others took there stays as it was
        self.assertEqual(answer['bands'][3]['days'], 20)

    def test_months_without_target(self):
        _answer, cells = self.gap()
        cell = cells['upper', '2026-04-01']
        self.assertEqual((cell['state'], cell['gap']), ('no_target', None))
        self.assertEqual(cell['sentence'], "No target for Apr 2026: set one to see what is needed.")

    def test_target_reached_by_later_bands(self):
        self.open(100000.0, NOW, self.decided, date_deadline='2026-03-20')
        _answer, cells = self.gap()
        cell = cells['top', '2026-03-01']
        self.assertEqual((cell['need'], cell['gap'], cell['state']), (0, 0, 'ok'))
        self.assertIn("Nothing is needed", cell['sentence'])

    def test_projection(self):
        """A deal 50 days old. Two that lasted as long are closed, won on day 60 and on day 80.

        January ends on its day 71, February on day 99.
        """
        self.open(100000.0, '2025-11-21 12:00:00')
        answer, _cells = self.gap()
        projection = answer['projection']
        for month, expected, state in (
            ('2026-01-01', 50000, 'ok'), ('2026-02-01', 50000, 'ok'), ('2026-03-01', 0, 'red'),
        ):
            self.assertFigure(projection[month]['expected'], expected)
            self.assertEqual(projection[month]['state'], state, month)
        self.assertAlmostEqual(projection['2026-01-01']['share'], 50 / 60)
        self.assertIn("83 %", projection['2026-01-01']['sentence'])
        self.assertEqual(projection['2026-05-01']['state'], 'no_target')
        self.target.amount = 190000.0  # 50,000 is 79 % of a third
        answer, _cells = self.gap()
        self.assertEqual(answer['projection']['2026-01-01']['state'], 'red')

    def test_older_than_anything_ever_won(self):
        self.open(100000.0, '2025-10-15 12:00:00')  # 87 days, when W2 was won after 80
        answer, _cells = self.gap()
        self.assertEqual(sum(month['expected']['value'] for month in answer['projection'].values()), 0)

    def test_team_leans_on_all(self):
        answer, cells = self.gap(team_ids=self.team_south.ids)
        self.assertTrue(all(band['is_pooled'] for band in answer['bands']))
        self.assertEqual(answer['bands'][1]['probability'], 0.6)
        self.assertIn("Only 0 deals of this team", answer['notes'][1])
        self.assertEqual(cells['top', '2026-03-01']['state'], 'no_target')
        self.create_target(9000.0, team_id=self.team_south.id)
        _answer, cells = self.gap(team_ids=self.team_south.ids)
        self.assertIn("are taken from all teams", cells['top', '2026-03-01']['sentence'])

    def test_who_sees_what(self):
        self.fill()
        self.s1.user_id = self.stranger
        self.create_target(30000.0, user_id=self.salesman.id)
        _answer, cells = self.gap(self.salesman)
        self.assertEqual(cells['top', '2026-03-01']['stock']['value'], 0)
        self.assertEqual(cells['lower', '2026-03-01']['need'], round(10000 / 0.75, 2))
        _answer, cells = self.gap(self.auditor)
        self.assertEqual(cells['top', '2026-03-01']['stock']['value'], 40000)
        for user in (self.internal, self.quality, self.portal):
            with self.assertRaises(AccessError):
                self.gap(user)

    def test_two_companies(self):
        """The other company keeps its books in euros, two dollars each for all who report."""
        main = self.env.ref('base.main_company')
        self.env['res.currency.rate'].create({
            'name': '2000-01-01', 'currency_id': self.eur.id, 'company_id': main.id, 'rate': 0.5})
        self.manager.company_ids |= self.other_company
        foreign = self.at(NOW, lambda: self._create_deal(
            self.partner, 3000.0, company=self.other_company, stage_id=self.need.id,
            date_deadline='2026-03-20'))
        self.create_target(
            9000.0, company_id=self.other_company.id, currency_id=self.eur.id)
        model = self.env['scp.gap'].with_user(self.manager).with_context(
            allowed_company_ids=[self.company.id, self.other_company.id])
        answer = self.at(NOW, lambda: model.get_gap({}))
        cell = answer['bands'][0]['cells']['2026-03-01']
        self.assertEqual(cell['stock']['value'], 6000)
        # by the rates of the company itself a euro is two dollars as well
        self.assertEqual(answer['months'][2]['target']['value'], 66000)
        self.assertEqual(model.env['crm.lead'].search(cell['stock']['domain']).ids, foreign.ids)

    def test_nothing_there(self):
        self.env['crm.lead'].with_context(active_test=False).search(
            [('company_id', '=', self.company.id)]).unlink()
        self.flush()
        answer, cells = self.gap()
        self.assertEqual(cells['top', '2026-03-01']['state'], 'no_data')
        self.assertIn("No data", cells['top', '2026-03-01']['sentence'])
        self.assertEqual(answer['projection']['2026-03-01']['state'], 'no_data')
        self.assertIsNone(answer['projection']['2026-03-01']['expected']['value'])
        self.assertIn("No deal has been won or lost yet", answer['notes'][0])

    def test_past_months_are_left_out(self):
        answer, _cells = self.gap(date_from='2025-11-01', date_to='2026-01-31')
        self.assertEqual([month['key'] for month in answer['months']], ['2026-01-01'])
        answer, _cells = self.gap(date_from='2025-01-01', date_to='2025-03-31')
        self.assertEqual(answer['months'], [])

    def test_queries_do_not_grow(self):
        model = self.env['scp.gap'].with_user(self.manager)
        model.get_gap({})
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        model.get_gap({})
        count = self.cr.sql_log_count - before
        self.fill()
        self.env.invalidate_all()
        with self.assertQueryCount(count):
            model.get_gap({})

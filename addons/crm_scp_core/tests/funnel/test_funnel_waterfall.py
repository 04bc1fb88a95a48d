from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from .funnel_common import FunnelCase

APRIL = {'date_from': '2026-04-01', 'date_to': '2026-04-30'}


@tagged('post_install', '-at_install')
class TestFunnelWaterfall(FunnelCase):
    """The pipeline of one team from the start to the end of April, computed by hand.

    ==========  ======  =========================================  ==================
    deal        March   in April                                   part
    ==========  ======  =========================================  ==================
    same          1000                                             (end 1000)
    more           500  800                                        +300 increased
    less           900  600                                        -300 decreased
    new                 created with 200                           +200 created
    won            700  750, then won                              +50, -750
    lost           400  lost                                       -400
    filed          300  archived                                   -300
    gone           250  deleted                                    -250
    out            150  given to another team                      -150 handed out
    in                  350, taken over from another team          +350 handed in
    again               100, lost in March, reopened               +100 reopened
    quick               created with 1200 and won                  +1200, -1200
    before              999, won in March, 1111 since
    ==========  ======  =========================================  ==================

    Start 4200, end 3050.
    """

    def setUp(self):
        super().setUp()
        for stage in self.stages:
            stage.team_ids |= self.other_team
        need, march = self.need, '03-10'
        self.deals = {
            'same': self.tell((march, need), amount=1000),
            'more': self.tell((march, need), ('04-05', {'expected_revenue': 800}), amount=500),
            'less': self.tell((march, need), ('04-06', {'expected_revenue': 600}), amount=900),
            'new': self.tell(('04-10', need), amount=200),
            'won': self.tell(
                (march, need), ('04-12', {'expected_revenue': 750}), ('04-15', 'won'), amount=700),
            'lost': self.tell((march, need), ('04-20', 'lost'), amount=400),
            'filed': self.tell((march, need), ('04-20', 'archive'), amount=300, probability=30),
            'gone': self.tell((march, need), ('04-21', 'delete'), amount=250),
            'out': self.tell((march, need), ('04-22', {'team_id': self.other_team.id}), amount=150),
            'in': self.tell(
                (march, need), ('04-23', {'team_id': self.team.id}), amount=350, team_id=self.other_team.id),
            'again': self.tell((march, need), ('03-20', 'lost'), ('04-24', 'restore'), amount=100),
            'quick': self.tell(('04-02', need), ('04-25', 'won'), amount=1200),
            'before': self.tell((march, need), ('03-20', 'won'), ('04-26', {'expected_revenue': 1111}), amount=999),
        }

    def get_parts(self, waterfall):
        """Return the parts that are not zero, and check that the sum is right."""
        total = waterfall['start']['value'] + sum(part['value'] for part in waterfall['parts'])
        self.assertEqual(round(total, 2), waterfall['end']['value'])
        return {part['key']: part['value'] for part in waterfall['parts'] if part['value']}

    def get_names(self, cell):
        leads = self.open_cell(cell)
        return {name for name, lead in self.deals.items() if lead.exists() and lead in leads}

    def test_waterfall(self):
        waterfall = self.ask('get_waterfall', **APRIL)
        self.assertEqual(waterfall['start']['value'], 4200)
        self.assertEqual(self.get_parts(waterfall), {
            'created': 1400, 'reassigned_in': 350, 'reopened': 100, 'increased': 350, 'decreased': -300,
            'won': -1950, 'lost': -400, 'archived': -300, 'deleted': -250, 'reassigned_out': -150,
        })
        self.assertEqual(waterfall['end']['value'], 3050)
        self.assertEqual((waterfall['start']['count'], waterfall['end']['count']), (8, 6))
        self.assertEqual(waterfall['currency_id'], self.company.currency_id.id)

    def test_parts_open_their_deals(self):
        waterfall = self.ask('get_waterfall', **APRIL)
        opened = {part['key']: self.get_names(part) for part in waterfall['parts']}
        self.assertEqual(opened, {
            'created': {'new', 'quick'}, 'reassigned_in': {'in'}, 'reopened': {'again'}, 'moved_in': set(),
            'increased': {'more', 'won'}, 'decreased': {'less'}, 'currency': set(), 'won': {'won', 'quick'},
            'lost': {'lost'}, 'archived': {'filed'}, 'deleted': set(), 'reassigned_out': {'out'}, 'moved_out': set(),
        })
        self.assertEqual(self.get_names(waterfall['end']), {'same', 'more', 'less', 'new', 'in', 'again'})
        deleted = next(part for part in waterfall['parts'] if part['key'] == 'deleted')
        self.assertEqual(deleted['count'], 1)

    def test_pipeline_at_any_date(self):
        for date_to, count, value in (
            ('2026-03-09', 0, 0), ('2026-03-31', 8, 4200), ('2026-04-12', 10, 5650), ('2026-04-30', 6, 3050),
        ):
            pipeline = self.ask('get_pipeline', date_to=date_to)
            self.assertEqual((pipeline['count']['value'], pipeline['value']['value']), (count, value), date_to)
            self.assertEqual(sum(step['value']['value'] for step in pipeline['steps']), value)
        with self.at('2026-05-04 09:00:00'):
            self.deals['same'].stage_id = self.pursued
        now = self.ask('get_pipeline', by='stage')
        self.assertEqual([(step['label'], step['count']['value']) for step in now['steps'] if step['count']['value']],
                         [("Need", 5), ("Pursued", 1)])
        self.assertEqual(self.get_names(now['steps'][2]['count']), {'same'})
        then = self.ask('get_pipeline', by='stage', date_to='2026-05-03')
        self.assertEqual(then['steps'][0]['count']['value'], 6)

    def test_deleted_stage(self):
        """The pipeline of then still knows the band of a stage that is gone now."""
        with self.at('2026-05-04 09:00:00'):
            self.deals['same'].stage_id = self.pursued
        with self.at('2026-05-06 09:00:00'):
            self.deals['same'].stage_id = self.decided
            self.pursued.unlink()
        then = self.ask('get_pipeline', date_to='2026-05-05')
        self.assertEqual({step['key']: step['count']['value'] for step in then['steps']}['middle'], 1)
        by_stage = self.ask('get_pipeline', date_to='2026-05-05', by='stage')
        self.assertEqual((by_stage['steps'][-1]['key'], by_stage['steps'][-1]['label']), (False, "Deleted Stage"))
        self.assertEqual(self.get_names(by_stage['steps'][-1]['count']), {'same'})

    def test_owner(self):
        """Within one salesperson's pipeline a change of owner comes and goes."""
        with self.at('2026-04-27 09:00:00'):
            self.deals['same'].write({'user_id': self.colleague.id, 'team_id': self.team.id})
        parts = self.get_parts(self.ask('get_waterfall', user_ids=self.user.ids, **APRIL))
        self.assertEqual(parts['reassigned_out'], -1150)
        theirs = self.ask('get_waterfall', user_ids=self.colleague.ids, **APRIL)
        self.assertEqual(self.get_parts(theirs), {'reassigned_in': 1000})

    def test_window(self):
        """Of what was to close in April: pulled in, put off, and won whenever it was due."""
        window = {'deadline_from': '2026-04-01', 'deadline_to': '2026-04-30'}
        self.tell(('03-10', self.need), ('04-02', {'date_deadline': '2026-04-28'}), amount=10,
                  date_deadline='2026-05-05')
        self.tell(('03-10', self.need), ('04-03', {'date_deadline': '2026-06-01', 'expected_revenue': 25}), amount=20,
                  date_deadline='2026-04-15')
        self.tell(('03-10', self.need), ('04-04', 'won'), amount=40, date_deadline='2026-04-30')
        waterfall = self.ask('get_waterfall', **APRIL, **window)
        self.assertEqual(waterfall['start']['value'], 60)
        self.assertEqual(self.get_parts(waterfall), {'moved_in': 10, 'increased': 5, 'won': -40, 'moved_out': -25})
        self.assertEqual(waterfall['end']['value'], 10)

    def test_slippage(self):
        self.tell(('03-10', self.need), ('04-03', {'date_deadline': '2026-04-25'}),
                  ('04-24', {'date_deadline': '2026-05-05'}), amount=30, date_deadline='2026-04-15')
        self.tell(('03-10', self.need), ('04-20', 'won'), amount=50, date_deadline='2026-04-16')
        self.tell(('03-10', self.need), ('04-05', {'date_deadline': '2026-04-10'}), amount=20,
                  date_deadline='2026-04-20')
        result = self.ask('get_slippage', **APRIL)
        self.assertEqual((result['expected']['value'], result['slipped']['value'], result['rate']), (100, 30, 0.3))
        [user] = result['users']
        # pushed by 10 and by 10 days; pulling in is no push
        self.assertEqual((user['key'], user['pushes']['value'], user['deals']['value'], user['mean_days']),
                         (self.user.id, 2, 1, 10))
        self.assertEqual(len(self.open_cell(user['pushes'])), 2)
        self.assertEqual(self.open_cell(user['deals']), self.open_cell(user['pushes']))

    def test_future(self):
        for filters in ({'date_from': '2026-04-01', 'date_to': '2026-07-02'}, {'date_from': '2026-07-02'}):
            with self.assertRaisesRegex(UserError, "2026-07-02.* lies in the future"):
                self.ask('get_waterfall', **filters)
        with self.assertRaisesRegex(UserError, "lies in the future"):
            self.ask('get_pipeline', date_to='2026-07-02')
        with self.assertRaisesRegex(UserError, "needs the day"):
            self.ask('get_waterfall')
        self.assertEqual(self.ask('get_waterfall', date_from='2026-07-01', date_to='2026-07-01')['end']['value'], 3050)

    def test_own_deals(self):
        """A salesperson sees his own pipeline only, deals he deleted included."""
        with self.at('2026-04-27 09:00:00'):
            self.deals['same'].write({'user_id': self.colleague.id, 'team_id': self.team.id})
        self.funnel = self.funnel.with_user(self.colleague)
        waterfall = self.ask('get_waterfall', **APRIL)
        self.assertEqual((waterfall['start']['value'], waterfall['end']['value']), (1000, 1000))
        self.funnel = self.funnel.with_user(self.user)
        waterfall = self.ask('get_waterfall', **APRIL)
        self.assertEqual(waterfall['start']['value'], 3200)
        self.assertEqual(self.get_parts(waterfall)['deleted'], -250)


@tagged('post_install', '-at_install')
class TestFunnelCurrency(FunnelCase):
    """A branch with money of its own: 4 units are worth one of the main company's, later 5."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.currency = cls.env['res.currency'].create({'name': 'XFW', 'symbol': 'x'})
        cls.env['res.currency.rate'].search([('currency_id', '=', cls.company.currency_id.id)]).unlink()
        cls.branch = cls.env['res.company'].create({'name': "Funnel Branch", 'currency_id': cls.currency.id})
        cls.env['res.currency.rate'].create([
            {'name': day, 'rate': rate, 'currency_id': cls.currency.id, 'company_id': cls.company.id}
            for day, rate in (('2026-03-01', 4), ('2026-04-15', 5))
        ])
        cls.branch_user = mail_new_test_user(
            cls.env, login='funnel_branch', groups='crm_scp_core.group_scp_manager', company_id=cls.branch.id)
        cls.manager = mail_new_test_user(
            cls.env, login='funnel_manager', groups='crm_scp_core.group_scp_manager', company_id=cls.company.id)
        cls.manager.company_ids = [Command.link(cls.branch.id)]

    def setUp(self):
        super().setUp()
        for stage in self.stages:
            stage.team_ids = False
        self.funnel = self.funnel.with_user(self.manager).with_context(
            allowed_company_ids=(self.company | self.branch).ids)

    def tell_branch(self, *events, amount):
        (day, _stage), *events = events
        with self.at(self.moment(day)):
            Lead = self.env['crm.lead'].with_user(self.branch_user)
            lead = Lead.with_context(allowed_company_ids=self.branch.ids).create({
                'name': "Abroad", 'type': 'opportunity', 'company_id': self.branch.id, 'team_id': False,
                'user_id': self.branch_user.id, 'stage_id': self.need.id, 'expected_revenue': amount,
            })
        for day, event in events:
            with self.at(self.moment(day)):
                if event == 'won':
                    lead.action_set_won()
                else:
                    lead.write(event)
        return lead

    def get_values(self, waterfall):
        return {part['key']: part['value'] for part in waterfall['parts'] if part['value']}

    def ask_branch(self, method='get_waterfall', *args, **filters):
        return self.ask(method, '07-01', *args, **{
            **APRIL, 'team_ids': None, 'company_ids': self.branch.ids, **filters})

    def test_revaluation(self):
        """1000 at 4 are 250 at first and 200 at 5; a rise by 200 is worth 40 at the end."""
        self.tell_branch(('03-10', self.need), amount=1000)
        self.tell_branch(('03-10', self.need), ('04-20', {'expected_revenue': 1200}), amount=1000)
        waterfall = self.ask_branch()
        self.assertEqual((waterfall['start']['value'], waterfall['end']['value']), (500, 440))
        self.assertEqual(self.get_values(waterfall), {'increased': 40, 'currency': -100})

    def test_cents(self):
        """Every deal is rounded for itself, so that the parts add up to the cent."""
        for amount in (10.01, 33.33, 66.67):
            self.tell_branch(('03-10', self.need), amount=amount)
        waterfall = self.ask_branch()
        # 2.5025 + 8.3325 + 16.6675 and, at a fifth, 2.002 + 6.666 + 13.334
        self.assertEqual((waterfall['start']['value'], waterfall['end']['value']), (27.50, 22.00))
        self.assertEqual(self.get_values(waterfall), {'currency': -5.50})

    def test_in_its_own_currency(self):
        self.tell_branch(('03-10', self.need), amount=1000)
        self.funnel = self.funnel.with_user(self.branch_user).with_context(allowed_company_ids=self.branch.ids)
        waterfall = self.ask_branch()
        self.assertEqual(waterfall['currency_id'], self.currency.id)
        self.assertEqual((waterfall['start']['value'], waterfall['end']['value']), (1000, 1000))
        self.assertFalse(self.get_values(waterfall))

    def test_change_of_company(self):
        """Handed to the main company, a deal is out of the branch's pipeline, which sees no more of it."""
        lead = self.tell_branch(('03-10', self.need), amount=1000)
        with self.at('2026-04-20 09:00:00'):
            lead.sudo().write({'company_id': self.company.id, 'user_id': False})
        self.assertEqual(self.get_values(self.ask_branch()), {'reassigned_out': -250})
        self.funnel = self.funnel.with_user(self.branch_user).with_context(allowed_company_ids=self.branch.ids)
        self.assertEqual(self.get_values(self.ask_branch()), {'reassigned_out': -1000})

    def test_wins_at_the_rate_of_the_day(self):
        """Rates of later days change nothing of a win that was booked."""
        self.tell_branch(('03-10', self.need), ('04-14', 'won'), amount=1000)
        self.tell_branch(('03-10', self.need), ('04-16', 'won'), amount=1000)
        total = self.ask_branch('get_outcome')['total']
        self.assertEqual(total['won_value']['value'], 250 + 200)

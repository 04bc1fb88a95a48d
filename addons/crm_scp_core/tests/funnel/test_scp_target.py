from datetime import date

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .plan_common import PlanCase


@tagged('post_install', '-at_install')
class TestTarget(PlanCase):

    def test_period(self):
        self.assertEqual(self.create_target().date_to, date(2026, 3, 31))
        self.assertEqual(
            self.create_target(date_from='2027-02-01', period='month').date_to, date(2027, 2, 28))
        # a financial year
        self.assertEqual(
            self.create_target(date_from='2028-04-01', period='year').date_to, date(2029, 3, 31))
        with self.assertRaisesRegex(ValidationError, "first of a month.*01/15/2030"), self.cr.savepoint():
            self.create_target(date_from='2030-01-15')

    def test_scope(self):
        self.assertEqual(self.create_target().scope, 'company')
        self.assertEqual(self.create_target(user_id=self.salesman.id).scope, 'user')
        target = self.create_target(team_id=self.team_north.id)
        self.assertEqual(target.scope, 'team')
        self.assertEqual(target.display_name, "North, Jan 2026 – Mar 2026")
        with mute_logger('odoo.sql_db'), self.assertRaises(CheckViolation):
            self.create_target(team_id=self.team_south.id, user_id=self.salesman.id)

    def test_currency_and_amount(self):
        with self.assertRaisesRegex(ValidationError, "SCP Test Works, Jan.*no currency"), self.cr.savepoint():
            self.create_target(currency_id=False)
        with self.assertRaisesRegex(ValidationError, "above zero"), self.cr.savepoint():
            self.create_target(amount=0.0)

    def test_overlaps_are_refused(self):
        self.create_target(user_id=self.salesman.id)
        for date_from, period in (
            ('2026-03-01', 'month'), ('2025-12-01', 'quarter'),
            ('2025-06-01', 'year'),
        ):
            with self.assertRaisesRegex(ValidationError, "Test salesman.*overlaps"), self.cr.savepoint():
                self.create_target(user_id=self.salesman.id, date_from=date_from, period=period)
        self.create_target(user_id=self.salesman.id, date_from='2026-04-01', period='month')
        self.create_target(user_id=self.mate.id)
        self.create_target(company_id=self.other_company.id, user_id=self.salesman.id)
        self.create_target()
        with self.assertRaisesRegex(ValidationError, "overlaps"), self.cr.savepoint():
            self.create_target(date_from='2026-02-01')

    def test_the_same_twice_is_refused(self):
        self.create_target(date_from='2026-04-01')
        with mute_logger('odoo.sql_db'), self.assertRaises(UniqueViolation):
            self.create_target(date_from='2026-04-01')

    def test_months_add_up(self):
        """10,000 in three months: 3,333.33 twice, and 3,333.34."""
        target = self.create_target(10000.0)
        self.assertEqual(
            {str(month): round(amount, 2) for month, amount in target._get_months().items()},
            {'2026-01-01': 3333.33, '2026-02-01': 3333.33, '2026-03-01': 3333.34},
        )

    def test_foreign_currency(self):
        """One euro is two dollars."""
        target = self.create_target(1000.0, currency_id=self.eur.id)
        self.assertEqual(target.company_amount, 2000.0)

    def test_members_against_team(self):
        """The team is to win 9,000; its two members took on 3,000 and, in January alone, 1,000.

        Of a year of 12,000 the three months count.
        """
        target = self.create_target(team_id=self.team_north.id)
        self.create_target(3000.0, user_id=self.salesman.id)
        self.create_target(1000.0, user_id=self.mate.id, period='month')
        self.create_target(5000.0, user_id=self.stranger.id)
        self.assertEqual((target.members_amount, target.members_gap), (4000.0, 5000.0))
        self.env['scp.target'].search([('user_id', '=', self.mate.id)]).unlink()
        self.create_target(12000.0, user_id=self.mate.id, period='year')
        target.invalidate_recordset()
        self.assertEqual((target.members_amount, target.members_gap), (6000.0, 3000.0))

    def test_won_in_the_period(self):
        """Won in the quarter: 1,000 and 500 of North, 300 of South; 700 a second too late."""
        self.win(1000.0, '2026-01-01 00:00:00')
        self.win(500.0, '2026-03-31 23:59:59', user_id=self.mate.id)
        self.win(300.0, '2026-02-10 10:00:00', user_id=self.stranger.id, team_id=self.team_south.id)
        self.win(700.0, '2026-04-01 00:00:00')
        self.win(900.0, '2026-02-10 10:00:00', company=self.other_company, team_id=False, user_id=False)
        targets = {
            1000.0: self.create_target(2000.0, user_id=self.salesman.id),
            1500.0: self.create_target(3000.0, team_id=self.team_north.id),
            1800.0: self.create_target(3600.0),
        }
        self.assertEqual(
            self.env['scp.target'].union(*targets.values()).mapped('won_amount'), list(targets))
        for won, target in targets.items():
            self.assertEqual(target.achievement, 0.5)
            action = target.action_open_won()
            leads = self.env['crm.lead'].with_context(**action['context']).search(action['domain'])
            self.assertEqual(sum(leads.mapped('expected_revenue')), won)

    def test_won_in_a_territory(self):
        heading = self.env['scp.territory'].create({'name': "Alps"})
        self.env['scp.territory'].create({
            'name': "Austria", 'parent_id': heading.id, 'country_ids': self.env.ref('base.at').ids,
            'company_id': self.company.id, 'zip_from': '99',
        })
        self.win(800.0, '2026-01-10 10:00:00', country_id=self.env.ref('base.at').id, zip='9900')
        self.win(200.0, '2026-01-10 10:00:00', country_id=self.env.ref('base.ch').id)
        target = self.create_target(territory_id=heading.id)
        self.assertEqual(target.won_amount, 800.0)
        domain = target.action_open_won()['domain']
        self.assertEqual(self.env['crm.lead'].search(domain).mapped('expected_revenue'), [800.0])

    def test_won_twice_counts_once(self):
        """Won in January, reopened, won again in April: a win of April."""
        lead = self.win(1000.0, '2026-01-10 10:00:00')
        first = self.create_target()
        second = self.create_target(date_from='2026-04-01')
        self.assertEqual(first.won_amount, 1000.0)
        self.at('2026-02-10 10:00:00', lambda: lead.write({
            'stage_id': self.env['crm.stage'].search([('is_won', '=', False)], limit=1).id,
            'probability': 20.0,
        }))
        first.invalidate_recordset()
        self.assertEqual(first.won_amount, 0.0)
        self.at('2026-04-10 10:00:00', lead.action_set_won)
        (first | second).invalidate_recordset()
        self.assertEqual((first.won_amount, second.won_amount), (0.0, 1000.0))
        for target in (first, second):
            found = self.env['crm.lead'].search(target.action_open_won()['domain'])
            self.assertEqual(sum(found.mapped('expected_revenue')), target.won_amount)

    def test_days_are_those_of_the_company(self):
        """31 March, 18 o'clock in London is 1 April, 2 o'clock in Shanghai."""
        self.win(400.0, '2026-03-31 18:00:00', company=self.other_company, team_id=False, user_id=False)
        march, april = (
            self.create_target(
                company_id=self.other_company.id, currency_id=self.eur.id, period='month', date_from=day)
            for day in ('2026-03-01', '2026-04-01'))
        self.assertEqual((march.won_amount, april.won_amount), (0.0, 400.0))

    def test_who_sees_which_target(self):
        own, mates, strangers, north, south, company = (
            self.create_target(user_id=self.salesman.id), self.create_target(user_id=self.mate.id),
            self.create_target(user_id=self.stranger.id), self.create_target(team_id=self.team_north.id),
            self.create_target(team_id=self.team_south.id), self.create_target(),
        )
        everything = own | mates | strangers | north | south | company
        for user, visible in (
            (self.salesman, own),
            (self.leader, own | mates | north),
            (self.manager, everything),
            (self.auditor, everything),
            (self.other_salesman, self.env['scp.target']),
        ):
            found = self.env['scp.target'].with_user(user).with_context(allowed_company_ids=None).search(
                [('id', 'in', everything.ids)])
            self.assertEqual(found, visible.sorted(), user.login)
        with self.assertRaises(AccessError):
            own.with_user(self.accountant).read(['amount'])

    def test_who_sets_which_target(self):
        """A leader hands down to his members; what he and his team are to win is set for him."""
        own, mates, strangers, leaders, north, company = everything = self.env['scp.target'].union(*(
            self.create_target(**values) for values in (
                {'user_id': self.salesman.id}, {'user_id': self.mate.id}, {'user_id': self.stranger.id},
                {'user_id': self.leader.id}, {'team_id': self.team_north.id}, {},
            )))
        self.env['crm.team.member'].create({'crm_team_id': self.team_north.id, 'user_id': self.leader.id})
        self.leader.group_ids |= self.env.ref('crm_scp_core.group_scp_auditor')  # reads all, sets no more
        for user, allowed in (
            (self.salesman, self.env['scp.target']), (self.leader, own | mates), (self.manager, everything),
            (self.auditor, self.env['scp.target']),
        ):
            for target in everything.with_user(user).with_context(allowed_company_ids=self.company.ids):
                for operation in ('write', 'unlink'):
                    self.assertEqual(target.has_access(operation), target.sudo() in allowed, (user.login, target))
        as_leader = self.env(user=self.leader)
        target = self.create_target(date_from='2026-04-01', user_id=self.mate.id).with_env(as_leader)
        target.copy({'date_from': '2026-07-01'}).unlink()
        with self.assertRaises(AccessError):
            target.copy({'date_from': '2026-07-01', 'user_id': self.stranger.id})
        with self.assertRaises(AccessError):
            target.user_id = self.leader

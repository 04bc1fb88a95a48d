from datetime import date, timedelta

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .test_scp_value_model import ModelCommon

JUNE, JULY, AUGUST = date(2026, 6, 30), date(2026, 7, 30), date(2026, 8, 30)


@tagged('post_install', '-at_install')
class TestScpValueGradeHolds(ModelCommon):
    """A grade follows the value when it calls for another one at two month ends in a row.

    In July Dan orders for 5,000 twice: days 13, purchases 3, money 10,100. With Ann 45, 4, 1,600, Bob 76, 3,
    900 and Cat 106, 2, 400: recency 5 4 2 1 for Dan, Ann, Bob, Cat; purchases Ann .875: 5, Bob and Dan .5: 3,
    Cat .125: 1; money Dan 5, Ann 4, Bob 2, Cat 1. Values: Dan 25 + 17.5 + 40 = 82.5 (A), Ann 18.75 + 35 + 30 = 83.8
    (A), Bob 6.25 + 17.5 + 10 = 33.8 (C), Cat 0 (D).
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._order(cls.partners[3], '2026-07-16 04:00', 5000)
        cls._order(cls.partners[3], '2026-07-17 04:00', 5000)

    def test_two_periods(self):
        self.assertEqual(self._get_grades(self._score(JUNE)), {'Ann': 'A', 'Bob': 'B', 'Cat': 'C', 'Dan': 'D'})
        july = self._score(JULY)
        self.assertEqual(self._get_grades(july), {'Ann': 'A', 'Bob': 'B', 'Cat': 'C', 'Dan': 'D'})
        self.assertEqual(
            {name: (score.value_score, score.pending_grade_id.name, score.pending_since)
             for name, score in self._get_scores(july).items()},
            {'Ann': (83.8, False, False), 'Bob': (33.8, 'C', JULY), 'Cat': (0.0, 'D', JULY),
             'Dan': (82.5, 'A', JULY)},
        )
        self.assertEqual(
            self._get_scores(july)['Bob'].card['notes'],
            ["The value calls for grade C since 07/30/2026. The grade follows on 08/30/2026 if it still does."],
        )
        # a day before the month is over nothing moves; on the day it does
        self.assertEqual(self._get_grades(self._score(AUGUST - timedelta(1)))['Bob'], 'B')
        august = self._score(AUGUST)
        self.assertEqual(self._get_grades(august), {'Ann': 'A', 'Bob': 'C', 'Cat': 'D', 'Dan': 'A'})
        self.assertFalse(any(score.pending_grade_id for score in self._search_scores(august)))
        self.assertEqual(self._get_hub("Dan").grade_id, self.A)

    def test_every_night(self):
        """Run every night or once a month: the grades of the last day are the same."""
        for day in (JUNE, *(JULY + timedelta(days) for days in range(-3, 4))):
            run = self._score(day)
        self.assertEqual(self._get_grades(run)['Bob'], 'B')
        # twice on one day is once
        self.assertEqual(self._get_grades(self._score(run.date_to)), self._get_grades(run))

    def test_calls_that_end(self):
        """Bob makes up for it before the month is over: nothing ever happened to his grade."""
        self._score(JUNE)
        self._score(JULY)
        for day in (18, 19, 20):
            self._order(self.partners[1], f'2026-08-{day} 04:00', 3000)
        august = self._get_scores(self._score(AUGUST))['Bob']
        self.assertGreater(august.value_score, 50)
        self.assertEqual(august.grade_id, self.B)
        self.assertNotEqual(august.pending_grade_id, self.C)

    def test_at_once(self):
        self._add_version(hold_months=0).action_activate()
        self._score(JUNE)
        self.assertEqual(self._get_grades(self._score(JULY)), {'Ann': 'A', 'Bob': 'C', 'Cat': 'D', 'Dan': 'A'})

    def test_new_version_measures_anew(self):
        self._score(JUNE)
        self._add_version().action_activate()
        self.assertEqual(self._get_grades(self._score(JULY)), {'Ann': 'A', 'Bob': 'C', 'Cat': 'D', 'Dan': 'A'})


@tagged('post_install', '-at_install')
@freeze_time('2026-06-30 04:00')
class TestScpValueOverride(ModelCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Run._score(cls.company, date_to=JUNE)
        cls.Override = cls.env['scp.value.override']
        cls.dan = cls.Customer.search([('partner_id', '=', cls.partners[3].id)])

    def _set(self, grade=None, until='2026-07-31', **values):
        return self.Override.create({
            'customer_id': self.dan.id, 'grade_id': (grade or self.A).id, 'reason': "New plant",
            'date_end': until, **values,
        })

    def test_in_force_at_once(self):
        override = self._set()
        self.assertRecordValues(override, [{
            'former_grade_id': self.D.id, 'date_start': JUNE, 'create_uid': self.env.uid, 'active': True,
        }])
        self.assertEqual(self.dan.grade_id, self.A)
        run = self._score(date(2026, 7, 31))
        dan = self._get_scores(run)['Dan']
        self.assertEqual((dan.grade_id, dan.model_grade_id, dan.override_id), (self.A, self.D, override))
        self.assertEqual(self.dan.grade_id, self.A)
        self.assertEqual(
            dan.card['notes'][0],
            f"Grade A was set by {self.env.user.name} until 07/31/2026: New plant",
        )
        self.assertEqual(run.grade_counts, {'A': 2, 'B': 1, 'C': 1, 'D': 0})

    def test_ends_by_itself(self):
        override = self._set()
        with freeze_time('2026-07-31 12:00'), self.enter_registry_test_mode():
            self.env.ref('crm_scp_analytics.ir_cron_scp_value_override').method_direct_trigger()
            self.assertEqual((override.active, self.dan.grade_id), (True, self.A), "the last day counts")
        # 1 August in Taipei
        with freeze_time('2026-07-31 17:00'), self.enter_registry_test_mode():
            self.env.ref('crm_scp_analytics.ir_cron_scp_value_override').method_direct_trigger()
            self.assertRecordValues(override, [{'active': False, 'ended_by_id': False}])
            self.assertEqual(self.dan.grade_id, self.D)

    def test_a_run_does_not_wait_for_the_job(self):
        override = self._set()
        with freeze_time('2026-08-01 04:00'):
            dan = self._get_scores(self._score(date(2026, 8, 1)))['Dan']
            self.assertTrue(override.active)
            self.assertEqual((dan.grade_id, self.dan.grade_id), (self.D, self.D))

    def test_ended_by_hand(self):
        override = self._set()
        override.action_end()
        self.assertRecordValues(override, [{'active': False, 'ended_by_id': self.env.uid}])
        self.assertEqual(self.dan.grade_id, self.D)
        self._set(self.B)
        self.assertEqual(self.dan.grade_id, self.B)

    def test_without_a_purchase(self):
        """A grade set by hand outlives the purchases, and ends with nothing."""
        override = self._set(until='2030-01-01')
        for order in self.env['sale.order'].search([('partner_id', '=', self.dan.partner_id.id)]):
            order._action_cancel()
        self._score()
        self.assertEqual(self.dan.grade_id, self.A)
        override.action_end()
        self.assertFalse(self.dan.grade_id)

    @mute_logger('odoo.sql_db')
    def test_refused(self):
        with self.assertRaisesRegex(IntegrityError, 'dates_in_order'), self.cr.savepoint():
            self._set(until='2026-06-29')
        self._set()
        with self.assertRaisesRegex(IntegrityError, 'customer_uniq'), self.cr.savepoint():
            self._set(self.B)

    def test_who_may(self):
        leader = self._create_company_user('grade_leader', 'crm_scp_core.group_scp_team')
        seller = self._create_company_user('grade_seller', 'crm_scp_core.group_scp_user')
        team = self.env['crm.team'].create({
            'name': "Grades", 'company_id': self.company.id, 'user_id': leader.id,
            'crm_team_member_ids': [Command.create({'user_id': seller.id})],
        })
        self.dan.write({'user_id': seller.id, 'team_id': team.id})
        values = {
            'customer_id': self.dan.id, 'grade_id': self.A.id, 'reason': "Strategic", 'date_end': '2026-12-31',
        }
        with self.assertRaises(AccessError):
            self.Override.with_user(seller).create(values)
        override = self.Override.with_user(leader).create(values)
        self.assertEqual(override.with_user(seller).reason, "Strategic")
        with self.assertRaisesRegex(UserError, "Dan set by hand cannot be changed"):
            override.with_user(leader).write({'date_end': '2027-12-31'})
        with self.assertRaises(AccessError):
            override.with_user(seller).action_end()
        override.with_user(leader).action_end()
        self.assertEqual(override.ended_by_id, leader)
        foreign = self._get_hub("Ann")
        foreign.user_id = self._create_company_user('grade_other', 'crm_scp_core.group_scp_user')
        foreign.team_id = False
        with self.assertRaises(AccessError):
            self.Override.with_user(leader).create({**values, 'customer_id': foreign.id})
        action = self.dan.partner_id.with_user(leader).with_company(self.company).action_scp_set_grade()
        self.assertEqual(action['context'], {'default_customer_id': self.dan.id})

    def test_merge(self):
        """The grade set by hand of the customer who stays wins; of two who go, the one that lasts longer."""
        ann, bob = self._get_hub("Ann"), self._get_hub("Bob")
        self._set(customer_id=bob.id, grade=self.C)
        kept = self._set(customer_id=ann.id, grade=self.B)
        last = self._set(until='2026-09-30')
        self.Customer._rehome(bob.partner_id | self.dan.partner_id, ann.partner_id)
        self.assertEqual(ann.value_override_ids, kept)
        self.assertFalse(last.exists() and last.active)


@tagged('post_install', '-at_install')
@freeze_time('2026-06-30 04:00')
class TestScpValueGradeAtWork(ModelCommon):
    """The grade reaches what people do, through the hub."""

    def test_complaint_clocks(self):
        """A grade A halves the time: Ann waits 4 hours, Dan 8, until somebody makes him an A."""
        self._score(JUNE)
        self.A.clock_factor = 0.5
        self.env['scp.sla.policy'].search([]).active = False
        self.env['scp.sla.policy'].create({
            'name': "First answer", 'company_id': self.company.id,
            'line_ids': [Command.create({
                'kind': 'first_response', 'target': 8, 'target_unit': 'hour', 'time_basis': 'always',
            })],
        })
        self.assertEqual([self._get_hours("Ann"), self._get_hours("Dan")], [4, 8])
        self.env['scp.value.override'].create({
            'customer_id': self._get_hub("Dan").id, 'grade_id': self.A.id, 'reason': "New plant",
            'date_end': '2026-12-31',
        })
        self.assertEqual(self._get_hours("Dan"), 4)

    def _get_hours(self, name):
        complaint = self.env['scp.complaint'].create({
            'name': "Cracked valve", 'company_id': self.company.id, 'severity': 's3',
            'partner_id': self._get_hub(name).partner_id.id,
        })
        return self.env['scp.sla.clock'].search([('complaint_id', '=', complaint.id)]).target_h

    def test_call_list(self):
        """Where as much is to be gained, the call list of the day follows the grades."""
        self._score(JUNE)
        hubs = {name: self._get_hub(name) for name in ("Ann", "Bob", "Cat", "Dan")}
        self.Customer.browse(hub.id for hub in hubs.values()).value_at_stake = 0
        self.assertEqual(self._get_called(hubs), ["Ann", "Bob", "Cat", "Dan"])
        self.env['scp.value.override'].create({
            'customer_id': hubs["Dan"].id, 'grade_id': self.A.id, 'reason': "New plant", 'date_end': '2026-12-31',
        })
        self.env['scp.value.override'].create({
            'customer_id': hubs["Ann"].id, 'grade_id': self.D.id, 'reason': "Sold", 'date_end': '2026-12-31',
        })
        self.assertEqual(self._get_called(hubs), ["Dan", "Bob", "Cat", "Ann"])

    def _get_called(self, hubs):
        names = {hub.id: name for name, hub in hubs.items()}
        rows = self.env['scp.my.day']._get_call_rows(fields.Domain('id', 'in', list(names)))
        return [names[customer_id] for customer_id, *_figures in rows]

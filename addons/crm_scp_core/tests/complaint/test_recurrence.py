from datetime import timedelta
from math import exp

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_scp_core.models.complaint.recurrence_rules import get_expected, get_poisson_tail

from .common import ComplaintCommon


@tagged('post_install', '-at_install')
class TestRecurrence(ComplaintCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.company'].search([]).scp_recurrence_active = False
        cls.company.write({
            'scp_recurrence_active': True, 'scp_recurrence_days': 73, 'scp_recurrence_significance': 5.0,
        })
        cls.Recurrence = cls.env['scp.complaint.recurrence']
        cls.product.company_id = False

    def _complain(self, *days_ago, **values):
        """One complaint for each of `days_ago`."""
        return self.Complaint.union(*(
            self._create_complaint(**{
                'received_at': fields.Datetime.now() - timedelta(days=days), 'product_id': self.product.id,
                'category_id': self.category.id, 'occurrence_cause_id': self.occurrence.id, **values,
            })
            for days in days_ago
        ))

    def _detect(self):
        with self.enter_registry_test_mode():
            self.env.ref('crm_scp_core.ir_cron_scp_complaint_recurrence').method_direct_trigger()
        self.env.invalidate_all()
        return self.Recurrence.search([('company_id', 'in', (self.company | self.other_company).ids)])

    # === FORMULA ===#

    def test_poisson_by_hand(self):
        self.assertEqual(get_poisson_tail(0, 2.0), 1.0)
        self.assertEqual(get_poisson_tail(3, 0.0), 0.0)
        self.assertAlmostEqual(get_poisson_tail(1, 1.0), 1 - exp(-1), 12)
        # P(X >= 3 | 0.5) = 1 - e^-0.5 (1 + 1/2 + 1/8) = 1 - 0.6065307 x 1.625
        self.assertAlmostEqual(get_poisson_tail(3, 0.5), 0.014388, 6)
        # P(X >= 2 | 3) = 1 - e^-3 (1 + 3)
        self.assertAlmostEqual(get_poisson_tail(2, 3.0), 1 - 4 * exp(-3), 12)
        # far in the tail, where the complement would be lost in rounding: 0.1^12 / 12! e^-0.1 (1 + 0.1/13 + ...)
        self.assertAlmostEqual(get_poisson_tail(12, 0.1) * 479001600 * 1e12 / exp(-0.1), 1.00775, 5)
        with self.assertRaises(ValueError):
            get_poisson_tail(-1, 1.0)

    def test_expectation_by_hand(self):
        """Two in 365 days before: (2 + 1/2) x 73 / 365 = 0.5 in 73 days."""
        self.assertAlmostEqual(get_expected(2, 73), 0.5, 12)
        self.assertAlmostEqual(get_expected(0, 73), 0.1, 12)

    # === JOB ===#

    def test_recurrence_is_found(self):
        """Two in the year before, three in the window: p = 1.4 %; the cause covers the category."""
        self._complain(100, 300)
        self._complain(500)  # before the year before
        window = self._complain(1, 20, 70)
        recurrence = self._detect()
        today = fields.Date.context_today(self.env.user)
        self.assertRecordValues(recurrence, [{
            'company_id': self.company.id, 'product_id': self.product.id, 'cause_id': self.occurrence.id,
            'category_id': False, 'observed': 3, 'expected': 0.5, 'state': 'new',
            'date_from': today - timedelta(days=73), 'date_to': today,
        }])
        self.assertAlmostEqual(recurrence.p_value, 0.014388, 6)
        self.assertEqual(recurrence.complaint_ids, window.sorted())
        self.assertIn("3 complaints in 73 days, where 0.5", recurrence.reason)
        self.assertIn(self.quality, recurrence.activity_ids.user_id)

    def test_as_often_as_before_is_no_recurrence(self):
        """Fifteen in 365 days: 3.1 expected in 73, and P(X >= 3 | 3.1) is 60 %."""
        self._complain(*range(80, 380, 20))
        self._complain(1, 20, 70)
        self.assertFalse(self._detect())

    def test_two_are_too_few(self):
        self._complain(1, 20)
        self.assertFalse(self._detect())

    def test_what_does_not_count(self):
        """A duplicate, an unjustified one, one that follows another, and another product."""
        first, second = self._complain(1, 20)
        self._complain(3, state='duplicate', duplicate_of_id=first.id)
        self._complain(4, is_justified='no')
        self._complain(5, previous_id=second.id)
        self._complain(6, product_id=self.env['product.product'].create({'name': "Pump"}).id)
        self.assertFalse(self._detect())

    def test_category_where_no_cause_is_known(self):
        self._complain(1, 20, 40, occurrence_cause_id=False)
        recurrence = self._detect()
        self.assertRecordValues(recurrence, [{
            'cause_id': False, 'category_id': self.category.id, 'observed': 3, 'expected': 0.1,
        }])

    def test_next_night_updates(self):
        self._complain(1, 20, 40)
        first = self._detect()
        activities = len(first.activity_ids)
        self.assertEqual(self._detect(), first)
        self._complain(2)
        self.assertEqual(self._detect(), first)
        self.assertEqual((first.observed, len(first.complaint_ids)), (4, 4))
        self.assertEqual(len(first.activity_ids), activities, "asked once")

    def test_decided_counts_from_zero(self):
        self._complain(1, 20, 40)
        first = self._detect()
        first.with_user(self.quality).action_dismiss()
        self.assertFalse(first.activity_ids)
        self._complain(2, 3)
        self.assertEqual(self._detect(), first)
        self._complain(4)
        second = self._detect() - first
        self.assertEqual(second.observed, 3)
        self.assertFalse(second.complaint_ids & first.complaint_ids)

    def test_corrective_action(self):
        done, latest, _older = self._complain(1, 20, 40)
        self._resolve(done)
        recurrence = self._detect()
        recurrence.with_user(self.quality).action_accept()
        self.assertEqual(recurrence.state, 'accepted')
        self.assertRecordValues(recurrence.action_id, [{
            'kind': 'corrective', 'complaint_id': latest.id, 'user_id': self.quality.id,
            'due_date': fields.Date.context_today(self.env.user) + timedelta(days=14),
        }])
        recurrence.action_accept()
        self.assertEqual(len((done | latest).action_ids), 1, "not made twice")

    # === SETTINGS AND RIGHTS ===#

    def test_switched_off(self):
        self.company.scp_recurrence_active = False
        self._complain(1, 20, 40)
        self.assertFalse(self._detect())

    def test_significance(self):
        self.company.scp_recurrence_significance = 1.0
        self._complain(100, 300)
        self._complain(1, 20, 70)
        self.assertFalse(self._detect(), "1.4 % is not below 1 %")
        with self.assertRaises(ValidationError):
            self.company.scp_recurrence_significance = 0
        with self.assertRaises(ValidationError):
            self.company.scp_recurrence_days = 0

    def test_companies(self):
        """Three in two companies are three in none; each company's are for its people only."""
        self.other_company.scp_recurrence_active = True
        self._complain(1, 20)
        other_team = self.env['scp.complaint.team'].create({'name': "Asia", 'company_id': self.other_company.id})
        values = {'company_id': self.other_company.id, 'team_id': other_team.id, 'user_id': False}
        self._complain(3, **values)
        self.assertFalse(self._detect())
        self._complain(4, 5, **values)
        recurrence = self._detect()
        self.assertEqual(recurrence.company_id, self.other_company)
        self.assertNotIn(self.quality, recurrence.activity_ids.user_id)
        self.assertFalse(recurrence.with_user(self.quality).has_access('read'))
        self.quality.company_ids = [Command.link(self.other_company.id)]
        self.assertTrue(recurrence.with_user(self.quality).with_context(
            allowed_company_ids=self.other_company.ids).has_access('read'))

    def test_roles(self):
        self._complain(1, 20, 40)
        recurrence = self._detect()
        self.assertFalse(recurrence.with_user(self.salesman).has_access('read'))
        with self.assertRaises(AccessError):
            recurrence.with_user(self.auditor).action_dismiss()

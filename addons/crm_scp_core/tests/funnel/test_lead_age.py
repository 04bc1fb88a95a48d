from datetime import datetime

from odoo.tests import tagged

from ...models.funnel.crm_stage_age import MIN_WON_DEALS
from ...models.funnel.working_hours import HOUR, RoundTheClock
from .common import LeadLogCase


@tagged('post_install', '-at_install')
class TestLeadAge(LeadLogCase):
    """Won deals stayed 1, 2 ... 20 working hours in Need; three in four stayed at most 15.25.

    Working time is Monday to Friday, 8 to 12 and 13 to 17 o'clock in Paris, an hour ahead of UTC.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['crm.stage'].search([]).rotting_threshold_days = 0

    def win_deals(self, count):
        for number in range(1, count + 1):
            lead = self.create_lead('2026-03-02 07:00:00')  # Monday, 8:00
            days, hours = divmod(number, 8)
            with self.at(f'2026-03-{2 + days:02} {7 + hours + (hours > 4):02}:00:00'):
                lead.stage_id = self.listed
            with self.at('2026-03-20 07:00:00'):
                lead.action_set_won()
        with self.at('2026-03-21 07:00:00'):
            self.env['crm.stage']._learn_scp_usual_stay()

    def get_age(self, lead, moment):
        with self.at(moment):
            lead.invalidate_recordset()
            Lead = self.env['crm.lead'].with_context(active_test=False)
            found = [
                age for age in ('ok', 'watch', 'rot', 'dead', False)
                if Lead.search([('scp_age', '=', age), ('id', '=', lead.id)])
            ]
            self.assertEqual(found, [lead.scp_age], "the search finds what is shown")
            return lead.scp_age

    def test_usual_stay(self):
        self.win_deals(20)
        self.assertEqual(self.need.scp_usual_count, 20)
        # linear interpolation at 0.75 * 19 = 14.25 behind the first: 15.25 hours
        self.assertAlmostEqual(self.need.scp_usual_hours, 15.25)

    def test_classes(self):
        self.win_deals(20)
        lead = self.create_lead('2026-03-23 07:00:00')  # Monday, 8:00
        # bounds at 10.675, 15.25 and 30.5 working hours
        self.assertEqual(self.get_age(lead, '2026-03-24 09:00:00'), 'ok')  # 8 + 2
        self.assertEqual(self.get_age(lead, '2026-03-24 10:00:00'), 'watch')  # 8 + 3
        self.assertEqual(self.get_age(lead, '2026-03-24 15:00:00'), 'watch')  # 8 + 7
        self.assertEqual(self.get_age(lead, '2026-03-24 16:00:00'), 'rot')  # 16
        self.assertEqual(self.get_age(lead, '2026-03-26 13:00:00'), 'rot')  # 24 + 5
        self.assertEqual(self.get_age(lead, '2026-03-27 14:00:00'), 'dead')  # 32 + 6
        self.assertEqual(lead.scp_age_days, 4.8)  # 38 / 8, to one digit

    def test_a_weekend_does_not_age(self):
        self.win_deals(20)
        lead = self.create_lead('2026-03-13 15:00:00')  # Friday, 16:00
        self.assertEqual(self.get_age(lead, '2026-03-16 07:00:00'), 'ok')
        self.assertEqual(lead.scp_age_days, 0.1)  # an hour of eight

    def test_too_few_won_deals(self):
        self.win_deals(MIN_WON_DEALS - 1)
        lead = self.create_lead('2026-03-23 07:00:00')
        self.assertEqual((self.need.scp_usual_count, self.need.scp_usual_hours), (19, 0))
        self.assertFalse(self.get_age(lead, '2026-06-23 07:00:00'))

    def test_days_set_for_the_stage_serve_meanwhile(self):
        self.need.rotting_threshold_days = 10
        lead = self.create_lead('2026-03-02 07:00:00')
        self.assertEqual(self.get_age(lead, '2026-03-09 06:00:00'), 'ok')
        self.assertEqual(self.get_age(lead, '2026-03-09 08:00:00'), 'watch')
        self.assertEqual(self.get_age(lead, '2026-03-12 07:00:00'), 'rot')
        self.assertEqual(self.get_age(lead, '2026-03-22 07:00:00'), 'dead')
        self.assertEqual(lead.scp_age_days, 20)
        self.assertIn("n = 0", lead.scp_age_reason)

    def test_closed_deals_have_no_age(self):
        self.need.rotting_threshold_days = 1
        lead = self.create_lead('2026-03-02 07:00:00')
        with self.at('2026-03-03 07:00:00'):
            lead.action_set_lost()
        self.assertFalse(self.get_age(lead, '2026-03-30 07:00:00'))

    def test_a_reopened_deal_begins_anew(self):
        self.need.rotting_threshold_days = 10
        lead = self.create_lead('2026-03-02 07:00:00')
        with self.at('2026-03-03 07:00:00'):
            lead.action_set_lost()
        with self.at('2026-05-04 07:00:00'):
            lead.action_unarchive()
        self.assertEqual(self.get_age(lead, '2026-05-05 07:00:00'), 'ok')
        self.assertEqual(lead.scp_age_days, 1)

    def test_learning_twice_writes_nothing(self):
        self.win_deals(20)
        self.commit()
        with self.assertQueryCount(2):  # the stages, the log
            self.env['crm.stage']._learn_scp_usual_stay()
            self.env.flush_all()

    def test_the_job_learns(self):
        self.win_deals(MIN_WON_DEALS)
        self.need.write({'scp_usual_hours': 0.0, 'scp_usual_count': 0})
        cron = self.env.ref('crm_scp_core.ir_cron_scp_usual_stay')
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(self.need.scp_usual_count, MIN_WON_DEALS)

    def test_ages_of_many_deals_cost_no_query(self):
        self.win_deals(20)
        leads = self.env['crm.lead'].concat(*(self.create_lead('2026-03-23 07:00:00') for _number in range(10)))
        leads.mapped('scp_age')
        leads.mapped('stage_id.scp_usual_hours')
        leads.invalidate_recordset(['scp_age', 'scp_age_days', 'scp_age_reason'])
        with self.assertQueryCount(0):
            leads.mapped('scp_age')

    def test_rewind_undoes_plan(self):
        hours = self.calendar._get_scp_hours(self.company.id)
        end = datetime(2026, 3, 24, 10)  # Tuesday, 11:00
        self.assertEqual(hours.rewind(end, 4 * HOUR), datetime(2026, 3, 23, 15))  # 3 + 1 before Monday 17:00
        self.assertEqual(hours.count(hours.rewind(end, 1000 * HOUR), end), 1000 * HOUR)  # over new year
        self.assertEqual(RoundTheClock().rewind(end, 24 * HOUR), datetime(2026, 3, 23, 10))

from odoo import fields
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import LeadLogCase


@tagged('post_install', '-at_install')
class TestLeadLogCompany(LeadLogCase):
    """Several companies and currencies. The main company reports in its own currency."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.currency = cls.env['res.currency'].create({'name': 'XLG', 'symbol': 'x'})
        cls.env['res.currency.rate'].search(
            [('currency_id', '=', cls.company.currency_id.id)]).unlink()
        cls.branch = cls.env['res.company'].create(
            {'name': "Log Branch", 'currency_id': cls.currency.id})
        # units of the currency for one of the main company's: 4, then 5
        cls.env['res.currency.rate'].create([
            {'name': '2026-03-02', 'rate': 4, 'currency_id': cls.currency.id,
             'company_id': cls.company.id},
            {'name': '2026-03-04', 'rate': 5, 'currency_id': cls.currency.id,
             'company_id': cls.company.id},
        ])
        cls.branch_user = mail_new_test_user(
            cls.env, login='log_branch', groups='crm_scp_core.group_scp_manager',
            company_id=cls.branch.id)

    def create_branch_lead(self, moment, **values):
        return self.create_lead(
            moment, company_id=self.branch.id, team_id=False, user_id=False, stage_id=False,
            **values)

    def test_rate_of_the_day(self):
        lead = self.env['crm.lead']
        with self.at('2026-03-03 09:00:00'):
            lead = lead.with_company(self.branch).create({
                'name': "Abroad", 'company_id': self.branch.id, 'team_id': False,
                'user_id': self.branch_user.id, 'expected_revenue': 1000,
            })
        with self.at('2026-03-04 09:00:00'):
            lead.expected_revenue = 3000
        first, second = self.get_rows(lead)
        self.assertEqual(first.company_id, self.branch)
        self.assertEqual(first.currency_id, self.currency)
        self.assertEqual(first.reporting_currency_id, self.company.currency_id)
        self.assertAlmostEqual(first.currency_rate, 0.25)
        self.assertAlmostEqual(first.amount_reporting, 250)
        self.assertAlmostEqual(second.currency_rate, 0.2)
        self.assertAlmostEqual(second.amount_reporting, 600)
        self.assertEqual(second.amount_delta, 2000)

    def test_day_begins_where_the_company_works(self):
        # half past midnight of the 4th in Paris is still the 3rd in London
        self.branch.resource_calendar_id = self.calendar.copy({'company_id': self.branch.id})
        with self.at('2026-03-03 23:30:00'):
            lead = self.env['crm.lead'].with_company(self.branch).create({
                'name': "Night shift", 'company_id': self.branch.id,
                'user_id': self.branch_user.id, 'expected_revenue': 1000,
            })
        self.assertAlmostEqual(self.get_rows(lead).currency_rate, 0.2)

    def test_own_currency(self):
        row = self.get_rows(self.create_lead())
        self.assertEqual(row.currency_rate, 1)
        self.assertEqual(row.amount_reporting, 1000)

    def test_lead_without_company(self):
        """It counts like one of the reporting company; everybody sees it, as its lead."""
        with self.at('2026-03-03 09:00:00'):
            lead = self.env['crm.lead'].create({
                'name': "Nobody's", 'user_id': False, 'team_id': False, 'company_id': False,
                'expected_revenue': 10,
            })
        row = self.get_rows(lead)
        self.assertFalse(row.company_id)
        self.assertEqual(row.currency_id, self.company.currency_id)
        self.assertEqual(row.currency_rate, 1)

    def test_move_between_companies(self):
        lead = self.create_lead()
        with self.at('2026-03-05 09:00:00'):
            lead.sudo().write({
                'company_id': self.branch.id, 'user_id': self.branch_user.id, 'team_id': False,
            })
        row = self.get_rows(lead)[-1]
        self.assertTrue(row.change_company)
        self.assertEqual((row.company_from_id, row.company_id), (self.company, self.branch))
        self.assertEqual(row.currency_id, self.currency)
        self.assertAlmostEqual(row.amount_reporting, 200)

    def test_other_companies_see_nothing(self):
        row = self.get_rows(self.create_lead())
        foreign = self.env['scp.lead.log'].with_user(self.branch_user)
        self.assertFalse(foreign.search([('id', '=', row.id)]))
        self.branch_user.company_ids = [fields.Command.link(self.company.id)]
        both = foreign.with_context(allowed_company_ids=(self.branch | self.company).ids)
        self.assertTrue(both.search([('id', '=', row.id)]))

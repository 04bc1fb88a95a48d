import ast

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from .common import SegmentCommon


@tagged('post_install', '-at_install')
class TestScpSegmentUse(SegmentCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segment = cls._create_segment(name="Large", domain="[('partner_id.name', '=like', 'Large%')]")
        cls.owner = cls._create_company_user('segment_owner', 'crm_scp_core.group_scp_user')
        cls._get_customer(cls.large[0]).user_id = cls.owner

    def test_mailing(self):
        """The mailing goes to the members as they are when it is sent, not to their contacts."""
        self.large.email = "buyer@example.com"
        self.env['res.partner'].create({'name': "Contact", 'parent_id': self.large[0].id})
        action = self.segment.action_create_mailing()
        context = action['context']
        mailing = self.env['mailing.mailing'].with_context(**context).create({'subject': context['default_subject']})
        self.assertEqual((mailing.mailing_model_real, mailing.subject), ('res.partner', "Large"))
        self.assertEqual(set(mailing._get_recipients()), set(self.large.ids))
        self.large[0].name = "Little"
        self.segment._refresh()
        self.assertEqual(set(mailing._get_recipients()), set(self.large[1:].ids))

    def test_mailing_of_a_marketer(self):
        """Who writes mailings without a role in sales reads the recipients of a segment."""
        marketer = self._create_company_user('segment_marketer', 'mass_mailing.group_mass_mailing_user')
        domain = ast.literal_eval(self.segment.action_create_mailing()['context']['default_mailing_domain'])
        partners = self.env['res.partner'].with_user(marketer).search(domain)
        self.assertEqual(partners, self.large)
        self.assertEqual(partners.mapped('scp_segment_ids.name'), ["Large"])

    def test_deals(self):
        """One for each member, with his owner; a second click makes none, a lost one leaves room for another."""
        domain = self.segment.action_create_leads()['domain']
        deals = self.env['crm.lead'].search(domain)
        self.assertEqual(deals.partner_id, self.large)
        self.assertEqual(deals.filtered(lambda deal: deal.partner_id == self.large[0]).user_id, self.owner)
        self.segment.action_create_leads()
        self.assertEqual(self.env['crm.lead'].search(domain), deals)
        deals[0].action_set_lost()
        self.segment.action_create_leads()
        self.assertEqual(len(self.env['crm.lead'].search(domain)), 4)

    def test_activities(self):
        action = self.segment.action_plan_activities()
        self.assertEqual(action['res_model'], 'mail.activity.schedule')
        self.assertEqual(set(action['context']['active_ids']), set(self.large.ids))

    def test_win_back_plan(self):
        """Three activities for each customer, his owner's; a second click plans nothing twice."""
        customers = self.Customer.search([('partner_id', 'in', self.large.ids)])
        customers.action_start_win_back()
        activities = self.env['mail.activity'].search([
            ('res_model', '=', 'res.partner'), ('res_id', 'in', self.large.ids),
        ])
        self.assertEqual(len(activities), 12)
        own = activities.filtered(lambda activity: activity.res_id == self.large[0].id)
        self.assertEqual(own.user_id, self.owner)
        call = own.filtered(lambda activity: activity.summary == "Ask what has changed")
        self.assertEqual((call.date_deadline - fields.Date.context_today(call)).days, 1)
        message = customers.action_start_win_back()['params']['message']
        self.assertIn("planned already", message)
        call.action_done()
        customers.action_start_win_back()
        self.assertEqual(len(activities.exists().filtered('active')) + 1, 12)

    def test_win_back_plan_removed(self):
        self.env.ref('crm_scp_analytics.mail_activity_plan_win_back').active = False
        with self.assertRaisesRegex(UserError, "removed, archived or emptied"):
            self._get_customer(self.large[0]).action_start_win_back()

    def test_value_at_stake(self):
        """Churn risk times the revenue expected, on score and customer; who is not scored comes last."""
        for customer in self.Customer.search([('partner_id', 'in', self.partners.ids)]):
            expected = customer.churn_risk * customer.expected_revenue
            self.assertAlmostEqual(customer.value_at_stake, expected, delta=0.02)
        new = self._create_partners("New")
        self.Customer.create({'partner_id': new.id, 'company_id': self.company.id})
        ordered = self.Customer.search([('company_id', '=', self.company.id)], order='value_at_stake desc, id')
        self.assertEqual(ordered[-1].partner_id, new)
        stakes = ordered[:-1].mapped('value_at_stake')
        self.assertEqual(stakes, sorted(stakes, reverse=True))

    def test_call_list(self):
        """The most to gain first: 900 at stake before 400 open and 100 at stake, at a win rate of one half.

        400 / 2 + 100 = 300 before 250 at stake, although that customer has no open money.
        """
        customers = [self._get_customer(partner) for partner in self.large[1:]]
        self.env['scp.customer.measure'].create({
            'customer_id': customers[0].id, 'code': 'win_rate', 'period': fields.Date.today().replace(day=1),
            'numerator': 1, 'denominator': 2, 'n': 2,
        })
        self._get_customer(self.large[0]).user_id = False
        for customer, stake in zip(customers, (250, 900, 100), strict=True):
            customer.write({'user_id': self.owner.id, 'value_at_stake': stake, 'churn_risk': 0.6})
        self.env['crm.lead'].create({
            'name': "Open deal", 'type': 'opportunity', 'partner_id': self.large[3].id, 'user_id': self.owner.id,
            'company_id': self.company.id, 'expected_revenue': 400,
        })
        self.env.flush_all()
        day = self.env['scp.my.day'].with_user(self.owner).with_context(allowed_company_ids=self.company.ids)
        section = next(one for one in day.get_my_day('mine')['sections'] if one['id'] == 'calls')
        self.assertEqual([item['title'] for item in section['items']], ["Large 2", "Large 3", "Large 1"])
        self.assertRegex(section['items'][0]['why'], r"900.* at stake, churn risk 60 %\. No contact")
        self.assertIn("50 % of his open money", section['help'])

    def test_tour(self):
        """A manager writes a rule, looks at its customers, and sees the profiles."""
        self._create_company_user('segment_tour', 'crm_scp_core.group_scp_manager')
        self._create_segment(name="Kinds", kind='cluster', group_count=2)
        self.start_tour('/odoo/segments', 'scp_segments', login='segment_tour')
        new = self.Segment.search([('name', '=', "Everybody")])
        self.assertEqual(new.member_count, 12)

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import ValueCommon


@tagged('post_install', '-at_install')
class TestScpValueWhale(ValueCommon):
    """Profits of 60, 50, 0, -10 and -20: added up 60, 110, 110, 100, 80.

    The peak is 110; two customers who cost money take 30 of it away. The best fifth brings 60 of 80.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Whale = cls.env['scp.value.whale'].with_company(cls.company)
        cls.month = fields.Date.today().replace(day=1)
        cls.hubs = cls.Customer
        for name, profit in (("Ann", 60), ("Bob", 50), ("Cat", 0), ("Dan", -10), ("Eve", -20), ("Fay", None)):
            hub = cls.Customer.create({
                'partner_id': cls._create_partner(name).id, 'company_id': cls.company.id,
            })
            cls.hubs += hub
            if profit is not None:
                cls._measure(hub, profit, cls.month)
        # longer ago than a year
        cls._measure(cls.hubs[0], 1000, cls.month - relativedelta(months=12))

    @classmethod
    def _measure(cls, hub, profit, period):
        cls.env['scp.customer.measure'].create({
            'customer_id': hub.id, 'code': 'profit', 'period': period, 'numerator': profit, 'denominator': 100,
            'n': 1, 'currency_id': cls.company.currency_id.id, 'source': 'crm_scp_analytics',
        })

    def test_curve(self):
        result = self.Whale.get_whale({})
        figures = result['figures']
        self.assertEqual(
            {name: figures[name]['value'] for name in ('customers', 'total', 'peak', 'lost', 'losers', 'top_share')},
            {'customers': 5, 'total': 80, 'peak': 110, 'lost': 30, 'losers': 2, 'top_share': 0.75},
        )
        self.assertEqual(result['curve'], [[0, 0], [0.2, 60], [0.4, 110], [0.6, 110], [0.8, 100], [1, 80]])
        self.assertEqual([(loser['name'], loser['profit']) for loser in result['losers']], [("Eve", -20), ("Dan", -10)])
        self.assertEqual(result['unknown']['value'], 1)
        self.assertIn("2 of 5 customers cost money", result['sentence'])
        self.assertIn("75% of the profit", result['sentence'])

    def test_figures_open_their_customers(self):
        result = self.Whale.get_whale({})
        Customer = self.Customer.with_company(self.company)
        for name, names in (
            ('losers', {"Dan", "Eve"}), ('peak', {"Ann", "Bob"}), ('top_share', {"Ann"}),
            ('customers', {"Ann", "Bob", "Cat", "Dan", "Eve"}),
        ):
            found = Customer.search(result['figures'][name]['domain'])
            self.assertEqual(set(found.partner_id.mapped('name')), names, name)
        self.assertEqual(Customer.search(result['unknown']['domain']).partner_id.name, "Fay")
        for tenth in result['tenths']:
            self.assertEqual(Customer.search_count(tenth['customers']['domain']), tenth['customers']['value'])
        self.assertEqual(sum(tenth['profit']['value'] for tenth in result['tenths']), 80)

    def test_period(self):
        self.assertEqual(self.Whale.get_whale({'months': 24})['figures']['total']['value'], 1080)
        self.assertEqual(self.Whale.get_whale({'months': 7})['months'], 12)

    def test_own_customers_only(self):
        seller = self._create_company_user('whale_seller', 'crm_scp_core.group_scp_user')
        other = self._create_company_user('whale_other', 'crm_scp_core.group_scp_user')
        self.hubs.user_id = other
        self.hubs[3].user_id = seller
        result = self.Whale.with_user(seller).get_whale({})
        self.assertEqual(result['figures']['total']['value'], -10)
        self.assertIn("All 1 customers together cost money", result['sentence'])
        employee = new_test_user(self.env, 'whale_employee', 'base.group_user')
        with self.assertRaises(AccessError):
            self.Whale.with_user(employee).get_whale({})
        mine = self.Whale.with_user(other).get_whale({'user_ids': [other.id]})
        self.assertEqual(mine['figures']['customers']['value'], 4)

    def test_no_data(self):
        self.env['scp.customer.measure'].search([('customer_id', 'in', self.hubs.ids)]).unlink()
        result = self.Whale.get_whale({})
        self.assertIsNone(result['figures'])
        self.assertEqual(result['unknown']['value'], 6)

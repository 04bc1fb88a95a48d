from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import SQL

from .common import AssetCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-07-01 04:00')
class TestScpValueDashboard(AssetCommon):
    """As of 1 July 2026; net sales:

    ====  =============  ====================  ===========================
          to June 2024   July 2024-June 2025   July 2025-today
    Ann                  100                   150         bought again
    Bob                  60                                did not
    Cat                                        40          new
    Dan   30                                   10          back again
    ====  =============  ====================  ===========================
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Dashboard = cls.env['scp.value.dashboard'].with_company(cls.company)
        cls.hubs = cls._add_customers("Ann", "Bob", "Cat", "Dan")
        cls.ann, cls.bob, cls.cat, cls.dan = cls.hubs.values()
        cls._add_days(
            (cls.ann, '2025-01-10', 1, 100), (cls.ann, '2026-01-10', 1, 150),
            (cls.bob, '2025-03-01', 1, 60),
            (cls.cat, '2026-05-01', 1, 40),
            (cls.dan, '2024-01-01', 1, 30), (cls.dan, '2026-02-01', 1, 10),
        )
        cls._add_scoring(date(2026, 3, 31), [(cls.ann, 0, 80), (cls.bob, 1, 20)])
        cls._add_scoring(date(2026, 6, 30), [(cls.ann, 0, 100), (cls.cat, 1, 45), (cls.dan, 1, 15)])
        for hub, sales, overdue in ((cls.ann, 150, 0), (cls.cat, 40, 12.5), (cls.dan, 10, None)):
            cls.env.cr.execute(SQL(
                "UPDATE scp_value_score SET monetary = %s, overdue_amount = %s WHERE customer_id = %s AND date > %s",
                sales, overdue, hub.id, '2026-06-01',
            ))
        cls.bob.write({'life_cycle_stage': 'at_risk', 'value_at_stake': 500})
        cls.dan.write({'life_cycle_stage': 'at_risk'})

    def test_twelve_months(self):
        """Of Ann and Bob one bought again; 200 is a quarter more than 160."""
        year = self.Dashboard.get_dashboard({})['year']
        self.assertEqual((year['kept']['value'], year['kept']['part'], year['kept']['whole']), (0.5, 1, 2))
        self.assertEqual((year['left']['value'], year['new']['value']), (1, 1))
        self.assertEqual((year['sales']['value'], year['former']['value'], year['growth']), (200, 160, 0.25))
        for name, names in (('kept', ["Ann"]), ('left', ["Bob"]), ('new', ["Cat"])):
            self.assertEqual(self._get_names(year[name]), names, name)
        for name in ('sales', 'former'):
            self.assertEqual(sum(self._open(year[name]).mapped('amount')), year[name]['value'])

    def test_worth(self):
        """100 then; 100 + 45 + 15 = 160 now."""
        equity = self.Dashboard.get_dashboard({})['equity']
        self.assertEqual((equity['opening']['value'], equity['closing']['value']), (100, 160))
        self.assertEqual(equity['change'], {'value': 60, 'share': 0.6})

    def test_grades(self):
        """A: 1 of 3 customers, 100 of 160 worth, 150 of 200 sales."""
        first, second = self.Dashboard.get_dashboard({})['grades']
        self.assertEqual((first['label'], first['customers']['value']), (self.grades[0].name, 1))
        self.assertEqual((first['worth'], first['worth_share'], first['sales_share']), (100, 0.625, 0.75))
        self.assertAlmostEqual(first['customer_share'], 1 / 3)
        self.assertEqual(self._get_names(second['customers']), ["Cat", "Dan"])

    def test_risk(self):
        risk = self.Dashboard.get_dashboard({})['risk']
        self.assertEqual((risk['customers']['value'], risk['stake']['value']), (2, 500))
        self.assertEqual([(line['name'], line['stake']) for line in risk['named']], [("Bob", 500)])
        self.assertEqual(self._get_names(risk['customers']), ["Bob", "Dan"])

    def test_money(self):
        money = self.Dashboard.get_dashboard({})['money']
        self.assertEqual((money['overdue']['value'], money['customers']['value']), (12.5, 1))
        self.assertEqual(self._get_names(money['overdue']), ["Cat"])

    def test_profit(self):
        """What nobody has measured is no data."""
        self.assertIsNone(self.Dashboard.get_dashboard({})['profit'])
        self.env['scp.customer.measure'].create({
            'customer_id': self.ann.id, 'code': 'profit', 'period': '2026-06-01', 'numerator': 42, 'denominator': 100,
            'n': 1, 'currency_id': self.company.currency_id.id, 'source': 'crm_scp_analytics',
        })
        self.assertEqual(self.Dashboard.get_dashboard({})['profit']['total']['value'], 42)

    def test_own_customers_only(self):
        seller = self._create_company_user('dashboard_seller', 'crm_scp_core.group_scp_user')
        other = self._create_company_user('dashboard_other', 'crm_scp_core.group_scp_user')
        for hub in self.hubs.values():
            hub.user_id = other
        self.cat.user_id = seller
        own = self.Dashboard.with_user(seller).get_dashboard({})
        self.assertEqual(own['year']['sales']['value'], 40)
        self.assertEqual((own['equity']['closing']['value'], own['risk']['customers']['value']), (45, 0))
        self.assertEqual([grade['customers']['value'] for grade in own['grades']], [1])
        mine = self.Dashboard.get_dashboard({'user_ids': [other.id]})
        self.assertEqual((mine['year']['sales']['value'], mine['equity']['closing']['value']), (160, 115))
        employee = new_test_user(self.env, 'dashboard_employee', 'base.group_user')
        with self.assertRaises(AccessError):
            self.Dashboard.with_user(employee).get_dashboard({})

    def test_readers(self):
        for role in ('team', 'manager', 'auditor'):
            user = self._create_company_user(f'dashboard_{role}', f'crm_scp_core.group_scp_{role}')
            self.assertTrue(self.Dashboard.with_user(user).get_dashboard({})['has_data'], role)

    def test_no_data(self):
        empty = self._add_company("Dashboard Empty", self.env.ref('base.USD'))
        result = self.Dashboard.with_context(allowed_company_ids=empty.ids).with_company(empty).get_dashboard({})
        self.assertFalse(result['has_data'])
        self.assertIsNone(result['year']['kept']['value'])
        self.assertIsNone(result['year']['growth'])
        self.assertIsNone(result['money']['overdue']['value'])
        self.assertEqual(result['currency']['id'], self.env.ref('base.USD').id)

    def test_statements(self):
        """However many customers."""
        self.Dashboard.get_dashboard({})
        self.env.invalidate_all()
        with self.assertQueryCount(20):
            self.Dashboard.get_dashboard({})

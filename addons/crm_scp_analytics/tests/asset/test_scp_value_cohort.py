from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import AssetCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-06-15 04:00')
class TestScpValueCohort(AssetCommon):
    """Four new customers, as of 15 June. Net sales by month:

    ======  =====  =====  =====  =====
            March  April  May    June
    Ann     100    50     30
    Bob     100           -20
    Cat            200           40
    Dan                          10
    ======  =====  =====  =====  =====

    Bob gave back in May, and bought nothing. Eve gave something back and has never bought.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Cohort = cls.env['scp.value.cohort'].with_company(cls.company)
        cls.hubs = cls._add_customers("Ann", "Bob", "Cat", "Dan", "Eve")
        ann, bob, cat, dan, eve = cls.hubs.values()
        cls._add_days(
            (ann, '2026-03-05', 1, 60), (ann, '2026-03-31', 2, 40), (ann, '2026-04-10', 1, 50),
            (ann, '2026-05-20', 1, 30),
            (bob, '2026-03-20', 1, 100), (bob, '2026-05-02', 0, -20),
            (cat, '2026-04-01', 1, 200), (cat, '2026-06-10', 1, 40),
            (dan, '2026-06-01', 1, 10),
            (eve, '2026-05-05', 0, -5),
        )

    def _get_values(self, row, name):
        return [cell and cell['value'] for cell in row[name]]

    def test_customers(self):
        """Of the two of March one came back in April (50 %) and in May, nobody in June so far. Who was new in April
        cannot have a third month yet. All: one of three after a month; one of two after two, June left out."""
        result = self.Cohort.get_cohorts({'count': 6})
        march, april, june = result['rows']
        self.assertEqual([row['label'] for row in result['rows']], ["2026-03", "2026-04", "2026-06"])
        self.assertEqual([row['customers']['value'] for row in result['rows']], [2, 1, 1])
        self.assertEqual(self._get_values(march, 'retention'), [0.5, 0.5, 0])
        self.assertEqual(self._get_values(april, 'retention'), [0, 1, None])
        self.assertEqual(self._get_values(june, 'retention'), [None, None, None])
        self.assertEqual([cell and cell['is_open'] for cell in april['retention']], [False, True, None])
        self.assertEqual(self._get_values(result['all'], 'retention'), [1 / 3, 0.5, None])
        self.assertEqual(
            result['sentence'],
            "Of 3 new customers 33 % bought again in the month after. "
            "Of 2 who became customers early enough, 50 % bought 2 months after.",
        )

    def test_revenue(self):
        """March: 200 at first, then 50, then 30 - 20. April: 200, nothing, 40. All: 50 of 400, then 10 of 200."""
        result = self.Cohort.get_cohorts({'count': 6})
        march, april, _june = result['rows']
        self.assertEqual([row['revenue']['value'] for row in result['rows']], [200, 200, 10])
        self.assertEqual(self._get_values(march, 'money'), [0.25, 0.05, 0])
        self.assertEqual(self._get_values(april, 'money'), [0, 0.2, None])
        self.assertEqual(self._get_values(result['all'], 'money'), [0.125, 0.05, None])

    def test_quarters(self):
        """Ann and Bob are of the first quarter, both half-way through the second: one bought, 60 of 200."""
        result = self.Cohort.get_cohorts({'step': 'quarter', 'count': 6})
        self.assertEqual([row['label'] for row in result['rows']], ["Q1 2026", "Q2 2026"])
        first, second = result['rows']
        self.assertEqual(self._get_values(first, 'retention'), [0.5])
        self.assertEqual(self._get_values(first, 'money'), [0.3])
        self.assertEqual((second['customers']['value'], second['revenue']['value']), (2, 250))
        self.assertEqual(self._get_values(result['all'], 'retention'), [None])
        self.assertEqual(result['sentence'], "")
        with self.assertRaisesRegex(UserError, "not by week"):
            self.Cohort.get_cohorts({'step': 'week'})

    def test_earlier_cohorts_are_left_out(self):
        """Ann has bought two years ago: she is no new customer of March, whoever looks at six months."""
        self._add_days((self.hubs["Ann"], '2024-03-05', 1, 7))
        result = self.Cohort.get_cohorts({'count': 6})
        self.assertEqual(result['rows'][0]['customers']['value'], 1)
        self.assertEqual(self._get_names(result['rows'][0]['customers']), ["Bob"])

    def test_days_to_come_do_not_count(self):
        self._add_days((self.hubs["Dan"], '2026-06-20', 1, 500))
        self.assertEqual(self.Cohort.get_cohorts({'count': 6})['rows'][-1]['revenue']['value'], 10)

    def test_nothing_left_of_the_first_period(self):
        """A share of nothing is no data."""
        self._add_days((self.hubs["Dan"], '2026-06-02', 0, -10), (self.hubs["Cat"], '2026-04-20', 0, -200))
        april = self.Cohort.get_cohorts({'count': 6})['rows'][1]
        self.assertEqual(self._get_values(april, 'money'), [None, None, None])
        self.assertEqual(self._get_values(april, 'retention'), [0, 1, None])

    def test_figures_open_their_records(self):
        result = self.Cohort.get_cohorts({'count': 6})
        for row in result['rows']:
            self.assertEqual(len(self._open(row['customers'])), row['customers']['value'], row['label'])
            self.assertEqual(sum(self._open(row['revenue']).mapped('amount')), row['revenue']['value'], row['label'])
            for age, (heads, money) in enumerate(zip(row['retention'], row['money'], strict=True), 1):
                if heads:
                    self.assertEqual(len(self._open(heads)), heads['part'], (row['label'], age))
                    self.assertEqual(sum(self._open(money).mapped('amount')), money['part'], (row['label'], age))
        self.assertEqual(self._get_names(result['all']['retention'][0]), ["Ann"])
        self.assertEqual(self._get_names(result['all']['retention'][1]), ["Ann"])

    def test_companies_apart(self):
        """The same partner is new to the other company in May, in its own currency."""
        other = self._add_company("Cohort Dollars", self.env.ref('base.USD'))
        hub = self.Customer.create({'partner_id': self.hubs["Ann"].partner_id.id, 'company_id': other.id})
        self._add_days((hub, '2026-05-05', 1, 999))
        self.assertEqual(len(self.Cohort.get_cohorts({'count': 6})['rows']), 3)
        result = self.Cohort.with_context(
            allowed_company_ids=(other + self.company).ids).with_company(other).get_cohorts({'count': 6})
        self.assertEqual([row['revenue']['value'] for row in result['rows']], [999])
        self.assertEqual(result['currency']['id'], self.env.ref('base.USD').id)

    def test_own_customers_only(self):
        seller = self._create_company_user('cohort_seller', 'crm_scp_core.group_scp_user')
        other = self._create_company_user('cohort_other', 'crm_scp_core.group_scp_user')
        for name, hub in self.hubs.items():
            hub.user_id = seller if name == "Cat" else other
        own = self.Cohort.with_user(seller).get_cohorts({'count': 6})
        self.assertEqual([row['label'] for row in own['rows']], ["2026-04"])
        everything = self.Cohort.get_cohorts({'count': 6})
        self.assertEqual(self._get_names(everything['rows'][0]['customers'], seller), [])
        mine = self.Cohort.get_cohorts({'count': 6, 'user_ids': [other.id]})
        self.assertEqual([row['label'] for row in mine['rows']], ["2026-03", "2026-06"])

    def test_readers(self):
        auditor = self._create_company_user('cohort_auditor', 'crm_scp_core.group_scp_auditor')
        self.assertEqual(len(self.Cohort.with_user(auditor).get_cohorts({'count': 6})['rows']), 3)
        for group in ('base.group_user', 'crm_scp_core.group_scp_quality'):
            user = new_test_user(self.env, f'cohort {group}', group)
            with self.assertRaises(AccessError):
                self.Cohort.with_user(user).get_cohorts({})

    def test_archived_customers_count(self):
        self.hubs["Bob"].partner_id.active = False
        result = self.Cohort.get_cohorts({'count': 6})
        self.assertEqual(result['rows'][0]['customers']['value'], 2)
        self.assertEqual(self._get_names(result['rows'][0]['customers']), ["Ann", "Bob"])

    def test_no_data(self):
        empty = self._add_company("Cohort Empty", self.env.ref('base.EUR'))
        result = self.Cohort.with_context(allowed_company_ids=empty.ids).with_company(empty).get_cohorts({})
        self.assertEqual((result['rows'], result['ages'], result['sentence']), ([], [], ""))

    def test_one_statement(self):
        """However many customers and periods, the figures come in one."""
        self.Cohort.get_cohorts({'count': 6})
        with self.assertQueryCount(1):
            self.Cohort.get_cohorts({'count': 6})

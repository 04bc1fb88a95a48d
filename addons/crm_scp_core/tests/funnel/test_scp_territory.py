from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ..common import ScpCommon


@tagged('post_install', '-at_install')
class TestTerritory(ScpCommon):
    """The tree of the tests:

    DACH: Germany, Austria                    Chemicals: industry C, any country
      South: Germany, postcodes 80 to 85
        Munich: postcodes 80 and 81
      Water: industry E
    Nordic (a heading): Sweden below it
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['scp.territory'].search([]).action_archive()
        cls.de, cls.at, cls.fr, cls.se = (
            cls.env.ref(f'base.{code}') for code in ('de', 'at', 'fr', 'se'))
        cls.chemicals_industry = cls.env.ref('base.res_partner_industry_C')
        cls.water_industry = cls.env.ref('base.res_partner_industry_E')
        cls.dach = cls._create_territory("DACH", country_ids=cls.de | cls.at)
        cls.south = cls._create_territory(
            "South", parent_id=cls.dach, country_ids=cls.de, zip_from='80', zip_to='85')
        cls.munich = cls._create_territory("Munich", parent_id=cls.south, zip_from='80', zip_to='81')
        cls.water = cls._create_territory(
            "Water", parent_id=cls.dach, industry_ids=cls.water_industry)
        cls.chemicals = cls._create_territory("Chemicals", industry_ids=cls.chemicals_industry)
        cls.nordic = cls._create_territory("Nordic")
        cls.sweden = cls._create_territory("Sweden", parent_id=cls.nordic, country_ids=cls.se)

    @classmethod
    def _create_territory(cls, name, **values):
        return cls.env['scp.territory'].create({
            'name': name,
            **{fname: value if isinstance(value, str) else value.ids if fname.endswith('_ids') else value.id
               for fname, value in values.items()},
        })

    def lead(self, country=None, code=None, industry=None, **values):
        partner = industry and self._create_partner(
            "Somebody", industry_id=industry.id, country_id=country and country.id, zip=code)
        return self.env['crm.lead'].create({
            'name': "A deal", 'type': 'opportunity', 'country_id': country and country.id,
            'zip': code, 'partner_id': partner and partner.id, 'company_id': self.company.id, **values,
        })

    def assertTerritory(self, lead, territory):
        self.assertEqual(lead.scp_territory_id.name or None, territory and territory.name)

    def test_most_specific_wins(self):
        self.assertTerritory(self.lead(self.de, '20095'), self.dach)
        self.assertTerritory(self.lead(self.at, '8010'), self.dach)  # 80 is Graz there
        self.assertTerritory(self.lead(self.de, '85748'), self.south)
        self.assertTerritory(self.lead(self.de, '86150'), self.dach)
        self.assertTerritory(self.lead(self.de, '81 667'), self.munich)
        self.assertTerritory(self.lead(self.fr, '80000'), None)
        self.assertTerritory(self.lead(), None)

    def test_depth_comes_before_industry(self):
        """Equally deep, a postcode is narrower than an industry; deeper in the tree beats both."""
        self.assertTerritory(self.lead(self.fr, industry=self.chemicals_industry), self.chemicals)
        self.assertTerritory(self.lead(self.de, '20095', self.chemicals_industry), self.dach)
        self.assertTerritory(self.lead(self.de, '20095', self.water_industry), self.water)
        self.assertTerritory(self.lead(self.de, '85748', self.water_industry), self.south)
        self.assertTerritory(self.lead(self.de, '80331', self.water_industry), self.munich)

    def test_sequence_decides_between_equals(self):
        rival = self._create_territory("Rival", country_ids=self.at)
        lead = self.lead(self.at)
        self.assertTerritory(lead, self.dach)
        rival.sequence = 1
        lead.invalidate_recordset()
        self.assertTerritory(lead, rival)

    def test_heading_holds_what_its_parts_hold(self):
        lead = self.lead(self.se)
        self.assertTerritory(lead, self.sweden)
        self.assertIn(lead, self.env['crm.lead'].search([('scp_territory_id', 'child_of', self.nordic.id)]))
        self.assertNotIn(lead, self.env['crm.lead'].search([('scp_territory_id', '=', self.nordic.id)]))

    def test_contact_takes_industry_of_its_company(self):
        company = self._create_partner("Works", industry_id=self.water_industry.id, country_id=self.at.id)
        contact = self.env['res.partner'].create({'name': "Buyer", 'parent_id': company.id})
        contact.industry_id = False
        lead = self.env['crm.lead'].create({'name': "A deal", 'partner_id': contact.id})
        self.assertTerritory(lead, self.water)
        located = self.env['scp.territory']._resolve_partners((company | contact).ids)
        self.assertEqual(located, {company.id: self.water.id, contact.id: self.water.id})

    def test_search_finds_what_is_shown(self):
        leads = self.env['crm.lead'].union(*(
            self.lead(country, code)
            for country, code in ((self.de, '20095'), (self.de, '80331'), (self.fr, '69007'), (self.se, None))))
        for domain in (
            [('scp_territory_id', '=', self.dach.id)],
            [('scp_territory_id', 'child_of', self.dach.ids)],
            [('scp_territory_id', '=', False)],
            [('scp_territory_id', 'in', [False, self.sweden.id])],
            [('scp_territory_id', '!=', False)],
            [('scp_territory_id', 'not in', self.munich.ids)],
        ):
            domain = [('id', 'in', leads.ids), *domain]
            self.assertEqual(leads.search(domain), leads.filtered_domain(domain).sorted(), domain)

    def test_search_by_name(self):
        """What is typed into the search bar: the territory with all its parts."""
        leads = self.lead(self.de, '20095') | self.lead(self.de, '80331')
        self.assertEqual(leads.search([('scp_territory_id', 'child_of', "DACH"), ('id', 'in', leads.ids)]), leads)

    def test_groups(self):
        """Grouped and sorted in SQL, in the order of the territories; each group finds its leads."""
        leads = self.env['crm.lead'].union(*(
            self.lead(country, code)
            for country, code in ((self.se, None), (self.de, '20095'), (self.fr, '69007'), (self.at, '8010'))))
        self.assertTrue(leads.fields_get(['scp_territory_id'], ['groupable'])['scp_territory_id']['groupable'])
        domain = [('id', 'in', leads.ids)]
        groups = leads.formatted_read_group(domain, ['scp_territory_id'], ['__count'])
        self.assertEqual(
            [(group['scp_territory_id'] and group['scp_territory_id'][0], group['__count']) for group in groups],
            [(self.dach.id, 2), (self.sweden.id, 1), (False, 1)])
        for group in groups:
            self.assertEqual(leads.search_count([*domain, *group['__extra_domain']]), group['__count'])
        self.assertEqual(
            leads.search(domain, order='scp_territory_id, id').scp_territory_id, self.dach | self.sweden)

    def test_groups_cost_no_query_each(self):
        leads = self.env['crm.lead'].union(*(self.lead(self.de, f'8{i}000') for i in range(9)))
        self.env.flush_all()

        def count(records):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            records._read_group([('id', 'in', records.ids)], ['scp_territory_id'], ['__count'])
            return self.cr.sql_log_count - before

        count(leads)
        self.assertEqual(count(leads), count(leads[:1]))

    def test_archived_leads_have_a_territory(self):
        lead = self.lead(self.at)
        lead.action_set_lost()
        found = lead.with_context(active_test=False).search([('scp_territory_id', '=', self.dach.id)])
        self.assertIn(lead, found)

    def test_territory_of_another_company(self):
        self.dach.company_id = self.other_company
        self.south.company_id = self.munich.company_id = self.water.company_id = self.other_company
        self.assertTerritory(self.lead(self.at), None)
        self.assertTerritory(self.lead(self.at, company_id=self.other_company.id), self.dach)

    def test_many_leads_one_statement(self):
        leads = self.env['crm.lead'].union(*(self.lead(self.de, f'8{i}000') for i in range(9)))
        self.env.flush_all()
        leads.invalidate_recordset()
        self.env['scp.territory']._get_rules()
        leads.mapped('name')
        with self.assertQueryCount(1):
            self.env['scp.territory']._resolve_leads(leads.ids)

    def test_loop_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "“DACH” cannot lie within itself"), self.cr.savepoint():
            self.dach.parent_id = self.munich

    def test_parts_stay_within(self):
        with self.assertRaisesRegex(ValidationError, "DACH / Paris.*France"), self.cr.savepoint():
            self._create_territory("Paris", parent_id=self.dach, country_ids=self.fr)
        with self.assertRaisesRegex(ValidationError, "South / Berlin.*10"), self.cr.savepoint():
            self._create_territory("Berlin", parent_id=self.south, zip_from='10')
        with self.assertRaisesRegex(ValidationError, "South.*Germany"), self.cr.savepoint():
            self.dach.country_ids = self.at
        with self.assertRaisesRegex(ValidationError, "California"), self.cr.savepoint():
            self.dach.state_ids = self.env.ref('base.state_us_5')

    def test_postcodes_make_sense(self):
        with self.assertRaisesRegex(ValidationError, "end at 10.*begin at 20"), self.cr.savepoint():
            self._create_territory("Backwards", zip_from='20', zip_to='10')
        with self.assertRaisesRegex(ValidationError, "Postcodes From"), self.cr.savepoint():
            self._create_territory("Open", zip_to='10')

    def test_criteria_in_words(self):
        self.assertEqual(self.munich.criteria, "Germany, 80–81")
        self.assertEqual(self.water.criteria, f"Austria, Germany, {self.water_industry.name}")

    def test_only_managers_draw_the_map(self):
        for user in (self.salesman, self.leader, self.auditor):
            self.assertTrue(self.dach.with_user(user).name)
            with self.assertRaises(AccessError):
                self.dach.with_user(user).name = "Mine"
        self.dach.with_user(self.manager).name = "Central Europe"
        with self.assertRaises(AccessError):
            self.dach.with_user(self.internal).read(['name'])

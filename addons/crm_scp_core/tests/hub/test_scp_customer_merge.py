from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.crm_scp_core.tests.common import ScpCommon


@tagged('post_install', '-at_install')
class TestScpCustomerMerge(ScpCommon):

    def setUp(self):
        super().setUp()
        self.kept = self._create_partner("Kept", email='merge@scp.example.com')
        self.gone = self._create_partner("Gone", email='merge@scp.example.com')
        self.third = self._create_partner("Third", email='merge@scp.example.com')

    def _merge(self, kept, *gone):
        wizard = self.env['base.partner.merge.automatic.wizard'].create({})
        wizard._merge((kept.union(*gone)).ids, kept)

    def test_both_have_a_record(self):
        """100 in January here, 40 in January and 60 in February there: 140 and 60."""
        self._create_order(self.kept, 100, '2026-01-10')
        self._create_order(self.gone, 40, '2026-01-20')
        self._create_order(self.gone, 60, '2026-02-20')
        self._refresh()
        customer = self._get_customer(self.kept)
        source = self._get_customer(self.gone)
        source.write({'user_id': self.salesman.id, 'preferred_channel': 'visit'})
        self._merge(self.kept, self.gone)
        self.assertFalse(self.gone.exists())
        self.assertFalse(source.exists())
        self.assertEqual(self._get_customer(self.kept), customer)
        self.assertEqual(self._read_measures(customer, 'orders'), {
            '2026-01-01': (140, 2, 2), '2026-02-01': (60, 1, 1),
        })
        self.assertEqual(customer.user_id, self.salesman, "an empty owner is filled")
        self.assertEqual(customer.team_id, self.team_north)
        self.assertEqual(customer.preferred_channel, 'visit')

    def test_record_that_stays_wins(self):
        self._create_order(self.kept, 100, '2026-01-10')
        self._create_order(self.gone, 40, '2026-01-20')
        self._refresh()
        grade_a, grade_b = self.env['scp.grade'].search([], limit=2)
        customer, source = self._get_customer(self.kept), self._get_customer(self.gone)
        customer.write({
            'user_id': self.stranger.id, 'life_cycle_stage': 'stable', 'grade_id': grade_b.id,
            'value_score': 60, 'scored_at': '2026-01-31',
        })
        source.write({
            'user_id': self.salesman.id, 'life_cycle_stage': 'lost', 'grade_id': grade_a.id,
            'value_score': 90, 'scored_at': '2026-02-01',
        })
        self._merge(self.kept, self.gone)
        self.assertEqual(customer.user_id, self.stranger)
        self.assertEqual(customer.life_cycle_stage, 'stable')
        self.assertEqual((customer.grade_id, customer.value_score), (grade_b, 60))

    def test_only_the_other_has_a_record(self):
        self._create_order(self.gone, 40, '2026-01-20')
        self._refresh()
        customer = self._get_customer(self.gone)
        customer.user_id = self.salesman
        self._merge(self.kept, self.gone)
        self.assertEqual(self._get_customer(self.kept), customer, "the same row under a new name")
        self.assertEqual(customer.user_id, self.salesman)
        self.assertEqual(self._read_measures(customer, 'orders'), {'2026-01-01': (40, 1, 1)})

    def test_three_contacts_two_companies(self):
        for amount, partner in enumerate((self.kept, self.gone, self.third), 1):
            self._create_order(partner, amount, '2026-01-10')
        self._create_order(self.gone, 10, '2026-01-10', company=self.other_company)
        self._create_order(self.third, 20, '2026-01-10', company=self.other_company)
        self._refresh()
        self._merge(self.kept, self.gone, self.third)
        rows = self.Customer.search([('partner_id', '=', self.kept.id)])
        self.assertEqual(len(rows), 2)
        here = self._get_customer(self.kept)
        there = self._get_customer(self.kept, self.other_company)
        self.assertEqual(self._read_measures(here, 'orders'), {'2026-01-01': (6, 3, 3)})
        self.assertEqual(self._read_measures(there, 'orders'), {'2026-01-01': (30, 2, 2)})

    def test_into_a_contact_inside_a_company(self):
        """The record goes to the company as a whole."""
        whole = self._create_partner("Whole")
        inside = self._create_partner(
            "Inside", is_company=False, parent_id=whole.id, email='merge@scp.example.com',
        )
        person = self._create_partner(
            "Person", is_company=False, email='merge@scp.example.com',
        )
        self._create_order(person, 40, '2026-01-10')
        self._refresh()
        customer = self._get_customer(person)
        self._merge(inside, person)
        self.assertEqual(customer.partner_id, whole)
        self.assertEqual(self._read_measures(customer, 'orders'), {'2026-01-01': (40, 1, 1)})

    def test_links_to_the_merged_record_follow(self):
        self._create_order(self.kept, 100, '2026-01-10')
        self._create_order(self.gone, 40, '2026-01-20')
        self._refresh()
        customer, source = self._get_customer(self.kept), self._get_customer(self.gone)
        attachment = self.env['ir.attachment'].create({
            'name': "Contract", 'res_model': 'scp.customer', 'res_id': source.id,
        })
        self._merge(self.kept, self.gone)
        self.assertEqual(attachment.res_id, customer.id)

    def test_without_any_record(self):
        self._merge(self.kept, self.gone)
        self.assertFalse(self._get_customer(self.kept))

    def test_archived_contact(self):
        self._create_order(self.gone, 40, '2026-01-20')
        self._refresh()
        customer = self._get_customer(self.gone)
        self.gone.active = False
        self._merge(self.kept, self.gone)
        self.assertEqual(customer.partner_id, self.kept)


@tagged('post_install', '-at_install')
class TestScpCustomerRehome(ScpCommon):

    def test_customer_gets_a_parent(self):
        """A person with business of his own joins a company that is a customer too."""
        company = self._create_partner("Holding")
        person = self._create_partner("Founder", is_company=False)
        self._create_order(company, 100, '2026-01-10')
        self._create_order(person, 40, '2026-01-20')
        self._refresh()
        customer, source = self._get_customer(company), self._get_customer(person)
        source.user_id = self.salesman
        person.parent_id = company
        self.assertFalse(source.exists())
        self.assertEqual(customer.user_id, self.salesman)
        self.assertEqual(self._read_measures(customer, 'orders'), {'2026-01-01': (140, 2, 2)})

    def test_customer_gets_a_parent_without_record(self):
        company = self._create_partner("Holding")
        person = self._create_partner("Founder", is_company=False)
        self._create_order(person, 40, '2026-01-20')
        self._refresh()
        customer = self._get_customer(person)
        person.parent_id = company
        self.assertEqual(customer.partner_id, company)
        self.assertEqual(self._read_measures(customer, 'orders'), {'2026-01-01': (40, 1, 1)})

    def test_contact_changes_company(self):
        """His orders go with him; both companies keep their record."""
        first, second = self._create_partner("First"), self._create_partner("Second")
        contact = self._create_partner("Mover", is_company=False, parent_id=first.id)
        self._create_order(first, 100, '2026-01-10')
        self._create_order(contact, 40, '2026-01-20')
        self._refresh()
        customer = self._get_customer(first)
        customer.user_id = self.salesman
        contact.parent_id = second
        self.assertEqual(customer.partner_id, first)
        self.assertEqual(customer.user_id, self.salesman)
        self.assertEqual(self._read_measures(customer, 'orders'), {'2026-01-01': (100, 1, 1)})
        self.assertEqual(
            self._read_measures(self._get_customer(second), 'orders'), {'2026-01-01': (40, 1, 1)},
        )

    def test_contact_becomes_a_company(self):
        whole = self._create_partner("Whole")
        contact = self._create_partner("Branch", is_company=False, parent_id=whole.id)
        self._create_order(contact, 40, '2026-01-20')
        self._refresh()
        contact.is_company = True
        self.assertEqual(
            self._read_measures(self._get_customer(contact), 'orders'), {'2026-01-01': (40, 1, 1)},
        )
        self.assertFalse(self._get_customer(whole).measure_ids)

    def test_company_with_contacts_gets_a_parent(self):
        """Contacts below follow: their orders count for the new head, too."""
        head = self._create_partner("Head")
        office = self._create_partner("Office", is_company=False)
        clerk = self._create_partner("Clerk", is_company=False, parent_id=office.id)
        self._create_order(clerk, 40, '2026-01-20')
        self._refresh()
        customer = self._get_customer(office)
        office.parent_id = head
        self.assertEqual(clerk.commercial_partner_id, head)
        self.assertEqual(customer.partner_id, head)
        self.assertEqual(self._read_measures(customer, 'orders'), {'2026-01-01': (40, 1, 1)})

    def test_several_at_once(self):
        head = self._create_partner("Head")
        people = self.env['res.partner']
        for i in range(3):
            person = self._create_partner(f"Person {i}", is_company=False)
            self._create_order(person, 10, '2026-01-20')
            people |= person
        self._refresh()
        people.write({'parent_id': head.id})
        rows = self.Customer.search([('partner_id', 'in', (people | head).ids)])
        self.assertEqual(len(rows), 1)
        self.assertEqual(self._read_measures(rows, 'orders'), {'2026-01-01': (30, 3, 3)})

    def test_salesman_moves_a_contact_of_somebody_else(self):
        """Who may edit contacts may restructure them, whoever owns the customers."""
        head = self._create_partner("Head")
        person = self._create_partner("Person", is_company=False)
        self._create_order(person, 10, '2026-01-20')
        self._refresh()
        customer = self._get_customer(person)
        customer.user_id = self.stranger
        self.salesman.group_ids += self.env.ref('base.group_partner_manager')
        person.with_user(self.salesman).parent_id = head
        self.assertEqual(customer.partner_id, head)

    def test_contacts_without_business_cost_one_query(self):
        head = self._create_partner("Head")

        def count(vals):
            person = self._create_partner("Plain", is_company=False)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            person.write(vals)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        Partner = type(self.env['res.partner'])
        count({'parent_id': head.id})
        with_rehome = count({'parent_id': head.id})
        with patch.object(Partner, '_scp_rehome', lambda partners, moves: None):
            without = count({'parent_id': head.id})
        self.assertEqual(with_rehome - without, 1)

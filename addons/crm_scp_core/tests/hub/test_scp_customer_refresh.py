from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.crm_scp_core.models.hub import scp_customer_refresh
from odoo.addons.crm_scp_core.tests.common import ScpCommon


@tagged('post_install', '-at_install')
class TestScpCustomerRows(ScpCommon):
    """Who becomes a customer, of which company, and whose."""

    def test_one_row_per_partner_and_company(self):
        partner = self._create_partner("Both Companies")
        contact = self._create_partner("Purchaser", is_company=False, parent_id=partner.id)
        self._create_order(contact, 100, '2026-01-10')
        self._create_order(partner, 100, '2026-01-11')
        self._create_deal(contact, 100)
        self._create_order(partner, 100, '2026-01-12', company=self.other_company)
        self._refresh()
        rows = self.Customer.search([('partner_id', 'in', (partner | contact).ids)])
        self.assertEqual(rows.partner_id, partner)
        self.assertEqual(
            rows.sorted('company_id').company_id, self.company | self.other_company,
        )
        self.assertEqual(len(rows), 2)

    def test_what_counts_as_business(self):
        by_name = {name: self._create_partner(name) for name in (
            'draft quotation', 'cancelled order', 'lost deal', 'invoice', 'lead', 'draft invoice',
            'vendor', 'nothing',
        )}
        self._create_order(by_name['draft quotation'], 1, '2026-01-01', state='draft')
        self._create_order(by_name['cancelled order'], 1, '2026-01-01', state='cancel')
        self._create_deal(by_name['lost deal'], 1, status='lost')
        self._create_deal(by_name['lead'], 1, type='lead')
        for name, state, move_type in (
            ('invoice', 'posted', 'out_invoice'),
            ('draft invoice', 'draft', 'out_invoice'),
            ('vendor', 'posted', 'in_invoice'),
        ):
            self._create_invoice(by_name[name], state, move_type)
        self._refresh()
        customers = {
            name for name, partner in by_name.items() if self._get_customer(partner)
        }
        self.assertEqual(
            customers, {'draft quotation', 'cancelled order', 'lost deal', 'invoice'},
        )

    def _create_invoice(self, partner, state, move_type):
        """An entry of the ledger; posting needs a chart of accounts, its state is what counts."""
        journal = self.env['account.journal'].with_company(self.company).search([
            ('type', '=', 'sale' if move_type.startswith('out') else 'purchase'),
            ('company_id', '=', self.company.id),
        ], limit=1) or self.env['account.journal'].create({
            'name': move_type, 'code': move_type[:5],
            'type': 'sale' if move_type.startswith('out') else 'purchase',
            'company_id': self.company.id,
        })
        move = self.env['account.move'].with_company(self.company).create({
            'move_type': move_type, 'partner_id': partner.id, 'journal_id': journal.id,
        })
        if state != 'draft':
            move.flush_recordset()
            self.env.execute_query(SQL(
                "UPDATE account_move SET state = %s WHERE id = %s", state, move.id,
            ))
        return move

    def test_deal_of_no_company(self):
        """A deal that all companies share counts once: team, then salesperson, then author."""
        of_team, of_salesman, of_author = (
            self._create_partner(name) for name in ("Team", "Salesman", "Author")
        )
        for partner, values in (
            (of_team, {'team_id': self.team_south.id, 'user_id': self.other_salesman.id}),
            (of_salesman, {'user_id': self.other_salesman.id}),
            (of_author, {}),
        ):
            deal = self._create_deal(partner, 1)
            deal.flush_recordset()
            self.env.execute_query(SQL(
                "UPDATE crm_lead SET company_id = NULL, team_id = %s, user_id = %s WHERE id = %s",
                values.get('team_id'), values.get('user_id'), deal.id,
            ))
            deal.invalidate_recordset()
        self._refresh()
        self.assertEqual(self.Customer.search([('partner_id', '=', of_team.id)]).company_id,
                         self.company)
        self.assertEqual(self.Customer.search([('partner_id', '=', of_salesman.id)]).company_id,
                         self.other_company)
        self.assertEqual(self.Customer.search([('partner_id', '=', of_author.id)]).company_id,
                         self.env.user.company_id)

    def test_owner_comes_from_the_contact_once(self):
        partner = self._create_partner("Owned", user_id=self.salesman.id)
        self._create_order(partner, 1, '2026-01-01')
        self._create_order(partner, 1, '2026-01-01', company=self.other_company)
        self._refresh()
        customer = self._get_customer(partner)
        self.assertEqual(customer.user_id, self.salesman)
        self.assertEqual(customer.team_id, self.team_north)
        self.assertFalse(
            self._get_customer(partner, self.other_company).user_id,
            "a salesperson owns nothing in a company he does not work for",
        )
        partner.user_id = self.stranger
        self._refresh()
        self.assertEqual(customer.user_id, self.salesman, "afterwards the owner is ours to change")
        customer.user_id = self.stranger
        self.assertEqual(customer.team_id, self.team_south)
        self._refresh()
        self.assertEqual(customer.user_id, self.stranger)

    def test_archived_salesperson_owns_nothing(self):
        partner = self._create_partner("Left Behind", user_id=self.mate.id)
        self.mate.active = False
        self._create_order(partner, 1, '2026-01-01')
        self._refresh(partner)
        self.assertFalse(self._get_customer(partner).user_id)

    def test_row_outlives_business(self):
        partner = self._create_partner("Once")
        order = self._create_order(partner, 100, '2026-01-01', state='draft')
        self._refresh(partner)
        order.unlink()
        self._refresh(partner)
        customer = self._get_customer(partner)
        self.assertTrue(customer)
        self.assertFalse(customer.measure_ids)

    def test_archived_contact(self):
        partner = self._create_partner("Archived", email='a@scp.example.com')
        self._create_order(partner, 100, '2026-01-01')
        partner.active = False
        self._refresh()
        customer = self._get_customer(partner)
        self.assertTrue(customer)
        self.assertFalse(customer.active)
        Shown = self.env['scp.customer']
        own = [('partner_id', '=', partner.id)]
        self.assertFalse(Shown.search(own))
        self.assertFalse(Shown.search([*own, ('active', '!=', False)]))
        self.assertFalse(Shown.search_count([*own, ('active', '=', True)]))
        self.assertEqual(Shown.search([*own, ('active', '=', False)]), customer)
        self.assertEqual(Shown.search([*own, ('active', 'in', [True, False])]), customer)
        partner.active = True
        self.assertTrue(customer.active)
        self.assertFalse(Shown.search([*own, ('active', '=', False)]))
        self.assertEqual(Shown.search([('partner_id', '=', partner.id)]), customer)

    def test_search_and_group_by_attributes_of_the_contact(self):
        country = self.env.ref('base.tw')
        industry = self.env['res.partner.industry'].create({'name': "Pumps"})
        tag = self.env['res.partner.category'].create({'name': "Fair"})
        partners = [
            self._create_partner(
                f"Attribute {i}", country_id=country.id, industry_id=industry.id, city="Hsinchu",
                email=f'{i}@attribute.example.com', category_id=[(6, 0, tag.ids)] if i else [],
            )
            for i in range(3)
        ]
        for partner in partners:
            self._create_order(partner, 1, '2026-01-01')
        self._refresh()
        Customer = self.env['scp.customer'].with_user(self.manager)
        customers = Customer.search([('email', 'ilike', '@attribute.example.com')])
        self.assertEqual(len(customers), 3)
        self.assertEqual(customers.country_id, country)
        domain = [('id', 'in', customers.ids)]
        for field, value, count in (
            ('country_id', country, 3), ('industry_id', industry, 3), ('city', "Hsinchu", 3),
            ('category_id', tag, 2), ('is_company', True, 3),
        ):
            groups = dict(Customer._read_group(domain, [field], ['__count']))
            self.assertEqual(groups[value], count, field)

    def test_user_created_row_is_of_the_commercial_partner(self):
        partner = self._create_partner("Whole")
        contact = self._create_partner("Part", is_company=False, parent_id=partner.id)
        customer = self.env['scp.customer'].with_user(self.manager).create({
            'partner_id': contact.id, 'user_id': self.salesman.id,
        })
        self.assertEqual(customer.partner_id, partner)
        self.assertEqual(customer.company_id, self.company)
        self.assertEqual(customer.team_id, self.team_north)
        self._create_order(contact, 1, '2026-01-01')
        self._refresh(contact)
        self.assertEqual(self._get_customer(partner), customer)

    def test_empty(self):
        self.env['scp.customer']._refresh_for_partners(self.env['res.partner'])
        partner = self._create_partner("Nobody")
        self._refresh(partner)
        self.assertFalse(self._get_customer(partner))
        self.assertEqual(self.env['scp.customer']._get_measures(['orders']), {})


@tagged('post_install', '-at_install')
class TestScpCustomerProfile(ScpCommon):

    def test_completeness(self):
        """A company has 12 items: 3 of them filled are 25 %, all of them 100 %."""
        partner = self._create_partner(
            "Profile", email='p@scp.example.com', phone='+1 555 010', lang=False, user_id=False,
        )
        self._create_order(partner, 1, '2026-01-01')
        self._refresh(partner)
        customer = self._get_customer(partner)
        self.assertEqual(customer.completeness, 17, "2 of 12")
        customer.preferred_channel = 'phone'
        self._refresh(partner)
        self.assertEqual(customer.completeness, 25, "3 of 12")
        self.assertEqual(
            customer.completeness_missing,
            "Street, City, Zip, Country, Language, Tax ID, Industry, Website Link, Owner",
        )
        partner.write({
            'street': "1 Road", 'city': "Town", 'zip': "1", 'lang': 'en_US', 'vat': '/',
            'country_id': self.env.ref('base.us').id, 'website': 'https://scp.example.com',
            'industry_id': self.env['res.partner.industry'].create({'name': "Pumps"}).id,
        })
        customer.user_id = self.salesman
        self._refresh(partner)
        self.assertEqual(customer.completeness, 100)
        self.assertEqual(customer.completeness_missing, "")

    def test_completeness_of_a_person(self):
        """A person has 9 items: 1 filled is 11 %."""
        person = self._create_partner("Person", is_company=False, lang='en_US', user_id=False)
        self._create_order(person, 1, '2026-01-01')
        self._refresh(person)
        self.assertEqual(self._get_customer(person).completeness, 11)


@tagged('post_install', '-at_install')
class TestScpCustomerJob(ScpCommon):

    def setUp(self):
        super().setUp()
        self.cron = self.env.ref('crm_scp_core.ir_cron_scp_customer_refresh')
        self.partners = self.env['res.partner']
        for i in range(6):
            partner = self._create_partner(f"Job {i}")
            self._create_order(partner, 100 + i, '2026-01-15')
            self.partners |= partner
        self.Refresh = self.env['scp.customer.refresh']

    def _run_cron(self):
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()

    def _patch_batches(self, size):
        """Batches so small that the partners of the test lie in several."""
        return patch.object(scp_customer_refresh, 'BATCH_SIZE', size)

    def test_job(self):
        self._run_cron()
        customers = self.Customer.search([('partner_id', 'in', self.partners.ids)])
        self.assertEqual(len(customers), 6)
        refresh = self.Refresh.search([], limit=1)
        self.assertTrue(refresh.date_end)
        self.assertGreaterEqual(refresh.customer_count, 6)
        self.assertGreaterEqual(refresh.measure_count, 6)

    def _get_row_versions(self):
        """Where every row lies: a row that is written, even with the same values, moves."""
        self.env.flush_all()
        return set(self.env.execute_query(SQL(
            """SELECT 'customer', id, ctid::text FROM scp_customer
                UNION ALL
               SELECT 'measure', id, ctid::text FROM scp_customer_measure""",
        )))

    def test_second_pass_writes_nothing(self):
        self._run_cron()
        versions = self._get_row_versions()
        self.assertGreaterEqual(len(versions), 12)
        self._run_cron()
        refresh = self.Refresh.search([], limit=1)
        self.assertEqual((refresh.customer_count, refresh.measure_count), (0, 0))
        self.assertEqual(self._get_row_versions(), versions)

    def test_pass_stopped_half_way_goes_on(self):
        """What a killed job had committed is kept and not done again."""
        Refresh = type(self.Refresh)
        run_batch = Refresh._run_batch
        done = []

        def stumble(refresh):
            if len(done) == 3:
                raise RuntimeError("killed")
            done.append(refresh.position)
            return run_batch(refresh)

        size = max(self.partners.ids) // 6 + 1
        with self._patch_batches(size), patch.object(Refresh, '_run_batch', stumble), \
                mute_logger('odoo.addons.base.models.ir_cron'):
            self._run_cron()
        refresh = self.Refresh.search([], limit=1)
        self.assertEqual(done, [0, size, 2 * size])
        self.assertEqual(refresh.position, 3 * size)
        self.assertFalse(refresh.date_end)

        resumed = []

        def record(refresh):
            resumed.append(refresh.position)
            return run_batch(refresh)

        with self._patch_batches(size), patch.object(Refresh, '_run_batch', record):
            self._run_cron()
        self.assertEqual(resumed, [3 * size, 4 * size, 5 * size])
        self.assertTrue(refresh.date_end)
        self.assertEqual(self.Refresh.search([], limit=1), refresh, "the same pass, not another")
        self.assertEqual(
            self.Customer.search_count([('partner_id', 'in', self.partners.ids)]), 6,
        )

    def test_batches_find_everybody(self):
        with self._patch_batches(1000):
            self._run_cron()
        self.assertEqual(
            self.Customer.search_count([('partner_id', 'in', self.partners.ids)]), 6,
        )

    def test_confirming_an_order_writes_no_customer(self):
        order = self._create_order(self.partners[0], 10, '2026-01-20', state='draft')
        self._refresh()
        versions = self._get_row_versions()
        order.action_confirm()
        self.assertEqual(self._get_row_versions(), versions)

    def test_same_queries_for_20_and_80_customers(self):
        def count_queries(count):
            partners = self.env['res.partner'].create([
                {'name': f"Query {count} {i}", 'is_company': True} for i in range(count)
            ])
            for partner in partners:
                self._create_order(partner, 10, '2026-01-15')
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env['scp.customer']._refresh_for_partners(partners)
            return self.env.cr.sql_log_count - before

        count_queries(1)
        self.assertEqual(count_queries(20), count_queries(80))

    def test_old_passes_are_forgotten(self):
        with patch.object(scp_customer_refresh, 'KEPT_PASSES', 2):
            for __ in range(4):
                self._refresh()
            newest = self.Refresh.search([], limit=2)
            self.Refresh._gc_passes()
            self.assertEqual(self.Refresh.search([('date_end', '!=', False)]), newest)


@tagged('post_install', '-at_install')
class TestScpCustomerConcurrency(ScpCommon):
    """Two connections. What they share must be committed, and is removed again."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            partner = env['res.partner'].create({'name': "SCP Two Connections"})
            customer = env['scp.customer'].create({
                'partner_id': partner.id, 'company_id': env.ref('base.main_company').id,
            })
            self.partner_id, self.customer_id = partner.id, customer.id
        self.addCleanup(self._remove_shared)
        self.startPatcher(patch.object(
            type(self.env['scp.customer']), '_get_measure_queries', lambda model: {
                'two_connections': SQL(
                    """SELECT partner_id, company_id, DATE '2026-01-01' AS period,
                              5 AS numerator, 2 AS denominator, 3 AS n,
                              NULL::integer AS currency_id
                         FROM scp_customer WHERE id = %s""", self.customer_id,
                ),
            },
        ))
        self.startPatcher(patch.object(
            type(self.env['scp.customer']), '_get_measure_sources',
            lambda model: {'two_connections': 'crm_scp_core'},
        ))

    def _remove_shared(self):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM scp_customer WHERE id = %s", [self.customer_id])
            api.Environment(cr, SUPERUSER_ID, {})['res.partner'].browse(self.partner_id).unlink()

    def _refresh_elsewhere(self):
        """Refresh in a connection of its own that waits for nobody.

        :return: numerators of the measures of the customer, as committed
        """
        with self.registry.cursor() as cr:
            cr.execute("SET LOCAL lock_timeout = '1s'")
            env = api.Environment(cr, SUPERUSER_ID, {})
            env['scp.customer']._refresh_for_partners(env['res.partner'].browse(self.partner_id))
            cr.execute("SELECT numerator FROM scp_customer_measure WHERE customer_id = %s",
                       [self.customer_id])
            return [numerator for [numerator] in cr.fetchall()]

    def test_customer_being_changed_is_left_for_the_next_pass(self):
        with self.registry.cursor() as cr:
            cr.execute("UPDATE scp_customer SET preferred_channel = 'visit' WHERE id = %s",
                       [self.customer_id])
            self.assertEqual(self._refresh_elsewhere(), [], "neither waits nor fails")
            cr.rollback()
        self.assertEqual(self._refresh_elsewhere(), [5])

    def test_batch_broken_by_a_concurrent_change_is_tried_again(self):
        """The first try meets a change committed after it began, the second does not."""
        Refresh = type(self.env['scp.customer.refresh'])
        refresh_scope = Refresh._refresh_scope
        tries = []

        def refresh_scope_once_broken(refresh, scope):
            tries.append(refresh.position)
            if len(tries) == 1:
                raise SerializationFailure("could not serialize access")
            return refresh_scope(refresh, scope)

        cron = self.env.ref('crm_scp_core.ir_cron_scp_customer_refresh')
        with self.enter_registry_test_mode(), \
                patch.object(Refresh, '_refresh_scope', refresh_scope_once_broken):
            cron.method_direct_trigger()
        self.assertEqual(tries, [0, 0])
        self.assertTrue(self.env['scp.customer.refresh'].search([], limit=1).date_end)

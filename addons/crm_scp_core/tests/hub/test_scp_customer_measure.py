from unittest.mock import patch

from odoo import api
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from odoo.addons.crm_scp_core.tests.common import ScpCommon


@tagged('post_install', '-at_install')
class TestScpCustomerMeasure(ScpCommon):

    def test_orders(self):
        """USD company: 100 and 250 dollars in January, 80 euros (160 dollars) in February."""
        partner = self._create_partner("Orders")
        contact = self._create_partner("Buyer", is_company=False, parent_id=partner.id)
        self._create_order(partner, 100, '2026-01-10')
        self._create_order(contact, 250, '2026-01-20')
        self._create_order(partner, 80, '2026-02-05', pricelist=self.pricelist_eur)
        self._create_order(partner, 999, '2026-02-06', state='draft')
        self._create_order(partner, 999, '2026-02-06', state='cancel')
        self._refresh(partner)
        customer = self._get_customer(partner)
        self.assertEqual(self._read_measures(customer, 'orders'), {
            '2026-01-01': (350, 2, 2), '2026-02-01': (160, 1, 1),
        })
        self.assertEqual(self._read_measures(customer, 'open_quotes'), {
            '2026-02-01': (999, 1, 1),
        })
        measures = customer.measure_ids.filtered(lambda measure: measure.code == 'orders')
        self.assertEqual(measures.currency_id, self.usd)
        self.assertEqual(measures.company_id, self.company)
        self.assertEqual(set(measures.mapped('source')), {'crm_scp_core'})

    def test_companies_are_kept_apart(self):
        """100 dollars here, 100 dollars (50 euros) there."""
        partner = self._create_partner("Two Companies")
        self._create_order(partner, 100, '2026-01-10')
        self._create_order(partner, 100, '2026-01-10', company=self.other_company,
                           pricelist=self.pricelist_usd)
        self._refresh(partner)
        here, there = self._get_customer(partner), self._get_customer(partner, self.other_company)
        self.assertEqual(self._read_measures(here, 'orders'), {'2026-01-01': (100, 1, 1)})
        self.assertEqual(self._read_measures(there, 'orders'), {'2026-01-01': (50, 1, 1)})
        self.assertEqual(there.measure_ids.currency_id, self.eur)

    def test_rate_is_that_of_the_order(self):
        partner = self._create_partner("Rates")
        self._create_order(partner, 80, '2026-02-05', pricelist=self.pricelist_eur)
        self.env['res.currency.rate'].create({
            'name': '2026-03-01', 'rate': 0.8, 'currency_id': self.eur.id,
            'company_id': self.company.id,
        })
        self._create_order(partner, 80, '2026-03-05', pricelist=self.pricelist_eur)
        self._refresh(partner)
        self.assertEqual(self._read_measures(self._get_customer(partner), 'orders'), {
            '2026-02-01': (160, 1, 1), '2026-03-01': (100, 1, 1),
        })

    def test_month_is_that_of_the_company(self):
        """31 January 17:00 UTC is 1 February in Shanghai."""
        partner = self._create_partner("Midnight")
        for company in (self.company, self.other_company):
            self._create_order(partner, 10, '2026-01-31 17:00:00', company=company)
        self._refresh(partner)
        self.assertIn(
            '2026-01-01', self._read_measures(self._get_customer(partner), 'orders'),
        )
        self.assertIn(
            '2026-02-01',
            self._read_measures(self._get_customer(partner, self.other_company), 'orders'),
        )

    def test_deals(self):
        """Two deals won of 1000 and 500, one lost, in March; one lost in April; one open."""
        partner = self._create_partner("Deals")
        self._create_deal(partner, 1000, status='won', date='2026-03-02 10:00:00')
        self._create_deal(partner, 500, status='won', date='2026-03-30 10:00:00')
        self._create_deal(partner, 300, status='lost', date='2026-03-15 10:00:00')
        self._create_deal(partner, 200, status='lost', date='2026-04-15 10:00:00')
        self._create_deal(partner, 700)
        self._refresh(partner)
        customer = self._get_customer(partner)
        self.assertEqual(self._read_measures(customer, 'won_deals'), {'2026-03-01': (1500, 2, 2)})
        self.assertEqual(self._read_measures(customer, 'win_rate'), {
            '2026-03-01': (2, 3, 3), '2026-04-01': (0, 1, 1),
        })

    def test_row_follows_the_documents(self):
        partner = self._create_partner("Changing")
        order = self._create_order(partner, 100, '2026-01-10')
        self._refresh(partner)
        customer = self._get_customer(partner)
        measure = self.Measure.search([
            ('customer_id', '=', customer.id), ('code', '=', 'orders'),
        ])
        order.order_line.price_unit = 120
        self._refresh(partner)
        self.assertTrue(measure.exists(), "updated in place")
        self.assertEqual(measure.numerator, 120)
        order.with_context(disable_cancel_warning=True).action_cancel()
        self._refresh(partner)
        self.assertFalse(customer.measure_ids, "what vanished from the documents vanishes here")

    @freeze_time('2026-06-15')
    def test_get_measures(self):
        """Sum over sum: 2 of 3 won, then 0 of 1, make 2 of 4; never (67 % + 0 %) / 2."""
        partner, other, silent = (
            self._create_partner(name) for name in ("Read", "Other", "Silent")
        )
        self._create_deal(partner, 1000, status='won', date='2026-03-02 10:00:00')
        self._create_deal(partner, 500, status='won', date='2026-03-30 10:00:00')
        self._create_deal(partner, 300, status='lost', date='2026-03-15 10:00:00')
        self._create_deal(partner, 200, status='lost', date='2026-06-10 10:00:00')
        self._create_order(other, 40, '2025-06-30')
        self._create_order(other, 60, '2025-07-01')
        self._create_deal(silent, 1)
        self._refresh()
        customers = self.Customer.union(*map(self._get_customer, (partner, other, silent)))
        customers._get_measures(['orders'])  # reads the time zone of the user, once
        with self.assertQueryCount(1):
            totals = customers._get_measures(['orders', 'win_rate', 'unheard_of'])
        of_partner, of_other, of_silent = (totals[customer.id] for customer in customers)
        self.assertEqual(of_partner['win_rate'].ratio, 0.5)
        self.assertEqual(of_partner['win_rate'].n, 4)
        self.assertFalse(of_partner['win_rate'].currency_id)
        self.assertIsNone(of_partner['orders'])
        self.assertEqual(
            of_other['orders'], (60, 1, 1, self.usd.id),
            "twelve months begin in July: the current one and eleven before",
        )
        self.assertEqual(of_silent, {'orders': None, 'win_rate': None, 'unheard_of': None})
        longer = customers._get_measures(['orders'], months=13)
        self.assertEqual(longer[self._get_customer(other).id]['orders'].ratio, 50)

    def test_nothing_to_divide_by(self):
        partner = self._create_partner("Zero")
        customer = self._create_customer(partner)
        self.Measure.create({
            'customer_id': customer.id, 'code': 'nothing', 'numerator': 5, 'denominator': 0,
            'n': 1, 'period': '2026-01-01',
        })
        with freeze_time('2026-01-20'):
            total = customer._get_measures(['nothing'])[customer.id]['nothing']
        self.assertEqual(total.numerator, 5)
        self.assertIsNone(total.ratio)

    def test_measure_of_another_addon(self):
        """A class further up the chain brings a code; it is recorded as the source."""
        Customer = type(self.env['scp.customer'])

        def queries_of_addon(model):
            return {
                **Customer._get_measure_queries(model),
                'promises': SQL(
                    """SELECT partner_id, company_id, DATE '2026-01-01' AS period, 1 AS numerator,
                              2 AS denominator, 2 AS n, NULL::integer AS currency_id
                         FROM scp_customer""",
                ),
            }

        partner = self._create_partner("Outer Addon")
        self._create_order(partner, 1, '2026-01-01')
        sources = self.env['scp.customer']._get_measure_sources()
        queries = queries_of_addon(self.env['scp.customer'])
        with patch.object(Customer, '_get_measure_queries', lambda model: queries, create=True), \
                patch.object(Customer, '_get_measure_sources',
                             lambda model: {**sources, 'promises': 'scp_outer'}):
            self._refresh()
        customer = self._get_customer(partner)
        self.assertEqual(self._read_measures(customer, 'promises'), {'2026-01-01': (1, 2, 2)})
        promise = customer.measure_ids.filtered(lambda measure: measure.code == 'promises')
        self.assertEqual(promise.source, 'scp_outer')

        self.Measure._unlink_source('scp_outer')
        self.assertFalse(promise.exists())
        self.assertTrue(self._read_measures(customer, 'orders'))

    def test_code_nobody_provides_is_removed(self):
        customer = self._create_customer(self._create_partner("Orphan"))
        orphan = self.Measure.create({
            'customer_id': customer.id, 'code': 'orphan', 'period': '2026-01-01',
            'source': 'uninstalled',
        })
        self._refresh()
        self.assertFalse(orphan.exists())

    def test_sources(self):
        sources = self.env['scp.customer']._get_measure_sources()
        self.assertEqual(sources.keys(), self.env['scp.customer']._get_measure_queries().keys())
        for code in ('orders', 'open_quotes', 'won_deals', 'win_rate'):
            self.assertEqual(sources[code], 'crm_scp_core')

    def test_source_is_the_class_that_brings_the_code(self):
        class Outer(type(self.env['scp.customer'])):
            """The registry class of a database where an outer addon is installed."""

            _name = 'scp.customer'
            _register = False
            _module = 'scp_outer'

            @api.model
            def _get_measure_queries(self):
                queries = super()._get_measure_queries()
                return {**queries, 'orders': SQL("SELECT 1"), 'promises': SQL("SELECT 1")}

        sources = Outer(self.env, (), ())._get_measure_sources()
        self.assertEqual(sources['promises'], 'scp_outer')
        self.assertEqual(sources['orders'], 'crm_scp_core', "changed further up, but not brought")

    def test_every_statement_keeps_the_contract(self):
        """Columns in order, and one row per partner, company and month."""
        partner = self._create_partner("Contract")
        contact = self._create_partner("Contact", is_company=False, parent_id=partner.id)
        for someone in (partner, contact):
            self._create_order(someone, 1, '2026-01-01')
            self._create_order(someone, 1, '2026-01-01', state='draft')
            self._create_deal(someone, 1, status='won', date='2026-01-02 00:00:00')
        self.env.flush_all()
        for code, query in self.env['scp.customer']._get_measure_queries().items():
            with self.subTest(code=code):
                rows = self.env.execute_query_dict(query)
                for row in rows[:1]:
                    self.assertEqual(list(row), [
                        'partner_id', 'company_id', 'period', 'numerator', 'denominator', 'n',
                        'currency_id',
                    ])
                keys = [(row['partner_id'], row['company_id'], row['period']) for row in rows]
                self.assertEqual(len(keys), len(set(keys)))
                self.assertEqual({period.day for __, __, period in keys} | {1}, {1})
                self.assertNotIn(contact.id, {partner_id for partner_id, __, __ in keys})


@tagged('post_install', '-at_install')
@freeze_time('2026-06-15')
class TestScpCustomerLifeCycle(ScpCommon):
    """Today is 15 June 2026; the last six full months are December to May."""

    def _assert_stage(self, stage, *orders):
        partner = self._create_partner(f"Stage {stage}")
        self._create_deal(partner, 1)
        for amount, date in orders:
            self._create_order(partner, amount, date)
        self._refresh(partner)
        customer = self._get_customer(partner)
        self.assertEqual(customer.life_cycle_stage, stage)
        return customer

    def test_prospect(self):
        customer = self._assert_stage('prospect')
        self.assertEqual(customer.life_cycle_reason, "No confirmed order yet.")

    def test_new(self):
        self._assert_stage('new', (100, '2026-03-01'))

    def test_stable(self):
        """600 against 600 in the six months before; first order long ago."""
        customer = self._assert_stage(
            'stable', (100, '2025-01-10'), (600, '2025-08-10'), (600, '2026-02-10'),
        )
        self.assertEqual(
            customer.life_cycle_reason.replace('\xa0', ' '),
            "First order in 2025-01, last in 2026-02; $ 600.00 in the last six full months, "
            "$ 600.00 in the six before.",
        )

    def test_growing(self):
        """721 is more than 1.2 times 600; 720 is not."""
        self._assert_stage('growing', (600, '2025-08-10'), (721, '2026-02-10'))
        self._assert_stage('stable', (600, '2025-08-10'), (720, '2026-02-10'))

    def test_at_risk_by_value(self):
        """299 is less than half of 600; 300 is not."""
        self._assert_stage('at_risk', (600, '2025-08-10'), (299, '2026-02-10'))
        self._assert_stage('stable', (600, '2025-08-10'), (300, '2026-02-10'))

    def test_at_risk_by_silence(self):
        self._assert_stage('at_risk', (600, '2025-08-10'), (600, '2025-11-30'))

    def test_lost(self):
        self._assert_stage('lost', (600, '2025-05-31'))
        self._assert_stage('at_risk', (600, '2025-06-01'))

    def test_won_back(self):
        self._assert_stage('won_back', (600, '2025-03-10'), (10, '2026-03-10'))
        self._assert_stage('stable', (600, '2025-04-10'), (600, '2026-03-10'))

    def test_set_by_hand(self):
        customer = self._assert_stage('new', (100, '2026-05-01'))
        customer.user_id = self.salesman
        as_salesman = customer.with_user(self.salesman)
        as_salesman.write({
            'life_cycle_stage': 'at_risk', 'life_cycle_note': "moves to a competitor",
            'life_cycle_until': '2026-07-31',
        })
        self._refresh(customer.partner_id)
        self.assertEqual(customer.life_cycle_stage, 'at_risk')
        self.assertEqual(customer.life_cycle_user_id, self.salesman)
        self.assertEqual(
            customer.life_cycle_reason,
            "Set by Test salesman until 2026-07-31: moves to a competitor.",
        )
        with freeze_time('2026-08-01'):
            self._refresh(customer.partner_id)
        self.assertEqual(customer.life_cycle_stage, 'new', "first order in May: still new")
        self.assertFalse(customer.life_cycle_user_id)
        self.assertFalse(customer.life_cycle_note)

    def test_every_change_is_logged(self):
        """By the orders, by hand and back: each once, with its reason; nothing changed, nothing logged."""
        customer = self._assert_stage('new', (100, '2026-05-01'))
        self._refresh(customer.partner_id)
        customer.write({'life_cycle_stage': 'at_risk', 'life_cycle_note': "moves to a competitor"})
        customer.life_cycle_note = "has moved"
        customer.action_release_life_cycle()
        log = self.env['scp.life.cycle.log'].search([('customer_id', '=', customer.id)], order='id')
        orders = "First order in 2026-05, last in 2026-05; $ 100.00 in the last six full months"
        self.assertEqual(
            [(row.stage_from, row.stage_to, row.user_id) for row in log],
            [
                ('prospect', 'new', self.env['res.users']),
                ('new', 'at_risk', self.env.user),
                ('at_risk', 'new', self.env['res.users']),
            ],
        )
        self.assertEqual(log[1].reason, f"Set by {self.env.user.name}: moves to a competitor.")
        for row in (log[0], log[2]):
            self.assertTrue(row.reason.replace('\xa0', ' ').startswith(orders), row.reason)
        with self.assertRaisesRegex(UserError, "cannot be changed afterwards"):
            log[0].sudo().stage_to = 'lost'
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            log.sudo().unlink()
        customer.unlink()
        self.assertFalse(log.exists(), "gone with the customer")

    def test_reason_alone_keeps_the_stage(self):
        customer = self._assert_stage('new', (100, '2026-05-01'))
        customer.life_cycle_note = "frame contract"
        with freeze_time('2026-12-15'):
            self._refresh(customer.partner_id)
        self.assertEqual(customer.life_cycle_stage, 'new')
        self.assertEqual(customer.life_cycle_note, "frame contract")
        self.assertEqual(customer.life_cycle_user_id, self.env.user)

    def test_release(self):
        customer = self._assert_stage('new', (100, '2026-05-01'))
        customer.life_cycle_stage = 'lost'
        self.assertEqual(customer.life_cycle_user_id, self.env.user)
        customer.action_release_life_cycle()
        self.assertEqual(customer.life_cycle_stage, 'new')

    def test_switched_off(self):
        self.company.scp_life_cycle_auto = False
        customer = self._assert_stage('prospect', (100, '2026-05-01'))
        self.company.scp_life_cycle_auto = True
        self._refresh(customer.partner_id)
        self.assertEqual(customer.life_cycle_stage, 'new')

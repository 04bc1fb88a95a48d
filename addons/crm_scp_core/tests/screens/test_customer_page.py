from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.crm_scp_core.tests.common import ScpCommon

HELLO = {'body': "Hello", 'message_type': 'comment', 'subtype_xmlid': 'mail.mt_comment'}

HUB_FIELDS = [
    'scp_customer_id', 'scp_grade_id', 'scp_grade_trend', 'scp_value_score', 'scp_scored_at',
    'scp_life_cycle_stage', 'scp_owner_id', 'scp_preferred_channel', 'scp_completeness',
]
LIVE_FIELDS = [
    'scp_open_amount', 'scp_open_deal_count', 'scp_open_quotation_count', 'scp_open_lead_ids',
    'scp_open_order_ids', 'scp_lead_log_ids', 'scp_next_activity_date',
    'scp_next_activity_summary', 'scp_last_contact_date', 'scp_receivable_amount',
    'scp_overdue_amount', 'scp_overdue_days', 'scp_to_invoice_amount', 'scp_exposure_amount', 'scp_days_to_pay',
    'scp_paid_invoice_count', 'scp_figures',
]


class CustomerPageCommon(ScpCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.grade_a = cls.env.ref('crm_scp_core.scp_grade_a')
        cls.grade_b = cls.env.ref('crm_scp_core.scp_grade_b')
        cls.today = fields.Date.context_today(cls.env.user)
        cls.partner = cls._create_partner("Anvil Works")
        cls.contact = cls.env['res.partner'].create({
            'name': "Road Runner", 'parent_id': cls.partner.id, 'type': 'contact',
        })
        cls.customer = cls._create_customer(cls.partner, user_id=cls.salesman.id)
        cls.customer.sudo().write({
            'grade_id': cls.grade_a.id, 'grade_trend': 'up', 'value_score': 91.5,
            'scored_at': '2026-01-01 03:00:00', 'preferred_channel': 'phone',
        })


@tagged('post_install', '-at_install')
class TestCustomerPage(CustomerPageCommon):
    """What the partner form shows, to whom, and what it costs."""

    # === IDENTITY ===#

    def test_contact_shows_the_values_of_his_company(self):
        for partner in (self.partner, self.contact):
            partner = partner.with_user(self.salesman)
            self.assertEqual(partner.scp_customer_id, self.customer)
            self.assertEqual(partner.scp_grade_id, self.grade_a)
            self.assertEqual(partner.scp_grade_trend, 'up')
            self.assertEqual(partner.scp_value_score, 91.5)
            self.assertEqual(partner.scp_owner_id, self.salesman)
            self.assertEqual(partner.scp_preferred_channel, 'phone')

    def test_values_are_those_of_the_current_company(self):
        other = self._create_customer(self.partner, self.other_company)
        other.sudo().grade_id = self.grade_b
        partner = self.partner
        self.assertEqual(partner.with_company(self.company).scp_grade_id, self.grade_a)
        self.assertEqual(partner.with_company(self.other_company).scp_grade_id, self.grade_b)
        self.assertEqual(partner.with_company(self.other_company).scp_currency_id, self.eur)

    def test_stranger_shows_nothing(self):
        stranger = self._create_partner("Nobody")
        self.assertFalse(stranger.scp_customer_id)
        self.assertFalse(stranger.scp_grade_id)
        self.assertFalse(stranger.scp_next_activity_date)
        self.assertFalse(stranger.scp_figures)
        self.assertEqual(stranger.scp_open_amount, 0.0)

    def test_new_partner_has_no_values(self):
        with Form(self.env['res.partner'].with_user(self.salesman)) as form:
            form.name = "Fresh"
        self.assertFalse(form.record.scp_customer_id)

    def test_customer_of_a_colleague_stays_hidden(self):
        """The partner is common property, the customer record is not."""
        self.assertFalse(self.partner.with_user(self.stranger).scp_customer_id)
        self.assertFalse(self.partner.with_user(self.stranger).scp_grade_id)
        self.assertFalse(self.partner.with_user(self.stranger).scp_receivable_amount)
        self.assertEqual(self.partner.with_user(self.manager).scp_customer_id, self.customer)

    def test_fields_are_closed_to_portal_and_to_outsiders(self):
        for user in (self.portal, self.internal):
            for name in (*HUB_FIELDS, *LIVE_FIELDS, 'scp_missing_information'):
                field = self.env['res.partner']._fields[name]
                self.assertFalse(
                    self.env['res.partner'].with_user(user)._has_field_access(field, 'read'), name,
                )
        with self.assertRaises(AccessError):
            self.portal.partner_id.with_user(self.portal).read(['scp_grade_id'])

    def test_accountant_reads_grade_and_money_only(self):
        partner = self.partner.with_user(self.accountant)
        values = partner.read(['scp_grade_id', 'scp_grade_trend', 'scp_receivable_amount'])[0]
        self.assertEqual(values['scp_grade_id'][1], "A")
        for name in ('scp_life_cycle_stage', 'scp_open_amount', 'scp_figures'):
            with self.assertRaises(AccessError):
                partner.read([name])

    def test_auditor_reads_and_changes_nothing(self):
        partner = self.partner.with_user(self.auditor)
        self.assertEqual(partner.scp_customer_id, self.customer)
        with self.assertRaises(AccessError):
            partner.scp_preferred_channel = 'email'

    # === SEARCH ===#

    def test_search_by_grade(self):
        Partner = self.env['res.partner'].with_user(self.salesman)
        both = self.partner | self.contact
        ungraded = self._create_partner("Ungraded")
        self._create_customer(ungraded, user_id=self.salesman.id)
        everyone = both | ungraded
        for domain, expected in (
            ([('scp_grade_id', '=', self.grade_a.id)], both),
            ([('scp_grade_id', 'in', (self.grade_a | self.grade_b).ids)], both),
            ([('scp_grade_id', '!=', self.grade_a.id)], ungraded),
            ([('scp_grade_id', '=', False)], ungraded),
            ([('scp_grade_id', '!=', False)], both),
            ([('scp_grade_id', 'in', [self.grade_a.id, False])], everyone),
            ([('scp_grade_id', 'ilike', 'a')], both),
            ([('scp_grade_id.name', '=', 'A')], both),
            ([('scp_value_score', '>', 90)], both),
            ([('scp_value_score', '>', 95)], ungraded.browse()),
            ([('scp_grade_trend', '=', 'up')], both),
            ([('scp_owner_id', '=', self.salesman.id)], everyone),
            ([('scp_customer_id', '=', False)], ungraded.browse()),
            ([('scp_customer_id', '!=', False)], everyone),
            ([('scp_life_cycle_stage', '=', 'prospect')], everyone),
            ([('scp_preferred_channel', '=', 'phone')], both),
            ([('scp_completeness', '>=', 0)], everyone),
        ):
            found = Partner.search([('id', 'in', everyone.ids), *domain])
            self.assertEqual(found, Partner.browse(found.ids), domain)
            self.assertEqual(set(found.ids), set(expected.ids), domain)

    def test_search_costs_one_statement(self):
        Partner = self.env['res.partner'].with_user(self.salesman)
        Partner.search([('scp_grade_id', '=', self.grade_a.id)])
        with self.assertQueryCount(1):
            Partner.search([('scp_grade_id', '=', self.grade_a.id)])

    # === OPEN MONEY ===#

    def test_open_money_counts_each_offer_once(self):
        deal = self._create_deal(self.contact, 1000.0)
        self._create_deal(self.partner, 5000.0, status='won')
        self._create_deal(self.partner, 7000.0, status='lost')
        self._create_order(self.contact, 300.0, '2026-01-10', state='draft')
        self._create_order(self.partner, 950.0, '2026-01-10', state='sent', opportunity_id=deal.id)
        self._create_order(self.partner, 800.0, '2026-01-10', state='sale')
        # a hundred euros are two hundred dollars
        self._create_order(
            self.partner, 100.0, '2026-01-10', state='draft', pricelist=self.pricelist_eur,
        )
        self._create_deal(self.partner, 9000.0, company=self.other_company)
        partner = self.partner.with_user(self.manager).with_company(self.company)
        self.assertEqual(partner.scp_open_amount, 1000.0 + 300.0 + 200.0)
        self.assertEqual(partner.scp_open_deal_count, 1)
        self.assertEqual(partner.scp_open_quotation_count, 2)
        self.assertEqual(partner.scp_open_lead_ids, deal)
        self.assertEqual(self.customer.with_user(self.manager).open_amount, 1500.0)

    def test_numbers_open_the_records_behind_them(self):
        self._create_deal(self.partner, 1000.0, user_id=self.salesman.id)
        self._create_deal(self.contact, 500.0)
        self._create_deal(self.partner, 500.0, user_id=self.stranger.id)
        self._create_order(self.partner, 300.0, '2026-01-10', state='sent')
        for user, deals in ((self.salesman, 2), (self.manager, 3)):
            partner = self.contact.with_user(user)
            self.assertEqual(partner.scp_open_deal_count, deals)
            for action, count in (
                (partner.action_scp_view_open_deals(), partner.scp_open_deal_count),
                (partner.action_scp_view_open_quotations(), partner.scp_open_quotation_count),
            ):
                Model = self.env[action['res_model']].with_user(user)
                self.assertEqual(Model.search_count(action['domain']), count)

    # === HISTORY AND NEXT STEP ===#

    def test_lead_log_shows_the_latest_changes_first(self):
        deal = self._create_deal(self.contact, 1000.0, user_id=self.salesman.id)
        deal.flush_recordset()
        self.env['crm.lead'].invalidate_model()
        for amount in range(2000, 2012):
            deal.expected_revenue = amount
            self.env.flush_all()
            self.cr.precommit.run()
        logs = self.partner.with_user(self.salesman).scp_lead_log_ids
        self.assertEqual(len(logs), 10)
        self.assertEqual(logs[0].amount_to, 2011.0)
        self.assertEqual(logs, logs.sorted(lambda log: (log.date, log.id), reverse=True))

    def test_next_step_is_the_first_the_user_may_see(self):
        mine = self._create_deal(self.contact, 1000.0, user_id=self.salesman.id)
        theirs = self._create_deal(self.partner, 500.0, user_id=self.stranger.id)
        mine.activity_schedule(
            'mail.mail_activity_data_call', self.today + timedelta(days=3), summary="Mine",
            user_id=self.salesman.id,
        )
        theirs.activity_schedule(
            'mail.mail_activity_data_call', self.today + timedelta(days=1), summary="Theirs",
            user_id=self.stranger.id,
        )
        self.assertEqual(self.partner.with_user(self.salesman).scp_next_activity_summary, "Mine")
        self.assertEqual(self.partner.with_user(self.manager).scp_next_activity_summary, "Theirs")
        self.assertEqual(
            self.partner.with_user(self.manager).scp_next_activity_date,
            self.today + timedelta(days=1),
        )

    def test_what_is_planned_does_not_multiply_the_money(self):
        deal = self._create_deal(self.contact, 1000.0, user_id=self.salesman.id)
        lost = self._create_deal(self.contact, 300.0, user_id=self.salesman.id)
        lost.active = False
        for days in (5, 2):
            for record in (deal, lost, self.partner):
                record.activity_schedule(
                    'mail.mail_activity_data_call', self.today + timedelta(days=days),
                    summary=f"{record._name} {days}", user_id=self.salesman.id,
                )
        partner = self.partner.with_user(self.salesman)
        self.assertEqual((partner.scp_open_amount, partner.scp_open_deal_count), (1000.0, 1))
        self.assertEqual(partner.scp_next_activity_summary, "crm.lead 2")
        self.assertFalse(self.partner.with_user(self.stranger).scp_next_activity_summary)

    def test_next_step_without_summary_names_its_type(self):
        self.partner.activity_schedule(
            'mail.mail_activity_data_call', self.today, user_id=self.salesman.id,
        )
        activity_type = self.env.ref('mail.mail_activity_data_call')
        self.assertEqual(
            self.partner.with_user(self.salesman).scp_next_activity_summary,
            activity_type.summary or activity_type.name,
        )

    def test_contact_is_talk_and_not_what_the_system_writes(self):
        partner = self.partner.with_user(self.salesman)
        self.contact.message_post(body="Internal", subtype_xmlid='mail.mt_note')
        self.assertFalse(partner.scp_last_contact_date)
        message = self.contact.message_post(**HELLO)
        message.date = '2026-01-05 10:00:00'
        self.env.invalidate_all()
        self.assertEqual(str(partner.scp_last_contact_date), '2026-01-05 10:00:00')
        activity = self.partner.activity_schedule(
            'mail.mail_activity_data_call', self.today, user_id=self.salesman.id,
        )
        activity.with_user(self.salesman).action_feedback(feedback="Reached him")
        self.env.invalidate_all()
        self.assertEqual(partner.scp_last_contact_date.date(), self.today)

    def test_contact_in_a_deal_of_a_colleague_counts(self):
        theirs = self._create_deal(self.partner, 500.0, user_id=self.stranger.id)
        message = theirs.message_post(**HELLO)
        message.date = '2026-02-05 10:00:00'
        self.env.invalidate_all()
        self.assertEqual(
            str(self.partner.with_user(self.salesman).scp_last_contact_date), '2026-02-05 10:00:00',
        )

    # === MONEY ===#

    def _create_invoice(self, partner, amount, due_days, move_type='out_invoice', **values):
        journal = self.env['account.journal'].search([
            ('type', '=', 'sale'), ('company_id', '=', self.company.id),
        ], limit=1)
        move = self.env['account.move'].create({
            'move_type': move_type,
            'partner_id': partner.id,
            'journal_id': journal.id,
            'invoice_date': self.today - timedelta(days=90),
            'invoice_date_due': self.today + timedelta(days=due_days),
            'invoice_payment_term_id': False,
            'invoice_line_ids': [Command.create({
                'name': "Anvil", 'quantity': 1, 'price_unit': amount, 'tax_ids': [Command.clear()],
            })],
            **values,
        })
        move.action_post()
        return move

    def test_receivable_and_what_is_late(self):
        self.env['account.chart.template'].try_loading('generic_coa', self.company, install_demo=False)
        self._create_invoice(self.contact, 100.0, -30)
        self._create_invoice(self.partner, 40.0, -10)
        self._create_invoice(self.partner, 1000.0, 20)
        self._create_invoice(self.partner, 15.0, -5, move_type='out_refund')
        for user in (self.salesman, self.accountant, self.auditor):
            partner = self.partner.with_user(user)
            self.assertEqual(partner.scp_receivable_amount, 100.0 + 40.0 + 1000.0 - 15.0)
            self.assertEqual(partner.scp_overdue_amount, 100.0 + 40.0 - 15.0)
            self.assertEqual(partner.scp_overdue_days, 30)
        partner = self.partner.with_user(self.accountant)
        Move = self.env['account.move'].with_user(self.accountant)
        for action, amount in (
            (partner.action_scp_view_receivable(), partner.scp_receivable_amount),
            (partner.action_scp_view_overdue(), partner.scp_overdue_amount),
        ):
            moves = Move.search(action['domain'])
            self.assertEqual(sum(moves.mapped('amount_residual_signed')), amount)

    def test_receivable_follows_a_contact_who_changes_company(self):
        """Of 140 owed, the contact owes 100 and takes it along to a company without business so far."""
        self.env['account.chart.template'].try_loading('generic_coa', self.company, install_demo=False)
        invoice = self._create_invoice(self.contact, 100.0, -30)
        self._create_invoice(self.partner, 40.0, 20)
        new_home = self.env['res.partner'].create({'name': "New Home", 'is_company': True})
        self.contact.parent_id = new_home
        self.contact.action_archive()
        self.assertEqual(invoice.commercial_partner_id, self.partner)
        before, after = (self.partner + new_home).with_user(self.auditor)
        self.assertEqual(
            [(partner.scp_receivable_amount, partner.scp_overdue_amount, partner.scp_overdue_days)
             for partner in (before, after)],
            [(40.0, 0.0, 0), (100.0, 100.0, 30)],
        )
        Move = self.env['account.move'].with_user(self.auditor)
        self.assertEqual(Move.search(after.action_scp_view_overdue()['domain']), invoice)
        self.assertFalse(Move.search(before.action_scp_view_overdue()['domain']))

    def test_only_the_instalment_that_fell_due_is_late(self):
        self.env['account.chart.template'].try_loading('generic_coa', self.company, install_demo=False)
        terms = self.env['account.payment.term'].create({
            'name': "30 % at once, 70 % in 120 days",
            'line_ids': [
                Command.create({'value': 'percent', 'value_amount': 30, 'nb_days': 0}),
                Command.create({'value': 'percent', 'value_amount': 70, 'nb_days': 120}),
            ],
        })
        self._create_invoice(self.partner, 1000.0, 0, invoice_payment_term_id=terms.id)
        partner = self.partner.with_user(self.accountant)
        self.assertEqual(partner.scp_receivable_amount, 1000.0)
        self.assertEqual(partner.scp_overdue_amount, 300.0)
        self.assertEqual(partner.scp_overdue_days, 90)
        action = partner.action_scp_view_overdue()
        self.assertEqual(self.env['account.move'].search_count(action['domain']), 1)

    def test_page_of_an_archived_customer(self):
        self.partner.action_archive()
        self.env.invalidate_all()
        partner = self.partner.with_user(self.salesman)
        self.assertEqual(partner.scp_customer_id, self.customer)

    # === PROFILE ===#

    def test_profile_is_written_on_the_customer_record(self):
        with Form(self.contact.with_user(self.salesman)) as form:
            form.scp_preferred_channel = 'email'
        self.assertEqual(self.customer.preferred_channel, 'email')
        self.partner.with_user(self.manager).scp_owner_id = self.mate
        self.assertEqual(self.customer.user_id, self.mate)
        self.partner.with_user(self.manager).scp_owner_id = False
        self.assertFalse(self.customer.user_id)

    def test_profile_of_a_stranger_cannot_be_written(self):
        stranger = self._create_partner("Nobody")
        with self.assertRaisesRegex(UserError, "Preferred Channel.*Nobody.*SCP Test Works"):
            stranger.scp_preferred_channel = 'email'
        stranger.scp_preferred_channel = False

    def test_missing_information_is_named(self):
        missing = self.partner.with_user(self.salesman).scp_missing_information
        self.assertIn("Email", missing)
        self.assertNotIn("Preferred Channel", missing)

    def test_refresh_makes_the_record_of_a_new_customer(self):
        fresh = self._create_partner("Fresh")
        self._create_order(fresh, 300.0, fields.Datetime.now(), state='sale')
        self.assertFalse(fresh.scp_customer_id)
        fresh.with_user(self.salesman).action_scp_refresh()
        self.assertTrue(fresh.scp_customer_id)
        self.assertEqual(fresh.scp_life_cycle_stage, 'new')

    # === FIGURES ===#

    def test_figures_say_value_number_and_period(self):
        self._create_order(self.partner, 300.0, fields.Datetime.now())
        self._create_order(self.partner, 200.0, fields.Datetime.now())
        self._create_deal(self.partner, 900.0, status='won')
        self._create_deal(self.partner, 900.0, status='lost')
        self._refresh(self.partner)
        self.env.invalidate_all()
        figures = {
            figure['code']: figure for figure in self.partner.with_user(self.salesman).scp_figures
        }
        self.assertEqual(list(figures), ['orders', 'won_deals', 'win_rate'], "no data, no card")
        self.assertIn("500", figures['orders']['value'])
        self.assertEqual(figures['orders']['basis'], "Orders: 2 in the last 12 months")
        self.assertEqual(figures['win_rate']['value'], "50%")
        self.assertEqual(figures['win_rate']['basis'], "Deals: 1 of 2 in the last 12 months")
        action = figures['orders']['action']
        self.assertEqual(
            sum(self.Measure.search(action['domain']).mapped('numerator')), 500.0,
        )

    # === COST ===#

    def _create_rich_customers(self, count):
        partners = self.env['res.partner'].create([
            {'name': f"Customer {index}", 'is_company': True} for index in range(count)
        ])
        for partner in partners:
            self._create_customer(partner, user_id=self.salesman.id).sudo().grade_id = self.grade_b
            deal = self._create_deal(partner, 100.0, user_id=self.salesman.id)
            deal.activity_schedule(
                'mail.mail_activity_data_call', self.today, user_id=self.salesman.id,
            )
            self._create_order(partner, 50.0, '2026-01-10', state='sent')
            partner.message_post(**HELLO)
        self._refresh(*partners)
        self.env.flush_all()
        self.cr.precommit.run()  # the lead log is written with the commit
        return partners

    def _count_queries(self, partners, names):
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        partners.with_user(self.salesman).read(names)
        return self.cr.sql_log_count - before

    def test_twenty_partners_cost_what_one_costs(self):
        partners = self._create_rich_customers(20)
        names = [*HUB_FIELDS, *LIVE_FIELDS]
        self._count_queries(partners[:1], names)  # fill the caches of the registry
        one = self._count_queries(partners[:1], names)
        twenty = self._count_queries(partners, names)
        self.assertEqual(twenty, one, "the cost must not grow with the number of partners")

    def test_cost_of_the_page(self):
        """All values of the page together: a handful of statements."""
        partners = self._create_rich_customers(3)
        self.env.invalidate_all()
        partners.with_user(self.salesman).read([*HUB_FIELDS, *LIVE_FIELDS])
        self.env.invalidate_all()
        with self.assertQueryCount(21):
            partners.with_user(self.salesman).read([*HUB_FIELDS, *LIVE_FIELDS])
        self.env.invalidate_all()
        with self.assertQueryCount(7):
            partners.with_user(self.salesman).read(HUB_FIELDS)


@tagged('post_install', '-at_install')
class TestCustomerList(CustomerPageCommon):
    """The list of customers: live columns and where a click leads."""

    def test_row_opens_the_page(self):
        action = self.customer.with_user(self.salesman).action_open_partner()
        self.assertEqual(
            (action['res_model'], action['res_id'], action['views']),
            ('res.partner', self.partner.id, [(False, 'form')]),
        )

    def test_to_call(self):
        Customer = self.env['scp.customer'].with_user(self.salesman)
        domain = [('id', '=', self.customer.id), ('is_to_call', '=', True)]
        self.assertTrue(Customer.search(domain), "never contacted, nothing planned")
        self.assertTrue(Customer.browse(self.customer.id).is_to_call)

        message = self.contact.message_post(**HELLO)
        self.env.invalidate_all()
        self.assertFalse(Customer.search(domain), "contacted just now")
        self.assertFalse(Customer.browse(self.customer.id).is_to_call)
        message.date = fields.Datetime.subtract(fields.Datetime.now(), days=8)
        self.env.invalidate_all()
        self.assertTrue(Customer.search(domain), "a week of silence")

        deal = self._create_deal(self.contact, 100.0, user_id=self.stranger.id)
        activity = deal.activity_schedule(
            'mail.mail_activity_data_call', self.today, user_id=self.stranger.id,
        )
        self.assertFalse(Customer.search(domain), "a colleague has something planned")
        activity.unlink()
        self.assertTrue(Customer.search(domain))
        self.assertFalse(
            Customer.search([('id', '=', self.customer.id), ('is_to_call', '=', False)]),
        )

    def test_list_costs_the_same_for_many(self):
        names = ['open_amount', 'open_deal_count', 'last_contact_date', 'is_to_call']

        def count(customers):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            customers.with_user(self.salesman).read(names)
            return self.cr.sql_log_count - before

        customers = self.customer
        for index in range(10):
            customers |= self._create_customer(
                self._create_partner(f"Customer {index}"), user_id=self.salesman.id,
            )
        self.env.flush_all()
        count(self.customer)
        self.assertEqual(count(customers), count(self.customer))

from odoo.tests import TransactionCase, tagged

CUSTOMERS = 40
ORDERS = 270
STORY_DAYS = 540

ROLES = {
    'user_scp_sales': 'crm_scp_core.group_scp_user',
    'user_scp_sales_asia': 'crm_scp_core.group_scp_user',
    'user_scp_leader': 'crm_scp_core.group_scp_team',
    'user_scp_manager': 'crm_scp_core.group_scp_manager',
    'user_scp_quality': 'crm_scp_core.group_scp_quality',
    'user_scp_auditor': 'crm_scp_core.group_scp_auditor',
    'user_scp_accountant': 'account.group_account_invoice',
    'user_scp_customer': 'base.group_portal',
    'user_scp_distributor': 'base.group_portal',
}


class DemoCase(TransactionCase):
    """The demo data as installed: nothing is created here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.ref('base.main_company')
        cls.customers = cls.env['scp.demo']._get_customers()

    def customer(self, code):
        return self.env.ref(f'crm_scp_core.partner_{code}')

    def hub(self, code):
        return self.env['scp.customer'].search([
            ('partner_id', '=', self.customer(code).id), ('company_id', '=', self.company.id),
        ])

    def orders(self, customers):
        return self.env['sale.order'].search([
            ('partner_id', 'in', customers.ids), ('state', '=', 'sale'),
        ], order='date_order')

    def revenue(self, customers):
        """Confirmed orders in company currency, at the rate of each order."""
        return sum(
            order.amount_untaxed / order.currency_rate for order in self.orders(customers)
        )


@tagged('post_install', '-at_install')
class TestDemoPeople(DemoCase):

    def test_one_user_per_role(self):
        for name, group in ROLES.items():
            user = self.env.ref(f'crm_scp_core.{name}')
            self.assertTrue(user.has_group(group), name)
            self.assertEqual(f'user_{user.login}', name)
            self.assertEqual(user.share, group == 'base.group_portal', name)
            self.assertTrue(user.tz and user.email, name)

    def test_outsiders_have_no_role_here(self):
        accountant = self.env.ref('crm_scp_core.user_scp_accountant')
        self.assertFalse(accountant.has_group('sales_team.group_sale_salesman'))
        auditor = self.env.ref('crm_scp_core.user_scp_auditor')
        self.assertFalse(auditor.has_group('crm_scp_core.group_scp_user'))

    def test_password_is_the_login(self):
        login = {'type': 'password', 'login': 'scp_sales', 'password': 'scp_sales'}
        user = self.env.ref('crm_scp_core.user_scp_sales')
        self.assertEqual(user.authenticate(login, {'interactive': True})['uid'], user.id)

    def test_portal_users_belong_to_customers(self):
        self.assertEqual(
            self.env.ref('crm_scp_core.user_scp_customer').commercial_partner_id,
            self.customer('rheintal'),
        )
        self.assertEqual(
            self.env.ref('crm_scp_core.user_scp_distributor').commercial_partner_id,
            self.customer('yuanli'),
        )

    def test_customers_are_complete(self):
        self.assertEqual(len(self.customers), CUSTOMERS)
        for customer in self.customers:
            self.assertTrue(
                customer.country_id and customer.industry_id and customer.child_ids
                and customer.property_payment_term_id and customer.user_id.sale_team_id,
                customer.name,
            )

    def test_teams_do_not_share_customers(self):
        asia = self.env.ref('crm_scp_core.crm_team_asia')
        process = self.env.ref('crm_scp_core.crm_team_process')
        teams = self.customers.user_id.sale_team_id
        self.assertEqual(teams, asia | process)
        self.assertFalse(asia.member_ids & process.member_ids)


@tagged('post_install', '-at_install')
class TestDemoOrders(DemoCase):

    def test_eighteen_months_of_orders(self):
        orders = self.orders(self.customers)
        self.assertEqual(len(orders), ORDERS)
        self.assertEqual(len(orders.partner_id), CUSTOMERS)
        span = orders[-1].date_order - orders[0].date_order
        self.assertGreater(span.days, STORY_DAYS - 10)
        self.assertLessEqual(span.days, STORY_DAYS)
        # confirming sets the present: it was put back, and the numbers follow the calendar
        self.assertEqual(orders.sorted('id'), orders.sorted(lambda o: (o.date_order, o.id)))
        self.assertFalse(orders.filtered(lambda order: order.create_date != order.date_order))

    def test_one_customer_by_hand(self):
        """Ten of each: 10 x 180 + 10 x 48 = 2,280; then twice twenty of each: 4,560."""
        cascadia = self.customer('cascadia')
        self.assertEqual(
            self.orders(cascadia).mapped('amount_untaxed'), [2280.0, 4560.0, 4560.0],
        )
        measures = self.hub('cascadia').measure_ids.filtered(lambda m: m.code == 'orders')
        self.assertEqual(sum(measures.mapped('numerator')), 11400.0)
        self.assertEqual(sum(measures.mapped('n')), 3)

    def test_few_customers_carry_the_firm(self):
        amounts = sorted(map(self.revenue, self.customers), reverse=True)
        fifth = sum(amounts[:CUSTOMERS // 5])
        self.assertGreater(fifth / sum(amounts), 0.65)
        self.assertLess(amounts[0] / sum(amounts), 0.25)

    def test_foreign_currencies(self):
        """28 valves and 28 actuators at 1,450 and 640 dollars, at the rate of the day."""
        for code, currency in (('rheintal', 'EUR'), ('hengtai', 'CNY'), ('yuanli', 'TWD')):
            orders = self.orders(self.customer(code))
            self.assertEqual(orders.currency_id.name, currency)
        first = self.orders(self.customer('hengtai'))[0]
        self.assertEqual(first.order_line.mapped('product_uom_qty'), [28, 28])
        self.assertAlmostEqual(first.currency_rate, 7.25)
        self.assertAlmostEqual(first.amount_untaxed, 28 * (1450 + 640) * 7.25)

    def test_large_customer_costs_money(self):
        """Pumps at 4,200 less 42 per cent are sold at 2,436 and cost 2,690."""
        titan = self.orders(self.customer('titan'))
        lines = titan.order_line
        cost = sum(line.product_uom_qty * line.product_id.standard_price for line in lines)
        margin = sum(lines.mapped('price_subtotal')) - cost
        self.assertAlmostEqual(margin, -254 * sum(lines.mapped('product_uom_qty')))
        largest = sorted(self.customers, key=self.revenue, reverse=True)[:5]
        self.assertIn(self.customer('titan'), largest)

    def test_life_cycle_stages(self):
        expected = {
            'adriatica': 'at_risk', 'bluepeak': 'at_risk', 'ostsee': 'lost', 'lacroix': 'lost',
            'vandijk': 'won_back', 'longhua': 'new', 'dublin': 'new', 'nordvatten': 'stable',
        }
        self.assertEqual({code: self.hub(code).life_cycle_stage for code in expected}, expected)

    def test_quotations_wait_for_every_salesperson(self):
        quotations = self.env['sale.order'].search([
            ('partner_id', 'in', self.customers.child_ids.ids), ('state', 'in', ['draft', 'sent']),
        ])
        self.assertEqual(len(quotations), 13)
        self.assertEqual(quotations.user_id, self.customers.user_id)


@tagged('post_install', '-at_install')
class TestDemoInvoices(DemoCase):

    def invoices(self, customers, move_type='out_invoice'):
        return self.env['account.move'].search([
            ('partner_id', 'in', customers.ids), ('move_type', '=', move_type),
        ], order='invoice_date, id')

    def test_one_customer_by_hand(self):
        """Three orders, three invoices 24 days later; the third was not due when it began."""
        invoices = self.invoices(self.customer('cascadia'))
        orders = self.orders(self.customer('cascadia'))
        self.assertEqual(invoices.mapped('amount_total'), [2280.0, 4560.0, 4560.0])
        self.assertEqual(invoices.mapped('amount_residual'), [0.0, 0.0, 4560.0])
        self.assertEqual(set(invoices.mapped('state')), {'posted'})
        for invoice, order in zip(invoices, orders, strict=True):
            self.assertEqual((invoice.invoice_date - order.date_order.date()).days, 24)
            self.assertEqual(order.invoice_ids, invoice)

    def test_late_payers(self):
        """Those who left do not pay the last invoices either."""
        unpaid = self.invoices(self.customer('adriatica')).filtered('amount_residual')
        self.assertEqual(len(unpaid), 2)
        self.assertEqual(unpaid, self.invoices(self.customer('adriatica'))[-2:])

    def test_credit_notes_are_linked_to_orders(self):
        refunds = self.invoices(self.customers, 'out_refund')
        # compensations for complaints leave their orders invoiced
        refunds -= self.env['scp.complaint.compensation'].search([]).refund_move_id
        self.assertEqual(len(refunds), 6)
        self.assertEqual(len(refunds.filtered(lambda r: r.partner_id == self.customer('haifeng'))), 3)
        for line in refunds.invoice_line_ids:
            self.assertEqual(line.sale_line_ids.order_id.partner_id, line.partner_id)

    def test_refund_heavy_customer(self):
        haifeng = self.customer('haifeng')
        invoiced = sum(self.invoices(haifeng).mapped('amount_untaxed'))
        refunded = sum(self.invoices(haifeng, 'out_refund').mapped('amount_untaxed'))
        self.assertGreater(refunded / invoiced, 0.3)


@tagged('post_install', '-at_install')
class TestDemoDeals(DemoCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deals = cls.env['crm.lead'].browse(cls.env['ir.model.data'].search([
            ('module', '=', 'crm_scp_core'), ('model', '=', 'crm.lead'),
        ]).mapped('res_id')).with_context(active_test=False)
        cls.log = cls.env['scp.lead.log'].search([('lead_id', 'in', cls.deals.ids)], order='date, id')

    def deal(self, name):
        return self.env.ref(f'crm_scp_core.crm_lead_{name}')

    def test_outcomes(self):
        counts = dict(self.deals._read_group(
            [('id', 'in', self.deals.ids)], ['won_status'], ['__count'],
        ))
        self.assertEqual(counts, {'won': 22, 'lost': 16, 'pending': 37})
        self.assertTrue(all(
            deal.lost_reason_id for deal in self.deals if deal.won_status == 'lost'
        ))

    def test_open_deals_in_every_band(self):
        pending = self.deals.filtered(lambda deal: deal.won_status == 'pending')
        counts = {}
        for deal in pending:
            counts[deal.scp_band] = counts.get(deal.scp_band, 0) + 1
        self.assertEqual(counts, {'top': 9, 'upper': 12, 'middle': 11, 'lower': 5})

    def test_log_tells_the_past(self):
        """Every deal entered when it was created, and the log ends where the deal stands."""
        entered = self.log.filtered(lambda row: row.direction == 'enter')
        self.assertEqual(len(entered), len(self.deals))
        self.assertEqual(set(self.log.mapped('source')), {'user'})
        rows = self.log.grouped('lead_id')
        for deal in self.deals:
            self.assertEqual(rows[deal][0].date, deal.create_date)
            self.assertEqual(rows[deal][-1].stage_to_id, deal.stage_id)
            self.assertEqual(rows[deal][-1].won_status_to, deal.won_status)
        self.assertFalse(entered & self.log.filtered('stay_hours'))

    def test_directions(self):
        counts = {}
        for row in self.log:
            counts[row.direction] = counts.get(row.direction, 0) + 1
        self.assertEqual(
            {direction: counts[direction] for direction in ('won', 'lost', 'reopen', 'back')},
            {'won': 22, 'lost': 19, 'reopen': 3, 'back': 1},
        )

    def test_pushed_three_times(self):
        shifts = [
            row.deadline_shift
            for row in self.log if row.lead_id == self.deal('prairie_still') and row.change_deadline
        ]
        self.assertEqual(shifts, [30, 30, 40])

    def test_price_gave_way(self):
        """Before it was won, the deal went from 260,000 to 158,000."""
        amounts = [
            row.amount_to for row in self.log
            if row.lead_id == self.deal('titan_pumps') and (row.change_amount or row.direction == 'enter')
        ]
        self.assertEqual(amounts, [260000.0, 214000.0, 158000.0])

    def test_stay_in_a_stage_by_hand(self):
        """In negotiation from day 90 to day 112; the hours of the day differ."""
        won = self.log.filtered(
            lambda row: row.lead_id == self.deal('rheintal_tankfarm') and row.direction == 'won',
        )
        self.assertAlmostEqual(won.stay_hours / 24, 22, delta=0.5)

    def test_reopened_after_months(self):
        rows = self.log.filtered(lambda row: row.lead_id == self.deal('merlion_fleet'))
        lost, reopened = (
            next(row for row in rows if row.direction == direction)
            for direction in ('lost', 'reopen')
        )
        self.assertAlmostEqual((reopened.date - lost.date).total_seconds() / 86400, 120, delta=0.5)

    def test_won_deals_lead_to_orders(self):
        for deal in self.deals.filtered(lambda deal: deal.won_status == 'won'):
            for order in deal.order_ids:
                self.assertGreaterEqual(order.date_order, deal.date_closed)
        self.assertGreaterEqual(len(self.deals.filtered(
            lambda deal: deal.won_status == 'won' and deal.order_ids,
        )), 20)

    def test_missed_gates(self):
        def gate(name):
            return self.env['scp.lead.gate'].search([('lead_id', '=', self.deal(name).id)])

        self.assertEqual(gate('cascadia_tender').unmet, [{'rule': 'skip', 'count': 1}])
        self.assertEqual(gate('prospect_tagus').unmet, [{'rule': 'field', 'field': 'partner_id'}])
        self.assertTrue(gate('cascadia_tender').reason and gate('prospect_tagus').reason)
        waiting = gate('merlion_fleet')
        self.assertFalse(waiting.reason)
        self.assertEqual(waiting.activity_id.user_id, self.deal('merlion_fleet').user_id)
        self.assertTrue(waiting.activity_id.active)

    def test_wins_and_losses(self):
        rival = self.env.ref('crm_scp_core.scp_competitor_delta_flow')
        self.assertEqual((rival.won_count, rival.lost_count), (5, 6))
        reasons = self.deals.filtered('scp_won_reason_id').mapped('won_status')
        self.assertEqual(reasons, ['won'] * 19)
        revisit = self.deal('adriatica_polymer')
        self.assertIn(revisit.scp_revisit_date, revisit.activity_ids.mapped('date_deadline'))

    def test_from_order_to_payment(self):
        deal = self.deal('rheintal_tankfarm')
        order = deal.order_ids
        self.assertEqual(
            deal.scp_ordered, deal.company_currency.round(order.amount_untaxed / order.currency_rate))
        self.assertEqual(deal.scp_delivered, deal.scp_ordered)

    def test_chatter_is_dated_back(self):
        deal = self.deal('hengtai_cracker')
        self.assertEqual(max(deal.message_ids.mapped('date')), deal.date_closed)
        self.assertEqual(min(deal.message_ids.mapped('date')), deal.create_date)
        self.assertEqual(deal.message_ids.author_id, deal.user_id.partner_id)

    def test_everybody_has_something_to_do(self):
        for name in ('sales', 'sales_asia', 'leader', 'manager', 'accountant', 'quality'):
            user = self.env.ref(f'crm_scp_core.user_scp_{name}')
            self.assertTrue(self.env['mail.activity'].search_count([('user_id', '=', user.id)]), name)

from datetime import date, timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID, Command, api, fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.base.tests.common import BaseCommon
from odoo.addons.crm_scp_analytics.models.facts import scp_value_fact_refresh

from .common import FactCommon

# instead of what changed: the transaction of a test is always open, and looked at again
NOTHING = SQL("SELECT 0 AS partner_id, 0 AS company_id, 0 AS order_id WHERE FALSE")


@tagged('post_install', '-at_install')
class TestScpValueFactRefresh(FactCommon):

    def test_nothing_changed_nothing_written(self):
        """All that this test wrote is looked at again: it is one transaction, still open."""
        self._order(self.partner, '2026-05-10 01:00', 100)
        self.assertTrue(self.Refresh._refresh().row_count)
        again = self.Refresh._refresh()
        self.assertGreaterEqual(again.customer_count, 1)
        self.assertEqual(again.row_count, 0)

    def test_rebuild_gives_identical_rows(self):
        """After each of many changes, what was kept up to date equals what is built from nothing."""
        beta = self._create_partner("Beta", is_company=True)
        contact = self._create_partner("Anna", parent_id=beta.id)
        orders = [
            self._order(partner, f'2026-05-{day} 01:00', 10.01 * day, currency=currency)
            for day, (partner, currency) in enumerate([
                (self.partner, None), (beta, self.dollar), (contact, None), (self.partner, self.dollar),
            ], 10)
        ]
        first, second = self._invoice(orders[0], '2026-06-01'), self._invoice(orders[1], '2026-06-02')
        for change in (
            lambda: None,
            lambda: self._reverse(first, '2026-06-10', again=True).action_post(),
            lambda: self._refund(orders[1].order_line, 3.33, '2026-06-11'),
            lambda: setattr(orders[3].order_line, 'price_unit', 77.77),
            lambda: setattr(orders[2].order_line, 'purchase_price', 1.23),
            lambda: setattr(contact, 'parent_id', self.partner.id),
            lambda: second.button_draft(),
            lambda: setattr(beta, 'active', False),
            lambda: (orders[2]._action_cancel(), orders[2].unlink()),
        ):
            change()
            self.Refresh._refresh()
            kept = self._get_rows()
            self.Fact._remove(SQL("TRUE"))
            self.Refresh._rebuild()
            self.assertEqual(self._get_rows(), kept)
        self.assertEqual(self.Refresh._rebuild().row_count, 0)

    def test_days_of_changed_orders(self):
        """Of a customer of whom only an order changed, the days that this moves are built, and no other."""
        plain, other, returned, credited, billed_anew = (
            self._order(self.partner, f'2026-05-{day} 01:00', amount)
            for day, amount in ((10, 100), (12, 40), (14, -30), (16, 80), (18, 60))
        )
        other.order_line.discount = 10
        self._refund(credited.order_line, 25, '2026-06-10')
        invoice = self._invoice(billed_anew, '2026-06-12')
        self._reverse(invoice, '2026-06-14', again=True).action_post()
        self.Refresh._refresh()
        self.env.cr.execute("UPDATE scp_value_fact SET discount = 7 WHERE day = '2026-05-12'")
        self._refresh_order(plain)
        self.assertEqual(self._get_discount('2026-05-12'), 7, "nobody changed that day")
        self._refresh_order(other)
        self.assertEqual(self._get_discount('2026-05-12'), 4)
        for order, values in (
            (plain, {'order_line': [Command.update(plain.order_line.id, {'price_unit': 77.77, 'discount': 5})]}),
            (plain, {'date_order': '2026-05-11 01:00'}),
            (plain, {'date_order': '2026-05-12 02:00'}),
            (returned, {'date_order': '2026-05-15 01:00'}),
            (credited, {'order_line': [Command.update(credited.order_line.id, {'price_unit': 70})]}),
            (billed_anew, {'order_line': [Command.update(billed_anew.order_line.id, {'price_unit': 90})]}),
            (other, {'state': 'cancel'}),
            (credited, {'state': 'cancel'}),
        ):
            order.locked = False
            order.write(values)
            self._refresh_order(order)
            kept = self._get_rows()
            self.Fact._remove(SQL("TRUE"))
            self.Refresh._rebuild()
            self.assertEqual(self._get_rows(), kept, values)

    def test_credited_lines_are_known(self):
        """Lines that a credit note is for are found once; where none is known, all credit notes are gone through."""
        Credit = self.env['scp.value.fact.credit']
        credited, other = (self._order(self.partner, f'2026-05-{day} 01:00', 80) for day in (10, 12))
        self._refund(credited.order_line, 25, '2026-06-10')
        self.Refresh._refresh()
        lines = Credit.search([('order_id', 'in', (credited + other).ids)]).order_line_id
        self.assertEqual(lines, credited.order_line)
        expected = {'2026-05-10': 80, '2026-05-12': 80, '2026-06-10': -25}
        for forget in (lambda: None, lambda: self.env.cr.execute("DELETE FROM scp_value_fact_credit")):
            forget()
            self._refresh_order(credited)
            self.assertEqual({str(fact.day): fact.amount for fact in self.Fact.search([
                ('partner_id', '=', self.partner.id),
            ])}, expected)
        refund = credited.invoice_ids.filtered(lambda move: move.move_type == 'out_refund')
        refund.button_draft()
        self.assertEqual(self._get_facts('amount'), {'2026-05-10': 80, '2026-05-12': 80})
        self.assertEqual(Credit.search_count([('order_id', '=', credited.id)]), 1, "looked at, though it is a draft")
        self.Refresh._rebuild()
        self.assertEqual(Credit.search_count([('order_id', '=', credited.id)]), 0)

    def test_numbers_of_transactions_come_round(self):
        """Of 2^32 numbers half are later than the mark, itself included; the mark has had its rounds."""
        rounds = 3 * 2 ** 32
        for mark, written, changed in (
            (10, 9, False), (10, 10, True), (10, 11, True), (10, 2 ** 32 - 1, False),
            (10, 10 + 2 ** 31 - 1, True), (10, 10 + 2 ** 31, False),
            (2 ** 32 - 6, 5, True), (2 ** 32 - 6, 2 ** 32 - 7, False),
        ):
            [[found]] = self.env.execute_query(SQL(
                "SELECT %s FROM (SELECT %s::text::xid AS xmin) written",
                self.Refresh._get_change_condition('written', rounds + mark), str(written),
            ))
            self.assertIs(found, changed, (mark, written))

    def _get_discount(self, day):
        return self.Fact.search([('partner_id', '=', self.partner.id), ('day', '=', day)]).discount

    def test_contact_moves(self):
        """What a contact bought goes with him to another company, from one side to the other."""
        beta = self._create_partner("Beta", is_company=True)
        contact = self._create_partner("Anna", parent_id=self.partner.id)
        self._order(contact, '2026-05-10 01:00', 100)
        self._order(self.partner, '2026-05-11 01:00', 30)
        self._order(beta, '2026-05-12 01:00', 7)
        self.assertEqual(self._get_facts('amount'), {'2026-05-10': 100, '2026-05-11': 30})
        contact.parent_id = beta
        self.assertEqual(self._get_facts('amount'), {'2026-05-11': 30})
        self.assertEqual(self._get_facts('amount', partner=beta), {'2026-05-10': 100, '2026-05-12': 7})

    def test_merge(self):
        gone = self._create_partner("Gone")
        self._order(gone, '2026-05-10 01:00', 100)
        self._order(self.partner, '2026-05-10 03:00', 30)
        self._get_facts('amount')
        self.env['base.partner.merge.automatic.wizard'].create({})._merge(
            (self.partner + gone).ids, self.partner,
        )
        self.assertEqual(self._get_facts('order_count', 'amount'), {'2026-05-10': (2, 130)})
        self.env.cr.execute("""
            SELECT COUNT(*) FROM scp_value_fact
             WHERE customer_id NOT IN (SELECT id FROM scp_customer)
        """)
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_order_changes_hands(self):
        beta = self._create_partner("Beta")
        order = self._order(self.partner, '2026-05-10 01:00', 100)
        self._get_facts('amount')
        order.partner_id = beta
        self.assertEqual(self._get_facts('amount'), {})
        self.assertEqual(self._get_facts('amount', partner=beta), {'2026-05-10': 100})

    def test_deleted(self):
        """Neither an order nor an invoice that is gone leaves anything, nor does the customer."""
        order = self._order(self.partner, '2026-05-10 01:00', 100)
        invoice = self._invoice(order, '2026-05-11')
        self._get_facts('amount')
        invoice.button_draft()
        invoice.with_context(force_delete=True).unlink()
        order._action_cancel()
        order.unlink()
        self.assertEqual(self._get_facts('amount'), {})
        self._order(self.partner, '2026-05-10 01:00', 100)
        self._get_facts('amount')
        customer = self.Fact.search([('partner_id', '=', self.partner.id)]).customer_id
        self.env['sale.order'].search([('partner_id', '=', self.partner.id)])._action_cancel()
        self.env['sale.order'].search([('partner_id', '=', self.partner.id)]).unlink()
        self.partner.unlink()
        self.env.cr.execute("SELECT COUNT(*) FROM scp_value_fact WHERE customer_id = %s", [customer.id])
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_archived_customers_count(self):
        self._order(self.partner, '2026-05-10 01:00', 100)
        self.partner.active = False
        self.Refresh._refresh()
        self.assertEqual(
            self.Fact.with_context(active_test=False).search([
                ('partner_id', '=', self.partner.id),
            ]).mapped('amount'), [100],
        )

    def test_time_zone_of_the_company(self):
        self._order(self.partner, '2026-05-10 17:00', 100)
        self.assertEqual(self._get_facts('amount'), {'2026-05-11': 100})
        self.company.resource_calendar_id.tz = 'UTC'
        with patch.object(type(self.Refresh), '_get_change_queries', lambda *args: {'none': NOTHING}):
            self.assertEqual(self._get_facts('amount'), {'2026-05-10': 100})

    def test_everything_is_due(self):
        """On the first pass, on another server, and after a thousand million transactions."""
        order = self._order(self.partner, '2026-05-10 01:00', 100)
        self.Refresh._refresh()
        changes = patch.object(type(self.Refresh), '_get_change_queries', lambda *args: {'none': NOTHING})
        for values in (
            {'horizon': False},
            {'basis': {'database': 'another'}},
            {'horizon': '99999999999999'},
        ):
            last = self.Refresh.search([], limit=1)
            last.write(values)
            if not values.get('horizon', True):
                self.Refresh.search([]).write(values)
            order.order_line.price_unit += 1
            self.env.cr.execute("DELETE FROM scp_value_fact_due")
            with changes:
                self.assertEqual(self._get_facts('amount'), {'2026-05-10': order.amount_untaxed}, values)

    def test_goes_on_where_it_was(self):
        """A pass is killed after its first batch: the next one does the rest."""
        partners = self._create_partners("A", "B", "C")
        for partner in partners:
            self._order(partner, '2026-05-10 01:00', 100)
        self.Refresh._refresh()
        self.env['sale.order'].search([('partner_id', 'in', partners.ids)]).order_line.price_unit = 50
        customers = self.Customer.search([('partner_id', 'in', partners.ids)])
        with (
            patch.object(scp_value_fact_refresh, 'BATCH_SIZE', 1),
            patch.object(type(self.Refresh), '_get_change_queries', lambda *args: {'none': NOTHING}),
        ):
            self.env.cr.execute("DELETE FROM scp_value_fact_due")
            self.env['scp.value.fact.due']._add_partners(partners)
            killed = self.Refresh._begin()
            self.assertTrue(killed._run_batch())
            self.assertEqual(self._count_facts(customers, 50), 1)
            self.Refresh._refresh()
        self.assertEqual(self._count_facts(customers, 50), 3)
        self.assertFalse(killed.date_end)

    def _count_facts(self, customers, amount):
        return self.Fact.search_count([('customer_id', 'in', customers.ids), ('amount', '=', amount)])

    def test_totals_are_compared_once_a_week(self):
        """An order and the rows of a customer deleted behind the back of Odoo are found out."""
        order = self._order(self.partner, '2026-05-10 01:00', 100)
        self._order(self.partner, '2026-05-11 01:00', 30)
        self.Refresh._refresh()
        self.env.cr.execute("DELETE FROM sale_order WHERE id = %s", [order.id])
        self.env.cr.execute("DELETE FROM scp_value_fact_due")
        self.env.invalidate_all()
        with patch.object(type(self.Refresh), '_get_change_queries', lambda *args: {'none': NOTHING}):
            self.assertEqual(len(self._get_facts('amount')), 2, "compared just now")
            self.Refresh.search([]).date_start = fields.Datetime.now() - timedelta(days=8)
            self.assertEqual(self._get_facts('amount'), {'2026-05-11': 30})
        last = self.Refresh.search([], limit=1)
        self.assertRecordValues(last, [{'compared': True, 'difference_count': 1, 'row_count': 1}])

    def test_job(self):
        self._order(self.partner, '2026-05-10 01:00', 100)
        with self.enter_registry_test_mode():
            self.env.ref('crm_scp_analytics.ir_cron_scp_value_fact').method_direct_trigger()
        self.assertEqual(self.Fact.search([('partner_id', '=', self.partner.id)]).amount, 100)
        self.assertTrue(self.Refresh.search([], limit=1).date_end)

    def test_one_at_a_time(self):
        with self.registry.cursor() as other:
            api.Environment(other, SUPERUSER_ID, {})['scp.value.fact.refresh']._lock()
            with self.assertRaisesRegex(UserError, "being summed up at this moment"):
                self.Refresh._refresh()
        self.Refresh._refresh()

    def test_run_reads_the_days(self):
        """Money given back counts with the purchase before it."""
        self._order(self.partner, '2026-05-10 01:00', 100)
        order = self._order(self.partner, '2026-05-12 01:00', 40)
        self._refund(order.order_line, 15, '2026-05-20')
        run = self.Run.create(self.Run._prepare_run_values(self.company, date(2026, 6, 30)))
        run._refresh_facts()
        customer, day, money = run._fetch_purchase_days().values()
        known = self.Customer.search([('partner_id', '=', self.partner.id), ('company_id', '=', self.company.id)])
        self.assertEqual(customer.tolist(), [known.id] * 2)
        self.assertEqual(day.tolist(), [
            (date(2026, 5, day) - date(1970, 1, 1)).days for day in (10, 12)
        ])
        self.assertEqual(money.tolist(), [100, 25])
        figures = [column.tolist() for column in run._get_purchase_columns().values()]
        self.assertEqual(figures, [[known.id], [49], [2], [2], [125.0]])

    def test_currency_without_rate(self):
        franc = self.env.ref('base.CHF')
        franc.active = True
        franc.rate_ids.unlink()
        self._order(self.partner, '2026-05-10 01:00', 100, currency=franc)
        with mute_logger('odoo.addons.crm_scp_analytics.models.value.scp_value_run_job'):
            run = self.Run._score(self.company, date_to=date(2026, 6, 30))
        self.assertEqual(run.state, 'failed')
        self.assertIn("orders in CHF, but no rate of exchange", run.error)
        self.assertFalse(self._search_scores(run))


@tagged('post_install', '-at_install')
class TestScpValueFactConnections(BaseCommon):
    """Two connections. What they share must be committed, and is removed again."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            partner = env['res.partner'].create({'name': "SCP Two Connections"})
            company = env.ref('base.main_company')
            orders = env['sale.order'].create([
                {'partner_id': partner.id, 'company_id': company.id} for __ in range(2)
            ])
            self.partner_id, self.order_ids = partner.id, orders.ids
            env.flush_all()
            cr.execute("""
                UPDATE sale_order SET state = 'sale', amount_untaxed = 1, margin = 0,
                                      date_order = '2026-05-10 04:00'
                 WHERE id = ANY(%s)
            """, [orders.ids])
            cr.execute("SELECT COALESCE(MAX(id), 0) FROM scp_value_fact_refresh")
            [self.last_pass] = cr.fetchone()
        self.addCleanup(self._remove_shared)

    def _remove_shared(self):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM scp_value_fact_refresh WHERE id > %s", [self.last_pass])
            cr.execute("DELETE FROM sale_order WHERE id = ANY(%s)", [self.order_ids])
            cr.execute("DELETE FROM scp_value_fact_due")
            api.Environment(cr, SUPERUSER_ID, {})['res.partner'].browse(self.partner_id).unlink()

    def _refresh(self):
        """:return: what the customer ordered, as committed by a refresh in a connection of its own"""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env['scp.value.fact.refresh']._refresh()
            return sum(env['scp.value.fact'].search([('partner_id', '=', self.partner_id)]).mapped('ordered'))

    def _write(self, cr, order_id, amount):
        cr.execute("""
            UPDATE sale_order SET amount_untaxed = %s, write_date = now() AT TIME ZONE 'UTC'
             WHERE id = %s RETURNING write_date
        """, [amount, order_id])
        return cr.fetchone()[0]

    def test_long_transaction(self):
        """Written first, committed last: two refreshes and a later change lie in between."""
        first, second = self.order_ids
        self.assertEqual(self._refresh(), 2)
        with self.registry.cursor() as slow:
            slow_date = self._write(slow, first, 1000)
            for amount in (10, 20):
                with self.registry.cursor() as quick:
                    quick_date = self._write(quick, second, amount)
                self.assertEqual(self._refresh(), 1 + amount)
            self.assertLess(slow_date, quick_date, "no watermark on write_date would find it")
        self.assertEqual(self._refresh(), 1020)

    def test_savepoint(self):
        """A row written behind a savepoint carries a number of its own, higher than its transaction's."""
        first, _second = self.order_ids
        with self.registry.cursor() as slow:
            slow.execute("SELECT pg_current_xact_id()")
            self._refresh()
            with slow.savepoint():
                self._write(slow, first, 500)
            self.assertEqual(self._refresh(), 2)
        self.assertEqual(self._refresh(), 501)

    def test_quiet_customers_are_left_alone(self):
        """Only who changed since the oldest open transaction is summed up again."""
        self._refresh()
        self._refresh()
        with self.registry.cursor() as cr:
            self._write(cr, self.order_ids[0], 7)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            refresh = env['scp.value.fact.refresh']._refresh()
            self.assertGreaterEqual(refresh.customer_count, 1)
            self.assertLess(refresh.customer_count, env['scp.customer'].search_count([]))

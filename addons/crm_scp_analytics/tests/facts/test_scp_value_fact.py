from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.sql_db import Cursor
from odoo.tests import new_test_user, tagged

from .common import FactCommon


@tagged('post_install', '-at_install')
class TestScpValueFact(FactCommon):

    def test_worked_example(self):
        """Three orders of a company and its contact, each of one gauge that costs 60.

        moment (UTC)      day in Taipei  amount        ordered  cost  discount
        2026-05-10 01:00  10 May           100 EUR         100    60         0
        2026-05-10 09:00  10 May           200 USD         100    60         0  by the contact, at 2
        2026-05-10 17:00  11 May           400 EUR - 25 %  300    60       100
        """
        contact = self._create_partner("Anna", parent_id=self.partner.id)
        self._order(self.partner, '2026-05-10 01:00', 100)
        self._order(contact, '2026-05-10 09:00', 200, currency=self.dollar)
        self._order(self.partner, '2026-05-10 17:00', 400).order_line.discount = 25
        self.assertEqual(
            self._get_facts(
                'order_count', 'ordered', 'refunded', 'amount', 'cost', 'margin', 'discount',
                'invoiced', 'invoiced_cost',
            ),
            {
                '2026-05-10': (2, 200, 0, 200, 120, 80, 0, 0, 0),
                '2026-05-11': (1, 300, 0, 300, 60, 240, 100, 0, 0),
            },
        )
        self.assertFalse(self._get_facts('amount', partner=contact), "contacts are no customers")

    def test_only_confirmed_orders_count(self):
        quotation = self._order(self.partner, '2026-05-10 01:00', 100)
        quotation._action_cancel()
        self.assertFalse(self._get_facts('amount'))
        quotation.action_draft()
        self.assertFalse(self._get_facts('amount'))
        quotation.action_confirm()
        quotation.date_order = '2026-05-12 01:00'
        self.assertEqual(self._get_facts('order_count', 'amount'), {'2026-05-12': (1, 100)})

    def test_rate_and_cost_are_frozen(self):
        order = self._order(self.partner, '2026-05-10 01:00', 200, currency=self.dollar)
        before = self._get_facts('amount', 'cost')
        self.assertEqual(before, {'2026-05-10': (100, 60)})
        self.env['res.currency.rate'].search([('currency_id', '=', self.dollar.id)]).rate = 4
        self.product.standard_price = 10
        order.invalidate_recordset()
        self.assertEqual(self._get_facts('amount', 'cost'), before)

    def test_negative_and_future(self):
        """A return line lessens its order; an order below zero is a return and no purchase; one of
        the future is kept on its day."""
        order = self._order(self.partner, '2026-05-10 01:00', 100)
        order.order_line.create({
            'order_id': order.id, 'product_id': self.product.id, 'product_uom_qty': -1,
            'price_unit': 30, 'tax_ids': False,
        })
        self._order(self.partner, '2026-05-20 01:00', -40)
        self._order(self.partner, '2126-05-10 01:00', 7)
        self.assertEqual(
            self._get_facts('order_count', 'ordered', 'refunded', 'amount'),
            {
                '2026-05-10': (1, 70, 0, 70),
                '2026-05-20': (0, 0, 40, -40),
                '2126-05-10': (1, 7, 0, 7),
            },
        )

    def test_gift(self):
        """Nothing paid, all of the price given as discount, and the cost is a loss."""
        order = self._order(self.partner, '2026-05-10 01:00', 100)
        order.order_line.discount = 100
        self.assertEqual(
            self._get_facts('order_count', 'amount', 'discount', 'margin'),
            {'2026-05-10': (1, 0, 100, -60)},
        )

    def test_invoiced(self):
        """On the day of the books; the cost stays on the day of the order, as far as invoiced."""
        order = self._order(self.partner, '2026-05-10 01:00', 100)
        invoice = self._invoice(order, '2026-06-03', share=0.5)
        self.assertEqual(self._get_facts('ordered', 'cost', 'invoiced', 'invoiced_cost'), {
            '2026-05-10': (100, 60, 0, 30),
            '2026-06-03': (0, 0, 50, 0),
        })
        self._invoice(order, '2026-06-20')
        self.assertEqual(self._get_facts('invoiced', 'invoiced_cost'), {
            '2026-05-10': (0, 60), '2026-06-03': (50, 0), '2026-06-20': (50, 0),
        })
        invoice.button_draft()
        self.assertEqual(self._get_facts('invoiced', 'invoiced_cost'), {
            '2026-05-10': (0, 30), '2026-06-20': (50, 0),
        })

    def test_invoiced_equals_the_books(self):
        """Thirds of a cent, a foreign currency, taxes, a credit note and an invoice without order."""
        tax = self.company_data['default_tax_sale']
        partners = self.partner + self._create_partner("Beta")
        for number, partner in enumerate(partners):
            for currency in (self.euro, self.dollar):
                move = self.env['account.move'].create({
                    'move_type': 'out_invoice',
                    'partner_id': partner.id,
                    'invoice_date': '2026-05-10',
                    'currency_id': currency.id,
                    'invoice_line_ids': [Command.create({
                        'name': "Work", 'quantity': 3, 'price_unit': price, 'tax_ids': tax.ids,
                    }) for price in (0.33, 10.01 + number)],
                })
                move.action_post()
        self._reverse(move, '2026-06-01')
        self._invoice(self._order(self.partner, '2026-05-10 01:00', 33.33, currency=self.dollar), '2026-05-11')
        self.Refresh._refresh()
        books = self.env['account.move.line']._read_group(
            [
                ('company_id', '=', self.company.id), ('parent_state', '=', 'posted'),
                ('account_id.internal_group', '=', 'income'),
            ], ['partner_id'], ['balance:sum'],
        )
        self.assertEqual(len(books), 2)
        for partner, balance in books:
            [[invoiced]] = self.Fact._read_group(
                [('partner_id', '=', partner.id)], [], ['invoiced:sum'],
            )
            self.assertEqual(f'{invoiced:.2f}', f'{-balance:.2f}', partner.name)

    def test_companies_apart(self):
        other = self.setup_other_company(name="Company B", currency_id=self.dollar.id)['company']
        other.resource_calendar_id.tz = 'UTC'
        self.env = self.env(context=dict(
            self.env.context, allowed_company_ids=(self.company + other).ids,
        ))
        self._order(self.partner, '2026-05-10 17:00', 100)
        self._order(self.partner, '2026-05-10 17:00', 30, company=other.with_env(self.env))
        self.assertEqual(self._get_facts('amount'), {'2026-05-11': 100})
        self.assertEqual(self._get_facts('amount', company=other), {'2026-05-10': 30})

    def test_confirming_costs_nothing(self):
        """No statement of confirming, invoicing and paying an order names the facts."""
        order = self._order(self.partner, '2026-05-10 01:00', 100).copy()
        self._get_facts('amount')
        self.env.flush_all()
        statements = []
        execute = Cursor.execute

        def record(cursor, query, *args, **kwargs):
            statements.append(str(getattr(query, 'code', query)))
            return execute(cursor, query, *args, **kwargs)

        with patch.object(Cursor, 'execute', record):
            order.action_confirm()
            self._invoice(order, '2026-05-10')
            self.env.flush_all()
        self.assertTrue(any('sale_order' in statement for statement in statements))
        self.assertFalse([statement for statement in statements if 'scp_value' in statement])

    def test_nobody_edits(self):
        self._order(self.partner, '2026-05-10 01:00', 100)
        self._get_facts('amount')
        fact = self.Fact.search([('partner_id', '=', self.partner.id)])
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            fact.amount = 5
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            self.Fact.create({'customer_id': fact.customer_id.id, 'day': '2026-01-01'})

    def test_who_sees(self):
        """Own and unowned customers for sellers; all for finance; nothing for other employees."""
        self._order(self.partner, '2026-05-10 01:00', 100)
        self._get_facts('amount')
        fact = self.Fact.search([('partner_id', '=', self.partner.id)])
        seller = self._create_company_user('fact_seller', 'crm_scp_core.group_scp_user')
        stranger = self._create_company_user('fact_stranger', 'crm_scp_core.group_scp_user')
        accountant = self._create_company_user('fact_accountant', 'account.group_account_invoice')
        fact.customer_id.user_id = seller
        for user, seen in ((seller, fact), (stranger, self.Fact), (accountant, fact)):
            self.assertEqual(self.Fact.with_user(user).search([('id', '=', fact.id)]), seen, user.login)
        with self.assertRaises(AccessError):
            self.Fact.with_user(new_test_user(self.env, 'fact_nobody')).search([])

    def test_orders_behind_a_day(self):
        order = self._order(self.partner, '2026-05-10 17:00', 100)
        self._order(self.partner, '2026-05-10 01:00', 100)
        self._get_facts('amount')
        fact = self.Fact.search([('partner_id', '=', self.partner.id), ('day', '=', '2026-05-11')])
        self.assertEqual(self.env['sale.order'].search(fact.action_view_orders()['domain']), order)

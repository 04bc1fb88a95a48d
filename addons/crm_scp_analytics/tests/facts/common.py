from unittest.mock import patch

from odoo import Command
from odoo.tools import SQL

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from ..value.common import ValueTools


class FactCommon(ValueTools, AccountTestInvoicingCommon):
    """A company that keeps its books in euro and works in Taipei (UTC+8); one euro is two dollars."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro, cls.dollar = cls.env.ref('base.EUR'), cls.env.ref('base.USD')
        cls.company = cls.company_data['company']
        cls.env = cls.env(context=dict(
            cls.env.context, allowed_company_ids=cls.company.ids, tracking_disable=True,
        ))
        cls._prepare()
        cls.company.currency_id = cls.euro
        cls.company.resource_calendar_id.tz = 'Asia/Taipei'
        cls.dollar.active = True
        cls.env['res.currency.rate'].search([('company_id', '=', cls.company.id)]).unlink()
        cls.env['res.currency.rate'].create([
            {'name': '2020-01-01', 'currency_id': cls.euro.id, 'rate': 1, 'company_id': cls.company.id},
            {'name': '2020-01-01', 'currency_id': cls.dollar.id, 'rate': 2, 'company_id': cls.company.id},
        ])
        cls.product.standard_price = 60
        cls.product.invoice_policy = 'order'
        cls.Fact = cls.env['scp.value.fact']
        cls.Month = cls.env['scp.value.month']
        cls.Refresh = cls.env['scp.value.fact.refresh']
        cls.partner = cls._create_partner("Alpha", is_company=True)

    def _get_facts(self, *names, partner=None, company=None):
        """Refresh, and read the facts of a customer.

        :return: {day: values}
        """
        self.Refresh._refresh()
        return {
            str(fact.day): tuple(fact[name] for name in names) if len(names) > 1 else fact[names[0]]
            for fact in self.Fact.search([
                ('partner_id', '=', (partner or self.partner).id),
                ('company_id', '=', (company or self.company).id),
            ], order='day')
        }

    def _get_rows(self):
        """:return: the days and the months as they stand, all companies, in an order of their own"""
        return [
            row
            for model, key in ((self.Fact, 'day'), (self.Month, 'period'))
            for row in self.env.execute_query(SQL(
                "SELECT customer_id, company_id, %s FROM %s ORDER BY 1, 3",
                SQL(", ").join(map(SQL.identifier, (key, *model._get_measure_names()))),
                SQL.identifier(model._table),
            ))
        ]

    def _refresh_order(self, order):
        """Refresh as if nothing but this order had changed."""
        change = SQL("SELECT partner_id, company_id, id AS order_id FROM sale_order WHERE id = %s", order.id)
        with patch.object(type(self.Refresh), '_get_change_queries', lambda *args: {'orders': change}):
            self.Refresh._refresh()

    @classmethod
    def _invoice(cls, order, day, share=1.0):
        """Invoice an order through Odoo, and post.

        :param share: part of each quantity
        """
        invoice = order._create_invoices(final=True)
        invoice.write({'invoice_date': day, 'invoice_date_due': day})
        if share != 1:
            for line in invoice.invoice_line_ids:
                line.quantity *= share
        invoice.action_post()
        return invoice

    @classmethod
    def _reverse(cls, invoice, day, again=False):
        """Credit an invoice in full by Odoo's wizard.

        :param again: issue it again
        :return: the credit note, or the new invoice, still a draft
        """
        wizard = cls.env['account.move.reversal'].with_context(
            active_model='account.move', active_ids=invoice.ids,
        ).create({'journal_id': invoice.journal_id.id, 'date': day})
        action = wizard.modify_moves() if again else wizard.refund_moves()
        move = cls.env['account.move'].browse(action['res_id'])
        if again:
            move.invoice_date = day
        else:
            move.action_post()
        return move

    @classmethod
    def _refund(cls, lines, amount, day, currency=None):
        """Post a credit note of one line over some order lines."""
        refund = cls.env['account.move'].create({
            'move_type': 'out_refund',
            'partner_id': lines.order_id[0].partner_id.id,
            'invoice_date': day,
            'currency_id': (currency or lines.currency_id).id,
            'invoice_line_ids': [Command.create({
                'name': "Refund",
                'price_unit': amount,
                'tax_ids': False,
                'sale_line_ids': [Command.set(lines.ids)],
            })],
        })
        refund.action_post()
        return refund

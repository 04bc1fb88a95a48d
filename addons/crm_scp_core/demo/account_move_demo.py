from datetime import timedelta

from odoo import Command, api, fields, models

from .scp_demo import BULK_CONTEXT

# Days from the last order on an invoice to the invoice: goods first.
INVOICE_DAYS = 24
# Customers who order this often get one invoice for several orders.
COLLECTIVE_FROM = 4
COLLECTIVE_SIZE = 4

# Days from the due date to the payment; the others need PAYMENT_DAYS.
PAYMENT_DAYS = 2
PAYMENT_DAYS_OF = {'titan': 28, 'castilla': 45, 'haifeng': 19, 'huadong': 34, 'nordvatten': -6}
# How many of their latest invoices these have not paid, however long ago they were due.
UNPAID = {'adriatica': 2, 'bluepeak': 1, 'huadong': 1, 'castilla': 1, 'titan': 2}

# customer, which of its invoices (0 = oldest), days later, share of the quantities that came back, why
REFUNDS = [
    ('haifeng', 0, 12, 0.5, "Returned: leaking at the seat"),
    ('haifeng', 1, 12, 0.4, "Returned: wrong pressure class"),
    ('haifeng', 2, 12, 0.6, "Returned: corrosion after four weeks"),
    ('titan', 3, 12, 0.1, "Returned: damaged in transit"),
    ('gulfport', 2, 12, 0.1, "Returned: surplus of the shutdown"),
    ('pennine', 0, 3, 0.5, "Returned: ordered twice"),
]


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _create_invoices(self):
        """Invoice the orders delivered, take some goods back, and let the customers pay."""
        values = [
            values
            for customer, orders in self._get_invoiceable_orders().items()
            for values in self._prepare_invoices_values(customer, orders)
        ]
        values.sort(key=lambda invoice_values: invoice_values['invoice_date'])
        invoices = self.env['account.move'].with_context(**BULK_CONTEXT).create(values)
        invoices.action_post()
        self._create_refunds(invoices)
        self._create_payments(invoices)

    def _get_invoiceable_orders(self):
        """Return {customer: its orders delivered, oldest first}."""
        orders = self.env['sale.order'].search([
            ('partner_id', 'in', self._get_customers().ids),
            ('state', '=', 'sale'),
            ('date_order', '<', self._moment(INVOICE_DAYS)),
        ], order='date_order, id')
        return orders.grouped('partner_id')

    def _prepare_invoices_values(self, customer, orders):
        size = COLLECTIVE_SIZE if len(orders) >= COLLECTIVE_FROM else 1
        for start in range(0, len(orders), size):
            batch = orders[start:start + size]
            yield {
                **batch[0]._prepare_invoice(),
                'invoice_origin': ", ".join(batch.mapped('name')),
                'invoice_date': batch[-1].date_order.date() + timedelta(days=INVOICE_DAYS),
                'invoice_line_ids': [
                    Command.create(line._prepare_invoice_line()) for line in batch.order_line
                ],
            }

    def _create_refunds(self, invoices):
        """Credit part of the quantities; the credit notes stay linked to the order lines."""
        by_customer = invoices.grouped('partner_id')
        refunds = self.env['account.move'].with_context(**BULK_CONTEXT).create([
            self._prepare_refund_values(
                by_customer[self._ref(f'partner_{customer}')][position], days, share, reason,
            )
            for customer, position, days, share, reason in REFUNDS
        ])
        refunds.action_post()

    def _prepare_refund_values(self, invoice, days, share, reason):
        return {
            'move_type': 'out_refund',
            'partner_id': invoice.partner_id.id,
            'currency_id': invoice.currency_id.id,
            'invoice_user_id': invoice.invoice_user_id.id,
            'team_id': invoice.team_id.id,
            'reversed_entry_id': invoice.id,
            'invoice_origin': invoice.invoice_origin,
            'invoice_date': invoice.invoice_date + timedelta(days=days),
            'ref': reason,
            'invoice_line_ids': [
                Command.create({
                    'product_id': line.product_id.id,
                    'quantity': max(round(line.quantity * share), 1),
                    'price_unit': line.price_unit,
                    'discount': line.discount,
                    'tax_ids': [Command.set(line.tax_ids.ids)],
                    'sale_line_ids': [Command.set(line.sale_line_ids.ids)],
                })
                for line in invoice.invoice_line_ids
            ],
        }

    def _create_payments(self, invoices):
        """Book what the bank received, and reconcile it with the invoices it paid."""
        paid = [
            (invoice, paid_on)
            for customer, sent in invoices.grouped('partner_id').items()
            for invoice, paid_on in self._get_paid_invoices(customer, sent)
        ]
        entries = self.env['account.move'].with_context(**BULK_CONTEXT).create([
            self._prepare_payment_values(invoice, paid_on) for invoice, paid_on in paid
        ])
        entries.action_post()
        self.env['account.move.line']._reconcile_plan([
            self._get_receivable_lines(invoice | entry)
            for (invoice, _paid_on), entry in zip(paid, entries, strict=True)
        ])

    def _get_paid_invoices(self, customer, invoices):
        """Yield the invoices of a customer that are paid by today, each with the day of payment."""
        code = self._get_customer_code(customer)
        delay = timedelta(days=PAYMENT_DAYS_OF.get(code, PAYMENT_DAYS))
        for invoice in invoices[:len(invoices) - UNPAID.get(code, 0)]:
            paid_on = invoice.invoice_date_due + delay
            if invoice.amount_residual and paid_on <= fields.Date.today():
                yield invoice, paid_on

    def _prepare_payment_values(self, invoice, paid_on):
        """A bank entry of what is still open on the invoice, at the rate of the day of payment."""
        journal = self.env['account.journal'].search([
            *self.env['account.journal']._check_company_domain(invoice.company_id),
            ('type', '=', 'bank'),
        ], limit=1)
        amount = invoice.amount_residual
        balance = invoice.currency_id._convert(
            amount, invoice.company_currency_id, invoice.company_id, paid_on,
        )
        common = {
            'name': invoice.name,
            'partner_id': invoice.commercial_partner_id.id,
            'currency_id': invoice.currency_id.id,
        }
        return {
            'move_type': 'entry',
            'journal_id': journal.id,
            'date': paid_on,
            'ref': invoice.name,
            'line_ids': [
                Command.create({
                    **common,
                    'account_id': journal.default_account_id.id,
                    'balance': balance,
                    'amount_currency': amount,
                }),
                Command.create({
                    **common,
                    'account_id': self._get_receivable_lines(invoice).account_id.id,
                    'balance': -balance,
                    'amount_currency': -amount,
                }),
            ],
        }

    def _get_receivable_lines(self, moves):
        return moves.line_ids.filtered(
            lambda line: line.account_id.account_type == 'asset_receivable',
        )

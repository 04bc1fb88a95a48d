"""The CDNOW history as if its last week were this one, invoiced and paid: for screens that look at the last months."""
from datetime import timedelta
from itertools import groupby

from suite.ui import say

COMPANY = "CDNOW of today"
WEEK = timedelta(weeks=1)


def shift(purchases, today):
    """Move all purchases by as many whole weeks as bring the last of them near today, not after it.

    :param purchases: list of `suite.cdnow.Purchase`
    :return: a list of the same, on the same days of the week
    """
    gap = (today - max(purchase.day for purchase in purchases)) // WEEK * WEEK
    return [purchase._replace(day=purchase.day + gap) for purchase in purchases]


def bill(env, company, commit):
    """Invoice each confirmed order of the company on its day, and have it paid at the end of that week.

    :param commit: called after each week; what is invoiced already is left alone
    :return: number of invoices
    """
    env = env(context=dict(env.context, allowed_company_ids=company.ids, tracking_disable=True))
    if not company.chart_template:
        env['account.chart.template'].try_loading('generic_coa', company.with_env(env), install_demo=False)
    orders = env['sale.order'].search(
        [('company_id', '=', company.id), ('invoice_status', '=', 'to invoice')], order='date_order, id',
    )
    if orders:
        say(f"{len(orders):,} orders to invoice")
    for monday, group in groupby(orders, key=lambda order: _get_monday(order.date_order.date())):
        invoices = env['sale.order'].concat(*group)._create_invoices(grouped=True)
        for invoice in invoices:
            invoice.invoice_date = invoice.line_ids.sale_line_ids.order_id.date_order.date()
        invoices.action_post()
        _pay(env, invoices.filtered('amount_residual'), monday + WEEK - timedelta(days=1))
        commit()
        env.invalidate_all()
    return len(orders)


def _pay(env, invoices, day):
    """One entry for all payments of a week, a line of it for each invoice: a payment for each takes far longer."""
    from odoo import Command

    journal = env['account.journal'].search([('type', '=', 'bank'), ('company_id', '=', env.company.id)], limit=1)
    owed = invoices.line_ids.filtered(lambda line: line.account_type == 'asset_receivable')
    entry = env['account.move'].create({
        'journal_id': journal.id,
        'date': day,
        'line_ids': [
            *(Command.create({
                'account_id': line.account_id.id, 'partner_id': line.partner_id.id, 'credit': line.amount_residual,
            }) for line in owed),
            Command.create({'account_id': journal.default_account_id.id, 'debit': sum(owed.mapped('amount_residual'))}),
        ],
    })
    entry.action_post()
    paid = entry.line_ids.filtered('credit').sorted('id')
    env['account.move.line']._reconcile_plan([line + payment for line, payment in zip(owed, paid, strict=True)])


def _get_monday(day):
    return day - timedelta(days=day.weekday())

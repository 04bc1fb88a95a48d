from odoo import api, fields, models
from odoo.tools import SQL

from .crm_lead import SOURCE_KEY
from .scp_lead_log import LogSource

ORDER_FIGURES = ('quoted', 'ordered', 'delivered', 'invoiced', 'paid')
ORDER_GROUPS = 'sales_team.group_sale_salesman,crm_scp_core.group_scp_auditor'
# What the figures are read from
ORDER_COLUMNS = {
    'sale.order': ['opportunity_id', 'state', 'company_id', 'amount_untaxed', 'currency_rate'],
    'sale.order.line': [
        'order_id', 'display_type', 'is_downpayment', 'product_uom_qty', 'qty_delivered',
        'price_subtotal', 'price_unit', 'discount', 'invoice_lines',
    ],
    'account.move': [
        'state', 'payment_state', 'move_type', 'amount_total', 'amount_residual',
        'invoice_currency_rate',
    ],
    'account.move.line': ['move_id', 'price_total'],
}


class CrmLead(models.Model):
    """From order to lead: what has become of a deal, and how its orders move it."""

    _inherit = 'crm.lead'

    scp_quoted = fields.Monetary(
        string="Quoted", compute='_compute_scp_order_figures', groups=ORDER_GROUPS,
        currency_field='company_currency',
        help="Quotations that are neither confirmed nor cancelled, without taxes.",
    )
    scp_ordered = fields.Monetary(
        string="Ordered", compute='_compute_scp_order_figures', groups=ORDER_GROUPS,
        currency_field='company_currency', help="Confirmed orders, without taxes.",
    )
    scp_delivered = fields.Monetary(
        string="Delivered", compute='_compute_scp_order_figures', groups=ORDER_GROUPS,
        currency_field='company_currency',
        help="Delivered quantities of confirmed orders at their net price, without taxes.",
    )
    scp_invoiced = fields.Monetary(
        string="Invoiced", compute='_compute_scp_order_figures', groups=ORDER_GROUPS,
        currency_field='company_currency',
        help="Posted invoices less credit notes, with taxes: what the customer was asked for.",
    )
    scp_paid = fields.Monetary(
        string="Paid", compute='_compute_scp_order_figures', groups=ORDER_GROUPS,
        currency_field='company_currency',
        help="Invoiced less what is still due on the posted invoices, with taxes.",
    )

    @api.depends(
        'company_currency', 'order_ids.state', 'order_ids.amount_untaxed',
        'order_ids.order_line.qty_delivered', 'order_ids.order_line.amount_invoiced',
    )
    @api.depends_context('company')
    def _compute_scp_order_figures(self):
        figures = self._read_scp_order_figures()
        Company = self.env['res.company']
        for lead in self:
            currency = lead.company_currency or self.env.company.currency_id
            totals = dict.fromkeys(ORDER_FIGURES, 0.0)
            for company_id, amounts in figures.get(lead._origin.id, {}).items():
                # sudo: a rate does not depend on who reads it
                company = Company.browse(company_id).sudo()
                for name, amount in amounts.items():
                    totals[name] += company.currency_id._convert(
                        amount, currency, company, fields.Date.context_today(lead), round=False)
            for name, total in totals.items():
                lead[f'scp_{name}'] = currency.round(total)

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _update_revenues_from_so(self, order):
        # the amounts of deals, too, are changed by the order
        from_order = self.with_context(**{SOURCE_KEY: LogSource.ORDER})
        return super(CrmLead, from_order)._update_revenues_from_so(order)

    def _read_scp_order_figures(self) -> dict[int, dict[int, dict[str, float]]]:
        """Return by lead and company of the orders the figures, in that company's currency.

        Orders count at the rate of the order, invoices at the rate of the invoice. What is still
        due on an invoice is spread over its lines by their amount, for an invoice may serve the
        orders of several deals.
        """
        if not self.ids:
            return {}
        for model, fnames in ORDER_COLUMNS.items():
            self.env[model].flush_model(fnames)
        figures = {}
        for row in self.env.execute_query_dict(self._get_scp_order_query()):
            lead_id, company_id = row.pop('lead_id'), row.pop('company_id')
            figures.setdefault(lead_id, {})[company_id] = row
        return figures

    def _get_scp_order_query(self) -> SQL:
        """Return the statement behind the figures: one row per lead and company."""
        return SQL(
            """
            WITH orders AS (
                SELECT id, opportunity_id, company_id, state, amount_untaxed,
                       COALESCE(NULLIF(currency_rate, 0), 1) AS rate
                  FROM sale_order
                 WHERE opportunity_id = ANY(%(ids)s)
                   AND state != 'cancel'
            ), figures (lead_id, company_id, quoted, ordered, delivered, invoiced, paid) AS (
                SELECT opportunity_id, company_id,
                       CASE WHEN state != 'sale' THEN amount_untaxed / rate ELSE 0 END,
                       CASE WHEN state = 'sale' THEN amount_untaxed / rate ELSE 0 END,
                       0, 0, 0
                  FROM orders
             UNION ALL
                SELECT orders.opportunity_id, orders.company_id, 0, 0,
                       line.qty_delivered / orders.rate * CASE
                           WHEN line.product_uom_qty != 0
                           THEN line.price_subtotal / line.product_uom_qty
                           ELSE line.price_unit * (1 - COALESCE(line.discount, 0) / 100)
                       END,
                       0, 0
                  FROM orders
                  JOIN sale_order_line line ON line.order_id = orders.id
                 WHERE orders.state = 'sale'
                   AND line.display_type IS NULL
                   AND line.is_downpayment IS NOT TRUE
             UNION ALL
                SELECT orders.opportunity_id, orders.company_id, 0, 0, 0,
                       item.amount,
                       item.amount * (1 - COALESCE(
                           move.amount_residual / NULLIF(move.amount_total, 0), 0))
                  FROM orders
                  JOIN sale_order_line line ON line.order_id = orders.id
                  JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = line.id
                  JOIN account_move_line move_line ON move_line.id = rel.invoice_line_id
                  JOIN account_move move ON move.id = move_line.move_id
        CROSS JOIN LATERAL (
                       SELECT move_line.price_total
                              / COALESCE(NULLIF(move.invoice_currency_rate, 0), 1)
                              * CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END AS amount
                       ) item
                 WHERE move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
                   AND (move.state = 'posted' OR move.payment_state = 'invoicing_legacy')
            )
            SELECT lead_id, company_id, sum(quoted) AS quoted, sum(ordered) AS ordered,
                   sum(delivered) AS delivered, sum(invoiced) AS invoiced, sum(paid) AS paid
              FROM figures
          GROUP BY lead_id, company_id
            """,
            ids=self.ids,
        )

    def _follow_scp_confirmation(self):
        """Move deals as their teams have it when an order of theirs is confirmed."""
        leads = self._with_scp_order_source()
        bought = leads.filtered(
            lambda lead: lead.team_id.scp_confirm_action == 'won' and lead.won_status != 'won')
        if bought:
            bought.action_set_won()
        ranks = {stage.id: rank for rank, stage in enumerate(self.env['crm.stage']._get_scp_stages())}
        leads.filtered(
            lambda lead: lead.team_id.scp_confirm_action == 'stage'
            and lead.active
            and ranks[lead.team_id.scp_confirm_stage_id.id] > ranks.get(lead.stage_id.id, -1)
        )._move_scp_by_team('scp_confirm_stage_id')

    def _follow_scp_cancellation(self):
        """Move deals as their teams have it when the last of their quotations is cancelled."""
        leads = self._with_scp_order_source().filtered(
            lambda lead: lead.active and lead.team_id.scp_cancel_action != 'none')
        if not leads:
            return
        alive = leads.env['sale.order']._read_group(
            [('opportunity_id', 'in', leads.ids), ('state', '!=', 'cancel')], ['opportunity_id'])
        leads -= leads.browse().union(*(lead for lead, in alive))
        for reason, lost in leads.filtered(
            lambda lead: lead.team_id.scp_cancel_action == 'lost',
        ).grouped(lambda lead: lead.team_id.scp_cancel_reason_id).items():
            lost.action_set_lost(lost_reason_id=reason.id)
        leads.filtered(
            lambda lead: lead.team_id.scp_cancel_action == 'stage',
        )._move_scp_by_team('scp_cancel_stage_id')

    def _with_scp_order_source(self):
        """Return the leads ready to be moved by an order: logged as such, and held by no gate."""
        # sudo: a customer confirms in the portal, a colleague for somebody else's deal
        return self.sudo().with_context(**{SOURCE_KEY: LogSource.ORDER})

    def _move_scp_by_team(self, fname: str):
        """Move leads to the stage their team names in a field; one write per stage."""
        for stage, leads in self.grouped(lambda lead: lead.team_id[fname]).items():
            leads.filtered(lambda lead, stage=stage: lead.stage_id != stage).stage_id = stage

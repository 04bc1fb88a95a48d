from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .res_partner import SHARED_GROUPS


class ResPartner(models.Model):
    """The customer's page: what he owes."""

    _inherit = 'res.partner'

    # Money: the one figure Odoo does not give is what is late
    scp_receivable_amount = fields.Monetary(
        string="Receivable",
        currency_field='scp_currency_id',
        compute='_compute_scp_receivable',
        groups=SHARED_GROUPS,
        help="Open customer invoices less credit notes, taxes included.",
    )
    scp_overdue_amount = fields.Monetary(
        string="Overdue",
        currency_field='scp_currency_id',
        compute='_compute_scp_receivable',
        groups=SHARED_GROUPS,
        help="The part of it whose due date has passed.",
    )
    scp_overdue_days = fields.Integer(
        string="Days Overdue",
        compute='_compute_scp_receivable',
        aggregator='max',
        groups=SHARED_GROUPS,
        help="Days since the oldest open invoice fell due.",
    )

    # === COMPUTE METHODS ===#

    @api.depends('scp_customer_id')
    @api.depends_context('company', 'uid')
    def _compute_scp_receivable(self):
        figures = {}
        customers = self._get_scp_customers()
        if customers:
            # sudo: who may see the customer may see what he owes in sum, not the invoices
            Line = self.env['account.move.line'].sudo()
            today = fields.Date.context_today(self)
            # by line: of an invoice in instalments only those that fell due are overdue
            query = Line._search([
                ('move_id', 'any', self._get_scp_receivable_domain()),
                ('account_id.account_type', '=', 'asset_receivable'),
            ])
            residual = Line._field_to_sql(query.table, 'amount_residual', query)
            due = Line._field_to_sql(query.table, 'date_maturity', query)
            move = query.left_join(query.table, 'move_id', 'account_move', 'id', 'scp_move')
            contact = query.left_join(move, 'partner_id', 'res_partner', 'id', 'scp_contact')
            query.groupby = partner = SQL.identifier(contact, 'commercial_partner_id')
            figures = {
                partner_id: (receivable, overdue or 0.0, oldest)
                for partner_id, receivable, overdue, oldest in self.env.execute_query(query.select(
                    partner,
                    SQL("SUM(%s)", residual),
                    SQL("SUM(%s) FILTER (WHERE %s < %s)", residual, due, today),
                    SQL("MIN(%s) FILTER (WHERE %s < %s AND %s > 0)", due, due, today, residual),
                ))
            }
        for partner in self:
            partner_id = partner.commercial_partner_id._origin.id
            receivable, overdue, oldest = (
                partner_id in customers and figures.get(partner_id) or (0.0, 0.0, None)
            )
            partner.scp_receivable_amount = receivable
            partner.scp_overdue_amount = overdue
            partner.scp_overdue_days = (today - oldest).days if oldest else 0

    # === ACTIONS ===#

    @api.readonly
    def action_scp_view_receivable(self):
        self.ensure_one()
        return self._get_scp_invoice_action(self.env._("Open Invoices"), Domain.TRUE)

    @api.readonly
    def action_scp_view_overdue(self):
        self.ensure_one()
        return self._get_scp_invoice_action(
            self.env._("Overdue Invoices"),
            Domain('line_ids', 'any', [
                ('account_id.account_type', '=', 'asset_receivable'),
                ('amount_residual', '!=', 0),
                ('date_maturity', '<', fields.Date.context_today(self)),
            ]),
        )

    # === BUSINESS METHODS ===#

    def _get_scp_receivable_domain(self):
        """Domain of the open customer invoices, credit notes and receipts of these customers.

        An invoice keeps the commercial partner of its contact from the day it was made; who owes it
        now is the one the contact belongs to now.
        """
        return self._get_scp_document_domain() & Domain([
            ('company_id', '=', self.env.company.id),
            ('state', '=', 'posted'),
            ('move_type', 'in', self.env['account.move'].get_sale_types(include_receipts=True)),
            ('payment_state', 'in', ('not_paid', 'partial', 'blocked')),
        ])

    def _get_scp_invoice_action(self, name, domain):
        return {
            'type': 'ir.actions.act_window',
            'name': name,
            'res_model': 'account.move',
            'view_mode': 'list,form',
            'views': [(self.env.ref('account.view_out_invoice_tree').id, 'list'), (False, 'form')],
            'domain': list(self._get_scp_receivable_domain() & domain),
            'context': {'default_partner_id': self.id, 'default_move_type': 'out_invoice'},
        }

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .res_partner import CRM_GROUPS, DEAL_GROUPS

LOG_LIMIT = 10  # changes of deals shown on the page; the rest is one click away


class ResPartner(models.Model):
    """The customer's page: what is under way with him, what comes next and what was last."""

    _inherit = 'res.partner'

    # Deals
    scp_open_amount = fields.Monetary(
        string="Open Money",
        currency_field='scp_currency_id',
        compute='_compute_scp_under_way',
        groups=DEAL_GROUPS,
        help="Expected revenue of the open deals, plus quotations that belong to no open deal, "
             "untaxed, in the currency of the company.",
    )
    scp_open_deal_count = fields.Integer(
        string="Open Deals", compute='_compute_scp_under_way', groups=DEAL_GROUPS,
    )
    scp_open_quotation_count = fields.Integer(
        string="Open Quotations", compute='_compute_scp_under_way', groups=DEAL_GROUPS,
    )
    scp_open_lead_ids = fields.Many2many(
        comodel_name='crm.lead',
        string="Deals Under Way",
        compute='_compute_scp_open_documents',
        groups=DEAL_GROUPS,
    )
    scp_open_order_ids = fields.Many2many(
        comodel_name='sale.order',
        string="Quotations Under Way",
        compute='_compute_scp_open_documents',
        groups=DEAL_GROUPS,
    )
    scp_lead_log_ids = fields.Many2many(
        comodel_name='scp.lead.log',
        string="Recent Changes",
        compute='_compute_scp_lead_log_ids',
        groups=DEAL_GROUPS,
    )

    # What comes next, what was last
    scp_next_activity_date = fields.Date(
        string="Next Step", compute='_compute_scp_under_way', groups=CRM_GROUPS,
    )
    scp_next_activity_summary = fields.Char(
        string="What Is Next", compute='_compute_scp_under_way', groups=CRM_GROUPS,
    )
    scp_last_contact_date = fields.Datetime(
        string="Last Contact", compute='_compute_scp_last_contact_date', groups=CRM_GROUPS,
    )

    # === COMPUTE METHODS ===#

    @api.depends('commercial_partner_id', 'scp_customer_id')
    @api.depends_context('company', 'uid')
    def _compute_scp_under_way(self):
        rows = {}
        if commercial_partners := self.commercial_partner_id._origin:
            rows = {partner_id: values for partner_id, *values in self.env.execute_query(
                self.env['scp.customer']._get_under_way_query(commercial_partners))}
        # sudo: the name of a kind of activity is no secret
        types = self.env['mail.activity.type'].sudo().browse({
            type_id for *_values, summary, type_id in rows.values() if type_id and not summary
        })
        type_names = {activity_type.id: activity_type.name for activity_type in types}
        for partner in self:
            amount, deals, quotations, deadline, summary, type_id = rows.get(
                partner.commercial_partner_id._origin.id, (0.0, 0, 0, False, False, False))
            partner.scp_open_amount = amount
            partner.scp_open_deal_count = deals
            partner.scp_open_quotation_count = quotations
            # what is planned with a customer is for those who may see him
            planned = deadline if partner.scp_customer_id else False
            partner.scp_next_activity_date = planned
            partner.scp_next_activity_summary = planned and (summary or type_names.get(type_id, ''))

    @api.depends('commercial_partner_id')
    @api.depends_context('company', 'uid')
    def _compute_scp_open_documents(self):
        for field_name, model, domain, order in (
            ('scp_open_lead_ids', 'crm.lead', self._get_scp_open_deal_domain(),
             'expected_revenue desc, id desc'),
            ('scp_open_order_ids', 'sale.order', self._get_scp_open_quotation_domain(),
             'amount_untaxed desc, id desc'),
        ):
            Document = self.env[model]
            documents = Document.browse()
            if Document.has_access('read'):
                # with what the record rules look at when the lists are read, partner by partner
                documents = Document.search_fetch(
                    domain, ['partner_id', 'company_id', 'user_id', 'team_id'], order=order,
                )
            by_partner = documents.grouped(lambda d: d.partner_id.commercial_partner_id)
            for partner in self:
                partner[field_name] = by_partner.get(
                    partner.commercial_partner_id._origin, Document.browse()
                )

    @api.depends('commercial_partner_id')
    @api.depends_context('company', 'uid')
    def _compute_scp_lead_log_ids(self):
        Log = self.env['scp.lead.log']
        by_partner = {}
        if Log.has_access('read') and (commercial_partners := self.commercial_partner_id._origin):
            query = Log._search([
                ('partner_id.commercial_partner_id', 'in', commercial_partners.ids),
                ('company_id', 'in', (self.env.company.id, False)),
            ])
            contact = query.left_join(
                query.table, 'partner_id', 'res_partner', 'id', 'scp_contact',
            )
            commercial_partner = SQL.identifier(contact, 'commercial_partner_id')
            by_partner = dict(self.env.execute_query(SQL(
                """SELECT partner_id, array_agg(id ORDER BY rank)
                     FROM (%s) log
                    WHERE rank <= %s
                 GROUP BY partner_id""",
                query.select(
                    SQL("%s AS partner_id", commercial_partner),
                    SQL("%s AS id", SQL.identifier(query.table, 'id')),
                    SQL(
                        "ROW_NUMBER() OVER (PARTITION BY %s ORDER BY %s DESC, %s DESC) AS rank",
                        commercial_partner,
                        Log._field_to_sql(query.table, 'date', query),
                        SQL.identifier(query.table, 'id'),
                    ),
                ),
                LOG_LIMIT,
            )))
            # as above: what the record rules look at, for all partners at once
            Log.browse(
                log_id for log_ids in by_partner.values() for log_id in log_ids
            ).fetch([
                'company_id', 'lead_id', 'owner_from_id', 'owner_to_id', 'team_from_id', 'team_to_id',
            ])
        for partner in self:
            partner.scp_lead_log_ids = Log.browse(
                by_partner.get(partner.commercial_partner_id._origin.id, ())
            )

    @api.depends('scp_customer_id')
    @api.depends_context('company', 'uid')
    def _compute_scp_last_contact_date(self):
        customers = self._get_scp_customers()
        # one prefetch set, so that the dates of all customers come in one statement
        records = self.env['scp.customer'].union(*customers.values())
        dates = {customer.partner_id.id: customer.last_contact_date for customer in records}
        for partner in self:
            partner.scp_last_contact_date = dates.get(
                partner.commercial_partner_id._origin.id, False
            )

    # === ACTIONS ===#

    @api.readonly
    def action_scp_view_lead_log(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Changes of Deals"),
            'res_model': 'scp.lead.log',
            'view_mode': 'list',
            'views': [(False, 'list')],
            'domain': list(self._get_scp_document_domain()),
        }

    @api.readonly
    def action_scp_view_open_deals(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Open Deals"),
            'res_model': 'crm.lead',
            'view_mode': 'list,kanban,form',
            'views': [(False, 'list'), (False, 'kanban'), (False, 'form')],
            'domain': list(self._get_scp_open_deal_domain()),
            'context': {'default_partner_id': self.id, 'default_type': 'opportunity'},
        }

    @api.readonly
    def action_scp_view_open_quotations(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Open Quotations"),
            'res_model': 'sale.order',
            'view_mode': 'list,kanban,form',
            'views': [(False, 'list'), (False, 'kanban'), (False, 'form')],
            'domain': list(self._get_scp_open_quotation_domain()),
            'context': {'default_partner_id': self.id},
        }

    # === BUSINESS METHODS ===#

    def _get_scp_open_deal_domain(self):
        return (
            self.env['scp.customer']._get_open_deal_domain()
            & self._get_scp_document_domain()
            & Domain('company_id', 'in', (self.env.company.id, False))
        )

    def _get_scp_open_quotation_domain(self):
        return (
            self.env['scp.customer']._get_open_quotation_domain()
            & self._get_scp_document_domain()
            & Domain('company_id', '=', self.env.company.id)
        )

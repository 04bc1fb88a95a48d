from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

# Who may see the customer record on a partner. Portal users read partners, so every field below
# names its readers.
DEAL_GROUPS = 'crm_scp_core.group_scp_user,crm_scp_core.group_scp_auditor'
CRM_GROUPS = f'{DEAL_GROUPS},crm_scp_core.group_scp_quality'
SHARED_GROUPS = f'{CRM_GROUPS},account.group_account_invoice,account.group_account_readonly'

LOG_LIMIT = 10  # changes of deals shown on the page; the rest is one click away


class ResPartner(models.Model):
    """The customer's page: the hub's values of the current company, shown on the partner.

    A contact shows the values of his commercial partner. Nothing here is stored, because a stored
    value that orders or scores change would make every transaction of a customer wait for the
    others. Values are computed for all partners at once, in as many statements for one as for a
    thousand.
    """

    _inherit = 'res.partner'

    # Identity: read from `scp.customer`
    scp_customer_id = fields.Many2one(
        comodel_name='scp.customer',
        string="Customer Record",
        compute='_compute_scp_customer',
        search='_search_scp_customer_id',
        groups=SHARED_GROUPS,
    )
    scp_currency_id = fields.Many2one(
        comodel_name='res.currency',
        string="Company Currency",
        compute='_compute_scp_currency_id',
        groups=SHARED_GROUPS,
    )
    scp_grade_id = fields.Many2one(
        comodel_name='scp.grade',
        string="Value Grade",
        compute='_compute_scp_customer',
        search='_search_scp_grade_id',
        groups=SHARED_GROUPS,
    )
    scp_grade_trend = fields.Selection(
        selection=lambda self: self._selection_of_customer('grade_trend'),
        string="Grade Trend",
        compute='_compute_scp_customer',
        search='_search_scp_grade_trend',
        groups=SHARED_GROUPS,
    )
    scp_value_score = fields.Float(
        string="Value Score",
        digits=(5, 1),
        compute='_compute_scp_customer',
        search='_search_scp_value_score',
        aggregator='avg',
        groups=CRM_GROUPS,
        help="0 to 100; the higher, the more this customer is worth to us.",
    )
    scp_scored_at = fields.Datetime(
        string="Scored On",
        compute='_compute_scp_customer',
        search='_search_scp_scored_at',
        groups=CRM_GROUPS,
    )
    scp_life_cycle_stage = fields.Selection(
        selection=lambda self: self._selection_of_customer('life_cycle_stage'),
        string="Life-Cycle Stage",
        compute='_compute_scp_customer',
        search='_search_scp_life_cycle_stage',
        groups=CRM_GROUPS,
    )
    scp_owner_id = fields.Many2one(
        comodel_name='res.users',
        string="Customer Owner",
        compute='_compute_scp_customer',
        inverse='_inverse_scp_owner_id',
        search='_search_scp_owner_id',
        domain="[('share', '=', False)]",
        groups=CRM_GROUPS,
    )
    scp_preferred_channel = fields.Selection(
        selection=lambda self: self._selection_of_customer('preferred_channel'),
        string="Preferred Channel",
        compute='_compute_scp_customer',
        inverse='_inverse_scp_preferred_channel',
        search='_search_scp_preferred_channel',
        groups=CRM_GROUPS,
        help="How this customer wants to be contacted.",
    )
    scp_completeness = fields.Integer(
        string="Completeness",
        compute='_compute_scp_customer',
        search='_search_scp_completeness',
        aggregator='avg',
        groups=CRM_GROUPS,
        help="Share of the profile that is filled in, in percent.",
    )

    # Deals
    scp_open_amount = fields.Monetary(
        string="Open Money",
        currency_field='scp_currency_id',
        compute='_compute_scp_open_money',
        groups=DEAL_GROUPS,
        help="Expected revenue of the open deals, plus quotations that belong to no open deal, "
             "untaxed, in the currency of the company.",
    )
    scp_open_deal_count = fields.Integer(
        string="Open Deals", compute='_compute_scp_open_money', groups=DEAL_GROUPS,
    )
    scp_open_quotation_count = fields.Integer(
        string="Open Quotations", compute='_compute_scp_open_money', groups=DEAL_GROUPS,
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
        string="Next Step", compute='_compute_scp_next_activity', groups=CRM_GROUPS,
    )
    scp_next_activity_summary = fields.Char(
        string="What Is Next", compute='_compute_scp_next_activity', groups=CRM_GROUPS,
    )
    scp_last_contact_date = fields.Datetime(
        string="Last Contact", compute='_compute_scp_last_contact_date', groups=CRM_GROUPS,
    )

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

    # What stands behind the values
    scp_life_cycle_reason = fields.Char(
        string="Why This Stage", compute='_compute_scp_explanations', groups=CRM_GROUPS,
    )
    scp_missing_information = fields.Char(
        string="Still Missing",
        compute='_compute_scp_explanations',
        groups=CRM_GROUPS,
        help="What to fill in to complete the profile.",
    )
    scp_figures = fields.Json(
        string="Figures",
        compute='_compute_scp_explanations',
        groups=CRM_GROUPS,
        help="Figures of the last twelve months, as cards: a list of {'code', 'label', 'value', "
             "'basis', 'help', 'action'}.",
    )

    # === COMPUTE METHODS ===#

    @api.model
    def _selection_of_customer(self, field_name):
        customer_field = self.env['scp.customer']._fields[field_name]
        return customer_field._description_selection(self.env)

    @api.model
    def _get_scp_customer_fields(self):
        """Fields of the partner that mirror a field of the hub: {partner field: hub field}."""
        return {
            'scp_customer_id': 'id',
            'scp_grade_id': 'grade_id',
            'scp_grade_trend': 'grade_trend',
            'scp_value_score': 'value_score',
            'scp_scored_at': 'scored_at',
            'scp_life_cycle_stage': 'life_cycle_stage',
            'scp_owner_id': 'user_id',
            'scp_preferred_channel': 'preferred_channel',
            'scp_completeness': 'completeness',
        }

    def _fetch_scp_customers(self):
        """Hub records of the current company the user may see, by id of commercial partner."""
        Customer = self.env['scp.customer']
        if not Customer.has_access('read'):
            return {}
        # the page of an archived contact shows what is known of him too
        customers = Customer.with_context(active_test=False).search_fetch(
            [
                ('partner_id', 'in', self.commercial_partner_id._origin.ids),
                ('company_id', '=', self.env.company.id),
            ],
            ['partner_id', *(set(self._get_scp_customer_fields().values()) - {'id'})],
        )
        return {
            customer.partner_id.id: customer for customer in customers.with_env(self.env)
        }

    def _get_scp_customers(self):
        """The same by what is known already, for the values that build on the record."""
        return {
            partner.commercial_partner_id._origin.id: partner.scp_customer_id
            for partner in self if partner.scp_customer_id
        }

    @api.depends('commercial_partner_id')
    @api.depends_context('company', 'uid')
    def _compute_scp_customer(self):
        customers = self._fetch_scp_customers()
        empty = self.env['scp.customer']
        for partner in self:
            customer = customers.get(partner.commercial_partner_id._origin.id, empty)
            for field_name, source in self._get_scp_customer_fields().items():
                partner[field_name] = customer[source]

    @api.depends_context('company')
    def _compute_scp_currency_id(self):
        self.scp_currency_id = self.env.company.currency_id

    def _inverse_scp_owner_id(self):
        self._write_to_scp_customer('scp_owner_id')

    def _inverse_scp_preferred_channel(self):
        self._write_to_scp_customer('scp_preferred_channel')

    def _write_to_scp_customer(self, field_name):
        """Write a value typed on the partner where it lives: on the customer record."""
        source = self._get_scp_customer_fields()[field_name]
        customers = self._fetch_scp_customers()
        for value, partners in self.grouped(field_name).items():
            strangers = partners.filtered(lambda p: p.commercial_partner_id.id not in customers)
            if strangers and value:
                raise UserError(self.env._(
                    "%(field)s cannot be set on %(partner)s: there is no business with this "
                    "partner in %(company)s yet. It becomes a customer with the first deal, "
                    "quotation or invoice.",
                    field=self._fields[field_name]._description_string(self.env),
                    partner=strangers[0].display_name,
                    company=self.env.company.display_name,
                ))
            self.env['scp.customer'].union(*(
                customers[partner.id] for partner in (partners - strangers).commercial_partner_id
            )).write({source: value.id if isinstance(value, models.BaseModel) else value})

    def _search_scp_customer(self, field_name, operator, value):
        """Search partners by a field of their customer record in the current company."""
        if operator not in ('in', 'any', 'ilike', '=ilike', 'like', '=like', '>', '<', '>=', '<='):
            return NotImplemented
        Customer = self.env['scp.customer']
        source = self._get_scp_customer_fields()[field_name]

        def with_customer(domain):
            customers = Customer._search(
                Domain('company_id', '=', self.env.company.id) & domain, active_test=False,
            )
            return Domain('commercial_partner_id', 'in', customers.subselect('partner_id'))

        if operator == 'in' and False in value:
            # no value means no customer record or an empty one
            return ~with_customer(Domain(source, '!=', False) & Domain(source, 'not in', value))
        return with_customer(Domain(source, operator, value))

    def _search_scp_customer_id(self, operator, value):
        return self._search_scp_customer('scp_customer_id', operator, value)

    def _search_scp_grade_id(self, operator, value):
        return self._search_scp_customer('scp_grade_id', operator, value)

    def _search_scp_grade_trend(self, operator, value):
        return self._search_scp_customer('scp_grade_trend', operator, value)

    def _search_scp_value_score(self, operator, value):
        return self._search_scp_customer('scp_value_score', operator, value)

    def _search_scp_scored_at(self, operator, value):
        return self._search_scp_customer('scp_scored_at', operator, value)

    def _search_scp_life_cycle_stage(self, operator, value):
        return self._search_scp_customer('scp_life_cycle_stage', operator, value)

    def _search_scp_owner_id(self, operator, value):
        return self._search_scp_customer('scp_owner_id', operator, value)

    def _search_scp_preferred_channel(self, operator, value):
        return self._search_scp_customer('scp_preferred_channel', operator, value)

    def _search_scp_completeness(self, operator, value):
        return self._search_scp_customer('scp_completeness', operator, value)

    @api.depends('commercial_partner_id')
    @api.depends_context('company', 'uid')
    def _compute_scp_open_money(self):
        commercial_partners = self.commercial_partner_id._origin
        figures = {}
        if commercial_partners:
            query = self.env['scp.customer']._get_open_money_query(commercial_partners)
            figures = {
                partner_id: values
                for partner_id, company_id, *values in self.env.execute_query(query)
                if company_id == self.env.company.id
            }
        for partner in self:
            amount, deals, quotations = figures.get(
                partner.commercial_partner_id._origin.id, (0.0, 0, 0)
            )
            partner.scp_open_amount = amount
            partner.scp_open_deal_count = deals
            partner.scp_open_quotation_count = quotations

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
    @api.depends_context('company', 'uid', 'lang')
    def _compute_scp_explanations(self):
        by_partner = self._get_scp_customers()
        # one recordset, so that the reasons and figures of all customers come together
        customers = self.env['scp.customer'].union(*by_partner.values())
        figures = customers._get_figures()
        for partner in self:
            customer = by_partner.get(
                partner.commercial_partner_id._origin.id, customers.browse()
            ).with_prefetch(customers._ids)
            partner.scp_life_cycle_reason = customer.life_cycle_reason
            partner.scp_missing_information = customer.completeness_missing
            partner.scp_figures = figures.get(customer.id, False)

    @api.depends('scp_customer_id')
    @api.depends_context('company', 'uid')
    def _compute_scp_next_activity(self):
        customers = self._get_scp_customers()
        next_activities = {}
        if customers:
            Customer = self.env['scp.customer']
            Activity = self.env['mail.activity']
            Activity.flush_model(
                ['res_model', 'res_id', 'active', 'date_deadline', 'summary', 'activity_type_id']
            )
            hub = SQL(
                "SELECT id, partner_id, company_id FROM scp_customer WHERE id IN %s",
                tuple(customer.id for customer in customers.values()),
            )
            rows = self.env.execute_query(SQL(
                """SELECT DISTINCT ON (d.customer_id)
                          d.customer_id, a.date_deadline, a.summary, a.activity_type_id
                     FROM (%s) d
                     JOIN mail_activity a ON a.res_model = d.model AND a.res_id = d.res_id
                    WHERE a.active
                 ORDER BY d.customer_id, a.date_deadline, a.id""",
                SQL(" UNION ALL ").join(Customer._get_document_queries(hub)),
            ))
            # sudo: the name of a kind of activity is no secret
            types = self.env['mail.activity.type'].sudo().browse({
                type_id for *_activity, summary, type_id in rows if type_id and not summary
            })
            type_names = {activity_type.id: activity_type.name for activity_type in types}
            next_activities = {
                customer_id: (deadline, summary or type_names.get(type_id, ''))
                for customer_id, deadline, summary, type_id in rows
            }
        for partner in self:
            customer = customers.get(partner.commercial_partner_id._origin.id)
            deadline, summary = next_activities.get(customer and customer.id, (False, False))
            partner.scp_next_activity_date = deadline
            partner.scp_next_activity_summary = summary

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

    def action_scp_refresh(self):
        """Bring the customer records up to date now instead of with the next job."""
        self.env['scp.customer'].check_access('write')
        self.env['scp.customer']._refresh_for_partners(self.commercial_partner_id)
        self.invalidate_recordset(self._get_scp_customer_fields())
        return True

    def action_scp_open_customer(self):
        self.ensure_one()
        return self.scp_customer_id._get_records_action(
            name=self.env._("Customer Record"), context={},
        )

    def action_scp_edit_customer(self):
        """Change what is decided by hand, stage and its reason included, without leaving."""
        return {**self.action_scp_open_customer(), 'target': 'new'}

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

    def action_scp_view_receivable(self):
        self.ensure_one()
        return self._get_scp_invoice_action(self.env._("Open Invoices"), Domain.TRUE)

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

    def _get_scp_document_domain(self):
        """Domain of the documents of these customers, whoever of their contacts is named."""
        return Domain(
            'partner_id.commercial_partner_id', 'in', self.commercial_partner_id._origin.ids
        )

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

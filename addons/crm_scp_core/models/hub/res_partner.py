from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# Who may see the customer record on a partner. Portal users read partners, so every field below
# names its readers.
DEAL_GROUPS = 'crm_scp_core.group_scp_user,crm_scp_core.group_scp_auditor'
CRM_GROUPS = f'{DEAL_GROUPS},crm_scp_core.group_scp_quality'
SHARED_GROUPS = f'{CRM_GROUPS},account.group_account_invoice,account.group_account_readonly'


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

    # What stands behind the values
    scp_life_cycle_reason = fields.Char(
        string="Why This Stage", compute='_compute_scp_life_cycle_reason', groups=CRM_GROUPS,
    )
    scp_missing_information = fields.Char(
        string="Still Missing",
        compute='_compute_scp_missing_information',
        groups=CRM_GROUPS,
        help="What to fill in to complete the profile.",
    )
    scp_figures = fields.Json(
        string="Figures",
        compute='_compute_scp_figures',
        groups=CRM_GROUPS,
        help="Figures of the last twelve months, as cards: a list of {'code', 'label', 'value', "
             "'basis', 'help', 'action'}.",
    )

    # The list of customers leaves out the archived: few, and found without reading all contacts.
    _scp_archived_idx = models.Index('(id) WHERE active IS NOT TRUE')

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
            ['partner_id', 'company_id', *(set(self._get_scp_customer_fields().values()) - {'id'})],
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

    @api.depends('scp_customer_id')
    @api.depends_context('company', 'uid', 'lang')
    def _compute_scp_life_cycle_reason(self):
        self._copy_scp_explanation('scp_life_cycle_reason', lambda customers: {
            customer.id: customer.life_cycle_reason for customer in customers})

    @api.depends('scp_customer_id')
    @api.depends_context('company', 'uid', 'lang')
    def _compute_scp_missing_information(self):
        self._copy_scp_explanation('scp_missing_information', lambda customers: {
            customer.id: customer.completeness_missing for customer in customers})

    @api.depends('scp_customer_id')
    @api.depends_context('company', 'uid', 'lang')
    def _compute_scp_figures(self):
        self._copy_scp_explanation('scp_figures', lambda customers: customers._get_figures())

    def _copy_scp_explanation(self, name, explain):
        """:param explain: returns what to say of each of the customers, by id, for all at once"""
        by_partner = self._get_scp_customers()
        explanations = explain(self.env['scp.customer'].union(*by_partner.values()))
        for partner in self:
            customer = by_partner.get(partner.commercial_partner_id._origin.id)
            partner[name] = customer and explanations.get(customer.id) or False

    # === ACTIONS ===#

    def action_scp_refresh(self):
        """Bring the customer records up to date now instead of with the next job."""
        self.env['scp.customer'].check_access('write')
        self.env['scp.customer']._refresh_for_partners(self.commercial_partner_id)
        self.invalidate_recordset(self._get_scp_customer_fields())
        return True

    @api.readonly
    def action_scp_open_customer(self):
        self.ensure_one()
        return self.scp_customer_id._get_records_action(
            name=self.env._("Customer Record"), context={},
        )

    def action_scp_edit_customer(self):
        """Change what is decided by hand, stage and its reason included, without leaving."""
        return {**self.action_scp_open_customer(), 'target': 'new'}

    # === BUSINESS METHODS ===#

    def _get_scp_document_domain(self):
        """Domain of the documents of these customers, whoever of their contacts is named."""
        return Domain(
            'partner_id.commercial_partner_id', 'in', self.commercial_partner_id._origin.ids
        )

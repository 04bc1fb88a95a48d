from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

# In cr.precommit.data, which ends with the transaction and with every rollback to a savepoint, unlike cr.cache: ids of
# the relations in force with a partner
KNOWN_KEY = 'crm_scp_supply.relations'


class ScpRelation(models.Model):
    """What a company has agreed with a supplier, distributor, customer or carrier.

    One per commercial partner, role and company: what it is about, from when to when, what may be shared, and by how
    much a delivery may miss its day or its quantity and still be as agreed.
    """

    _name = 'scp.relation'
    _inherit = ['mail.thread', 'scp.product.scope.mixin']
    _description = "Supply Relation"
    _order = 'role, partner_id, id'
    _rec_names_search = ['partner_id']
    _check_company_auto = True

    partner_id = fields.Many2one(
        'res.partner', required=True, index=True, ondelete='restrict', check_company=True, tracking=True,
        domain="[('parent_id', '=', False)]",
        help="The company. The relation holds for everybody who works there.",
    )
    role = fields.Selection(
        [
            ('supplier', "Supplier"),
            ('distributor', "Distributor"),
            ('customer', "Customer"),
            ('carrier', "Carrier"),
        ],
        required=True,
        default='supplier',
        tracking=True,
    )
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    user_id = fields.Many2one(
        'res.users', string="Responsible", compute='_compute_user_id', store=True, readonly=False, precompute=True,
        index='btree_not_null', tracking=True, domain="[('share', '=', False), ('company_ids', '=', company_id)]",
    )
    active = fields.Boolean(default=True, tracking=True)

    # Place in the chain
    tier = fields.Integer(
        compute='_compute_tier', store=True, recursive=True, aggregator=None,
        help="1: deals with us directly. 2: supplies our supplier, or buys from our distributor. And so on.",
    )
    upstream_relation_id = fields.Many2one(
        'scp.relation', string="Through", index='btree_not_null', ondelete='set null', check_company=True,
        domain="[('id', '!=', id), ('company_id', '=', company_id)]",
        help="The relation through which this partner is connected with us. Empty when he deals with us directly.",
    )

    # What it is about
    product_ids = fields.Many2many(
        help="The relation is about these, and about the categories. Both empty: about everything.")
    date_start = fields.Date(string="From", tracking=True, help="Start of the contract. Empty: has always held.")
    date_end = fields.Date(string="To", tracking=True, help="Last day of the contract. Empty: until further notice.")

    # What was agreed
    share_policy_id = fields.Many2one(
        'scp.share.policy', index='btree_not_null', ondelete='restrict', check_company=True, tracking=True,
        domain="[('company_id', 'in', (company_id, False))]",
        help="What the partner sees in the portal and may do there. Empty: nothing.",
    )
    tolerance_days_early = fields.Integer(
        string="Days Early", aggregator=None, tracking=True,
        help="So many days before the day agreed are still on time.",
    )
    tolerance_days_late = fields.Integer(
        string="Days Late", aggregator=None, tracking=True,
        help="So many days after the day agreed are still on time. A supplier who confirms a later day states why.",
    )
    tolerance_under = fields.Float(
        string="Short (%)", digits=(5, 2), aggregator=None, tracking=True,
        help="Per cent of the ordered quantity that may be missing from a complete delivery.",
    )
    tolerance_over = fields.Float(
        string="Over (%)", digits=(5, 2), aggregator=None, tracking=True,
        help="Per cent that may be delivered beyond the ordered quantity. "
        "A supplier cannot confirm more than that in the portal.",
    )

    # _get_relations(): the relation of a partner in a role; archived ones may be many
    _partner_uniq = models.UniqueIndex(
        '(partner_id, role, company_id) WHERE active',
        "There is a relation with this partner in this role already: change that one.",
    )
    _dates_order = models.Constraint(
        'CHECK (date_end IS NULL OR date_start IS NULL OR date_end >= date_start)',
        "A relation cannot end before it begins.",
    )
    _tolerances = models.Constraint(
        'CHECK (tolerance_days_early >= 0 AND tolerance_days_late >= 0 AND tolerance_over >= 0 '
        'AND tolerance_under >= 0 AND tolerance_under <= 100)',
        "Tolerances cannot be negative, and no more than 100 % can be missing.",
    )

    # === COMPUTE === #

    @api.depends('partner_id', 'role')
    def _compute_display_name(self):
        roles = dict(self._fields['role']._description_selection(self.env))
        for relation in self:
            partner = relation.partner_id.display_name
            relation.display_name = f"{partner} ({roles.get(relation.role)})" if partner else False

    @api.depends('partner_id', 'role')
    def _compute_user_id(self):
        for relation in self:
            partner = relation.partner_id
            relation.user_id = partner.buyer_id if relation.role in ('supplier', 'carrier') else partner.user_id

    @api.depends('upstream_relation_id.tier')
    def _compute_tier(self):
        for relation in self:
            relation.tier = relation.upstream_relation_id.tier + 1

    # === CONSTRAINS === #

    @api.constrains('partner_id')
    def _check_partner_id(self):
        for relation in self:
            company = relation.partner_id.commercial_partner_id
            if relation.partner_id != company:
                raise ValidationError(self.env._(
                    "Partner: choose the company %(company)s, not its contact %(contact)s.",
                    company=company.name, contact=relation.partner_id.name,
                ))

    @api.constrains('upstream_relation_id')
    def _check_upstream_relation_id(self):
        if self._has_cycle('upstream_relation_id'):
            raise ValidationError(self.env._("Through: a chain of relations cannot come back to where it began."))

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        self._forget_known()
        return super().create(vals_list)

    def write(self, vals):
        self._forget_known()
        return super().write(vals)

    def unlink(self):
        self._forget_known()
        return super().unlink()

    # === BUSINESS === #

    @api.model
    def _get_relations(self, partners, role, company=None, day=None):
        """The relations in force, by commercial partner, in one query.

        :param partners: ``res.partner``, contacts stand for their companies
        :param str role: a value of ``role``
        :param company: ``res.company``, by default the current one
        :param datetime.date day: by default today, in the time zone of the user
        :return: relation, as superuser, by commercial partner; partners without one are missing
        :rtype: dict
        """
        # sudo: what was agreed decides about people who may not read it
        relations = self.sudo().search(
            self._get_in_force_domain(partners, day)
            & Domain('role', '=', role)
            & Domain('company_id', '=', (company or self.env.company).id)
        )
        return {relation.partner_id: relation for relation in relations}

    @api.model
    def _get_in_force_domain(self, partners, day=None):
        day = day or fields.Date.context_today(self)
        # sudo: which company a contact belongs to is no secret to who has it before him
        return (
            Domain('partner_id', 'in', partners.sudo().commercial_partner_id.ids)
            & (Domain('date_start', '=', False) | Domain('date_start', '<=', day))
            & (Domain('date_end', '=', False) | Domain('date_end', '>=', day))
        )

    @api.model
    def _get_relations_by_role(self, partner, companies):
        """All relations in force with one partner today, by company and role, in one query a transaction.

        :return: relation, as superuser, by ``res.company`` and value of ``role``
        :rtype: dict[tuple, ScpRelation]
        """
        known = self.env.cr.precommit.data.setdefault(KNOWN_KEY, {})
        today = fields.Date.context_today(self)
        key = (partner.id, companies._ids, today)
        if key not in known:
            # sudo: as `_get_relations`
            known[key] = self.sudo().search(
                self._get_in_force_domain(partner, today) & Domain('company_id', 'in', companies.ids)).ids
        relations = self.sudo().browse(known[key])
        return {(relation.company_id, relation.role): relation for relation in relations}

    @api.model
    def _forget_known(self):
        """Relations are about to change: what :meth:`_get_relations_by_role` knows of them holds no longer."""
        self.env.cr.precommit.data.pop(KNOWN_KEY, None)

    @api.model
    def _get_relation(self, partner, role, company=None, day=None):
        """The relation in force with one partner, or an empty one; see :meth:`_get_relations`."""
        relations = self._get_relations(partner, role, company, day)
        # sudo: as `_get_relations`, so that both answers read alike
        return next(iter(relations.values()), self.sudo().browse())

    @api.model
    def _get_policies(self, partners, role, company=None, day=None):
        """The share policies in force, by commercial partner; see :meth:`_get_relations`.

        :return: an ``scp.share.policy`` for each, an empty one (nothing is shared) without relation
        :rtype: dict
        """
        relations = self._get_relations(partners, role, company, day)
        nothing = self.env['scp.share.policy'].sudo().browse()  # sudo: as the policies themselves
        return {
            partner: relations[partner]._get_shared() if partner in relations else nothing
            for partner in partners.commercial_partner_id
        }

    @api.model
    def _get_policy(self, partner, role, company=None, day=None):
        """The share policy in force for one partner; an empty one shares nothing."""
        return self._get_relation(partner, role, company, day)._get_shared()

    def _get_shared(self):
        """The policy of a relation; an archived policy shares nothing."""
        return self.share_policy_id.filtered('active')

from collections.abc import Collection
from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class TerritoryRule(NamedTuple):
    """What a place must fulfil to lie in a territory; an empty criterion leaves it open."""

    territory_id: int
    company_id: int
    country_ids: list[int]
    state_ids: list[int]
    industry_ids: list[int]
    zip_from: str
    zip_to: str


class ScpTerritory(models.Model):
    """A part of the market, by country, state, postcode and industry.

    Territories form a tree. A territory narrows its parent: the criteria it does not set itself it
    inherits, those it sets lie within the parent's. One without any criterion of its own is a
    heading: it holds what its children hold.

    A place may fulfil several definitions. It belongs to the most specific one, which is, in this
    order: the deeper one in the tree, the one with the longer postcode, the one that names states,
    countries, industries; last the one that comes first in the list.
    """

    _name = 'scp.territory'
    _description = "Sales Territory"
    _parent_store = True
    _rec_name = 'complete_name'
    _order = 'sequence, complete_name, id'
    _check_company_auto = True

    name = fields.Char(required=True)
    complete_name = fields.Char(
        compute='_compute_complete_name', recursive=True, store=True, precompute=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(
        default=10, help="Decides between territories that are equally specific: the first wins.")
    parent_id = fields.Many2one(
        comodel_name='scp.territory', index=True, ondelete='restrict', check_company=True)
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many(
        comodel_name='scp.territory', inverse_name='parent_id', string="Parts")
    company_id = fields.Many2one(
        comodel_name='res.company', help="Empty for a territory of all companies.")
    country_ids = fields.Many2many(comodel_name='res.country', string="Countries")
    state_ids = fields.Many2many(comodel_name='res.country.state', string="States")
    industry_ids = fields.Many2many(comodel_name='res.partner.industry', string="Industries")
    zip_from = fields.Char(
        string="Postcodes From",
        help="The beginning of the first postcode. From 80 to 85 holds every postcode that begins "
             "with 80 to 85; without an end, those that begin with the one given.",
    )
    zip_to = fields.Char(string="Postcodes To")
    criteria = fields.Char(
        compute='_compute_criteria', recursive=True,
        help="What is inherited from the territories above included.",
    )

    @api.depends('name', 'parent_id.complete_name')
    def _compute_complete_name(self):
        for territory in self:
            names = (territory.parent_id.complete_name, territory.name)
            territory.complete_name = " / ".join(name for name in names if name)

    @api.depends(
        'parent_path', 'country_ids', 'state_ids', 'industry_ids', 'zip_from', 'zip_to',
        'parent_id.criteria',
    )
    def _compute_criteria(self):
        for territory in self:
            states, countries, industries = (
                territory._get_effective(fname) for fname in ('state_ids', 'country_ids', 'industry_ids'))
            zip_from, zip_to = territory._get_zip_range()
            territory.criteria = ", ".join(filter(None, (
                *(states or countries).mapped('name'),
                zip_from and (f"{zip_from}–{zip_to}" if zip_to != zip_from else f"{zip_from}…"),
                *industries.mapped('name'),
            )))

    @api.constrains('zip_from', 'zip_to')
    def _check_zip_range(self):
        for territory in self:
            zip_from, zip_to = map(self._normalize_zip, (territory.zip_from, territory.zip_to))
            if zip_to and not zip_from:
                raise ValidationError(self.env._(
                    "The territory “%(territory)s” has postcodes to %(zip_to)s but none from which "
                    "they begin: fill in Postcodes From.",
                    territory=territory.name, zip_to=territory.zip_to,
                ))
            if zip_to and zip_from[:len(zip_to)] > zip_to[:len(zip_from)]:
                raise ValidationError(self.env._(
                    "The postcodes of the territory “%(territory)s” end at %(zip_to)s, before they "
                    "begin at %(zip_from)s.",
                    territory=territory.name, zip_from=territory.zip_from, zip_to=territory.zip_to,
                ))

    @api.constrains('parent_id', 'country_ids', 'state_ids', 'industry_ids', 'zip_from', 'zip_to')
    def _check_within_parent(self):
        """Check the criteria of territories against those above, and of all below them."""
        for territory in self.search([('id', 'child_of', self.ids)]):
            parent = territory.parent_id
            for fname in ('country_ids', 'state_ids', 'industry_ids'):
                allowed = parent._get_effective(fname)
                if outside := allowed and territory[fname] - allowed:
                    territory._raise_outside(self._fields[fname], outside.mapped('name'))
            countries = territory._get_effective('country_ids')
            outside = territory.state_ids.filtered(lambda state, within=countries: state.country_id not in within)
            if countries and outside:
                territory._raise_outside(self._fields['state_ids'], outside.mapped('name'))
            (first, last), (own_first, own_last) = parent._get_zip_range(), territory._get_zip_range()
            if first and (own_first[:len(first)] < first or own_last[:len(last)] > last):
                territory._raise_outside(self._fields['zip_from'], [own_first, own_last])

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        territories = super().create(vals_list)
        self.env.registry.clear_cache()
        return territories

    def write(self, vals):
        self._check_no_loop(vals.get('parent_id'))
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @api.readonly
    def action_open_leads(self):
        """Open the leads that lie in the territory or in a part of it."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm.crm_lead_opportunities')
        return {
            **action,
            'display_name': self.env._("Leads in %(territory)s", territory=self.name),
            'domain': [('scp_territory_id', 'child_of', self.id)],
            'context': {},
        }

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _check_no_loop(self, parent_id):
        """Check a parent about to be set: the tree of the database would refuse it without a name."""
        for territory in self.search([('id', 'parent_of', parent_id)]) & self if parent_id else ():
            raise ValidationError(self.env._(
                "The territory “%(territory)s” cannot lie within itself: choose another for Part Of.",
                territory=territory.name))

    def _raise_outside(self, field, names):
        raise ValidationError(self.env._(
            "The territory “%(territory)s” reaches beyond the one it is a part of. %(field)s: "
            "%(names)s.",
            territory=self.complete_name,
            field=field._description_string(self.env),
            names=", ".join(names),
        ))

    def _get_effective(self, fname):
        """Return the records of a criterion: the territory's own, or else those it inherits."""
        territory = self
        while territory and not territory[fname]:
            territory = territory.parent_id
        return territory[fname]

    def _get_zip_range(self) -> tuple[str, str]:
        """Return where postcodes begin and end, its own or inherited; ('', '') for any."""
        territory = self
        while territory and not territory.zip_from:
            territory = territory.parent_id
        first = self._normalize_zip(territory.zip_from)
        return first, self._normalize_zip(territory.zip_to) or first

    @api.model
    def _normalize_zip(self, code) -> str:
        """Return a postcode as compared: without blanks and hyphens, in capitals."""
        return (code or '').upper().translate(str.maketrans('', '', ' -'))

    @api.model
    @tools.ormcache()
    def _get_rules(self) -> tuple[TerritoryRule, ...]:
        """Return the definitions of all territories that hold leads, the most specific first."""
        # sudo, no context: where a lead belongs does not depend on who asks
        # pylint: disable-next=no-search-all,context-overridden # some dozen; the context is to go
        territories = self.sudo().with_context({}).search([]).filtered(lambda territory: (
            territory.country_ids or territory.state_ids or territory.industry_ids
            or territory.zip_from
        ))
        rules = {
            territory: TerritoryRule(
                territory.id,
                territory.company_id.id or 0,
                territory._get_effective('country_ids').ids,
                territory._get_effective('state_ids').ids,
                territory._get_effective('industry_ids').ids,
                *territory._get_zip_range(),
            )
            for territory in territories
        }

        def specificity(territory):
            rule = rules[territory]
            return (
                -territory.parent_path.count('/'), -len(rule.zip_from), not rule.state_ids,
                not rule.country_ids, not rule.industry_ids, territory.sequence, territory.id,
            )

        return tuple(rules[territory] for territory in sorted(rules, key=specificity))

    @api.model
    def _get_resolution_query(self, places: SQL) -> SQL:
        """Return a statement that selects (id, territory_id) of places in a territory.

        Every distinct place is looked up once, however many records lie there.

        :param places: statement selecting id, company_id, country_id, state_id, zip, industry_id
        """
        rules = self._get_rules()
        if not rules:
            return SQL("SELECT place.id, NULL::int AS territory_id FROM (%s) place WHERE FALSE", places)
        return SQL(
            """
            WITH place AS (
                SELECT source.id,
                       COALESCE(source.company_id, 0) AS company_id,
                       COALESCE(source.country_id, 0) AS country_id,
                       COALESCE(source.state_id, 0) AS state_id,
                       COALESCE(source.industry_id, 0) AS industry_id,
                       translate(upper(COALESCE(source.zip, '')), ' -', '') AS zip
                  FROM (%(places)s) source
            ), resolved AS (
                SELECT spot.*, found.territory_id
                  FROM (SELECT DISTINCT company_id, country_id, state_id, industry_id, zip FROM place) spot
          JOIN LATERAL (
                       SELECT rule.territory_id
                         FROM (VALUES %(rules)s) AS rule(
                              rank, territory_id, company_id, country_ids, state_ids, industry_ids,
                              zip_from, zip_to)
                        WHERE (rule.company_id = 0 OR rule.company_id = spot.company_id)
                          AND (rule.country_ids = '{}' OR spot.country_id = ANY(rule.country_ids))
                          AND (rule.state_ids = '{}' OR spot.state_id = ANY(rule.state_ids))
                          AND (rule.industry_ids = '{}' OR spot.industry_id = ANY(rule.industry_ids))
                          AND (rule.zip_from = '' OR (
                              spot.zip <> ''
                              AND left(spot.zip, length(rule.zip_from)) >= rule.zip_from COLLATE "C"
                              AND left(spot.zip, length(rule.zip_to)) <= rule.zip_to COLLATE "C"))
                     ORDER BY rule.rank
                        LIMIT 1
                       ) found ON TRUE
            )
            SELECT place.id, resolved.territory_id
              FROM place
              JOIN resolved USING (company_id, country_id, state_id, industry_id, zip)
            """,
            places=places,
            rules=SQL(", ").join(
                SQL("(%s, %s, %s, %s::int[], %s::int[], %s::int[], %s, %s)", rank, *rule)
                for rank, rule in enumerate(rules)
            ),
        )

    @api.model
    def _get_lead_query(self, leads: SQL | None = None) -> SQL:
        """Return a statement that selects (id, territory_id) of leads in a territory.

        :param leads: statement selecting the ids of the leads, by default all
        """
        self.env['crm.lead'].flush_model(['company_id', 'country_id', 'state_id', 'zip', 'partner_id'])
        self.env['res.partner'].flush_model(['industry_id', 'commercial_partner_id'])
        return self._get_resolution_query(SQL(
            """
            SELECT lead.id, lead.company_id, lead.country_id, lead.state_id, lead.zip,
                   COALESCE(partner.industry_id, commercial.industry_id) AS industry_id
              FROM crm_lead lead
         LEFT JOIN res_partner partner ON partner.id = lead.partner_id
         LEFT JOIN res_partner commercial ON commercial.id = partner.commercial_partner_id
             WHERE %s
            """,
            SQL("lead.id IN (%s)", leads) if leads else SQL("TRUE"),
        ))

    @api.model
    def _resolve_leads(self, lead_ids: Collection[int]) -> dict[int, int]:
        """Return the territories of leads by lead; those in none are missing."""
        if not lead_ids:
            return {}
        return dict(self.env.execute_query(
            self._get_lead_query(SQL("SELECT unnest(%s)", list(lead_ids)))))

    @api.model
    def _resolve_partners(self, partner_ids: Collection[int]) -> dict[int, int]:
        """Return the territories of partners by partner, as of the current company."""
        if not partner_ids:
            return {}
        self.env['res.partner'].flush_model(
            ['industry_id', 'commercial_partner_id', 'country_id', 'state_id', 'zip'])
        return dict(self.env.execute_query(self._get_resolution_query(SQL(
            """
            SELECT partner.id, %s AS company_id, partner.country_id, partner.state_id, partner.zip,
                   COALESCE(partner.industry_id, commercial.industry_id) AS industry_id
              FROM res_partner partner
         LEFT JOIN res_partner commercial ON commercial.id = partner.commercial_partner_id
             WHERE partner.id = ANY(%s)
            """,
            self.env.company.id, list(partner_ids),
        ))))

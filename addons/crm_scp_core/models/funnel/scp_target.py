from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, formatLang

from .scp_plan import PERIOD_MONTHS

#: whose a target is
OWNER_FIELDS = ('company_id', 'user_id', 'team_id', 'territory_id')


class ScpTarget(models.Model):
    """What a user, a team, a territory or the whole company is to win in a period.

    A period begins on the first of any month, so that financial years fit. Targets of one owner
    never overlap. A target is spread evenly over its months; the last one takes what rounding
    leaves.
    """

    _name = 'scp.target'
    _description = "Sales Target"
    _order = 'date_from desc, scope, id'
    _check_company_auto = True

    company_id = fields.Many2one(
        comodel_name='res.company', required=True, index=True,
        default=lambda self: self.env.company)
    scope = fields.Selection(
        selection=[
            ('company', "Company"),
            ('territory', "Territory"),
            ('team', "Sales Team"),
            ('user', "Salesperson"),
        ],
        string="For",
        compute='_compute_scope', store=True, precompute=True,
    )
    user_id = fields.Many2one(
        comodel_name='res.users', string="Salesperson", index='btree_not_null',
        domain=[('share', '=', False)])
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", index='btree_not_null', check_company=True,
        ondelete='restrict')
    territory_id = fields.Many2one(
        comodel_name='scp.territory', index='btree_not_null',
        check_company=True, ondelete='restrict')
    period = fields.Selection(
        selection=[('month', "Month"), ('quarter', "Quarter"), ('year', "Year")],
        required=True, default='quarter')
    date_from = fields.Date(string="From", required=True, default=lambda self: self._default_date_from())
    date_to = fields.Date(string="To", compute='_compute_date_to', store=True, precompute=True)
    # required in the form and checked below, with words of its own
    currency_id = fields.Many2one(
        comodel_name='res.currency', default=lambda self: self.env.company.currency_id)
    amount = fields.Monetary(string="Target")
    company_currency_id = fields.Many2one(related='company_id.currency_id', string="Company Currency")
    company_amount = fields.Monetary(
        string="Target (Company Currency)", currency_field='company_currency_id',
        compute='_compute_company_amount',
        help="At the rate of the first day of the period.",
    )
    won_amount = fields.Monetary(
        string="Won", currency_field='company_currency_id', compute='_compute_progress',
        help="Deals won in the period, in company currency.",
    )
    achievement = fields.Float(
        string="Reached", compute='_compute_progress', aggregator=None,
        help="Won, divided by the target.",
    )
    members_amount = fields.Monetary(
        string="Targets of Members", currency_field='company_currency_id',
        compute='_compute_members_amount',
        help="What the salespeople of the team are to win in the same months, added up.",
    )
    members_gap = fields.Monetary(
        string="Not Handed Down", currency_field='company_currency_id',
        compute='_compute_members_amount',
        help="The team's target less those of its members: what nobody has taken on yet.",
    )

    _one_owner = models.Constraint(
        'CHECK(num_nonnulls(user_id, team_id, territory_id) <= 1)',
        "A target belongs to one salesperson, one team or one territory, or to the company: leave the others empty.",
    )
    # _check_overlap refuses all overlaps; this holds when two people enter the same at once.
    _owner_date_uniq = models.UniqueIndex(
        '(company_id, COALESCE(user_id, 0), COALESCE(team_id, 0), COALESCE(territory_id, 0), date_from)',
        "The same owner has a target that begins on the same day: change that one.",
    )

    def _default_date_from(self):
        today = fields.Date.context_today(self)
        return today.replace(month=today.month - (today.month - 1) % 3, day=1)

    @api.depends('user_id', 'team_id', 'territory_id')
    def _compute_scope(self):
        for target in self:
            owners = ('user', 'team', 'territory')
            target.scope = next((owner for owner in owners if target[f'{owner}_id']), 'company')

    @api.depends('date_from', 'period')
    def _compute_date_to(self):
        for target in self:
            months = PERIOD_MONTHS.get(target.period)
            target.date_to = target.date_from and months and (
                target.date_from + relativedelta(months=months, days=-1))

    @api.depends('amount', 'currency_id', 'company_id', 'date_from')
    def _compute_company_amount(self):
        for target in self:
            currency = target.company_currency_id
            target.company_amount = target.currency_id and target.currency_id._convert(
                target.amount, currency, target.company_id, target.date_from or fields.Date.context_today(target))

    @api.depends('company_amount', 'date_to')
    def _compute_progress(self):
        won = self._get_won_amounts()
        for target in self:
            target.won_amount = won.get(target._origin.id, 0.0)
            target.achievement = target.company_amount and target.won_amount / target.company_amount

    @api.depends('company_amount', 'team_id', 'date_to')
    def _compute_members_amount(self):
        teams = self.filtered('team_id')
        members = self.search([
            ('company_id', 'in', teams.company_id.ids),
            ('user_id.sale_team_id', 'in', teams.team_id.ids),
        ]) if teams else self
        amounts = defaultdict(float)
        for member in members:
            for month, amount in member._get_months().items():
                amounts[member.company_id, member.user_id.sale_team_id, month] += amount
        for target in self:
            months = target._get_months() if target.team_id else ()
            target.members_amount = sum(
                amounts[target.company_id, target.team_id, month] for month in months)
            target.members_gap = target.team_id and target.company_amount - target.members_amount

    @api.depends('scope', 'date_from', 'date_to')
    @api.depends_context('lang')
    def _compute_display_name(self):
        format_period = self.env['scp.plan']._format_period
        for target in self:
            target.display_name = target.date_to and self.env._(
                "%(owner)s, %(date_from)s – %(date_to)s",
                owner=target._get_owner().display_name,
                date_from=format_period(target.date_from),
                date_to=format_period(target.date_to),
            )

    @api.constrains('amount', 'currency_id')
    def _check_amount(self):
        for target in self:
            if not target.currency_id:
                raise ValidationError(self.env._(
                    "The target “%(target)s” has no currency: say in which currency its amount of "
                    "%(amount)s is.",
                    target=target.display_name, amount=formatLang(self.env, target.amount),
                ))
            if target.currency_id.compare_amounts(target.amount, 0.0) <= 0:
                raise ValidationError(self.env._(
                    "The target “%(target)s” must be above zero.", target=target.display_name))

    @api.constrains('date_from')
    def _check_date_from(self):
        for target in self:
            if target.date_from.day != 1:
                raise ValidationError(self.env._(
                    "The period of a target begins on the first of a month, not on %(date)s "
                    "(%(owner)s).",
                    date=format_date(self.env, target.date_from),
                    owner=target._get_owner().display_name,
                ))

    @api.constrains(*OWNER_FIELDS, 'date_from', 'period')
    def _check_overlap(self):
        self.flush_model([*OWNER_FIELDS, 'date_from', 'date_to'])
        found = self.env.execute_query(SQL(
            """
            SELECT target.id, other.id
              FROM scp_target target
              JOIN scp_target other
                ON other.id <> target.id
               AND (%(others)s) IS NOT DISTINCT FROM (%(own)s)
               AND other.date_from <= target.date_to
               AND other.date_to >= target.date_from
             WHERE target.id = ANY(%(ids)s)
             LIMIT 1
            """,
            others=SQL(", ").join(SQL.identifier('other', fname) for fname in OWNER_FIELDS),
            own=SQL(", ").join(SQL.identifier('target', fname) for fname in OWNER_FIELDS),
            ids=self.ids,
        ))
        for target, other in found:
            # sudo: the other target may be out of sight
            raise ValidationError(self.env._(
                "The target “%(target)s” overlaps with “%(other)s”: every month counts once.",
                target=self.browse(target).display_name,
                other=self.sudo().browse(other).display_name,
            ))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(OWNER_FIELDS):
            # rules have looked at the owner before: nobody gives a target to whom he may set none
            self.check_access('write')
        return result

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @api.readonly
    def action_open_won(self):
        """Open the deals won in the period."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Won: %(target)s", target=self.display_name),
            'res_model': 'crm.lead',
            'view_mode': 'list,kanban,pivot,graph,form',
            'domain': list(self._get_won_domain()),
            'context': {'active_test': False, 'create': False},
        }

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _get_owner(self):
        """Return who the target is for: a user, a team, a territory or the company."""
        self.ensure_one()
        return self.user_id or self.team_id or self.territory_id or self.company_id

    def _get_months(self, currency=None) -> dict:
        """Return the target by first day of month; the parts add up to it.

        :param currency: by default the company's; at the rate of the first day of the period
        """
        self.ensure_one()
        currency = currency or self.company_currency_id
        count = PERIOD_MONTHS[self.period]
        total = self.currency_id._convert(self.amount, currency, self.company_id, self.date_from)
        share = currency.round(total / count)
        months = [self.date_from + relativedelta(months=month) for month in range(count)]
        return {**dict.fromkeys(months, share), months[-1]: total - share * (count - 1)}

    def _get_won_domain(self):
        """Return the domain of the deals won that count for the target."""
        self.ensure_one()
        owned = {
            'user': Domain('user_id', '=', self.user_id.id),
            'team': Domain('team_id', '=', self.team_id.id),
            'territory': Domain('scp_territory_id', 'child_of', self.territory_id.ids),
            'company': Domain.TRUE,
        }[self.scope]
        Plan = self.env['scp.plan'].with_company(self.company_id)
        return (
            owned & Domain('company_id', 'in', self._get_lead_company_ids(self.company_id))
            & Plan._get_won_domain(self.date_from, self.date_to)
        )

    @api.model
    def _get_lead_company_ids(self, company) -> list:
        """Return companies of the leads that count; those without count for the reporting company."""
        reporting = self.env['res.company']._get_scp_reporting_company()
        return [company.id, False] if company == reporting else company.ids

    def _get_won_amounts(self) -> dict[int, float]:
        """Return what was won for targets in company currency, by target: a statement per company."""
        amounts = {}
        stored = self._origin.filtered('date_to')
        stored.flush_model(['company_id', 'user_id', 'team_id', 'territory_id', 'date_from', 'date_to'])
        for company, targets in stored.grouped('company_id').items():
            amounts.update(self.env.execute_query(targets._get_won_amounts_query(company)))
        return amounts

    def _get_won_amounts_query(self, company) -> SQL:
        # No rule of access on leads: who sees a target sees how much of it is reached.
        Plan = self.env['scp.plan'].with_company(company)
        self.env['crm.lead'].flush_model(['company_id', 'user_id', 'team_id', 'expected_revenue'])
        companies = self._get_lead_company_ids(company)
        won = Plan._get_won_query(
            min(self.mapped('date_from')), max(self.mapped('date_to')),
            SQL("COALESCE(lead.company_id, 0) = ANY(%s)", [company_id or 0 for company_id in companies]),
        )
        return SQL(
            """
            WITH won AS (%(won)s), located AS (%(located)s)
            SELECT target.id, SUM(lead.expected_revenue)::float
              FROM scp_target target
              JOIN won ON won.won_on BETWEEN target.date_from AND target.date_to
              JOIN crm_lead lead ON lead.id = won.lead_id
         LEFT JOIN scp_territory territory ON territory.id = target.territory_id
         LEFT JOIN located ON located.id = lead.id
         LEFT JOIN scp_territory place ON place.id = located.territory_id
             WHERE target.id = ANY(%(ids)s)
               AND (target.user_id IS NULL OR target.user_id = lead.user_id)
               AND (target.team_id IS NULL OR target.team_id = lead.team_id)
               AND (territory.id IS NULL OR place.parent_path LIKE territory.parent_path || '%%')
          GROUP BY target.id
            """,
            won=won,
            located=self.env['scp.territory']._get_lead_query(SQL("SELECT lead_id FROM won"))
            if self.territory_id else SQL("SELECT NULL::int AS id, NULL::int AS territory_id WHERE FALSE"),
            ids=self.ids,
        )

    # === PLANS ===#

    @api.model
    def _get_plan_amounts(self, plan, currency) -> dict:
        """Return what is to be won, as far as the reader may see targets.

        Asked for salespeople, their targets count; for territories, the territories'; for teams,
        the team's own, or in months without one those of its members. For all: the company's own
        target, or else what teams and people outside of them have.

        :param plan: a plan of ``scp.plan``
        :return: by (id of the group or False, first day of the period): amount, ids of targets
        """
        targets = self.search(Domain('date_from', '<=', plan.periods[-1][1]) & Domain(
            'date_to', '>=', plan.periods[0][0]) & self._get_plan_domain(plan))
        months = {scope: defaultdict(list) for scope in ('company', 'territory', 'team', 'user')}
        for target in targets:
            for month, amount in target._get_months(currency).items():
                months[target.scope][target._get_owner().id, month].append((amount, target.id))
        result = defaultdict(lambda: (0.0, []))
        for first, last in plan.periods:
            month = first
            while month <= last:
                for group_id, parts in self._get_month_parts(plan, targets, months, month):
                    amount, ids = result[group_id, first]
                    result[group_id, first] = (
                        amount + sum(part for part, _id in parts),
                        ids + [target_id for _part, target_id in parts if target_id not in ids],
                    )
                month += relativedelta(months=1)
        return result

    @api.model
    def _get_plan_domain(self, plan):
        filters = plan.filters
        domain = Domain('company_id', 'in', list(filters.company_ids or self.env.companies.ids))
        if filters.user_ids:
            return domain & Domain('user_id', 'in', list(filters.user_ids))
        if plan.territory_ids:
            return domain & Domain('territory_id', 'in', list(plan.territory_ids))
        if filters.team_ids:
            teams = list(filters.team_ids)
            return domain & (Domain('team_id', 'in', teams) | Domain('user_id.sale_team_id', 'in', teams))
        return domain

    @api.model
    def _get_month_parts(self, plan, targets, months, month):
        """Yield (group, [(amount, id of target)]) of what counts in a month."""
        # sudo: who is in which team is no secret here
        team_of = {user.id: user.sudo().sale_team_id.id for user in targets.user_id}
        users = {owner: parts for (owner, day), parts in months['user'].items() if day == month}
        teams = {owner: parts for (owner, day), parts in months['team'].items() if day == month}
        if plan.group_by == 'user':
            yield from users.items()
            return
        for user_id, parts in users.items():
            team_id = team_of[user_id]
            if (team_id, month) not in months['team'] or plan.filters.user_ids:
                teams.setdefault(team_id, [])
                teams[team_id] = teams[team_id] + parts
        if plan.group_by == 'team':
            yield from teams.items()
            return
        if plan.territory_ids and not plan.filters.user_ids:
            chosen = [parts for (_owner, day), parts in months['territory'].items() if day == month]
        else:
            chosen = [parts for (_owner, day), parts in months['company'].items() if day == month]
        for parts in chosen or teams.values():
            yield False, parts

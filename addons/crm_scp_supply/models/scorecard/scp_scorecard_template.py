from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.crm_scp_core.models.hub.scoring import FULL_WEIGHT, is_full

ROLES = [('supplier', "Supplier"), ('distributor', "Distributor"), ('customer', "Customer")]
PERIODS = [('month', "Month"), ('quarter', "Quarter"), ('half', "Half-year"), ('year', "Year")]
MONTHS = {'month': 1, 'quarter': 3, 'half': 6, 'year': 12}


class ScpScorecardTemplate(models.Model):
    """By what partners of a role are scored, how often, and what follows from it.

    A card copies all of it when it is frozen: later changes concern later periods only.
    """

    _name = 'scp.scorecard.template'
    _description = "Scorecard Template"
    _order = 'role, name, id'
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    role = fields.Selection(
        ROLES, required=True, default='supplier', help="Whom it scores: the relations of this role.")
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    state = fields.Selection(
        [('draft', "Draft"), ('active', "In Use")], required=True, default='draft', copy=False,
        help="While in use, the cards of every period are prepared and frozen by themselves.",
    )
    active = fields.Boolean(default=True)
    user_id = fields.Many2one(
        'res.users', string="Responsible", index='btree_not_null',
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
        help="Answers disputes of partners whose relation names nobody.",
    )

    # When
    period = fields.Selection(PERIODS, required=True, default='quarter')
    date_start = fields.Date(
        string="From", required=True,
        default=lambda self: fields.Date.start_of(fields.Date.context_today(self), 'quarter'),
        help="The first period scored is the one of this day.",
    )
    grace_days = fields.Integer(
        string="Days Until Frozen", default=5, aggregator=None,
        help="So many days after the end of a period its cards are frozen: time for assessments, and for late returns "
        "to be entered.",
    )
    dispute_days = fields.Integer(
        string="Days to Dispute", default=30, aggregator=None,
        help="So many days after it was published a partner can dispute a line of his card.",
    )

    # By what
    criterion_ids = fields.One2many('scp.scorecard.criterion', 'template_id', string="Criteria", copy=True)
    weight_total = fields.Float(
        string="Total Weight", compute='_compute_weight_total', digits=(5, 2), help="Has to be 100.",
    )
    min_coverage = fields.Float(
        string="Weight to Be Rated", default=60.0, digits=(5, 2), aggregator=None,
        help="A card with less weight rated than this is not rated: it gets no standing, and the one before stays.",
    )
    standing_ids = fields.One2many('scp.scorecard.standing', 'template_id', string="Standings", copy=True)
    card_count = fields.Integer(string="Number of Cards", compute='_compute_card_count')

    _days = models.Constraint(
        'CHECK (grace_days >= 0 AND dispute_days >= 0)', "Days cannot be negative.")
    _min_coverage_share = models.Constraint(
        'CHECK (min_coverage >= 0 AND min_coverage <= 100)', "The weight to be rated is between 0 and 100.")

    # === COMPUTE === #

    @api.depends('criterion_ids.weight')
    def _compute_weight_total(self):
        for template in self:
            template.weight_total = sum(template.criterion_ids.mapped('weight'))

    def _compute_card_count(self):
        counts = dict(self.env['scp.scorecard']._read_group(
            [('template_id', 'in', self.ids), ('state', '!=', 'replaced')], ['template_id'], ['__count']))
        for template in self:
            template.card_count = counts.get(template._origin, 0)

    # === CONSTRAINS === #

    @api.constrains('criterion_ids', 'state')
    def _check_criteria(self):
        for template in self:
            weights = template.criterion_ids.mapped('weight')
            if (weights or template.state == 'active') and not is_full(weights):
                raise ValidationError(self.env._(
                    "%(template)s: the weights of the criteria sum to %(total)s. They have to sum to %(full)s.",
                    template=template.name, total=f'{sum(weights):g}', full=f'{FULL_WEIGHT:g}'))

    @api.constrains('criterion_ids', 'role')
    def _check_role(self):
        self.criterion_ids._check_code()

    @api.constrains('standing_ids', 'state')
    def _check_standings(self):
        """From 0 to 100 every score has its standing, and a better one never acts harder."""
        for template in self:
            standings = template.standing_ids.sorted('min_score')
            if not standings and template.state == 'draft':
                continue
            if not standings or standings[0].min_score:
                raise ValidationError(self.env._(
                    "%s: one standing has to begin at 0, so that every score has one.", template.name))
            standings.with_context(scp_checked_together=False)._check_order()

    # === CRUD === #

    # Criteria that are saved together are checked together, in the end
    @api.model_create_multi
    def create(self, vals_list):
        return super(ScpScorecardTemplate, self.with_context(scp_checked_together=True)).create(vals_list).with_env(
            self.env)

    def write(self, vals):
        result = super(ScpScorecardTemplate, self.with_context(scp_checked_together=True)).write(vals)
        if not vals.keys().isdisjoint({'active', 'state'}):
            self.env['scp.scorecard']._forget_standings()
        return result

    def copy_data(self, default=None):
        return [
            vals | {'name': self.env._("%s (copy)", template.name)}
            for template, vals in zip(self, super().copy_data(default), strict=True)
        ]

    # === ACTIONS === #

    def action_start(self):
        self.state = 'active'

    def action_stop(self):
        """Prepare and freeze no further cards; standings given so far no longer act."""
        self.state = 'draft'

    def action_prepare(self):
        """Prepare the cards of the present period at once, as the job does every day."""
        self.check_access('write')
        for template in self:
            template._prepare_cards(fields.Date.context_today(template))
        return self.action_view_cards()

    @api.readonly
    def action_view_cards(self):
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_scorecard_action')
        return action | {'domain': [('template_id', '=', self.id)], 'context': {'search_default_current': 1}}

    # === BUSINESS === #

    def _get_period(self, day):
        """First and last day of the period of a day."""
        self.ensure_one()
        months = MONTHS[self.period]
        first = day.replace(month=(day.month - 1) // months * months + 1, day=1)
        return first, first + relativedelta(months=months, days=-1)

    def _get_periods_until(self, day):
        """First and last days of all periods that have begun by a day, oldest first."""
        self.ensure_one()
        periods = [self._get_period(self.date_start)]
        while periods[-1][1] < day:
            periods.append(self._get_period(periods[-1][1] + timedelta(days=1)))
        return [period for period in periods if period[0] <= day]

    def _get_partner_relations(self, day):
        """The relations scored on a day: those in force with partners who deal with us directly."""
        self.ensure_one()
        # sudo: a card is due to every partner, whoever prepares them
        return self.env['scp.relation'].sudo().search(
            Domain('role', '=', self.role) & Domain('company_id', '=', self.company_id.id) & Domain('tier', '=', 1)
            & (Domain('date_start', '=', False) | Domain('date_start', '<=', day))
            & (Domain('date_end', '=', False) | Domain('date_end', '>=', day))
        )

    def _prepare_cards(self, day):
        """Draft the cards of the period of a day that are not there yet, and measure them.

        :return: the new cards, as superuser
        """
        self.ensure_one()
        Card = self.env['scp.scorecard'].sudo()  # sudo: nobody creates cards by hand
        date_from, date_to = self._get_period(day)
        relations = self._get_partner_relations(min(day, date_to))
        known = Card.search([('template_id', '=', self.id), ('date_from', '=', date_from)]).partner_id
        cards = Card.create([
            self._prepare_card_values(relation, date_from, date_to)
            for relation in relations if relation.partner_id not in known
        ])
        cards._measure()
        return cards

    def _prepare_card_values(self, relation, date_from, date_to):
        return {
            'template_id': self.id,
            'template_name': self.name,
            'role': self.role,
            'partner_id': relation.partner_id.id,
            'company_id': self.company_id.id,
            'user_id': (relation.user_id or self.user_id).id,
            'date_from': date_from,
            'date_to': date_to,
            'line_ids': [fields.Command.create(criterion._prepare_line_values()) for criterion in self.criterion_ids],
        }

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.crm_scp_core.models.hub.scoring import Part, get_result, is_full

from .scp_scorecard_standing import ACTIONS, SEVERITY, TONES
from .scp_scorecard_template import PERIODS, ROLES

STATES = [('draft', "In Preparation"), ('frozen', "Frozen"), ('published', "Published"), ('replaced', "Replaced")]
# Cards that count: frozen, and not replaced by a corrected version
CURRENT = ('frozen', 'published')
TRENDS = [('up', "Better"), ('same', "As Before"), ('down', "Worse"), ('none', "No Comparison")]
# A change of the score by less than this is none
SAME_SCORE = 1.0

# What people may change at any time; the rest only the methods below, which hold the key
EDITABLE = frozenset({'user_id'})
MAIL_PREFIXES = ('message_', 'activity_', 'my_activity_', 'rating_', 'website_message_')
KEY = 'scp_scorecard_key'
SEAL = object()  # cannot be sent from outside


class ScpScorecard(models.Model):
    """How a partner did in a period, by the criteria of a template.

    Until the end of the period a card is a draft that follows the records. Then it is frozen: criteria, inputs,
    points and standing are copies of their own, from which :meth:`_get_recomputed` comes to the same score at any
    time. A frozen card is never changed: a correction makes a new version.
    """

    _name = 'scp.scorecard'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _description = "Scorecard"
    _order = 'date_to desc, partner_id, version desc, id desc'
    _rec_names_search = ['partner_id']
    _check_company_auto = True

    template_id = fields.Many2one(
        'scp.scorecard.template', required=True, readonly=True, index=True, ondelete='restrict', check_company=True)
    template_name = fields.Char(string="Scored By", readonly=True)
    role = fields.Selection(ROLES, required=True, readonly=True)
    partner_id = fields.Many2one(
        'res.partner', required=True, readonly=True, index=True, ondelete='restrict', check_company=True)
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True)
    user_id = fields.Many2one(
        'res.users', string="Responsible", index='btree_not_null', tracking=True, domain="[('share', '=', False)]",
        help="Answers disputes.",
    )
    period = fields.Selection(PERIODS, required=True, readonly=True, default='quarter')
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="To", required=True, readonly=True)
    period_label = fields.Char(string="Period Scored", compute='_compute_period_label')
    version = fields.Integer(required=True, readonly=True, default=1, aggregator=None)
    state = fields.Selection(STATES, required=True, readonly=True, default='draft', tracking=True, index=True)
    replaces_id = fields.Many2one(
        'scp.scorecard', string="Corrects", readonly=True, index='btree_not_null', ondelete='restrict',
        check_company=True, help="The version before, with the line that was wrong.",
    )
    correction = fields.Text(readonly=True, help="What was corrected, and why.")

    # What it came to
    line_ids = fields.One2many('scp.scorecard.line', 'card_id', string="Criteria")
    is_rated = fields.Boolean(string="Rated", readonly=True)
    score = fields.Float(
        digits=(5, 2), readonly=True, aggregator='avg',
        help="Points reached of 100. A criterion that could not be rated adds nothing, so that missing data never "
        "makes a score better.",
    )
    measured_score = fields.Float(
        string="Of What Was Rated", digits=(5, 2), readonly=True, aggregator='avg',
        help="Points reached of those that could be rated, out of 100: the weights of the others are left out.",
    )
    coverage = fields.Float(
        string="Weight Rated", digits=(5, 2), readonly=True, aggregator='avg',
        help="How much of the weight of 100 could be rated.",
    )
    min_coverage = fields.Float(string="Weight to Be Rated", digits=(5, 2), readonly=True, aggregator=None)
    scale = fields.Json(readonly=True, help="The standings as they were, best first.")
    standing = fields.Char(readonly=True, help="Empty when too little could be rated.")
    tone = fields.Selection(TONES, string="Colour", readonly=True)
    rfq_action = fields.Selection(ACTIONS, string="Requests for Quotation", readonly=True)
    order_action = fields.Selection(ACTIONS, string="Orders", readonly=True)
    previous_score = fields.Float(
        digits=(5, 2), readonly=True, aggregator=None, help="The score of the last rated card before.")
    trend = fields.Selection(TRENDS, readonly=True, help="Against the last rated card before.")

    # Its life
    frozen_at = fields.Datetime(string="Frozen On", readonly=True)
    frozen_by_id = fields.Many2one('res.users', readonly=True, ondelete='set null')
    published_at = fields.Datetime(string="Published On", readonly=True)
    dispute_ids = fields.One2many('scp.scorecard.dispute', 'card_id', string="Disputes")
    open_dispute_count = fields.Integer(
        string="Open Disputes", compute='_compute_open_dispute_count')

    # _prepare_cards(), _correct(): one of each version
    _version_uniq = models.UniqueIndex(
        '(partner_id, template_id, date_from, version)', "There is a scorecard of this partner and period already.")
    # _get_standing_cards(): the last rated card of a supplier, on each order
    _standing_idx = models.Index(
        "(partner_id, company_id, date_to) WHERE is_rated AND state IN ('frozen', 'published')")

    # === COMPUTE === #

    @api.depends('partner_id', 'date_from', 'period', 'version')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for card in self:
            name = self.env._("%(partner)s, %(period)s", partner=card.partner_id.name or "",
                              period=card.period_label)
            card.display_name = name if card.version < 2 else self.env._(
                "%(name)s (version %(version)s)", name=name, version=card.version)

    @api.depends('date_from', 'period')
    @api.depends_context('lang')
    def _compute_period_label(self):
        for card in self:
            card.period_label = card._get_period_label()

    @api.depends('dispute_ids.state')
    def _compute_open_dispute_count(self):
        counts = dict(self.env['scp.scorecard.dispute']._read_group(
            [('card_id', 'in', self.ids), ('state', '=', 'open')], ['card_id'], ['__count']))
        for card in self:
            card.open_dispute_count = counts.get(card._origin, 0)

    # === AGGREGATES === #

    def _read_group_select(self, aggregate_spec, query):
        """A card that is not rated has no score to be counted in a mean."""
        if aggregate_spec in ('score:avg', 'measured_score:avg'):
            name = aggregate_spec.partition(':')[0]
            self._check_field_access(self._fields[name], 'read')
            table = SQL.identifier(query.table)
            return SQL("AVG(%s.%s) FILTER (WHERE %s.is_rated)", table, SQL.identifier(name), table)
        return super()._read_group_select(aggregate_spec, query)

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        cards = super().create(vals_list)
        if any(card.state in CURRENT for card in cards):
            self._forget_standings()
        return cards

    def write(self, vals):
        if not self._is_sealed_call() and (changed := {
            name for name in vals.keys() - EDITABLE if not name.startswith(MAIL_PREFIXES)
        }) and (changed != {'line_ids'} or any(card.state != 'draft' for card in self)):
            raise UserError(self.env._(
                "%(card)s: %(fields)s follow from the records and cannot be changed. Correct the records, assess what "
                "people assess, or answer a dispute.",
                card=self[:1].display_name, fields=", ".join(sorted(changed))))
        was_current = any(card.state in CURRENT for card in self)
        result = super().write(vals)
        if was_current or any(card.state in CURRENT for card in self):
            self._forget_standings()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        if any(card.state != 'draft' for card in self):
            raise UserError(self.env._("A frozen scorecard is a record and stays."))

    def _is_sealed_call(self):
        return self.env.context.get(KEY) is SEAL

    def _unsealed(self):
        return self.with_context(**{KEY: SEAL})

    # === ACTIONS === #

    def action_refresh(self):
        """Measure drafts now."""
        self.check_access('write')
        self.sudo()._measure()  # sudo: the figures are those of all records, for who may see the card

    def action_freeze(self):
        """Freeze drafts now, whether or not their period is over."""
        self.check_access('write')
        self.sudo()._freeze()  # sudo: as above

    def action_publish(self):
        """Let the partner read it, and dispute it."""
        self.check_access('write')
        self._publish()

    def action_check(self):
        """Compute the score again from the frozen inputs, and say whether it is the same."""
        self.ensure_one()
        score, standing = self._get_recomputed()
        is_same = (score.score, standing and standing[1] or False) == (self.score, self.standing)
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success' if is_same else 'danger',
                'message': self.env._(
                    "Computed again from its frozen inputs: %(score)s, as frozen.", score=f'{score.score:g}',
                ) if is_same else self.env._(
                    "Computed again from its frozen inputs: %(score)s, but the card says %(frozen)s.",
                    score=f'{score.score:g}', frozen=f'{self.score:g}'),
            },
        }

    @api.readonly
    def action_view_disputes(self):
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_scorecard_dispute_action')
        return action | {'domain': [('card_id', 'in', self._get_versions().ids)], 'context': {}}

    # === BUSINESS: MEASURING === #

    def _measure(self):
        """Bring drafts up to date with their template and the records, in one query per source and period."""
        drafts = self.filtered(lambda card: card.state == 'draft')._unsealed()
        drafts._follow_template()
        for (template, date_from, date_to), cards in drafts.grouped(
            lambda card: (card.template_id, card.date_from, card.date_to)
        ).items():
            values = self.env['scp.scorecard.figure']._get_values(
                set(cards.line_ids.mapped('code')), template.role, cards.partner_id, template.company_id,
                date_from, date_to)
            cards.line_ids._put_values(values)
        drafts._rate()

    def _follow_template(self):
        """Drafts have the criteria of their template; what people assessed stays."""
        for template, cards in self.grouped('template_id').items():
            wanted = {criterion: criterion._prepare_line_values() for criterion in template.criterion_ids}
            cards.line_ids.filtered(lambda line, wanted=wanted: line.criterion_id not in wanted).unlink()
            for criterion, vals in wanted.items():
                lines = cards.line_ids.filtered(lambda line, criterion=criterion: line.criterion_id == criterion)
                fresh = {name: value for name, value in vals.items() if name != 'criterion_id'}
                lines.filtered(lambda line, fresh=fresh: any(line[name] != fresh[name] for name in fresh)).write(fresh)
                self.env['scp.scorecard.line'].create([
                    vals | {'card_id': card.id} for card in cards - lines.card_id
                ])
            cards.write({
                'period': template.period, 'template_name': template.name, 'min_coverage': template.min_coverage,
                'scale': template.standing_ids._get_scale(),
            })

    def _rate(self):
        """Score, standing and trend of cards, from the inputs on their lines."""
        self.line_ids._rate()
        previous = self._get_previous_scores()
        for card in self:
            result, standing = card._get_recomputed()
            _min_score, name, tone, rfq_action, order_action = standing or (None, False, False, 'none', 'none')
            before = previous.get(card.id)
            card.write({
                'is_rated': result.is_rated,
                'score': result.score,
                'measured_score': result.measured_score or 0.0,
                'coverage': result.coverage,
                'standing': name,
                'tone': tone,
                'rfq_action': rfq_action,
                'order_action': order_action,
                'previous_score': before or 0.0,
                'trend': self._get_trend(result, before),
            })

    @api.model
    def _get_trend(self, result, before):
        if before is None or not result.is_rated:
            return 'none'
        change = result.score - before
        return 'same' if abs(change) < SAME_SCORE else 'up' if change > 0 else 'down'

    def _get_previous_scores(self):
        """The scores of the last rated cards before, by id of the card that follows; in one query."""
        if not self.ids:
            return {}
        self.flush_model(['date_from', 'date_to', 'is_rated', 'partner_id', 'score', 'state', 'template_id'])
        rows = self.env.execute_query(SQL(
            """
            SELECT DISTINCT ON (card.id) card.id, past.score
              FROM scp_scorecard card
              JOIN scp_scorecard past
                ON past.partner_id = card.partner_id AND past.template_id = card.template_id
               AND past.date_to < card.date_from AND past.is_rated AND past.state IN %s
             WHERE card.id = ANY(%s)
          ORDER BY card.id, past.date_to DESC, past.version DESC
            """, CURRENT, self.ids))
        return {card_id: float(score) for card_id, score in rows}

    def _get_recomputed(self):
        """Score and standing from nothing but the inputs kept on the card.

        :return: the :class:`Result`, and the band of the scale or None where it is not rated
        """
        self.ensure_one()
        result = get_result(
            (Part(line.weight, line._get_recomputed_points()) for line in self.line_ids), self.min_coverage)
        standing = next((
            band for band in self.scale or () if result.is_rated and result.score >= band[0]
        ), None)
        return result, standing

    # === BUSINESS: LIFE === #

    def _freeze(self):
        """Measure drafts a last time and seal them.

        :raise UserError: the weights of a card do not sum to 100
        """
        drafts = self.filtered(lambda card: card.state == 'draft')
        drafts.lock_for_update(allow_referencing=True)
        drafts._measure()
        for card in drafts:
            if not is_full(card.line_ids.mapped('weight')):
                raise UserError(self.env._(
                    "%(card)s cannot be frozen: the weights of its criteria do not sum to 100.",
                    card=card.display_name))
        drafts._unsealed().write({
            'state': 'frozen', 'frozen_at': fields.Datetime.now(), 'frozen_by_id': self.env.uid,
        })
        drafts.filtered(lambda card: card.template_id.company_id.scp_scorecard_publish)._publish()

    def _publish(self):
        """Let the partners read frozen cards.

        :return: the cards that were published
        """
        frozen = self.filtered(lambda card: card.state == 'frozen')
        frozen._unsealed().write({'state': 'published', 'published_at': fields.Datetime.now()})
        return frozen

    def _correct(self, line, value, n, text):
        """Replace the card by a version in which a line has another value.

        :param line: of this card
        :param float value: in the unit of the line
        :param int n: number of events behind it
        :param str text: what was corrected, and why
        :return: the new version, in the state of this one
        """
        self.ensure_one()
        card = self._unsealed()
        lines = []
        for vals, origin in zip(card.line_ids.copy_data(), card.line_ids, strict=True):
            del vals['card_id']
            if origin == line:
                vals |= {'numerator': value / line.scale, 'denominator': 1.0, 'n': n, 'has_value': True,
                         'value_before': line.value, 'is_corrected': True}
            lines.append(fields.Command.create(vals))
        [vals] = card.copy_data()
        version = card.create(vals | {
            'line_ids': lines,
            'state': self.state,
            'version': self.version + 1,
            'replaces_id': self.id,
            'correction': text,
            'published_at': self.state == 'published' and fields.Datetime.now(),
        })
        version._rate()
        card.write({'state': 'replaced'})
        return version.with_env(self.env)

    def _get_versions(self):
        """This card and all it corrects, newest first."""
        versions = self
        while versions[-1:].replaces_id:
            versions += versions[-1:].replaces_id
        return versions

    @api.model
    def _drop_records(self):
        """Empty the tables when the addon goes: cards, versions, disputes and releases hold one another."""
        models = ('scp.scorecard.override', 'scp.scorecard.dispute.entry', 'scp.scorecard.dispute',
                  'scp.scorecard.line', 'scp.scorecard')
        self.env.flush_all()
        self.env.cr.execute(SQL("UPDATE scp_scorecard SET replaces_id = NULL"))
        for model in models:
            self.env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(self.env[model]._table)))
        self.env.invalidate_all(flush=False)
        self._forget_standings()

    # === BUSINESS: STANDINGS === #

    @api.model
    def _get_acting_cards(self, partners, company):
        """The cards of those suppliers whose standing warns of purchases or holds them.

        :param partners: ``res.partner``, contacts stand for their companies
        :return: card, as superuser, by commercial partner
        """
        acting = self._get_acting_card_ids(company.id)
        # sudo: a standing concerns who orders, whoever may read the card
        return {
            partner: self.sudo().browse(acting[partner.id])
            for partner in partners.commercial_partner_id if partner.id in acting
        }

    @api.model
    @tools.ormcache('company_id', cache='stable')
    def _get_acting_card_ids(self, company_id: int) -> dict[int, int]:
        """Ids of cards by id of the commercial partner; cached, for every purchase asks and few suppliers are held."""
        cards = self._get_standing_cards(None, self.env['res.company'].browse(company_id))
        return {
            partner.id: card.id for partner, card in cards.items()
            if SEVERITY[card.rfq_action] or SEVERITY[card.order_action]
        }

    def _forget_standings(self):
        self.env.registry.clear_cache('stable')

    @api.model
    def _get_standing_cards(self, partners, company):
        """The card by which each supplier stands: the last rated one; of several templates the one that acts hardest.

        :param partners: ``res.partner``, contacts stand for their companies; None for all
        :return: card, as superuser, by commercial partner; who was never rated is missing
        """
        whose = SQL("TRUE") if partners is None else SQL(
            "card.partner_id = ANY(%s)", partners.commercial_partner_id.ids)
        self.flush_model()
        self.env['scp.scorecard.template'].flush_model(['active', 'state'])
        rows = self.env.execute_query(SQL(
            """
            SELECT DISTINCT ON (card.partner_id, card.template_id) card.id
              FROM scp_scorecard card
              JOIN scp_scorecard_template template
                ON template.id = card.template_id AND template.state = 'active' AND template.active
             WHERE %s AND card.company_id = %s AND card.role = 'supplier'
               AND card.is_rated AND card.state IN ('frozen', 'published')
          ORDER BY card.partner_id, card.template_id, card.date_to DESC, card.version DESC
            """, whose, company.id))
        # sudo: a standing concerns who orders, whoever may read the card
        cards = self.sudo().browse([card_id for (card_id,) in rows])
        return {
            partner: max(group, key=lambda card: (SEVERITY[card.order_action], SEVERITY[card.rfq_action], -card.score))
            for partner, group in cards.grouped('partner_id').items()
        }

    # === WORDS === #

    def _get_period_label(self):
        if not self.date_from:
            return ""
        if self.period == 'half':
            return self.env._("half-year %(half)s/%(year)s", half=1 if self.date_from.month == 1 else 2,
                              year=self.date_from.year)
        skeleton = {'month': 'yMMMM', 'quarter': 'yQQQ', 'year': 'y'}[self.period]
        return self.env['scp.plan']._format_period(self.date_from, skeleton)

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.crm_scp_core.models.hub.scoring import Part, get_result

from .scp_appraisal_template import PERIODS

TRENDS = [('up', "Better"), ('same', "As Before"), ('down', "Worse"), ('none', "No Comparison")]
# A change of the score by less than this is none
SAME_SCORE = 1.0

KEY = 'scp_appraisal_key'
SEAL = object()  # cannot be sent from outside


class ScpAppraisal(models.Model):
    """How a salesperson or a team did in a period, told by the customers they answer for.

    Until the end of the period an appraisal is a draft that follows the records. Then it is frozen: criteria, inputs
    and customers are copies of their own, from which the score can be computed again at any time. People write
    nothing but the remark, and that of a frozen one not any more.
    """

    _name = 'scp.appraisal'
    _description = "Appraisal"
    _order = 'date_to desc, score desc, id desc'
    _rec_names_search = ['user_id', 'team_id']
    _check_company_auto = True

    template_id = fields.Many2one(
        'scp.appraisal.template', required=True, readonly=True, index=True, ondelete='restrict', check_company=True)
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='cascade')
    user_id = fields.Many2one(
        'res.users', string="Salesperson", readonly=True, index='btree_not_null', ondelete='restrict')
    team_id = fields.Many2one(
        'crm.team', string="Sales Team", readonly=True, index='btree_not_null', ondelete='restrict',
        check_company=True)
    period = fields.Selection(PERIODS, required=True, readonly=True)
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="To", required=True, readonly=True)
    period_label = fields.Char(string="Period Appraised", compute='_compute_period_label')
    state = fields.Selection(
        [('draft', "In Preparation"), ('frozen', "Frozen")], required=True, readonly=True, default='draft')
    frozen_at = fields.Datetime(string="Frozen On", readonly=True)
    note = fields.Text(string="Remark", help="Of whoever leads: what the figures do not say.")

    # What it came to
    line_ids = fields.One2many('scp.appraisal.line', 'appraisal_id', string="Criteria", readonly=True)
    customer_ids = fields.Json(readonly=True, help="Ids of the customers it was measured by.")
    customer_count = fields.Integer(
        string="Customers", readonly=True, aggregator=None, help="Whom the salesperson or the team answers for.")
    is_rated = fields.Boolean(string="Rated", readonly=True)
    score = fields.Float(
        digits=(5, 2), readonly=True, aggregator='avg',
        help="Points reached of 100. A criterion that could not be rated adds nothing, so that missing data never "
        "makes a score better.",
    )
    measured_score = fields.Float(
        string="Of What Was Rated", digits=(5, 2), readonly=True, aggregator=None,
        help="Points reached of those that could be rated, out of 100: the weights of the others are left out.",
    )
    coverage = fields.Float(
        string="Weight Rated", digits=(5, 2), readonly=True, aggregator='avg',
        help="How much of the weight of 100 could be rated.",
    )
    min_coverage = fields.Float(string="Weight to Be Rated", digits=(5, 2), readonly=True, aggregator=None)
    previous_score = fields.Float(
        digits=(5, 2), readonly=True, aggregator=None, help="The score of the period before.")
    trend = fields.Selection(TRENDS, readonly=True, default='none', help="Against the period before.")

    _one_subject = models.Constraint(
        'CHECK (num_nonnulls(user_id, team_id) = 1)', "An appraisal is of a salesperson or of a team.")
    # _prepare_appraisals(): one of each period, also when two prepare them at once
    _subject_period_uniq = models.UniqueIndex(
        '(template_id, date_from, COALESCE(user_id, 0), COALESCE(team_id, 0))',
        "There is an appraisal of this period already.")

    # === COMPUTE METHODS ===#

    @api.depends('user_id', 'team_id', 'date_from', 'period')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for appraisal in self:
            appraisal.display_name = self.env._(
                "%(subject)s, %(period)s",
                subject=(appraisal.user_id or appraisal.team_id).name or "", period=appraisal.period_label)

    @api.depends('date_from', 'period')
    @api.depends_context('lang')
    def _compute_period_label(self):
        for appraisal in self:
            appraisal.period_label = appraisal._get_period_label()

    # === AGGREGATES ===#

    def _read_group_select(self, aggregate_spec, query):
        """One that is not rated has no score to be counted in a mean."""
        if aggregate_spec == 'score:avg':
            self._check_field_access(self._fields['score'], 'read')
            table = SQL.identifier(query.table)
            return SQL("AVG(%s.score) FILTER (WHERE %s.is_rated)", table, table)
        return super()._read_group_select(aggregate_spec, query)

    # === CRUD METHODS ===#

    def write(self, vals):
        if not self._is_sealed_call() and (vals.keys() != {'note'} or 'frozen' in self.mapped('state')):
            raise UserError(self.env._(
                "%(appraisal)s follows from the records: nothing is changed by hand but the remark of one that is not "
                "frozen.", appraisal=self[:1].display_name))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        if 'frozen' in self.mapped('state'):
            raise UserError(self.env._("A frozen appraisal is a record and stays."))

    def _is_sealed_call(self):
        return self.env.context.get(KEY) is SEAL

    def _unsealed(self):
        return self.with_context(**{KEY: SEAL})

    # === ACTIONS ===#

    def action_measure(self):
        """Measure drafts now."""
        self.check_access('write')
        self.sudo()._measure()  # sudo: the figures are those of all records, for who may see the appraisal

    def action_freeze(self):
        """Freeze drafts now, whether or not their period is over."""
        self.check_access('write')
        self.sudo()._freeze()  # sudo: as above

    @api.readonly
    def action_view_customers(self):
        """The customers it was measured by, as far as the reader may see them."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_scp_core.scp_customer_action')
        return action | {'domain': [('id', 'in', self.customer_ids or [])], 'context': {'active_test': False}}

    # === BUSINESS METHODS ===#

    def _measure(self):
        """Bring drafts up to date with their template and the records, in a query or two per source and period."""
        drafts = self.filtered(lambda appraisal: appraisal.state == 'draft')._unsealed()
        drafts._follow_template()
        Figure = self.env['scp.appraisal.figure']
        for (template, date_from, date_to), appraisals in drafts.grouped(
            lambda appraisal: (appraisal.template_id, appraisal.date_from, appraisal.date_to)
        ).items():
            for owner in ('user_id', 'team_id'):
                own = appraisals.filtered(owner)
                ids, company = own[owner].ids, template.company_id
                values = Figure._get_values(
                    set(own.line_ids.mapped('code')), owner, ids, company, date_from, date_to) if own else {}
                customers = Figure._get_customers(owner, ids, company) if own else {}
                for appraisal in own:
                    subject = appraisal[owner].id
                    answered_for = customers.get(subject, [])
                    appraisal.line_ids._put_values(values[subject])
                    appraisal.write({'customer_ids': answered_for, 'customer_count': len(answered_for)})
        drafts._rate()

    def _follow_template(self):
        """Drafts have the criteria of their template."""
        for appraisal in self:
            criteria = appraisal.template_id.criterion_ids
            lines = {line.criterion_id: line for line in appraisal.line_ids}
            (appraisal.line_ids - self.env['scp.appraisal.line'].union(
                *(lines[criterion] for criterion in criteria if criterion in lines))).unlink()
            appraisal.write({
                'min_coverage': appraisal.template_id.min_coverage,
                'line_ids': [
                    fields.Command.update(lines[criterion].id, criterion._prepare_line_values())
                    if criterion in lines else fields.Command.create(criterion._prepare_line_values())
                    for criterion in criteria
                ],
            })

    def _rate(self):
        """Score and trend, from the inputs on the lines."""
        before = {
            (past.template_id, past.user_id, past.team_id, past.date_to): past.score
            for past in self.search([
                ('template_id', 'in', self.template_id.ids), ('is_rated', '=', True),
                ('date_to', 'in', [appraisal.date_from - relativedelta(days=1) for appraisal in self]),
            ])
        }
        for appraisal in self:
            result = appraisal._get_recomputed()
            previous = before.get((
                appraisal.template_id, appraisal.user_id, appraisal.team_id,
                appraisal.date_from - relativedelta(days=1),
            ))
            appraisal.write({
                'is_rated': result.is_rated,
                'score': result.score,
                'measured_score': result.measured_score or 0.0,
                'coverage': result.coverage,
                'previous_score': previous or 0.0,
                'trend': self._get_trend(result, previous),
            })

    def _get_recomputed(self):
        """:return: the result from nothing but the inputs kept on the lines, `scoring.Result`"""
        self.ensure_one()
        return get_result(
            (Part(line.weight, line._get_recomputed_points()) for line in self.line_ids), self.min_coverage)

    @api.model
    def _get_trend(self, result, before):
        if before is None or not result.is_rated:
            return 'none'
        change = result.score - before
        return 'same' if abs(change) < SAME_SCORE else 'up' if change > 0 else 'down'

    def _freeze(self):
        """Measure drafts a last time and seal them."""
        drafts = self.filtered(lambda appraisal: appraisal.state == 'draft')
        drafts.lock_for_update(allow_referencing=True)
        drafts._measure()
        drafts._unsealed().write({'state': 'frozen', 'frozen_at': fields.Datetime.now()})

    def _get_period_label(self):
        if not self.date_from:
            return ""
        if self.period == 'half':
            return self.env._(
                "half-year %(half)s/%(year)s", half=1 if self.date_from.month == 1 else 2, year=self.date_from.year)
        skeleton = {'month': 'yMMMM', 'quarter': 'yQQQ', 'year': 'y'}[self.period]
        return self.env['scp.plan']._format_period(self.date_from, skeleton)

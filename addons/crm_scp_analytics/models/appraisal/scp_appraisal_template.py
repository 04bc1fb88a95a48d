from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.crm_scp_core.models.hub.scoring import FULL_WEIGHT, is_full

PERIODS = [('month', "Month"), ('quarter', "Quarter"), ('half', "Half-year"), ('year', "Year")]
MONTHS = {'month': 1, 'quarter': 3, 'half': 6, 'year': 12}
SUBJECTS = [('user', "Salespeople"), ('team', "Sales Teams"), ('both', "Salespeople and Teams")]


class ScpAppraisalTemplate(models.Model):
    """By what salespeople and teams are appraised, and how often: by what became of their customers.

    An appraisal copies all of it when it is frozen: later changes concern later periods only.
    """

    _name = 'scp.appraisal.template'
    _description = "Appraisal Template"
    _order = 'name, id'
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    state = fields.Selection(
        [('draft', "Draft"), ('active', "In Use")], required=True, default='draft', copy=False,
        help="While in use, the appraisals of every period are prepared and frozen by themselves.",
    )
    active = fields.Boolean(default=True)
    job_day = fields.Date(readonly=True, copy=False, help="The scheduled job was through with it on this day.")

    # Whom and when
    subjects = fields.Selection(SUBJECTS, string="Whom", required=True, default='both')
    team_ids = fields.Many2many(
        'crm.team', string="Teams", check_company=True,
        help="Their members are appraised, and the teams themselves. Empty: all teams that have members.",
    )
    period = fields.Selection(PERIODS, required=True, default='quarter')
    date_start = fields.Date(
        string="From", required=True,
        default=lambda self: fields.Date.start_of(fields.Date.context_today(self), 'quarter'),
        help="The first period appraised is the one of this day.",
    )
    grace_days = fields.Integer(
        string="Days Until Frozen", default=10, aggregator=None,
        help="So many days after the end of a period its appraisals are frozen: time for ratings to come in and for "
        "complaints to be decided.",
    )

    # By what
    criterion_ids = fields.One2many('scp.appraisal.criterion', 'template_id', string="Criteria", copy=True)
    min_coverage = fields.Float(
        string="Weight to Be Rated", default=60.0, digits=(5, 2), aggregator=None,
        help="An appraisal with less weight rated than this is not rated.",
    )
    appraisal_count = fields.Integer(string="Number of Appraisals", compute='_compute_appraisal_count')

    _days = models.Constraint('CHECK (grace_days >= 0)', "Days cannot be negative.")
    _min_coverage_share = models.Constraint(
        'CHECK (min_coverage >= 0 AND min_coverage <= 100)', "The weight to be rated is between 0 and 100.")

    # === COMPUTE METHODS ===#

    def _compute_appraisal_count(self):
        counts = dict(self.env['scp.appraisal']._read_group(
            [('template_id', 'in', self.ids)], ['template_id'], ['__count']))
        for template in self:
            template.appraisal_count = counts.get(template._origin, 0)

    # === CONSTRAINS ===#

    @api.constrains('criterion_ids', 'state')
    def _check_weights(self):
        for template in self:
            weights = template.criterion_ids.mapped('weight')
            if (weights or template.state == 'active') and not is_full(weights):
                raise ValidationError(self.env._(
                    "%(template)s: the weights of the criteria sum to %(total)s. They have to sum to %(full)s.",
                    template=template.name, total=f'{sum(weights):g}', full=f'{FULL_WEIGHT:g}'))

    # === CRUD METHODS ===#

    # Criteria that are saved together are checked together, in the end
    @api.model_create_multi
    def create(self, vals_list):
        together = self.with_context(scp_checked_together=True)
        return super(ScpAppraisalTemplate, together).create(vals_list).with_env(self.env)

    def write(self, vals):
        return super(ScpAppraisalTemplate, self.with_context(scp_checked_together=True)).write(vals)

    def copy_data(self, default=None):
        return [
            vals | {'name': self.env._("%s (copy)", template.name)}
            for template, vals in zip(self, super().copy_data(default), strict=True)
        ]

    # === ACTIONS ===#

    def action_start(self):
        self.write({'state': 'active', 'job_day': False})

    def action_stop(self):
        """Prepare and freeze no further appraisals."""
        self.state = 'draft'

    def action_prepare(self):
        """Prepare the appraisals of the present period at once, as the job does every day."""
        self.check_access('write')
        for template in self:
            template._prepare_appraisals(fields.Date.context_today(template))
        return self.action_view_appraisals()

    @api.readonly
    def action_view_appraisals(self):
        action = self.env['ir.actions.act_window']._for_xml_id('crm_scp_analytics.scp_appraisal_action')
        return action | {'domain': [('template_id', 'in', self.ids)], 'context': {}}

    # === BUSINESS METHODS ===#

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

    def _get_subjects(self):
        """Who is appraised today.

        :return: {'user_id': `res.users`, 'team_id': `crm.team`}
        """
        self.ensure_one()
        # sudo: who is in which team is no secret to the job
        members = self.env['crm.team.member'].sudo().search(self._get_member_domain())
        users, teams = members.user_id, members.crm_team_id
        return {
            'user_id': users if self.subjects in ('user', 'both') else users.browse(),
            'team_id': teams if self.subjects in ('team', 'both') else teams.browse(),
        }

    def _get_member_domain(self):
        companies = [self.company_id.id, False]
        domain = Domain('crm_team_id', 'any', [
            ('active', '=', True), ('company_id', 'in', companies)]) & Domain('user_id', 'any', [
            ('active', '=', True), ('company_ids', '=', self.company_id.id)])
        return domain & Domain('crm_team_id', 'in', self.team_ids.ids) if self.team_ids else domain

    def _prepare_appraisals(self, day):
        """Draft the appraisals of the period of a day that are not there yet, and measure them.

        Who comes to a team is not appraised by periods that were over before: their figures are those of whoever was
        responsible then.

        :return: the new ones, as superuser
        """
        self.ensure_one()
        Appraisal = self.env['scp.appraisal'].sudo()  # sudo: nobody creates them by hand
        date_from, date_to = self._get_period(day)
        known = Appraisal.search([('template_id', '=', self.id), ('date_from', '=', date_from)])
        if date_to < self.date_start or (known and date_to < fields.Date.context_today(self)):
            return Appraisal
        appraisals = Appraisal.create([
            self._prepare_appraisal_values(owner, subject, date_from, date_to)
            for owner, subjects in self._get_subjects().items()
            for subject in subjects if subject not in known[owner]
        ])
        appraisals._measure()
        return appraisals

    def _prepare_appraisal_values(self, owner, subject, date_from, date_to):
        return {
            'template_id': self.id,
            'company_id': self.company_id.id,
            owner: subject.id,
            'period': self.period,
            'date_from': date_from,
            'date_to': date_to,
            'line_ids': [fields.Command.create(criterion._prepare_line_values()) for criterion in self.criterion_ids],
        }

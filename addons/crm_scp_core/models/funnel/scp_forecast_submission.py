from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import date_utils

# What the system knew at the moment somebody committed himself
FROZEN_FIGURES = (
    'target_amount', 'won_amount', 'commit_amount', 'best_case_amount', 'pipeline_amount',
    'user_line', 'predictive_line', 'empirical_line',
)


class ScpForecastSubmission(models.Model):
    """What somebody expects to be won in a month, said on a day, and never changed after.

    The salesperson submits for himself; his team leader or a manager adjusts, with a reason. Both
    are rows of their own: the latest row of a salesperson and month is what counts, the latest he
    wrote himself is his word. Beside the amount the row keeps what the pipeline said at that
    moment, so that forecasts can be judged later by what was known.
    """

    _name = 'scp.forecast.submission'
    _description = "Forecast Submission"
    _order = 'date desc, id desc'
    _rec_name = 'month'
    _log_access = False
    _check_company_auto = True

    date = fields.Datetime(string="Submitted On", readonly=True)
    company_id = fields.Many2one(
        comodel_name='res.company', required=True, ondelete='restrict',
        default=lambda self: self.env.company)
    user_id = fields.Many2one(
        comodel_name='res.users', string="Salesperson", required=True, ondelete='cascade',
        default=lambda self: self.env.user, domain=[('share', '=', False)])
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", readonly=True, ondelete='set null',
        check_company=True, help="The salesperson's team on that day.")
    author_id = fields.Many2one(
        comodel_name='res.users', string="Submitted By", readonly=True, ondelete='set null')
    kind = fields.Selection(
        selection=[('submission', "Submission"), ('adjustment', "Adjustment")], readonly=True,
        help="An adjustment is made by somebody else than the salesperson.")
    month = fields.Date(
        required=True, default=lambda self: fields.Date.context_today(self).replace(day=1),
        help="Any day of the month the forecast is for.")
    month_display = fields.Char(string="For", compute='_compute_month_display')
    currency_id = fields.Many2one(
        comodel_name='res.currency', readonly=True, default=lambda self: self.env.company.currency_id)
    amount = fields.Monetary(
        string="Forecast", required=True,
        help="What will be won in the whole month, in company currency, wins so far included.")
    reason = fields.Char(help="Why the forecast of somebody else is adjusted.")

    target_amount = fields.Monetary(string="Target", readonly=True)
    won_amount = fields.Monetary(string="Won by Then", readonly=True)
    commit_amount = fields.Monetary(string="Commit", readonly=True)
    best_case_amount = fields.Monetary(string="Best Case", readonly=True)
    pipeline_amount = fields.Monetary(string="Pipeline", readonly=True)
    user_line = fields.Monetary(
        string="By Probability", readonly=True,
        help="Won by then, and open deals weighed by the probability on them.")
    predictive_line = fields.Monetary(
        string="By Prediction", readonly=True,
        help="Won by then, and open deals weighed by Odoo's predictive lead scoring.")
    empirical_line = fields.Monetary(
        string="By Experience", readonly=True,
        help="Won by then, and open deals weighed by how many that got as far were won.")

    # The latest word on a salesperson and month; submissions as of a day, for accuracy.
    _month_user_date_idx = models.Index('(month, user_id, date DESC, id DESC)')

    @api.depends('month')
    @api.depends_context('lang')
    def _compute_month_display(self):
        for submission in self:
            submission.month_display = submission.month and submission._format_month(submission.month)

    @api.depends('user_id', 'month')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for submission in self:
            submission.display_name = submission.month and self.env._(
                "%(user)s, %(month)s", user=submission.user_id.name, month=submission.month_display)

    # ------------------------------------------------------------
    # CRUD: said once, never changed
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._prepare_frozen(vals) for vals in vals_list])

    def write(self, vals):
        raise UserError(self.env._(
            "The forecast “%(forecast)s” has been submitted and cannot be changed: submit a new one.",
            forecast=self[:1].display_name))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_always(self):
        raise UserError(self.env._(
            "The forecast “%(forecast)s” has been submitted and cannot be deleted: submit a new one.",
            forecast=self[:1].display_name))

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _prepare_frozen(self, vals):
        """Return the values of a row: what was said, by whom, and what was known.

        Nobody sets the frozen part: it is written over.
        """
        values = {**self.default_get(['company_id', 'user_id', 'month']), **vals}
        company = self.env['res.company'].browse(values['company_id'])
        user = self.env['res.users'].browse(values['user_id'])
        month = date_utils.start_of(fields.Date.to_date(values['month']), 'month')
        kind = 'submission' if user == self.env.user else 'adjustment'
        self._check_open(user, month)
        if kind == 'adjustment':
            self._check_adjustment(user, company, month, values.get('reason'))
        return {
            'company_id': company.id,
            'user_id': user.id,
            'amount': values.get('amount', 0.0),
            'reason': values.get('reason'),
            'month': month,
            'date': self.env.cr.now(),
            'kind': kind,
            'author_id': self.env.uid,
            # sudo: a salesperson need not see his team to belong to it
            'team_id': user.sudo().sale_team_id.filtered(
                lambda team: team.company_id in (company, company.browse())).id,
            'currency_id': company.currency_id.id,
            **self.env['scp.forecast'].with_company(company)._get_frozen_figures(company, user, month),
        }

    @api.model
    def _format_month(self, month):
        return self.env['scp.plan']._format_period(month, 'yMMMM')

    @api.model
    def _check_open(self, user, month):
        today = self.env['scp.plan']._get_today()
        if date_utils.end_of(month, 'month') < today:
            raise UserError(self.env._(
                "%(month)s is over: nobody can forecast it any more (%(user)s).",
                month=self._format_month(month), user=user.name))

    @api.model
    def _check_adjustment(self, user, company, month, reason):
        """Check that an adjustment is made by who may, of something said, and for a reason."""
        # sudo: teams out of sight are none the user leads
        leads_user = self.env.user in user.sudo().crm_team_member_ids.crm_team_id.user_id
        if not (leads_user or self.env.su or self.env.user.has_group('crm_scp_core.group_scp_manager')):
            raise AccessError(self.env._(
                "Only the leader of the team or a manager may adjust the forecast of %(user)s.",
                user=user.name))
        if not (reason or '').strip():
            raise UserError(self.env._(
                "Say in Reason why you adjust the forecast of %(user)s.", user=user.name))
        if not self.search_count([
            ('user_id', '=', user.id), ('company_id', '=', company.id), ('month', '=', month),
        ], limit=1):
            raise UserError(self.env._(
                "%(user)s has not submitted a forecast for %(month)s yet: there is nothing to adjust.",
                user=user.name, month=self._format_month(month)))

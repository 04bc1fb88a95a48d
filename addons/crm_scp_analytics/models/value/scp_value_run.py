from datetime import datetime, timedelta

import pytz
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date
from odoo.tools.misc import formatLang


class ScpValueRun(models.Model):
    """One scoring of the customers of one company, and what came of it.

    A run reads the confirmed orders, scores all customers at once in the engine, and writes scores
    and hub in batches. A manager or the night asks for it, and a scheduled job does it: it commits
    after each batch, so that nobody waits for its locks, shows how far it is, can be cancelled, and
    goes on after its process was killed. Called by a program it is one transaction. Only the scores
    of a finished run count.

    A score is a row per customer and run, of about 0.6 kB; old ones are thinned.

    A run carries totals of the whole company: managers and auditors read it, everybody else reads
    the scores of the customers he may see.
    """

    _name = 'scp.value.run'
    _description = "Value Scoring Run"
    _order = 'date_to desc, id desc'
    _check_company_auto = True

    company_id = fields.Many2one(
        comodel_name='res.company', required=True, readonly=True, ondelete='cascade',
    )
    currency_id = fields.Many2one(related='company_id.currency_id')
    state = fields.Selection(
        selection=[
            ('waiting', "Waiting"),
            ('running', "Running"),
            ('done', "Done"),
            ('failed', "Failed"),
            ('cancelled', "Cancelled"),
        ],
        default='running',
        required=True,
        readonly=True,
    )
    phase = fields.Selection(
        selection=[
            ('read', "Reading orders"),
            ('choose', "Comparing forecast models"),
            ('forecast', "Forecasting"),
            ('write', "Writing scores"),
            ('publish', "Showing them on the customers"),
        ],
        string="Step",
        readonly=True,
        help="What the run is doing.",
    )
    progress = fields.Float(readonly=True, aggregator=None)
    interrupted = fields.Boolean(
        compute='_compute_interrupted',
        help="The process that worked on the run is gone. The scheduled job goes on with it.",
    )
    # What was asked
    date_from = fields.Date(
        string="Orders From", required=True, readonly=True,
        help="First day of the orders that count, in the time zone of the company.",
    )
    date_to = fields.Date(
        string="Orders To", required=True, readonly=True,
        help="Last day of the orders that count, and the day from which the time since the last "
             "order is measured.",
    )
    model_version = fields.Char(readonly=True)
    parameters = fields.Json(readonly=True)
    reference_run_id = fields.Many2one(
        comodel_name='scp.value.run',
        string="Compared With",
        readonly=True,
        index='btree_not_null',
        ondelete='set null',
        check_company=True,
        help="The earlier run whose grades tell whether a customer went up or down.",
    )
    # What came of it
    customer_count = fields.Integer(
        string="Customers", readonly=True, aggregator=None,
        help="Customers with at least one confirmed order in the window.",
    )
    order_count = fields.Integer(string="Orders", readonly=True, aggregator=None)
    purchase_count = fields.Integer(
        string="Purchases", readonly=True, aggregator=None,
        help="Days on which a customer ordered: several orders of one day are one purchase.",
    )
    revenue = fields.Monetary(
        readonly=True, aggregator=None,
        help="Untaxed amount of the confirmed orders less the credit notes for them, in the "
             "currency of the company at the rate of each order.",
    )
    top_share = fields.Float(
        string="Share of the Top 20 %", readonly=True, aggregator=None,
        help="Part of the revenue that comes from the best fifth of the customers.",
    )
    grade_counts = fields.Json(readonly=True, help="Number of customers of each grade.")
    duration = fields.Float(string="Duration (s)", readonly=True, aggregator='avg')
    error = fields.Text(readonly=True)
    outcome = fields.Char(compute='_compute_outcome')

    _open_company_uniq = models.UniqueIndex(
        "(company_id) WHERE state IN ('waiting', 'running')",
        "The customers of this company are being scored already.",
    )
    # The latest runs of a company: current scores, comparison with an earlier run, due companies.
    _company_date_idx = models.Index("(company_id, date_to DESC, id DESC)")

    # === COMPUTE METHODS ===#

    @api.depends('company_id', 'date_to')
    def _compute_display_name(self):
        for run in self:
            run.display_name = self.env._(
                "%(company)s, %(date)s",
                company=run.company_id.name,
                date=format_date(self.env, run.date_to),
            )

    @api.depends('state')
    def _compute_interrupted(self):
        running = self.filtered(lambda run: run.state == 'running')
        claimed = self._get_claimed_companies() if running else ()
        for run in self:
            run.interrupted = run in running and run.company_id.id not in claimed

    @api.depends(
        'state', 'phase', 'customer_count', 'order_count', 'grade_counts', 'duration', 'missing_data',
    )
    @api.depends_context('lang')
    def _compute_outcome(self):
        for run in self:
            run.outcome = run._get_outcome()

    # === CRUD METHODS ===#

    def unlink(self):
        self._unlink_scores()
        return super().unlink()

    # === ACTIONS ===#

    def action_run(self):
        """Have the customers of the current company scored, whichever runs are selected.

        :return: the page of the run, where its progress is seen
        """
        self._check_may_run()
        # sudo: managers may start a run, but nobody edits runs or scores by hand
        run = self.sudo()._request(self.env.company).with_env(self.env)
        return run._get_records_action(name=self.env._("Scoring Run"))

    def action_cancel(self):
        """Ask the scheduled job to stop; it removes what it has written at its next step."""
        self._check_may_run()
        for run in self:
            if run.state not in ('waiting', 'running'):
                raise UserError(self.env._(
                    "The run %(run)s cannot be cancelled: it has ended already.",
                    run=run.display_name,
                ))
            # sudo: as in `action_run`
            run = run.sudo()
            if run._try_lock(run.company_id):
                run._discard('cancelled', self.env._("Cancelled by a manager."))
            else:
                run.state = 'cancelled'

    def action_resume(self):
        """Go on with a run that broke off; what was chosen for it stays chosen."""
        self._check_may_run()
        self.ensure_one()
        # sudo: as in `action_run`
        run = self.sudo()
        if run.state == 'done':
            raise UserError(self.env._(
                "The run %(run)s has ended already: there is nothing left to do.",
                run=run.display_name,
            ))
        if not run.interrupted:
            busy = run.search([
                ('company_id', '=', run.company_id.id), ('state', 'in', ('waiting', 'running')),
            ])
            if busy:
                raise UserError(busy._get_busy_message(run.company_id))
            run.state = 'waiting'
        run._trigger_job()

    @api.readonly
    def action_view_scores(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'crm_scp_analytics.scp_value_score_action',
        )
        return action | {
            'display_name': self.env._("Scores of %(run)s", run=self.display_name),
            'domain': [('run_id', '=', self.id)],
            'context': {'search_default_group_grade': 1},
        }

    def _check_may_run(self):
        if not (self.env.su or self.env.user.has_group('crm_scp_core.group_scp_manager')):
            raise AccessError(self.env._("Only managers can start or stop the scoring of customers."))

    # === BUSINESS METHODS ===#

    @api.model
    def _prepare_run_values(self, company, date_to=None):
        date_to = date_to or self._get_today(company)
        parameters = self._get_parameters()
        return {
            'company_id': company.id,
            'date_from': self._get_date_from(date_to),
            'date_to': date_to,
            'model_version': parameters['version'],
            'parameters': parameters,
            'reference_run_id': self._get_reference_run(company, date_to).id,
        }

    @api.model
    def _get_parameters(self) -> dict:
        """Parameters of the model, as stored with each run."""
        from ...engine import rfm  # noqa: PLC0415  numpy is loaded by the process that scores

        return rfm.Parameters().as_dict() | {'window_months': self._get_window_months()}

    @api.model
    def _get_window_months(self):
        """Number of months whose orders count."""
        months = self.env['ir.config_parameter'].sudo().get_param(
            'crm_scp_analytics.value_window_months',
        )
        return int(months or 24)

    @api.model
    def _get_date_from(self, date_to):
        # from the day after, so that a window that ends with a month begins with one
        return date_to + timedelta(days=1) - relativedelta(months=self._get_window_months())

    @api.model
    def _get_timezone(self, company):
        """The time zone that decides to which day an order belongs: that of the working hours."""
        return company.resource_calendar_id.tz or 'UTC'

    @api.model
    def _get_today(self, company):
        now = pytz.utc.localize(fields.Datetime.now())
        return now.astimezone(pytz.timezone(self._get_timezone(company))).date()

    @api.model
    def _get_window_bounds(self, company, date_from, date_to):
        """:return: first moment of the window and first moment after it, naive UTC"""
        timezone = pytz.timezone(self._get_timezone(company))
        return tuple(
            timezone.localize(datetime.combine(day, datetime.min.time()))
            .astimezone(pytz.utc).replace(tzinfo=None)
            for day in (date_from, date_to + timedelta(days=1))
        )

    @api.model
    def _get_reference_run(self, company, date_to):
        """The latest run at least a month older: grades move too little from day to day."""
        return self.search([
            ('company_id', '=', company.id),
            ('state', '=', 'done'),
            ('thinned', '=', False),
            ('customer_count', '>', 0),
            ('date_to', '<=', date_to - relativedelta(months=1)),
        ], limit=1)

    @api.model
    def _get_current_runs(self, companies):
        """The run whose scores the hub shows, for each company that has one."""
        runs = self.browse()
        for company in companies:
            runs += self.search([
                ('company_id', '=', company.id),
                ('state', '=', 'done'),
                ('customer_count', '>', 0),
            ], limit=1)
        return runs

    # === PRESENTATION ===#

    def _get_basis(self):
        """:return: what the figures of the run stand on, as a sentence"""
        self.ensure_one()
        return self.env._(
            "Confirmed orders, net of refunds, %(months)s months from %(date_from)s to %(date_to)s,"
            " in %(currency)s",
            months=self.parameters['window_months'],
            date_from=format_date(self.env, self.date_from),
            date_to=format_date(self.env, self.date_to),
            currency=self.currency_id.name,
        )

    def _get_outcome(self):
        """:return: one sentence about what the run did"""
        self.ensure_one()
        match self.state:
            case 'waiting':
                return self.env._("Waiting for the scheduled job, which starts within a minute.")
            case 'running':
                return self.env._("Scoring is under way.")
            case 'failed':
                return self.env._("Nothing was scored. The error is recorded below.")
            case 'cancelled':
                return self.env._("Cancelled. The scores of earlier runs stay as they were.")
        if not self.customer_count:
            return self.env._(
                "Nothing to score: no confirmed order from %(date_from)s to %(date_to)s. "
                "The scores of earlier runs stay as they were.",
                date_from=format_date(self.env, self.date_from),
                date_to=format_date(self.env, self.date_to),
            )
        outcome = self.env._(
            "%(customers)s customers scored from %(orders)s orders in %(seconds)s seconds: "
            "%(grades)s.",
            customers=formatLang(self.env, self.customer_count, digits=0),
            orders=formatLang(self.env, self.order_count, digits=0),
            seconds=formatLang(self.env, self.duration, digits=1),
            grades=", ".join(
                f"{formatLang(self.env, count, digits=0)} {name}"
                for name, count in (self.grade_counts or {}).items()
            ),
        )
        if self.missing_data:
            outcome += " " + self._get_missing_data_sentence()
        return outcome

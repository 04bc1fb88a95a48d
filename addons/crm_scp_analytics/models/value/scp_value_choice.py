from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import format_date

# Days ahead by which candidates are judged: the longest horizon that scores show.
HORIZON = 365
EPOCH = date(1970, 1, 1)
# What the trees chosen have learnt, among the parameters of the models.
TAUGHT = 'trees'


class ScpValueChoice(models.Model):
    """Which models forecast the purchases of a company, and the back-test that says so.

    Candidates are fitted to what was known at three earlier days, and compared with what happened
    after. How many purchases there will be and whether there will be any are two questions, which
    two models may answer. Made from time to time by a run, and used by the runs that follow.
    """

    _name = 'scp.value.choice'
    _description = "Choice of Forecast Models"
    _order = 'date desc, id desc'
    _check_company_auto = True

    company_id = fields.Many2one(
        comodel_name='res.company', required=True, readonly=True, ondelete='cascade',
    )
    date = fields.Date(
        string="Chosen As Of", required=True, readonly=True,
        help="Last day of the orders that the choice knows. Nothing after it was looked at.",
    )
    count_candidate = fields.Char(
        string="Model of Purchases", required=True, readonly=True,
        help="Says how many purchases to expect: the lowest deviance and RMSE in the back-test, "
             "each relative to the best candidate.",
    )
    chance_candidate = fields.Char(
        string="Model of Chances", required=True, readonly=True,
        help="Says whether there will be a purchase: the lowest log-loss and Brier score in the "
             "back-test, each relative to the best candidate.",
    )
    shift = fields.Float(
        readonly=True, aggregator=None,
        help="Correction of the chances that the back-test suggests: logit P' = shift + slope "
             "logit P. 0 and 1: none.",
    )
    slope = fields.Float(default=1, readonly=True, aggregator=None)
    parameters = fields.Json(
        readonly=True, help="Of the models chosen, as of that day: where the search of later runs begins.",
    )
    trial_ids = fields.One2many(
        comodel_name='scp.value.choice.trial', inverse_name='choice_id', string="Back-Test", readonly=True,
    )
    summary = fields.Char(string="Models", compute='_compute_summary')

    # The latest choice of a company (`_get_valid`), and the list.
    _company_date_idx = models.Index("(company_id, date DESC, id DESC)")

    # === COMPUTE METHODS ===#

    @api.depends('company_id', 'date')
    def _compute_display_name(self):
        for choice in self:
            choice.display_name = self.env._(
                "%(company)s, models chosen as of %(date)s",
                company=choice.company_id.name, date=format_date(self.env, choice.date),
            )

    @api.depends('count_candidate', 'chance_candidate')
    @api.depends_context('lang')
    def _compute_summary(self):
        labels = self._get_candidate_label
        for choice in self:
            if choice.count_candidate == choice.chance_candidate:
                choice.summary = labels(choice.count_candidate)
            else:
                choice.summary = self.env._(
                    "purchases by %(count)s, chances by %(chance)s",
                    count=labels(choice.count_candidate), chance=labels(choice.chance_candidate),
                )

    # === BUSINESS METHODS ===#

    @api.model
    def _get_valid(self, company, day):
        """The latest choice of the company that may still be used for forecasts from a day on.

        A choice made later than the day is none: it knows what happened since.
        """
        return self.search([
            ('company_id', '=', company.id),
            ('date', '<=', day),
            ('date', '>', day - relativedelta(days=self._get_days_valid())),
        ], limit=1)

    @api.model
    def _get_days_valid(self):
        """Days after which the models are chosen anew."""
        days = self.env['ir.config_parameter'].sudo().get_param(
            'crm_scp_analytics.value_choice_days',
        )
        return int(days or 7)

    @api.model
    def _choose(self, company, day, bought, on_trial=lambda _share: None, executor=None):
        """Run the back-test and keep it.

        :param day: last day of the window, a date
        :param bought: purchases of the company up to that day, `engine.frame.Purchases`
        :param on_trial: told after each trial which share of them is done; what it raises ends the choice
        :param executor: `engine.executors.Executor` that does the trials, by default this process
        :return: the new choice
        :raise engine.frame.NotEnoughData: when no back-test is possible
        """
        from ...engine import choices, selection  # noqa: PLC0415  numpy is loaded by the process that scores

        choice = selection.choose(bought, (day - EPOCH).days, HORIZON, on_trial=on_trial, executor=executor)
        kept = choices.dump(choice)
        return self.create({
            'company_id': company.id,
            'date': day,
            'count_candidate': kept['count'],
            'chance_candidate': kept['chance'],
            'shift': kept['shift'],
            'slope': kept['slope'],
            'parameters': kept['near'] | {TAUGHT: kept['taught']},
            'trial_ids': [
                fields.Command.create(self._prepare_trial_values(choice, trial))
                for trial in choice.trials
            ],
        })

    @api.model
    def _prepare_trial_values(self, choice, trial):
        name = trial.candidate.name
        measures = {
            measure: trial.measures[measure]
            for measure in ('bias', 'mae', 'rmse', 'deviance', 'auc', 'brier', 'log_loss', 'ece')
        }
        return measures | {
            'candidate': name,
            'cutoff': EPOCH + timedelta(days=trial.cutoff),
            'horizon_days': trial.horizon,
            'customer_count': trial.measures['customers'],
            'purchase_count': trial.measures['bought'],
            'count_score': choice.count_scores[name],
            'chance_score': choice.chance_scores[name],
        }

    def _get_engine_choice(self):
        """:return: `engine.selection.Choice`"""
        from ...engine import choices  # noqa: PLC0415  as in `_choose`

        self.ensure_one()
        near = dict(self.parameters or {})
        taught = near.pop(TAUGHT, None)
        return choices.load(self.count_candidate, self.chance_candidate, self.shift, self.slope, near, taught)

    @api.model
    def _get_candidate_label(self, name):
        """:return: the name of a model as people know it"""
        stem, trees, _nothing = name.partition('+trees')
        family, _line, regularity = stem.partition('cnbd_')
        label = {
            'bgnbd': "BG/NBD",
            'mbgnbd': "MBG/NBD",
            'pareto_nbd': "Pareto/NBD",
        }.get(stem) or f"{family.upper()}/CNBD-{regularity}"
        return self.env._("%(model)s with trees", model=label) if trees else label

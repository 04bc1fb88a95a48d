from odoo import api, fields, models


class ScpValueChoiceTrial(models.Model):
    """One candidate at one day of the past: what it forecast then, against what happened."""

    _name = 'scp.value.choice.trial'
    _description = "Back-Test of a Forecast Model"
    _order = 'choice_id desc, count_score, candidate, cutoff'
    _rec_name = 'label'
    _log_access = False
    _check_company_auto = True

    choice_id = fields.Many2one(
        comodel_name='scp.value.choice', required=True, readonly=True, index=True,
        ondelete='cascade', check_company=True,
    )
    # Stored: for the rule of the companies
    company_id = fields.Many2one(related='choice_id.company_id', store=True, index=True)
    candidate = fields.Char(required=True, readonly=True)
    label = fields.Char(string="Model", compute='_compute_label')
    is_count_choice = fields.Boolean(
        string="Chosen for Purchases", compute='_compute_is_choice',
    )
    is_chance_choice = fields.Boolean(
        string="Chosen for Chances", compute='_compute_is_choice',
    )
    cutoff = fields.Date(
        string="Known Until", readonly=True, help="Last day that the model was shown.",
    )
    horizon_days = fields.Integer(
        string="Days Ahead", readonly=True, aggregator='avg',
        help="Days after it that the model forecast.",
    )
    customer_count = fields.Integer(string="Customers", readonly=True, aggregator='avg')
    purchase_count = fields.Integer(
        string="Purchases", readonly=True, aggregator='avg', help="Purchases that followed.",
    )
    count_score = fields.Float(
        string="Loss of Purchases", digits=(6, 3), readonly=True, aggregator='avg',
        help="Mean over the trials of deviance and RMSE, each relative to the best candidate. 1 is "
             "the best possible; the lowest is chosen to say how many purchases to expect.",
    )
    chance_score = fields.Float(
        string="Loss of Chances", digits=(6, 3), readonly=True, aggregator='avg',
        help="Mean over the trials of log-loss and Brier score, each relative to the best "
             "candidate. The lowest is chosen to say whether there will be a purchase.",
    )
    bias = fields.Float(
        digits=(8, 4), readonly=True, aggregator='avg',
        help="Purchases forecast over purchases made, less one. 0 is right in sum.",
    )
    mae = fields.Float(
        string="MAE", digits=(8, 4), readonly=True, aggregator='avg',
        help="Mean absolute error. Shown, but no judge: it is lowest for forecasts that are too low.",
    )
    rmse = fields.Float(
        string="RMSE", digits=(8, 4), readonly=True, aggregator='avg', help="Root of the mean square error.",
    )
    deviance = fields.Float(
        digits=(8, 4), readonly=True, aggregator='avg', help="Mean Poisson deviance of the purchases.",
    )
    auc = fields.Float(
        string="AUC", digits=(8, 4), readonly=True, aggregator='avg',
        help="Chance that of two customers the one who bought had been given the higher chance.",
    )
    brier = fields.Float(
        digits=(8, 4), readonly=True, aggregator='avg',
        help="Mean square error of the chances.",
    )
    log_loss = fields.Float(
        string="Log-Loss", digits=(8, 4), readonly=True, aggregator='avg',
        help="Mean of minus the logarithm of the chance given to what happened.",
    )
    ece = fields.Float(
        string="ECE", digits=(8, 4), readonly=True, aggregator='avg',
        help="Expected calibration error: by how much chances of a size differ from what happened.",
    )

    # === COMPUTE METHODS ===#

    @api.depends('candidate')
    @api.depends_context('lang')
    def _compute_label(self):
        for trial in self:
            trial.label = self.env['scp.value.choice']._get_candidate_label(trial.candidate)

    @api.depends('candidate', 'choice_id.count_candidate', 'choice_id.chance_candidate')
    def _compute_is_choice(self):
        for trial in self:
            trial.is_count_choice = trial.candidate == trial.choice_id.count_candidate
            trial.is_chance_choice = trial.candidate == trial.choice_id.chance_candidate

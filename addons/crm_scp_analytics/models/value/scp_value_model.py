from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare
from odoo.tools.misc import formatLang

#: Weights and cut-offs of the first version of a company. Where recency, frequency and money go
#: together, as they do in practice, these cut-offs make four grades of about a quarter each.
DEFAULT_WEIGHTS = {'recency': 25, 'frequency': 35, 'monetary': 40}
DEFAULT_CUTOFFS = (80, 50, 25)

#: Of a version that was active once only these may change.
FREE_FIELDS = {'name', 'description', 'state', 'activated_at', 'activated_by_id', 'retired_at'}


class ScpValueModel(models.Model):
    """How a company turns figures of its customers into a value and a grade: one version of it.

    A draft is tried out on the real customers, without a trace, before it becomes the active one.
    What was active once never changes again, so that every grade can be explained by the version
    that gave it; a change is a new version.
    """

    _name = 'scp.value.model'
    _description = "Value Model"
    _order = 'company_id, version desc, id desc'
    _check_company_auto = True

    name = fields.Char(required=True, default=lambda self: self.env._("Customer value"))
    company_id = fields.Many2one(
        comodel_name='res.company', required=True, index=True, ondelete='cascade',
        default=lambda self: self.env.company,
    )
    version = fields.Integer(
        readonly=True, copy=False, aggregator=None, help="Counts the versions of the company.",
    )
    state = fields.Selection(
        selection=[('draft', "Draft"), ('active', "Active"), ('retired', "Retired")],
        default='draft', required=True, readonly=True, copy=False,
        help="The active version gives the grades of the company. There is but one.",
    )
    description = fields.Text(help="What this version is for, and what it changes.")
    weight_ids = fields.One2many(
        comodel_name='scp.value.model.weight', inverse_name='model_id', string="Weights", copy=True,
        default=lambda self: self._default_weights(),
    )
    weight_total = fields.Float(
        string="Total Weight (%)", compute='_compute_weight_total', digits=(5, 2), aggregator=None,
    )
    cutoff_method = fields.Selection(
        selection=[('absolute', "Points of Value"), ('quantile', "Share of Customers")],
        string="Grades by", default='absolute', required=True,
        help="Points of value: who reaches so many points has the grade, however many there are.\n"
             "Share of customers: the best so many per cent have the grade, whatever their points.",
    )
    cutoff_ids = fields.One2many(
        comodel_name='scp.value.model.cutoff', inverse_name='model_id', string="Cut-offs", copy=True,
        default=lambda self: self._default_cutoffs(),
    )
    rest_grade_id = fields.Many2one(
        comodel_name='scp.grade', string="Everybody Else", required=True, ondelete='restrict',
        default=lambda self: self._default_grades()[len(DEFAULT_CUTOFFS):],
        help="Grade of customers who reach no cut-off.",
    )
    hold_months = fields.Integer(
        string="Months to Hold", default=1, required=True, aggregator=None,
        help="A grade changes only when the value has called for it for this many months: at two "
             "month ends in a row with 1, at once with 0.",
    )
    activated_at = fields.Datetime(string="Active since", readonly=True, copy=False)
    activated_by_id = fields.Many2one(
        comodel_name='res.users', readonly=True, copy=False, index='btree_not_null', ondelete='set null',
    )
    retired_at = fields.Datetime(readonly=True, copy=False)
    run_ids = fields.One2many(comodel_name='scp.value.run', inverse_name='model_id', string="Runs")

    # A company has one model; found by each run.
    _active_uniq = models.UniqueIndex(
        "(company_id) WHERE state = 'active'", "A company has one active value model.",
    )
    _version_uniq = models.UniqueIndex(
        '(company_id, version)', "A company has each version of its value model once.",
    )
    _hold_months_range = models.Constraint(
        'CHECK (hold_months BETWEEN 0 AND 24)', "A grade is held for 0 to 24 months.",
    )

    # === DEFAULT METHODS ===#

    @api.model
    def _default_grades(self):
        """The grades of the first version, best first."""
        return self.env['scp.grade'].search([], limit=len(DEFAULT_CUTOFFS) + 1)

    @api.model
    def _default_weights(self):
        return [
            Command.create({'component': component, 'weight': weight})
            for component, weight in DEFAULT_WEIGHTS.items()
        ]

    @api.model
    def _default_cutoffs(self):
        return [
            Command.create({'grade_id': grade.id, 'threshold': threshold})
            for grade, threshold in zip(self._default_grades(), DEFAULT_CUTOFFS, strict=False)
        ]

    # === COMPUTE METHODS ===#

    @api.depends('name', 'version')
    def _compute_display_name(self):
        for model in self:
            model.display_name = self.env._(
                "%(name)s, version %(version)s", name=model.name, version=model.version or "-",
            )

    @api.depends('weight_ids.weight')
    def _compute_weight_total(self):
        for model in self:
            model.weight_total = sum(model.weight_ids.mapped('weight'))

    # === CONSTRAINTS ===#

    # On the whole, not on its lines: two lines cannot be changed in one step.
    @api.constrains('weight_ids')
    def _check_weights(self):
        for model in self:
            if float_compare(model.weight_total, 100, precision_digits=2):
                raise ValidationError(self.env._(
                    "The weights of %(model)s make %(total)s%%, not 100%%.",
                    model=model.display_name, total=formatLang(self.env, model.weight_total),
                ))

    @api.constrains('cutoff_ids', 'cutoff_method', 'rest_grade_id')
    def _check_cutoffs(self):
        for model in self:
            lines = model._get_ordered_cutoffs()
            grades = [*lines.grade_id, model.rest_grade_id]
            if not lines or len(grades) != len(lines) + 1 or len(set(grades)) != len(grades):
                raise ValidationError(self.env._(
                    "Each grade needs one cut-off in %(model)s, but the one of everybody else.",
                    model=model.display_name,
                ))
            if grades[-1] != max(grades, key=lambda grade: (grade.sequence, grade.id)):
                raise ValidationError(self.env._(
                    "%(grade)s is the grade of everybody else in %(model)s: it must come after "
                    "the grades with a cut-off.",
                    grade=grades[-1].name, model=model.display_name,
                ))
            falling = model.cutoff_method == 'absolute'
            thresholds = lines.mapped('threshold')
            for grade, threshold in zip(lines.grade_id, thresholds, strict=True):
                if not 0 < threshold <= 100:
                    raise ValidationError(self.env._(
                        "The cut-off of grade %(grade)s in %(model)s lies at %(value)s. It must "
                        "lie above 0 and not above 100.",
                        grade=grade.name, model=model.display_name,
                        value=formatLang(self.env, threshold),
                    ))
            for place in range(1, len(lines)):
                former, present = thresholds[place - 1:place + 1]
                if former == present or (former < present) == falling:
                    raise ValidationError(self.env._(
                        "The cut-offs of %(model)s are out of order: %(better)s at %(former)s, "
                        "%(worse)s at %(present)s. They fall from grade to grade for points, and "
                        "rise for shares of the customers.",
                        model=model.display_name,
                        better=lines[place - 1].grade_id.name, former=formatLang(self.env, former),
                        worse=lines[place].grade_id.name, present=formatLang(self.env, present),
                    ))

    # === CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        # sudo: versions count on whoever may see the earlier ones
        latest = dict(self.sudo()._read_group([], ['company_id'], ['version:max']))
        for vals in vals_list:
            company = self.env['res.company'].browse(vals.get('company_id') or self.env.company.id)
            vals['version'] = latest[company] = latest.get(company, 0) + 1
        return super().create(vals_list)

    def write(self, vals):
        if vals.keys() - FREE_FIELDS:
            self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._check_draft()

    def _check_draft(self):
        """:raise UserError: a version was active: grades were given by it"""
        if used := self.filtered(lambda model: model.state != 'draft')[:1]:
            raise UserError(self.env._(
                "%(model)s has given grades and cannot be changed any more. Make a new version.",
                model=used.display_name,
            ))

    # === ACTIONS ===#

    def action_activate(self):
        """Let this version give the grades, from the next run on."""
        self.ensure_one()
        self.check_access('write')
        self._check_draft()
        self._check_weights()
        self._check_cutoffs()
        now = fields.Datetime.now()
        former = self.search([('company_id', '=', self.company_id.id), ('state', '=', 'active')])
        former.write({'state': 'retired', 'retired_at': now})
        former.flush_recordset(['state'])
        self.write({'state': 'active', 'activated_at': now, 'activated_by_id': self.env.uid})

    def action_new_version(self):
        """Open a draft like this one."""
        self.ensure_one()
        return self.copy()._get_records_action(name=self.env._("New Version"))

    def action_preview(self):
        """Open the page that tries this version out."""
        self.ensure_one()
        return self.env['ir.actions.client']._for_xml_id(
            'crm_scp_analytics.scp_value_preview_action',
        ) | {'params': {'model_id': self.id}}

    # === BUSINESS METHODS ===#

    @api.model
    def _get_active(self, company):
        """:return: the version that gives the grades of the company; its first one is made here
        :raise UserError: there are not enough grades to make it of"""
        # sudo: whoever may start a run uses the model of the company
        Model = self.sudo().with_company(company)
        active = Model.search([('company_id', '=', company.id), ('state', '=', 'active')])
        if active:
            return active
        grades, needed = self._default_grades(), len(DEFAULT_CUTOFFS) + 1
        if len(grades) < needed:
            raise UserError(self.env._(
                "The value model knows %(needed)s grades, but only %(count)s are configured. "
                "Add grades under Configuration.",
                needed=needed, count=len(grades),
            ))
        first = Model.create({
            'company_id': company.id,
            'description': self.env._("Recency, frequency and money, as shipped."),
        })
        first.action_activate()
        return first

    @api.model
    def _get_components(self) -> dict[str, dict]:
        """Figures that may count.

        :return: {code: {'field' of `scp.value.score`, 'label', 'kind' of figure ('days', 'count', 'money', 'share',
            'index'), 'falling': less of it is better, 'positive': below zero counts as zero, 'method' of a run that
            works the figure out where it is asked for}}
        """
        return {
            'recency': {
                'field': 'recency_days', 'label': self.env._("Recency"), 'kind': 'days', 'falling': True,
            },
            'frequency': {'field': 'purchase_count', 'label': self.env._("Frequency"), 'kind': 'count'},
            'monetary': {
                'field': 'monetary', 'label': self.env._("Money"), 'kind': 'money', 'positive': True,
            },
            'profit': {
                'field': 'profit', 'label': self.env._("Profit after Cost to Serve"), 'kind': 'money',
                'method': '_get_profit_column',
            },
            'expected_revenue': {
                'field': 'expected_revenue_12m', 'label': self.env._("Revenue Expected in 12 Months"),
                'kind': 'money',
            },
            'lifetime_value': {
                'field': 'lifetime_value', 'label': self.env._("Lifetime Value"), 'kind': 'money',
            },
            'churn_risk': {
                'field': 'churn_risk', 'label': self.env._("Churn Risk"), 'kind': 'share', 'falling': True,
            },
            'credit': {'field': 'credit_index', 'label': self.env._("Credit Index"), 'kind': 'index'},
        }

    def _get_ordered_cutoffs(self):
        """:return: the cut-offs, best grade first"""
        self.ensure_one()
        return self.cutoff_ids.sorted(lambda line: (line.grade_id.sequence, line.grade_id.id))

    def _get_ordered_grades(self):
        """:return: the grades of this version, best first"""
        return self._get_ordered_cutoffs().grade_id + self.rest_grade_id

    def _get_parameters(self) -> dict:
        """What a run needs to know, as stored with it."""
        self.ensure_one()
        return {
            'weights': {line.component: line.weight / 100 for line in self.weight_ids if line.weight},
            'cutoff_method': self.cutoff_method,
            'cutoffs': self._get_ordered_cutoffs().mapped('threshold'),
            'grade_ids': self._get_ordered_grades().ids,
            'hold_months': self.hold_months,
        }

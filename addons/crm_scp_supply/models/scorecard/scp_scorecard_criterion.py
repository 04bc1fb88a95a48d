from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .scp_scorecard_figure import MANUAL

# Floor and target proposed by unit and by what is better
DEFAULTS = {('%', 'high'): (70.0, 98.0), ('%', 'low'): (10.0, 0.0), ('', 'low'): (5.0, 0.0),
            ('days', 'low'): (60.0, 14.0), ('ppm', 'low'): (10_000.0, 0.0)}


class ScpScorecardCriterion(models.Model):
    """One thing partners are scored by: a figure with the value that earns nothing and the one that earns all."""

    _name = 'scp.scorecard.criterion'
    _description = "Scorecard Criterion"
    _check_company_auto = True
    _order = 'template_id, sequence, id'

    template_id = fields.Many2one(
        'scp.scorecard.template', required=True, index=True, ondelete='cascade', check_company=True)
    # Stored for security rules
    company_id = fields.Many2one(related='template_id.company_id', store=True, index=True, precompute=True)
    sequence = fields.Integer(default=10)
    code = fields.Selection(
        '_selection_code', string="Measured By", required=True, default=MANUAL,
        help="A figure of the records, or the assessment of a person in points from 0 to 100.",
    )
    name = fields.Char(
        string="Criterion", compute='_compute_name', store=True, readonly=False, required=True, precompute=True,
    )
    definition = fields.Char(compute='_compute_definition')
    unit = fields.Char(compute='_compute_definition')
    weight = fields.Float(digits=(5, 2), required=True, help="All weights of a template sum to 100.")
    floor = fields.Float(
        string="0 Points At", compute='_compute_bounds', store=True, readonly=False, precompute=True, digits=(16, 2),
        aggregator=None, help="This value and worse ones earn no points.",
    )
    target = fields.Float(
        string="100 Points At", compute='_compute_bounds', store=True, readonly=False, precompute=True, digits=(16, 2),
        aggregator=None, help="This value and better ones earn all points. Between the two, points lie on a line.",
    )
    min_n = fields.Integer(
        string="Minimum Events", default=3, aggregator=None,
        help="With fewer lines, orders or invoices behind it, the figure is not rated.",
    )

    _weight_positive = models.Constraint(
        'CHECK (weight > 0 AND weight <= 100)', "The weight of a criterion is more than 0 and at most 100.")
    _bounds_differ = models.Constraint(
        'CHECK (floor <> target)', "The values that earn 0 and 100 points have to differ.")
    _min_n_positive = models.Constraint('CHECK (min_n >= 1)', "At least one event is needed to rate a criterion.")

    # === SELECTION === #

    @api.model
    def _selection_code(self):
        figures = self.env['scp.scorecard.figure']._get_registry()
        return [(MANUAL, self.env._("Assessment by a person")), *((code, item.label) for code, item in figures.items())]

    # === COMPUTE === #

    @api.depends('code')
    def _compute_name(self):
        words = self.env['scp.scorecard.figure']._get_words()
        for criterion in self:
            if criterion.code and (criterion.code != MANUAL or not criterion.name):
                criterion.name = words[criterion.code][0]

    @api.depends('code')
    @api.depends_context('lang')
    def _compute_definition(self):
        Figure = self.env['scp.scorecard.figure']
        figures, words = Figure._get_registry(), Figure._get_words()
        for criterion in self:
            figure = figures.get(criterion.code)
            criterion.definition = criterion.code and words[criterion.code][1]
            criterion.unit = Figure._get_unit_label(figure.unit) if figure else self.env._("points")

    @api.depends('code')
    def _compute_bounds(self):
        figures = self.env['scp.scorecard.figure']._get_registry()
        for criterion in self:
            figure = figures.get(criterion.code)
            criterion.floor, criterion.target = (
                DEFAULTS.get((figure.unit, figure.better), (1.0, 0.0)) if figure else (0.0, 100.0))

    # === CONSTRAINS === #

    @api.constrains('code', 'floor', 'target')
    def _check_code(self):
        """Figures fit the role, and point the way they are meant to."""
        figures = self.env['scp.scorecard.figure']._get_registry()
        for criterion in self:
            figure = figures.get(criterion.code)
            if figure and criterion.template_id.role not in figure.roles:
                raise ValidationError(self.env._(
                    "%(criterion)s: there is no figure %(figure)s of a partner of this role.",
                    criterion=criterion.name, figure=figure.label))
            better = figure.better if figure else 'high'
            if (criterion.target > criterion.floor) != (better == 'high'):
                raise ValidationError(
                    self.env._("%s: more is better, so 100 points lie above 0 points.", criterion.name)
                    if better == 'high' else
                    self.env._("%s: less is better, so 100 points lie below 0 points.", criterion.name))

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        criteria = super().create(vals_list)
        criteria._check_alone()
        return criteria

    def write(self, vals):
        result = super().write(vals)
        self._check_alone()
        return result

    def unlink(self):
        templates = self.template_id
        result = super().unlink()
        if not self.env.context.get('scp_checked_together'):
            templates.exists()._check_criteria()
        return result

    def _check_alone(self):
        """Weights sum to 100 also when a criterion is changed without its template."""
        if not self.env.context.get('scp_checked_together'):
            self.template_id._check_criteria()

    # === BUSINESS === #

    def _prepare_line_values(self):
        """What a card keeps of the criterion."""
        self.ensure_one()
        figure = self.env['scp.scorecard.figure']._get_registry().get(self.code)
        return {
            'criterion_id': self.id,
            'sequence': self.sequence,
            'code': self.code,
            'name': self.name,
            'definition': self.with_context(lang=None).definition,
            'unit': figure.unit if figure else 'points',
            'weight': self.weight,
            'floor': self.floor,
            'target': self.target,
            'min_n': 1 if self.code == MANUAL else self.min_n,
        }

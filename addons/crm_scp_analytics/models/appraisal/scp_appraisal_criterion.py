from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ScpAppraisalCriterion(models.Model):
    """One figure people are appraised by, with the value that earns nothing and the one that earns all."""

    _name = 'scp.appraisal.criterion'
    _description = "Appraisal Criterion"
    _rec_name = 'code'
    _order = 'template_id, sequence, id'
    _check_company_auto = True

    template_id = fields.Many2one(
        'scp.appraisal.template', required=True, index=True, ondelete='cascade', check_company=True)
    # Stored for security rules
    company_id = fields.Many2one(related='template_id.company_id', store=True, index=True, precompute=True)
    sequence = fields.Integer(default=10)
    code = fields.Selection('_selection_code', string="Measured By", required=True)
    definition = fields.Char(compute='_compute_words')
    unit = fields.Char(compute='_compute_words')
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
        help="With fewer customers, ratings, orders, lines or months behind it, the figure is not rated.",
    )

    _code_uniq = models.UniqueIndex('(template_id, code)', "A figure can be a criterion of a template once.")
    _weight_positive = models.Constraint(
        'CHECK (weight > 0 AND weight <= 100)', "The weight of a criterion is more than 0 and at most 100.")
    _min_n_positive = models.Constraint('CHECK (min_n >= 1)', "At least one event is needed to rate a criterion.")

    # === SELECTION ===#

    @api.model
    def _selection_code(self):
        return [(code, figure.label) for code, figure in self.env['scp.appraisal.figure']._get_registry().items()]

    # === COMPUTE METHODS ===#

    @api.depends('code')
    @api.depends_context('lang')
    def _compute_words(self):
        registry = self.env['scp.appraisal.figure']._get_registry()
        for criterion in self:
            figure = registry.get(criterion.code)
            criterion.definition, criterion.unit = (figure.definition, figure.unit) if figure else (False, False)

    @api.depends('code')
    def _compute_bounds(self):
        registry = self.env['scp.appraisal.figure']._get_registry()
        for criterion in self:
            if figure := registry.get(criterion.code):
                criterion.floor, criterion.target = figure.floor, figure.target

    # === CONSTRAINS ===#

    @api.constrains('code', 'floor', 'target')
    def _check_direction(self):
        registry = self.env['scp.appraisal.figure']._get_registry()
        for criterion in self:
            figure = registry.get(criterion.code)
            if not figure:
                continue
            if figure.better == 'high' and criterion.target <= criterion.floor:
                raise ValidationError(self.env._(
                    "%s: more is better, so 100 points lie above 0 points.", figure.label))
            if figure.better == 'low' and criterion.target >= criterion.floor:
                raise ValidationError(self.env._(
                    "%s: less is better, so 100 points lie below 0 points.", figure.label))

    # === CRUD METHODS ===#

    # Criteria saved with their template are checked together, by the template
    @api.model_create_multi
    def create(self, vals_list):
        criteria = super().create(vals_list)
        criteria._check_alone(criteria.template_id)
        return criteria

    def write(self, vals):
        result = super().write(vals)
        self._check_alone(self.template_id)
        return result

    def unlink(self):
        templates = self.template_id
        result = super().unlink()
        self._check_alone(templates.exists())
        return result

    def _check_alone(self, templates):
        if not self.env.context.get('scp_checked_together'):
            templates._check_weights()

    # === BUSINESS METHODS ===#

    def _prepare_line_values(self):
        """What an appraisal keeps of the criterion."""
        self.ensure_one()
        plain = self.with_context(lang=None)
        return {
            'criterion_id': self.id,
            'sequence': self.sequence,
            'code': self.code,
            'name': dict(plain._selection_code())[self.code],
            'unit': plain.unit,
            'weight': self.weight,
            'floor': self.floor,
            'target': self.target,
            'min_n': self.min_n,
        }

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from odoo.addons.crm_scp_core.models.hub.scoring import get_points


class ScpAppraisalLine(models.Model):
    """One criterion of an appraisal: what it asked for, what was measured, and the points that made."""

    _name = 'scp.appraisal.line'
    _description = "Appraisal Line"
    _order = 'appraisal_id, sequence, id'
    _rec_name = 'label'
    _check_company_auto = True

    appraisal_id = fields.Many2one(
        'scp.appraisal', required=True, readonly=True, index=True, ondelete='cascade', check_company=True)
    # Stored for security rules and groupings
    company_id = fields.Many2one(related='appraisal_id.company_id', store=True, index=True, precompute=True)
    user_id = fields.Many2one(
        related='appraisal_id.user_id', store=True, index='btree_not_null', precompute=True)
    team_id = fields.Many2one(
        related='appraisal_id.team_id', store=True, index='btree_not_null', precompute=True)
    date_to = fields.Date(related='appraisal_id.date_to', string="Period to", store=True, precompute=True)
    criterion_id = fields.Many2one(
        'scp.appraisal.criterion', string="Criterion of the Template", readonly=True, index='btree_not_null',
        ondelete='set null', check_company=True)
    sequence = fields.Integer(readonly=True, default=10)

    # What was asked for
    code = fields.Char(string="Figure", required=True, readonly=True)
    name = fields.Char(string="Criterion", required=True, readonly=True)
    unit = fields.Char(readonly=True)
    weight = fields.Float(digits=(5, 2), readonly=True, aggregator=None)
    floor = fields.Float(string="0 Points At", digits=(16, 2), readonly=True, aggregator=None)
    target = fields.Float(string="100 Points At", digits=(16, 2), readonly=True, aggregator=None)
    min_n = fields.Integer(string="Minimum Events", readonly=True, aggregator=None)

    # What was measured
    numerator = fields.Float(readonly=True, aggregator=None)
    denominator = fields.Float(readonly=True, aggregator=None, help="0 where there is no data.")
    n = fields.Integer(
        string="Events", readonly=True, aggregator=None,
        help="Customers, ratings, orders, order lines or months behind it.")
    is_rated = fields.Boolean(string="Rated", readonly=True, help="Measured, with events enough.")
    points = fields.Float(
        readonly=True, aggregator='avg', help="From 0 to 100; 0 where it could not be rated.")
    label = fields.Char(string="Criterion as Read", compute='_compute_texts')
    definition = fields.Char(compute='_compute_texts')
    value_text = fields.Char(string="Measured", compute='_compute_texts')
    span_text = fields.Char(string="0 to 100 Points", compute='_compute_texts')

    # === COMPUTE METHODS ===#

    @api.depends('code', 'denominator', 'floor', 'is_rated', 'n', 'name', 'numerator', 'target', 'unit')
    @api.depends_context('lang')
    def _compute_texts(self):
        registry = self.env['scp.appraisal.figure']._get_registry()
        for line in self:
            figure = registry.get(line.code)
            line.label = figure.label if figure else line.name
            line.definition = figure and figure.definition
            unit = figure.unit if figure else line.unit
            line.value_text = line._format(line._get_value(), unit)
            if line.denominator and not line.is_rated:
                line.value_text = self.env._(
                    "%(value)s, but only %(n)s of %(least)s events", value=line.value_text, n=line.n, least=line.min_n)
            line.span_text = self.env._(
                "%(floor)s to %(target)s",
                floor=self._format_bound(line.floor), target=f"{self._format_bound(line.target)} {unit}")

    # === AGGREGATES ===#

    def _read_group_select(self, aggregate_spec, query):
        """What could not be rated has no points to be counted in a mean."""
        if aggregate_spec == 'points:avg':
            self._check_field_access(self._fields['points'], 'read')
            table = SQL.identifier(query.table)
            return SQL("AVG(%s.points) FILTER (WHERE %s.is_rated)", table, table)
        return super()._read_group_select(aggregate_spec, query)

    # === CRUD METHODS ===#

    def write(self, vals):
        if not self.appraisal_id._is_sealed_call():
            raise UserError(self.env._("The lines of an appraisal follow from the records and cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        if 'frozen' in self.appraisal_id.mapped('state'):
            raise UserError(self.env._("The lines of a frozen appraisal are a record and stay."))

    # === ACTIONS ===#

    @api.readonly
    def action_view_records(self):
        """The records behind the figure, as far as the reader may see them."""
        self.ensure_one()
        method = getattr(self, f'_get_{self.code}_action', None)
        return method() if method else self.appraisal_id.action_view_customers()

    # === BUSINESS METHODS ===#

    def _put_values(self, values):
        """Keep what was measured, and rate it.

        :param values: {code: `scp_appraisal_figure.Value`}; a code that is missing is no data
        """
        for line in self:
            value = values.get(line.code)
            numerator, denominator, n = value or (0.0, 0.0, 0)
            line.write({'numerator': numerator, 'denominator': denominator, 'n': n})
            points = line._get_recomputed_points()
            line.write({'is_rated': points is not None, 'points': points or 0.0})

    def _get_value(self):
        """:return: the figure in its unit, None without data"""
        self.ensure_one()
        return 100 * self.numerator / self.denominator if self.denominator else None

    def _get_recomputed_points(self):
        """:return: the points from the inputs; None where the criterion cannot be rated"""
        value = self._get_value()
        if value is None or self.n < self.min_n:
            return None
        return get_points(value, self.floor, self.target)

    def _format(self, value, unit):
        if value is None:
            return self.env._("no data")
        return f"{formatLang(self.env, value, digits=1)} {unit}"

    @api.model
    def _format_bound(self, value):
        return formatLang(self.env, value, digits=0 if value.is_integer() else 2)

    # === BUSINESS METHODS: RECORDS BEHIND ===#

    def _get_retention_action(self):
        """Those who had bought before, bought again or not."""
        appraisal = self.appraisal_id
        start, middle, _end = self.env['scp.appraisal.figure']._get_retention_windows(appraisal.date_to)
        known = self.env['scp.value.fact']._read_group([
            ('customer_id', 'in', appraisal.customer_ids or []), ('order_count', '>', 0),
            ('day', '>', start), ('day', '<=', middle),
        ], ['customer_id'])
        return self._prepare_action('crm_scp_core.scp_customer_action', [
            ('id', 'in', [customer.id for [customer] in known])])

    def _get_value_grown_action(self):
        appraisal = self.appraisal_id
        opening, closing = self.env['scp.appraisal.figure']._get_scorings(
            appraisal.company_id, appraisal.date_from, appraisal.date_to)
        action = self._prepare_action('crm_scp_analytics.scp_value_score_action', [
            ('run_id', 'in', (opening + closing).ids), ('customer_id', 'in', appraisal.customer_ids or [])])
        return action | {'context': {'group_by': ['run_id']}}

    def _get_satisfaction_action(self):
        return self._prepare_complaints_action([
            ('rating_ids', 'any', [('consumed', '=', True), ('rating', '>=', 1)])])

    def _get_upheld_action(self):
        return self._prepare_complaints_action([
            ('decided_at', '!=', False), ('is_justified', 'in', ('yes', 'partly'))])

    def _get_otif_action(self):
        """Months of the customers: the lines themselves are another addon's."""
        appraisal = self.appraisal_id
        return {
            'type': 'ir.actions.act_window',
            'name': self.label,
            'res_model': 'scp.customer.measure',
            'views': [(False, 'list')],
            'domain': [
                ('customer_id', 'in', appraisal.customer_ids or []), ('code', '=', 'otif'),
                ('period', '>=', appraisal.date_from), ('period', '<=', appraisal.date_to),
            ],
        }

    def _get_target_action(self):
        appraisal = self.appraisal_id
        owner = 'user_id' if appraisal.user_id else 'team_id'
        return self._prepare_action('crm_scp_core.scp_target_action', [
            (owner, '=', appraisal[owner].id), ('company_id', '=', appraisal.company_id.id),
            ('date_from', '<=', appraisal.date_to), ('date_to', '>=', appraisal.date_from)])

    def _prepare_complaints_action(self, domain):
        appraisal = self.appraisal_id
        start, stop = self.env['scp.value.run']._get_window_bounds(
            appraisal.company_id, appraisal.date_from, appraisal.date_to)
        customers = self.env['scp.customer'].search([('id', 'in', appraisal.customer_ids or [])])
        return self._prepare_action('crm_scp_core.scp_complaint_action', [
            ('commercial_partner_id', 'in', customers.partner_id.ids), ('company_id', '=', appraisal.company_id.id),
            ('state', '!=', 'duplicate'), ('received_at', '>=', start), ('received_at', '<', stop), *domain])

    def _prepare_action(self, xml_id, domain):
        action = self.env['ir.actions.act_window']._for_xml_id(xml_id)
        return action | {'name': self.label, 'domain': domain, 'context': {'active_test': False}}

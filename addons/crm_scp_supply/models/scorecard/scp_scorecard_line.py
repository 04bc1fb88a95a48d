from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from odoo.addons.crm_scp_core.models.hub.scoring import get_points

from .scp_scorecard_figure import MANUAL

# What people put down on a draft
ASSESSED = frozenset({'value', 'note'})


class ScpScorecardLine(models.Model):
    """One criterion on a card: what it asked for, what was measured, and the points that made."""

    _name = 'scp.scorecard.line'
    _description = "Scorecard Line"
    _order = 'card_id, sequence, id'
    _check_company_auto = True

    card_id = fields.Many2one(
        'scp.scorecard', required=True, readonly=True, index=True, ondelete='cascade', check_company=True)
    # Stored for security rules
    company_id = fields.Many2one(related='card_id.company_id', store=True, index=True, precompute=True)
    partner_id = fields.Many2one(related='card_id.partner_id', store=True, index=True, precompute=True)
    date_to = fields.Date(related='card_id.date_to', string="Period to", store=True, precompute=True)
    state = fields.Selection(related='card_id.state', string="Status")
    criterion_id = fields.Many2one(
        'scp.scorecard.criterion', string="Criterion of the Template", readonly=True, index='btree_not_null',
        ondelete='set null', check_company=True)
    sequence = fields.Integer(readonly=True, default=10)

    # What was asked for
    code = fields.Char(string="Figure", required=True, readonly=True)
    name = fields.Char(string="Criterion", required=True, readonly=True)
    definition = fields.Char(readonly=True)
    unit = fields.Char(readonly=True)
    weight = fields.Float(digits=(5, 2), readonly=True, aggregator=None)
    floor = fields.Float(string="0 Points At", digits=(16, 2), readonly=True, aggregator=None)
    target = fields.Float(string="100 Points At", digits=(16, 2), readonly=True, aggregator=None)
    min_n = fields.Integer(string="Minimum Events", readonly=True, aggregator=None)

    # What was measured
    numerator = fields.Float(readonly=True, aggregator=None)
    denominator = fields.Float(readonly=True, aggregator=None)
    scale = fields.Float(string="Factor", readonly=True, default=1.0, aggregator=None)
    n = fields.Integer(string="Events", readonly=True, aggregator=None, help="Lines, orders or invoices behind it.")
    has_value = fields.Boolean(string="Measured", readonly=True)
    value = fields.Float(aggregator=None, help="Assessments: points from 0 to 100.")
    label = fields.Char(string="Criterion as Read", compute='_compute_texts')
    definition_text = fields.Char(string="Definition as Read", compute='_compute_texts')
    value_text = fields.Char(string="Measured Value", compute='_compute_texts')
    floor_text = fields.Char(string="No Points At", compute='_compute_texts')
    target_text = fields.Char(string="All Points At", compute='_compute_texts')
    is_rated = fields.Boolean(string="Rated", readonly=True, help="Measured, with events enough.")
    points = fields.Float(
        readonly=True, aggregator='avg', help="From 0 to 100; 0 where it could not be rated.")
    note = fields.Char(string="Remark")
    assessor_id = fields.Many2one('res.users', string="Assessed By", readonly=True, ondelete='set null')
    is_corrected = fields.Boolean(string="Corrected", readonly=True)
    value_before = fields.Float(readonly=True, aggregator=None)
    dispute_state = fields.Selection(
        [('open', "Disputed"), ('accepted', "Corrected"), ('declined', "Upheld")], string="Dispute",
        compute='_compute_dispute_state')

    # === COMPUTE === #

    @api.depends('code', 'definition', 'floor', 'has_value', 'name', 'target', 'unit', 'value')
    @api.depends_context('lang')
    def _compute_texts(self):
        """Words as the card keeps them, in the language of the reader where they are those of the registry."""
        Figure = self.env['scp.scorecard.figure']
        kept, read = Figure.with_context(lang=None)._get_words(), Figure._get_words()
        for line in self:
            label, definition = kept.get(line.code, (None, None))
            line.label = read[line.code][0] if line.name == label else line.name
            line.definition_text = read[line.code][1] if line.definition == definition else line.definition
            unit = line.unit or ''
            line.value_text = Figure._format(line.value if line.has_value else None, unit)
            line.floor_text, line.target_text = Figure._format(line.floor, unit), Figure._format(line.target, unit)

    def _compute_dispute_state(self):
        states = dict(self.env['scp.scorecard.dispute'].search(
            [('line_id', 'in', self.ids)], order='id').mapped(lambda dispute: (dispute.line_id.id, dispute.state)))
        for line in self:
            line.dispute_state = states.get(line._origin.id, False)

    # === CONSTRAINS === #

    @api.constrains('value', 'has_value')
    def _check_assessment(self):
        for line in self:
            if line.code == MANUAL and line.has_value and not 0 <= line.value <= 100:
                raise ValidationError(self.env._("%s: an assessment has from 0 to 100 points.", line.name))

    # === AGGREGATES === #

    def _read_group_select(self, aggregate_spec, query):
        """What could not be rated has no points to be counted in a mean."""
        if aggregate_spec == 'points:avg':
            self._check_field_access(self._fields['points'], 'read')
            table = SQL.identifier(query.table)
            return SQL("AVG(%s.points) FILTER (WHERE %s.is_rated)", table, table)
        return super()._read_group_select(aggregate_spec, query)

    # === CRUD === #

    def write(self, vals):
        if self.card_id._is_sealed_call() or not self:
            return super().write(vals)
        for line in self:
            if line.card_id.state != 'draft':
                raise UserError(self.env._(
                    "%(card)s is frozen: its lines are not changed any more.", card=line.card_id.display_name))
            if vals.keys() - ASSESSED or 'value' in vals and line.code != MANUAL:
                raise UserError(self.env._(
                    "%(line)s is measured: only assessments are entered by people.", line=line.name))
        if 'value' in vals:
            vals = vals | {'numerator': vals['value'], 'denominator': 1.0, 'n': 1, 'has_value': True,
                           'assessor_id': self.env.uid}
        result = super().write(vals)
        self.card_id.sudo()._unsealed()._rate()  # sudo: the score is written by nobody else
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        if any(card.state != 'draft' for card in self.card_id):
            raise UserError(self.env._("The lines of a frozen scorecard are a record and stay."))

    # === ACTIONS === #

    def action_clear(self):
        """Take an assessment back."""
        lines = self.filtered(lambda line: line.code == MANUAL and line.card_id.state == 'draft')
        lines.check_access('write')
        cards = lines.card_id.sudo()._unsealed()  # sudo: inputs and score are written by nobody else
        (cards.line_ids & lines).write({'has_value': False, 'n': 0, 'assessor_id': False})
        cards._rate()

    @api.readonly
    def action_view_evidence(self):
        """The records a figure is made of."""
        self.ensure_one()
        return self._get_evidence_action() or self.card_id._get_records_action()

    # === BUSINESS === #

    def _put_values(self, values):
        """Write measured figures with one statement; assessments are left as they are.

        :param values: {partner id: {code: Figure}}
        """
        registry = self.env['scp.scorecard.figure']._get_registry()
        rows = []
        for line in self.filtered(lambda line: line.code in registry):
            figure = values.get(line.partner_id.id, {}).get(line.code)
            scale = registry[line.code].scale
            measured = bool(figure) and figure.value is not None
            rows.append((
                line.id, measured, scale, figure.n if figure else 0,
                figure.numerator if measured else 0.0, figure.denominator if measured else 0.0,
            ))
        if not rows:
            return
        self.flush_model()
        ids, has_values, scales, ns, numerators, denominators = map(list, zip(*rows, strict=True))
        self.env.execute_query(SQL(
            """
            UPDATE scp_scorecard_line line
               SET has_value = new.has_value, scale = new.scale, n = new.n, numerator = new.numerator,
                   denominator = new.denominator
              FROM unnest(%s::int[], %s::bool[], %s::float8[], %s::int[], %s::float8[], %s::float8[])
                   new (id, has_value, scale, n, numerator, denominator)
             WHERE line.id = new.id
         RETURNING line.id
            """, ids, has_values, scales, ns, numerators, denominators))
        self.invalidate_model(flush=False)

    def _rate(self):
        """Value and points of lines, from their inputs."""
        for line in self:
            points = line._get_recomputed_points()
            fresh = {
                'value': line._get_recomputed_value() or 0.0, 'is_rated': points is not None, 'points': points or 0.0,
            }
            if any(line[name] != value for name, value in fresh.items()):
                line.write(fresh)

    def _get_recomputed_value(self):
        """The value from its inputs, in the unit of the line; None where nothing was measured."""
        self.ensure_one()
        return self.numerator / self.denominator * self.scale if self.has_value and self.denominator else None

    def _get_recomputed_points(self):
        """The points from the inputs; None where the criterion cannot be rated."""
        value = self._get_recomputed_value()
        if value is None or self.n < self.min_n:
            return None
        return get_points(value, self.floor, self.target)

    def _get_evidence_action(self):
        """Opens what is behind the figure; None where it has no list of records."""
        card, registry = self.card_id, self.env['scp.scorecard.figure']._get_registry()
        source = registry[self.code].source if self.code in registry else None
        dates = [fields.Date.to_string(day) for day in (card.date_from, card.date_to)]
        if source == 'delivery':
            return self.env['scp.delivery.metric']._get_action([
                ('commercial_partner_id', '=', card.partner_id.id),
                ('direction', '=', 'in' if card.role == 'supplier' else 'out'),
                ('company_id', '=', card.company_id.id), ('day', '>=', dates[0]), ('day', '<=', dates[1]),
            ], self.name)
        records = self._get_evidence_records()
        if source not in records:
            return None
        model, domain = records[source]
        return {
            'type': 'ir.actions.act_window', 'name': self.name, 'res_model': model, 'domain': domain,
            'views': [(False, 'list')],
        }

    def _get_evidence_records(self):
        """Model and domain of the records behind the figures of a source, by source; addons add theirs."""
        card = self.card_id
        start, end = (fields.Date.to_string(day) for day in (card.date_from, card.date_to))
        return {
            'price': ('purchase.order.line', [
                ('partner_id', 'child_of', card.partner_id.id), ('state', '=', 'purchase'),
                ('company_id', '=', card.company_id.id), ('date_approve', '<=', f'{end} 23:59:59'),
            ]),
            'measure': ('scp.customer.measure', [
                ('customer_id.partner_id', '=', card.partner_id.id), ('code', '=', self.code),
                ('period', '>=', start), ('period', '<=', end),
            ]),
        }

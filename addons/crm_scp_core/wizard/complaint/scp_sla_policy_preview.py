from odoo import api, fields, models

from ...models.complaint.policy_rules import CaseFacts
from ...models.complaint.scp_complaint_category import SEVERITIES
from ...models.funnel.working_hours import HOUR


class ScpSlaPolicyPreview(models.TransientModel):
    """Which clocks would a complaint get, and why?"""

    _name = 'scp.sla.policy.preview'
    _description = "Preview of Clock Policies"

    company_id = fields.Many2one(
        comodel_name='res.company', required=True, default=lambda self: self.env.company,
    )
    received_at = fields.Datetime(
        string="Received", required=True, default=fields.Datetime.now,
    )
    partner_id = fields.Many2one(comodel_name='res.partner', string="Customer")
    agreement_id = fields.Many2one(
        comodel_name='scp.agreement', domain="[('state', '=', 'active')]",
    )
    grade_id = fields.Many2one(
        comodel_name='scp.grade', compute='_compute_grade_id', store=True, readonly=False,
    )
    category_id = fields.Many2one(comodel_name='scp.complaint.category')
    severity = fields.Selection(selection=SEVERITIES)
    team_id = fields.Many2one(comodel_name='scp.complaint.team')
    is_regulated = fields.Boolean(string="Regulated")
    explanation = fields.Html(compute='_compute_explanation', sanitize=False)

    @api.depends('partner_id', 'company_id')
    def _compute_grade_id(self):
        for preview in self:
            preview.grade_id = self.env['scp.customer'].search([
                ('partner_id', '=', preview.partner_id.commercial_partner_id.id),
                ('company_id', '=', preview.company_id.id),
            ], limit=1).grade_id

    @api.depends(
        'company_id', 'received_at', 'partner_id', 'agreement_id', 'grade_id', 'category_id',
        'severity', 'team_id', 'is_regulated',
    )
    def _compute_explanation(self):
        for preview in self:
            preview.explanation = self.env['ir.qweb']._render(
                'crm_scp_core.scp_sla_policy_preview_explanation', preview._prepare_explanation(),
            )

    def _get_facts(self) -> CaseFacts:
        self.ensure_one()
        path = self.category_id.parent_path or ''
        return CaseFacts(
            agreement_policy_id=self.agreement_id.policy_id.id or None,
            partner_id=self.partner_id.commercial_partner_id.id or None,
            grade_id=self.grade_id.id or None,
            category_ids=frozenset(int(part) for part in path.split('/') if part),
            severity=self.severity or None,
            team_id=self.team_id.id or None,
            regulated=self.is_regulated,
        )

    def _prepare_explanation(self):
        """Return `clocks` (what runs, until when, by which policy and why) and `others` (policies
        that hold too, but lose)."""
        Policy, Line = self.env['scp.sla.policy'], self.env['scp.sla.policy.line']
        facts, company_id = self._get_facts(), self.company_id.id
        chosen = Policy._choose_lines(company_id, facts)
        clocks = []
        for rule, line in chosen.values():
            factor = self.grade_id.clock_factor if rule.use_grade_factor and self.grade_id else 1
            seconds = Line._get_target_seconds(line, company_id, self.received_at, factor)
            calendar = self.env['resource.calendar'].browse(
                Line._get_calendar_id(line, company_id) or ())
            hours = (calendar.browse() if line.statutory else calendar)._get_scp_hours(company_id)
            record = Line.browse(line.id)
            clocks.append({
                'kind': record._get_kind_label(),
                'statutory': line.statutory,
                'target': record._format_target(),
                'factor': factor if factor != 1 and not line.statutory else None,
                'hours': seconds and seconds / HOUR,
                'calendar': calendar.name or self.env._("24×7"),
                'pausable': line.pausable,
                'deadline': seconds and hours.plan(self.received_at, seconds),
                'policy': Policy.browse(rule.id).name,
                'why': Policy._explain_choice(rule, facts),
            })
        winners = {rule.id for rule, _line in chosen.values()}
        others = [rule.id for rule in Policy._rank(company_id, facts) if rule.id not in winners]
        return {'clocks': clocks, 'others': Policy.browse(others)}

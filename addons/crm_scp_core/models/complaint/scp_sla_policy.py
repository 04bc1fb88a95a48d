from odoo import api, fields, models, tools
from odoo.tools import SQL

from .policy_rules import CaseFacts, PolicyRule, choose_lines, get_conditions, rank_rules
from .scp_complaint_category import SEVERITIES


class ScpSlaPolicy(models.Model):
    """What customers may expect when, under which conditions.

    For each kind of clock the most specific policy that has a line of that kind wins, so that a
    policy for one customer need only say what is special about him.
    """

    _name = 'scp.sla.policy'
    _description = "Clock Policy"
    _order = 'sequence, id'
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(
        default=10, aggregator=None,
        help="Of two policies that are equally specific the first one wins.",
    )
    company_id = fields.Many2one(
        comodel_name='res.company', index='btree_not_null', ondelete='cascade',
        help="Empty: for the complaints of all companies.",
    )
    description = fields.Text(translate=True)

    # Conditions, the most specific first
    by_agreement = fields.Boolean(
        string="By Agreement Only",
        help="Only for complaints under an agreement that names this policy.",
    )
    agreement_ids = fields.One2many(
        comodel_name='scp.agreement', inverse_name='policy_id', string="Agreements",
        # who reads agreements
        groups='crm_scp_core.group_scp_user,crm_scp_core.group_scp_quality,'
               'crm_scp_core.group_scp_auditor,account.group_account_invoice,'
               'account.group_account_readonly',
    )
    partner_ids = fields.Many2many(
        comodel_name='res.partner', string="Customers", check_company=True,
        domain="[('parent_id', '=', False)]",
    )
    grade_ids = fields.Many2many(comodel_name='scp.grade', string="Value Grades")
    category_ids = fields.Many2many(
        comodel_name='scp.complaint.category', string="Categories",
        help="With everything below them.",
    )
    severity = fields.Selection(selection=SEVERITIES)
    is_regulated = fields.Boolean(
        string="Regulated Complaints Only",
        help="Only for complaints to whose answer an authority sets a period.",
    )
    team_ids = fields.Many2many(
        comodel_name='scp.complaint.team', string="Teams", check_company=True,
    )

    use_grade_factor = fields.Boolean(
        string="Grades Shorten Targets", default=True,
        help="Multiply the targets by the factor of the customer's value grade. Statutory periods "
             "stay as they are.",
    )
    line_ids = fields.One2many(
        comodel_name='scp.sla.policy.line', inverse_name='policy_id', string="Clocks", copy=True,
    )
    condition_summary = fields.Char(string="Applies to", compute='_compute_condition_summary')

    # === COMPUTE METHODS ===#

    @api.depends(
        'by_agreement', 'partner_ids', 'grade_ids', 'category_ids', 'severity',
        'is_regulated', 'team_ids',
    )
    @api.depends_context('lang')
    def _compute_condition_summary(self):
        severities = dict(self._fields['severity']._description_selection(self.env))
        for policy in self:
            parts = [
                self.env._("by agreement") if policy.by_agreement else '',
                *policy.partner_ids.mapped('display_name'),
                *(self.env._("grade %(grade)s", grade=grade.name) for grade in policy.grade_ids),
                *policy.category_ids.mapped('display_name'),
                severities.get(policy.severity, ''),
                self.env._("regulated") if policy.is_regulated else '',
                *policy.team_ids.mapped('display_name'),
            ]
            policy.condition_summary = ", ".join(filter(None, parts)) or self.env._("every complaint")

    # === CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        policies = super().create(vals_list)
        policies._on_rules_change()
        return policies

    def write(self, vals):
        result = super().write(vals)
        self._on_rules_change()
        return result

    def unlink(self):
        result = super().unlink()
        self._on_rules_change()
        return result

    # === ACTIONS ===#

    def action_preview(self):
        """Ask which policy a complaint would get."""
        return self.env['ir.actions.act_window']._for_xml_id('crm_scp_core.scp_sla_policy_preview_action')

    # === BUSINESS METHODS ===#

    @api.model
    def _on_rules_change(self):
        """Choose anew: at once for what comes, by the job for what is open."""
        self.env.registry.clear_cache('stable')
        self.env['scp.sla.clock']._mark_stale(SQL("TRUE"))

    @api.model
    @tools.ormcache('company_id', cache='stable')
    def _get_rules(self, company_id: int) -> tuple[PolicyRule, ...]:
        """Return the policies of a company as plain data."""
        # sudo: what a customer is promised must not depend on who writes his complaint down
        policies = self.sudo().search([('company_id', 'in', (company_id, False))])
        return tuple(policy._get_rule() for policy in policies)

    def _get_rule(self) -> PolicyRule:
        self.ensure_one()
        return PolicyRule(
            id=self.id,
            sequence=self.sequence,
            by_agreement=self.by_agreement,
            partner_ids=frozenset(self.partner_ids.commercial_partner_id.ids),
            grade_ids=frozenset(self.grade_ids.ids),
            category_ids=frozenset(self.category_ids.ids),
            severity=self.severity or None,
            team_ids=frozenset(self.team_ids.ids),
            regulated=self.is_regulated,
            use_grade_factor=self.use_grade_factor,
            lines=tuple(line._get_rule() for line in self.line_ids),
        )

    @api.model
    def _choose_lines(self, company_id: int, facts: CaseFacts):
        """Return {(kind, statutory): (policy rule, line rule)} for a complaint."""
        return choose_lines(self._get_rules(company_id), facts)

    @api.model
    def _explain_choice(self, rule: PolicyRule, facts: CaseFacts) -> str:
        """Return in words why a policy holds for a complaint."""
        made = get_conditions(rule, facts)
        labels = {
            'agreement': self.env._("the agreement names it"),
            'customer': self.env._("it is made for this customer"),
            'grade': self.env._("it is made for this value grade"),
            'category': self.env._("it is made for this category"),
            'severity': self.env._("it is made for this severity"),
            'regulated': self.env._("the complaint is regulated"),
            'team': self.env._("it is made for this team"),
        }
        reasons = [labels[name] for name in made]
        return ", ".join(reasons) or self.env._("it holds for every complaint")

    @api.model
    def _rank(self, company_id: int, facts: CaseFacts) -> list[PolicyRule]:
        """Return the policies that hold for a complaint, the one that wins first."""
        return rank_rules(self._get_rules(company_id), facts)

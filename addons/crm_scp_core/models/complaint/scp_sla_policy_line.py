from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare

from ..funnel.working_hours import HOUR
from .clock_rules import plan_days
from .policy_rules import LineRule

CLOCK_KINDS = [
    ('acknowledge', "Acknowledgement"),
    ('first_response', "First Response"),
    ('next_response', "Next Response"),
    ('containment', "Containment"),
    ('decision', "Decision"),
    ('resolution', "Resolution"),
    ('total_resolution', "Total Resolution"),
    ('customer_update', "Customer Update"),
    ('effectiveness', "Effectiveness Check"),
]


class ScpSlaPolicyLine(models.Model):
    """One promise of a policy: what is due within which time, and which time counts."""

    _name = 'scp.sla.policy.line'
    _description = "Clock Policy Line"
    _order = 'policy_id, statutory, id'
    _check_company_auto = True

    policy_id = fields.Many2one(
        comodel_name='scp.sla.policy', required=True, index=True, ondelete='cascade', check_company=True,
    )
    company_id = fields.Many2one(related='policy_id.company_id', store=True)
    kind = fields.Selection(
        selection=CLOCK_KINDS,
        string="What Is Due",
        required=True,
        help="Acknowledgement: the customer knows that we know.\n"
             "First response: somebody has answered or called, not a machine.\n"
             "Next response: an answer to each further message of the customer.\n"
             "Containment: no further harm can be done.\n"
             "Decision: the customer has been told what we will do.\n"
             "Resolution: it has been done; a reopened complaint starts a clock of its own.\n"
             "Total resolution: the same over all reopenings.\n"
             "Customer update: some news for the customer, again and again.\n"
             "Effectiveness check: corrective actions were seen to work.",
    )
    target = fields.Float(string="Within", required=True, aggregator=None)
    target_unit = fields.Selection(
        selection=[
            ('hour', "Hours"),
            ('day', "Working Days"),
            ('calendar_day', "Calendar Days"),
        ],
        string="Unit", required=True, default='hour',
        help="A working day is as many hours as an average day of the working hours has, 24 around "
             "the clock. Statutory periods count whole days: the day of receipt does not count, "
             "the last one counts to its end.",
    )
    time_basis = fields.Selection(
        selection=[
            ('company', "Working Hours of the Company"),
            ('calendar', "Other Working Hours"),
            ('always', "Around the Clock"),
        ],
        string="In", required=True, default='company',
    )
    calendar_id = fields.Many2one(
        comodel_name='resource.calendar', string="Working Hours", check_company=True,
        index='btree_not_null', ondelete='restrict',
        domain="[('flexible_hours', '=', False)]",
    )
    pausable = fields.Boolean(
        help="The clock stands while we wait for the customer or for somebody else.",
    )
    statutory = fields.Boolean(
        help="A period set by law. It never pauses, is shown apart, and no other target of the "
             "same kind may be longer.",
    )
    holding_target = fields.Integer(
        string="With Holding Reply", aggregator=None,
        help="Days to which the period extends once the customer has been told why the answer "
             "takes longer, and until when. 0: it does not extend.",
    )

    _target_positive = models.Constraint(
        'CHECK (target > 0)', "A clock needs more than no time.",
    )
    _kind_uniq = models.UniqueIndex(
        '(policy_id, kind, statutory)', "A policy has one line for each kind of clock.",
    )

    # === COMPUTE METHODS ===#

    @api.depends('kind', 'target', 'target_unit')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.kind and f'{line._get_kind_label()}: {line._format_target()}'

    # === CONSTRAINT METHODS ===#

    @api.constrains('statutory', 'pausable', 'target', 'target_unit', 'holding_target')
    def _check_statutory(self):
        for line in self:
            names = {'policy': line.policy_id.name, 'kind': line._get_kind_label()}
            if line.statutory and line.pausable:
                raise ValidationError(self.env._(
                    "%(policy)s, %(kind)s: a statutory clock never pauses. Untick “Pausable”.", **names,
                ))
            if line.statutory and (line.target_unit == 'hour' or line.target % 1):
                raise ValidationError(self.env._(
                    "%(policy)s, %(kind)s: “Within” of a statutory clock is a number of whole working "
                    "days or calendar days.", **names,
                ))
            if line.target_unit == 'calendar_day' and not line.statutory:
                raise ValidationError(self.env._(
                    "%(policy)s, %(kind)s: only statutory clocks count calendar days. Choose hours "
                    "around the clock.", **names,
                ))
            if line.holding_target and not (line.statutory and line.holding_target > line.target):
                raise ValidationError(self.env._(
                    "%(policy)s, %(kind)s: “With Holding Reply” extends a statutory clock, and must "
                    "be longer than “Within”.", **names,
                ))

    @api.constrains('time_basis', 'calendar_id', 'target', 'target_unit', 'statutory')
    def _check_calendar(self):
        """A deadline that cannot be worked out is an error, never "no deadline"."""
        for line in self:
            if line.time_basis == 'calendar' and not line.calendar_id:
                raise ValidationError(self.env._(
                    "%(policy)s, %(kind)s: choose the working hours.",
                    policy=line.policy_id.name, kind=line._get_kind_label(),
                ))
            # whoever may write a policy may be told of the working hours it depends on
            for company in line.policy_id.company_id or self.env.companies:
                line._check_plan(company)

    def _check_plan(self, company):
        self.ensure_one()
        rule = self._get_rule()
        # sudo: the plan does not depend on who looks at it
        calendar = self.env['resource.calendar'].browse(self._get_calendar_id(rule, company.id)).sudo()
        problem = calendar._get_scp_problem(company.id)
        values = {
            'policy': self.policy_id.name, 'kind': self._get_kind_label(), 'calendar': calendar.name,
        }
        if problem == 'flexible':
            raise ValidationError(self.env._(
                "%(policy)s, %(kind)s: the working hours “%(calendar)s” are flexible, so nobody can "
                "say when a clock runs. Choose fixed working hours.", **values,
            ))
        if problem == 'empty':
            raise ValidationError(self.env._(
                "%(policy)s, %(kind)s: the working hours “%(calendar)s” have no hours, so the clock "
                "would never run. Add working time, or choose other working hours.", **values,
            ))
        if not self._get_target_seconds(rule, company.id, fields.Datetime.now()):
            raise ValidationError(self.env._(
                "%(policy)s, %(kind)s: “Within” is too long, there are not so many days in the "
                "next five years.", **values,
            ))

    # === CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.policy_id._on_rules_change()
        return lines

    def write(self, vals):
        result = super().write(vals)
        self.policy_id._on_rules_change()
        return result

    def unlink(self):
        policies = self.policy_id
        result = super().unlink()
        policies._on_rules_change()
        return result

    # === BUSINESS METHODS ===#

    def _get_kind_label(self) -> str:
        return dict(self._fields['kind']._description_selection(self.env))[self.kind]

    def _get_rule(self) -> LineRule:
        self.ensure_one()
        return LineRule(
            id=self.id,
            kind=self.kind,
            target=self.target,
            target_unit=self.target_unit,
            time_basis=self.time_basis,
            calendar_id=self.calendar_id.id or None,
            pausable=self.pausable,
            statutory=self.statutory,
            holding_target=self.holding_target,
        )

    @api.model
    def _get_calendar_id(self, rule: LineRule, company_id: int) -> int | None:
        """Return the calendar in which the clock of a line runs; None is around the clock."""
        if rule.time_basis == 'calendar':
            return rule.calendar_id
        if rule.time_basis == 'company':
            return self.env['res.company']._get_scp_frame(company_id).calendar_id or None
        return None

    @api.model
    def _get_target_seconds(
        self, rule: LineRule, company_id: int, start: datetime, factor: float = 1, extended: bool = False,
    ) -> int | None:
        """Return the time a line gives, in seconds that count.

        Statutory time is counted around the clock, up to the end of a day. None where the
        calendar does not hold so much time.

        :param factor: of the grade; the law knows none
        :param extended: whether a holding reply was sent
        """
        if rule.statutory:
            deadline = self._get_deadline(rule, company_id, start, extended)
            return deadline and int((deadline - start).total_seconds())
        calendar = self.env['resource.calendar'].browse(self._get_calendar_id(rule, company_id) or ())
        hours = calendar._get_scp_hours(company_id)
        seconds = round(
            rule.target * factor * (HOUR if rule.target_unit == 'hour' else hours.day_seconds))
        return seconds if seconds and hours.plan(start, seconds) else None

    @api.model
    def _get_deadline(
        self, rule: LineRule, company_id: int, start: datetime, extended: bool = False,
    ) -> datetime | None:
        """Return the end of a statutory period that began at ``start``."""
        calendar = self.env['resource.calendar'].browse(self._get_calendar_id(rule, company_id) or ())
        days = rule.holding_target if extended and rule.holding_target else int(rule.target)
        # sudo: a time zone is no secret
        tz = calendar.sudo().tz or self.env['res.company']._get_scp_frame(company_id).tz
        if calendar and rule.target_unit == 'day':
            hours = calendar._get_scp_hours(company_id)
            return plan_days(start, days, tz, lambda day: hours.has_work(day, tz))
        return plan_days(start, days, tz)

    def _format_target(self) -> str:
        self.ensure_one()
        number = int(self.target) if not float_compare(self.target % 1, 0, 6) else round(self.target, 2)
        unit = dict(self._fields['target_unit']._description_selection(self.env))[self.target_unit]
        return f'{number} {unit.lower()}'

from datetime import datetime
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..funnel.working_hours import HOUR, Hours, RoundTheClock
from .clock_rules import WARN_SHARE, get_consumed, plan_share
from .policy_rules import Terms
from .scp_sla_policy_line import CLOCK_KINDS

CLOCK_STATES = [
    ('running', "Running"),
    ('paused', "Paused"),
    ('met', "Met"),
    ('missed', "Missed"),
    ('cancelled', "Cancelled"),
]


class ScpSlaClock(models.Model):
    """One promise to a customer and how much of its time is used.

    A clock has a target and the time it has consumed, both in hours that count. While it runs it
    has `last_resume_at`; the deadline follows from that moment and what is left. A pause adds what
    ran to `consumed_h`, so nothing that stood still is ever counted. Missed stays missed: the clock
    runs on, but only to tell how late it was.

    Nobody writes clocks: complaints keep them in line with what happened (`_sync_clocks`), the job
    fires what time alone makes due.
    """

    _name = 'scp.sla.clock'
    _description = "Clock"
    _order = 'deadline, id'

    complaint_id = fields.Many2one(
        comodel_name='scp.complaint', required=True, readonly=True, index=True, ondelete='cascade',
    )
    # Stored for security rules
    company_id = fields.Many2one(
        comodel_name='res.company', required=True, readonly=True, index=True,
    )
    kind = fields.Selection(CLOCK_KINDS, string="Clock", required=True, readonly=True)
    statutory = fields.Boolean(readonly=True, help="A period set by law.")
    cycle = fields.Integer(
        readonly=True, aggregator=None, help="Reopening: 1 until the complaint was first reopened.",
    )
    policy_id = fields.Many2one(
        comodel_name='scp.sla.policy', readonly=True, index='btree_not_null', ondelete='restrict',
    )
    policy_line_id = fields.Many2one(
        comodel_name='scp.sla.policy.line', readonly=True, index='btree_not_null', ondelete='set null',
    )
    policy_reason = fields.Char(
        string="Why This Policy", compute='_compute_policy_reason',
    )
    calendar_id = fields.Many2one(
        comodel_name='resource.calendar', string="Working Hours", readonly=True, ondelete='restrict',
        index='btree_not_null',
        help="The time that counts. Empty: around the clock. Of a statutory clock: which days count.",
    )
    pausable = fields.Boolean(readonly=True)

    start_at = fields.Datetime(string="Started", required=True, readonly=True)
    target_h = fields.Float(
        string="Target (Hours)", readonly=True, aggregator='avg', help="In hours that count.",
    )
    consumed_h = fields.Float(
        string="Used Before (Hours)", readonly=True, aggregator=None,
        help="Hours that counted up to the moment the clock last stood or was planned.",
    )
    last_resume_at = fields.Datetime(
        string="Running Since", readonly=True, help="Empty: it stands.",
    )
    deadline = fields.Datetime(
        readonly=True, help="Of a paused clock: as it was when it began to stand.",
    )
    warn_at = fields.Datetime(
        string="Warn From", readonly=True, help="When three quarters of the time are used.",
    )
    state = fields.Selection(CLOCK_STATES, required=True, readonly=True, default='running')
    met_at = fields.Datetime(string="Met On", readonly=True)
    breached_at = fields.Datetime(string="Missed Since", readonly=True)
    late_by_h = fields.Float(
        string="Late by (Hours)", readonly=True, aggregator='avg',
        help="Hours that counted beyond the target, once a missed clock has ended.",
    )
    ended_at = fields.Datetime(string="Ended", readonly=True, help="Met or cancelled. Empty: open.")
    cancel_reason = fields.Char(readonly=True)
    replaces_id = fields.Many2one(
        comodel_name='scp.sla.clock', readonly=True, index='btree_not_null', ondelete='set null',
        help="The clock whose used time this one took over.",
    )
    holding_at = fields.Datetime(
        string="Holding Reply", readonly=True,
        help="When the customer was told why the answer takes longer, and until when.",
    )
    is_fallback = fields.Boolean(
        string="No Working Hours", readonly=True,
        help="The working hours of the policy held no time when the clock was planned, so it "
             "counts around the clock.",
    )
    escalated_percent = fields.Integer(
        string="Escalated to (%)", readonly=True, aggregator=None,
        help="The last step of the escalation ladder that was taken.",
    )
    next_event_at = fields.Datetime(
        string="Due for the Job", readonly=True,
        help="When time alone makes the next thing happen: the miss, or a step of the ladder.",
    )
    stale = fields.Boolean(
        readonly=True, help="A policy or working hours changed: the job plans the clock again.",
    )
    event_ids = fields.One2many('scp.sla.event', 'clock_id', string="History")

    # How it looks now
    used_h = fields.Float(
        string="Used (Hours)", compute='_compute_progress', aggregator=None,
        help="Hours that have counted up to now.",
    )
    remaining_h = fields.Float(
        string="Left (Hours)", compute='_compute_progress', aggregator=None,
        help="Hours that count until the target; negative when it was passed.",
    )
    chip = fields.Json(compute='_compute_chip')

    # Of the complaint, searched and grouped there
    number = fields.Char(related='complaint_id.number')
    partner_id = fields.Many2one(related='complaint_id.partner_id', string="Customer")
    user_id = fields.Many2one(related='complaint_id.user_id', string="Owner")
    team_id = fields.Many2one(related='complaint_id.team_id', string="Team")
    severity = fields.Selection(related='complaint_id.severity')
    category_id = fields.Many2one(related='complaint_id.category_id')

    # A complaint has one open clock of a kind, and a statutory one beside it; finds the open ones.
    _open_uniq = models.UniqueIndex(
        '(complaint_id, kind, statutory) WHERE ended_at IS NULL',
        "This clock runs already.",
    )
    # The job: what is due. Ended and standing clocks are not in it, so it does not grow with them.
    _due_idx = models.Index('(next_event_at, id) WHERE next_event_at IS NOT NULL')
    # The job: what has to be planned again.
    _stale_idx = models.Index('(complaint_id) WHERE stale IS TRUE')
    # My day and the list of open clocks, the next deadline first.
    _open_deadline_idx = models.Index('(deadline, id) WHERE ended_at IS NULL')

    # === COMPUTE METHODS ===#

    @api.depends('complaint_id', 'kind')
    def _compute_display_name(self):
        kinds = dict(self._fields['kind']._description_selection(self.env))
        for clock in self:
            clock.display_name = f'{clock.complaint_id.number} {kinds.get(clock.kind, "")}'

    @api.depends('policy_id', 'complaint_id')
    @api.depends_context('lang')
    def _compute_policy_reason(self):
        Policy = self.env['scp.sla.policy']
        for clock in self:
            complaint = clock.complaint_id.sudo()  # sudo: the reason is for whoever sees the clock
            rule = next((
                rule for rule in Policy._get_rules(clock.company_id.id) if rule.id == clock.policy_id.id
            ), None)
            clock.policy_reason = rule and Policy._explain_choice(rule, complaint._get_clock_facts())

    @api.depends('consumed_h', 'last_resume_at', 'target_h', 'calendar_id', 'ended_at')
    def _compute_progress(self):
        now = self._get_now()
        for clock in self:
            used = clock._get_consumed(now)
            clock.used_h = used / HOUR
            clock.remaining_h = clock.target_h - clock.used_h

    @api.depends('state', 'deadline', 'target_h', 'consumed_h', 'last_resume_at', 'ended_at')
    @api.depends_context('lang', 'tz')
    def _compute_chip(self):
        for clock in self:
            clock.chip = clock._prepare_chip()

    # === ACTIONS ===#

    @api.readonly
    def action_open_complaint(self):
        self.ensure_one()
        return self.complaint_id._get_records_action()

    def action_holding_reply(self):
        """Write to the customer why the answer takes longer."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id(
                'crm_scp_core.scp_sla_holding_reply_action'),
            'context': {'default_clock_id': self.id},
        }

    # === BUSINESS METHODS: READING ===#

    @api.model
    def _get_now(self) -> datetime:
        """Return the moment that counts as now, in whole seconds like all moments of clocks."""
        return fields.Datetime.now()

    @api.model
    def _get_open_domain(self) -> Domain:
        return Domain('ended_at', '=', False)

    @api.model
    def _get_missed_domain(self) -> Domain:
        """Open clocks that were missed, whether the job has noticed or not."""
        return self._get_open_domain() & (
            Domain('state', '=', 'missed')
            | Domain([('state', '=', 'running'), ('deadline', '<', self._get_now())])
        )

    @api.model
    def _get_warning_domain(self) -> Domain:
        """Open clocks that run out, or have."""
        return self._get_open_domain() & (
            Domain('state', '=', 'missed')
            | Domain([('state', '=', 'running'), ('warn_at', '<=', self._get_now())])
        )

    def _get_hours(self) -> Hours:
        """Return the time that counts for this clock."""
        self.ensure_one()
        if self.statutory or self.is_fallback:
            return RoundTheClock()
        return self.calendar_id._get_scp_hours(self.company_id.id)

    def _get_consumed(self, moment: datetime) -> int:
        """Return the seconds that had counted at a moment."""
        return round(get_consumed(
            self._get_hours(), round(self.consumed_h * HOUR), self.last_resume_at or None, moment,
        ))

    def _get_target(self) -> int:
        """Return the target in seconds."""
        return round(self.target_h * HOUR)

    # === BUSINESS METHODS: WHAT HAPPENS TO A CLOCK ===#
    # Each takes one clock at a moment, writes it, and returns the rows of its history.

    def _start(self) -> list[dict]:
        """Plan a clock that was just created, running or paused."""
        if self.last_resume_at:
            self._plan()
        return [self._prepare_event('start', self.last_resume_at or self._get_now())]

    def _catch_up(self, now: datetime) -> list[dict]:
        """Note that a deadline has passed, as of that moment."""
        if self.state != 'running' or not self.deadline:
            return []
        # given less time than it had run already: late from the start
        used_up = round(self.consumed_h * HOUR) >= self._get_target()
        if not (used_up or self.deadline < now):
            return []
        self.write({'state': 'missed', 'breached_at': self.deadline})
        self._plan_next_event()
        return [self._prepare_event('missed', self.deadline, user_id=None)]

    def _pause(self, moment: datetime, reason=None) -> list[dict]:
        self.write({
            'consumed_h': self._get_consumed(moment) / HOUR,
            'last_resume_at': False,
            'next_event_at': False,
            'state': 'paused' if self.state == 'running' else self.state,
        })
        return [self._prepare_event('pause', moment, reason=reason)]

    def _resume(self, moment: datetime) -> list[dict]:
        self.write({
            'last_resume_at': moment,
            'state': 'running' if self.state == 'paused' else self.state,
        })
        self._plan()
        return [self._prepare_event('resume', moment)]

    def _finish(self, moment: datetime) -> list[dict]:
        """What was due has been done: in time, or late for good."""
        consumed = self._get_consumed(moment)
        missed = self.state == 'missed'
        self.write({
            'state': 'missed' if missed else 'met',
            'met_at': moment,
            'late_by_h': max(consumed - self._get_target(), 0) / HOUR if missed else 0,
            **self._prepare_end_values(moment, consumed),
        })
        return [self._prepare_event('met', moment)]

    def _cancel(self, moment: datetime, reason: str) -> list[dict]:
        """Nothing is due any more. A clock that was missed stays so."""
        consumed = self._get_consumed(moment)
        missed = self.state == 'missed'
        self.write({
            'state': 'missed' if missed else 'cancelled',
            'cancel_reason': reason,
            'late_by_h': max(consumed - self._get_target(), 0) / HOUR if missed else 0,
            **self._prepare_end_values(moment, consumed),
        })
        return [self._prepare_event('cancel', moment, reason=reason)]

    def _replan(self, moment: datetime, reason: str) -> list[dict]:
        """Working hours changed: what has counted stays, what is left is planned anew."""
        if not self.last_resume_at:
            return []
        before = self.deadline
        self._plan()
        return [self._prepare_event('replan', moment, reason=reason)] if self.deadline != before else []

    def _move_start(self, start: datetime) -> list[dict]:
        """The beginning was corrected: what counts between the two moments is added or taken off."""
        hours = self._get_hours()
        moved = hours.count(start, self.start_at) - hours.count(self.start_at, start)
        consumed = max(round(self.consumed_h * HOUR) + moved, 0)
        if self.last_resume_at == self.start_at:
            values = {'last_resume_at': start}
        else:
            values = {'consumed_h': consumed / HOUR}
        self.write({'start_at': start, **values})
        if self.last_resume_at:
            self._plan()
        return [self._prepare_event(
            'replan', self._get_now(), reason=self.env._("The time of receipt was corrected."),
        )]

    def _get_extended_deadline(self) -> datetime | bool:
        """Return until when a holding reply extends the clock, False if it does not."""
        rule = self.policy_line_id.sudo()  # sudo: what the law gives is no secret
        if not (self.statutory and rule.holding_target):
            return False
        return rule._get_deadline(
            rule._get_rule(), self.company_id.id, self.start_at, extended=True) or False

    def _check_extendable(self):
        kind = dict(self._fields['kind']._description_selection(self.env))[self.kind]
        names = {'clock': kind, 'number': self.complaint_id.number}
        if not self._get_extended_deadline():
            raise UserError(self.env._(
                "%(clock)s of complaint %(number)s: the law knows no longer period for it.", **names))
        if self.ended_at or self.holding_at:
            raise UserError(self.env._(
                "%(clock)s of complaint %(number)s has ended or was extended before.", **names))
        if self.state == 'missed' or self.deadline < self._get_now():
            raise UserError(self.env._(
                "%(clock)s of complaint %(number)s was missed: a holding reply comes too late.", **names))

    def _extend_by_reply(self):
        """Give a statutory clock its longer period, once and before it is missed."""
        self._check_extendable()
        now = self._get_now()
        seconds = (self._get_extended_deadline() - self.start_at).total_seconds()
        self.write({'target_h': seconds / HOUR, 'holding_at': now})
        self._plan()
        self.env['scp.sla.event']._append([
            self._prepare_event('extend', now, reason=self.env._("A holding reply was sent.")),
        ])

    def _get_terms(self) -> Terms:
        """Return what the clock was given, to be compared with what it should have."""
        return Terms(self.target_h, self.calendar_id.id, self.pausable, self.is_fallback)

    def _prepare_heir(self, consumed: int) -> dict[str, Any]:
        """Return the values of a clock that goes on with the time this one has used.

        Nobody is told a second time of a step that was taken.
        """
        return {
            'consumed_h': consumed / HOUR,
            'escalated_percent': self.escalated_percent,
            'holding_at': self.holding_at,
            'replaces_id': self.id,
        }

    def _prepare_end_values(self, moment: datetime, consumed: int) -> dict[str, Any]:
        return {
            'ended_at': moment,
            'consumed_h': consumed / HOUR,
            'last_resume_at': False,
            'next_event_at': False,
            'stale': False,
        }

    # === BUSINESS METHODS: PLANNING ===#

    def _plan(self):
        """Work out the moments of a clock that runs, from what is left of its time."""
        deadline = self._plan_share()
        if deadline is None:
            # checked when the policy was saved, but holidays may have come since: whoever waits
            # is never worse off, and the chip says what is wrong
            self.is_fallback = True
            deadline = self._plan_share()
        values = {'stale': False}
        if self.state != 'missed':
            values.update(deadline=deadline, warn_at=self._plan_share(WARN_SHARE))
        self.write(values)
        self._plan_next_event()

    def _plan_share(self, share: float = 1) -> datetime | None:
        return plan_share(
            self._get_hours(), self._get_target(), round(self.consumed_h * HOUR),
            self.last_resume_at, share,
        )

    def _plan_next_event(self):
        """Tell the job when time alone makes something happen to this clock."""
        moments = [self.deadline] if self.state == 'running' else []
        if self.last_resume_at and (level := self._get_next_level()):
            moments.append(self._plan_level(level))
        self.next_event_at = min((moment for moment in moments if moment), default=False)

    # === BUSINESS METHODS: HISTORY ===#

    def _prepare_event(self, event_type: str, moment: datetime, **values) -> dict[str, Any]:
        """Return a row of the history of one clock, as it stands now."""
        self.ensure_one()
        return {
            'clock_id': self.id,
            'complaint_id': self.complaint_id.id,
            'company_id': self.company_id.id,
            'kind': self.kind,
            'statutory': self.statutory,
            'date': moment,
            'event_type': event_type,
            'user_id': self.env.uid,
            'consumed_h': self._get_consumed(moment) / HOUR,
            'target_h': self.target_h,
            'deadline': self.deadline or None,
            **values,
        }

    def _get_most_urgent(self):
        """Return the open clock that runs out first; those that stand come last."""
        return self.sorted(
            lambda clock: (not clock.last_resume_at, clock.deadline or datetime.max, clock.id))[:1]

    def _close_activities(self):
        """Take back what the ladder asked for, where nothing is due any more."""
        complaints = self.filtered('escalated_percent').complaint_id
        complaints -= complaints.clock_ids.filtered(
            lambda clock: not clock.ended_at and clock.escalated_percent).complaint_id
        if complaints:
            complaints.activity_unlink(['crm_scp_core.mail_activity_type_scp_clock'])

    # === BUSINESS METHODS: CHANGES OF POLICIES AND WORKING HOURS ===#

    @api.model
    def _mark_stale(self, condition: SQL):
        """Let the job plan open clocks again, as soon as it can.

        :param condition: selects rows of `clock` (scp_sla_clock)
        """
        self.flush_model()
        marked = self.env.execute_query(SQL(
            """
            UPDATE scp_sla_clock clock
               SET stale = TRUE
             WHERE ended_at IS NULL AND NOT COALESCE(stale, FALSE) AND %s
         RETURNING id
            """,
            condition,
        ))
        if marked:
            self.invalidate_model(['stale'], flush=False)
            # sudo: who changes a policy may not start jobs
            self.env.ref('crm_scp_core.ir_cron_scp_sla_clock').sudo()._trigger()

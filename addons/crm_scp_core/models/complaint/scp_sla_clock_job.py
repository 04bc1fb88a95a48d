import logging
from datetime import datetime
from typing import Any

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain

from ..funnel.working_hours import HOUR
from .clock_rules import plan_share
from .scp_escalation_level import Step

_logger = logging.getLogger(__name__)

# Clocks per transaction of the job: about a second of work
JOB_BATCH_SIZE = 200

#: from whom to whom a step goes on when there is nobody, or the person complained of
FALLBACK = ('director', 'manager', 'leader', 'owner')


class ScpSlaClock(models.Model):
    """What time alone makes happen to clocks: they are missed, and the ladder is climbed."""

    _inherit = 'scp.sla.clock'

    # === BUSINESS METHODS: THE JOB ===#

    @api.model
    def _cron_fire(self):
        """Plan again what policies and working hours changed, then fire what is due.

        Looks only at rows of two partial indexes, so its cost does not depend on how many clocks
        have ended. Clocks somebody is just writing are left to the next run.
        """
        for domain, order, method in (
            (Domain('stale', '=', True), 'complaint_id, id', self._refresh_stale),
            (Domain('next_event_at', '<=', self._get_now()), 'next_event_at, id', self._fire),
        ):
            remaining = self.search_count(domain)
            self.env['ir.cron']._commit_progress(remaining=remaining)
            seen = set()
            while clocks := self.search(
                domain & Domain('id', 'not in', seen), order=order, limit=JOB_BATCH_SIZE,
            ):
                seen.update(clocks.ids)
                locked = clocks.try_lock_for_update(allow_referencing=True)
                method(locked)
                remaining = max(remaining - len(clocks), 0)
                if not self.env['ir.cron']._commit_progress(len(clocks), remaining=remaining):
                    return
                self.env.invalidate_all()

    @api.model
    def _refresh_stale(self, clocks):
        """Choose and plan clocks again after a change of policies or working hours."""
        now = self._get_now()
        clocks.complaint_id._sync_clocks(self.env._("The policy was changed."))
        rows = []
        for clock in clocks.filtered(lambda clock: not clock.ended_at):
            rows += clock._replan(now, self.env._("Working hours or policy were changed."))
        clocks.stale = False
        self.env['scp.sla.event']._append(rows)

    @api.model
    def _fire(self, clocks):
        """Let everything happen to clocks that is due by now, each thing once."""
        now = self._get_now()
        rows, steps = [], []
        for clock in clocks:
            rows += clock._catch_up(now)
            while (step := clock._get_next_level()) and clock._get_step_moment(step, now) <= now:
                recipient = clock._get_recipient(step.recipient)
                clock.escalated_percent = step.percent
                steps.append((clock, step, recipient))
                rows.append(clock._prepare_event(
                    'escalate', now, user_id=None, percent=step.percent,
                    recipient_id=recipient.id or None,
                ))
            clock._plan_next_event()
        self.env['scp.sla.event']._append(rows)
        self._create_activities(steps)

    # === BUSINESS METHODS: THE LADDER ===#

    def _get_next_level(self) -> Step | None:
        """Return the step of the ladder that comes next, None at its end or without a ladder."""
        # sudo: a setting of the company, whoever makes the clock move
        if not self.company_id.sudo().scp_escalation_active:
            return None
        ladder = self.env['scp.escalation.level']._get_ladder()
        return next((step for step in ladder if step.percent > self.escalated_percent), None)

    def _plan_level(self, step: Step) -> datetime | None:
        return self._get_step_moment(step, self.last_resume_at)

    def _get_step_moment(self, step: Step, now: datetime) -> datetime:
        """Return when a step is due, not before ``now`` if people are to be told at work only.

        Only the severest complaints ring at night.
        """
        moment = plan_share(
            self._get_hours(), self._get_target(), round(self.consumed_h * HOUR),
            self.last_resume_at, step.percent / 100,
        )
        if not moment or not self.last_resume_at:
            return datetime.max
        if self.complaint_id.severity == 's1':
            return moment
        frame = self.env['res.company']._get_scp_frame(self.company_id.id)
        hours = self.env['resource.calendar'].browse(frame.calendar_id or ())._get_scp_hours(
            self.company_id.id)
        moment = max(moment, now)
        return hours.get_open(moment) or moment

    def _get_recipient(self, recipient: str):
        """Return who is told, empty if there is nobody.

        Never the person complained of, nor somebody who left.
        """
        complaint = self.complaint_id
        company = self.company_id.sudo()  # sudo: the job writes to whom the settings name
        people = {
            'owner': complaint.user_id,
            'leader': complaint.team_id.user_id,
            'manager': company.scp_complaint_manager_id,
            'director': company.scp_complaint_director_id,
        }
        for name in FALLBACK[FALLBACK.index(recipient):]:
            user = people[name]
            if user.active and user != complaint.accused_user_id:
                return user
        return complaint.user_id.browse()

    def _create_activities(self, steps):
        """Tell people by activities on the complaints, in one go and without mail.

        :param steps: [(clock, step, user)]
        """
        values = [
            self._prepare_activity(clock, step, user, candidates)
            for candidates in [self._get_reassign_candidates(steps)]
            for clock, step, user in steps if user
        ]
        if values:
            self.env['mail.activity'].with_context(
                mail_activity_quick_update=True, mail_create_nosubscribe=True,
            ).create(values)

    @api.model
    def _prepare_activity(self, clock, step: Step, user, candidates) -> dict[str, Any]:
        env = clock.with_context(lang=user.lang).env
        clock = clock.with_env(env)
        kind = dict(self.env['scp.sla.clock'].with_env(env)._fields['kind']._description_selection(env))[clock.kind]
        lines = [env._(
            "%(kind)s of complaint %(number)s was due within %(target)s hours (%(calendar)s); "
            "%(percent)s %% of them are used.",
            kind=kind, number=clock.complaint_id.number, target=round(clock.target_h, 1),
            calendar=clock._get_calendar_label(), percent=step.percent,
        )]
        if step.propose_reassign:
            if candidate := candidates.get(clock.complaint_id.id):
                lines.append(env._(
                    "Consider another owner: %(user)s has the fewest open complaints of the team.",
                    user=candidate.name,
                ))
        return {
            'res_model_id': self.env['ir.model']._get_id('scp.complaint'),
            'res_id': clock.complaint_id.id,
            'activity_type_id': self.env['ir.model.data']._xmlid_to_res_id(
                'crm_scp_core.mail_activity_type_scp_clock'),
            'summary': env._("%(kind)s: %(percent)s %% of the time used", kind=kind, percent=step.percent),
            'note': Markup("<p>%s</p>") % Markup("<br/>").join(lines),
            'date_deadline': fields.Date.context_today(clock.with_context(tz=user.tz)),
            'user_id': user.id,
            'automated': True,
        }

    @api.model
    def _get_reassign_candidates(self, steps) -> dict[int, Any]:
        """Return by complaint the member of its team with the fewest open ones, not its owner."""
        complaints = self.env['scp.complaint'].union(*(
            clock.complaint_id for clock, step, _user in steps if step.propose_reassign
        ))
        members = complaints.team_id.member_ids
        if not members:
            return {}
        load = dict(self.env['scp.complaint']._read_group(
            [('user_id', 'in', members.ids), ('state', 'in', complaints._get_open_states())],
            ['user_id'], ['__count'],
        ))
        candidates = {}
        for complaint in complaints:
            others = complaint.team_id.member_ids - complaint.user_id - complaint.accused_user_id
            if others:
                candidates[complaint.id] = min(others, key=lambda user: (load.get(user, 0), user.id))
        return candidates

from typing import Any

from odoo import models
from odoo.tools import format_datetime, formatLang

from ..funnel.working_hours import HOUR

STATE_STYLES = {
    'running': ('success', 'fa-clock-o'),
    'warning': ('warning', 'fa-hourglass-half'),
    'paused': ('muted', 'fa-pause'),
    'missed': ('danger', 'fa-exclamation-circle'),
    'met': ('success', 'fa-check'),
    'late': ('danger', 'fa-check'),
    'cancelled': ('muted', 'fa-ban'),
}


class ScpSlaClock(models.Model):
    """How a clock looks: what, how long, in whose time, standing or not."""

    _inherit = 'scp.sla.clock'

    def _prepare_chip(self) -> dict[str, Any]:
        """Return what the chip of a clock shows.

        :return: `id`, `kind`, `label`, `text` (how long), `calendar` (in whose time), `tone` and
            `icon`, `statutory`, `help` (the whole story in sentences)
        """
        self.ensure_one()
        tone, icon = STATE_STYLES[self._get_look()]
        return {
            'id': self.id,
            'kind': self.kind,
            'label': dict(self._fields['kind']._description_selection(self.env))[self.kind],
            'text': self._get_time_text(),
            'calendar': self._get_calendar_label(),
            'tone': tone,
            'icon': icon,
            'statutory': self.statutory,
            'help': "\n".join(self._get_help_lines()),
        }

    def _get_look(self) -> str:
        if self.state == 'missed' and self.met_at:
            return 'late'
        if self.state == 'running' and self.deadline:
            if self.deadline < self._get_now():
                return 'missed'
            if self.warn_at and self.warn_at <= self._get_now():
                return 'warning'
        return self.state

    def _get_time_text(self) -> str:
        duration = self._format_duration(abs(self.remaining_h))
        if self.state == 'cancelled':
            return self.env._("cancelled")
        if self.state == 'met':
            return self.env._("met")
        if self.state == 'missed' and self.ended_at:
            return self.env._("%(time)s late", time=self._format_duration(self.late_by_h))
        if self.state == 'paused':
            return self.env._("paused, %(time)s left", time=duration)
        if self._get_look() == 'missed':
            if self.remaining_h > -1 / 60:
                return self.env._("late")  # since working time ended
            return self.env._("%(time)s late", time=duration)
        return self.env._("%(time)s left", time=duration)

    def _format_duration(self, hours: float) -> str:
        """Return hours that count in the unit one would use for them."""
        day = self._get_hours().day_seconds / HOUR
        if hours < 1:
            return self.env._("%(minutes)s min", minutes=int(hours * 60))
        if hours < 2 * day or not day:
            return self.env._("%(hours)s h", hours=formatLang(self.env, hours, digits=1))
        days = formatLang(self.env, hours / day, digits=1)
        if day == 24:
            return self.env._("%(days)s d", days=days)
        return self.env._("%(days)s wd", days=days)

    def _get_calendar_label(self) -> str:
        if self.is_fallback or not self.calendar_id:
            return self.env._("24×7")
        # sudo: the name of working hours is no secret
        return self.calendar_id.sudo().name

    def _get_help_lines(self) -> list[str]:
        lines = []
        if self.deadline and not self.ended_at:
            deadline = format_datetime(self.env, self.deadline, dt_format='short')
            lines.append(
                self.env._("Stands still; was due on %(deadline)s when it began to.", deadline=deadline)
                if not self.last_resume_at else self.env._("Due on %(deadline)s.", deadline=deadline)
            )
        lines.append(self.env._(
            "%(used)s of %(target)s hours used (%(calendar)s).",
            used=formatLang(self.env, self.used_h, digits=1),
            target=formatLang(self.env, self.target_h, digits=1),
            calendar=self._get_calendar_label(),
        ))
        if self.statutory:
            lines.append(self.env._("Set by law: never pauses, counts whole days."))
        elif self.pausable:
            lines.append(self.env._(
                "Pauses while we wait for others; only time that would have counted is left out, so "
                "a pause over a holiday moves nothing."
            ))
        if self.is_fallback:
            # sudo: names of the calendar and the policy, for whoever sees the clock
            lines.append(self.env._(
                "The working hours “%(calendar)s” have no hours: correct them. Until then the clock "
                "counts around the clock.", calendar=self.calendar_id.sudo().name,
            ))
        if self.policy_id:
            # sudo: see above
            lines.append(self.env._("Policy: %(policy)s", policy=self.policy_id.sudo().name))
        return lines

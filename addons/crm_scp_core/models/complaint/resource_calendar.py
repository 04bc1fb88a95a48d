from odoo import models
from odoo.tools import SQL


class ResourceCalendar(models.Model):
    _inherit = 'resource.calendar'

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint({'attendance_ids', 'flexible_hours', 'schedule_type', 'tz'}):
            self._check_scp_policies()
        return result

    def _get_scp_problem(self, company_id: int) -> str | None:
        """Return why a clock cannot run in this calendar: 'flexible', 'empty' or None."""
        if not self:
            return None
        if self.flexible_hours:
            return 'flexible'
        if not self._get_scp_hours(company_id).get_open(self.env['scp.sla.clock']._get_now()):
            return 'empty'
        return None

    def _check_scp_policies(self):
        """Keep calendars that policies name fit for clocks."""
        # sudo: whoever changes working hours may not read policies, but must not break them
        lines = self.env['scp.sla.policy.line'].sudo().search([
            ('time_basis', '=', 'calendar'), ('calendar_id', 'in', self.ids),
        ])
        lines._check_calendar()

    def _on_scp_working_time_change(self):
        result = super()._on_scp_working_time_change()
        condition = SQL("calendar_id IN %s", tuple(self.ids)) if self else SQL("calendar_id IS NOT NULL")
        self.env['scp.sla.clock']._mark_stale(condition)
        return result

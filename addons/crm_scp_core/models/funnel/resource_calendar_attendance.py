from odoo import api, models


class ResourceCalendarAttendance(models.Model):
    _inherit = 'resource.calendar.attendance'

    # Working years are laid out once and kept: see resource.calendar._get_scp_worked_year
    @api.model_create_multi
    def create(self, vals_list):
        attendances = super().create(vals_list)
        attendances.calendar_id._on_scp_working_time_change()
        return attendances

    def write(self, vals):
        calendars = self.calendar_id
        result = super().write(vals)
        (calendars | self.calendar_id)._on_scp_working_time_change()
        return result

    def unlink(self):
        calendars = self.calendar_id
        result = super().unlink()
        if calendars:
            calendars._on_scp_working_time_change()
        return result

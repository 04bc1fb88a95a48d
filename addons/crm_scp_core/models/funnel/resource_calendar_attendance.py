from odoo import api, models


class ResourceCalendarAttendance(models.Model):
    _inherit = 'resource.calendar.attendance'

    # Working years are laid out once and kept: see resource.calendar._get_scp_worked_year
    @api.model_create_multi
    def create(self, vals_list):
        attendances = super().create(vals_list)
        self.env.registry.clear_cache('stable')
        return attendances

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache('stable')
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache('stable')
        return result

from odoo import api, models


class ResourceCalendarLeaves(models.Model):
    _inherit = 'resource.calendar.leaves'

    # Working years are laid out once and kept: see resource.calendar._get_scp_worked_year
    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._clear_scp_worked_years(leaves._has_public_holiday())
        return leaves

    def write(self, vals):
        was_public = self._has_public_holiday()
        result = super().write(vals)
        self._clear_scp_worked_years(was_public or self._has_public_holiday())
        return result

    def unlink(self):
        was_public = self._has_public_holiday()
        result = super().unlink()
        self._clear_scp_worked_years(was_public)
        return result

    def _has_public_holiday(self) -> bool:
        """Whether one of the leaves is everybody's.

        Leaves of single people are written every day and touch no working year.
        """
        return any(not leave.resource_id for leave in self)

    def _clear_scp_worked_years(self, has_public_holiday: bool):
        if has_public_holiday:
            self.env['resource.calendar']._on_scp_working_time_change()

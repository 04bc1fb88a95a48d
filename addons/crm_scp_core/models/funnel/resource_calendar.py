from datetime import datetime
from itertools import accumulate

from pytz import timezone, utc

from odoo import models, tools

from .working_hours import HOUR, Hours, RoundTheClock, WorkedYear, WorkingHours


class ResourceCalendar(models.Model):
    _inherit = 'resource.calendar'

    def write(self, vals):
        result = super().write(vals)
        self._on_scp_working_time_change()
        return result

    def _on_scp_working_time_change(self):
        """Forget the years laid out. To be extended.

        `self` are the calendars that changed, none where it may be any of them.
        """
        self.env.registry.clear_cache('stable')

    def _get_scp_hours(self, company_id: int) -> Hours:
        """Return the time that counts in this calendar, public holidays left out.

        Odoo's own ``get_work_hours_count`` and ``plan_hours`` walk through every day in between
        and read the calendar each time. Here a year of the calendar is laid out once and kept,
        so that a stretch of any length costs two look-ups.

        :param company_id: whose holidays count, beside those of all companies
        :return: every second, where there is no calendar
        """
        if not self:
            return RoundTheClock()
        return WorkingHours(
            lambda year: self._get_scp_worked_year(company_id, year),
            self._get_scp_day_seconds(),
        )

    def _get_scp_work_hours(self, start: datetime, end: datetime, company_id: int) -> float:
        """Return the working hours between two moments (naive, in UTC)."""
        self.ensure_one()
        return self._get_scp_hours(company_id).count(start, end) / HOUR

    @tools.ormcache('self.id', cache='stable')
    def _get_scp_day_seconds(self) -> int:
        """Return the length of an average working day."""
        # sudo: like the working time itself
        return round(self.sudo().hours_per_day * HOUR)

    @tools.ormcache('self.id', 'company_id', 'year', cache='stable')
    def _get_scp_worked_year(self, company_id: int, year: int) -> WorkedYear:
        """Lay out the working intervals of a year, leaves of single resources left out."""
        # sudo: working time must not depend on whose holidays the user may read
        intervals = self.sudo()._work_intervals_batch(
            utc.localize(datetime(year, 1, 1)),
            utc.localize(datetime(year + 1, 1, 1)),
            domain=[('time_type', '=', 'leave'), ('company_id', 'in', (False, company_id))],
            tz=timezone(self.tz),
        )[False]
        # to the second: Odoo ends a day at 24:00 a microsecond early
        bounds = [
            (round(start.timestamp()), round(stop.timestamp())) for start, stop, _records in intervals
        ]
        return WorkedYear(
            starts=tuple(start for start, _stop in bounds),
            ends=tuple(stop for _start, stop in bounds),
            worked=tuple(accumulate(stop - start for start, stop in bounds)),
        )

from bisect import bisect_right
from datetime import datetime
from itertools import accumulate
from typing import NamedTuple

from pytz import timezone, utc

from odoo import models, tools


class WorkedYear(NamedTuple):
    """Working intervals of a calendar within one year (UTC), in seconds since the epoch.

    ``worked`` holds the seconds of work up to the end of each interval.
    """

    starts: tuple[float, ...]
    ends: tuple[float, ...]
    worked: tuple[float, ...]

    def get_worked(self, moment: float) -> float:
        """Return the seconds of work from the start of the year to ``moment``."""
        index = bisect_right(self.starts, moment) - 1
        if index < 0:
            return 0.0
        return self.worked[index] - max(self.ends[index] - moment, 0.0)


class ResourceCalendar(models.Model):
    _inherit = 'resource.calendar'

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache('stable')
        return result

    def _get_scp_work_hours(self, start: datetime, end: datetime, company_id: int) -> float:
        """Return the working hours between two moments, public holidays left out.

        Odoo's own ``get_work_hours_count`` walks through every day in between and reads the
        calendar each time. Here a year of the calendar is laid out once and kept, so that a
        stay of any length costs two look-ups.

        :param start: naive, in UTC
        :param end: naive, in UTC, not before ``start``
        :param company_id: whose holidays count, beside those of all companies
        """
        self.ensure_one()
        first, last = utc.localize(start).timestamp(), utc.localize(end).timestamp()
        seconds = sum(
            year.get_worked(last) - year.get_worked(first)
            for year in (
                self._get_scp_worked_year(company_id, year)
                for year in range(start.year, end.year + 1)
            )
        )
        return seconds / 3600

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
        bounds = [(start.timestamp(), stop.timestamp()) for start, stop, _records in intervals]
        return WorkedYear(
            starts=tuple(start for start, _stop in bounds),
            ends=tuple(stop for _start, stop in bounds),
            worked=tuple(accumulate(stop - start for start, stop in bounds)),
        )

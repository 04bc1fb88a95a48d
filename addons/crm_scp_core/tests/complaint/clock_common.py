from contextlib import contextmanager
from datetime import datetime
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command

from odoo.addons.crm_scp_core.tests.common import ScpCommon


class ClockCommon(ScpCommon):
    """A company that works Monday to Friday, 8 to 12 and 13 to 17 o'clock in Paris.

    The only policies are those of the test. Monday, 2 March 2026 is where most tests begin; Paris
    is one hour ahead of UTC until 29 March, then two. All moments are in UTC.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.company.resource_calendar_id
        cls.calendar.write({
            'tz': 'Europe/Paris',
            'attendance_ids': [Command.clear(), *cls._prepare_week(((8, 12), (13, 17)))],
        })
        cls.env['scp.sla.policy'].search([]).active = False
        cls.env['scp.escalation.level'].search([]).active = False
        cls.env.flush_all()
        cls.partner = cls._create_partner("Mill Ltd.", company_id=cls.company.id)
        cls.category = cls.env['scp.complaint.category'].create({'name': "Test Fault"})
        cls.complaint_team = cls.env['scp.complaint.team'].create({
            'name': "Test Care", 'company_id': cls.company.id, 'user_id': cls.leader.id,
            'member_ids': [Command.set((cls.salesman | cls.mate).ids)],
        })

    @classmethod
    def _prepare_week(cls, spans, days=range(5)):
        return [
            Command.create({
                'name': f"Day {day}, from {start}", 'dayofweek': str(day),
                'hour_from': start, 'hour_to': stop, 'day_period': 'morning' if stop <= 12 else 'afternoon',
            })
            for day in days for start, stop in spans
        ]

    @classmethod
    def _create_policy(cls, *lines, **conditions):
        """A policy of lines (kind, target, unit, values)."""
        return cls.env['scp.sla.policy'].create({
            'name': "Test Policy",
            'company_id': cls.company.id,
            'line_ids': [
                Command.create({
                    'kind': kind, 'target': target, 'target_unit': unit, **(more[0] if more else {}),
                })
                for kind, target, unit, *more in lines
            ],
            **conditions,
        })

    @classmethod
    def _create_holiday(cls, start, end, **values):
        return cls.env['resource.calendar.leaves'].create({
            'name': "Holiday", 'calendar_id': cls.calendar.id, 'date_from': start, 'date_to': end,
            **values,
        })

    @contextmanager
    def at(self, moment):
        """Let the transaction believe it is `moment`, a text in UTC."""
        self.env.flush_all()
        moment = self.moment(moment)
        with (
            patch.object(fields.Datetime, 'now', staticmethod(lambda: moment)),
            patch.object(self.env.cr, 'now', lambda: moment),
        ):
            yield
            self.env.flush_all()

    @staticmethod
    def moment(text):
        return datetime.fromisoformat(text if len(text) > 16 else f'{text}:00')

    def _create_complaint(self, moment, **values):
        with self.at(moment):
            return self.env['scp.complaint'].create({
                'name': "Cracked valve",
                'company_id': self.company.id,
                'partner_id': self.partner.id,
                'received_at': self.moment(moment),
                'category_id': self.category.id,
                'severity': 's3',
                'team_id': self.complaint_team.id,
                'user_id': self.salesman.id,
                **values,
            })

    def write_at(self, complaint, moment, **values):
        with self.at(moment):
            complaint.write(values)

    def get_clocks(self, complaint, kind, statutory=False):
        return self.env['scp.sla.clock'].search([
            ('complaint_id', 'in', complaint.ids), ('kind', '=', kind),
            ('statutory', '=', statutory),
        ], order='id')

    def get_clock(self, complaint, kind='resolution', statutory=False):
        """The last clock of a kind."""
        return self.get_clocks(complaint, kind, statutory)[-1:]

    def get_events(self, clocks):
        return [
            (str(event.date), event.event_type)
            for event in self.env['scp.sla.event'].search(
                [('clock_id', 'in', clocks.ids)], order='date, id')
        ]

    def fire(self, moment):
        """What the job does, at a moment."""
        with self.at(moment):
            Clock = self.env['scp.sla.clock'].sudo()
            due = Clock.search([('next_event_at', '<=', Clock._get_now())], order='next_event_at, id')
            due._fire(due)

    def assertDeadline(self, clock, moment):
        self.assertEqual(str(clock.deadline), moment if len(moment) > 16 else f'{moment}:00')

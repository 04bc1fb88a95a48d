from odoo.tests import tagged

from .common import LeadLogCase


@tagged('post_install', '-at_install')
class TestLeadLogHours(LeadLogCase):
    """Working hours of stays, by hand: 8 to 12 and 13 to 17 o'clock in Paris."""

    def get_hours(self, start, stop):
        lead = self.create_lead(start)
        with self.at(stop):
            lead.stage_id = self.listed
        row = self.get_rows(lead)[-1]
        return row.stay_hours, row.stay_business_hours

    def test_within_a_day(self):
        # 10:30 to 14:15 in Paris, without lunch
        self.assertEqual(self.get_hours('2026-03-03 09:30:00', '2026-03-03 13:15:00'), (3.75, 2.75))

    def test_weekend(self):
        # Friday 16:00 to Monday 9:00 in Paris
        self.assertEqual(self.get_hours('2026-03-06 15:00:00', '2026-03-09 08:00:00'), (65, 2))

    def test_night(self):
        self.assertEqual(self.get_hours('2026-03-03 20:00:00', '2026-03-04 04:00:00'), (8, 0))

    def test_summer_time(self):
        # Clocks went forward on Sunday, 29 March. Friday 17:00 to Monday 9:00 in Paris: the hour
        # from 8:00 on is work; taken for winter time it would be 7:00 to 8:00, and none
        self.assertEqual(self.get_hours('2026-03-27 16:00:00', '2026-03-30 07:00:00'), (63, 1))

    def test_winter_time(self):
        # Clocks went back on Sunday, 25 October. Friday 17:00 to Monday 9:00 in Paris
        self.assertEqual(self.get_hours('2026-10-23 15:00:00', '2026-10-26 08:00:00'), (65, 1))

    def test_public_holiday(self):
        # Tuesday 8:00 to Thursday 12:00 in Paris, Wednesday is a holiday: 8 + 0 + 4
        self.env['resource.calendar.leaves'].create({
            'name': "Holiday",
            'calendar_id': self.calendar.id,
            'date_from': '2026-05-12 22:00:00',
            'date_to': '2026-05-13 22:00:00',
        })
        self.assertEqual(self.get_hours('2026-05-12 06:00:00', '2026-05-14 10:00:00'), (52, 12))

    def test_leave_of_a_person_is_no_holiday(self):
        resource = self.env['resource.resource'].create(
            {'name': "Person", 'calendar_id': self.calendar.id})
        self.env['resource.calendar.leaves'].create({
            'name': "At the sea",
            'calendar_id': self.calendar.id,
            'resource_id': resource.id,
            'date_from': '2026-05-12 22:00:00',
            'date_to': '2026-05-13 22:00:00',
        })
        self.assertEqual(self.get_hours('2026-05-12 06:00:00', '2026-05-14 10:00:00'), (52, 20))

    def test_holiday_of_another_company(self):
        other = self.env['res.company'].create({'name': "Elsewhere"})
        leave = self.env['resource.calendar.leaves'].with_company(other).create({
            'name': "Their holiday",
            'calendar_id': False,
            'date_from': '2026-05-12 22:00:00',
            'date_to': '2026-05-13 22:00:00',
        })
        self.assertEqual(leave.company_id, other)
        self.assertEqual(self.get_hours('2026-05-12 06:00:00', '2026-05-14 10:00:00'), (52, 20))

    def test_years(self):
        # Thursday, 31 December 2026, 8:00 to Monday, 4 January 2027, 17:00 in Paris: 8 + 8 + 8
        self.assertEqual(self.get_hours('2026-12-31 07:00:00', '2027-01-04 16:00:00'), (105, 24))

    def test_calendar_changes_at_once(self):
        self.assertEqual(self.get_hours('2026-03-03 07:00:00', '2026-03-04 07:00:00'), (24, 8))
        self.calendar.attendance_ids.filtered(lambda line: line.day_period == 'afternoon').unlink()
        self.assertEqual(self.get_hours('2026-03-03 07:00:00', '2026-03-04 07:00:00'), (24, 4))
        self.calendar.attendance_ids.hour_to = 11
        self.assertEqual(self.get_hours('2026-03-03 07:00:00', '2026-03-04 07:00:00'), (24, 3))

    def test_company_without_working_time(self):
        self.company.resource_calendar_id = False
        lead = self.create_lead('2026-03-03 07:00:00')
        with self.at('2026-03-04 07:00:00'):
            lead.stage_id = self.listed
        self.env.cr.execute(
            "SELECT stay_hours, stay_business_hours FROM scp_lead_log "
            "WHERE lead_ref = %s AND ends_stay", (lead.id,))
        self.assertEqual(self.env.cr.fetchone(), (24, None))

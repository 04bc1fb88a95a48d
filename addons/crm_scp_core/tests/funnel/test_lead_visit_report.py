from datetime import datetime, timedelta

from odoo.tests import tagged
from odoo.tools import mute_logger

from .funnel_common import FunnelCase


@tagged('post_install', '-at_install')
class TestLeadVisitReport(FunnelCase):
    """Every stay of a deal in a stage is a row, whatever became of the deal."""

    def get_visits(self, lead, day='07-01'):
        lead_id = lead if isinstance(lead, int) else lead.id
        with self.at(self.moment(day)):
            visits = self.env['scp.lead.visit.report'].search([('lead_ref', '=', lead_id)], order='date_in, id')
            visits.invalidate_recordset()
            visits.mapped('stay_hours')  # as of that day
            return visits

    def test_visits(self):
        lead = self.tell(
            ('03-02', self.need), ('03-03', self.listed), ('03-05', self.need), ('03-06', {'expected_revenue': 1500}),
            ('03-09', self.listed), ('03-10', 'lost'), ('03-20', 'restore'), ('03-23', 'won'))
        visits = self.get_visits(lead)
        self.assertEqual(visits.mapped('stage_name'), ["Need", "Listed", "Need", "Listed", "Listed"])
        self.assertEqual(visits.mapped('band'), ['top', 'upper', 'top', 'upper', 'upper'])
        self.assertEqual(visits.mapped('exit'), ['forward', 'back', 'forward', 'lost', 'won'])
        self.assertEqual(visits.mapped('entry'), ['enter', 'forward', 'back', 'forward', 'reopen'])
        self.assertEqual(visits.mapped('is_reentry'), [False, False, True, True, True])
        # lost from the 10th to the 20th: no stay at all
        self.assertEqual(visits.mapped('stay_days'), [1, 2, 4, 1, 3])
        # Paris, 10 o'clock: the 5th is a Thursday, so two days of work until Monday; the 20th a Friday
        self.assertEqual(visits.mapped('stay_business_hours'), [8, 16, 16, 8, 8])
        self.assertEqual(visits.mapped('amount'), [1000, 1000, 1500, 1500, 1500])
        self.assertEqual(set(visits.mapped('won_status')), {'won'})
        self.assertEqual(visits[0].date_in, datetime(2026, 3, 2, 9))
        self.assertEqual(visits[0].date_out, datetime(2026, 3, 3, 9))

    def test_running_stay(self):
        """On 29 March the clock goes forward in Paris; working hours do not care, holidays do.

        Friday from 10 to 17 o'clock without the noon break, Monday, Tuesday from 8 to 11:
        6 + 8 + 3 hours of work in 96 hours by the clock.
        """
        lead = self.tell(('03-27', self.need))
        visit = self.get_visits(lead, '03-31')
        self.assertTrue(visit.is_running)
        self.assertEqual((visit.entry, visit.exit, visit.date_out), ('enter', 'running', False))
        self.assertEqual((visit.stay_hours, visit.stay_business_hours), (96, 17))
        self.env['resource.calendar.leaves'].create({
            'name': "Holiday", 'calendar_id': self.calendar.id, 'company_id': self.company.id,
            'date_from': '2026-03-29 22:00:00', 'date_to': '2026-03-30 21:59:59',
        })
        self.assertEqual(self.get_visits(lead, '03-31').stay_business_hours, 9)

    def test_running_stay_counts_like_an_ended_one(self):
        """The hours counted in SQL are those Python counts, at whatever time of the week."""
        lead = self.tell(('03-02', self.need))
        start = datetime(2026, 3, 2, 9)
        for hours in (0, 0.5, 3, 7.25, 15, 23, 86, 120, 123.5, 700):
            end = start + timedelta(hours=hours)
            visit = self.get_visits(lead, end.strftime('%m-%d %H:%M'))
            expected = self.calendar._get_scp_work_hours(start, end, self.company.id)
            self.assertAlmostEqual(visit.stay_business_hours, expected, msg=str(hours))

    def test_no_calendar_is_no_data(self):
        self.company.resource_calendar_id = False
        self.tell(('03-27', self.need))
        with self.at('2026-03-31 09:00:00'):
            [[hours]] = self.env['scp.lead.visit.report']._read_group(
                [('team_id', '=', self.team.id)], [], ['stay_business_hours:avg'])
        self.assertFalse(hours)

    @mute_logger('odoo.models.unlink')
    def test_deleted(self):
        """Stays outlive their deal and their stage."""
        lead = self.tell(('03-02', self.need), ('03-03', self.listed), ('03-04', self.need), ('03-05', self.listed))
        lead_id = lead.id
        with self.at('2026-03-06 09:00:00'):
            lead.unlink()
        with self.at('2026-03-07 09:00:00'):
            self.listed.unlink()
        visits = self.get_visits(lead_id)
        self.assertEqual(visits.mapped('exit'), ['forward', 'back', 'forward', 'delete'])
        self.assertEqual(visits.mapped('stage_name'), ["Need", "Listed", "Need", "Listed"])
        self.assertEqual(visits.mapped('is_reentry'), [False, False, True, True])
        self.assertFalse(visits[1].stage_id)
        self.assertEqual(visits.user_id, self.user)
        self.assertEqual(visits.with_user(self.user).search_count([('lead_ref', '=', lead_id)]), 4)
        self.assertFalse(visits.with_user(self.colleague).search_count([('lead_ref', '=', lead_id)]))

    def test_rights_follow_the_lead(self):
        lead = self.tell(('03-02', self.need), ('03-03', self.listed))
        Visit = self.env['scp.lead.visit.report']
        self.assertEqual(Visit.with_user(self.user).search_count([('lead_ref', '=', lead.id)]), 2)
        with self.at('2026-03-05 09:00:00'):
            lead.write({'user_id': self.colleague.id, 'team_id': self.team.id})
        self.assertFalse(Visit.with_user(self.user).search_count([('lead_ref', '=', lead.id)]))
        self.assertEqual(Visit.with_user(self.colleague).search_count([('lead_ref', '=', lead.id)]), 2)

    def test_groups(self):
        """Everything on the lead groups, in SQL."""
        source = self.env['utm.source'].create({'name': "Fair of Paris"})
        tag = self.env['crm.tag'].create({'name': "Refit"})
        territory = self.env['scp.territory'].create({'name': "Fairs", 'zip_from': '75008'})
        partner = self.env['res.partner'].create({'name': "Visited", 'is_company': True})
        lead = self.tell(('03-02', self.need), ('03-03', 'lost'), source_id=source.id, partner_id=partner.id,
            tag_ids=tag.ids, zip='75008', city="Paris", priority='2')
        Visit, domain = self.env['scp.lead.visit.report'], [('lead_ref', '=', lead.id)]
        for name, value in (
            ('source_id', source), ('partner_id', partner), ('lost_reason_id', self.reason), ('team_id', self.team),
            ('user_id', self.user), ('company_id', self.company), ('stage_id', self.need), ('won_status', 'lost'),
            ('tag_ids', tag), ('territory_id', territory), ('city', "Paris"), ('priority', '2'),
        ):
            self.assertEqual(Visit._read_group(domain, [name], ['__count']), [(value, 1)], name)
        [(month, count)] = Visit._read_group(domain, ['date_in:month'], ['__count'])
        self.assertEqual((month.month, count), (3, 1))

    def test_figure_of_the_funnel(self):
        """The stays behind a figure open like its deals."""
        lead = self.tell(('03-02', self.need), ('03-03', self.listed))
        cell = self.ask('get_conversion')['steps'][1]['entered']
        with self.at('2026-07-01 09:00:00'):
            visits = self.env['scp.lead.visit.report'].search(cell['domain'])
        self.assertEqual(visits.lead_id, lead)
        self.assertEqual(len(visits), 2)
        self.assertEqual(visits[0].action_open_lead()['res_id'], lead.id)

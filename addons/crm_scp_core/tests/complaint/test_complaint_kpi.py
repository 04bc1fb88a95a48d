import json
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.crm_scp_core.models.complaint.kpi_rules import get_poisson_interval

from .clock_common import ClockCommon


@tagged('post_install', '-at_install')
class TestComplaintKpi(ClockCommon):
    """The company has no complaints but those of the test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager.tz = 'UTC'
        cls.cause, cls.other_cause = cls.env['scp.complaint.cause'].create([
            {'name': "Wrong seal", 'kind': 'occurrence'}, {'name': "Wrong label", 'kind': 'occurrence'},
        ])

    def _get_kpis(self, user=None, **filters):
        filters = {'company_ids': [self.company.id], **filters}
        return self.env['scp.complaint.kpi'].with_user(user or self.manager).get_kpis(filters)

    def _count(self, figure, user=None):
        return self.env[figure['model']].with_user(user or self.manager).search_count(figure['domain'])

    def test_poisson_interval(self):
        # exact limits of 10 events: 4.80 and 18.39; of none: 0 and 3.69
        low, high = get_poisson_interval(10)
        self.assertAlmostEqual(low, 4.79, places=2)
        self.assertAlmostEqual(high, 18.39, places=2)
        low, high = get_poisson_interval(0)
        self.assertEqual(low, 0)
        self.assertAlmostEqual(high, 3.69, delta=0.1)

    def test_without_complaints_nothing_is_known(self):
        kpis = self._get_kpis()
        self.assertEqual(kpis['figures']['received']['value'], 0)
        for key in (
            'first_response', 'reopen_rate', 'satisfaction', 'hit_rate', 'cost_per_complaint', 'cost_of_revenue',
        ):
            self.assertIsNone(kpis['figures'][key]['value'], key)
        self.assertEqual((kpis['clocks'], kpis['trend'], kpis['causes']), ([], [], []))
        self.assertIsNone(kpis['backlog']['index']['value'])

    def test_every_figure_opens_what_it_is_made_of(self):
        self._create_policy(('first_response', 2, 'hour'), ('resolution', 8, 'hour'))
        received = self.moment('2026-03-02 07:00')
        answered = self._create_complaint('2026-03-02 07:00', occurrence_cause_id=self.cause.id)
        self._create_complaint('2026-03-03 07:00')
        self.write_at(
            answered, '2026-03-02 11:00', first_response_at='2026-03-02 11:00:00', response_count=1,
            first_resolved_at='2026-03-02 11:00:00', resolved_at='2026-03-02 11:00:00')
        self.env['scp.complaint.action'].create({
            'name': "Change the seal", 'complaint_id': answered.id, 'due_date': '2026-03-10', 'done_at': received,
            'effect_check_date': '2026-03-11', 'effective': 'yes',
        })
        kpis = self._get_kpis(date_from='2026-03-01', date_to='2026-03-31')
        json.dumps(kpis)
        figures = kpis['figures']
        for key, value, n in (
            ('received', 2, None), ('resolved', 1, None), ('first_response', 4, 1), ('resolution', 4, 1),
            ('net_resolution', 4, 1), ('reopen_rate', 0, 1), ('first_contact_rate', 1, 1), ('repeat_rate', 0, 2),
            # the first answer came too late, as did that to the second and its resolution
            ('hit_rate', 1 / 4, 4), ('actions_on_time', 1, 1), ('effectiveness', 1, 1), ('late_by', 2, 1),
        ):
            with self.subTest(key):
                self.assertAlmostEqual(figures[key]['value'], value)
                self.assertEqual(figures[key]['n'], n)
                self.assertEqual(self._count(figures[key]), n or value)

    def test_times_come_with_median_and_nine_tenths(self):
        for day, hours in (('02', '08'), ('03', '09'), ('04', '11')):  # 1, 2 and 4 hours from 7 o'clock
            self._create_complaint(
                f'2026-03-{day} 07:00', first_response_at=f'2026-03-{day} {hours}:00:00')
        figure = self._get_kpis()['figures']['first_response']
        self.assertAlmostEqual(figure['value'], 7 / 3)
        self.assertEqual(figure['median'], 2)
        self.assertAlmostEqual(figure['p90'], 3.6)

    def test_period_is_of_the_day_of_receipt_for_the_reader(self):
        self._create_complaint('2026-03-02 23:30')
        self.assertEqual(self._get_kpis(date_to='2026-03-02')['figures']['received']['value'], 1)
        in_paris = self.env['scp.complaint.kpi'].with_user(self.manager).with_context(tz='Europe/Paris')
        kpis = in_paris.get_kpis({'company_ids': [self.company.id], 'date_to': '2026-03-02'})
        self.assertEqual(kpis['figures']['received']['value'], 0)

    def test_clocks_by_kind(self):
        self._create_policy(('acknowledge', 1, 'hour'), ('first_response', 2, 'hour'))
        kept, late = (self._create_complaint('2026-03-02 07:00') for _i in range(2))
        self.write_at(
            kept, '2026-03-02 07:30', acknowledged_at='2026-03-02 07:30:00', first_response_at='2026-03-02 07:30:00')
        self.write_at(late, '2026-03-02 07:30', acknowledged_at='2026-03-02 07:30:00')
        with self.at('2026-03-02 10:00'):
            kpis = self._get_kpis()
        self.assertEqual(
            [(row['kind'], row['rate']['value'], row['rate']['n'], row['missed']['value']) for row in kpis['clocks']],
            [('acknowledge', 1, 2, 0), ('first_response', 0.5, 2, 1)])
        self.assertEqual(kpis['figures']['acknowledge_in_time']['value'], 1)
        self.assertEqual(kpis['figures']['hit_rate']['value'], 0.75)
        self.assertEqual(kpis['backlog']['overdue']['value'], 1)

    def test_backlog_by_age(self):
        for moment in ('2026-03-30 07:00', '2026-03-24 07:00', '2026-03-10 07:00', '2025-12-01 07:00'):
            self._create_complaint(moment)
        with self.at('2026-03-31 07:00'):
            backlog = self._get_kpis(date_from='2026-03-29')['backlog']  # whatever the period
            # an age of seven days belongs to the second class
            self.assertEqual([age['value'] for age in backlog['ages']], [1, 2, 0, 1])
            self.assertEqual([self._count(age) for age in backlog['ages']], [1, 2, 0, 1])
        self.assertEqual(backlog['total']['value'], 4)

    def test_trend_has_months_without_complaints(self):
        for moment in ('2026-01-05 07:00', '2026-03-02 07:00', '2026-03-31 23:30'):
            self._create_complaint(moment)
        trend = self._get_kpis()['trend']
        self.assertEqual(
            [(month['month'], month['received']['value']) for month in trend],
            [('2026-01-01', 1), ('2026-02-01', 0), ('2026-03-01', 2)])
        self.assertEqual([self._count(month['received']) for month in trend], [1, 0, 2])

    def test_causes_by_cost(self):
        often = [self._create_complaint('2026-03-02 07:00', occurrence_cause_id=self.cause.id) for _i in range(2)]
        dear = self._create_complaint('2026-03-02 07:00', occurrence_cause_id=self.other_cause.id)
        for complaint, amount in ((often[0], 25), (dear, 75)):
            self.env['scp.complaint.cost'].create({
                'complaint_id': complaint.id, 'kind': 'goods', 'amount': amount, 'currency_id': self.usd.id,
            })
        kpis = self._get_kpis()
        self.assertEqual(
            [(line['label'], line['count']['value'], line['cost']['value'], line['share']) for line in kpis['causes']],
            [("Wrong label", 1, 75, 0.75), ("Wrong seal", 2, 25, 1)])
        self.assertAlmostEqual(kpis['figures']['cost_per_complaint']['value'], 100 / 3)

    def test_rates_per_orders(self):
        for justified in ('yes', 'partly', 'no', False):
            self._create_complaint('2026-03-02 07:00', is_justified=justified)
        for state, date in (('sale', '2026-03-01'), ('sale', '2026-03-31 23:59:59'), ('draft', '2026-03-02'),
                            ('cancel', '2026-03-02'), ('sale', '2026-04-01')):
            self._create_order(self.partner, 100, date, state=state)
        orders = self._get_kpis(date_from='2026-03-01', date_to='2026-03-31')['rates'][0]
        self.assertEqual((orders['value'], orders['size'], orders['n']), (2000, 2, 4))
        self.assertEqual((orders['justified']['value'], orders['justified']['n']), (1000, 2))
        self.assertEqual(self._count(orders), 4)
        self.assertEqual(self._count(orders['justified']), 2)
        low, high = get_poisson_interval(4)
        self.assertAlmostEqual(orders['low'], low * 500)
        self.assertAlmostEqual(orders['high'], high * 500)

    def test_revenue_is_converted(self):
        complaint = self._create_complaint('2026-03-02 07:00')
        self.env['scp.complaint.cost'].create({
            'complaint_id': complaint.id, 'kind': 'goods', 'amount': 1000, 'currency_id': self.usd.id,
        })
        self.manager.company_ids = [Command.link(self.other_company.id)]
        Kpi = self.env['scp.complaint.kpi'].with_user(self.manager).with_context(
            allowed_company_ids=[self.company.id, self.other_company.id])
        query = SQL(
            "VALUES (%s, '2026-03-02'::timestamp, 200000.0), (%s, '2026-03-02'::timestamp, 150000.0)",
            self.company.id, self.other_company.id)
        revenue = SQL("SELECT * FROM (%s) row (company_id, moment, value)", query)
        with patch.object(type(Kpi), '_get_exposure_queries', lambda self: {'revenue': revenue}):
            kpis = Kpi.get_kpis({'company_ids': [self.company.id, self.other_company.id]})
        # 200,000 dollars and 150,000 euros of two dollars each
        [rate] = [rate for rate in kpis['rates'] if rate['key'] == 'revenue']
        self.assertEqual((rate['size'], rate['value']), (500_000, 2))
        self.assertAlmostEqual(kpis['figures']['cost_of_revenue']['value'], 0.002)

    def test_rates_are_of_whole_companies(self):
        self._create_complaint('2026-03-02 07:00')
        self._create_order(self.partner, 100, '2026-03-02')
        for user, filters in (
            (self.salesman, {}), (self.leader, {}), (self.manager, {'user_ids': [self.salesman.id]}),
            (self.manager, {'team_ids': [self.complaint_team.id]}),
        ):
            kpis = self._get_kpis(user, **filters)
            self.assertGreaterEqual(len(kpis['rates']), 2)  # other addons may add theirs
            self.assertEqual({(rate['value'], rate['size']) for rate in kpis['rates']}, {(None, None)})
        for user in (self.quality, self.auditor, self.accountant):
            self.assertEqual(self._get_kpis(user)['rates'][0]['value'], 1000)

    def test_everybody_gets_figures_of_what_he_sees(self):
        self._create_complaint('2026-03-02 07:00')
        self._create_complaint('2026-03-02 07:00', user_id=self.stranger.id, team_id=False)
        for user, count in (
            (self.salesman, 1), (self.leader, 1), (self.manager, 2), (self.quality, 2), (self.auditor, 2),
            (self.accountant, 2), (self.other_salesman, 0),
        ):
            self.assertEqual(self._get_kpis(user)['figures']['received']['value'], count, user.login)
        for user in (self.internal, self.portal):
            with self.assertRaises(AccessError):
                self._get_kpis(user)

    def test_wrong_filters_are_named(self):
        for filters, message in (
            ({'colour': 'red'}, "colour"), ({'date_from': 'soon'}, "date_from"), ({'team_ids': 'Care'}, "team_ids"),
            ({'date_from': '2026-03-02', 'date_to': '2026-03-01'}, "2026-03-02"),
        ):
            with self.assertRaisesRegex(UserError, message):
                self._get_kpis(**filters)

    def test_digest(self):
        digest = self.env['digest.digest'].create({
            'name': "Weekly", 'company_id': self.company.id, 'kpi_scp_complaint_new': True,
        })
        self._create_policy(('first_response', 2, 'hour'))
        self._create_complaint('2026-02-02 07:00', first_response_at='2026-02-02 07:30:00')
        self._create_complaint('2026-03-02 07:00')
        duplicated = self._create_complaint('2026-03-02 07:00', first_response_at='2026-03-02 07:30:00')
        self._create_complaint('2026-03-02 08:00', duplicate_of_id=duplicated.id, state='duplicate')
        with self.at('2026-03-03 07:00'):
            digest = digest.with_user(self.manager).with_context(
                start_datetime=self.moment('2026-03-01 00:00'), end_datetime=self.moment('2026-03-08 00:00'))
            self.assertEqual(digest.kpi_scp_complaint_new_value, 2)
            self.assertEqual(digest.kpi_scp_complaint_open_value, 3)
            self.assertEqual(digest.kpi_scp_complaint_overdue_value, 1)
            with self.assertRaises(AccessError):
                digest.with_user(self.internal).kpi_scp_complaint_open_value  # noqa: B018 - reading is what is refused

from odoo.tests import tagged

from .clock_common import ClockCommon


@tagged('post_install', '-at_install')
class TestComplaintOutcome(ClockCommon):
    """Who stayed after a complaint, of customers who ordered within 180 days before and after."""

    def _close(self, moment, partner, **values):
        return self._create_complaint(moment, partner_id=partner.id, closed_at=f'{moment}:00', **values)

    def _create_buyer(self, name, *days):
        """A customer who ordered something on these days."""
        partner = self._create_partner(name)
        for day in days:
            self._create_order(partner, 100, day)
        return partner

    def _get_kpis(self, user=None, **filters):
        return self.env['scp.complaint.kpi'].with_user(user or self.manager).get_kpis({
            'company_ids': [self.company.id], 'date_from': '2025-01-01', 'date_to': '2025-01-31', **filters,
        })

    def _create_cases(self):
        """Three customers with a complaint closed on 20 January 2025 whose history tells something:

        stayed: an order in December, one of a contact of his in May
        left:   an order in December
        given:  an order in December, then a replacement for nothing
        """
        stayed = self._create_buyer("Stayed", '2024-12-10')
        contact = self._create_partner("Contact", parent_id=stayed.id, is_company=False)
        self._create_order(contact, 50, '2025-05-02')
        left, given = (self._create_buyer(name, '2024-12-10') for name in ("Left", "Given"))
        self._create_order(given, 0, '2025-02-01')
        # nothing to tell: never a customer before; a customer long ago; who came back too late
        others = [
            self._create_buyer("New", '2025-02-01'), self._create_buyer("Old", '2024-06-30', '2025-02-01'),
        ]
        for partner in (stayed, left, given, *others):
            self._close('2025-01-20 08:00', partner)
        return stayed, left, given

    def test_who_stayed(self):
        self._create_cases()
        figure = self._get_kpis()['figures']['retention']
        self.assertAlmostEqual(figure['value'], 1 / 3)
        self.assertEqual(figure['n'], 3)
        rows = self.env['scp.complaint.report'].with_user(self.manager).search(figure['domain'])
        self.assertEqual(
            {row.partner_id.name: row.retention_rate for row in rows}, {"Stayed": 1, "Left": 0, "Given": 0})

    def test_half_a_year_has_to_pass(self):
        self._create_cases()
        with self.at('2025-07-19 07:59'):  # a minute before 180 days have passed
            self.assertIsNone(self._get_kpis()['figures']['retention']['value'])
        with self.at('2025-07-19 08:00'):
            self.assertEqual(self._get_kpis()['figures']['retention']['n'], 3)

    def test_others_like_them(self):
        """Those with a complaint had one order before. Of the others with one order before January,
        two of four ordered from January on.
        """
        self._create_cases()
        for name, days in (
            ("Silent and loyal", ('2024-11-05', '2025-03-01')), ("Loyal as well", ('2024-12-31', '2025-01-01')),
            ("Silent and gone", ('2024-11-05',)), ("Too late", ('2024-11-05', '2025-06-30')),
            # not like them: ordered more often, or never before
            ("Big", ('2024-10-01', '2024-11-01', '2024-12-01', '2025-02-01')), ("New too", ('2025-02-02',)),
        ):
            self._create_buyer(name, *days)
        self._create_complaint('2025-06-01 08:00', partner_id=self._create_buyer(
            "Complained as well", '2024-11-05', '2025-03-01').id)
        figure = self._get_kpis()['figures']['retention_matched']
        self.assertEqual((figure['value'], figure['n']), (0.5, 4))

    def test_who_may_compare(self):
        self._create_cases()
        self._create_buyer("Silent and loyal", '2024-11-05', '2025-03-01')
        for user, filters, value in (
            (self.quality, {}, 1), (self.auditor, {}, 1), (self.leader, {}, None), (self.salesman, {}, None),
            (self.manager, {'user_ids': [self.salesman.id]}, None),
        ):
            figure = self._get_kpis(user, **filters)['figures']['retention_matched']
            self.assertEqual(figure['value'], value, user.login)

    def test_nothing_to_compare(self):
        figures = self._get_kpis()['figures']
        self.assertIsNone(figures['retention']['value'])
        self.assertIsNone(figures['retention_matched']['value'])
        self.assertIsNone(figures['silent_share']['value'])

from datetime import date, timedelta
from unittest.mock import patch

from odoo.tests import freeze_time, tagged

from .common import ValueCommon

RETENTION = 'odoo.addons.crm_scp_analytics.models.value.scp_value_run_retention'


@tagged('post_install', '-at_install')
@freeze_time('2026-06-30 04:00')
class TestScpValueScoreRetention(ValueCommon):
    """Two customers, a run every second day from 1 March, as of 30 June: 40 days reach back to 21 May.

    Alpha goes from C to B on 11 March and to A on 10 April; Beta is D all the time. Last runs of the
    months: 31 March, 30 April; that of May, the 30th, is within the 40 days.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['scp.value.run'].search([]).unlink()
        a, b, c, d = cls.grades
        alpha, beta = (
            cls.Customer.create({'partner_id': partner.id, 'company_id': cls.company.id})
            for partner in cls._create_partners("Alpha", "Beta")
        )
        cls.customers = alpha + beta
        cls.changes = [date(2026, 3, 1), date(2026, 3, 11), date(2026, 4, 10)]
        day = date(2026, 3, 1)
        while day <= date(2026, 6, 30):
            grade = c if day < cls.changes[1] else b if day < cls.changes[2] else a
            run = cls.Run.create({
                **cls.Run._prepare_run_values(cls.company, day), 'state': 'done', 'customer_count': 2,
            })
            cls.Score.create([
                {'run_id': run.id, 'company_id': cls.company.id, 'date': day, 'value_score': 50,
                 'customer_id': customer.id, 'grade_id': given.id}
                for customer, given in ((alpha, grade), (beta, d))
            ])
            day += timedelta(days=2)
        cls.env.flush_all()

    def _get_days(self, customer):
        return self.Score.search([('customer_id', '=', customer.id)], order='date').mapped('date')

    def _get_recent(self):
        return self.Run.search([('date_to', '>=', '2026-05-21')], order='date_to').mapped('date_to')

    def test_what_is_kept(self):
        alpha, beta = self.customers
        recent = self._get_recent()
        while self.Run._gc_scores()[1]:
            pass
        # 31 March is a run by the rhythm of two days, 30 April too
        month_ends = [date(2026, 3, 31), date(2026, 4, 30)]
        self.assertEqual(self._get_days(alpha), sorted([*self.changes, *month_ends, *recent]))
        self.assertEqual(self._get_days(beta), sorted([date(2026, 3, 1), *month_ends, *recent]))
        self.assertEqual(self.Run._gc_scores(), (0, 0))

    def test_batch_by_batch(self):
        with patch(f'{RETENTION}.BATCH_SIZE', 3):
            done, left = self.Run._gc_scores()
            self.assertEqual(done, 3)
            self.assertEqual(self.Run._gc_scores(), (3, left - 3))

    def test_thinned_runs_are_not_compared_with(self):
        while self.Run._gc_scores()[1]:
            pass
        reference = self.Run._get_reference_run(self.company, date(2026, 6, 20))
        self.assertEqual(reference.date_to, date(2026, 4, 30), "the runs of May up to the 20th are thinned")

    def test_the_current_scores_stay(self):
        """However old, what the hub shows is kept."""
        self.Run.search([('date_to', '>', '2026-05-14')]).unlink()
        while self.Run._gc_scores()[1]:
            pass
        current = self.Run._get_current_runs(self.company)
        self.assertFalse(current.thinned)
        self.assertEqual(len(self.Score.search([('run_id', '=', current.id)])), 2)

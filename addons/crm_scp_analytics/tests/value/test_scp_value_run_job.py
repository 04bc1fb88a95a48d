from datetime import date
from unittest.mock import patch

from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import ValueCommon

RUN_MODULE = 'odoo.addons.crm_scp_analytics.models.value.scp_value_run_scoring'


@tagged('post_install', '-at_install')
@freeze_time('2026-06-30 04:00')
class TestScpValueRunJob(ValueCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the job scores every company: leave it ours
        cls.env.cr.execute("UPDATE sale_order SET date_order = '2001-01-01'")
        cls.env['sale.order'].invalidate_model()
        cls.cron = cls.env.ref('crm_scp_analytics.ir_cron_scp_value_score')
        cls.partners = cls._create_partners(*(f"Customer {number}" for number in range(7)))
        for number, partner in enumerate(cls.partners):
            cls._order(partner, '2026-05-15 04:00', 100 * (number + 1))

    def _run_job(self):
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()

    def _get_runs(self):
        return self.Run.search([('company_id', '=', self.company.id)], order='id')

    def test_once_a_day(self):
        self._run_job()
        run = self._get_runs()
        self.assertRecordValues(run, [{
            'state': 'done', 'customer_count': 7, 'date_to': date(2026, 6, 30), 'progress': 100,
        }])
        self._run_job()
        self.assertEqual(self._get_runs(), run)
        with freeze_time('2026-07-01 04:00'):
            self._run_job()
        self.assertEqual(self._get_runs().mapped('date_to'), [date(2026, 6, 30), date(2026, 7, 1)])

    def test_company_without_orders(self):
        self.env['sale.order'].search([('company_id', '=', self.company.id)])._action_cancel()
        self._run_job()
        self.assertFalse(self._get_runs())

    def test_commits_batch_by_batch(self):
        commits = []
        commit = type(self.env['ir.cron'])._commit_progress

        def count(cron, *args, **kwargs):
            run = self.env(cr=cron.env.cr)['scp.value.run'].search(
                [('company_id', '=', self.company.id)], limit=1,
            )
            commits.append((run.state, round(run.progress)))
            return commit(cron, *args, **kwargs)

        with (
            patch(f'{RUN_MODULE}.BATCH_SIZE', 3),
            patch.object(type(self.env['ir.cron']), '_commit_progress', count),
        ):
            self._run_job()
        self.assertEqual(commits, [
            (False, 0),  # the job says what is to do
            ('running', 0),
            ('running', 0), ('running', 0), ('running', 0),  # facts
            ('running', 43), ('running', 86), ('running', 100),  # scores
            ('running', 100), ('running', 100), ('running', 100),  # hub
            ('done', 100),
        ])

    def test_cancelled(self):
        """The job notices at its next batch, and takes along what it wrote."""
        insert = type(self.Run)._insert_scores

        def cancel(run, columns):
            insert(run, columns)
            run.action_cancel()

        with (
            patch(f'{RUN_MODULE}.BATCH_SIZE', 3),
            patch.object(type(self.Run), '_insert_scores', cancel),
        ):
            self._run_job()
        run = self._get_runs()
        self.assertRecordValues(run, [{
            'state': 'cancelled', 'error': "Cancelled by a manager.",
        }])
        self.assertFalse(self._search_scores(self._get_runs()))
        self.assertFalse(self.Customer.search([('partner_id', 'in', self.partners.ids)]).grade_id)

    def test_taken_over(self):
        """Between two batches another run got hold of the company."""
        insert = type(self.Run)._insert_scores

        def lose(run, columns):
            insert(run, columns)
            self.startPatcher(patch.object(type(self.Run), '_try_lock', lambda run, company: False))

        with patch.object(type(self.Run), '_insert_scores', lose):
            self._run_job()
        self.assertRecordValues(self._get_runs(), [{
            'state': 'cancelled', 'error': "Another run of the same company took over.",
        }])
        self.assertFalse(self._search_scores(self._get_runs()))

    def test_failure_after_a_commit(self):
        insert = type(self.Run)._insert_scores
        calls = []

        def fail_second(run, columns):
            calls.append(columns)
            if len(calls) == 2:
                raise ValueError("the disk is full")
            insert(run, columns)

        with (
            patch(f'{RUN_MODULE}.BATCH_SIZE', 3),
            patch.object(type(self.Run), '_insert_scores', fail_second),
            mute_logger(RUN_MODULE),
        ):
            self._run_job()
        self.assertRecordValues(self._get_runs(), [{
            'state': 'failed', 'error': "the disk is full",
        }])
        self.assertFalse(self._search_scores(self._get_runs()))
        self._run_job()
        self.assertEqual(self._get_runs().mapped('state'), ['failed', 'done'])

    def test_failure_while_showing(self):
        """Half of the new grades are committed already: the hub goes back to those of the last good run."""
        self._run_job()
        [first] = self._get_runs()
        customers = self.Customer.search([('partner_id', 'in', self.partners.ids)])
        before = {customer: (customer.grade_id, customer.value_score) for customer in customers}
        self._order(self.partners[0], '2026-06-30 04:00', 100_000)
        publish = type(self.Run)._publish

        def fail(run):
            publish(run)
            if run != first:
                self.assertNotEqual(customers.mapped('value_score'), [score for _grade, score in before.values()])
                raise ValueError("the network is gone")

        with (
            freeze_time('2026-07-01 04:00'),
            patch(f'{RUN_MODULE}.BATCH_SIZE', 3),
            patch.object(type(self.Run), '_publish', fail),
            mute_logger(RUN_MODULE),
        ):
            self._run_job()
        self.assertEqual(self._get_runs().mapped('state'), ['done', 'failed'])
        self.assertEqual(
            {customer: (customer.grade_id, customer.value_score) for customer in customers}, before,
        )

    def test_company_under_way_elsewhere(self):
        """The job leaves a company alone that somebody is scoring."""
        with patch.object(type(self.Run), '_try_lock', lambda run, company: False):
            self._run_job()
        self.assertFalse(self._get_runs())

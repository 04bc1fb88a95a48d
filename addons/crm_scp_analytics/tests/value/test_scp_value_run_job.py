from contextlib import contextmanager, suppress
from datetime import date
from unittest.mock import patch

from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import ValueCommon

RUN_MODULE = 'odoo.addons.crm_scp_analytics.models.value.scp_value_run_scoring'
PURCHASES_MODULE = 'odoo.addons.crm_scp_analytics.models.value.scp_value_run_purchases'
JOB_MODULE = 'odoo.addons.crm_scp_analytics.models.value.scp_value_run_job'


@tagged('post_install', '-at_install')
@freeze_time('2026-06-30 04:00')
class TestScpValueRunJob(ValueCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the job scores every company: leave it ours
        cls.env.cr.execute("UPDATE sale_order SET date_order = '2001-01-01'")
        cls.env['sale.order'].invalidate_model()
        cls.night = cls.env.ref('crm_scp_analytics.ir_cron_scp_value_score')
        cls.worker = cls.env.ref('crm_scp_analytics.ir_cron_scp_value_run')
        cls.partners = cls._create_partners(*(f"Customer {number}" for number in range(7)))
        for number, partner in enumerate(cls.partners):
            cls._order(partner, '2026-05-15 04:00', 100 * (number + 1))

    def _run_job(self):
        with self.enter_registry_test_mode():
            self.night.method_direct_trigger()
            self.worker.method_direct_trigger()

    def _kill_job(self):
        """What a process leaves behind that dies of a `KeyboardInterrupt`."""
        with self.enter_registry_test_mode():
            self.night.method_direct_trigger()
            # `assertRaises` would roll back what the job committed
            with suppress(KeyboardInterrupt):
                self.worker.method_direct_trigger()

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
        """Each step is committed with how far the run is: that is what people see."""
        commits = []
        commit = type(self.env['ir.cron'])._commit_progress

        def note(cron, *args, **kwargs):
            run = self.env(cr=cron.env.cr)['scp.value.run'].search(
                [('company_id', '=', self.company.id)], limit=1,
            )
            if run and (not commits or commits[-1] != (run.state, run.phase, round(run.progress))):
                commits.append((run.state, run.phase, round(run.progress)))
            return commit(cron, *args, **kwargs)

        with (
            patch(f'{RUN_MODULE}.BATCH_SIZE', 3),
            patch.object(type(self.env['ir.cron']), '_commit_progress', note),
        ):
            self._run_job()
        self.assertEqual(commits, [
            ('waiting', False, 0),
            ('running', False, 0),
            ('running', 'read', 2),
            ('running', 'write', 60),
            # seven scores, three at a time: 60 + 25 * 3/7 ...
            ('running', 'write', 71), ('running', 'write', 81), ('running', 'write', 85),
            # and on the hub: 85 + 15 * 3/7 ...
            ('running', 'publish', 85),
            ('running', 'publish', 91), ('running', 'publish', 98), ('running', 'publish', 100),
            ('done', False, 100),
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

    def test_killed_while_writing(self):
        """The next run of the job begins the scores again, with the models chosen before."""
        insert = type(self.Run)._insert_scores

        def die(run, columns):
            insert(run, columns)
            run.env['ir.cron']._commit_progress()
            raise KeyboardInterrupt

        with (
            patch(f'{RUN_MODULE}.BATCH_SIZE', 3),
            patch.object(type(self.Run), '_insert_scores', die),
        ):
            self._kill_job()
        run = self._get_runs()
        self.assertRecordValues(run, [{'state': 'running', 'phase': 'write', 'interrupted': True}])
        self.assertEqual(len(self._search_scores(run)), 3)
        self.assertFalse(any(self._search_scores(run).mapped('is_current')), "only whole runs count")
        self._run_job()
        self.assertRecordValues(self._get_runs(), [{'id': run.id, 'state': 'done', 'customer_count': 7}])
        self.assertEqual(len(self._search_scores(run)), 7)

    def test_killed_while_showing(self):
        """The scores are written: only showing them goes on."""
        with patch.object(type(self.Run), '_publish', side_effect=KeyboardInterrupt):
            self._kill_job()
        run = self._get_runs()
        self.assertRecordValues(run, [{'state': 'running', 'phase': 'publish', 'interrupted': True}])
        scores = self._search_scores(run)
        self.assertFalse(self.Customer.search([('partner_id', 'in', self.partners.ids)]).grade_id)
        with patch.object(type(self.Run), '_get_columns', side_effect=AssertionError("read again")):
            self._run_job()
        self.assertEqual(run.state, 'done')
        self.assertEqual(self._search_scores(run), scores)
        self.assertEqual(
            len(self.Customer.search([('partner_id', 'in', self.partners.ids), ('grade_id', '!=', False)])), 7)

    def test_cancelled_while_dead(self):
        """Nobody is there to notice: whoever cancels clears the scores away."""
        insert = type(self.Run)._insert_scores

        def die(run, columns):
            insert(run, columns)
            run.env['ir.cron']._commit_progress()
            raise KeyboardInterrupt

        with patch.object(type(self.Run), '_insert_scores', die):
            self._kill_job()
        run = self._get_runs()
        self.assertTrue(self._search_scores(run))
        run.action_cancel()
        self.assertRecordValues(run, [{'state': 'cancelled', 'customer_count': 0, 'progress': 0}])
        self.assertFalse(self._search_scores(run))

    def test_starter_is_told(self):
        manager = self._create_company_user('value_manager', 'crm_scp_core.group_scp_manager')
        self.Run.with_user(manager).action_run()
        with patch.object(type(manager), '_bus_send') as send:
            self._run_job()
        [[kind, message]] = [call.args for call in send.call_args_list]
        self.assertEqual((kind, message['type']), ('simple_notification', 'success'))
        self.assertIn("7 customers scored", message['message'])

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
            mute_logger(JOB_MODULE),
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
            mute_logger(JOB_MODULE),
        ):
            self._run_job()
        self.assertEqual(self._get_runs().mapped('state'), ['done', 'failed'])
        self.assertEqual(
            {customer: (customer.grade_id, customer.value_score) for customer in customers}, before,
        )

    def test_company_under_way_elsewhere(self):
        """The job leaves a company alone that somebody is scoring, and comes back to it."""
        @contextmanager
        def refuse(run):
            yield False

        with patch.object(type(self.Run), '_claim', refuse):
            self._run_job()
        self.assertEqual(self._get_runs().state, 'waiting')
        self._run_job()
        self.assertEqual(self._get_runs().state, 'done')

    def test_claim_outlives_commits(self):
        """Another connection cannot have the company as long as the job works on it."""
        run = self.Run.create(self.Run._prepare_run_values(self.company))
        key = ('scp.value.run', self.company.id)

        def try_elsewhere():
            with self.registry.cursor() as other:
                other.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s), %s)", key)
                return other.fetchone()[0]

        self.assertTrue(run.interrupted, "nobody works on it")
        with run._claim() as claimed:
            self.assertTrue(claimed)
            run.invalidate_recordset(['interrupted'])
            self.assertFalse(run.interrupted)
            self.assertFalse(try_elsewhere())
        self.assertTrue(try_elsewhere())

    @contextmanager
    def _facts_elsewhere(self):
        """Somebody else is summing up the customers."""
        with self.registry.cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock(hashtext('scp.value.fact.refresh'))")
            yield other

    def test_waits_for_the_job_of_the_facts(self):
        with (
            self._facts_elsewhere() as other,
            patch(f'{PURCHASES_MODULE}.time.sleep', side_effect=lambda _seconds: other.rollback()) as sleep,
        ):
            self._run_job()
        sleep.assert_called_once()
        self.assertEqual(self._get_runs().state, 'done')

    def test_a_program_does_not_wait(self):
        with self._facts_elsewhere(), mute_logger(JOB_MODULE):
            run = self.Run._score(self.company)
        self.assertEqual(run.state, 'failed')
        self.assertIn("being summed up at this moment", run.error)

    def test_cancelled_while_it_waits(self):
        with (
            self._facts_elsewhere(),
            patch(f'{PURCHASES_MODULE}.time.sleep', side_effect=lambda _seconds: self._get_runs().action_cancel()),
        ):
            self._run_job()
        self.assertEqual(self._get_runs().state, 'cancelled')

    def test_cancelled_between_two_trials(self):
        """The comparison of the models asks after each trial whether the run may go on."""
        trials = []

        def choose(_choice, _company, _day, _bought, on_trial, **_given):
            for share in (0.25, 0.5, 0.75):
                trials.append(share)
                if share == 0.5:
                    self._get_runs().action_cancel()
                on_trial(share)

        for partner in self.partners:
            self._order(partner, '2026-06-15 04:00', 100)
        with patch.object(type(self.env['scp.value.choice']), '_choose', choose):
            self._run_job()
        self.assertEqual((self._get_runs().state, trials), ('cancelled', [0.25, 0.5]))

import sys
from datetime import date, timedelta
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ...engine import cluster, selection
from ...engine.tests.clusters import LocalCluster
from .common import ValueCommon

DATE_TO = date(2026, 6, 30)
MEASURES = ('candidate', 'cutoff', 'bias', 'mae', 'rmse', 'deviance', 'auc', 'brier', 'log_loss', 'ece')


@tagged('post_install', '-at_install')
class TestScpValueRunExecutor(ValueCommon):
    """Four customers who order every 20 to 50 days, scored by one process, by two, and by a cluster."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # fewer candidates are fitted in less time
        cls.startClassPatcher(patch.object(selection, 'CLOSED_FORMS', selection.CLOSED_FORMS[:2]))
        cls.cluster = LocalCluster(1).__enter__()
        cls.addClassCleanup(cls.cluster.__exit__)
        for number, partner in enumerate(cls._create_partners("Ash", "Birch", "Cedar", "Elm")):
            gap = 20 + 10 * number
            for place in range(240 // gap):
                cls._order(partner, f'{DATE_TO - timedelta(days=number + gap * place)} 04:00', 100)

    def _score(self, **parameters):
        """:return: a run that has the models compared as the parameters of the system say"""
        for name in ('scheduler', 'processes'):
            self.env['ir.config_parameter'].set_param(f'crm_scp_analytics.{name}', parameters.get(name, False))
        self.env['scp.value.choice'].search([('company_id', '=', self.company.id)]).unlink()
        run = self.Run._score(self.company, date_to=DATE_TO)
        self.assertEqual(run.state, 'done', run.error)
        return run

    def _get_trials(self, run):
        return [tuple(trial[name] for name in MEASURES) for trial in run.choice_id.trial_ids]

    def test_same_figures_to_the_last_digit(self):
        alone = self._score()
        self.assertEqual((alone.computed_by, alone.executor_problem), ('process', False))
        trials, scores = self._get_trials(alone), self._get_scores(alone)
        self.assertEqual(len({trial[0] for trial in trials}), 3, "two models of random buyers, one of regular ones")
        again = self.Run._score(self.company, date_to=DATE_TO)
        self.assertFalse(again.computed_by, "chosen before, they are compared by nobody")
        for wanted, parameters in (
            ('processes', {'processes': '2'}), ('cluster', {'scheduler': self.cluster.address, 'processes': '2'}),
        ):
            with self.subTest(computed_by=wanted):
                run = self._score(**parameters)
                self.assertEqual((run.computed_by, run.executor_problem), (wanted, False))
                self.assertEqual(self._get_trials(run), trials)
                for name, score in self._get_scores(run).items():
                    self.assertEqual(score.lifetime_value, scores[name].lifetime_value)

    def test_a_run_goes_on_without_its_scheduler_and_says_so(self):
        """The scheduler stops after the first of nine trials: what is half done is done again, and written once."""
        def stop(run, **values):
            if values.get('progress', 0) > 5:  # of the bar: what lies before the trials
                stopping.scheduler.kill()
            return checkpoint(run, **values)

        checkpoint = self.registry['scp.value.run']._checkpoint
        with LocalCluster(1) as stopping, patch.object(cluster, 'PATIENCE', 0.3), \
                patch.object(cluster, 'LOOK_AT_WORKERS', 0.1), \
                patch.object(self.registry['scp.value.run'], '_checkpoint', stop):
            run = self._score(scheduler=stopping.address)
        self.assertEqual(run.computed_by, 'process')
        self.assertIn(f"The scheduler {stopping.address} stopped in the middle of the work.", run.executor_problem)
        self.assertIn("The run went on in its own process.", run.outcome)
        self.assertEqual(len(run.choice_id.trial_ids), 9)
        self.assertEqual(run.customer_count, 4)

    def test_without_the_package(self):
        with patch.dict(sys.modules, {'distributed': None}):
            run = self._score(scheduler='tcp://127.0.0.1:9')
        self.assertIn("The Python package distributed is not installed", run.executor_problem)
        self.assertEqual(run.computed_by, 'process')

    def test_settings(self):
        Settings = self.env['res.config.settings']
        self.assertEqual(Settings.create({}).scp_processes, 1)
        Settings.create({'scp_processes': 3, 'scp_scheduler': 'tls://dask.example.com:8786'}).execute()
        self.assertEqual(self.Run._get_executor_settings(), ('tls://dask.example.com:8786', 3))
        Settings.create({'scp_processes': 1, 'scp_scheduler': False}).execute()
        self.assertEqual(self.Run._get_executor_settings(), ('', 1))
        with self.assertRaisesRegex(ValidationError, "Processes of a Scoring Run must lie between 1 and 64"):
            Settings.create({'scp_processes': 0})
        with self.assertRaisesRegex(ValidationError, "Dask Scheduler: dask is no address"):
            Settings.create({'scp_scheduler': 'dask'})
        self.env['ir.config_parameter'].set_param('crm_scp_analytics.processes', 'two')
        self.assertEqual(self.Run._get_executor_settings(), ('', 1), "nonsense is one process")

    def test_connection_is_tried_by_a_button(self):
        settings = self.env['res.config.settings'].create({'scp_scheduler': self.cluster.address})
        message = settings.action_scp_test_scheduler()['params']['message']
        self.assertEqual(message, f"{self.cluster.address} answers. Workers with the libraries of this server: 1.")
        with LocalCluster(0) as idle:
            settings.scp_scheduler = idle.address
            with self.assertRaisesRegex(UserError, f"The scheduler {idle.address} has no workers"):
                settings.action_scp_test_scheduler()

from contextlib import contextmanager

from odoo import api, fields, models


class ScpValueRun(models.Model):
    """Where the models of a run are compared: in its own process, in several of this server, or on a cluster.

    Whoever helps computes and knows no database: what it is lost with is computed again, and nothing is half
    written. The figures are the same wherever they come from.
    """

    _inherit = 'scp.value.run'

    computed_by = fields.Selection(
        selection=[
            ('process', "The process of the run"),
            ('processes', "Several processes of this server"),
            ('cluster', "A Dask cluster"),
        ],
        string="Models Compared By",
        readonly=True,
        help="Empty where the models were chosen by an earlier run.",
    )
    executor_problem = fields.Char(
        string="Without Help", readonly=True,
        help="Why the process of the run had to do itself what others should have done.",
    )

    # === BUSINESS METHODS ===#

    @contextmanager
    def _open_executor(self):
        """Have independent work done where the settings say.

        :return: `engine.executors.Executor`, whose helpers are gone at the end
        """
        from ...engine import executors  # noqa: PLC0415  numpy is loaded by the process that scores

        scheduler, processes = self._get_executor_settings()
        with executors.open_executor(scheduler, processes) as executor:
            yield executor

    @api.model
    def _get_executor_settings(self):
        """:return: address of the scheduler or '', number of processes"""
        # sudo: settings are for administrators, runs for managers
        get_param = self.env['ir.config_parameter'].sudo().get_param
        processes = get_param('crm_scp_analytics.processes') or ''
        return get_param('crm_scp_analytics.scheduler') or '', int(processes) if processes.isdecimal() else 1

    def _prepare_executor_values(self, executor) -> dict:
        """:param executor: `engine.executors.Executor` that has done its work"""
        problem = executor.problem
        return {
            'computed_by': 'process' if problem else executor.kind,
            'executor_problem': problem and self._get_executor_sentence(problem, executor.address),
        }

    @api.model
    def _get_executor_sentence(self, problem, scheduler):
        """:return: why nobody helped, in words"""
        match problem.code:
            case 'missing':
                return self.env._(
                    "The Python package distributed is not installed on this server, but %(scheduler)s is set as "
                    "scheduler.", scheduler=scheduler)
            case 'idle':
                return self.env._("The scheduler %(scheduler)s has no workers.", scheduler=scheduler)
            case 'versions':
                return self.env._(
                    "The workers of %(scheduler)s have other versions of libraries than this server and would come to "
                    "other last digits (%(detail)s).", scheduler=scheduler, detail=problem.detail)
            case 'died':
                return self.env._("Worker after worker ended in the middle of its work.")
            case 'gone':
                return self.env._("The scheduler %(scheduler)s stopped in the middle of the work.", scheduler=scheduler)
        return self.env._(
            "The scheduler %(scheduler)s does not answer (%(detail)s).", scheduler=scheduler, detail=problem.detail)

    def _get_outcome(self):
        outcome = super()._get_outcome()
        if self.state == 'done' and self.executor_problem:
            outcome += " " + self.env._(
                "%(problem)s The run went on in its own process.", problem=self.executor_problem)
        return outcome

    @api.depends('executor_problem')
    def _compute_outcome(self):
        return super()._compute_outcome()

import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

PROCESSES_MAX = 64


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    scp_processes = fields.Integer(
        string="Processes of a Scoring Run",
        config_parameter='crm_scp_analytics.processes',
        default=1,
        help="How many processes of this server compare the forecast models. 1: the scheduled job does it alone.",
    )
    scp_scheduler = fields.Char(
        string="Dask Scheduler",
        config_parameter='crm_scp_analytics.scheduler',
        help="Address of the scheduler whose workers compare the forecast models, as tcp://host:8786. Empty: none.",
    )

    @api.constrains('scp_processes', 'scp_scheduler')
    def _check_scp_executor(self):
        for settings in self:
            if not 1 <= settings.scp_processes <= PROCESSES_MAX:
                raise ValidationError(self.env._(
                    "%(field)s must lie between 1 and %(longest)s, not at %(value)s.",
                    field=self._fields['scp_processes']._description_string(self.env),
                    longest=PROCESSES_MAX,
                    value=settings.scp_processes,
                ))
            if settings.scp_scheduler and not re.fullmatch(r'(tcp|tls)://\S+:\d{1,5}', settings.scp_scheduler):
                raise ValidationError(self.env._(
                    "%(field)s: %(address)s is no address of a scheduler, as tcp://host:8786 would be.",
                    field=self._fields['scp_scheduler']._description_string(self.env),
                    address=settings.scp_scheduler,
                ))

    def action_scp_test_scheduler(self):
        """Ask the scheduler entered, saved or not, for its workers."""
        from ...engine import executors  # noqa: PLC0415  numpy is loaded by the process that scores

        self.ensure_one()
        self.check_access('write')
        with executors.open_executor(self.scp_scheduler or '') as executor:
            if executor.problem:
                raise UserError(
                    self.env['scp.value.run']._get_executor_sentence(executor.problem, self.scp_scheduler))
            message = self.env._(
                "%(scheduler)s answers. Workers with the libraries of this server: %(workers)s.",
                scheduler=self.scp_scheduler, workers=getattr(executor, 'workers', 0),
            )
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {'type': 'success', 'message': message},
        }

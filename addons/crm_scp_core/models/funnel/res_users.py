from odoo import api, models
from odoo.exceptions import UserError


class ResUsers(models.Model):
    _inherit = 'res.users'

    @api.ondelete(at_uninstall=False)
    def _unlink_except_forecast_submitted(self):
        # sudo: what somebody has said is kept, whoever may read it
        submission = self.env['scp.forecast.submission'].sudo().search([
            '|', ('user_id', 'in', self.ids), ('author_id', 'in', self.ids),
        ], limit=1)
        if submission:
            raise UserError(self.env._(
                "%(user)s has submitted forecasts, which are kept: archive the user instead.",
                user=(self & (submission.user_id | submission.author_id))[:1].name,
            ))

    def unlink(self):
        self.env['crm.lead']._log_scp_cleared('user_id', self.ids)
        return super().unlink()

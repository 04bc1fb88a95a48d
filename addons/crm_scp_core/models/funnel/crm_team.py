from odoo import models


class CrmTeam(models.Model):
    _inherit = 'crm.team'

    def unlink(self):
        self.env['crm.lead']._log_scp_cleared('team_id', self.ids)
        return super().unlink()

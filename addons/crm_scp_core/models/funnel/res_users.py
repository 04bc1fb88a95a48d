from odoo import models


class ResUsers(models.Model):
    _inherit = 'res.users'

    def unlink(self):
        self.env['crm.lead']._log_scp_cleared('user_id', self.ids)
        return super().unlink()

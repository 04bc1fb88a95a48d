from odoo import models


class ScpValueRun(models.Model):
    _inherit = 'scp.value.run'

    # === BUSINESS METHODS ===#

    def _publish(self):
        result = super()._publish()
        self.env['scp.sevenp']._trigger_job()
        return result

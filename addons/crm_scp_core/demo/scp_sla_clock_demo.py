from odoo import api, models


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _fire_clocks(self):
        """Let the clocks of the complaints have done what time made due since."""
        Clock = self.env['scp.sla.clock']
        Clock._fire(Clock.search([('next_event_at', '<=', Clock._get_now())]))

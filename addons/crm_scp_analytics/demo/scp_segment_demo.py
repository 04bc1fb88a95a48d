from odoo import api, models


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _refresh_segments(self):
        """Work out the members, as the job after each scoring would."""
        self.env['scp.segment'].sudo().search([('kind', '!=', 'profile')])._refresh()

from odoo import api, models


class ScpDeliveryRefresh(models.Model):
    _inherit = 'scp.delivery.refresh'

    # === BUSINESS === #

    @api.model
    def _cron_refresh(self):
        """Exceptions follow from facts: look for them once these are up to date."""
        result = super()._cron_refresh()
        Exceptions = self.env['scp.exception']
        Exceptions._sync()
        Exceptions._tell_salespeople()
        return result

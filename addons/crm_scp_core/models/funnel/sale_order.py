from odoo import models


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    def action_confirm(self):
        result = super().action_confirm()
        self.opportunity_id._follow_scp_confirmation()
        return result

    def _action_cancel(self):
        result = super()._action_cancel()
        self.opportunity_id._follow_scp_cancellation()
        return result

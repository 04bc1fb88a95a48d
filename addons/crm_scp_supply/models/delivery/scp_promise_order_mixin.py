from odoo import models


class ScpPromiseOrderMixin(models.AbstractModel):
    _inherit = 'scp.promise.order.mixin'

    # === BUSINESS === #

    def _scp_release_promises(self):
        result = super()._scp_release_promises()
        self.env['scp.delivery.fact']._release(self._scp_order_field, self.ids)
        return result

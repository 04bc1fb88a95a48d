from odoo import api, models


class ScpCustomer(models.Model):
    _inherit = 'scp.customer'

    # === BUSINESS METHODS ===#

    @api.model
    def _get_merge_keys(self) -> dict[str, tuple[str, ...]]:
        return super()._get_merge_keys() | {'scp.sevenp': ('period',)}

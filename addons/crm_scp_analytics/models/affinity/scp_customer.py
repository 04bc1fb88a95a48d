from odoo import api, fields, models


class ScpCustomer(models.Model):
    _inherit = 'scp.customer'

    affinity_suggestion_ids = fields.One2many(
        comodel_name='scp.affinity.suggestion', inverse_name='customer_id', string="Product Suggestions",
        groups='crm_scp_core.group_scp_user,crm_scp_core.group_scp_auditor',
    )

    # === BUSINESS METHODS ===#

    @api.model
    def _get_merge_keys(self) -> dict[str, tuple[str, ...]]:
        return super()._get_merge_keys() | {'scp.affinity.suggestion': ('product_id',)}

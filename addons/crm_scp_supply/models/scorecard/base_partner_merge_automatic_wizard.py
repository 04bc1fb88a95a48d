from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    @api.model
    def _get_scp_merge_keys(self):
        keys = super()._get_scp_merge_keys()
        keys.setdefault('scp.scorecard', []).append(('partner_id', 'template_id', 'date_from', 'version'))
        return keys

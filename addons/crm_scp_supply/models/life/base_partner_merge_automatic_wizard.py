from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    @api.model
    def _get_scp_merge_keys(self):
        keys = super()._get_scp_merge_keys()
        keys.setdefault('scp.life.event', []).append(('partner_id', 'rule_id', 'lot_id', 'date_due'))
        return keys

from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    @api.model
    def _get_scp_merge_keys(self):
        keys = super()._get_scp_merge_keys()
        keys.setdefault('scp.certificate', []).append(
            ('partner_id', 'standard_id', 'number', 'date_from', 'company_id'))
        return keys

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        result = super()._merge(partner_ids, dst_partner=dst_partner, extra_checks=extra_checks)
        # the customer of a requirement may be another now
        self.env['scp.certificate.requirement']._forget_acting()
        return result

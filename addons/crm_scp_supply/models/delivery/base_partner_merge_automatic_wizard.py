from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Bring the facts over, whose links the base does not see: they have no foreign key."""
        super()._update_foreign_keys(src_partners, dst_partner)
        self.env['scp.delivery.fact']._release('partner_id', src_partners.ids, dst_partner.id)

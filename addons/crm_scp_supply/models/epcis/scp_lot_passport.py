from odoo import models


class ScpLotPassport(models.Model):
    _inherit = 'scp.lot.passport'

    def _prepare_page(self):
        return {**super()._prepare_page(), 'epcis_url': self._get_policy().share_lot_trace and f'{self.url}/epcis'}

    def _prepare_epcis(self):
        """The EPCIS document that the partner may have, or None."""
        self.ensure_one()
        Epcis = self.env['scp.epcis'].with_context(allowed_company_ids=self.company_id.ids)
        policy = self._get_policy()
        if not policy.share_lot_trace:
            return None
        return Epcis._prepare_document(
            Epcis._get_partner_events(self.lot_id, self.partner_id.commercial_partner_id, policy))

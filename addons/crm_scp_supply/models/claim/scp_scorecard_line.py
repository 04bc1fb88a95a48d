from odoo import models


class ScpScorecardLine(models.Model):
    _inherit = 'scp.scorecard.line'

    # === BUSINESS === #

    def _get_evidence_records(self):
        card = self.card_id
        return super()._get_evidence_records() | {
            'claim': ('scp.supplier.claim.report', self.env['scp.scorecard.figure']._get_claim_domain(
                card.partner_id, card.company_id, card.date_from, card.date_to)),
        }

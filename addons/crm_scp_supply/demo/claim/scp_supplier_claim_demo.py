from datetime import timedelta

from odoo import Command, api, models

CLAIMED, SETTLED, REFUNDED = 4, 50, 31  # days ago
# What the steam valves cost beside the goods
COSTS = (('freight', 180.0, "Valves sent back by air"), ('labour', 420.0, "Opened and measured in the laboratory"))
# The packing swells, and the actuators had rough stems: nine parts to one
PARTS = {'sealtech': 90, 'pneumo': 10}
FAULTS = {
    'sealtech': "The FKM compound of the packings swells by 6 % in steam of 180 °C; 2 % were agreed.",
    'pneumo': "The stems are rougher than Ra 0.8 and wear the packing.",
}


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _create_claims(self):
        """A complaint claimed of two suppliers, of whom one disputes; and two claims on a third, one of them paid."""
        complaint = self.env.ref('crm_scp_supply.scp_complaint_steam_valve')
        self.env['scp.complaint.cost'].create([
            {'complaint_id': complaint.id, 'kind': kind, 'amount': amount, 'name': name}
            for kind, amount, name in COSTS
        ])
        moment = self._moment(CLAIMED)
        user = self.env.ref('crm_scp_core.user_scp_quality')
        with self._at(moment):
            claims = self.env['scp.supplier.claim'].with_context(tracking_disable=True)._claim(complaint)
            claims.user_id = user
        records = {}
        for name, part in PARTS.items():
            partner = self.env.ref(f'crm_scp_supply.supplier_{name}')
            claim = claims.filtered(lambda claim, partner=partner: claim.partner_id == partner)
            claim.write({'weight': part, 'fault': FAULTS[name], 'date': moment.date()})
            records[name] = claim
        self._send_claim(records['sealtech'], moment)
        records['sealtech'].write({
            'answer': "Our test shows 3 % at 170 °C. Please tell us the pressure and the medium.",
        })
        records['sealtech']._take_answer('disputed')
        records |= self._create_received_claims(user)
        self.env['ir.model.data']._update_xmlids([
            {'xml_id': f'crm_scp_supply.scp_supplier_claim_{name}', 'record': claim, 'noupdate': True}
            for name, claim in records.items()
        ])

    def _create_received_claims(self, user):
        """Faults found when goods came in: entered by hand, one settled and one waiting for the supplier."""
        weihai = self.env.ref('crm_scp_supply.supplier_weihai')
        settled, waiting = self.env['scp.supplier.claim'].with_context(tracking_disable=True).create([
            {
                'name': name, 'partner_id': weihai.id, 'user_id': user.id, 'fault': fault,
                'date': self._moment(day).date(),
                'company_id': self.env.ref('base.main_company').id,
                'line_ids': [Command.create({'kind': kind, 'amount': amount, 'name': text})
                             for kind, amount, text in lines],
            } for day, name, fault, lines in (
                (SETTLED, "Blowholes in bonnets", "Blowholes at the flange face: 6 of 200 bonnets leak under pressure.",
                 (('goods', 312.0, "6 bonnets"), ('labour', 160.0, "Sorting"))),
                (CLAIMED, "Castings without marking", "The heat number is missing on 40 castings; they cannot be used.",
                 (('labour', 240.0, "Spectrometer"),)),
            )
        ])
        self._send_claim(settled, self._moment(SETTLED))
        settled.amount_agreed = 400.0
        settled._take_answer('accepted')
        settled.answered_at = settled.sent_at + timedelta(days=6)
        refund = self.env['account.move'].create(settled._prepare_refund_values() | {
            'invoice_date': self._moment(REFUNDED).date(), 'date': self._moment(REFUNDED).date()})
        refund.action_post()
        self._send_claim(waiting, self._moment(CLAIMED))
        return {'weihai_settled': settled, 'weihai': waiting}

    def _send_claim(self, claim, moment):
        """As the button does, without the mail: nobody gets one of the demo data."""
        claim.write(claim._prepare_sent_values() | {
            'sent_at': moment, 'answer_by': (moment + timedelta(days=14)).date()})

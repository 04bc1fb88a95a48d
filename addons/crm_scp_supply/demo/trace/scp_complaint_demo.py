from datetime import timedelta

from markupsafe import Markup

from odoo import Command, api, models

from odoo.addons.crm_scp_core.demo.scp_demo import BULK_CONTEXT

RECEIVED, SCRAPPED = 9, 5  # days ago
WORDS = (
    "Three of the ten valves weep at the stem after four weeks of steam. The packing has swollen. "
    "十台阀门中有三台阀杆处渗漏,填料已膨胀。"
)


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _create_lot_complaint(self):
        """A customer complains of steam valves; the lot is known, others have the same packing."""
        customer = self.env.ref('crm_scp_core.partner_hengtai')
        valve = self.env.ref('crm_scp_supply.product_steam_valve')
        lot = self.env.ref('crm_scp_supply.lot_sv_0118')
        delivery = self.env['stock.picking'].search([
            ('partner_id', '=', customer.id), ('move_ids.product_id', '=', valve.id)], limit=1)
        received = self._moment(RECEIVED)
        with self._at(received):
            Complaint = self.env['scp.complaint'].with_context(**BULK_CONTEXT, ir_sequence_date=received.date())
            complaint = Complaint.create({
                'name': "Steam valves weep at the stem",
                'description': Markup("<p>%s</p>") % WORDS,
                'company_id': delivery.company_id.id,
                'partner_id': self.env.ref('crm_scp_core.partner_hengtai_contact').id,
                'channel': 'email',
                'received_at': received,
                'acknowledged_at': received + timedelta(hours=1),
                'first_response_at': received + timedelta(hours=5),
                'assessed_at': received + timedelta(hours=26),
                'contained_at': received + timedelta(hours=30),
                'remedy_sought': 'replacement',
                'product_id': valve.id,
                'picking_ids': [Command.set(delivery.ids)],
                'lot_ids': [Command.set(lot.ids)],
                'category_id': self.env.ref('crm_scp_core.scp_complaint_category_product_defect').id,
                'severity': 's2',
                'is_safety': True,
                'user_id': customer.user_id.id,
                'state': 'investigating',
            })
        # Two valves of the lot were still here: opened for the laboratory
        moment = self._moment(SCRAPPED)
        with self._at(moment):
            self._scrap(lot, 2, moment, scp_complaint_id=complaint.id)
        complaint._take_stock_costs()
        self.env['ir.model.data']._update_xmlids([{
            'xml_id': 'crm_scp_supply.scp_complaint_steam_valve', 'record': complaint, 'noupdate': True,
        }])

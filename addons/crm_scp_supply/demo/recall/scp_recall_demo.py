from datetime import timedelta

from odoo import Command, api, models

STARTED, DRILLED = 2, 40  # days ago
# By customer: of the valves he received, how many he found, used, passed on
ANSWERS = {'rheintal': (5, 3, 0), 'ostsee': (6, 0, 0)}


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _create_recalls(self):
        """A drill that went well, and a recall that runs: two of four customers have answered."""
        drill = self._create_recall(
            "Drill: actuators of one delivery", 'lot_ac_2201', is_drill=True,
            hazard="None: this is an exercise.", remedy="None: this is an exercise.")
        self._start_recall(drill, self._moment(DRILLED))
        drill.action_close()
        drill.closed_at = drill.started_at + timedelta(hours=3)
        complaint = self.env.ref('crm_scp_supply.scp_complaint_steam_valve')
        recall = self._create_recall(
            "Stem packing swells in steam", 'lot_vr_0417', complaint_id=complaint.id,
            hazard="The stem packing swells in steam above 180 °C. Hot steam can escape at the stem and burn people.",
            remedy="We replace the packing at your site or send you another valve, free of charge.")
        self._start_recall(recall, self._moment(STARTED))
        # past the job: nobody gets a mail of the demo data
        recall.customer_ids.write({'notified_at': recall.started_at + timedelta(minutes=5), 'notice_count': 1})
        for name, quantities in ANSWERS.items():
            partner = self.env.ref(f'crm_scp_core.partner_{name}')
            customer = recall.customer_ids.filtered(lambda customer, partner=partner: customer.partner_id == partner)
            customer._answer({
                line.id: dict(zip(('qty_kept', 'qty_used', 'qty_passed'), quantities, strict=True))
                for line in customer.line_ids[:1]
            }, "")
            customer.answered_at = recall.started_at + timedelta(hours=20)
        self.env['ir.model.data']._update_xmlids([
            {'xml_id': f'crm_scp_supply.scp_recall_{name}', 'record': record, 'noupdate': True}
            for name, record in (('drill', drill), ('packing', recall))
        ])

    def _create_recall(self, name, lot, **values):
        return self.env['scp.recall'].with_context(tracking_disable=True).create({
            'name': name,
            'lot_ids': [Command.set(self.env.ref(f'crm_scp_supply.{lot}').ids)],
            'company_id': self.env.ref('base.main_company').id,
            'user_id': self.env.ref('crm_scp_core.user_scp_quality').id,
            'contact_phone': "+1 555-010-0199",
            'contact_email': 'recall@example.com',
            **values,
        })

    def _start_recall(self, recall, moment):
        with self._at(moment):
            recall.action_start()
            recall.started_at = moment

from odoo import api, fields, models

STATUSES = [('covered', "Covered"), ('exempt', "Exempt"), ('missing', "Not Covered")]


class ScpLotCompliance(models.TransientModel):
    """What a lot is made of, who had to hold a certificate for it, and which one held when it came."""

    _name = 'scp.lot.compliance'
    _description = "Proof of a Lot"
    _order = 'requirement_id, day, tier, id'

    lot_id = fields.Many2one('stock.lot', required=True, readonly=True)
    requirement_id = fields.Many2one('scp.certificate.requirement', required=True, readonly=True)
    standard_id = fields.Many2one(related='requirement_id.standard_id')
    lot_status = fields.Selection(STATUSES, string="The Whole Lot", readonly=True)
    share = fields.Float(
        string="Covered Share (%)", digits=(5, 1), readonly=True, aggregator=None,
        help="Of what the lot is made of, by quantity.",
    )
    part_lot_id = fields.Many2one('stock.lot', string="Lot Received", readonly=True)
    product_id = fields.Many2one('product.product', readonly=True)
    partner_id = fields.Many2one('res.partner', string="Holder", readonly=True)
    tier = fields.Integer(readonly=True, aggregator=None)
    day = fields.Date(string="Received On", readonly=True)
    certificate_id = fields.Many2one('scp.certificate', readonly=True)
    status = fields.Selection(STATUSES, readonly=True)
    picking_id = fields.Many2one('stock.picking', string="Receipt", readonly=True)
    purchase_order_id = fields.Many2one('purchase.order', readonly=True)

    @api.model
    def _open(self, lots):
        """Draw up the proofs of lots and show them."""
        found = self.env['scp.certificate.proof']._get_compliance(
            lots._scp_get_requirements(), lots, self.env.company)
        rows = self.create([
            self._prepare_row(compliance, *proof) for compliance in found for proof in compliance.proofs
        ])
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_lot_compliance_action')
        name = self.env._("Certificates behind %s", ", ".join(lots.mapped('display_name')[:3]))
        return action | {'name': name, 'display_name': name, 'domain': [('id', 'in', rows.ids)]}

    @api.model
    def _prepare_row(self, compliance, receipt, proof):
        return {
            'lot_id': compliance.lot_id,
            'requirement_id': compliance.requirement_id,
            'lot_status': compliance.status,
            'share': compliance.share,
            'part_lot_id': receipt and receipt.lot_id,
            'product_id': proof.product_id,
            'partner_id': proof.partner_id,
            'tier': proof.tier,
            'day': receipt and receipt.day,
            'certificate_id': proof.certificate_id,
            'status': 'missing' if not proof.certificate_id else 'exempt' if proof.is_waiver else 'covered',
            'picking_id': receipt and receipt.picking_ids[:1] and receipt.picking_ids[0],
            'purchase_order_id': receipt and receipt.purchase_ids[:1] and receipt.purchase_ids[0],
        }

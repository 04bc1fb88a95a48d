from odoo import api, models


class StockPicking(models.Model):
    _name = 'stock.picking'
    _inherit = ['stock.picking', 'scp.certificate.check.mixin']

    # === COMPUTE === #

    @api.depends('move_line_ids.lot_id', 'move_line_ids.quantity')
    def _compute_scp_certificate(self):
        return super()._compute_scp_certificate()

    # === BUSINESS === #

    def _action_done(self):
        texts = self._scp_check_certificates()
        result = super()._action_done()
        self._scp_log_certificates(texts)
        return result

    def _scp_get_certificate_gaps(self):
        """Of what comes from a supplier his certificates; of lots that go to a customer those they rest on."""
        self.ensure_one()
        if self.state in ('draft', 'done', 'cancel'):
            return []
        lines = self.move_line_ids.filtered('quantity')
        bought = lines.filtered(lambda line: line.location_id.usage == 'supplier')
        sold = lines.filtered(lambda line: line.lot_id and line.location_dest_id.usage == 'customer') - bought
        gaps = []
        if bought:
            address = bought.move_id.purchase_line_id.order_id.partner_id[:1] or self.partner_id
            gaps += self._scp_get_bought_gaps(bought.product_id, address)
        if sold:
            gaps += self._scp_get_sold_gaps(sold.lot_id)
        return gaps

    def _scp_get_sold_gaps(self, lots):
        customer = self.partner_id.commercial_partner_id
        requirements = self.env['scp.certificate.requirement']._get_acting_on(self.company_id, customer=customer)
        found = self.env['scp.certificate.proof']._get_compliance(requirements, lots, self.company_id)
        return [
            (requirements.browse(compliance.requirement_id), self._scp_get_sold_text(compliance))
            for compliance in found if compliance.status == 'missing'
        ]

    def _scp_get_sold_text(self, compliance):
        lot = self.env['stock.lot'].browse(compliance.lot_id)
        standard = self.env['scp.certificate.requirement'].sudo().browse(compliance.requirement_id).standard_id
        # sudo: names in a message that says why, to whoever is stopped
        reasons = [
            self._scp_get_bought_text(proof) if proof.partner_id else self.env._("nobody knows where it came from.")
            for _receipt, proof in compliance.proofs if not proof.certificate_id
        ] or [self.env._("it is made of goods of several suppliers.")]
        return self.env._(
            "Lot %(lot)s of %(product)s does not keep %(standard)s: %(reason)s",
            lot=lot.name, product=lot.product_id.display_name, standard=standard.display_name, reason=reasons[0])

from odoo import api, models

PENDING = ('draft', 'sent', 'to approve')


class PurchaseOrder(models.Model):
    _name = 'purchase.order'
    _inherit = ['purchase.order', 'scp.certificate.check.mixin']

    # === COMPUTE === #

    @api.depends('order_line.product_id')
    def _compute_scp_certificate(self):
        return super()._compute_scp_certificate()

    # === ACTIONS === #

    def button_confirm(self):
        pending = self.filtered(lambda order: order.state in ('draft', 'sent'))
        texts = pending._scp_check_certificates()
        result = super().button_confirm()
        self._scp_log_certificates(texts)
        return result

    def button_approve(self, force=False):
        # what was asked when it was confirmed is asked again: days may have passed
        self.filtered(lambda order: order.state == 'to approve')._scp_check_certificates()
        return super().button_approve(force=force)

    # === BUSINESS === #

    def _scp_get_certificate_gaps(self):
        self.ensure_one()
        if self.state not in PENDING:
            return []
        return self._scp_get_bought_gaps(self.order_line.product_id, self.partner_id)

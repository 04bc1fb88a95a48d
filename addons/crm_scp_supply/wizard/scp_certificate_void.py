from odoo import fields, models


class ScpCertificateVoid(models.TransientModel):
    """Suspend or withdraw a certificate: from when, and why."""

    _name = 'scp.certificate.void'
    _description = "Suspend or Withdraw a Certificate"

    certificate_id = fields.Many2one('scp.certificate', required=True, readonly=True)
    state = fields.Selection([('suspended', "Suspend"), ('withdrawn', "Withdraw")], required=True, readonly=True)
    day = fields.Date(
        string="From", required=True, default=fields.Date.context_today,
        help="Goods that came on this day or later are not covered. If it never was right: its first day.",
    )
    reason = fields.Text(required=True)
    lot_count = fields.Integer(related='certificate_id.lot_count')
    receipt_count = fields.Integer(related='certificate_id.receipt_count')
    purchase_count = fields.Integer(related='certificate_id.purchase_count')
    sale_count = fields.Integer(related='certificate_id.sale_count')
    customer_count = fields.Integer(related='certificate_id.customer_count')

    def action_void(self):
        self.ensure_one()
        self.certificate_id._void(self.state, self.day, self.reason.strip())
        return {'type': 'ir.actions.act_window_close'}

from odoo import api, fields, models

from .scp_supplier_claim import ORIGIN_GROUPS


class ScpComplaint(models.Model):
    _inherit = 'scp.complaint'

    claim_ids = fields.One2many('scp.supplier.claim', 'complaint_id', string="Supplier Claims", groups=ORIGIN_GROUPS)
    claim_count = fields.Integer(string="Claims", compute='_compute_claim_count', groups=ORIGIN_GROUPS)

    # === COMPUTE === #

    @api.depends('claim_ids')
    def _compute_claim_count(self):
        for complaint in self:
            complaint.claim_count = len(complaint.claim_ids)

    # === ACTIONS === #

    def action_claim(self):
        """Claim what the complaint cost of the suppliers behind its lots."""
        self.ensure_one()
        self.action_take_stock_costs()
        return self.env['scp.supplier.claim']._claim(self)._get_claims_action()

    @api.readonly
    def action_view_claims(self):
        return self.claim_ids._get_claims_action()

    # === BUSINESS === #

    def _get_claim_lots(self):
        return self.lot_ids

    def _get_claim_costs(self):
        return self.cost_ids.sorted('id')

from odoo import api, fields, models
from odoo.fields import Domain

from .scp_supplier_claim import ORIGIN_GROUPS


class ScpRecall(models.Model):
    _inherit = 'scp.recall'

    claim_ids = fields.One2many('scp.supplier.claim', 'recall_id', string="Supplier Claims", groups=ORIGIN_GROUPS)
    claim_count = fields.Integer(string="Claims", compute='_compute_claim_count', groups=ORIGIN_GROUPS)
    company_currency_id = fields.Many2one(related='company_id.currency_id', string="Company Currency")
    cost_total = fields.Monetary(
        string="Cost", currency_field='company_currency_id', compute='_compute_cost_total', groups=ORIGIN_GROUPS,
        help="All costs of the complaint behind the recall, and of every complaint about a lot affected.")

    # === COMPUTE === #

    @api.depends('claim_ids')
    def _compute_claim_count(self):
        for recall in self:
            recall.claim_count = len(recall.claim_ids)

    @api.depends('complaint_id', 'lot_ids', 'affected_lot_ids')
    def _compute_cost_total(self):
        for recall in self:
            # sudo: one figure for who may read recalls with their costs
            recall.cost_total = sum(recall._origin.sudo()._get_claim_costs().mapped('amount_company'))

    # === ACTIONS === #

    def action_claim(self):
        """Claim what complaints about these lots cost of the suppliers behind them."""
        self.ensure_one()
        self.check_access('write')
        self.sudo()._get_complaints()._take_stock_costs()  # sudo: as the complaint's own button
        return self.env['scp.supplier.claim']._claim(self)._get_claims_action()

    @api.readonly
    def action_view_claims(self):
        return self.claim_ids._get_claims_action()

    @api.readonly
    def action_view_costs(self):
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_core.scp_complaint_cost_action')
        costs = self.sudo()._get_claim_costs()  # sudo: only ids; which of them he reads is for his rules
        return action | {'domain': [('id', 'in', costs.ids)], 'context': {}}

    # === BUSINESS === #

    def _get_complaints(self):
        """The complaint behind the recall, and those about its lots."""
        self.ensure_one()
        lots = self.lot_ids | self.affected_lot_ids
        return self.complaint_id | self.env['scp.complaint'].search(
            Domain('lot_ids', 'in', lots.ids) & Domain('company_id', '=', self.company_id.id))

    def _get_claim_lots(self):
        return self.lot_ids

    def _get_claim_costs(self):
        costs = self.env['scp.complaint.cost']
        return self._get_complaints().cost_ids.sorted('id') if self else costs

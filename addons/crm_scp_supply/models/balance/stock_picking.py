from odoo import api, fields, models

from ..certificate.scp_certificate_check_mixin import GROUPS


class StockPicking(models.Model):
    _inherit = 'stock.picking'

    scp_balance_claim_ids = fields.One2many(
        'scp.balance.claim', 'picking_id', string="Chain-of-Custody Claims", copy=False, groups=GROUPS)
    scp_may_claim = fields.Boolean(
        string="May Be Claimed", compute='_compute_scp_may_claim', groups=GROUPS,
        help="Goods that go to a customer, of a company with mass balance accounts.",
    )

    # === COMPUTE === #

    @api.depends('picking_type_code', 'company_id')
    def _compute_scp_may_claim(self):
        for picking in self:
            picking.scp_may_claim = picking.picking_type_code == 'outgoing' and bool(
                self.env['scp.balance.account']._get_acting(picking.company_id.id))

    # === BUSINESS === #

    def _create_backorder(self, backorder_moves=None):
        backorders = super()._create_backorder(backorder_moves=backorder_moves)
        # sudo: claims go on with the goods, whoever delivers
        if backorders and (claims := self.sudo().scp_balance_claim_ids):
            claims._carry_on(backorders)
        return backorders

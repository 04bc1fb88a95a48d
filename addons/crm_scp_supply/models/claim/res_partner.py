from odoo import api, fields, models
from odoo.tools import SQL

from .scp_supplier_claim import CLAIM_GROUPS


class ResPartner(models.Model):
    _inherit = 'res.partner'

    scp_claim_count = fields.Integer(
        string="Supplier Claims", compute='_compute_scp_counts', groups=CLAIM_GROUPS)

    # === COMPUTE === #

    def _get_scp_count_queries(self):
        return [*super()._get_scp_count_queries(), *self._prepare_scp_count_query(
            'scp.supplier.claim', 'partner_id', scp_claim_count=SQL("count(*)"))]

    # === ACTIONS === #

    @api.readonly
    def action_view_scp_claims(self):
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_supplier_claim_action')
        return action | {'domain': [('partner_id', '=', self.commercial_partner_id.id)], 'context': {}}

from odoo import api, fields, models

from .scp_supplier_claim import CLAIM_GROUPS


class ResPartner(models.Model):
    _inherit = 'res.partner'

    scp_claim_count = fields.Integer(
        string="Supplier Claims", compute='_compute_scp_claim_count', groups=CLAIM_GROUPS)

    # === COMPUTE === #

    @api.depends('commercial_partner_id')
    @api.depends_context('allowed_company_ids', 'uid')
    def _compute_scp_claim_count(self):
        Claim = self.env['scp.supplier.claim']
        companies = self.commercial_partner_id._origin
        counts = dict(Claim._read_group(
            [('partner_id', 'in', companies.ids)], ['partner_id'], ['__count'],
        )) if Claim.has_access('read') else {}
        for partner in self:
            partner.scp_claim_count = counts.get(partner.commercial_partner_id._origin, 0)

    # === ACTIONS === #

    @api.readonly
    def action_view_scp_claims(self):
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_supplier_claim_action')
        return action | {'domain': [('partner_id', '=', self.commercial_partner_id.id)], 'context': {}}

from odoo import api, fields, models

from odoo.addons.crm_scp_core.models.hub.res_partner import DEAL_GROUPS


class ResPartner(models.Model):
    _inherit = 'res.partner'

    scp_sevenp_card = fields.Json(
        string="7P", compute='_compute_scp_sevenp_card', groups=DEAL_GROUPS,
    )

    # === COMPUTE METHODS ===#

    @api.depends('commercial_partner_id')
    @api.depends_context('company', 'lang', 'uid')
    def _compute_scp_sevenp_card(self):
        rows = self.env['scp.sevenp'].search([
            ('customer_id.partner_id', 'in', self.commercial_partner_id._origin.ids),
            ('company_id', '=', self.env.company.id),
            ('is_current', '=', True),
        ]).grouped('partner_id')
        for partner in self:
            row = rows.get(partner.commercial_partner_id._origin)
            partner.scp_sevenp_card = row.card if row else False

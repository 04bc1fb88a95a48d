from odoo import api, fields, models

READERS = ','.join([
    'crm_scp_core.group_scp_user',
    'crm_scp_core.group_scp_quality',
    'crm_scp_core.group_scp_auditor',
    'purchase.group_purchase_user',
    'stock.group_stock_user',
])


class ResPartner(models.Model):
    _inherit = 'res.partner'

    scp_certificate_count = fields.Integer(
        string="Certificates", compute='_compute_scp_certificate_count', groups=READERS,
        help="Certificates of this company that are valid.",
    )

    # === COMPUTE === #

    @api.depends('commercial_partner_id')
    @api.depends_context('allowed_company_ids')
    def _compute_scp_certificate_count(self):
        counts = dict(self.env['scp.certificate']._read_group(
            [('partner_id', 'in', self.commercial_partner_id._origin.ids), ('state', '=', 'valid')],
            ['partner_id'], ['__count'],
        ))
        for partner in self:
            partner.scp_certificate_count = counts.get(partner.commercial_partner_id._origin, 0)

    # === ACTIONS === #

    @api.readonly
    def action_view_scp_certificates(self):
        self.ensure_one()
        company = self.commercial_partner_id
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_certificate_action')
        return action | {
            'domain': [('partner_id', '=', company.id)], 'context': {'default_partner_id': company.id},
        }

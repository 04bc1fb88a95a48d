from odoo import api, fields, models
from odoo.tools import SQL

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
        string="Certificates", compute='_compute_scp_counts', groups=READERS,
        help="Certificates of this company that are valid.",
    )

    # === COMPUTE === #

    def _get_scp_count_queries(self):
        return [*super()._get_scp_count_queries(), *self._prepare_scp_count_query(
            'scp.certificate', 'partner_id', [('state', '=', 'valid')], scp_certificate_count=SQL("count(*)"))]

    # === ACTIONS === #

    @api.readonly
    def action_view_scp_certificates(self):
        self.ensure_one()
        company = self.commercial_partner_id
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_certificate_action')
        return action | {
            'domain': [('partner_id', '=', company.id)], 'context': {'default_partner_id': company.id},
        }

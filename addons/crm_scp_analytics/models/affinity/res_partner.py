from odoo import api, models


class ResPartner(models.Model):
    _inherit = 'res.partner'

    # === ACTIONS ===#

    @api.readonly
    def action_scp_view_suggestions(self):
        """Open what this customer is likely to buy next."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_scp_analytics.scp_affinity_suggestion_action')
        return action | {
            'display_name': self.env._("What to Offer %(customer)s", customer=self.commercial_partner_id.name),
            'domain': [
                ('customer_id.partner_id', '=', self.commercial_partner_id.id),
                ('company_id', '=', self.env.company.id),
            ],
            'context': {'search_default_group_kind': 1},
        }

from odoo import api, fields, models
from odoo.fields import Domain

SCORECARD_GROUPS = ','.join([
    'crm_scp_core.group_scp_user',
    'crm_scp_core.group_scp_quality',
    'crm_scp_core.group_scp_auditor',
    'account.group_account_invoice',
    'account.group_account_readonly',
    'purchase.group_purchase_user',
])
SHOWN = 4


class ResPartner(models.Model):
    _inherit = 'res.partner'

    scp_scorecard_ids = fields.Many2many(
        'scp.scorecard', string="Scorecards", compute='_compute_scp_scorecard_ids', groups=SCORECARD_GROUPS,
        help="The latest frozen ones.",
    )

    # === COMPUTE === #

    @api.depends('commercial_partner_id')
    @api.depends_context('allowed_company_ids', 'uid')
    def _compute_scp_scorecard_ids(self):
        Card = self.env['scp.scorecard']
        cards = Card.browse()
        if Card.has_access('read'):
            cards = Card.search(
                Domain('partner_id', 'in', self.commercial_partner_id._origin.ids)
                & Domain('state', 'in', ('frozen', 'published')))
        by_partner = cards.grouped('partner_id')
        for partner in self:
            partner.scp_scorecard_ids = by_partner.get(partner.commercial_partner_id._origin, Card)[:SHOWN]

    # === ACTIONS === #

    @api.readonly
    def action_view_scp_scorecards(self):
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_scorecard_action')
        return action | {
            'domain': [('partner_id', '=', self.commercial_partner_id.id)], 'context': {'search_default_current': 1},
        }

from odoo import api, fields, models

from .stock_lot import LIFE_GROUPS


class ResPartner(models.Model):
    _inherit = 'res.partner'

    scp_life_event_count = fields.Integer(
        string="Life Events", compute='_compute_scp_life_event_count', groups=LIFE_GROUPS,
        help="Ends of warranty, expiries, consumables and services due of the goods this company holds.",
    )

    # === COMPUTE === #

    @api.depends('commercial_partner_id')
    @api.depends_context('allowed_company_ids')
    def _compute_scp_life_event_count(self):
        counts = dict(self.env['scp.life.event']._read_group(
            [('partner_id', 'in', self.commercial_partner_id._origin.ids)], ['partner_id'], ['__count']))
        for partner in self:
            partner.scp_life_event_count = counts.get(partner.commercial_partner_id._origin, 0)

    # === ACTIONS === #

    @api.readonly
    def action_view_scp_life_events(self):
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_life_event_action')
        return action | {'domain': [('partner_id', '=', self.commercial_partner_id.id)], 'context': {}}

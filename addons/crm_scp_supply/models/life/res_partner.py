from odoo import api, fields, models
from odoo.tools import SQL

from .stock_lot import LIFE_GROUPS


class ResPartner(models.Model):
    _inherit = 'res.partner'

    scp_life_event_count = fields.Integer(
        string="Life Events", compute='_compute_scp_counts', groups=LIFE_GROUPS,
        help="Ends of warranty, expiries, consumables and services due of the goods this company holds.",
    )

    # === COMPUTE === #

    def _get_scp_count_queries(self):
        return [*super()._get_scp_count_queries(), *self._prepare_scp_count_query(
            'scp.life.event', 'partner_id', scp_life_event_count=SQL("count(*)"))]

    # === ACTIONS === #

    @api.readonly
    def action_view_scp_life_events(self):
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_life_event_action')
        return action | {'domain': [('partner_id', '=', self.commercial_partner_id.id)], 'context': {}}

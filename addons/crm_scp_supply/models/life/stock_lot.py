from odoo import api, fields, models

LIFE_GROUPS = (
    'stock.group_stock_user,crm_scp_core.group_scp_user,crm_scp_core.group_scp_quality,crm_scp_core.group_scp_auditor'
)


class StockLot(models.Model):
    _inherit = 'stock.lot'

    scp_life_event_count = fields.Integer(
        string="Life Events", compute='_compute_scp_life_event_count', groups=LIFE_GROUPS,
        help="Ends of warranty, expiries, consumables and services due of what customers hold of this lot.",
    )

    # === COMPUTE === #

    def _compute_scp_life_event_count(self):
        counts = dict(self.env['scp.life.event']._read_group(
            [('lot_id', 'in', self.ids)], ['lot_id'], ['__count']))
        for lot in self:
            lot.scp_life_event_count = counts.get(lot._origin, 0)

    # === ACTIONS === #

    @api.readonly
    def action_view_scp_life_events(self):
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_life_event_action')
        return action | {'domain': [('lot_id', '=', self.id)], 'context': {}}

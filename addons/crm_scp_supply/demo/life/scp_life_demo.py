from datetime import timedelta

from odoo import Command, api, fields, models

# name, event, months after delivery, again, days before, action
RULES = (
    ('warranty', "Check the valves before the warranty ends", 'warranty', 24, False, 60, 'mail'),
    ('packing', "Offer packings: they wear after two months of steam", 'consumable', 2, True, 21, 'activity'),
    ('expiry', "Elastomer parts expire: ask what is left", 'expiration_date', 1, False, 90, 'activity'),
)


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _create_life_events(self):
        """Warranty and packings of the steam valves, and what is to come for the customers who have them."""
        valves = self.env.ref('crm_scp_supply.product_steam_valve')
        manager = self.env.ref('crm_scp_core.user_scp_manager')
        since = fields.Date.today() - timedelta(days=10)
        rules = self.env['scp.life.rule'].create([{
            'name': text, 'kind': kind, 'period': period, 'is_repeated': again, 'offset_days': before,
            'action': action, 'user_id': manager.id, 'company_id': self.env.ref('base.main_company').id,
            'product_ids': [Command.set(valves.ids)] if kind != 'expiration_date' else False, 'date_from': since,
        } for _name, text, kind, period, again, before, action in RULES])
        self.env['ir.model.data']._update_xmlids([
            {'xml_id': f'crm_scp_supply.scp_life_rule_{values[0]}', 'record': rule, 'noupdate': True}
            for values, rule in zip(RULES, rules, strict=True)
        ])
        rules._plan()
        events = rules.event_ids.filtered(lambda event: event.kind == 'consumable')
        events.filtered(lambda event: event.date_act <= fields.Date.today() + timedelta(days=7))[:1].with_context(
            mail_activity_quick_update=True)._tell()

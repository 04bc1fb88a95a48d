from lxml import etree

from odoo import api, models

from ..promise.journal import PROMISE_GROUPS

CARRIER_FORM = 'delivery.view_delivery_carrier_form'
BUTTON_VIEW = 'crm_scp_supply.delivery_carrier_view_form'
BUTTON = "On Time in Full"


class ScpDeliveryMetric(models.AbstractModel):
    """Delivery figures on the form of a carrier, where carriers are in use: no addon of ours depends on them."""

    _inherit = 'scp.delivery.metric'

    # === OFFERING THE BUTTON === #

    def _register_hook(self):
        super()._register_hook()
        # carriers may come long after this addon, and load nothing of ours then
        if 'carrier_id' in self.env['stock.picking']._fields and not self.env.ref(BUTTON_VIEW, False):
            self._offer_carrier_button()

    @api.model
    def _offer_carrier_button(self):
        """Put the button into the form of carriers, as a view of this addon that goes with it."""
        action = self.env.ref('crm_scp_supply.scp_delivery_report_action_carrier')
        button = etree.Element('button', {
            'name': str(action.id), 'type': 'action', 'class': 'oe_stat_button', 'icon': 'fa-bullseye',
            'string': BUTTON, 'groups': PROMISE_GROUPS,
        })
        place = etree.Element('div', {'name': 'button_box', 'position': 'inside'})
        place.append(button)
        view = self.env['ir.ui.view'].create({
            'name': 'delivery.carrier.form.inherit.crm_scp_supply',
            'model': 'delivery.carrier',
            'inherit_id': self.env.ref(CARRIER_FORM).id,
            'arch': etree.tostring(place, encoding='unicode'),
        })
        self.env['ir.model.data']._update_xmlids([{'xml_id': BUTTON_VIEW, 'record': view, 'noupdate': True}])
        self._translate_carrier_button(code for code, _name in self.env['res.lang'].get_installed())

    @api.model
    def _translate_carrier_button(self, langs):
        """:param langs: codes of languages that have come; the view has no data file that would bring its terms"""
        if view := self.env.ref(BUTTON_VIEW, False):
            view.update_field_translations('arch_db', {
                lang: {BUTTON: self.with_context(lang=lang).env._("On Time in Full")}
                for lang in langs if lang != 'en_US'
            })

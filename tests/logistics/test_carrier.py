"""Carriers come with an addon of their own; their form opens how they deliver."""

from lxml import etree

from odoo.tests import new_test_user, tagged

from tests.logistics.common import LogisticsCase


@tagged('post_install', '-at_install')
class TestCarrier(LogisticsCase):

    def test_carrier(self):
        carrier = self.env['delivery.carrier'].create({
            'name': "Swift Lines",
            'product_id': self.env['product.product'].create({'name': "Freight", 'type': 'service'}).id,
        })
        sale = self._create_sale()
        picking = sale.picking_ids
        picking.carrier_id = carrier
        picking.move_ids.quantity = 10
        picking.move_ids.picked = True
        picking._action_done()
        self.env['scp.delivery.refresh']._cron_refresh()
        keeper = new_test_user(self.env, 'log_keeper', 'stock.group_stock_user')
        form = etree.fromstring(self.env['delivery.carrier'].with_user(keeper).get_view(view_type='form')['arch'])
        [button] = form.xpath("//button[@type='action'][@icon='fa-bullseye']")
        self.env['res.lang']._activate_lang('zh_CN')
        self.env['ir.module.module']._load_module_terms(['crm_scp_supply'], ['zh_CN'])
        chinese = self.env['delivery.carrier'].with_context(lang='zh_CN').get_view(view_type='form')['arch']
        self.assertIn('string="准时足量"', chinese)
        action = self.env['ir.actions.act_window'].browse(int(button.get('name')))
        self.assertEqual(action.domain, "[('carrier_ref', '=', active_id)]")
        lines = self.env[action.res_model].with_user(keeper).search([('carrier_ref', '=', carrier.id)])
        self.assertEqual((lines.sale_line_id, lines.carrier), (sale.order_line, "Swift Lines"))

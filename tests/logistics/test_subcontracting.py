"""A supplier who makes goods of our material: Odoo opens many more models to him in the portal."""

from odoo import Command
from odoo.tests import tagged

from tests.logistics.common import LogisticsCase


@tagged('post_install', '-at_install')
class TestSubcontracting(LogisticsCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.net = cls.env['product.product'].create({'name': "Net", 'type': 'consu', 'is_storable': True})
        cls.env['mrp.bom'].create({
            'product_tmpl_id': cls.net.product_tmpl_id.id, 'type': 'subcontract',
            'subcontractor_ids': [Command.set(cls.works.ids)],
            'bom_line_ids': [Command.create({'product_id': cls.rope.id, 'product_qty': 1})],
        })
        # what others buy and sell of the same goods
        cls.sale = cls._create_sale((cls.net, 3))
        cls.foreign = cls._create_purchase((cls.net, 4), partner=cls.loft)
        cls.purchase = cls._create_purchase((cls.net, 10))

    def test_subcontractor_learns_nothing_more(self):
        self.assertTrue(self.purchase.picking_ids.move_ids.is_subcontract)
        self.assert_learns_nothing(self.rob, self.yard.name, self.sale.name, self.loft.name, self.foreign.name)
        self.assert_closed(self.rob)

    def test_measured(self):
        """What he makes comes from a location of ours, and is received all the same."""
        picking = self.purchase.picking_ids
        picking.move_ids.quantity = 10
        picking.move_ids.picked = True
        picking._action_done()
        self.env['scp.delivery.refresh']._cron_refresh()
        fact = self.env['scp.delivery.fact'].search([
            ('direction', '=', 'in'), ('line_ref', '=', self.purchase.order_line.id),
        ])
        self.assertEqual((fact.qty_done, fact.is_in_full, fact.is_closed), (10, True, True))

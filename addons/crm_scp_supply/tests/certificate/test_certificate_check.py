from datetime import date

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import CertificateCommon


@tagged('post_install', '-at_install')
@freeze_time('2030-06-15')
class TestCertificateCheck(CertificateCommon):
    """Orders, receipts and deliveries without a certificate that is required."""

    @classmethod
    def _require(cls, products=None, **values):
        return super()._require(products, **{'action': 'hold', **values})

    def _order(self, product=None, supplier=None):
        return self.env['purchase.order'].create({
            'partner_id': (supplier or self.mill).id,
            'order_line': [Command.create({
                'product_id': (product or self.steel).id, 'product_qty': 5, 'price_unit': 1})]})

    def test_order_is_held(self):
        """The message names product, supplier, tier and standard; with a certificate the order goes on."""
        self._require()
        order = self._order()
        self.assertEqual(order.scp_certificate_action, 'hold')
        with self.assertRaisesRegex(
            UserError, rf"{order.name} is held: Steel: Mill \(tier 1\) has no certificate of TS 1:2028 that is valid",
        ):
            order.with_user(self.buyer).button_confirm()
        self.assertEqual(order.state, 'draft')
        self._certify(self.mill)
        order.invalidate_recordset()
        self.assertEqual((order.scp_certificate_action, order.scp_certificate_reason), ('none', False))
        order.with_user(self.buyer).button_confirm()
        self.assertEqual(order.state, 'purchase')

    def test_order_is_warned_of(self):
        self._require(action='warn')
        order = self._order()
        self.assertEqual(order.scp_certificate_action, 'warn')
        order.with_user(self.buyer).button_confirm()
        said = order.message_ids.mapped('preview')[0]
        self.assertIn("Went on although: Steel: Mill (tier 1) has no certificate", said)

    def test_waiting_for_approval(self):
        """Withdrawn between the buyer and who approves."""
        self._require()
        certificate = self._certify(self.mill)
        order = self._order()
        order.state = 'to approve'
        certificate._void('withdrawn', date(2030, 6, 15), "Forged")
        with self.assertRaisesRegex(UserError, "is held"):
            order.button_approve()

    def test_exemption_lets_through(self):
        self._require()
        self._certify(self.mill, is_waiver=True, notes="Audit is due", document=False)
        order = self._order()
        order.button_confirm()
        self.assertEqual(order.state, 'purchase')

    def test_second_tier(self):
        self._require(tier=2)
        self._certify(self.mill)
        with self.assertRaisesRegex(UserError, r"Steel: Mine \(tier 2\) has no certificate"):
            self._order().button_confirm()

    def test_other_goods_and_switch(self):
        """Pumps need nothing; steel neither while the company has switched it off or a customer alone asks."""
        requirement = self._require()
        self._order(self.pump).button_confirm()
        self.env.company.scp_certificate_acts = False
        self._order().button_confirm()
        self.env.company.scp_certificate_acts = True
        requirement.partner_id = self.yard
        self._order().button_confirm()
        requirement.write({'partner_id': False, 'action': 'none'})
        self._order().button_confirm()

    def test_category_tree(self):
        """A category that comes under the one named is held too, though the requirement was asked for before."""
        parent, child = self.env['product.category'].create([{'name': "Metal"}, {'name': "Sheets"}])
        self.steel.categ_id = child
        self._require().write({'product_ids': False, 'categ_ids': parent.ids})
        self.assertEqual(self._order().scp_certificate_action, 'none')
        child.parent_id = parent
        self.assertEqual(self._order().scp_certificate_action, 'hold')

    def test_receipt_is_held(self):
        """The order went out in time, the certificate expired before the goods came."""
        self._require()
        self._certify(self.mill, until=date(2030, 6, 30))
        order = self._order()
        order.button_confirm()
        with freeze_time('2030-07-01'):
            worker = new_test_user(self.env, 'certificate_stock', 'stock.group_stock_user')
            picking = order.picking_ids.with_user(worker)
            lot = self._create_lot(self.steel, "L")
            with self.assertRaisesRegex(UserError, "Mill .tier 1. has no certificate of TS 1:2028"):
                self._validate(picking, lot, 5)
            self.assertEqual((picking.scp_certificate_action, picking.state), ('hold', 'assigned'))
            self._certify(self.mill, date(2030, 7, 1), number="Mill 2")
            self._validate(picking, lot, 5)
        self.assertEqual(picking.state, 'done')

    def test_delivery_is_held(self):
        """A pump with steel that was not covered when it came does not leave; its steel went into it all the same."""
        pumps = self._create_lot(self.pump, "P")
        steel = self._receive(self.mill, "S1", date(2030, 3, 1))
        self._make({steel: 5}, {pumps: 5})
        requirement = self._require()
        self._certify(self.mill, date(2030, 6, 1))
        with self.assertRaisesRegex(UserError, r"Lot P of Pump does not keep TS 1:2028: Steel: Mill \(tier 1\) has no"):
            self._sell(self.yard, pumps, 1)
        requirement.action = 'warn'
        order = self._sell(self.yard, pumps, 1)
        self.assertIn("Went on although: Lot P of Pump", order.picking_ids.message_ids.mapped('preview')[0])

    def test_customer_requires(self):
        """The yard wants pumps of certified steel, the dock does not care."""
        pumps = self._create_lot(self.pump, "P")
        self._make({self._receive(self.mill, "S1", date(2030, 3, 1)): 5}, {pumps: 5})
        self._require(self.pump, partner_id=self.yard.id)
        self._sell(self.dock, pumps, 1)
        with self.assertRaisesRegex(UserError, "Lot P of Pump does not keep"):
            self._sell(self.yard, pumps, 1)
        self.assertFalse(pumps.scp_compliance, "What one customer asks for is no property of the lot")

    def test_nothing_required_costs_no_query(self):
        """With requirements on other goods the check of an order asks the database nothing either."""
        self._require()
        order = self._order(self.pump)
        order.button_confirm()
        for records in order, order.picking_ids:
            records._scp_check_certificates()
            order.sudo().state = 'draft'
            self.env.flush_all()
            with self.assertQueryCount(0):
                records._scp_check_certificates()

    # --- the figure --- #

    def test_cert_cover(self):
        """Of 300 received before the certificate and 100 under it: 25 %. Pumps and goods of last year do not count."""
        self._require(action='none')
        self._certify(self.mill, date(2030, 4, 1))
        for name, day, qty in (("A", date(2030, 3, 1), 60), ("B", date(2030, 5, 1), 20), ("C", date(2029, 5, 1), 9)):
            self._receive(self.mill, name, day, qty)
        self._receive(self.mill, "D", date(2030, 5, 1), 7, product=self.pump)
        values = self.env['scp.scorecard.figure']._get_values(
            ['cert_cover'], 'supplier', self.mill + self.forge, self.env.company, date(2030, 1, 1), date(2030, 12, 31))
        figure = values[self.mill.id]['cert_cover']
        self.assertEqual((figure.numerator, figure.denominator, figure.n, figure.value), (100, 400, 2, 0.25))
        self.assertEqual(values[self.forge.id], {}, "nothing came: no data")

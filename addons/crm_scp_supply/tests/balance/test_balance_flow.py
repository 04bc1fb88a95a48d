from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import BalanceCommon


@freeze_time('2030-07-01 10:00:00')
@tagged('post_install', '-at_install')
class TestBalanceFlow(BalanceCommon):
    """Goods move, and the books follow in the same transaction."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ingot = cls._create_lot(cls.steel, "I-1")
        cls.scrap = cls._create_lot(cls.steel, "S-1")

    def _deliver(self, lot, qty, ordered=None, percent=70, account=None):
        """Deliver a lot of which a part is claimed; the transfer is returned."""
        order = self.env['sale.order'].create({
            'partner_id': self.yard.id,
            'order_line': [Command.create({'product_id': lot.product_id.id, 'product_uom_qty': ordered or qty})],
        })
        order.action_confirm()
        picking = order.picking_ids
        picking.scp_balance_claim_ids = [Command.create({
            'account_id': (account or self.account).id, 'product_id': lot.product_id.id, 'percent': percent})]
        self._validate(picking, lot, qty)
        return picking

    def test_receipt(self):
        """What a certified supplier delivers is a credit; what others deliver, an exemption or ISO 9001 is none."""
        self._buy(self.mill, self.ingot, 40)
        self._buy(self.forge, self.scrap, 25)
        self._certify(self.forge, coc_model=False)
        self._buy(self.forge, self.scrap, 25)
        self._assert_entries(self.account, ('input', 40, 40))
        entry = self.Entry.search([('account_id', '=', self.account.id)])
        self.assertEqual((entry.certificate_id, entry.lot_id, entry.partner_id, entry.source), (
            self.certificate, self.ingot, self.mill, 'receipt'))
        self.assertEqual(self.certificate.balance_entry_count, 1)

    def test_average_counts_all_goods(self):
        self.account.method = 'average'
        self._buy(self.mill, self.ingot, 40)
        self._buy(self.forge, self.scrap, 60)
        self._assert_entries(self.account, ('input', 40, 40), ('input', 0, 60))
        self.assertEqual(self.account.average_percent, 40)
        with self.assertRaisesRegex(UserError, r"Steel, 41\.00 %, is above .* Steel, 40\.00 %"):
            self._deliver(self.scrap, 10, percent=41)
        self._deliver(self.scrap, 10, percent=40)
        self.assertEqual(self.account.balance, 36)

    def test_conversion_factor(self):
        """A unit of steel is 7.5 kg of product; what is weighed in g is converted by itself."""
        gram, kilo = self.env.ref('uom.product_uom_gram'), self.env.ref('uom.product_uom_kgm')
        account = self._open_account(uom_id=kilo.id, factor_ids=[
            Command.create({'product_id': self.steel.id, 'factor': 7.5})])
        self.account.active = False
        self._buy(self.mill, self.ingot, 4)
        self._assert_entries(account, ('input', 30, 30))
        powder = self.env['product.product'].create({'name': "Powder", 'uom_id': gram.id})
        self.assertAlmostEqual(account._get_factor(powder), 0.001)

    def test_sent_back(self):
        """Goods that go back take their credit along; when it was claimed meanwhile they stay."""
        receipt = self._buy(self.mill, self.ingot, 40).picking_ids
        self._send_back(receipt, self.ingot, 10)
        self._assert_entries(self.account, ('input', 40, 40), ('input', -10, -10))
        self._post(-25)
        with self.assertRaisesRegex(UserError, r"at most 5\.0000"):
            self._send_back(receipt, self.ingot, 10)

    def test_claim(self):
        """Mass balance, 70 %: 10 pieces take 7 out, and the slip says so. More than there is stays in the warehouse."""
        self._buy(self.mill, self.ingot, 20)
        picking = self._deliver(self.ingot, 10)
        claim = picking.scp_balance_claim_ids
        self.assertEqual((claim.text, claim.qty), ("Mass Balance, 70 % (TS 1:2028)", 7))
        slip = self.env['ir.actions.report']._render_qweb_html('stock.report_deliveryslip', picking.ids)[0].decode()
        self.assertIn("Mass Balance, 70 % (TS 1:2028)", slip)
        self._buy(self.forge, self.scrap, 100)
        with self.assertRaisesRegex(UserError, r"Steel would be at -1\.0000 .* at most 13\.0000"), \
                self.env.cr.savepoint():
            self._deliver(self.scrap, 20)
        with self.assertRaisesRegex(UserError, "is done"):
            claim.percent = 60

    def test_whoever_moves_goods(self):
        """Neither the books nor certificates need be his to read."""
        mover = new_test_user(self.env, 'balance_mover', 'stock.group_stock_user')
        self.env['ir.model.access'].search([('model_id.model', 'in', (
            'scp.balance.account', 'scp.balance.entry', 'scp.certificate'))]).perm_read = False
        order = self.env['purchase.order'].create({
            'partner_id': self.mill.id, 'order_line': [Command.create({
                'product_id': self.steel.id, 'product_qty': 20, 'price_unit': 5})]})
        order.button_confirm()
        receipt = order.picking_ids
        self._validate(receipt.with_user(mover), self.ingot, 20)
        entry = self.Entry.search([('account_id', '=', self.account.id)])
        self.assertEqual((entry.qty, entry.user_id), (20, mover))
        self._send_back(receipt, self.ingot, 5)
        self.assertEqual(self.account.balance, 15)

    def test_claim_on_a_back_order(self):
        """10 of 30 leave now: 7 are taken out, and the claim goes on with the 20."""
        self._buy(self.mill, self.ingot, 30)
        picking = self._deliver(self.ingot, 10, ordered=30)
        backorder = picking.backorder_ids
        self.assertEqual((picking.scp_balance_claim_ids.qty, backorder.scp_balance_claim_ids.qty), (7, 0))
        self._validate(backorder, self.ingot, 20)
        self.assertEqual(backorder.scp_balance_claim_ids.qty, 14)

    def test_claimed_goods_come_back(self):
        self._buy(self.mill, self.ingot, 20)
        picking = self._deliver(self.ingot, 10)
        self._send_back(picking, self.ingot, 4)
        self.assertAlmostEqual(picking.scp_balance_claim_ids.qty, 4.2)
        self.assertAlmostEqual(self.account.balance, 15.8)

    def test_claim_belongs_to_goods_and_site(self):
        self._buy(self.mill, self.ingot, 20)
        pump_account = self._open_account(self.pump)
        with self.assertRaisesRegex(ValidationError, "does not count Steel"):
            self._deliver(self.ingot, 1, account=pump_account)
        other = self.env['stock.warehouse'].create({'name': "Harbour", 'code': "HRB"})
        with self.assertRaisesRegex(ValidationError, "choose an account of that site"):
            self._deliver(self.ingot, 1, account=self._open_account(warehouse_id=other.id))

    def test_production(self):
        """20 certified of 40 pieces go into pumps, one pump of 4: 5 pumps' worth; sold credits do not go on."""
        pumps = self._open_account(self.pump, name="Pumps")
        self.account.write({'made_into_id': pumps.id, 'yield_factor': 0.25})
        self._buy(self.mill, self.ingot, 30)
        self._buy(self.forge, self.scrap, 20)
        lot = self._create_lot(self.pump, "P-1")
        self._make({self.ingot: 20, self.scrap: 20}, {lot: 10})
        self._assert_entries(pumps, ('input', 5, 5))
        self.assertEqual(self.account.balance, 10)
        self._post(-8)
        self._make({self.ingot: 10}, {lot: 2})
        self._assert_entries(pumps, ('input', 5, 5), ('input', 0.5, 2.5))
        self.assertEqual(self.account.balance, 0)
        self._deliver(lot, 5, percent=100, account=pumps)
        self.assertEqual(pumps.balance, 0.5)

    def test_closest_account_counts(self):
        """Of two accounts of a standard the one that names the product; another standard counts it as well."""
        everything = self._open_account(product_ids=[Command.clear()])
        other = self._open_account(standard_id=self.other_standard.id)
        self._certify(self.mill, standard=self.other_standard, coc_model='segregated')
        self._buy(self.mill, self.ingot, 5)
        self.assertEqual((self.account.balance, everything.balance, other.balance), (5, 0, 5))

    def test_book_and_claim(self):
        """Credits without goods: a receipt writes nothing, a delivery can claim what was entered by hand."""
        self.account.coc_model = 'claim'
        self._buy(self.mill, self.ingot, 20)
        self.assertEqual(self.account.balance, 0)
        self._post(6)
        self.assertEqual(self._deliver(self.ingot, 3, percent=100).scp_balance_claim_ids.text,
                         "Book and Claim, 100 % (TS 1:2028)")
        self.assertEqual(self.account.balance, 3)

    def test_switched_off(self):
        self.env.company.scp_balance_acts = False
        self._buy(self.mill, self.ingot, 20)
        self.assertEqual(self.account.entry_count, 0)

    def test_no_account_costs_no_query(self):
        """Companies without accounts ask nothing when goods move."""
        self.account.active = False
        self.env['scp.balance.account']._get_acting(self.env.company.id)
        moves = self._buy(self.forge, self.scrap, 1).picking_ids.move_ids
        with self.assertQueryCount(0):
            self.env['scp.balance.posting']._post_moves(moves)

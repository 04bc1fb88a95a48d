from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, HttpCase, tagged

from .common import AffinityCommon


@tagged('post_install', '-at_install')
class TestSaleOrderSuggestions(AffinityCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._find()
        cls.seller = cls._create_company_user('suggest_seller', 'crm_scp_core.group_scp_user')
        cls.order = cls.env['sale.order'].create({
            'partner_id': cls.partners[1].id,
            'company_id': cls.company.id,
            'user_id': cls.seller.id,
            'order_line': [Command.create({'product_id': cls.pump.id, 'price_unit': 10})],
        }).with_user(cls.seller).with_context(allowed_company_ids=cls.company.ids)

    def _get_offers(self, order=None):
        return {
            group['kind']: [item['name'] for item in group['items']]
            for group in (order or self.order).scp_suggestions or []
        }

    def test_what_is_offered(self):
        """The pump calls for a seal; this customer bought pumps again, which are in the quotation already."""
        self.assertEqual(self._get_offers(), {'together': ["Seal"]})
        reason = self.order.scp_suggestions[0]['items'][0]['reason']
        self.assertIn("10 of 12 orders with Pump have it too", reason)
        self.order.order_line.unlink()
        self.assertEqual(self._get_offers(), {'again': ["Pump"], 'new': ["Seal"]})

    def test_while_typing(self):
        """On a quotation not saved yet, suggestions follow customer and lines."""
        form = Form(self.env['sale.order'].with_env(self.order.env))
        self.assertFalse(form.scp_suggestions)
        form.partner_id = self.partners[1]
        self.assertEqual([group['kind'] for group in form.scp_suggestions], ['again', 'new'])
        with form.order_line.new() as line:
            line.product_id = self.pump
        self.assertEqual([group['kind'] for group in form.scp_suggestions], ['together'])

    def test_add(self):
        self.order.scp_add_suggestion(self.seal.id)
        self.order.scp_add_suggestion(self.seal.id)
        self.assertEqual(self.order.order_line.sorted().product_id, self.pump | self.seal)
        self.assertEqual(self.order.order_line.mapped('product_uom_qty'), [1, 1])
        self.assertFalse(self._get_offers())

    def test_offer_as_optional(self):
        """Optional products stand at the end, in a section of their own; the customer may add them in the portal."""
        self.order.scp_add_suggestion(self.seal.id, True)
        self.order.scp_add_suggestion(self.hose.id, True)
        self.order.scp_add_suggestion(self.valve.id)
        lines = self.order.order_line.sorted()
        self.assertEqual(
            [line.product_id.name or line.name for line in lines],
            ["Pump", "Valve", "Optional Products", "Seal", "Hose"],
        )
        self.assertEqual([line._is_line_optional() for line in lines], [False, False, False, True, True])
        self.assertEqual(lines[-1].product_uom_qty, 0)
        self.assertEqual(self.order.amount_untaxed, 10 + self.valve.list_price)

    def test_archived_meanwhile(self):
        self.seal.action_archive()
        self.assertFalse(self._get_offers())
        with self.assertRaisesRegex(UserError, "Seal cannot be added to .*: it is archived"):
            self.order.scp_add_suggestion(self.seal.id)
        with self.assertRaisesRegex(UserError, "The product cannot be added"):
            self.order.scp_add_suggestion(2 ** 31 - 1)

    def test_confirmed_order(self):
        self.order.action_confirm()
        self.assertFalse(self.order.scp_suggestions)
        with self.assertRaisesRegex(UserError, "not a quotation any more"):
            self.order.scp_add_suggestion(self.seal.id)

    def test_tour(self):
        """A salesperson adds one suggestion, and offers another one as optional."""
        self.order.order_line.unlink()
        self.env.flush_all()
        self.start_tour(f'/odoo/sales/{self.order.id}', 'scp_suggestions', login='suggest_seller')
        lines = self.order.order_line.sorted()
        self.assertEqual([line.product_id.name or line.name for line in lines], ["Pump", "Optional Products", "Seal"])

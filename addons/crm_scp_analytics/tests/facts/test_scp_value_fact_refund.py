from odoo.tests import tagged

from .common import FactCommon


@tagged('post_install', '-at_install')
class TestScpValueFactRefund(FactCommon):
    """What credit notes take back. An order of 10 May over 100, whose gauge costs 60, each time."""

    def setUp(self):
        super().setUp()
        self.order = self._order(self.partner, '2026-05-10 01:00', 100)

    def _get_refunded(self):
        return {day: amount for day, amount in self._get_facts('refunded').items() if amount}

    def test_taken_back_in_full(self):
        self._reverse(self._invoice(self.order, '2026-05-11'), '2026-06-01')
        self.assertEqual(
            self._get_facts('ordered', 'refunded', 'amount', 'cost', 'margin', 'invoiced', 'invoiced_cost'),
            {
                '2026-05-10': (100, 0, 100, 60, 40, 0, 0),
                '2026-05-11': (0, 0, 0, 0, 0, 100, 0),
                '2026-06-01': (0, 100, -100, -60, -40, -100, 0),
            },
        )

    def test_in_part(self):
        self._invoice(self.order, '2026-05-11')
        self._refund(self.order.order_line, 25, '2026-06-01')
        self.assertEqual(self._get_facts('refunded', 'margin')['2026-06-01'], (25, -10))

    def test_credited_and_issued_again(self):
        """The same day or later: nothing was taken back in the end."""
        first = self._invoice(self.order, '2026-05-11')
        again = self._reverse(first, '2026-06-01', again=True)
        self.assertEqual(self._get_refunded(), {'2026-06-01': 100}, "the new invoice is a draft")
        again.action_post()
        self.assertEqual(self._get_refunded(), {})
        self.assertEqual(sum(self._get_facts('invoiced').values()), 100)
        third = self._reverse(again, '2026-06-10', again=True)
        third.invoice_date = '2026-06-12'
        third.action_post()
        self.assertEqual(self._get_refunded(), {'2026-06-10': 100, '2026-06-12': -100})
        self._reverse(third, '2026-07-01')
        self.assertEqual(
            self._get_refunded(), {'2026-06-10': 100, '2026-06-12': -100, '2026-07-01': 100},
        )

    def test_issued_again_at_another_price(self):
        """100 credited and 90 invoiced in its place: 10 were given back."""
        again = self._reverse(self._invoice(self.order, '2026-05-11'), '2026-06-01', again=True)
        again.invoice_line_ids.price_unit = 90
        again.action_post()
        self.assertEqual(self._get_refunded(), {'2026-06-01': 10})

    def test_invoiced_twice_by_mistake(self):
        again = self._invoice(self.order, '2026-05-11').copy()
        again.invoice_line_ids.sale_line_ids = self.order.order_line
        again.invoice_date = '2026-05-12'
        again.action_post()
        self._reverse(again, '2026-06-01')
        self.assertEqual(self._get_refunded(), {})

    def test_half_credited_and_issued_again(self):
        """As long as the other half is not invoiced, nothing tells the new invoice from it."""
        half = self._invoice(self.order, '2026-05-11', share=0.5)
        again = self._reverse(half, '2026-06-01', again=True)
        again.action_post()
        self.assertEqual(self._get_refunded(), {'2026-06-01': 50})
        self._invoice(self.order, '2026-06-20')
        self.assertEqual(self._get_refunded(), {'2026-06-01': 50, '2026-06-20': -50})

    def test_line_below_zero(self):
        """A rebate line of -20 credited along with its order: 100 - 20 = 80 are taken back."""
        self.order.order_line.create({
            'order_id': self.order.id, 'product_id': self.product.id, 'product_uom_qty': 1,
            'price_unit': -20, 'tax_ids': False,
        })
        again = self._reverse(self._invoice(self.order, '2026-05-11'), '2026-06-01', again=True)
        self.assertEqual(self._get_refunded(), {'2026-06-01': 80})
        again.action_post()
        self.assertEqual(self._get_refunded(), {})

    def test_rate_of_the_order(self):
        """200 dollars at 2, credited at 4, leave nothing; in euro they count as booked."""
        order = self._order(self.partner, '2026-05-12 01:00', 200, currency=self.dollar)
        self.env['res.currency.rate'].create({
            'name': '2026-06-01', 'currency_id': self.dollar.id, 'rate': 4,
            'company_id': self.company.id,
        })
        self._refund(order.order_line, 200, '2026-06-02')
        self._refund(order.order_line, 5, '2026-06-03', currency=self.euro)
        self.assertEqual(self._get_refunded(), {'2026-06-02': 100, '2026-06-03': 5})

    def test_shared_by_two_orders(self):
        other = self._order(self._create_partner("Beta"), '2026-05-10 01:00', 100)
        self._refund((self.order + other).order_line, 60, '2026-06-01')
        self.assertEqual(self._get_refunded(), {'2026-06-01': 30})
        self.assertEqual(self._get_facts('refunded', partner=other.partner_id)['2026-06-01'], 30)

    def test_down_payment_is_no_purchase(self):
        deposit = self.order.order_line.create({
            'order_id': self.order.id, 'name': "Down payment", 'is_downpayment': True,
            'product_uom_qty': 0, 'price_unit': 50, 'tax_ids': False, 'product_id': self.product.id,
        })
        self._refund(deposit, 50, '2026-06-01')
        self.assertEqual(self._get_refunded(), {})

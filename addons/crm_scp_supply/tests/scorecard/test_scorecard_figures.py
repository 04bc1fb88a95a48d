from datetime import date
from math import sqrt

from odoo.tests import freeze_time, tagged

from ..delivery.common import moment
from .common import ScorecardCommon


@tagged('post_install', '-at_install')
class TestScorecardFigures(ScorecardCommon):

    def _buy(self, day, *lines, **values):
        """Confirm an order: (product, quantity, price)."""
        with freeze_time(day):
            order = self._create_purchase(
                *((product, qty, {'price_unit': price}) for product, qty, price in lines), **values)
            order.button_confirm()
        return order

    def _get_figure(self, code, role='supplier', partner=None):
        partner = partner or self.vendor
        values = self.env['scp.scorecard.figure']._get_values(
            [code], role, partner, self.env.company, date(2026, 3, 1), date(2026, 3, 31))
        return values[partner.id].get(code)

    def test_price_drift(self):
        """Bolts 2 -> 3, sails 10 -> 8; what was bought but once is in no basket.

        Laspeyres: (3*10 + 8*5) / (2*10 + 10*5) = 70/70 = 1. Paasche: (3*20 + 8*1) / (2*20 + 10*1) = 68/50 = 1.36.
        """
        self._buy('2026-02-10', (self.bolt, 10, 2.0), (self.sail, 5, 10.0))
        self._buy('2026-03-10', (self.bolt, 20, 3.0), (self.sail, 1, 8.0), (self.rigging, 1, 60.0))
        figure = self._get_figure('price_drift')
        self.assertAlmostEqual(figure.value, sqrt(1.36) - 1)
        self.assertEqual(figure.n, 2)

    def test_price_drift_looks_at_units_and_currency(self):
        """A dozen at 24 is as dear as twelve at 2; in another currency at the rate of the order."""
        self.env['res.currency.rate'].search([]).unlink()
        foreign = self.env['res.currency'].with_context(active_test=False).search(
            [('id', '!=', self.env.company.currency_id.id)], limit=1)
        foreign.active = True
        self.env['res.currency.rate'].create({
            'currency_id': foreign.id, 'name': '2026-01-01', 'rate': 4.0, 'company_id': self.env.company.id})
        with freeze_time('2026-02-10'):
            order = self._create_purchase((self.bolt, 1, {'product_uom_id': self.dozen.id, 'price_unit': 24.0}))
            order.button_confirm()
        self._buy('2026-03-10', (self.bolt, 6, 8.0), currency_id=foreign.id)
        self.assertAlmostEqual(self._get_figure('price_drift').value, 0.0)

    def test_nothing_to_compare(self):
        self._buy('2026-03-10', (self.bolt, 20, 3.0))
        self.assertIsNone(self._get_figure('price_drift'))

    def test_complaints(self):
        """One complaint about bolts nobody else supplied, over four lines; not one about goods of two suppliers."""
        self._play_kept(4)
        self._refresh()
        for name, product, day in (
            ("Rusty", self.bolt, '2026-03-20'), ("Torn", self.sail, '2026-03-20'), ("Later", self.bolt, '2026-04-20'),
        ):
            with freeze_time(day):
                self.env['scp.complaint'].create({
                    'name': name, 'partner_id': self.customer.id, 'product_id': product.id})
        figure = self._get_figure('complaint_rate')
        self.assertEqual((figure.value, figure.n), (1 / 4, 4))
        other = self.env['res.partner'].create({'name': "Sail Loft", 'is_company': True})
        with freeze_time(moment('2 09:00')):
            order = self._create_purchase((self.bolt, 1, {'date_planned': moment('6 12:00')}), partner_id=other.id)
            order.button_confirm()
        with freeze_time(moment('5')):
            self._do_move(order.order_line, 1)
        self._refresh()
        self.assertEqual(self._get_figure('complaint_rate').value, 0, "It may have been of the other")

    def test_returned_without_fault(self):
        """A customer's own figure: 2 of 20 came back although nothing was wrong."""
        self._play('out', ["6: move 10"])
        self._play('out', ["6: move 10", "7: return 2 unwanted"])
        self._refresh()
        self.assertAlmostEqual(self._get_figure('unwanted_share', 'customer', self.customer).value, 2 / 20)

    def test_measures_of_the_hub(self):
        """Whatever addon brings them: 30 + 60 days over two invoices."""
        customer = self.env['scp.customer'].create({
            'partner_id': self.customer.id, 'company_id': self.env.company.id})
        self.env['scp.customer.measure'].create([
            {'customer_id': customer.id, 'code': 'payment_days', 'period': day, 'numerator': days, 'denominator': 1,
             'n': 1} for day, days in (('2026-03-01', 90), ('2026-02-01', 10))
        ])
        self.assertEqual(self._get_figure('payment_days', 'customer', self.customer).value, 90)
        self.assertIsNone(self._get_figure('refunded', 'customer', self.customer))

    def test_concentration(self):
        """Rope 60 + 20 + 20 of 100 over three suppliers: 3,600 + 400 + 400 = 4,400; nails from one alone.

        Of the spend on rope, 60 came from a supplier who has a rival for the same product on the price list.
        """
        rope_category, nail_category = self.env['product.category'].create([{'name': "Ropes"}, {'name': "Nails"}])
        loft, yard = self.env['res.partner'].create([{'name': "Loft"}, {'name': "Yard"}])
        self.bolt.categ_id, self.sail.categ_id, self.rigging.categ_id = rope_category, rope_category, nail_category
        self._buy('2026-03-10', (self.sail, 6, 10.0))
        self._buy('2026-03-11', (self.bolt, 10, 2.0), partner_id=loft.id)
        self._buy('2026-03-12', (self.bolt, 5, 4.0), (self.rigging, 1, 50.0), partner_id=yard.id)
        self._buy('2025-03-12', (self.bolt, 5, 2.0), (self.rigging, 1, 40.0), partner_id=yard.id)
        self.env['product.supplierinfo'].create({
            'partner_id': loft.id, 'product_tmpl_id': self.sail.product_tmpl_id.id, 'price': 11})
        Base, Share = self.env['scp.supply.base.report'], self.env['scp.supply.share.report']
        with freeze_time('2026-03-31'):
            domain = [('categ_id', 'in', (rope_category + nail_category).ids), ('company_id', '=', self.env.company.id)]
            ropes, nails = Base.search([*domain, ('is_current', '=', True)], order='amount desc')
            self.assertEqual((ropes.amount, ropes.supplier_count, ropes.partner_id), (100, 3, self.vendor))
            self.assertAlmostEqual(ropes.hhi, 4400)
            self.assertAlmostEqual(ropes.share, 0.6)
            self.assertAlmostEqual(ropes.cr4, 1)
            self.assertAlmostEqual(ropes.single_share, 0.6, msg="Sails came from nobody else")
            self.assertAlmostEqual(ropes.captive_share, 0, msg="but could")
            self.assertEqual((nails.hhi, nails.single_share, nails.captive_share, nails.level), (10_000, 1, 1, 'high'))
            self.assertAlmostEqual(ropes.price_drift, 1.0, msg="Bolts of the yard 2 -> 4")
            self.assertAlmostEqual(nails.price_drift, 0.25)
            [(drift, hhi, single)] = Base._read_group(
                [*domain, ('is_current', '=', True)], [], ['price_drift:avg', 'hhi:avg', 'single_share:avg'])
            # baskets added up: present (4*5 + 50) over past (2*5 + 40), old and new quantities alike
            self.assertAlmostEqual(drift, 70 / 50 - 1)
            self.assertAlmostEqual(hhi, (100 * 4400 + 50 * 10_000) / 150)
            self.assertAlmostEqual(single, (60 + 50) / 150)
            before = Base.search([*domain, ('date_to', '=', '2025-03-31'), ('categ_id', '=', rope_category.id)])
            self.assertEqual((before.hhi, before.amount, before.has_price_drift), (10_000, 10, False))
            shares = Share.search(ropes.action_view_suppliers()['domain'])
            self.assertEqual(shares.mapped('partner_id'), self.vendor + loft + yard)

    def test_concentration_performance(self):
        """Two of three lines of the category on time in full."""
        self.bolt.categ_id = self.env['product.category'].create({'name': "Bolts"})
        self._play_kept(2)
        self._play_late(1)
        self._refresh()
        with freeze_time('2026-03-31'):
            row = self.env['scp.supply.base.report'].search(
                [('categ_id', '=', self.bolt.categ_id.id), ('is_current', '=', True)])
            self.assertAlmostEqual(row.otif, 2 / 3)
            self.assertEqual(row.line_count, 3)

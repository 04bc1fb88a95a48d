from datetime import date

from odoo.tests import freeze_time, tagged

from ..promise.common import NOW
from .common import READ, DeliveryCommon, moment

PERIOD = {'date_from': date(2026, 3, 1), 'date_to': date(2026, 3, 31)}


@tagged('post_install', '-at_install')
@freeze_time(NOW)
class TestDeliveryFigures(DeliveryCommon):
    """Figures over several lines, worked out by hand."""

    def _get_figures(self, partner, direction, read=READ):
        self._refresh()
        with freeze_time(moment(read)):
            return self.env['scp.delivery.metric']._get_partner_figures(partner, direction, **PERIOD)[partner.id]

    def _assert_figures(self, figures, **expected):
        for code, value in expected.items():
            if value is None:
                self.assertIsNone(figures[code].value, code)
            else:
                self.assertAlmostEqual(figures[code].value, value, delta=1e-9, msg=code)

    def _order_two(self, *stories):
        """An order of two lines, each delivered by its own story of one transfer: day and quantity."""
        order = self._create_sale((self.bolt, 10), (self.bolt, 30), commitment_date=moment('6 12:00'))
        order.action_confirm()
        for move, (when, qty) in zip(order.picking_ids.move_ids.sorted('id'), stories, strict=True):
            move.write({'quantity': qty, 'picked': bool(qty)})
            if qty and when != stories[0][0]:
                move.picking_id = move.picking_id.copy({'move_ids': []})
        for picking in order.picking_ids:
            when = stories[0][0] if picking.move_ids.sale_line_id <= order.order_line[0] else stories[1][0]
            with freeze_time(moment(when)):
                picking.with_context(cancel_backorder=False)._action_done()
        return order

    def test_sales(self):
        """Three orders: both lines kept; one line of two late; one line, 7 of 10 in time, 3 late, 2 rejected."""
        self._order_two(('6', 10), ('6', 30))
        self._order_two(('6', 10), ('9', 30))
        self._play('out', ["6: move 7", "8: move 3", "9: return 2 credit"])
        figures = self._get_figures(self.customer, 'out')
        self._assert_figures(
            figures,
            otif_line_baseline=3 / 5, otif_order_baseline=1 / 3, perfect_order=1 / 3,
            # good by the 6th: 10 + 30, 10 + 0, 7, of 90 ordered
            otif_qty_baseline=57 / 90,
            otif_line_request=None, in_full=4 / 5, on_time=3 / 5,
            fill_line=4 / 5, fill_order=2 / 3, fill_unit=87 / 90,
            promise_stability=1, promise_shift=0,
            ppm=1e6 * 2 / 90, rejected_share=2 / 90,
            # 57 in 4 days, 30 in 7, 3 in 6
            lt_mean=(57 * 4 + 30 * 7 + 3 * 6) / 90,
            lt_p50=4, lt_p90=7,
            # complete lines: 4, 4, 4, 7
            cycle_time=4,
        )
        mean = (57 * 4 + 30 * 7 + 3 * 6) / 90
        deviation = ((57 * (4 - mean) ** 2 + 30 * (7 - mean) ** 2 + 3 * (6 - mean) ** 2) / 90) ** 0.5
        self._assert_figures(figures, lt_std=deviation, lt_cv=deviation / mean, cycle_time_p90=6.1)
        self.assertEqual((figures['otif_line_baseline'].n, figures['otif_order_baseline'].n), (5, 3))
        self.assertEqual(
            (figures['otif_qty_baseline'].numerator, figures['otif_qty_baseline'].denominator), (57, 90))

    def test_purchases(self):
        """Confirmed and kept, confirmed and moved, never confirmed."""
        self._play('in', ["3: acknowledge", "6: move 10"])
        self._play('in', ["3: acknowledge", "5: push 9", "9: move 10"])
        self._play('in', ["10: move 10"])
        self._assert_figures(
            self._get_figures(self.vendor, 'in'),
            otif_line_baseline=1 / 2, otif_line_request=1 / 3, commit_rate=2 / 3, promise_stability=1 / 2,
            promise_shift=3 / 2, lt_mean=(4 + 7 + 8) / 3,
        )

    def test_period(self):
        """A line belongs to the day of its first promise, wherever it is moved."""
        self._play('out', ["4: promise 20", "20: move 10"])
        with freeze_time(moment(READ)):
            figures = self.env['scp.delivery.metric']._get_partner_figures
            self._refresh()
            self.assertEqual(figures(self.customer, 'out', ['fill_line'], date(2026, 3, 7), date(2026, 3, 31)), {})
            kept = figures(self.customer, 'out', ['fill_line'], date(2026, 3, 6), date(2026, 3, 6))
        self.assertEqual(kept[self.customer.id]['fill_line'].value, 1)

    def test_grouped_in_views(self):
        """The pivot divides sums, whatever the grouping."""
        first = self._order_two(('6', 10), ('9', 30))
        second = self._play('out', ["6: move 10"], user=self.leader).order_id
        self._refresh()
        columns = ['otif_baseline:avg', 'otif_qty_baseline:avg', 'otif_order_baseline:avg', 'perfect_order:avg']
        with freeze_time(moment(READ)):
            orders = [('sale_order_id', 'in', (first + second).ids)]
            [row] = self.Report._read_group(orders, [], columns)
            self.assertEqual(row, (2 / 3, 20 / 50, 1 / 2, 1 / 2))
            by_user = self.Report._read_group(orders, ['user_id'], columns)
            self.assertEqual(dict((user, tuple(values)) for user, *values in by_user), {
                self.seller: (1 / 2, 10 / 40, 0, 0), self.leader: (1, 1, 1, 1),
            })
            # A salesperson gets the figures of what he sees
            [own] = self.Report.with_user(self.seller)._read_group(orders, [], columns)
            self.assertEqual(own, (1 / 2, 10 / 40, 0, 0))

    def test_every_figure_is_defined(self):
        for code, metric in self.env['scp.delivery.metric']._get_metrics().items():
            self.assertTrue(metric.label and metric.definition, code)
        self._play('out', ["6: move 10"])
        metrics = self.env['scp.delivery.metric']._get_metrics()
        self.assertEqual(
            set(self._get_figures(self.customer, 'out')),
            {code for code, metric in metrics.items() if 'out' in metric.directions})

    def test_measures(self):
        """What other addons read of a customer."""
        self._order_two(('6', 10), ('9', 30))
        self._refresh()
        with freeze_time(moment(READ)):
            self.env['scp.customer']._refresh_for_partners(self.customer)
            customer = self.env['scp.customer'].search([
                ('partner_id', '=', self.customer.id), ('company_id', '=', self.env.company.id)])
            measures = customer._get_measures(['otif', 'otif_qty', 'fill_rate', 'perfect_order', 'rejected'])
        self.assertEqual(
            {code: total.ratio for code, total in measures[customer.id].items()},
            {'otif': 1 / 2, 'otif_qty': 1 / 4, 'fill_rate': 1, 'perfect_order': 0, 'rejected': 0})
        sources = self.env['scp.customer']._get_measure_sources()
        self.assertEqual(sources['otif'], 'crm_scp_supply')

    def test_shown(self):
        """On customer, supplier, product and in the list of orders, by who may see it."""
        order = self._order_two(('6', 10), ('9', 30))
        self._play('in', ["3: acknowledge", "6: move 10", "6 11:00: return 4"])
        self._refresh()
        with freeze_time(moment(READ)):
            cards = {card['code']: card for card in self.customer.with_user(self.seller).scp_customer_delivery_figures}
            self.assertEqual(cards['otif_line_baseline']['value'], "50.0 %")
            self.assertIn("first promise", cards['otif_line_baseline']['help'])
            domain = cards['otif_line_baseline']['action']['domain']
            self.assertEqual(self.Report.search(domain).sale_line_id, order.order_line)
            self.assertEqual(order.with_user(self.seller).scp_delivery_verdict, 'late')
            self.assertEqual(self.bolt.with_user(self.seller).scp_delivery_rate, "50 %")
            cards = {card['code']: card for card in self.vendor.with_user(self.buyer).scp_supplier_delivery_figures}
            self.assertEqual(cards['otif_qty_baseline']['value'], "60.0 %")
            self.assertEqual(cards['odoo_on_time_rate']['value'], "140 %")
            self.assertFalse(self.vendor.with_user(self.seller).scp_supplier_delivery_figures, "Buyers' business")

    def test_beside_odoo(self):
        """What Odoo says of the proven cases, and what is true."""
        cases = [
            ("late by five days", ["3: acknowledge", "11: move 10"], 0, 0),
            ("the same, the vendor moves the date first", ["3: acknowledge", "5: push 11", "11: move 10"], 100, 0),
            ("20 of 10 received", ["3: acknowledge", "6: move 20"], 200, 100),
            ("4 of 10 sent back", ["3: acknowledge", "6: move 10", "6 11:00: return 4"], 140, 60),
            ("overdue, nothing received", ["3: acknowledge"], -1, 0),
        ]
        for name, story, core, ours in cases:
            vendor = self.vendor.copy({'name': name, 'tz': 'UTC'})
            line = self._play('in', story, partner_id=vendor.id)
            self.env.invalidate_all()
            with freeze_time(moment(READ)):
                self.assertAlmostEqual(vendor.on_time_rate, core, msg=name)
                row = self._get_row(line)
            self.assertAlmostEqual(100 * float(row['otif_qty_baseline']), ours, delta=1e-9, msg=name)

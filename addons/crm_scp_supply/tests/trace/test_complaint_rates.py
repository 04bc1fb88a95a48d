from datetime import datetime, timedelta

from odoo import fields
from odoo.tests import freeze_time, tagged

from .common import TraceCommon

NOW = datetime(2026, 6, 1, 12)


@tagged('post_install', '-at_install')
class TestComplaintRates(TraceCommon):
    """Deliveries and complaints of a company of its own, as of the first of June 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lot = cls._create_lot(cls.pump, "P1")
        cls.Cohort = cls.env['scp.complaint.cohort.report']
        cls.Silent = cls.env['scp.complaint.silent.report']

    def _deliver(self, day, partner=None):
        """A delivery done on a day of 2026; the sales order."""
        order = self._sell(partner or self.yard, self.lot, 1)
        order.picking_ids.date_done = day
        return order

    def _complain(self, day, partner=None, **values):
        return self.env['scp.complaint'].create({
            'name': "Leaks", 'partner_id': (partner or self.yard).id, 'received_at': day, **values,
        })

    @freeze_time(NOW)
    def test_cohorts(self):
        """Of four deliveries in January two are complained of, one of them in May: 500, and 250 within 90 days.

        Of two in May one is complained of within a month: 500 so far, and not old enough for anything else.
        """
        january = [self._deliver(datetime(2026, 1, day)) for day in (5, 6, 7, 8)]
        may = [self._deliver(datetime(2026, 5, day)) for day in (20, 21)]
        self._complain(datetime(2026, 1, 20), picking_ids=january[0].picking_ids.ids)
        self._complain(datetime(2026, 5, 15), sale_order_id=january[1].id)
        self._complain(datetime(2026, 5, 25), picking_ids=may[0].picking_ids.ids)
        rows = self.Cohort._read_group(
            [('picking_id', 'in', [order.picking_ids.id for order in (*january, *may)])], ['date:month'],
            ['deliveries:sum', 'complaints:sum', 'rate:avg', 'rate_30:avg', 'rate_90:avg'],
        )
        self.assertEqual([row[1:] for row in rows], [(4, 2, 500, 250, 250), (2, 1, 500, False, False)])

    @freeze_time(NOW)
    def test_one_complaint_counts_once(self):
        """It names two deliveries and counts with the first; one that names an order, with the last before it came."""
        order = self._deliver(datetime(2026, 3, 2))
        later = self._deliver(datetime(2026, 3, 9))
        both = order.picking_ids + later.picking_ids
        self._complain(datetime(2026, 3, 12), picking_ids=both.ids)
        early = self._deliver(datetime(2026, 4, 1))
        self._complain(datetime(2026, 3, 30), sale_order_id=early.id)
        self.env.flush_all()
        rows = self.Cohort.search([('picking_id', 'in', (both + early.picking_ids).ids)], order='date')
        self.assertEqual(rows.mapped('complaints'), [1, 0, 0])

    def test_rate_of_deliveries(self):
        """One complaint over two deliveries of a period nobody else uses: 500 per 1,000."""
        for day in (3, 4):
            self._deliver(datetime(2019, 5, day))
        self._complain(datetime(2019, 5, 6))
        kpis = self.env['scp.complaint.kpi'].get_kpis({'date_from': '2019-05-01', 'date_to': '2019-05-31'})
        [rate] = [rate for rate in kpis['rates'] if rate['key'] == 'deliveries']
        self.assertEqual((rate['value'], rate['n'], rate['size']), (500, 1, 2))

    # --- who says nothing --- #

    def _get_silent(self):
        self.env.flush_all()
        self.Silent.invalidate_model()
        rows = self.Silent.search([('partner_id', 'in', (self.yard + self.dock).ids)])
        return {(row.signal, row.source_id) for row in rows}

    def test_silent_return(self):
        """He sent goods back and said nothing, unless he just did not want them or the delivery is complained of."""
        orders = [self._deliver(fields.Datetime.now() - timedelta(days=20)) for _number in range(3)]
        backs = [self._send_back(order.picking_ids, self.lot, 1) for order in orders]
        backs[1].scp_return_fault = 'receiver'
        self.env.company.scp_silent_window_days = 5
        self._complain(fields.Datetime.now() - timedelta(days=40), picking_ids=orders[2].picking_ids.ids)
        self.assertEqual(self._get_silent(), {('return', backs[0].id)})
        [row] = self.Silent.search([('source_id', '=', backs[0].id), ('signal', '=', 'return')])
        self.assertEqual(row.action_open_source()['res_model'], 'stock.picking')

    def test_silent_wait(self):
        """Promised ten days ago and not delivered: silent until he complains of the order."""
        order = self.env['sale.order'].create({
            'partner_id': self.dock.id, 'commitment_date': fields.Datetime.now() - timedelta(days=10),
            'order_line': [fields.Command.create({
                'product_id': self.pump.id, 'product_uom_qty': 3, 'price_unit': 20, 'tax_ids': [],
            })],
        })
        order.action_confirm()
        while self.env['scp.delivery.refresh']._work_queue(1_000):
            pass
        self.assertEqual(self._get_silent(), {('late', order.id)})
        [row] = self.Silent.search([('source_id', '=', order.id), ('signal', '=', 'late')])
        self.assertEqual((row.reference, row.amount), (order.name, 60))
        self.env.company.scp_silent_window_days = 5
        self._complain(fields.Datetime.now() - timedelta(days=40), partner=self.dock, sale_order_id=order.id)
        self.assertEqual(self._get_silent(), set())

from datetime import timedelta
from typing import NamedTuple

from odoo import Command, api, models

LOTS = {
    'VR-0417': 'v_ring', 'VR-0418': 'v_ring', 'AC-2201': 'actuator',
    'SV-0118': 'steam_valve', 'SV-0119': 'steam_valve', 'SV-0120': 'steam_valve', 'SV-0121': 'steam_valve',
}


class Receipt(NamedTuple):
    supplier: str
    lot: str
    qty: int
    ordered: int  # days ago
    received: int


class Run(NamedTuple):
    """Lots used for others; without `mrp` its two sides are all that a production order is."""

    reference: str
    day: int
    used: dict[str, int]
    made: dict[str, int]


class Delivery(NamedTuple):
    customer: str
    lot: str
    qty: int
    delivered: int  # days ago
    returned: int = 0  # days ago; all of it


RECEIPTS = (
    Receipt('sealtech', 'VR-0417', 400, 95, 78),
    Receipt('pneumo', 'AC-2201', 60, 92, 75),
    Receipt('sealtech', 'VR-0418', 300, 90, 66),
)
RUNS = (
    Run("MO/0118", 70, {'VR-0417': 80, 'AC-2201': 20}, {'SV-0118': 20}),
    Run("MO/0119", 64, {'VR-0417': 96, 'AC-2201': 24}, {'SV-0119': 24}),
    Run("MO/0120", 55, {'VR-0418': 48, 'AC-2201': 12}, {'SV-0120': 12}),
    # Two valves were damaged in the store and overhauled with new packings
    Run("MO/0121", 15, {'SV-0119': 2, 'VR-0418': 8}, {'SV-0121': 2}),
)
DELIVERIES = (
    Delivery('rheintal', 'SV-0118', 8, 50),
    Delivery('hengtai', 'SV-0118', 10, 48),
    # Asked for too many; what came back went to somebody else
    Delivery('adriatica', 'SV-0119', 6, 41, returned=30),
    Delivery('yuanli', 'SV-0119', 12, 36),
    Delivery('vandijk', 'SV-0120', 9, 27),
    Delivery('ostsee', 'SV-0119', 6, 24),
)
SCRAPPED = ('VR-0417', 20, 14)


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _create_lots(self):
        """Replay the story of the steam valves: received, built, delivered, returned, delivered again, overhauled."""
        lots = {
            lot.name: lot for lot in self.env['stock.lot'].create([
                {'name': name, 'product_id': self.env.ref(f'crm_scp_supply.product_{product}').id}
                for name, product in LOTS.items()
            ])
        }
        for receipt in RECEIPTS:
            self._receive_lot(receipt, lots[receipt.lot])
        for run in RUNS[:3]:
            self._run_lots(run, lots)
        for delivery in DELIVERIES:
            self._deliver_lot(delivery, lots[delivery.lot])
        for run in RUNS[3:]:
            self._run_lots(run, lots)
        name, qty, day = SCRAPPED
        with self._at(self._moment(day)):
            self._scrap(lots[name], qty, self._moment(day))
        self.env['ir.model.data']._update_xmlids([
            {'xml_id': f'crm_scp_supply.lot_{name.lower().replace("-", "_")}', 'record': lot, 'noupdate': True}
            for name, lot in lots.items()
        ])
        company = self.env.ref('base.main_company')
        self.env['scp.lot.passport'].create([
            {'lot_id': lots['VR-0418'].id, 'company_id': company.id},
            {
                'lot_id': lots['SV-0119'].id, 'company_id': company.id,
                'partner_id': self.env.ref('crm_scp_core.partner_yuanli').id,
            },
        ])

    def _receive_lot(self, receipt, lot):
        ordered, received = self._moment(receipt.ordered), self._moment(receipt.received)
        buyer = self.env.ref('base.user_admin')
        with self._at(ordered):
            order = self.env['purchase.order'].with_user(buyer).with_context(tracking_disable=True).create({
                'partner_id': self.env.ref(f'crm_scp_supply.supplier_{receipt.supplier}').id,
                'company_id': self.env.ref('base.main_company').id,
                'user_id': buyer.id,
                'date_order': ordered,
                'order_line': [Command.create({
                    'product_id': lot.product_id.id, 'product_qty': receipt.qty,
                    'price_unit': lot.product_id.standard_price, 'date_planned': ordered + timedelta(days=18),
                })],
            })
            self._said(order, ordered).button_confirm()
            order.date_approve = ordered
        with self._at(received):
            self._move_lot(self._said(order.picking_ids, received), lot, receipt.qty, received)

    def _deliver_lot(self, delivery, lot):
        """A transfer without an order: these customers' orders and what they say about them are told elsewhere."""
        warehouse = self.env.ref('stock.warehouse0')
        places = {
            'location_id': warehouse.lot_stock_id.id,
            'location_dest_id': self.env.ref('stock.stock_location_customers').id,
        }
        delivered = self._moment(delivery.delivered)
        with self._at(delivered):
            picking = self.env['stock.picking'].with_context(tracking_disable=True).create({
                'partner_id': self.env.ref(f'crm_scp_core.partner_{delivery.customer}').id,
                'picking_type_id': warehouse.out_type_id.id,
                **places,
                'move_ids': [Command.create({
                    'product_id': lot.product_id.id, 'product_uom': lot.product_uom_id.id,
                    'product_uom_qty': delivery.qty, **places,
                })],
            })
            picking.action_confirm()
            self._move_lot(picking, lot, delivery.qty, delivered)
        if delivery.returned:
            returned = self._moment(delivery.returned)
            with self._at(returned):
                wizard = self.env['stock.return.picking'].create({'picking_id': picking.id})
                wizard.scp_return_fault = 'receiver'
                wizard.product_return_moves.quantity = delivery.qty
                back = self.env['stock.picking'].browse(wizard.action_create_returns()['res_id'])
                self._move_lot(back, lot, delivery.qty, returned)

    def _run_lots(self, run, lots):
        warehouse = self.env.ref('stock.warehouse0')
        production = self.env['stock.location'].search([
            ('usage', '=', 'production'), ('company_id', '=', warehouse.company_id.id)], limit=1)
        moment = self._moment(run.day)
        with self._at(moment):
            used, made = (
                self._create_lot_moves(amounts, lots, *places, run.reference, moment)
                for amounts, places in (
                    (run.used, (warehouse.lot_stock_id, production)), (run.made, (production, warehouse.lot_stock_id)))
            )
            made.consume_line_ids = used

    def _create_lot_moves(self, amounts, lots, source, destination, reference, moment):
        moves = self.env['stock.move'].create([{
            'company_id': self.env.ref('base.main_company').id,
            'product_id': lots[name].product_id.id, 'product_uom': lots[name].product_uom_id.id,
            'product_uom_qty': qty, 'location_id': source.id, 'location_dest_id': destination.id,
            'move_line_ids': [Command.create({
                'product_id': lots[name].product_id.id, 'lot_id': lots[name].id, 'quantity': qty,
                'location_id': source.id, 'location_dest_id': destination.id,
            })],
        } for name, qty in amounts.items()])
        moves.picked = True
        moves._action_done()
        moves.write({'date': moment, 'reference': reference})
        moves.move_line_ids.date = moment
        return moves.move_line_ids

    def _scrap(self, lot, qty, moment, **values):
        scrap = self.env['stock.scrap'].create({
            'product_id': lot.product_id.id, 'lot_id': lot.id, 'scrap_qty': qty,
            'company_id': self.env.ref('base.main_company').id,
            'location_id': self.env.ref('stock.warehouse0').lot_stock_id.id,
            **values,
        })
        scrap.do_scrap()
        scrap.date_done = moment
        scrap.move_ids.date = moment
        scrap.move_ids.move_line_ids.date = moment

    def _move_lot(self, picking, lot, qty, moment):
        """Validate a transfer of one lot as of ``moment``."""
        move = picking.move_ids
        move.move_line_ids.unlink()
        move.write({'move_line_ids': [Command.create({
            'picking_id': picking.id, 'product_id': lot.product_id.id, 'lot_id': lot.id, 'quantity': qty,
            'location_id': move.location_id.id, 'location_dest_id': move.location_dest_id.id,
        })]})
        self._move_goods(picking, moment)

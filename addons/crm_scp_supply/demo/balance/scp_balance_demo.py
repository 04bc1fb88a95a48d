from typing import NamedTuple

from odoo import Command, api, models


class Posting(NamedTuple):
    """An entry of the ledger, ``day`` days from today; goods in the unit of the account."""

    day: int
    kind: str
    source: str
    goods: float
    percent: float
    lot: str = ''
    product: str = ''
    partner: str = ''
    reason: str = ''


POLYMER = (
    Posting(-225, 'input', 'hand', 6.0, 100, reason="Credits taken over from the old books"),
    Posting(-78, 'input', 'receipt', 18.0, 100, 'vr_0417', 'v_ring', 'crm_scp_supply.supplier_sealtech'),
    Posting(-66, 'input', 'receipt', 13.5, 100, 'vr_0418', 'v_ring', 'crm_scp_supply.supplier_sealtech'),
    Posting(-60, 'output', 'hand', 2.4, 100, reason="Samples given to the institute"),
    Posting(-50, 'output', 'delivery', 1.44, 100, 'sv_0118', 'steam_valve', 'crm_scp_core.partner_rheintal'),
    Posting(-48, 'output', 'delivery', 1.8, 70, 'sv_0118', 'steam_valve', 'crm_scp_core.partner_hengtai'),
    Posting(-36, 'output', 'delivery', 2.16, 70, 'sv_0119', 'steam_valve', 'crm_scp_core.partner_yuanli'),
    Posting(-30, 'output', 'hand', 5.0, 100, reason="Entered twice"),
)
BOARD = (
    Posting(-120, 'input', 'hand', 900.0, 100, reason="Board with claim of the mill, delivery note 4471"),
    Posting(-75, 'input', 'hand', 360.0, 0, reason="Board without a claim, delivery note 4502"),
    Posting(-40, 'output', 'hand', 300.0, 70, reason="Crates of order group 17"),
)


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _create_balances(self):
        """Two sets of books: credits that end, one entry reversed; and a rolling average. One delivery will claim."""
        polymer = self.env.ref('crm_scp_supply.scp_balance_account_polymer')
        for posting in POLYMER:
            polymer._post([self._prepare_posting(polymer, posting)])
        wrong = self.env['scp.balance.entry'].search([('reason', '=', POLYMER[-1].reason)])
        wrong._reverse("The samples are in the books since last month")
        board = self.env.ref('crm_scp_supply.scp_balance_account_board')
        for posting in BOARD:
            board._post([self._prepare_posting(board, posting)])
        polymer._expire(polymer._get_today())
        self._create_claim(polymer)

    def _prepare_posting(self, account, posting):
        sign = 1 if posting.kind == 'input' else -1
        picking = self._find_picking(posting)
        return {
            'kind': posting.kind, 'source': posting.source, 'date': self._get_day(posting.day),
            'base_qty': sign * posting.goods, 'qty': sign * posting.goods * posting.percent / 100,
            'reason': posting.reason, 'user_id': account.user_id.id,
            'lot_id': posting.lot and self.env.ref(f'crm_scp_supply.lot_{posting.lot}').id,
            'product_id': posting.product and self.env.ref(f'crm_scp_supply.product_{posting.product}').id,
            'partner_id': posting.partner and self.env.ref(posting.partner).id,
            'picking_id': picking.id, 'move_id': picking.move_ids[:1].id,
        }

    def _find_picking(self, posting):
        """The transfer that brought or took the lot."""
        usage = 'supplier' if posting.kind == 'input' else 'customer'
        return self.env['stock.move.line'].search([
            ('lot_id', '=', posting.lot and self.env.ref(f'crm_scp_supply.lot_{posting.lot}').id),
            ('picking_id.partner_id', '=', self.env.ref(posting.partner).id), '|',
            ('location_id.usage', '=', usage), ('location_dest_id.usage', '=', usage),
        ], limit=1).picking_id if posting.lot else self.env['stock.picking']

    def _create_claim(self, account):
        """Two valves that leave in three days are to carry a claim."""
        warehouse, valve = account.warehouse_id, self.env.ref('crm_scp_supply.product_steam_valve')
        places = {
            'location_id': warehouse.lot_stock_id.id,
            'location_dest_id': self.env.ref('stock.stock_location_customers').id,
        }
        picking = self.env['stock.picking'].with_context(tracking_disable=True).create({
            'partner_id': self.env.ref('crm_scp_core.partner_vandijk').id,
            'picking_type_id': warehouse.out_type_id.id,
            'scheduled_date': self._moment(-3),
            **places,
            'move_ids': [Command.create({
                'product_id': valve.id, 'product_uom': valve.uom_id.id, 'product_uom_qty': 2,
                'date': self._moment(-3), **places,
            })],
            'scp_balance_claim_ids': [Command.create({
                'account_id': account.id, 'product_id': valve.id, 'percent': 70,
            })],
        })
        picking.action_confirm()
        self.env['ir.model.data']._update_xmlids([
            {'xml_id': 'crm_scp_supply.picking_balance', 'record': picking, 'noupdate': True}])

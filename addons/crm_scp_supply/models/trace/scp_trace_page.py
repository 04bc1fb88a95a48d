from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError

#: rows of a table that a page shows; the numbers above it count all
MAX_ROWS = 200
MODELS = ('stock.lot', 'stock.picking', 'res.partner')


class ScpTrace(models.AbstractModel):
    _inherit = 'scp.trace'

    @api.model
    @api.readonly
    def get_trace(self, model: str, res_ids: list[int], role: str | None = None) -> dict[str, Any]:
        """The trace of lots, of what a transfer moved, or of what a partner received or supplied.

        :param model: one of :data:`MODELS`
        :param res_ids: ids of lots, or of one transfer or partner
        :param role: with a partner, `customer` (his lots, where they came from) or `supplier` (where they went)
        :return: `title`; `lots`, `customers`, `suppliers`, `stock` {count, rows} and their quantities, see
            `_prepare_*_rows`; `graph`, see :meth:`_prepare_graph`; `totals` {customers, suppliers, lots_reached}
        :raise UserError: when there is nothing to follow
        """
        records = self._get_origin(model, res_ids)
        lots = records._scp_get_trace_lots(role) if model == 'res.partner' else records._scp_get_trace_lots()
        if not lots:
            raise UserError(self.env._(
                "%(record)s: no goods with a lot or serial number have moved.",
                record=", ".join(records.mapped('display_name')),
            ))
        self._check_trace_access(lots)
        customers, suppliers = self._get_customer_rows(lots), self._get_supplier_rows(lots)
        stock = self._get_stock_rows(lots)
        return {
            'title': ", ".join(records[:3].mapped('display_name')),
            'lots': self._prepare_page_rows(lots.ids, self._prepare_origin_rows),
            'customers': self._prepare_page_rows(customers, self._prepare_customer_rows),
            'suppliers': self._prepare_page_rows(suppliers, self._prepare_supplier_rows),
            'stock': self._prepare_page_rows(stock, self._prepare_stock_rows),
            'graph': self._prepare_graph(lots, customers, suppliers, stock),
            'totals': {
                'customers': len({row['partner_id'] for row in customers if row['net'] > 0}),
                'returned': len({row['partner_id'] for row in customers}) - len(
                    {row['partner_id'] for row in customers if row['net'] > 0}),
                'suppliers': len({row['partner_id'] for row in suppliers}),
                'stock': len({row['lot_id'] for row in stock}),
            },
        }

    @api.model
    def _get_origin(self, model, res_ids):
        """The records a trace begins with, which the user may read."""
        if model not in MODELS or not res_ids:
            raise UserError(self.env._("A trace begins with lots, a transfer or a partner."))
        records = self.env[model].browse(res_ids).exists()
        if not records:
            raise UserError(self.env._("What this trace began with has been deleted."))
        records.check_access('read')
        return records

    @api.model
    def _get_trace_action(self, records, role=None):
        """Open the trace of records of one of :data:`MODELS`."""
        name = {'stock.picking': '_transfer', 'res.partner': f'_{role}'}.get(records._name, '')
        action = self.env['ir.actions.actions']._for_xml_id(f'crm_scp_supply.scp_trace_action{name}')
        return action | {
            'params': {**action['params'], 'res_ids': records.ids},
            # which the address of the page keeps
            'context': {'active_id': records[:1].id, 'active_model': records._name},
        }

    # === ROWS === #

    @api.model
    def _prepare_page_rows(self, rows, prepare):
        """The first rows of a table, and how many there are."""
        return {'count': len(rows), 'rows': prepare(rows[:MAX_ROWS])}

    @api.model
    def _prepare_origin_rows(self, lot_ids):
        # sudo: whom the page is shown was checked when it was opened; he need not read lots elsewhere
        return [self._prepare_lot(lot) for lot in self.env['stock.lot'].sudo().browse(lot_ids)]

    @api.model
    def _prepare_customer_rows(self, rows):
        lots, partners = self._browse_names(rows)
        return [{
            **self._prepare_lot(lots[row['lot_id']]),
            'partner_id': row['partner_id'] or False,
            'partner': partners[row['partner_id']],
            'delivered': row['delivered'],
            'returned': row['returned'],
            'net': row['net'],
            'day': row['last_date'] and fields.Date.to_string(row['last_date']),
            'picking_ids': row['picking_ids'] or [],
        } for row in rows]

    @api.model
    def _prepare_supplier_rows(self, rows):
        lots, partners = self._browse_names(rows)
        return [{
            **self._prepare_lot(lots[row['lot_id']]),
            'partner_id': row['partner_id'] or False,
            'partner': partners[row['partner_id']],
            'net': row['net'],
            'day': fields.Date.to_string(row['first_date']),
            'purchase_ids': row['purchase_ids'] or [],
            'picking_ids': row['picking_ids'] or [],
        } for row in rows]

    @api.model
    def _prepare_stock_rows(self, rows):
        lots, _partners = self._browse_names(rows)
        # sudo: as in `_prepare_origin_rows`, their names only
        locations = {
            location.id: location.display_name
            for location in self.env['stock.location'].sudo().browse({row['location_id'] for row in rows})
        }
        return [{
            **self._prepare_lot(lots[row['lot_id']]),
            'location': locations[row['location_id']],
            'quantity': row['quantity'],
            'reserved': row['reserved'],
        } for row in rows]

    @api.model
    def _browse_names(self, rows):
        """Lots by id and names of partners by id, of rows of a trace."""
        # sudo: names of what a trace reaches, for who may read where it begins
        lots = self.env['stock.lot'].sudo().browse({row['lot_id'] for row in rows})
        partners = self.env['res.partner'].sudo().browse(
            filter(None, {row.get('partner_id') for row in rows}))
        return (
            {lot.id: lot for lot in lots},
            {None: self.env._("Nobody named"), **{partner.id: partner.display_name for partner in partners}},
        )

import time
from collections import defaultdict

from odoo import fields, models
from odoo.fields import Command


class ScpRecall(models.Model):
    """Who and what is affected; the stock that is held and the deliveries that are stopped."""

    _inherit = 'scp.recall'

    # === ACTIONS === #

    def action_release_stock(self):
        """Put what is still held back where it was taken from."""
        for recall in self.filtered(lambda recall: recall.state in ('closed', 'cancelled')):
            recall.hold_ids._release()
        return True

    # === BUSINESS === #

    def _start(self):
        self.ensure_one()
        self.write({'state': 'active', 'started_at': fields.Datetime.now()})
        begin = time.monotonic()
        self._find_affected()
        self.trace_seconds = time.monotonic() - begin
        if not self.is_drill:
            self.env.ref('crm_scp_supply.ir_cron_scp_recall_notify')._trigger()

    def _find_affected(self):
        """Bring lots, customers and stock up to date; customers keep what they answered."""
        self.ensure_one()
        # sudo: the quality engineer decides about stock he does not handle
        recall = self.sudo().with_company(self.company_id).with_context(allowed_company_ids=self.company_id.ids)
        Trace = recall.env['scp.trace']
        lots = Trace._get_reached_lots(recall.lot_ids, 'forward')
        recall.write(recall._prepare_affected_lots(lots))
        recall._add_customers(Trace._get_customer_rows(recall.lot_ids))
        if not recall.is_drill:
            recall._stop_deliveries(lots)
            recall._hold_stock(lots)

    def _add_customers(self, rows):
        """A customer for each company that holds goods, with a line for each lot.

        :param rows: of ``scp.trace._get_customer_rows``; goods that left without a name have nobody to tell
        """
        known = {customer.partner_id.id: customer for customer in self.customer_ids}
        held = defaultdict(float)
        for line in self.customer_ids.line_ids:
            held[line.partner_id.id, line.lot_id.id] += line.qty
        more = defaultdict(list)
        for row in rows:
            # goods that came back since the start were with him all the same
            qty = row['net'] - held[row['partner_id'], row['lot_id']]
            if row['net'] > 0 and qty > 0 and row['partner_id']:
                more[row['partner_id']].append((row['lot_id'], qty))
        new_ids = [partner_id for partner_id in more if partner_id not in known]
        # thousands may be affected: no note on each that he was created
        customers = self.env['scp.recall.customer'].with_context(tracking_disable=True).create([
            {'recall_id': self.id, 'partner_id': partner_id} for partner_id in new_ids
        ])
        self.env['scp.recall.line'].create([
            {'customer_id': customer.id, 'lot_id': lot_id, 'qty': qty}
            for customer, partner_id in zip(customers, new_ids, strict=True) for lot_id, qty in more[partner_id]
        ])
        for partner_id in known.keys() & more.keys():
            customer = known[partner_id]
            # he is told anew, and asked about what came on top
            customer.write({'notified_at': False, 'answered_at': False})
            lines = {line.lot_id.id: line for line in customer.line_ids}
            for lot_id, qty in more[partner_id]:
                if lot_id in lines:
                    lines[lot_id].qty += qty
                else:
                    customer.write({'line_ids': [Command.create({'lot_id': lot_id, 'qty': qty})]})

    def _stop_deliveries(self, lots):
        """Take the goods off every transfer that has them reserved, and say so there."""
        lines = self.env['stock.move.line'].search([
            ('lot_id', 'in', lots.ids), ('state', 'in', ('assigned', 'partially_available')),
            ('company_id', '=', self.company_id.id),
        ])
        pickings = lines.picking_id
        lines.move_id._do_unreserve()
        for picking in pickings:
            picking.message_post(body=self.env._(
                "Stopped by recall %(number)s: these goods may not leave.", number=self.number))
        self.stopped_picking_ids |= pickings

    def _hold_stock(self, lots):
        """Move what is in stock to the place for recalled goods, where nothing can reserve it."""
        place = self._get_hold_location()
        quants = self.env['stock.quant'].search([
            ('lot_id', 'in', lots.ids), ('company_id', '=', self.company_id.id), ('quantity', '>', 0),
            ('location_id.usage', '=', 'internal'), ('location_id', '!=', place.id),
        ])
        self.env['scp.recall.hold'].create([
            {'recall_id': self.id, 'lot_id': quant.lot_id.id, 'location_id': quant.location_id.id,
             'owner_id': quant.owner_id.id, 'qty': quant.quantity}
            for quant in quants
        ])
        if quants:
            quants.move_quants(
                location_dest_id=place, unpack=True,
                message=self.env._("Recall %(number)s: held", number=self.number),
            )

    def _get_hold_location(self):
        """The place for recalled goods of the company: in no warehouse, so that nobody can promise them."""
        name = f'stock_location_recall_{self.company_id.id}'
        place = self.env.ref(f'crm_scp_supply.{name}', raise_if_not_found=False)
        if not place:
            place = self.env['stock.location'].create({
                'name': self.env._("Recalled Goods"), 'usage': 'internal', 'company_id': self.company_id.id,
            })
            self.env['ir.model.data']._update_xmlids([
                {'xml_id': f'crm_scp_supply.{name}', 'record': place, 'noupdate': True}])
        return place

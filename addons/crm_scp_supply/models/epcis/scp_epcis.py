from collections import defaultdict
from datetime import timedelta
from typing import Any

from pytz import timezone, utc

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

#: more move lines than these are no document any more
MAX_LINES = 20_000
CONTEXT = ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld', {'cbvmda': 'urn:epcglobal:cbv:mda:'}]
ATTRIBUTES = 'urn:epcglobal:cbv:mda#'
#: movement -> step and disposition of the Core Business Vocabulary. Receiving says that goods are ours from now on;
#: where they are looked at first, they arrive and are accepted later.
STEPS = {
    'receive': ('receiving', 'in_progress'),
    'arrive': ('arriving', 'in_progress'),
    'accept': ('accepting', 'sellable_accessible'),
    'ship': ('shipping', 'in_transit'),
    'direct': ('shipping', 'in_transit'),
    'return': ('receiving', 'returned'),
    'send_back': ('shipping', 'returned'),
}
INBOUND, OUTBOUND = {'receive', 'arrive', 'accept', 'return'}, {'ship', 'direct', 'send_back'}


class ScpEpcis(models.AbstractModel):
    """What happened to our lots as EPCIS 2.0 documents, for other systems and other companies.

    Receipts, acceptances and shipments are ObjectEvents, productions and unbuild orders TransformationEvents, parts
    put into or taken out of a repaired lot AssociationEvents, packages AggregationEvents. An event is identified by
    the hash of what it says, so that the same event has the same identifier whenever and for whomever it is told in
    the same words.
    """

    _name = 'scp.epcis'
    _description = "EPCIS Events"

    # === ASKING === #

    @api.model
    def _get_lot_events(self, lots) -> list[dict[str, Any]]:
        """Everything that happened to these lots, to what they were made of and to what was made of them."""
        Trace = self.env['scp.trace']
        around = Trace._get_reached_lots(lots, 'backward') | Trace._get_reached_lots(lots, 'forward')
        return self._get_events(self._find_lines(SQL("line.lot_id = ANY(%s)", around.ids)))

    @api.model
    def _get_picking_events(self, pickings):
        return self._get_events(self._find_lines(SQL("line.picking_id = ANY(%s)", pickings.ids)))

    @api.model
    def _get_period_events(self, date_from, date_to):
        """Events from a day to a day, both included, in the time zone of the user."""
        zone = timezone(self.env.user.tz or 'UTC')
        start, end = (
            zone.localize(fields.Datetime.to_datetime(day)).astimezone(utc).replace(tzinfo=None)
            for day in (date_from, date_to + timedelta(days=1))
        )
        return self._get_events(self._find_lines(SQL("line.date >= %s AND line.date < %s", start, end)))

    @api.model
    def _get_partner_events(self, lot, partner, policy) -> list[dict[str, Any]]:
        """What a partner may know of a lot he received: what was delivered to him and came back from him, and how
        the lot was made, without quantities of what is in it.

        :param partner: commercial partner
        :param policy: ``scp.share.policy`` in force with him; suppliers appear only where it reveals them
        """
        if not policy.share_lot_trace:
            return []
        inside = set(self.env['scp.trace']._get_reached_lots(lot, 'backward').ids)

        def may_know(row):
            if row['lot_id'] not in inside:
                return False
            if row['kind'] in ('ship', 'direct', 'return'):
                return row['lot_id'] == lot.id and row['customer_id'] == partner.id
            return row['kind'] in (None, 'receive', 'arrive', 'accept')

        return self._get_events(
            self._find_lines(SQL("line.lot_id = ANY(%s)", list(inside))), may_know,
            lambda event, row: self._withhold(event, row, policy),
        )

    @api.model
    def _prepare_document(self, events) -> dict[str, Any]:
        """An EPCIS document of events, with the names of the goods and parties in it."""
        names = {}
        for event in events:
            names.update(event.pop('names'))
        vocabulary = defaultdict(list)
        for uri, (kind, attributes) in sorted(names.items()):
            vocabulary[kind].append({
                'id': uri,
                'attributes': [
                    {'id': ATTRIBUTES + key, 'attribute': text} for key, text in attributes.items() if text
                ],
            })
        return {
            '@context': CONTEXT,
            'type': 'EPCISDocument',
            'schemaVersion': '2.0',
            'creationDate': self._format_time(fields.Datetime.now()),
            'epcisHeader': {'epcisMasterData': {'vocabularyList': [
                {'type': f'urn:epcglobal:epcis:vtype:{kind}', 'vocabularyElementList': elements}
                for kind, elements in sorted(vocabulary.items())
            ]}},
            'epcisBody': {'eventList': events},
        }

    @api.model
    def _withhold(self, event, row, policy):
        """Leave out of an event what a partner may not know; in place."""
        for name in ('quantityList', 'inputQuantityList', 'outputQuantityList', 'childQuantityList'):
            if row['kind'] not in ('ship', 'direct', 'return'):
                event[name] = [{'epcClass': item['epcClass']} for item in event.get(name, ())]
                if not event[name]:
                    del event[name]
        if row['kind'] in ('receive', 'arrive', 'accept', 'direct') and not policy.reveal_supplier_identity:
            event.pop('sourceList', None)
            event.pop('bizTransactionList', None)

    # === MOVE LINES === #

    @api.model
    def _find_lines(self, condition: SQL) -> list[int]:
        """Ids of the move lines of lots that meet a condition on ``line``.

        :raise UserError: when they are too many for a document
        """
        self.env.flush_all()
        line_ids = [line_id for line_id, in self.env.execute_query(SQL(
            "SELECT line.id FROM stock_move_line line WHERE line.lot_id IS NOT NULL AND %s AND %s LIMIT %s",
            self.env['scp.trace']._get_done_condition(), condition, MAX_LINES + 1,
        ))]
        if len(line_ids) > MAX_LINES:
            raise UserError(self.env._(
                "More than %(count)s movements are too many for one document: choose fewer lots or a shorter period.",
                count=MAX_LINES,
            ))
        return line_ids

    @api.model
    def _get_links(self, line_ids) -> dict[int, list[int]]:
        """Which lines were used for lines that were made, where one of both is among these: {made: [used]}"""
        links = dict(self.env.execute_query(SQL(
            """
            WITH made AS (
                SELECT consume_line_id AS id FROM stock_move_line_consume_rel WHERE consume_line_id = ANY(%(lines)s)
                 UNION
                SELECT consume_line_id FROM stock_move_line_consume_rel WHERE produce_line_id = ANY(%(lines)s)
            )
            SELECT made.id, array_agg(link.produce_line_id ORDER BY link.produce_line_id)
              FROM made
              JOIN stock_move_line_consume_rel link ON link.consume_line_id = made.id
          GROUP BY made.id
          ORDER BY made.id
            """,
            lines=line_ids,
        )))
        return {**self._get_unbuild_links(line_ids), **links}

    @api.model
    def _get_unbuild_links(self, line_ids):
        """Parts and the whole of unbuild orders, of which Odoo links by-products only; as :meth:`_get_links`."""
        if 'mrp.unbuild' not in self.env:
            return {}
        return dict(self.env.execute_query(SQL(
            """
            SELECT part.id, array_agg(whole.id ORDER BY whole.id)
              FROM (SELECT DISTINCT move.unbuild_id AS id
                      FROM stock_move_line line JOIN stock_move move ON move.id = line.move_id
                     WHERE line.id = ANY(%(lines)s)) unbuild
              JOIN stock_move part_move ON part_move.unbuild_id = unbuild.id
              JOIN stock_move_line part ON part.move_id = part_move.id AND part.location_id IN %(production)s
              JOIN stock_move whole_move ON whole_move.unbuild_id = unbuild.id
              JOIN stock_move_line whole ON whole.move_id = whole_move.id AND whole.location_dest_id IN %(production)s
          GROUP BY part.id
            """,
            lines=line_ids, production=self.env['scp.trace']._get_locations('production'),
        )))

    @api.model
    def _get_rows(self, line_ids) -> dict[int, dict[str, Any]]:
        """Lines with what an event tells of them, by id; ``kind`` is one of :data:`STEPS`, or None."""
        Trace = self.env['scp.trace']
        rows = self.env.execute_query_dict(SQL(
            """
            SELECT line.id, line.lot_id, line.quantity_product_uom AS qty, line.date, line.move_id, line.picking_id,
                   line.company_id, line.result_package_id AS package_id, source.usage AS source_usage,
                   source.id AS source_id, source.warehouse_id AS source_warehouse_id,
                   destination.usage AS destination_usage, destination.id AS destination_id,
                   destination.warehouse_id AS destination_warehouse_id, purchase.id AS purchase_id,
                   sale.id AS sale_id, customer.commercial_partner_id AS customer_id,
                   supplier.commercial_partner_id AS supplier_id, %(unbuild)s AS is_unbuild
              FROM stock_move_line line
              JOIN stock_move move ON move.id = line.move_id
              JOIN stock_location source ON source.id = line.location_id
              JOIN stock_location destination ON destination.id = line.location_dest_id
         LEFT JOIN stock_picking picking ON picking.id = line.picking_id
         LEFT JOIN purchase_order_line purchase_line ON purchase_line.id = move.purchase_line_id
         LEFT JOIN purchase_order purchase ON purchase.id = purchase_line.order_id
         LEFT JOIN sale_order_line sale_line ON sale_line.id = move.sale_line_id
         LEFT JOIN sale_order sale ON sale.id = sale_line.order_id
         LEFT JOIN res_partner customer ON customer.id = %(customer)s
         LEFT JOIN res_partner supplier
                ON supplier.id = COALESCE(purchase.partner_id, picking.partner_id, move.partner_id)
             WHERE line.id = ANY(%(lines)s) AND line.lot_id IS NOT NULL AND %(done)s
          ORDER BY line.date, line.id
            """,
            lines=line_ids, done=Trace._get_done_condition(), customer=Trace._get_customer(),
            unbuild=Trace._get_unbuild_condition('move') or SQL("FALSE"),
        ))
        entrances = self._get_entrances()
        return {row['id']: {**row, 'kind': self._get_kind(row, entrances)} for row in rows}

    @api.model
    def _get_kind(self, row, entrances):
        """What a movement is in the terms of :data:`STEPS`; None for what nobody else needs to know."""
        outside = {'supplier', 'customer'} | ({'transit'} if row['purchase_id'] or row['sale_id'] else set())
        source, destination = row['source_usage'], row['destination_usage']
        if source in outside and destination in outside:
            return 'direct' if destination == 'customer' else None
        if source in outside:
            if source == 'customer' or source == 'transit' and row['sale_id']:
                return 'return'
            return 'arrive' if row['destination_id'] in entrances else 'receive'
        if destination in outside:
            return 'ship' if destination == 'customer' or row['sale_id'] else 'send_back'
        if row['source_id'] in entrances and destination == 'internal' and row['destination_id'] not in entrances:
            return 'accept'
        return None

    @api.model
    def _get_entrances(self):
        """Locations where goods wait before they are taken over, in warehouses that receive in steps."""
        # sudo: where goods come in, for who may read what came in
        warehouses = self.env['stock.warehouse'].sudo().search([('reception_steps', '!=', 'one_step')])
        return set((warehouses.wh_input_stock_loc_id | warehouses.wh_qc_stock_loc_id).ids)

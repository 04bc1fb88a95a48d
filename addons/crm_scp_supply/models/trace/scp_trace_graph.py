from collections import defaultdict
from typing import Any

from odoo import api, models
from odoo.tools import SQL

#: a graph of more lots than these cannot be read; the tables beside it name all
MAX_NODES = 60
# Fields of `stock.move` that optional addons bring, to the document behind a step
STEP_DOCUMENTS = ('raw_material_production_id', 'repair_id')


class ScpTrace(models.AbstractModel):
    _inherit = 'scp.trace'

    @api.model
    def _get_graph(self, lots) -> dict[str, Any]:
        """The lots around some lots as a graph, the nearest first.

        :return: ``nodes`` {lot: level}, level 0 for these, negative for what they were made of; ``edges``, see
            :meth:`_get_edges`; ``is_cut``, whether lots are missing because there are more than :data:`MAX_NODES`
        """
        levels = dict.fromkeys(lots[:MAX_NODES], 0)
        is_cut = len(lots) > MAX_NODES
        edges = {}
        for direction, sign in (('forward', 1), ('backward', -1)):
            border = lots[:MAX_NODES]
            level = 0
            while border and len(levels) < MAX_NODES:
                level += sign
                found = self._get_edges(border, direction)
                here = 'to' if sign > 0 else 'from'
                beyond = lots.browse(dict.fromkeys(edge[here] for edge in found)) - lots.browse(
                    lot.id for lot in levels)
                border = beyond[:MAX_NODES - len(levels)]
                is_cut |= len(border) < len(beyond)
                levels.update(dict.fromkeys(border, level))
                edges.update(((edge['from'], edge['to']), edge) for edge in found)
            is_cut |= bool(border)
        shown = {lot.id for lot in levels}
        return {
            'nodes': levels,
            'edges': [edge for edge in edges.values() if edge['from'] in shown and edge['to'] in shown],
            'is_cut': is_cut,
        }

    @api.model
    def _get_edges(self, lots, direction) -> list[dict[str, Any]]:
        """The steps from, or back from, each of these lots.

        :return: for each pair of lots ``from`` and ``to`` (ids), ``qty`` of the lot used, in the unit of its
            product, ``is_shared`` (what was used also went into other lots), ``move_ids`` that used it
        """
        self.env.flush_all()
        start, there = ('from', 'to') if direction == 'forward' else ('to', 'from')
        return self.env.execute_query_dict(SQL(
            """
            WITH step AS (
                SELECT DISTINCT start.id AS %(start)s, step.lot_id AS %(there)s, step.used_id,
                       used.quantity_product_uom AS qty, used.move_id
                  FROM unnest(%(lots)s) AS start(id)
            CROSS JOIN LATERAL (%(step)s) step
                  JOIN stock_move_line used ON used.id = step.used_id
            )
            SELECT step."from", step."to", sum(step.qty) AS qty, array_agg(DISTINCT step.move_id) AS move_ids,
                   bool_or(EXISTS (
                       SELECT FROM stock_move_line_consume_rel link
                         JOIN stock_move_line made ON made.id = link.consume_line_id
                        WHERE link.produce_line_id = step.used_id AND made.lot_id != step."to"
                   )) AS is_shared
              FROM step
          GROUP BY step."from", step."to"
          ORDER BY min(step.used_id)
            """,
            start=SQL.identifier(start), there=SQL.identifier(there), lots=lots.ids,
            step=self._get_step(SQL("start.id"), direction),
        ))

    @api.model
    def _get_step_document(self, moves):
        """What made one lot of another: a production or a repair; else the first of the moves."""
        for move in moves:
            for name in STEP_DOCUMENTS:
                if name in move._fields and move[name]:
                    return move[name]
        return moves[:1]

    @api.model
    def _prepare_graph(self, lots, customers, suppliers, stock) -> dict[str, Any]:
        """The graph as the client draws it.

        :param customers: rows of :meth:`_get_customer_rows`
        :param suppliers: rows of :meth:`_get_supplier_rows`
        :param stock: rows of :meth:`_get_stock_rows`
        :return: ``nodes`` [{id, model, res_id, name, product, unit, level, is_origin, customers, delivered, on_hand,
            suppliers}], from the farthest source to the farthest product, and ``edges`` [{from, to, qty, unit,
            is_shared, document, model, res_id}]
        """
        graph = self._get_graph(lots)
        delivered, on_hand = defaultdict(float), defaultdict(float)
        buyers, sellers = defaultdict(set), defaultdict(set)
        for row in customers:
            delivered[row['lot_id']] += row['net']
            if row['net'] > 0:
                buyers[row['lot_id']].add(row['partner_id'])
        for row in stock:
            on_hand[row['lot_id']] += row['quantity']
        for row in suppliers:
            sellers[row['lot_id']].add(row['partner_id'])
        # sudo: names of lots, products and documents on the way, for who may read where it begins
        names = {
            partner.id: partner.name
            for partner in self.env['res.partner'].sudo().browse(filter(None, set().union(*sellers.values())))
        }
        nodes = [
            {
                **self._prepare_lot(lot.sudo()),
                'level': level,
                'is_origin': level == 0,
                'customers': len(buyers[lot.id]),
                'delivered': delivered[lot.id],
                'on_hand': on_hand[lot.id],
                'suppliers': sorted(names.get(partner, "") for partner in sellers[lot.id]),
            } for lot, level in sorted(graph['nodes'].items(), key=lambda item: (item[1], item[0].id))
        ]
        units = {node['id']: node['unit'] for node in nodes}
        return {
            'nodes': nodes,
            'edges': [self._prepare_edge(edge, units[edge['from']]) for edge in graph['edges']],
            'is_cut': graph['is_cut'],
        }

    @api.model
    def _prepare_edge(self, edge, unit):
        # sudo: as in `_prepare_graph`
        document = self._get_step_document(self.env['stock.move'].sudo().browse(edge['move_ids']))
        is_move = document._name == 'stock.move'
        return {
            'from': edge['from'],
            'to': edge['to'],
            'qty': edge['qty'],
            'unit': unit,
            'is_shared': edge['is_shared'],
            'document': document.reference or "" if is_move else document.display_name,
            'model': False if is_move else document._name,
            'res_id': False if is_move else document.id,
        }

    @api.model
    def _prepare_lot(self, lot):
        return {
            'id': lot.id,
            'model': lot._name,
            'res_id': lot.id,
            'name': lot.name,
            'product': lot.product_id.display_name,
            'unit': lot.product_uom_id.name or "",
        }

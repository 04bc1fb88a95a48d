from typing import Any

from odoo import api, fields, models
from odoo.tools import SQL


class ScpTrace(models.AbstractModel):
    """The trace goes on where events of others do: their goods are known by negative ids, see ``scp.epcis.item``."""

    _inherit = 'scp.trace'

    @api.model
    def _get_reach(self, lot, direction):
        reach = super()._get_reach(lot, direction)
        if not self._has_reported_steps():
            return reach
        return SQL(
            "SELECT lot_id FROM (%s) moved UNION ALL SELECT reported.node FROM (%s) reported",
            reach, self._get_reported_step(lot, direction),
        )

    @api.model
    def _has_reported_steps(self):
        """Whether anybody has told what was made of what; otherwise no trace asks."""
        self.env['scp.epcis.event.line'].flush_model()
        [[exists]] = self.env.execute_query(SQL(
            "SELECT EXISTS(SELECT FROM scp_epcis_event_line WHERE side = 'used' AND company_id = ANY(%s))",
            self.env.companies.ids,
        ))
        return exists

    @api.model
    def _get_reported_step(self, node: SQL, direction) -> SQL:
        """The goods next to some, by events of others: ``node``, and the lines ``used_id`` and ``made_id``."""
        here, there = ('used', 'made') if direction == 'forward' else ('made', 'used')
        return SQL(
            """
            SELECT %(there)s.node, used.id AS used_id, made.id AS made_id
              FROM scp_epcis_event_line %(here)s
              JOIN scp_epcis_event_line %(there)s ON %(there)s.run = %(here)s.run AND %(there)s.side = %(there_side)s
               AND %(there)s.company_id = %(here)s.company_id AND %(there)s.node != 0
              JOIN scp_epcis_event event ON event.id = %(here)s.event_id AND event.active
              JOIN scp_epcis_event told ON told.id = %(there)s.event_id AND told.active
             WHERE %(here)s.node = %(node)s AND %(here)s.side = %(here_side)s
               AND %(here)s.company_id = ANY(%(companies)s)
            """,
            here=SQL.identifier(here), there=SQL.identifier(there), node=node, here_side=here, there_side=there,
            companies=self.env.companies.ids,
        )

    # === GRAPH === #

    @api.model
    def _get_edges(self, lots, direction):
        edges = super()._get_edges(lots, direction)
        if not self._has_reported_steps():
            return edges
        start, there = ('from', 'to') if direction == 'forward' else ('to', 'from')
        known = {(edge['from'], edge['to']) for edge in edges}
        reported = self.env.execute_query_dict(SQL(
            """
            WITH step AS (
                SELECT DISTINCT start.id AS %(start)s, step.node AS %(there)s, step.used_id
                  FROM unnest(%(lots)s) AS start(id)
            CROSS JOIN LATERAL (%(step)s) step
            )
            SELECT step."from", step."to", sum(used.quantity) AS qty, min(used.unit) AS unit, FALSE AS is_shared,
                   min(used.event_id) AS event_id
              FROM step
              JOIN scp_epcis_event_line used ON used.id = step.used_id
          GROUP BY step."from", step."to"
          ORDER BY min(step.used_id)
            """,
            start=SQL.identifier(start), there=SQL.identifier(there), lots=lots.ids,
            step=self._get_reported_step(SQL("start.id"), direction),
        ))
        # of what we know ourselves nobody needs to tell us
        return edges + [edge for edge in reported if (edge['from'], edge['to']) not in known]

    @api.model
    def _prepare_edge(self, edge, unit):
        if 'event_id' not in edge:
            return super()._prepare_edge(edge, unit)
        # sudo: as in the graph of our own lots
        event = self.env['scp.epcis.event'].sudo().browse(edge['event_id'])
        return {
            'from': edge['from'],
            'to': edge['to'],
            'qty': edge['qty'],
            'unit': self.env['scp.epcis']._get_unit_name(edge['unit']) or unit,
            'is_shared': False,
            'document': event.display_name,
            'model': event._name,
            'res_id': event.id,
        }

    @api.model
    def _prepare_lot(self, lot):
        if lot.id > 0:
            return super()._prepare_lot(lot)
        # sudo: as above
        item = self.env['scp.epcis.item'].sudo().browse(-lot.id)
        return {
            'id': lot.id,
            'model': item._name,
            'res_id': item.id,
            'name': item.display_name,
            'product': item.product_name or "",
            'unit': "",
        }

    # === PAGE === #

    @api.model
    @api.readonly
    def get_trace(self, model, res_ids, role=None):
        page = super().get_trace(model, res_ids, role)
        records = self._get_origin(model, res_ids)
        lots = records._scp_get_trace_lots(role) if model == 'res.partner' else records._scp_get_trace_lots()
        page['reported'] = self._prepare_page_rows(self._get_reported_rows(lots), self._prepare_reported_rows)
        return page

    @api.model
    def _get_reported_rows(self, lots) -> list[dict[str, Any]]:
        """What others have told of these lots, of what they were made of and of what was made of them.

        :return: a row for each event and goods: ``event_id``, ``item_id``, ``quantity``, ``unit``; the oldest first
        """
        self.env.flush_all()
        return self.env.execute_query_dict(SQL(
            """
            SELECT line.event_id, line.item_id, sum(line.quantity) AS quantity, min(line.unit) AS unit
              FROM (
                    SELECT lot_id FROM (WITH RECURSIVE %(forward)s SELECT lot_id FROM reached) forward
                     UNION
                    SELECT lot_id FROM (WITH RECURSIVE %(backward)s SELECT lot_id FROM reached) backward
                   ) near
              JOIN scp_epcis_event_line line ON line.node = near.lot_id AND line.company_id = ANY(%(companies)s)
              JOIN scp_epcis_event event ON event.id = line.event_id AND event.active
          GROUP BY line.event_id, line.item_id, event.event_time
          ORDER BY event.event_time, line.event_id, line.item_id
            """,
            forward=self._get_reached(lots, 'forward'), backward=self._get_reached(lots, 'backward'),
            companies=self.env.companies.ids,
        ))

    @api.model
    def _prepare_reported_rows(self, rows):
        # sudo: who may follow a lot reads what was told of it
        Event, Item = self.env['scp.epcis.event'].sudo(), self.env['scp.epcis.item'].sudo()
        events = {event.id: event for event in Event.browse({row['event_id'] for row in rows})}
        items = {item.id: item for item in Item.browse({row['item_id'] for row in rows})}
        return [self._prepare_reported_row(row, events[row['event_id']], items[row['item_id']]) for row in rows]

    @api.model
    def _prepare_reported_row(self, row, event, item):
        return {
            'event_id': event.id,
            'step': event._get_step_name(),
            'by': event.partner_id.name or "",
            'source': event.source_id.name or event.source_name or "",
            'destination': event.destination_id.name or event.destination_name or "",
            'name': item.display_name,
            'product': item.lot_id.product_id.display_name or item.product_name or "",
            'quantity': row['quantity'],
            'unit': self.env['scp.epcis']._get_unit_name(row['unit']),
            'day': fields.Date.to_string(event.event_time),
        }

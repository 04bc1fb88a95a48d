from collections import defaultdict
from typing import Any

from odoo import api, models
from odoo.tools import SQL


class ScpTrace(models.AbstractModel):
    _inherit = 'scp.trace'

    @api.model
    def _get_consumed_rows(self, lots) -> list[dict[str, Any]]:
        """How much of which lots of which suppliers is in these lots, each lot taken whole.

        What a run used counts for a lot by its part of what the run made; of a lot that was only partly used, its
        own sources count by that part.

        :param lots: ``stock.lot``
        :return: a row for each purchased lot and supplier, as :meth:`_get_supplier_rows` has them, with ``consumed``
            in the unit of the product of the lot; those that nothing is known to be consumed of are left out
        """
        rows = [row for row in self._get_supplier_rows(lots) if row['net'] > 0 and row['partner_id']]
        steps = self._get_consumption_steps(self._get_reached_lots(lots, 'backward'))
        # what there has ever been of a lot: made, or received
        total = defaultdict(float)
        sources = defaultdict(list)
        for step in steps:
            total[step['to']] += step['made']
            sources[step['to']] += zip(step['from_ids'], step['used'], strict=True)
        for row in rows:
            total[row['lot_id']] += row['net']
        consumed = defaultdict(float)
        border = {lot.id: total[lot.id] for lot in lots if total[lot.id]}
        # a path without a loop is no longer than there are lots
        for _round in range(len(total)):
            further = defaultdict(float)
            for lot_id, qty in border.items():
                consumed[lot_id] += qty
                for source_id, used in sources[lot_id]:
                    further[source_id] += used * qty / total[lot_id]
            border = {lot_id: qty for lot_id, qty in further.items() if total[lot_id]}
        return [
            {**row, 'consumed': consumed[row['lot_id']] * row['net'] / total[row['lot_id']]}
            for row in rows if consumed[row['lot_id']]
        ]

    @api.model
    def _get_consumption_steps(self, lots) -> list[dict[str, Any]]:
        """What each of these lots was made of in all.

        :return: a row for each lot: ``to`` (id), ``made`` of it, ``from_ids`` and ``used``: lots and quantities
        """
        self.env.flush_all()
        return self.env.execute_query_dict(SQL(
            """
            WITH step AS (
                SELECT DISTINCT start.id AS to_id, step.lot_id AS from_id, step.used_id, step.made_id
                  FROM unnest(%(lots)s) AS start(id)
            CROSS JOIN LATERAL (%(step)s) step
            ),
            -- a line used in a run counts for each line made by its part of all that the run made
            used AS (
                SELECT step.to_id, step.from_id,
                       sum(used.quantity_product_uom * made.quantity_product_uom
                           / COALESCE(NULLIF(run.made, 0), made.quantity_product_uom)) AS qty
                  FROM step
                  JOIN stock_move_line used ON used.id = step.used_id
                  JOIN stock_move_line made ON made.id = step.made_id AND made.quantity_product_uom > 0
            CROSS JOIN LATERAL (
                       SELECT sum(other.quantity_product_uom) AS made
                         FROM stock_move_line_consume_rel link
                         JOIN stock_move_line other ON other.id = link.consume_line_id
                        WHERE link.produce_line_id = step.used_id AND other.state = 'done'
                       ) run
              GROUP BY step.to_id, step.from_id
            ),
            made AS (
                SELECT line.to_id, sum(made.quantity_product_uom) AS qty
                  FROM (SELECT DISTINCT to_id, made_id FROM step) line
                  JOIN stock_move_line made ON made.id = line.made_id
              GROUP BY line.to_id
            )
            SELECT made.to_id AS "to", made.qty AS made, array_agg(used.from_id ORDER BY used.from_id) AS from_ids,
                   array_agg(used.qty ORDER BY used.from_id) AS used
              FROM made
              JOIN used ON used.to_id = made.to_id
          GROUP BY made.to_id, made.qty
            """,
            lots=lots.ids, step=self._get_step(SQL("start.id"), 'backward'),
        ))

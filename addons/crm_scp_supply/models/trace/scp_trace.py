from typing import Any, Literal

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

#: who may follow lots, beside administrators
TRACE_GROUPS = (
    'stock.group_stock_user,purchase.group_purchase_user,crm_scp_core.group_scp_user,'
    'crm_scp_core.group_scp_quality,crm_scp_core.group_scp_auditor'
)
Direction = Literal['forward', 'backward']


class ScpTrace(models.AbstractModel):
    """Where the goods of a lot went, and where they came from: with quantities, in one statement each way.

    Lots hang together by what Odoo writes for every production and repair: the lines that were used for a line that
    was made (``stock_move_line_consume_rel``, a table of ``stock`` alone; without those apps it is empty and a trace
    is the lot itself). A lot is one thing: whatever went into it is taken to be in all of it, and nobody is spared
    because of a date, which people can write. An unbuild order gives back the very lots that were used, which are
    what they were; what a repair takes out of a lot comes *from* it.

    Quantities are those of the lines, in the unit of the product of the lot named in the row. They are net: what
    came back counts against who sent it back, so that goods returned by one customer and sold to another are with
    the other. Only lines of the companies the user has chosen count.
    """

    _name = 'scp.trace'
    _description = "Trace of Lots"

    # === ASKING === #

    @api.model
    def _check_trace_access(self, lots):
        """Raise unless the user may read these lots; what a trace tells about them is then his to know."""
        lots.check_access('read')
        if not self.env.su and not self.env.user.has_groups(TRACE_GROUPS):
            raise AccessError(self.env._("Only logistics, purchasing, quality and customer service follow lots."))

    @api.model
    def _get_reached_lots(self, lots, direction: Direction):
        """The lots that contain something of these, or that these contain something of; these included."""
        self.env.flush_all()
        rows = self.env.execute_query(SQL(
            "WITH RECURSIVE %s SELECT DISTINCT lot_id FROM reached WHERE lot_id > 0",  # goods of others are below
            self._get_reached(lots, direction),
        ))
        return lots.browse(lot_id for lot_id, in rows)

    @api.model
    def _get_customer_rows(self, lots, by_origin: bool = False) -> list[dict[str, Any]]:
        """Who has got something of these lots, through whatever was made of them.

        :param lots: ``stock.lot``
        :param by_origin: tell the lots apart that were asked for; otherwise ``origin_id`` is 0
        :return: a row for each origin, lot delivered and customer: ``origin_id``, ``lot_id``, ``partner_id`` (the
            company, None when the transfer names nobody), ``delivered``, ``returned``, ``net``, ``last_date`` (of a
            delivery) and ``picking_ids``; ``net`` may be 0
        """
        self.env.flush_all()
        return self.env.execute_query_dict(SQL(
            """
            WITH RECURSIVE %(reached)s
            SELECT reached.origin_id, reached.lot_id, partner.commercial_partner_id AS partner_id,
                   COALESCE(sum(line.quantity_product_uom) FILTER (WHERE line.location_dest_id IN %(outside)s), 0)
                       AS delivered,
                   COALESCE(sum(line.quantity_product_uom) FILTER (WHERE line.location_id IN %(outside)s), 0)
                       AS returned,
                   COALESCE(sum(CASE WHEN line.location_dest_id IN %(outside)s THEN line.quantity_product_uom
                                     ELSE -line.quantity_product_uom END), 0) AS net,
                   max(line.date) FILTER (WHERE line.location_dest_id IN %(outside)s) AS last_date,
                   array_agg(DISTINCT line.picking_id) FILTER (WHERE line.picking_id IS NOT NULL) AS picking_ids
              FROM reached
              JOIN stock_move_line line ON line.lot_id = reached.lot_id AND %(done)s
              JOIN stock_move move ON move.id = line.move_id
         LEFT JOIN stock_picking picking ON picking.id = line.picking_id
         LEFT JOIN sale_order_line sale_line ON sale_line.id = move.sale_line_id
         LEFT JOIN sale_order sale ON sale.id = sale_line.order_id
         LEFT JOIN res_partner partner ON partner.id = %(partner)s
             WHERE (line.location_dest_id IN %(outside)s) != (line.location_id IN %(outside)s)
          GROUP BY reached.origin_id, reached.lot_id, partner.commercial_partner_id
          ORDER BY net DESC, partner_id, reached.lot_id, reached.origin_id
            """,
            reached=self._get_reached(lots, 'forward', by_origin), done=self._get_done_condition(),
            outside=self._get_locations('customer'), partner=self._get_customer(),
        ))

    @api.model
    def _get_supplier_rows(self, lots, by_origin: bool = False) -> list[dict[str, Any]]:
        """Which lots of which suppliers these lots were made of, and on which purchase orders they came.

        :param lots: ``stock.lot``
        :param by_origin: as in :meth:`_get_customer_rows`
        :return: a row for each origin, purchased lot and supplier: ``origin_id``, ``lot_id``, ``partner_id``,
            ``received``, ``sent_back``, ``net``, ``first_date``, ``purchase_ids`` and ``picking_ids``
        """
        self.env.flush_all()
        return self.env.execute_query_dict(SQL(
            """
            WITH RECURSIVE %(reached)s
            SELECT reached.origin_id, reached.lot_id, partner.commercial_partner_id AS partner_id,
                   sum(CASE WHEN flow.is_in THEN line.quantity_product_uom ELSE 0 END) AS received,
                   sum(CASE WHEN flow.is_in THEN 0 ELSE line.quantity_product_uom END) AS sent_back,
                   sum(CASE WHEN flow.is_in THEN 1 ELSE -1 END * line.quantity_product_uom) AS net,
                   min(line.date) AS first_date,
                   array_agg(DISTINCT purchase.id) FILTER (WHERE purchase.id IS NOT NULL) AS purchase_ids,
                   array_agg(DISTINCT line.picking_id) FILTER (WHERE line.picking_id IS NOT NULL) AS picking_ids
                   %(flow)s
          GROUP BY reached.origin_id, reached.lot_id, partner.commercial_partner_id
          ORDER BY first_date, partner_id, reached.lot_id, reached.origin_id
            """,
            reached=self._get_reached(lots, 'backward', by_origin), flow=self._get_supplier_flow(),
        ))

    @api.model
    def _get_stock_rows(self, lots) -> list[dict[str, Any]]:
        """What is still with us of these lots and of all that was made of them.

        :return: a row for each lot and location: ``lot_id``, ``location_id``, ``quantity``, ``reserved``
        """
        self.env.flush_all()
        return self.env.execute_query_dict(SQL(
            """
            WITH RECURSIVE %(reached)s
            SELECT quant.lot_id, quant.location_id, sum(quant.quantity) AS quantity,
                   sum(quant.reserved_quantity) AS reserved
              FROM reached
              JOIN stock_quant quant ON quant.lot_id = reached.lot_id AND quant.company_id = ANY(%(companies)s)
              JOIN stock_location location ON location.id = quant.location_id
             WHERE location.usage IN ('internal', 'transit')
          GROUP BY quant.lot_id, quant.location_id
            HAVING sum(quant.quantity) != 0
          ORDER BY quant.lot_id, quant.location_id
            """,
            reached=self._get_reached(lots, 'forward'), companies=self.env.companies.ids,
        ))

    # === SQL === #

    @api.model
    def _get_reached(self, lots, direction: Direction, by_origin=False) -> SQL:
        """The recursive part of every trace, ``reached(origin_id, lot_id)``: each lot once, loops included.

        :param lots: ``stock.lot``, or a statement that gives their ids as ``id``
        """
        start = lots if isinstance(lots, SQL) else SQL("SELECT id FROM unnest(%s) AS start(id)", lots.ids)
        return SQL(
            """
            reached(origin_id, lot_id) AS (
                SELECT %(origin)s, start.id FROM (%(start)s) start
                 UNION
                SELECT reached.origin_id, step.lot_id
                  FROM reached
            CROSS JOIN LATERAL (%(step)s) step
            )
            """,
            origin=SQL("start.id") if by_origin else SQL("0"),
            start=start, step=self._get_reach(SQL("reached.lot_id"), direction),
        )

    @api.model
    def _get_reach(self, lot: SQL, direction: Direction) -> SQL:
        """The ``lot_id`` next to a lot, by our own moves and by what others may have told of theirs."""
        return self._get_step(lot, direction)

    @api.model
    def _get_step(self, lot: SQL, direction: Direction) -> SQL:
        """The lots next to a lot: ``lot_id``, and the lines ``used_id`` and ``made_id`` that show it.

        :param lot: expression, id of the lot
        """
        # In Odoo's table `consume_line_id` is the line made and `produce_line_id` the line used for it
        joined = SQL("used.id = link.produce_line_id AND made.id = link.consume_line_id")
        if condition := self._get_unbuild_condition():
            joined = SQL(
                "%s AND NOT EXISTS (SELECT FROM stock_move back WHERE back.id = made.move_id AND %s)",
                joined, condition,
            )
        steps = [joined]
        if self._has_repairs():
            # ... but a part that a repair takes out leaves production, and the lot repaired is what it comes from
            steps = [
                SQL("%s AND used.location_id NOT IN %s", joined, self._get_locations('production')),
                SQL("made.id = link.produce_line_id AND used.id = link.consume_line_id "
                    "AND made.location_id IN %s", self._get_locations('production')),
            ]
        here, there = ('used', 'made') if direction == 'forward' else ('made', 'used')
        return SQL(" UNION ALL ").join(
            SQL(
                """
                SELECT %(there)s.lot_id, used.id AS used_id, made.id AS made_id
                  FROM stock_move_line used, stock_move_line_consume_rel link, stock_move_line made
                 WHERE %(joined)s
                   AND %(here)s.lot_id = %(lot)s
                   AND %(there)s.lot_id IS NOT NULL
                   AND %(used_done)s AND %(made_done)s
                """,
                joined=joined, lot=lot, here=SQL.identifier(here), there=SQL.identifier(there),
                used_done=self._get_done_condition('used'), made_done=self._get_done_condition('made'),
            ) for joined in steps
        )

    @api.model
    def _get_supplier_flow(self) -> SQL:
        """FROM and WHERE of what came from suppliers or went back to them, of lots ``reached``.

        Aliases: ``line``, ``move``, ``purchase``, ``picking``, ``partner`` (its address), ``flow`` (``is_in``,
        ``is_out``).
        """
        return SQL(
            """
                  FROM reached
                  JOIN stock_move_line line ON line.lot_id = reached.lot_id AND %(done)s
                  JOIN stock_move move ON move.id = line.move_id
             LEFT JOIN purchase_order_line purchase_line ON purchase_line.id = move.purchase_line_id
             LEFT JOIN purchase_order purchase ON purchase.id = purchase_line.order_id
             LEFT JOIN stock_picking picking ON picking.id = line.picking_id
             LEFT JOIN res_partner partner
                    ON partner.id = COALESCE(purchase.partner_id, picking.partner_id, move.partner_id)
            CROSS JOIN LATERAL (
                       -- goods of a sister company come through transit, on a purchase order
                       SELECT line.location_id IN %(suppliers)s
                              OR purchase.id IS NOT NULL AND line.location_id IN %(transit)s AS is_in,
                              line.location_dest_id IN %(suppliers)s
                              OR purchase.id IS NOT NULL AND line.location_dest_id IN %(transit)s AS is_out
                       ) flow
                 WHERE flow.is_in != flow.is_out
            """,
            done=self._get_done_condition(), suppliers=self._get_locations('supplier'),
            transit=self._get_locations('transit'),
        )

    @api.model
    def _get_day(self) -> SQL:
        """The day of a ``line`` where its company is."""
        return SQL(
            """
            (line.date AT TIME ZONE 'UTC' AT TIME ZONE COALESCE((
                SELECT calendar.tz FROM res_company company
                  JOIN resource_calendar calendar ON calendar.id = company.resource_calendar_id
                 WHERE company.id = line.company_id), 'UTC'))::date
            """,
        )

    @api.model
    def _get_done_condition(self, alias='line', companies=None) -> SQL:
        """Which move lines count.

        :param SQL companies: whose, by default of those the user has chosen
        """
        return SQL(
            "%(line)s.state = 'done' AND %(line)s.company_id = ANY(%(companies)s)",
            line=SQL.identifier(alias), companies=companies or self.env.companies.ids,
        )

    @api.model
    def _get_customer(self) -> SQL:
        """Who the customer of a line is: of the order; without one, of the transfer.

        In a direct delivery the transfer names the supplier and its move the customer.
        """
        return SQL(
            """
            COALESCE(sale.partner_id, CASE WHEN line.location_id IN %(suppliers)s OR line.location_dest_id IN
                     %(suppliers)s THEN move.partner_id END, picking.partner_id, move.partner_id)
            """,
            suppliers=self._get_locations('supplier'),
        )

    @api.model
    def _get_locations(self, usage) -> SQL:
        # Locations are few: a sub-query that is hashed once
        return SQL("(SELECT id FROM stock_location WHERE usage = %s)", usage)

    @api.model
    def _get_unbuild_condition(self, move='back') -> SQL | None:
        """Condition on a ``stock_move``: it gives back what an unbuild order takes apart; None without `mrp`."""
        return SQL("%s IS NOT NULL", SQL.identifier(move, 'unbuild_id')) if 'mrp.unbuild' in self.env else None

    @api.model
    def _has_repairs(self):
        return 'repair.order' in self.env

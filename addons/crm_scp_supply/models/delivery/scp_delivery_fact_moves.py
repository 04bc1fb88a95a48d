from odoo import api, models
from odoo.tools import SQL


class ScpDeliveryFact(models.Model):
    """What the transfers of the lines, ``due``, say.

    The moves of all lines are read at once, of their transfers those that say more than the move: where it was called
    off or returned, and which are back orders. Where lines meet moves the join is FULL though LEFT would do: it is made
    by hash or by merge, never by going through all moves for each line, whatever the planner guesses.
    """

    _inherit = 'scp.delivery.fact'

    # === BUSINESS === #

    @api.model
    def _get_flow(self, direction, scope: SQL) -> SQL:
        """The moves that count for the lines ``due``, and what each is to the one the goods were promised to: an
        arrival, a return, a rejection, or still to come.

        Goods the receiver did not want and then took after all are counted once: what goes out again after such a
        return is no arrival. Goods of a kit are not those that were ordered: their ``qty`` is empty. A line without
        moves has an empty row.
        """
        line_field, arrives, leaves = {
            'out': ('sale_line_id', 'location_dest_id', 'location_id'),
            'in': ('purchase_line_id', 'location_id', 'location_dest_id'),
        }[direction]
        ends = self._get_end_locations(direction)
        arrives = SQL("move.%s = ANY(%s)", SQL.identifier(arrives), ends)
        leaves = SQL("NOT (%s) AND move.%s = ANY(%s)", arrives, SQL.identifier(leaves), ends)
        returned = SQL("move.state = 'done' AND %s", leaves)
        return SQL(
            """
            SELECT flow.*, is_return AND by_shipper AS is_rejection
              FROM (
                   SELECT due.line_ref, due.due_request, due.due_baseline, due.from_request, due.from_baseline,
                          move.state = 'done' AND %(arrives)s AND %(is_unwanted)s IS NOT TRUE AS is_arrival,
                          %(returned)s AS is_return,
                          move.state NOT IN ('done', 'cancel') AND NOT (%(leaves)s) AS is_open,
                          %(given_up)s AS is_given_up,
                          %(fault)s IS DISTINCT FROM 'receiver' AS by_shipper,
                          move.to_refund,
                          -- what a supplier has split off comes at another attempt by his own word
                          move.origin_returned_move_id IS NOT NULL OR move.%(line_field)s != due.line_ref
                          OR EXISTS (
                              SELECT FROM stock_picking WHERE id = move.picking_id AND backorder_id IS NOT NULL
                          ) AS is_later,
                          CASE WHEN move.product_id IS DISTINCT FROM due.product_id THEN NULL
                               WHEN move.product_uom = due.product_uom_id THEN move.quantity
                               ELSE (SELECT move.quantity * move_uom.factor / uom.factor
                                       FROM uom_uom move_uom, uom_uom uom
                                      WHERE move_uom.id = move.product_uom AND uom.id = due.product_uom_id)
                          END AS qty,
                          move.date,
                          %(origin_date)s AS origin_date,
                          CASE WHEN move.state = 'done' THEN %(day)s - due.ordered_day END AS lead,
                          %(carrier)s AS carrier_ref
                     FROM due
                FULL JOIN (%(moves)s) move ON move.line_ref = due.line_ref
                    -- no moves of lines without a promise; IS NOT NULL would make a LEFT JOIN of it
                    WHERE COALESCE(due.line_ref, 0) != 0
                   OFFSET 0
              ) flow
            """,
            arrives=arrives,
            leaves=leaves,
            returned=returned,
            given_up=self._get_of_transfer(
                SQL("move.state = 'cancel'"), SQL("state = 'done' OR backorder_id IS NOT NULL")),
            fault=self._get_of_transfer(returned, SQL("scp_return_fault")),
            is_unwanted=self._get_of_origin(SQL("back.state = 'done' AND transfer.scp_return_fault = 'receiver'")),
            origin_date=self._get_of_origin(SQL("back.date")),
            line_field=SQL.identifier(line_field),
            day=self._get_day(SQL("move.date")),
            carrier=self._get_carrier(SQL("move.state = 'done' AND %s", arrives)),
            moves=self._get_moves(direction, scope),
        )

    @api.model
    def _get_of_origin(self, expression: SQL) -> SQL:
        """What is to be known of ``back``, the move whose goods ``move`` takes back. Few do: only these look it up."""
        return SQL(
            """CASE WHEN move.origin_returned_move_id IS NOT NULL THEN (
                   SELECT %s
                     FROM stock_move back
                LEFT JOIN stock_picking transfer ON transfer.id = back.picking_id
                    WHERE back.id = move.origin_returned_move_id
               ) END""",
            expression,
        )

    @api.model
    def _get_of_transfer(self, condition: SQL, expression: SQL) -> SQL:
        """What is to be known of the transfer of ``move``, of moves that meet the condition: others look up nothing."""
        return SQL(
            "CASE WHEN %s THEN (SELECT %s FROM stock_picking WHERE id = move.picking_id) END", condition, expression)

    @api.model
    def _get_end_locations(self, direction) -> list[int]:
        """Ids of the locations where the partner is: goods there are delivered, or not yet ours.

        With a subcontractor Odoo keeps our material in locations of our own, from where the goods he makes come.
        """
        usage = {'out': 'customer', 'in': 'supplier'}[direction]
        tops = SQL("NULL")
        if direction == 'in' and 'subcontracting_location_id' in self.env['res.company']._fields:
            tops = SQL("SELECT subcontracting_location_id FROM res_company")
        return [row[0] for row in self.env.execute_query(SQL(
            """
            SELECT id FROM stock_location location
             WHERE usage = %(usage)s
                OR usage = 'transit' AND company_id IS NULL
                OR EXISTS (SELECT FROM stock_location top
                            WHERE top.id IN (%(tops)s) AND location.parent_path LIKE top.parent_path || '%%')
            """,
            usage=usage, tops=tops,
        ))]

    @api.model
    def _get_own_moves(self, direction, line_ref: SQL) -> SQL:
        """Condition on ``move``: its goods count for an order line, or for a part the supplier has split it into.

        A part is no line of its own here, so that nobody improves his figures by splitting.
        """
        if direction == 'out':
            return SQL("move.sale_line_id = %s", line_ref)
        return SQL(
            """move.purchase_line_id = ANY(ARRAY(
                   SELECT %(line_ref)s
                    UNION ALL
                   SELECT part.id FROM purchase_order_line part WHERE part.scp_split_from_id = %(line_ref)s
               ))""",
            line_ref=line_ref,
        )

    @api.model
    def _get_moves(self, direction, scope: SQL) -> SQL:
        """All :meth:`_get_own_moves` of the lines in ``scope``, with ``line_ref``."""
        if direction == 'out':
            return SQL("SELECT * FROM (SELECT sale_line_id AS line_ref, * FROM stock_move) move WHERE %s", scope)
        return SQL(
            """
            SELECT *
              FROM (SELECT id AS part_id, id AS line_ref FROM purchase_order_line
                     UNION ALL
                    SELECT id, scp_split_from_id FROM purchase_order_line WHERE scp_split_from_id IS NOT NULL) part
              JOIN stock_move move ON move.purchase_line_id = part.part_id
             WHERE %s
            """,
            scope,
        )

    @api.model
    def _get_carrier(self, condition: SQL) -> SQL:
        """Id of the carrier of ``move``, if it meets the condition; carriers come with an addon of their own."""
        if 'carrier_id' not in self.env['stock.picking']._fields:
            return SQL("NULL::integer")
        return self._get_of_transfer(condition, SQL("carrier_id"))

    @api.model
    def _get_moved(self, direction, scope: SQL) -> SQL:
        """What the transfers of each of the lines ``due`` add up to."""
        def good_by(start, end):
            """Arrived in time and was not rejected; a rejection takes off what it returns, whenever it was."""
            def in_time(moment):
                return SQL(
                    "%(moment)s <= %(end)s AND (%(start)s IS NULL OR %(moment)s >= %(start)s)",
                    moment=SQL.identifier(moment), start=SQL.identifier(start), end=SQL.identifier(end),
                )
            return SQL(
                """sum(CASE WHEN is_arrival THEN qty ELSE -qty END) FILTER (
                       WHERE is_arrival AND %s OR is_rejection AND (origin_date IS NULL OR %s))""",
                in_time('date'), in_time('origin_date'),
            )

        return SQL(
            """
            SELECT line_ref AS moved_ref,
                   sum(qty) FILTER (WHERE is_arrival) AS done,
                   sum(qty) FILTER (WHERE is_arrival AND is_later) AS later,
                   sum(qty) FILTER (WHERE is_rejection) AS returned,
                   sum(qty) FILTER (WHERE is_rejection AND to_refund) AS credited,
                   sum(qty) FILTER (WHERE is_return AND NOT by_shipper) AS unwanted,
                   %(by_request)s AS by_request,
                   %(by_baseline)s AS by_baseline,
                   min(date) FILTER (WHERE is_arrival) AS first_done,
                   max(date) FILTER (WHERE is_arrival) AS last_done,
                   COALESCE(bool_or(is_open), FALSE) AS is_open,
                   COALESCE(bool_or(is_given_up), FALSE) AS is_given_up,
                   COALESCE(bool_or(is_arrival AND qty IS NULL), FALSE) AS is_kit,
                   max(carrier_ref) FILTER (WHERE is_arrival) AS carrier_ref,
                   min(lead) FILTER (WHERE is_arrival) AS first_lead,
                   max(lead) FILTER (WHERE is_arrival) AS last_lead,
                   sum(lead * qty) FILTER (WHERE is_arrival) AS waited,
                   array_agg(ARRAY[lead, qty]) FILTER (WHERE is_arrival) AS arrivals
              FROM (%(flow)s ORDER BY line_ref, lead, qty) flow
          GROUP BY line_ref
            """,
            by_request=good_by('from_request', 'due_request'),
            by_baseline=good_by('from_baseline', 'due_baseline'),
            flow=self._get_flow(direction, scope),
        )

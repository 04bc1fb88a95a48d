from odoo import api, models
from odoo.tools import SQL

# Columns that identify a fact; all others are derived
KEY = ('direction', 'line_ref')

# Taken from the latest promise of a line
COPIED = (
    'order_name', 'sale_line_id', 'sale_order_id', 'purchase_line_id', 'purchase_order_id', 'partner_id', 'product_id',
    'product_uom_id', 'company_id', 'warehouse_id',
)


class ScpDeliveryFact(models.Model):
    """One statement computes, compares and writes the facts of a batch of lines of one direction."""

    _inherit = 'scp.delivery.fact'

    # === BUSINESS === #

    @api.model
    def _sync(self, direction, scope: SQL) -> int:
        """Make the facts of some order lines equal to what follows from the documents; touch no other.

        :param str direction: ``out`` or ``in``
        :param SQL scope: condition on ``promise.line_ref``
        :return: number of rows written
        """
        columns = [name for name, field in self._fields.items() if field.store and name not in ('id', *KEY)]
        names = SQL(", ").join(map(SQL.identifier, columns))
        self.env.flush_all()
        rows = self.env.execute_query(SQL(
            """
            WITH %(tables)s
            INSERT INTO scp_delivery_fact (direction, line_ref, %(names)s)
                 SELECT %(direction)s, computed.line_ref, %(computed)s
                   FROM (%(select)s) computed
              LEFT JOIN scp_delivery_fact known
                     ON known.direction = %(direction)s AND known.line_ref = computed.line_ref
                  WHERE known.id IS NULL OR ROW(%(known)s) IS DISTINCT FROM ROW(%(computed)s)
            ON CONFLICT (direction, line_ref) DO UPDATE
                    SET (%(names)s) = ROW(%(excluded)s)
              RETURNING 1
            """,
            tables=SQL(", ").join(
                SQL("%s AS (%s)", SQL.identifier(name), query)
                for name, query in self._get_tables(direction, scope).items()
            ),
            select=self._get_select(direction),
            direction=direction,
            names=names,
            excluded=SQL(", ").join(SQL.identifier('excluded', name) for name in columns),
            known=SQL(", ").join(SQL.identifier('known', name) for name in columns),
            computed=SQL(", ").join(SQL.identifier('computed', name) for name in columns),
        ))
        self.invalidate_model(flush=False)
        return len(rows)

    @api.model
    def _get_tables(self, direction, scope: SQL) -> dict[str, SQL]:
        """The steps from the ledger and the transfers to the facts, as common table expressions."""
        return {
            'entry': self._get_entry(direction, scope),
            'step': self._get_step(),
            'line': self._get_line(),
            'due': self._get_due(direction),
            'ordered': self._get_ordered(),
            'flow': self._get_flow(direction),
            'moved': self._get_moved(),
            'parts': self._get_parts(),
            'fault': self._get_fault(direction),
        }

    # --- the ledger --- #

    @api.model
    def _get_entry(self, direction, scope: SQL) -> SQL:
        """The promises, each with who brought it about and its place among the requests or among the promises.

        Who ships speaks through the reasons that name him; a supplier also through the portal, and through what a
        buyer puts down for him.
        """
        shipper, receiver = {
            'out': (
                SQL("reason.party IN ('us', 'supplier', 'carrier')"),
                SQL("reason.party = 'customer' OR reason.party IS NULL AND promise.source = 'portal'"),
            ),
            'in': (
                SQL("""reason.party IN ('supplier', 'carrier')
                       OR reason.party IS NULL AND promise.source IN ('portal', 'mail', 'phone', 'edi')"""),
                SQL("reason.party = 'us' OR reason.party IS NULL AND promise.source IN ('internal', 'api')"),
            ),
        }[direction]
        return SQL(
            """
            SELECT promise.id, promise.line_ref, promise.kind, promise.date, promise.date_promised,
                   promise.previous_date, promise.product_uom_qty, promise.previous_product_uom_qty,
                   promise.unconfirmed, promise.source, %(copied)s,
                   promise.kind = 'requested' AS is_request,
                   COALESCE(%(shipper)s, FALSE) AS by_shipper,
                   COALESCE(%(receiver)s, FALSE) AS by_receiver,
                   lag(promise.id) OVER place IS NULL AS is_first,
                   lead(promise.id) OVER place IS NULL AS is_last,
                   lag(promise.date_promised) OVER place AS replaced
              FROM scp_promise promise
         LEFT JOIN scp_promise_reason reason ON reason.id = promise.reason_id
             WHERE promise.direction = %(direction)s
               AND %(scope)s
               AND NOT EXISTS (
                       SELECT FROM purchase_order_line part
                        WHERE promise.direction = 'in'
                          AND part.id = promise.line_ref
                          AND part.scp_split_from_id IS NOT NULL
                   )
            WINDOW place AS (
                   PARTITION BY promise.line_ref, promise.kind = 'requested' ORDER BY promise.date, promise.id)
            """,
            direction=direction, scope=scope, shipper=shipper, receiver=receiver,
            copied=SQL(", ").join(SQL.identifier('promise', name) for name in COPIED),
        )

    @api.model
    def _get_step(self) -> SQL:
        """By how much each promise changed the quantity; which requests were made in time.

        A withdrawal counts when it is the last word and not that of who ships: neither cancels an order that is
        then confirmed again, nor one's own failure. A request that replaces one whose day was over, and all that
        follow it, come too late to matter.
        """
        quantity = SQL(
            """CASE WHEN kind = 'cancel' AND (by_shipper OR NOT is_last) THEN previous_product_uom_qty
                    ELSE product_uom_qty END"""
        )
        return SQL(
            """
            SELECT *,
                   %(quantity)s - lag(%(quantity)s) OVER place AS delta,
                   bool_and(replaced IS NULL OR date::date <= replaced::date) OVER place AS is_timely
              FROM entry
            WINDOW place AS (PARTITION BY line_ref, is_request ORDER BY date, id)
            """,
            quantity=quantity,
        )

    @api.model
    def _get_line(self) -> SQL:
        """What the ledger says about each line."""
        return SQL(
            """
            SELECT line_ref,
                   %(copied)s,
                   min(date) FILTER (WHERE NOT is_request) AS date_recorded,
                   (array_agg(date_promised ORDER BY date DESC, id DESC)
                        FILTER (WHERE is_request AND is_timely))[1] AS date_requested,
                   max(date_promised) FILTER (WHERE kind = 'baseline' AND unconfirmed IS NOT TRUE) AS date_confirmed,
                   max(date) FILTER (WHERE kind = 'baseline' AND unconfirmed IS NOT TRUE) AS confirmed_on,
                   max(date_promised) FILTER (WHERE kind = 'baseline' AND unconfirmed) AS date_unconfirmed,
                   max(CASE WHEN kind = 'cancel' THEN previous_date ELSE date_promised END)
                       FILTER (WHERE is_last AND NOT is_request) AS date_promised,
                   max(date_promised) FILTER (WHERE kind = 'revision' AND NOT by_receiver) AS date_moved,
                   count(*) FILTER (WHERE kind = 'revision' AND date_promised != previous_date) AS revision_count,
                   max(product_uom_qty) FILTER (WHERE is_first AND NOT is_request) AS qty_first_promised,
                   max(product_uom_qty) FILTER (WHERE is_last AND NOT is_request) AS qty_promised,
                   bool_or(is_last AND kind = 'cancel') AS is_withdrawn,
                   bool_or(is_first AND NOT is_request AND source = 'backfill') AS is_backfill
              FROM step
          GROUP BY line_ref
            """,
            copied=SQL(", ").join(
                SQL("max(%(name)s) FILTER (WHERE is_last AND NOT is_request) AS %(name)s", name=SQL.identifier(name))
                for name in COPIED
            ),
        )

    @api.model
    def _get_due(self, direction) -> SQL:
        """When each line falls due: to the end of the last day within tolerance, where the partner is.

        A supplier who first speaks when the planned day is over, or by delivering, has confirmed nothing: that day
        stands. A line was ordered when its first promise was recorded; orders older than the ledger say so themselves.
        """
        order, ordered_on, link = {
            'out': ('sale_order', 'date_order', 'sale_order_id'),
            'in': ('purchase_order', 'date_approve', 'purchase_order_id'),
        }[direction]
        return SQL(
            """
            SELECT base.*, place.day, place.ordered_day,
                   %(due_request)s AS due_request,
                   %(due_baseline)s AS due_baseline,
                   %(from_request)s AS from_request,
                   %(from_baseline)s AS from_baseline
              FROM (
                   SELECT line.*,
                          CASE WHEN line.confirmed_on::date > line.date_unconfirmed::date THEN line.date_unconfirmed
                               ELSE COALESCE(line.date_confirmed, line.date_unconfirmed) END AS date_baseline,
                          COALESCE(line.confirmed_on::date <= line.date_unconfirmed::date,
                                   line.confirmed_on IS NOT NULL) AS is_confirmed,
                          COALESCE("order".%(ordered_on)s, line.date_recorded) AS date_ordered,
                          COALESCE(partner.tz, commercial.tz, calendar.tz, 'UTC') AS tz,
                          CASE WHEN relation.is_early_refused
                               THEN relation.tolerance_days_early END AS days_early,
                          COALESCE(relation.tolerance_days_late, 0) AS days_late,
                          COALESCE(relation.tolerance_under, 0)::numeric / 100 AS share_under,
                          COALESCE(relation.tolerance_over, 0)::numeric / 100 AS share_over
                     FROM line
                     JOIN res_company company ON company.id = line.company_id
                LEFT JOIN resource_calendar calendar ON calendar.id = company.resource_calendar_id
                LEFT JOIN %(order)s "order" ON line.is_backfill AND "order".id = line.%(link)s
                LEFT JOIN res_partner partner ON partner.id = line.partner_id
                LEFT JOIN res_partner commercial ON commercial.id = partner.commercial_partner_id
                    %(relation)s
              ) base
        CROSS JOIN LATERAL (
                   SELECT %(day)s AS day, %(ordered_day)s AS ordered_day, %(requested_day)s AS requested_day
                   OFFSET 0
              ) place
            """,
            due_request=self._get_end_of_day(SQL("place.requested_day")),
            due_baseline=self._get_end_of_day(SQL("place.day")),
            from_request=self._get_start_of_day(SQL("place.requested_day")),
            from_baseline=self._get_start_of_day(SQL("place.day")),
            day=self._get_day(SQL("date_baseline")),
            ordered_day=self._get_day(SQL("date_ordered")),
            requested_day=self._get_day(SQL("date_requested")),
            order=SQL.identifier(order),
            ordered_on=SQL.identifier(ordered_on),
            link=SQL.identifier(link),
            relation=self._get_relation(direction),
        )

    @api.model
    def _get_relation(self, direction) -> SQL:
        """The relation of the partner of ``line`` that says by how much he may miss day and quantity.

        It is the one in force on the promised day, about the product. Who is customer and distributor is taken as
        customer.
        """
        roles = {'out': ('customer', 'distributor'), 'in': ('supplier',)}[direction]
        return SQL(
            """
            LEFT JOIN (SELECT DISTINCT ON (partner_id, company_id) *
                         FROM scp_relation
                        WHERE active AND role IN %(roles)s
                     ORDER BY partner_id, company_id, role) relation
                   ON relation.partner_id = commercial.id
                  AND relation.company_id = line.company_id
                  AND COALESCE(line.date_confirmed, line.date_unconfirmed)::date
                      BETWEEN COALESCE(relation.date_start, '-infinity') AND COALESCE(relation.date_end, 'infinity')
                  AND %(scope)s
            """,
            roles=roles,
            scope=self.env['scp.relation']._get_scope_condition(SQL("relation"), SQL("line.product_id")),
        )

    @api.model
    def _get_day(self, moment: SQL) -> SQL:
        """The day of a moment in the zone ``tz``."""
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE tz)::date", moment)

    @api.model
    def _get_start_of_day(self, day: SQL) -> SQL:
        """The first moment in UTC that is not too early for a day; NULL where nothing is."""
        return SQL(
            "CASE WHEN days_early IS NOT NULL THEN (%s - days_early)::timestamp AT TIME ZONE tz AT TIME ZONE 'UTC' END",
            day,
        )

    @api.model
    def _get_end_of_day(self, day: SQL) -> SQL:
        """The last second in UTC that is in time for a day."""
        return SQL("(%s + days_late + 1)::timestamp AT TIME ZONE tz AT TIME ZONE 'UTC' - interval '1 second'", day)

    @api.model
    def _get_ordered(self) -> SQL:
        """Changes of the ordered quantity that who receives made before the line fell due."""
        return SQL(
            """
            SELECT step.line_ref, sum(step.delta) AS delta
              FROM step
              JOIN due USING (line_ref)
             WHERE step.delta != 0
               AND NOT step.is_request
               AND NOT step.by_shipper
               AND step.date <= due.due_baseline
          GROUP BY step.line_ref
            """
        )

    # --- the transfers --- #

    @api.model
    def _get_flow(self, direction) -> SQL:
        """Moves to (``sign`` 1), from (-1) or not yet at (0) the one the goods were promised to.

        Goods of a kit are not those that were ordered: their ``qty`` is empty.
        """
        line_column, usage = {'out': ('sale_line_id', 'customer'), 'in': ('purchase_line_id', 'supplier')}[direction]

        def is_end(location):
            return SQL(
                "(%(location)s.usage = %(usage)s "
                "OR %(location)s.usage = 'transit' AND %(location)s.company_id IS NULL)",
                location=SQL.identifier(location), usage=usage,
            )

        carrier, carrier_join = self._get_carrier()
        arrives, leaves = is_end('destination'), is_end('source')
        if direction == 'in':
            arrives, leaves = leaves, arrives
        return SQL(
            """
            SELECT *,
                   state = 'done' AND sign > 0 AND is_redelivery IS NOT TRUE AS is_arrival,
                   state = 'done' AND sign < 0 AS is_return,
                   state = 'done' AND sign < 0 AND by_shipper AS is_rejection
              FROM (
                   SELECT due.line_ref,
                          move.state,
                          date_trunc('second', move.date) AS date,
                          CASE WHEN move.product_id = due.product_id
                               THEN move.quantity * move_uom.factor / uom.factor END AS qty,
                          %(arrives)s::int - %(leaves)s::int AS sign,
                          move.to_refund,
                          COALESCE(picking.scp_return_fault, 'shipper') = 'shipper' AS by_shipper,
                          move.origin_returned_move_id IS NULL AND picking.backorder_id IS NULL AS is_first_attempt,
                          date_trunc('second', origin.date) AS origin_date,
                          origin.state = 'done' AND origin_picking.scp_return_fault = 'receiver' AS is_redelivery,
                          move.state = 'cancel'
                          AND (picking.state = 'done' OR picking.backorder_id IS NOT NULL) AS is_given_up,
                          %(carrier)s AS carrier,
                          due.due_request, due.due_baseline, due.from_request, due.from_baseline,
                          CASE WHEN move.state = 'done' THEN %(day)s - due.ordered_day END AS lead
                     FROM due
                     JOIN %(place)s place USING (line_ref)
                     JOIN stock_move move ON move.%(line_column)s = place.part_ref
                     JOIN uom_uom move_uom ON move_uom.id = move.product_uom
                     JOIN uom_uom uom ON uom.id = due.product_uom_id
                     JOIN stock_location source ON source.id = move.location_id
                     JOIN stock_location destination ON destination.id = move.location_dest_id
                LEFT JOIN stock_picking picking ON picking.id = move.picking_id
                LEFT JOIN stock_move origin ON origin.id = move.origin_returned_move_id
                LEFT JOIN stock_picking origin_picking ON origin_picking.id = origin.picking_id
                     %(carrier_join)s
              ) move
            """,
            arrives=arrives,
            leaves=leaves,
            line_column=SQL.identifier(line_column),
            place=self._get_place(direction),
            day=self._get_day(SQL("move.date")),
            carrier=carrier,
            carrier_join=carrier_join,
        )

    @api.model
    def _get_place(self, direction) -> SQL:
        """The lines whose goods count for a line: itself, and the parts the supplier has split it into.

        A part is no line of its own here, so that nobody improves his figures by splitting.
        """
        if direction == 'out':
            return SQL("(SELECT line_ref, line_ref AS part_ref FROM due)")
        return SQL(
            """(
                SELECT line_ref, line_ref AS part_ref FROM due
                 UNION ALL
                SELECT part.scp_split_from_id, part.id
                  FROM purchase_order_line part
                  JOIN due ON due.line_ref = part.scp_split_from_id
            )"""
        )

    @api.model
    def _get_carrier(self) -> tuple[SQL, SQL]:
        """The name of the carrier, and what has to be joined for it; carriers come with an addon of their own."""
        if 'carrier_id' not in self.env['stock.picking']._fields:
            return SQL("NULL::varchar"), SQL("")
        return (
            SQL("carrier.name->>'en_US'"),
            SQL("LEFT JOIN delivery_carrier carrier ON carrier.id = picking.carrier_id"),
        )

    @api.model
    def _get_moved(self) -> SQL:
        """What the transfers of each line add up to.

        Goods the receiver did not want and then took after all are counted once: what goes out again after such a
        return is left out.
        """
        def good_by(start, end):
            """Arrived in time and was not rejected; a rejection takes off what it returns, whenever it was."""
            in_time = SQL(
                "%(moment)s <= %(end)s AND (%(start)s IS NULL OR %(moment)s >= %(start)s)",
                moment=SQL("COALESCE(CASE WHEN sign < 0 THEN origin_date END, date)"),
                start=SQL.identifier(start), end=SQL.identifier(end),
            )
            return SQL(
                """COALESCE(sum(sign * qty) FILTER (
                       WHERE is_arrival AND %(in_time)s
                          OR is_rejection AND (origin_date IS NULL OR %(in_time)s)), 0)""",
                in_time=in_time,
            )

        return SQL(
            """
            SELECT line_ref,
                   COALESCE(sum(qty) FILTER (WHERE is_arrival), 0) AS done,
                   COALESCE(sum(qty) FILTER (WHERE is_arrival AND is_first_attempt), 0) AS first,
                   COALESCE(sum(qty) FILTER (WHERE is_rejection), 0) AS returned,
                   COALESCE(sum(qty) FILTER (WHERE is_rejection AND to_refund), 0) AS credited,
                   COALESCE(sum(qty) FILTER (WHERE is_return AND NOT by_shipper), 0) AS unwanted,
                   %(by_request)s AS by_request,
                   %(by_baseline)s AS by_baseline,
                   min(date) FILTER (WHERE is_arrival) AS first_done,
                   max(date) FILTER (WHERE is_arrival) AS last_done,
                   COALESCE(bool_or(state NOT IN ('done', 'cancel') AND sign >= 0), FALSE) AS is_open,
                   COALESCE(bool_or(is_given_up), FALSE) AS is_given_up,
                   COALESCE(bool_or(is_arrival AND qty IS NULL), FALSE) AS is_kit,
                   max(carrier) FILTER (WHERE is_arrival) AS carrier,
                   max(lead) FILTER (WHERE is_arrival) AS last_lead,
                   sum(qty * lead) FILTER (WHERE is_arrival) / NULLIF(sum(qty) FILTER (WHERE is_arrival), 0) AS lead,
                   min(lead) FILTER (WHERE is_arrival) AS first_lead
              FROM flow
          GROUP BY line_ref
            """,
            by_request=good_by('from_request', 'due_request'),
            by_baseline=good_by('from_baseline', 'due_baseline'),
        )

    @api.model
    def _get_parts(self) -> SQL:
        """Lead time and quantity of each arrival of the lines whose goods arrived on several days."""
        return SQL(
            """
            SELECT flow.line_ref,
                   jsonb_agg(jsonb_build_array(flow.lead, flow.qty) ORDER BY flow.date, flow.qty) AS arrivals
              FROM flow
              JOIN moved ON moved.line_ref = flow.line_ref AND moved.first_lead < moved.last_lead
             WHERE flow.is_arrival
          GROUP BY flow.line_ref
            """
        )

    @api.model
    def _get_fault(self, direction) -> SQL:
        """Problems people have reported on the lines: see ``scp.exception``."""
        return SQL("SELECT NULL::integer AS line_ref, FALSE AS is_damaged, FALSE AS is_undocumented")

    # --- the fact --- #

    @api.model
    def _get_select(self, direction) -> SQL:
        order_line, qty_done = {
            'out': ('sale_order_line', 'qty_delivered'), 'in': ('purchase_order_line', 'qty_received'),
        }[direction]
        columns = self._get_columns()
        return SQL(
            """
            SELECT due.line_ref, %(columns)s
              FROM due
         LEFT JOIN ordered USING (line_ref)
         LEFT JOIN moved USING (line_ref)
         LEFT JOIN parts USING (line_ref)
         LEFT JOIN fault USING (line_ref)
         LEFT JOIN %(order_line)s order_line ON moved.is_kit AND order_line.id = due.line_ref
         LEFT JOIN uom_uom line_uom ON line_uom.id = order_line.product_uom_id
         LEFT JOIN uom_uom uom ON uom.id = due.product_uom_id
        CROSS JOIN LATERAL (
                  -- A kit arrives when the last of its parts does
                   SELECT CASE WHEN moved.is_kit
                               THEN order_line.%(qty_done)s * line_uom.factor / uom.factor END AS kit
              ) whole
        CROSS JOIN LATERAL (
                   SELECT %(ordered)s AS ordered,
                          %(done)s AS done,
                          %(first)s AS first,
                          %(returned)s AS returned,
                          %(unwanted)s AS unwanted,
                          %(credited)s AS credited,
                          %(net)s AS net,
                          %(by_request)s AS by_request,
                          %(by_baseline)s AS by_baseline
              ) qty
        CROSS JOIN LATERAL (
                   SELECT %(least)s AS least,
                          GREATEST(qty.ordered, due.qty_promised) * (1 + share_over) AS most
              ) bound
        CROSS JOIN LATERAL (
                   SELECT qty.ordered > 0 AND qty.net >= bound.least
                          AND qty.net - qty.unwanted <= %(most)s AS is_in_full
              ) verdict
            """,
            columns=SQL(", ").join(
                SQL("%s AS %s", column, SQL.identifier(name)) for name, column in columns.items()
            ),
            order_line=SQL.identifier(order_line),
            qty_done=SQL.identifier(qty_done),
            least=self._round(SQL("qty.ordered * (1 - share_under)")),
            most=self._round(SQL("bound.most")),
            **self._get_quantities(),
        )

    @api.model
    def _get_quantities(self) -> dict[str, SQL]:
        """Quantities in the product's unit, rounded as Odoo rounds them."""
        def at(due):
            return SQL("CASE WHEN moved.last_done <= due.%s THEN whole.kit ELSE 0 END", SQL.identifier(due))

        expressions = {
            'ordered': SQL("due.qty_first_promised + COALESCE(ordered.delta, 0)"),
            'done': SQL("COALESCE(whole.kit, moved.done)"),
            'first': SQL("CASE WHEN moved.is_kit THEN LEAST(whole.kit, due.qty_first_promised) ELSE moved.first END"),
            'returned': SQL("moved.returned"),
            'unwanted': SQL("moved.unwanted"),
            'credited': SQL("moved.credited"),
            'net': SQL("COALESCE(whole.kit, moved.done - moved.returned)"),
            'by_request': SQL("CASE WHEN moved.is_kit THEN %s ELSE moved.by_request END", at('due_request')),
            'by_baseline': SQL("CASE WHEN moved.is_kit THEN %s ELSE moved.by_baseline END", at('due_baseline')),
        }
        return {
            name: self._round(SQL("GREATEST(COALESCE(%s, 0), 0)", expression))
            for name, expression in expressions.items()
        }

    @api.model
    def _round(self, quantity: SQL) -> SQL:
        return SQL("round((%s)::numeric, %s)", quantity, self.env['decimal.precision'].precision_get('Product Unit'))

    @api.model
    def _get_columns(self) -> dict[str, SQL]:
        """Stored columns and what they are computed from; addons add theirs."""
        def days_after(moment):
            return SQL("%s - due.day", self._get_day(moment))

        has_arrived = SQL("(qty.done > 0 OR moved.is_given_up) AND NOT moved.is_open")
        columns = {name: SQL.identifier('due', name) for name in (
            *COPIED, 'date_ordered', 'date_requested', 'date_baseline', 'date_promised', 'due_request', 'due_baseline',
            'day', 'qty_promised', 'is_backfill', 'is_withdrawn', 'revision_count',
        )}
        columns |= {f'qty_{name}': SQL.identifier('qty', name) for name in self._get_quantities()}
        return columns | {
            'carrier': SQL("moved.carrier"),
            'is_confirmed': SQL(
                "due.is_confirmed AND (due.date_unconfirmed IS NULL OR moved.first_done IS NULL "
                "OR due.confirmed_on < moved.first_done)"),
            'date_first_done': SQL("moved.first_done"),
            'date_last_done': SQL("moved.last_done"),
            'is_closed': SQL("COALESCE(%s, FALSE)", has_arrived),
            'is_in_full': SQL("verdict.is_in_full"),
            'is_on_time_request': SQL("qty.ordered > 0 AND qty.by_request >= bound.least"),
            'is_on_time_baseline': SQL("qty.ordered > 0 AND qty.by_baseline >= bound.least"),
            'is_filled_first': SQL("qty.ordered > 0 AND qty.first >= bound.least"),
            'is_damaged': SQL("qty.returned > 0 OR COALESCE(fault.is_damaged, FALSE)"),
            'is_undocumented': SQL("COALESCE(fault.is_undocumented, FALSE)"),
            'is_revised': SQL("COALESCE(NOT due.is_backfill AND due.date_moved > due.due_baseline, FALSE)"),
            'slip_days': days_after(SQL("due.date_promised")),
            'delay_days': days_after(SQL("moved.last_done")),
            'lead_days': SQL("round(COALESCE(moved.lead, moved.last_lead), 4)"),
            'arrivals': SQL("parts.arrivals"),
            'cycle_days': SQL("CASE WHEN verdict.is_in_full THEN moved.last_lead END"),
        }

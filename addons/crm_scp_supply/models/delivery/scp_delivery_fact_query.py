from odoo import api, models
from odoo.tools import SQL

from .scp_delivery_fact_ledger import COPIED

# Columns that identify a fact; all others are derived
KEY = ('direction', 'line_ref')

# What a batch is sorted in, so that it is not sorted on disk
WORK_MEMORY = '64MB'


class ScpDeliveryFact(models.Model):
    """One statement computes, compares and writes the facts of a batch of lines of one direction."""

    _inherit = 'scp.delivery.fact'

    # === BUSINESS === #

    @api.model
    def _sync(self, direction, scope: SQL) -> int:
        """Make the facts of some order lines equal to what follows from the documents; touch no other.

        :param str direction: ``out`` or ``in``
        :param SQL scope: condition on ``line_ref``
        :return: number of rows written
        """
        columns = [name for name, field in self._fields.items() if field.store and name not in ('id', *KEY)]
        names = SQL(", ").join(map(SQL.identifier, columns))
        self.env.flush_all()
        # To compile so long a statement takes longer than to run it
        self.env.execute_query(SQL(
            "SELECT set_config('jit', 'off', TRUE), set_config('work_mem', %s, TRUE)", WORK_MEMORY))
        rows = self.env.execute_query(SQL(
            """
            WITH %(tables)s
            INSERT INTO scp_delivery_fact (direction, line_ref, %(names)s)
                 SELECT %(direction)s, computed.line_ref, %(computed)s
                   FROM (%(select)s) computed
              LEFT JOIN (SELECT * FROM scp_delivery_fact WHERE direction = %(direction)s AND %(scope)s) known
                  USING (line_ref)
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
            scope=scope,
            names=names,
            excluded=SQL(", ").join(SQL.identifier('excluded', name) for name in columns),
            known=SQL(", ").join(SQL.identifier('known', name) for name in columns),
            computed=SQL(", ").join(SQL.identifier('computed', name) for name in columns),
        ))
        self.invalidate_model(flush=False)
        return len(rows)

    @api.model
    def _get_tables(self, direction, scope: SQL) -> dict[str, SQL]:
        """The steps from the ledger to the lines with their days and what was moved, as common table expressions."""
        return {
            'entry': self._get_entry(direction, scope),
            'line': self._get_line(),
            'due': self._get_due(direction),
            'moved': self._get_moved(direction, scope),
            'fault': self._get_fault(direction),
        }

    @api.model
    def _get_fault(self, direction) -> SQL:
        """Problems reported on the lines, and papers that did not come: see ``scp.exception``."""
        return SQL("SELECT NULL::integer AS line_ref, FALSE AS is_damaged, FALSE AS is_undocumented")

    @api.model
    def _get_select(self, direction) -> SQL:
        """The facts: from the innermost, quantities as they add up, rounded, and what follows from them.

        Each OFFSET 0 keeps what is computed below it from being computed again wherever it is used.
        """
        return SQL(
            """
            SELECT line_ref, %(columns)s
              FROM (
                   SELECT rounded.*,
                          COALESCE(%(least)s, qty_ordered) AS qty_least,
                          COALESCE(%(most)s, GREATEST(qty_ordered, qty_promised)) AS qty_most
                     FROM (
                          SELECT sums.*, %(rounded)s
                            FROM (
                                 SELECT due.*, moved.*,
                                        COALESCE(fault.is_damaged, FALSE) AS is_reported_damaged,
                                        COALESCE(fault.is_undocumented, FALSE) AS is_undocumented,
                                        CASE WHEN moved.is_kit THEN (%(kit)s) END AS kit,
                                        %(changed)s AS changed
                                   FROM due
                              FULL JOIN moved ON moved.moved_ref = due.line_ref
                              LEFT JOIN fault USING (line_ref)
                                 ) sums
                          OFFSET 0
                     ) rounded
                   OFFSET 0
              ) fact
            """,
            columns=self._as_columns(self._get_columns()),
            least=self._round(SQL("qty_ordered * (1 - share_under)")),
            most=self._round(SQL("GREATEST(qty_ordered, qty_promised) * (1 + share_over)")),
            rounded=self._as_columns({
                f'qty_{name}': self._round_positive(quantity)
                for name, quantity in self._get_quantities().items()
            }),
            kit=self._get_kit(direction),
            changed=self._get_changed(),
        )

    @api.model
    def _get_changed(self) -> SQL:
        """By how much who receives changed the ordered quantity before the line fell due."""
        return SQL(
            """CASE WHEN due.changes IS NOT NULL THEN (
                   SELECT sum(change.qty) FROM unnest(due.changes, due.changed_on) change (qty, moment)
                    WHERE change.moment <= due.due_baseline
               ) END"""
        )

    @api.model
    def _get_kit(self, direction) -> SQL:
        """How much of a kit has arrived, in the product's unit: it arrives when the last of its parts does."""
        order_line, qty_done = {
            'out': ('sale_order_line', 'qty_delivered'), 'in': ('purchase_order_line', 'qty_received'),
        }[direction]
        return SQL(
            """
            SELECT order_line.%(qty_done)s * line_uom.factor / uom.factor
              FROM %(order_line)s order_line
              JOIN uom_uom line_uom ON line_uom.id = order_line.product_uom_id
              JOIN uom_uom uom ON uom.id = due.product_uom_id
             WHERE order_line.id = due.line_ref
            """,
            order_line=SQL.identifier(order_line), qty_done=SQL.identifier(qty_done),
        )

    @api.model
    def _get_quantities(self) -> dict[str, SQL]:
        """Quantities in the product's unit, before they are rounded as Odoo rounds them.

        What few lines have is left out where there is none: to add zero costs as much as to add.
        """
        def at(due):
            return SQL("CASE WHEN last_done <= %s THEN kit ELSE 0 END", SQL.identifier(due))

        return {
            'ordered': SQL("COALESCE(qty_first_promised + changed, qty_first_promised)"),
            'done': SQL("COALESCE(kit, done)"),
            'first': SQL(
                "CASE WHEN is_kit THEN LEAST(kit, qty_first_promised) ELSE COALESCE(done - later, done) END"),
            'returned': SQL("returned"),
            'unwanted': SQL("unwanted"),
            'credited': SQL("credited"),
            'net': SQL("COALESCE(kit, done - returned, done)"),
            'by_request': SQL("CASE WHEN is_kit THEN %s ELSE by_request END", at('due_request')),
            'by_baseline': SQL("CASE WHEN is_kit THEN %s ELSE by_baseline END", at('due_baseline')),
        }

    @api.model
    def _get_carrier_name(self) -> SQL:
        if 'delivery.carrier' not in self.env:
            return SQL("NULL::varchar")
        return SQL("(SELECT name->>'en_US' FROM delivery_carrier WHERE id = carrier_ref)")

    @api.model
    def _round(self, quantity: SQL) -> SQL:
        return SQL("round((%s)::numeric, %s)", quantity, self.env['decimal.precision'].precision_get('Product Unit'))

    @api.model
    def _round_positive(self, quantity: SQL) -> SQL:
        return SQL("COALESCE(GREATEST(%s, 0), 0)", self._round(quantity))

    @api.model
    def _as_columns(self, columns) -> SQL:
        return SQL(", ").join(SQL("%s AS %s", column, SQL.identifier(name)) for name, column in columns.items())

    @api.model
    def _get_columns(self) -> dict[str, SQL]:
        """Stored columns and what they are computed from; addons add theirs."""
        is_in_full = SQL(
            "qty_ordered > 0 AND qty_net >= qty_least AND qty_net - qty_unwanted <= qty_most")
        columns = {name: SQL.identifier(name) for name in (
            *COPIED, 'date_ordered', 'date_requested', 'date_baseline', 'date_promised', 'due_request', 'due_baseline',
            'day', 'qty_promised', 'is_backfill', 'is_withdrawn', 'is_undocumented', 'revision_count',
            'carrier_ref',
        )}
        columns |= {f'qty_{name}': SQL.identifier(f'qty_{name}') for name in self._get_quantities()}
        return columns | {
            'carrier': self._get_carrier_name(),
            'is_confirmed': SQL(
                "is_confirmed AND (date_unconfirmed IS NULL OR first_done IS NULL OR confirmed_on < first_done)"),
            'date_first_done': SQL("first_done"),
            'date_last_done': SQL("last_done"),
            'is_closed': SQL("(qty_done > 0 OR is_given_up) AND NOT is_open"),
            'is_in_full': is_in_full,
            'is_on_time_request': SQL("qty_ordered > 0 AND qty_by_request >= qty_least"),
            'is_on_time_baseline': SQL("qty_ordered > 0 AND qty_by_baseline >= qty_least"),
            'is_filled_first': SQL("qty_ordered > 0 AND qty_first >= qty_least"),
            'is_damaged': SQL("qty_returned > 0 OR is_reported_damaged"),
            'is_revised': SQL("COALESCE(NOT is_backfill AND date_moved > due_baseline, FALSE)"),
            'slip_days': SQL(
                "CASE WHEN date_promised = date_baseline THEN 0 ELSE %s - day END",
                self._get_day(SQL("date_promised"))),
            'delay_days': SQL("last_lead + (ordered_day - day)"),
            'lead_days': SQL(
                """CASE WHEN first_lead < last_lead THEN round(COALESCE(waited / NULLIF(done, 0), last_lead), 4)
                   ELSE last_lead END"""),
            'arrivals': SQL("CASE WHEN first_lead < last_lead THEN to_jsonb(arrivals) END"),
            'cycle_days': SQL("CASE WHEN %s THEN last_lead END", is_in_full),
        }

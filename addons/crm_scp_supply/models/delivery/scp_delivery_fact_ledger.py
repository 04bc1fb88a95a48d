from odoo import api, models
from odoo.tools import SQL

# Taken from the latest promise of a line
COPIED = (
    'order_name', 'sale_order_id', 'purchase_order_id', 'partner_id', 'product_id', 'product_uom_id', 'company_id',
    'warehouse_id',
)


class ScpDeliveryFact(models.Model):
    """What the ledger says about each line, and when that makes it due."""

    _inherit = 'scp.delivery.fact'

    # === BUSINESS === #

    @api.model
    def _get_entry(self, direction, scope: SQL) -> SQL:
        """The promises, each with who brought it about, its place among the requests or among the promises, and by
        how much it changed the quantity.

        Who ships speaks through the reasons that name him; a supplier also through the portal, and through what a
        buyer puts down for him. A withdrawal counts when it is the last word and not that of who ships: neither
        cancels an order that is then confirmed again, nor one's own failure.
        """
        shipper, receiver, whole = {
            'out': (
                SQL("reason.party IN ('us', 'supplier', 'carrier')"),
                SQL("reason.party = 'customer' OR reason.party IS NULL AND promise.source = 'portal'"),
                SQL("TRUE"),
            ),
            'in': (
                SQL("""reason.party IN ('supplier', 'carrier')
                       OR reason.party IS NULL AND promise.source IN ('portal', 'mail', 'phone', 'edi')"""),
                SQL("reason.party = 'us' OR reason.party IS NULL AND promise.source IN ('internal', 'api')"),
                SQL("""NOT EXISTS (
                           SELECT FROM purchase_order_line part
                            WHERE part.id = promise.line_ref AND part.scp_split_from_id IS NOT NULL
                       )"""),
            ),
        }[direction]
        return SQL(
            """
            SELECT entry.*,
                   is_last AND NOT is_request AS is_current,
                   CASE WHEN kind = 'cancel' AND (by_shipper OR NOT is_last) THEN previous_product_uom_qty
                        ELSE product_uom_qty END - qty_before AS change
              FROM (
                   SELECT promise.line_ref, promise.kind, promise.date, promise.date_promised, promise.previous_date,
                          promise.product_uom_qty, promise.previous_product_uom_qty, promise.unconfirmed,
                          promise.source, %(copied)s,
                          promise.kind = 'requested' AS is_request,
                          COALESCE(%(shipper)s, FALSE) AS by_shipper,
                          COALESCE(%(receiver)s, FALSE) AS by_receiver,
                          row_number() OVER place = 1 AS is_first,
                          lead(promise.id) OVER place IS NULL AS is_last,
                          lag(promise.date_promised) OVER place AS replaced,
                          lag(CASE WHEN promise.kind = 'cancel' THEN promise.previous_product_uom_qty
                                   ELSE promise.product_uom_qty END) OVER place AS qty_before
                     FROM scp_promise promise
                LEFT JOIN scp_promise_reason reason ON reason.id = promise.reason_id
                    WHERE promise.direction = %(direction)s
                      AND %(scope)s
                      AND %(whole)s
                   WINDOW place AS (
                          PARTITION BY promise.line_ref, promise.kind = 'requested' ORDER BY promise.date, promise.id)
                   ) entry
            """,
            direction=direction, scope=scope, shipper=shipper, receiver=receiver, whole=whole,
            copied=SQL(", ").join(SQL.identifier('promise', name) for name in COPIED),
        )

    @api.model
    def _get_line(self) -> SQL:
        """What the ledger says about each line.

        A request that replaces one whose day was over, and all that follow it, come too late to matter: what the
        first of them replaced stands.
        """
        return SQL(
            """
            SELECT line_ref,
                   %(copied)s,
                   min(date) FILTER (WHERE NOT is_request) AS date_recorded,
                   COALESCE(
                       (min(ARRAY[date, replaced]) FILTER (WHERE is_request AND date::date > replaced::date))[2],
                       max(date_promised) FILTER (WHERE is_request AND is_last)
                   ) AS date_requested,
                   max(date_promised) FILTER (WHERE kind = 'baseline' AND unconfirmed IS NOT TRUE) AS date_confirmed,
                   max(date) FILTER (WHERE kind = 'baseline' AND unconfirmed IS NOT TRUE) AS confirmed_on,
                   max(date_promised) FILTER (WHERE kind = 'baseline' AND unconfirmed) AS date_unconfirmed,
                   max(CASE WHEN kind = 'cancel' THEN previous_date ELSE date_promised END)
                       FILTER (WHERE is_current) AS date_promised,
                   max(date_promised) FILTER (WHERE kind = 'revision' AND NOT by_receiver) AS date_moved,
                   count(*) FILTER (WHERE kind = 'revision' AND date_promised != previous_date) AS revision_count,
                   max(product_uom_qty) FILTER (WHERE is_first AND NOT is_request) AS qty_first_promised,
                   max(product_uom_qty) FILTER (WHERE is_current) AS qty_promised,
                   array_agg(change) FILTER (WHERE %(changes)s) AS changes,
                   array_agg(date) FILTER (WHERE %(changes)s) AS changed_on,
                   bool_or(is_last AND kind = 'cancel') AS is_withdrawn,
                   bool_or(is_first AND NOT is_request AND source = 'backfill') AS is_backfill
              FROM entry
          GROUP BY line_ref
            """,
            copied=SQL(", ").join(
                SQL("max(%(name)s) FILTER (WHERE is_current) AS %(name)s", name=SQL.identifier(name))
                for name in COPIED
            ),
            # by who receives; what who ships takes off is not what was ordered
            changes=SQL("change != 0 AND NOT is_request AND NOT by_shipper"),
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
        # OFFSET 0 keeps days and moments from being computed again wherever they are used; in their order lines are
        # merged with moves, which come so from their index
        return SQL(
            """
            SELECT place.*,
                   %(due_request)s AS due_request,
                   %(due_baseline)s AS due_baseline,
                   %(from_request)s AS from_request,
                   %(from_baseline)s AS from_baseline
              FROM (
                   SELECT base.*,
                          %(day)s AS day,
                          %(ordered_day)s AS ordered_day,
                          %(requested_day)s AS requested_day
                     FROM (
                          SELECT line.*,
                                 CASE WHEN confirmed_on::date > date_unconfirmed::date THEN date_unconfirmed
                                      ELSE COALESCE(date_confirmed, date_unconfirmed) END AS date_baseline,
                                 COALESCE(confirmed_on::date <= date_unconfirmed::date,
                                          confirmed_on IS NOT NULL) AS is_confirmed,
                                 COALESCE(
                                     CASE WHEN is_backfill THEN (
                                         SELECT %(ordered_on)s FROM %(order)s WHERE id = line.%(link)s) END,
                                     date_recorded
                                 ) AS date_ordered,
                                 COALESCE(partner.tz, commercial.tz, calendar.tz, 'UTC') AS tz,
                                 CASE WHEN relation.is_early_refused
                                      THEN relation.tolerance_days_early END AS days_early,
                                 COALESCE(relation.tolerance_days_late, 0) AS days_late,
                                 relation.tolerance_under / 100 AS share_under,
                                 relation.tolerance_over / 100 AS share_over
                            FROM line
                       LEFT JOIN res_company company ON company.id = line.company_id
                       LEFT JOIN resource_calendar calendar ON calendar.id = company.resource_calendar_id
                       LEFT JOIN res_partner partner ON partner.id = line.partner_id
                       LEFT JOIN res_partner commercial ON commercial.id = partner.commercial_partner_id
                           %(relation)s
                     ) base
                   OFFSET 0
              ) place
          ORDER BY line_ref
            OFFSET 0
            """,
            due_request=self._get_end_of_day(SQL("requested_day")),
            due_baseline=self._get_end_of_day(SQL("day")),
            from_request=self._get_start_of_day(SQL("requested_day")),
            from_baseline=self._get_start_of_day(SQL("day")),
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

    # --- days --- #

    @api.model
    def _get_day(self, moment: SQL) -> SQL:
        """The day of a moment in the zone ``tz``. UTC as an interval is several times faster than by its name."""
        return SQL("(%s AT TIME ZONE interval '0' AT TIME ZONE tz)::date", moment)

    @api.model
    def _get_start_of_day(self, day: SQL) -> SQL:
        """The first moment in UTC that is not too early for a day; NULL where nothing is."""
        return SQL(
            """CASE WHEN days_early IS NOT NULL
                    THEN (%s - days_early)::timestamp AT TIME ZONE tz AT TIME ZONE interval '0' END""",
            day,
        )

    @api.model
    def _get_end_of_day(self, day: SQL) -> SQL:
        """The last second in UTC that is in time for a day."""
        return SQL(
            "(%s + days_late + 1)::timestamp AT TIME ZONE tz AT TIME ZONE interval '0' - interval '1 second'", day)

from odoo import api, fields, models
from odoo.tools import SQL

# Days after the promised day within which a line that is done with is still looked at
WINDOW_DAYS = 60

# Days an owner has to act on what is not overdue yet
ACT_DAYS = 2

COPIED = (
    'direction', 'line_ref', 'sale_line_id', 'sale_order_id', 'purchase_line_id', 'purchase_order_id', 'order_name',
    'partner_id', 'product_id', 'product_uom_id', 'company_id', 'warehouse_id',
)
# What is brought up to date while an exception lasts; owners and dates to act are the people's
FOLLOWED = (
    'day_promised', 'day_expected', 'days_late', 'qty', 'amount', 'supplier_line_id', 'partner_id', 'cause',
    'picking_id',
)


class ScpException(models.Model):
    """Finding exceptions in the delivery facts, set-wise."""

    _inherit = 'scp.exception'

    # === BUSINESS === #

    @api.model
    def _sync(self) -> int:
        """Open what has come up, bring up to date what lasts, resolve what has lost its cause; in one statement.

        :return: number of rows written
        """
        self.env.flush_all()
        now = fields.Datetime.now()
        columns = [*COPIED, 'user_id', 'contact_id', *(name for name in FOLLOWED if name not in COPIED)]
        [[count]] = self.env.execute_query(SQL(
            """
            WITH RECURSIVE %(pegs)s,
            line AS (%(lines)s),
            supply AS (%(supply)s),
            stake AS (%(stake)s),
            paperless AS (%(paperless)s),
            candidate AS MATERIALIZED (%(candidates)s),
            written AS (
                INSERT INTO scp_exception (kind, state, is_reported, date_detected, date_due, %(names)s)
                     SELECT kind, 'open', FALSE, %(now)s,
                            GREATEST(%(today)s, LEAST(%(today)s + %(act_days)s, day_promised)), %(names)s
                       FROM candidate
                ON CONFLICT (kind, direction, line_ref) WHERE is_reported IS NOT TRUE DO UPDATE
                        SET (%(followed)s) = ROW(%(excluded)s),
                            state = CASE WHEN %(reopens)s THEN 'open' ELSE scp_exception.state END,
                            date_detected = CASE WHEN %(reopens)s THEN %(now)s ELSE scp_exception.date_detected END,
                            date_due = CASE WHEN %(reopens)s THEN excluded.date_due ELSE scp_exception.date_due END,
                            date_resolved = CASE WHEN %(reopens)s THEN NULL ELSE scp_exception.date_resolved END,
                            is_told = scp_exception.is_told AND NOT (%(reopens)s)
                      WHERE %(reopens)s OR ROW(%(known)s) IS DISTINCT FROM ROW(%(excluded)s)
                  RETURNING direction, line_ref, kind
            ),
            -- missing papers count in the facts
            queued AS (
                INSERT INTO scp_delivery_queue (direction, line_ref)
                     SELECT direction, line_ref FROM written WHERE kind = 'document'
            ),
            gone AS (
                UPDATE scp_exception exception
                   SET state = CASE WHEN exception.state = 'open' THEN 'resolved' ELSE exception.state END,
                       date_resolved = COALESCE(exception.date_resolved, %(now)s),
                       is_accepted = FALSE
                 WHERE exception.is_reported IS NOT TRUE
                   AND (exception.state = 'open' OR exception.is_accepted)
                   AND NOT EXISTS (
                           SELECT FROM candidate
                            WHERE candidate.kind = exception.kind
                              AND candidate.direction = exception.direction
                              AND candidate.line_ref = exception.line_ref
                       )
             RETURNING 1
            )
            SELECT (SELECT count(*) FROM written) + (SELECT count(*) FROM gone)
            """,
            pegs=self._get_pegs(),
            lines=self._get_lines(now),
            supply=self._get_supply(),
            stake=self._get_stake(),
            paperless=self._get_paperless(now),
            candidates=SQL(" UNION ALL ").join(
                self._get_candidates(kind, *parts) for kind, parts in self._get_causes().items()),
            names=SQL(", ").join(map(SQL.identifier, columns)),
            followed=SQL(", ").join(map(SQL.identifier, FOLLOWED)),
            excluded=SQL(", ").join(SQL.identifier('excluded', name) for name in FOLLOWED),
            known=SQL(", ").join(SQL.identifier('scp_exception', name) for name in FOLLOWED),
            reopens=SQL("scp_exception.state = 'resolved' AND scp_exception.is_accepted IS NOT TRUE"),
            now=now,
            today=now.date(),
            act_days=ACT_DAYS,
        ))
        self._sync_pegs()
        self.invalidate_model(flush=False)
        return count

    @api.model
    def _get_pegs(self) -> SQL:
        """Table ``peg``: which promises to customers hang on which open deliveries of suppliers.

        Three links of Odoo tell: the transfers that follow one another from the receipt, the line a drop-shipment was
        bought for, and, where neither does, the common origin of receipt and delivery of the same product.
        """
        return SQL(
            """
            owed AS (
                SELECT line_ref AS purchase_line_id FROM scp_delivery_fact
                 WHERE direction = 'in' AND NOT is_closed AND NOT is_withdrawn
            ),
            chain AS (
                SELECT move.purchase_line_id, move.id AS move_id
                  FROM owed
                  JOIN stock_move move USING (purchase_line_id)
                 WHERE move.state NOT IN ('done', 'cancel')
                 UNION
                SELECT chain.purchase_line_id, follower.move_dest_id
                  FROM chain
                  JOIN stock_move_move_rel follower ON follower.move_orig_id = chain.move_id
            ),
            linked AS (
                SELECT chain.purchase_line_id, move.sale_line_id
                  FROM chain
                  JOIN stock_move move ON move.id = chain.move_id
                 WHERE move.sale_line_id IS NOT NULL AND move.state != 'cancel'
                 %(bought_for)s
            ),
            peg AS MATERIALIZED (
                SELECT * FROM linked
                 UNION
                SELECT receipt.purchase_line_id, delivery.sale_line_id
                  FROM owed
                  JOIN stock_move receipt USING (purchase_line_id)
                  JOIN stock_reference_move_rel origin ON origin.move_id = receipt.id
                  JOIN stock_reference_move_rel common ON common.reference_id = origin.reference_id
                  JOIN stock_move delivery ON delivery.id = common.move_id
                                          AND delivery.product_id = receipt.product_id
                                          AND delivery.sale_line_id IS NOT NULL
                                          AND delivery.state NOT IN ('done', 'cancel')
                 WHERE receipt.state NOT IN ('done', 'cancel')
                   AND NOT EXISTS (SELECT FROM linked WHERE linked.purchase_line_id = receipt.purchase_line_id)
            )
            """,
            bought_for=self._get_bought_for(),
        )

    @api.model
    def _get_bought_for(self) -> SQL:
        """The sales order lines for which lines were bought; an addon of its own keeps that link."""
        if 'sale_line_id' not in self.env['purchase.order.line']._fields:
            return SQL("")
        return SQL(
            """
             UNION
            SELECT line.id, line.sale_line_id
              FROM owed
              JOIN purchase_order_line line ON line.id = owed.purchase_line_id
             WHERE line.sale_line_id IS NOT NULL
            """
        )

    @api.model
    def _get_lines(self, now) -> SQL:
        """The lines to look at, with what their goods are worth by the product's unit, in company currency."""
        return SQL(
            """
            SELECT fact.*,
                   sale_line.id AS sale_line_id,
                   purchase_line.id AS purchase_line_id,
                   fact.is_in_full OR fact.is_closed OR fact.is_withdrawn AS is_final,
                   GREATEST(fact.qty_ordered - fact.qty_net, 0) AS qty_open,
                   GREATEST(fact.date_promised, %(now)s) AS date_expected,
                   COALESCE(sale.user_id, purchase.user_id) AS user_id,
                   COALESCE(sale.partner_id, purchase.partner_id) AS contact_id,
                   COALESCE(
                       sale_line.price_subtotal / NULLIF(sale_line.product_uom_qty, 0) / NULLIF(sale.currency_rate, 0),
                       purchase_line.price_subtotal / NULLIF(purchase_line.product_qty, 0)
                           / NULLIF(purchase.currency_rate, 0),
                       0
                   )::numeric * uom.factor / line_uom.factor AS price,
                   COALESCE(sale_line.qty_invoiced - sale_line.qty_delivered,
                            purchase_line.qty_invoiced - purchase_line.qty_received)
                       * line_uom.factor / uom.factor AS qty_overbilled
              FROM scp_delivery_fact fact
         LEFT JOIN sale_order_line sale_line ON sale_line.id = fact.line_ref AND fact.direction = 'out'
         LEFT JOIN sale_order sale ON sale.id = fact.sale_order_id
         LEFT JOIN purchase_order_line purchase_line ON purchase_line.id = fact.line_ref AND fact.direction = 'in'
         LEFT JOIN purchase_order purchase ON purchase.id = fact.purchase_order_id
              JOIN uom_uom uom ON uom.id = fact.product_uom_id
              JOIN uom_uom line_uom ON line_uom.id = COALESCE(sale_line.product_uom_id, purchase_line.product_uom_id)
             WHERE fact.qty_ordered > 0
               AND (NOT fact.is_closed AND NOT fact.is_withdrawn OR fact.day >= %(since)s)
            """,
            now=now,
            since=fields.Date.subtract(now.date(), days=WINDOW_DAYS),
        )

    @api.model
    def _get_supply(self) -> SQL:
        """When the last supplier is expected that an open promise to a customer waits for."""
        return SQL(
            """
            SELECT DISTINCT ON (peg.sale_line_id) peg.sale_line_id, line.purchase_line_id, line.date_expected
              FROM peg
              JOIN line ON line.direction = 'in' AND line.line_ref = peg.purchase_line_id AND NOT line.is_final
          ORDER BY peg.sale_line_id, line.date_expected DESC, line.purchase_line_id
            """
        )

    @api.model
    def _get_stake(self) -> SQL:
        """What customers are to pay for goods that wait for a supplier's delivery."""
        return SQL(
            """
            SELECT peg.purchase_line_id, sum(line.qty_open * line.price) AS amount
              FROM peg
              JOIN line ON line.direction = 'out' AND line.line_ref = peg.sale_line_id AND NOT line.is_final
          GROUP BY peg.purchase_line_id
            """
        )

    @api.model
    def _get_causes(self) -> dict[str, tuple[SQL, SQL]]:
        """Kinds of exceptions: when there is one, and about what quantity."""
        expected = SQL("GREATEST(line.date_expected, supply.date_expected)")
        is_overbilled = self._get_overbilled()
        return {
            'late': (SQL("NOT line.is_final AND %s > line.due_baseline", expected), SQL("line.qty_open")),
            'short': (
                SQL("""NOT line.is_in_full AND NOT line.is_withdrawn AND line.qty_returned = 0
                       AND (line.is_closed AND line.qty_net < line.qty_ordered
                            OR NOT line.is_closed AND line.qty_promised < line.qty_ordered)"""),
                SQL("line.qty_ordered - CASE WHEN line.is_closed THEN line.qty_net ELSE line.qty_promised END"),
            ),
            'quality': (
                SQL("""line.qty_returned > 0
                       AND line.qty_net + line.qty_credited < LEAST(line.qty_ordered, line.qty_done)"""),
                SQL("LEAST(line.qty_ordered, line.qty_done) - line.qty_net - line.qty_credited"),
            ),
            'document': (
                SQL("paperless.picking_id IS NOT NULL OR %s", is_overbilled),
                SQL("CASE WHEN %s THEN line.qty_overbilled ELSE line.qty_done END", is_overbilled),
            ),
        }

    @api.model
    def _get_overbilled(self) -> SQL:
        return SQL("line.is_closed AND round(line.qty_overbilled::numeric, 2) > 0")

    @api.model
    def _get_candidates(self, kind, condition: SQL, qty: SQL) -> SQL:
        """What would be exceptions of one kind."""
        columns = {name: SQL.identifier('line', name) for name in (*COPIED, 'user_id', 'contact_id')}
        expected = SQL("GREATEST(line.date_expected, supply.date_expected)::date")
        is_late, is_document = kind == 'late', kind == 'document'
        digits = self.env['decimal.precision'].precision_get('Product Unit')
        columns |= {
            # a loose link of the facts, and none of the order
            'warehouse_id': SQL("(SELECT id FROM stock_warehouse WHERE id = line.warehouse_id)"),
            'kind': SQL("%s", kind),
            'day_promised': SQL("line.day"),
            'day_expected': expected if is_late else SQL("NULL::date"),
            'days_late': SQL("%s - line.day", expected) if is_late else SQL("0"),
            'qty': SQL("round((%s)::numeric, %s)", qty, digits),
            'amount': SQL("round(COALESCE(stake.amount, (%s)::numeric * line.price), 2)", qty),
            'supplier_line_id': SQL(
                "CASE WHEN supply.date_expected > line.due_baseline THEN supply.purchase_line_id END",
            ) if is_late else SQL("NULL::integer"),
            'cause': SQL(
                "CASE WHEN %s THEN 'billed' ELSE 'papers' END", self._get_overbilled(),
            ) if is_document else SQL("NULL"),
            'picking_id': SQL("paperless.picking_id") if is_document else SQL("NULL::integer"),
        }
        return SQL(
            """
            SELECT %(columns)s
              FROM line
         LEFT JOIN supply ON line.direction = 'out' AND supply.sale_line_id = line.line_ref
         LEFT JOIN stake ON line.direction = 'in' AND stake.purchase_line_id = line.line_ref
         LEFT JOIN paperless ON paperless.direction = line.direction AND paperless.line_ref = line.line_ref
             WHERE %(condition)s
            """,
            columns=SQL(", ").join(SQL("%s AS %s", column, SQL.identifier(name)) for name, column in columns.items()),
            condition=condition,
        )

    @api.model
    def _sync_pegs(self):
        """Show on each open exception of a supplier which promises to customers hang on it."""
        self.env.execute_query(SQL(
            """
            WITH RECURSIVE %(pegs)s,
            wanted AS (
                SELECT exception.id AS exception_id, peg.sale_line_id
                  FROM scp_exception exception
                  JOIN peg ON peg.purchase_line_id = exception.line_ref
                 WHERE exception.direction = 'in' AND exception.state = 'open'
            ),
            gone AS (
                DELETE FROM scp_exception_sale_order_line_rel known
                      USING scp_exception exception
                      WHERE exception.id = known.exception_id
                        AND exception.state = 'open'
                        AND NOT EXISTS (
                                SELECT FROM wanted
                                 WHERE wanted.exception_id = known.exception_id
                                   AND wanted.sale_line_id = known.sale_line_id
                            )
            )
            INSERT INTO scp_exception_sale_order_line_rel (exception_id, sale_line_id)
                 SELECT exception_id, sale_line_id FROM wanted
            ON CONFLICT DO NOTHING
              RETURNING 1
            """,
            pegs=self._get_pegs(),
        ))

from odoo import api, fields, models
from odoo.tools import SQL


class ScpPromiseReport(models.Model):
    """Promises by order line: what was asked for, what was promised first, what is promised now.

    A row is the latest promise of a line; everything else about the line is looked up beside it, so that a filter
    on any column of the ledger is applied before anything is aggregated. Days are those of the reader's time zone.
    """

    _name = 'scp.promise.report'
    _description = "Promises by Line"
    _auto = False
    _rec_name = 'order_name'
    _order = 'date_promised, id'

    _depends = {
        'res.partner': ['commercial_partner_id'],
        'scp.promise': [
            'company_id', 'date', 'date_promised', 'direction', 'kind', 'line_ref', 'order_name', 'partner_id',
            'product_id', 'product_name', 'product_uom_id', 'product_uom_qty', 'purchase_line_id',
            'purchase_order_id', 'sale_line_id', 'sale_order_id', 'source', 'unconfirmed', 'warehouse_id',
        ],
        'purchase.order': ['user_id'],
        'purchase.order.line': ['product_uom_id', 'qty_received'],
        'sale.order': ['team_id', 'user_id'],
        'sale.order.line': ['product_uom_id', 'qty_delivered'],
        'stock.move': [
            'location_dest_id', 'location_id', 'origin_returned_move_id', 'picking_id', 'product_id', 'product_uom',
            'purchase_line_id', 'quantity', 'sale_line_id', 'state', 'to_refund',
        ],
        'stock.picking': ['backorder_id', 'state'],
    }

    direction = fields.Selection([('out', "To Customer"), ('in', "From Supplier")], readonly=True)
    status = fields.Selection(
        [
            ('overdue', "Overdue"),
            ('at_risk', "Moved Later"),
            ('unconfirmed', "Not Confirmed"),
            ('on_track', "On Track"),
            ('done', "Done"),
            ('closed', "Closed Short"),
            ('withdrawn', "Withdrawn"),
        ],
        readonly=True,
        help="Overdue: the promised day has passed and the goods are not complete.\n"
        "Moved Later: promised for a later day than at first.\n"
        "Not Confirmed: the supplier has not confirmed the date.\n"
        "On Track: promised for the first promised day or sooner.\n"
        "Done: the whole quantity has been moved.\n"
        "Closed Short: the rest was given up, without a backorder.\n"
        "Withdrawn: the order or line was cancelled.",
    )
    date_requested = fields.Datetime(string="Requested", readonly=True, help="The date asked for last.")
    date_baseline = fields.Datetime(
        string="First Promised", readonly=True,
        help="The first promise; on a purchase, the supplier's first confirmation, "
        "for which the requested date stands in until there is one.",
    )
    date_promised = fields.Datetime(string="Now Promised", readonly=True, help="The latest promise.")
    date = fields.Datetime(string="Last Change", readonly=True)
    source = fields.Selection(
        selection=lambda self: self.env['scp.promise']._fields['source'].selection,
        string="Last Source",
        readonly=True,
    )
    unconfirmed = fields.Boolean(
        string="Baseline Unconfirmed", readonly=True,
        help="The supplier has confirmed nothing yet, the requested date stands in for his promise.",
    )
    revision_count = fields.Integer(string="Revisions", readonly=True)
    slip_days = fields.Integer(
        string="Days Slipped", readonly=True, aggregator='avg',
        help="Days from the first promise to the latest; negative when delivery comes sooner.",
    )
    request_gap_days = fields.Integer(
        string="Days After Request", readonly=True, aggregator='avg',
        help="Days from the requested date to the latest promise; empty when no date was asked for.",
    )
    product_uom_qty = fields.Float(
        string="Quantity", digits='Product Unit', readonly=True, help="Promised, in the product's own unit.",
    )
    qty_done = fields.Float(
        string="Delivered or Received", digits='Product Unit', readonly=True,
        help="In the product's own unit. What came back for credit has been delivered all the same.",
    )
    qty_open = fields.Float(
        string="Open Quantity", digits='Product Unit', readonly=True, help="In the product's own unit.",
    )
    product_uom_id = fields.Many2one('uom.uom', string="Unit", readonly=True)

    line_ref = fields.Integer(string="Line ID", readonly=True, aggregator=None)
    sale_line_id = fields.Many2one('sale.order.line', string="Sales Order Line", readonly=True)
    sale_order_id = fields.Many2one('sale.order', string="Sales Order", readonly=True)
    purchase_line_id = fields.Many2one('purchase.order.line', string="Purchase Order Line", readonly=True)
    purchase_order_id = fields.Many2one('purchase.order', readonly=True)
    order_name = fields.Char(string="Order", readonly=True)
    product_id = fields.Many2one('product.product', readonly=True)
    product_name = fields.Char(readonly=True)
    partner_id = fields.Many2one('res.partner', readonly=True)
    commercial_partner_id = fields.Many2one('res.partner', string="Customer or Supplier", readonly=True)
    user_id = fields.Many2one('res.users', string="Responsible", readonly=True, help="Salesperson or buyer.")
    team_id = fields.Many2one('crm.team', string="Sales Team", readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    warehouse_id = fields.Many2one('stock.warehouse', readonly=True)

    # === SQL === #

    @property
    def _table_query(self) -> SQL:
        return SQL(
            "SELECT *, %s AS status FROM (SELECT %s FROM %s WHERE %s) line",
            self._get_status(), self._select(), self._from(), self._where(),
        )

    def _get_day(self, timestamp: SQL) -> SQL:
        """The day of a UTC timestamp in the reader's time zone."""
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", timestamp, self.env.tz.zone)

    def _get_days_between(self, start: SQL, end: SQL) -> SQL:
        return SQL("%s - %s", self._get_day(end), self._get_day(start))

    def _select(self) -> SQL:
        return SQL(
            """
                promise.id,
                promise.direction,
                promise.kind,
                promise.line_ref,
                promise.sale_line_id,
                promise.sale_order_id,
                promise.purchase_line_id,
                promise.purchase_order_id,
                promise.order_name,
                promise.product_id,
                promise.product_name,
                promise.partner_id,
                partner.commercial_partner_id,
                COALESCE(sale_order.user_id, purchase_order.user_id) AS user_id,
                sale_order.team_id,
                promise.company_id,
                promise.warehouse_id,
                promise.product_uom_id,
                promise.product_uom_qty,
                promise.date,
                promise.date_promised,
                promise.source,
                promise.unconfirmed AS promise_unconfirmed,
                history.unconfirmed,
                history.revision_count,
                history.date_requested,
                history.date_baseline,
                %(slip_days)s AS slip_days,
                %(request_gap_days)s AS request_gap_days,
                done.qty AS qty_done,
                GREATEST(promise.product_uom_qty - done.qty, 0) AS qty_open,
                (done.qty > 0 OR moved.is_given_up) AND NOT moved.is_open AS is_closed
            """,
            slip_days=self._get_days_between(SQL("history.date_baseline"), SQL("promise.date_promised")),
            request_gap_days=self._get_days_between(SQL("history.date_requested"), SQL("promise.date_promised")),
        )

    def _from(self) -> SQL:
        return SQL(
            """
            scp_promise promise
            LEFT JOIN res_partner partner ON partner.id = promise.partner_id
            LEFT JOIN sale_order ON sale_order.id = promise.sale_order_id
            LEFT JOIN purchase_order ON purchase_order.id = promise.purchase_order_id
            LEFT JOIN sale_order_line sale_line ON sale_line.id = promise.sale_line_id
            LEFT JOIN purchase_order_line purchase_line ON purchase_line.id = promise.purchase_line_id
            LEFT JOIN uom_uom line_uom
                   ON line_uom.id = COALESCE(sale_line.product_uom_id, purchase_line.product_uom_id)
            LEFT JOIN uom_uom uom ON uom.id = promise.product_uom_id
            CROSS JOIN LATERAL (
                SELECT (array_agg(event.date_promised ORDER BY event.date DESC, event.id DESC)
                            FILTER (WHERE event.kind = 'requested'))[1] AS date_requested,
                       COALESCE(
                           (array_agg(event.date_promised)
                                FILTER (WHERE event.kind = 'baseline' AND event.unconfirmed IS NOT TRUE))[1],
                           (array_agg(event.date_promised) FILTER (WHERE event.kind = 'baseline'))[1]
                       ) AS date_baseline,
                       NOT bool_or(event.kind = 'baseline' AND event.unconfirmed IS NOT TRUE) AS unconfirmed,
                       count(*) FILTER (WHERE event.kind = 'revision') AS revision_count
                  FROM scp_promise event
                 WHERE event.direction = promise.direction
                   AND event.line_ref = promise.line_ref
            ) history
            CROSS JOIN LATERAL (
                SELECT COALESCE(sale_line.qty_delivered, purchase_line.qty_received, 0) AS qty,
                       COALESCE(line_uom.factor / NULLIF(uom.factor, 0), 1) AS factor
            ) net
            CROSS JOIN LATERAL (%(moved)s) moved
            CROSS JOIN LATERAL (
                SELECT round((net.qty + COALESCE(moved.qty_returned, 0)) * net.factor, %(digits)s) AS qty
            ) done
            """,
            moved=self._get_moved(),
            digits=self._get_digits(),
        )

    def _get_digits(self):
        """Decimals of quantities."""
        return self.env['decimal.precision'].precision_get('Product Unit')

    def _get_moved(self) -> SQL:
        """What the transfers of a line say beyond the quantity that stands delivered on it.

        That quantity sinks when goods come back for credit, and rises again when these go out once more. What was
        delivered stays delivered for the promise, so ``qty_returned`` takes both out again, in the unit of the line
        and rounded as Odoo rounds what it subtracts.
        Nothing more will come when no transfer is open (``is_open``) and the rest was left out of a validated
        transfer, or its backorder cancelled (``is_given_up``). A delivery cancelled as a whole is still owed: who
        does not want it any more cancels the order. Most lines have been delivered whole, and their transfers are
        not looked at.
        """
        return SQL(
            """
                SELECT -sum(
                           flow.sign * round(move.quantity * move_uom.factor / line_uom.factor, %(digits)s)
                       ) FILTER (
                           WHERE move.state = 'done'
                             AND move.to_refund
                             AND move.product_id = COALESCE(sale_line.product_id, purchase_line.product_id)
                             AND (flow.sign < 0 OR move.origin_returned_move_id IS NOT NULL)
                       ) AS qty_returned,
                       bool_or(move.state NOT IN ('done', 'cancel') AND flow.sign IS DISTINCT FROM -1) AS is_open,
                       bool_or(
                           move.state = 'cancel' AND (picking.state = 'done' OR picking.backorder_id IS NOT NULL)
                       ) AS is_given_up
                  FROM stock_move move
                  JOIN uom_uom move_uom ON move_uom.id = move.product_uom
             LEFT JOIN stock_picking picking ON picking.id = move.picking_id
            CROSS JOIN LATERAL (
                -- 1 towards the one it was promised to, -1 back, none for a move within a warehouse
                SELECT sum(CASE WHEN (location.id = move.location_dest_id) = (promise.direction = 'out')
                                THEN 1 ELSE -1 END) AS sign
                  FROM stock_location location
                 WHERE location.id IN (move.location_id, move.location_dest_id)
                   AND (location.usage = CASE promise.direction WHEN 'out' THEN 'customer' ELSE 'supplier' END
                        OR (location.usage = 'transit' AND location.company_id IS NULL))
            ) flow
                 WHERE (move.sale_line_id = promise.sale_line_id OR move.purchase_line_id = promise.purchase_line_id)
                   AND round(net.qty * net.factor, %(digits)s) < promise.product_uom_qty
            """,
            digits=self._get_digits(),
        )

    def _where(self) -> SQL:
        """The latest promise of each line."""
        return SQL(
            """
            promise.kind != 'requested'
            AND NOT EXISTS (
                SELECT FROM scp_promise later
                 WHERE later.direction = promise.direction
                   AND later.line_ref = promise.line_ref
                   AND (later.date, later.id) > (promise.date, promise.id)
                   AND later.kind != 'requested'
            )
            """
        )

    def _get_status(self) -> SQL:
        return SQL(
            """
            CASE WHEN kind = 'cancel' THEN 'withdrawn'
                 WHEN qty_open <= 0 THEN 'done'
                 WHEN is_closed THEN 'closed'
                 WHEN %(promised_day)s < %(today)s THEN 'overdue'
                 WHEN slip_days > 0 THEN 'at_risk'
                 WHEN promise_unconfirmed THEN 'unconfirmed'
                 ELSE 'on_track'
             END
            """,
            promised_day=self._get_day(SQL("date_promised")),
            today=fields.Date.context_today(self),
        )

    # === ACTIONS === #

    @api.readonly
    def action_view_history(self):
        """The entries of the ledger behind this line."""
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_promise_action')
        name = self.env._("%(order)s, %(product)s", order=self.order_name, product=self.product_name)
        return action | {
            'name': name,
            'display_name': name,
            'domain': [('direction', '=', self.direction), ('line_ref', '=', self.line_ref)],
            'context': {},
        }

    @api.readonly
    def action_open_order(self):
        self.ensure_one()
        return self.env['scp.promise'].browse(self.id).action_open_order()

    # === BUSINESS === #

    @api.model
    def _get_at_risk_domain(self):
        """Promises that are broken or were moved to a later day."""
        return [('status', 'in', ('overdue', 'at_risk'))]

    @api.model
    def _get_open_domain(self):
        return [('status', 'not in', ('done', 'closed', 'withdrawn'))]

    @api.model
    def _get_current(self, lines):
        """The present promises of order lines.

        :param lines: sale or purchase order lines
        :return: dict of a line's id to its row of this model
        """
        rows = self.search([(lines._scp_line_field, 'in', lines.ids)])
        return {row.line_ref: row for row in rows}

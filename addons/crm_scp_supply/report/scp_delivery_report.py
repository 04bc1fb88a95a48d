from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

STATUSES = [
    ('kept', "On Time in Full"),
    ('late', "Late"),
    ('quantity', "Wrong Quantity"),
    ('overdue', "Overdue"),
    ('open', "Not Yet Due"),
    ('withdrawn', "Withdrawn"),
]
RATE = {'readonly': True, 'aggregator': 'avg'}
# Links that are read through what they name, not to show any whose record is gone: the alias of its table
LINKS = {
    'partner_id': 'partner', 'sale_order_id': 'sale_order', 'sale_line_id': 'sale_line',
    'purchase_order_id': 'purchase_order', 'purchase_line_id': 'purchase_line', 'product_id': 'product',
    'product_uom_id': 'uom', 'warehouse_id': 'warehouse',
}


class ScpDeliveryReport(models.Model):
    """Delivery facts as of the moment of reading, with the figures made of them.

    A figure is 1 or 0, or a quantity, in the rows it is made of and empty in all others: aggregated, it is sum over
    sum however rows are grouped, and empty where there is no data. A line counts towards a figure once it has fallen
    due, or once nothing more can change it; an open line that is overdue has failed.
    """

    _name = 'scp.delivery.report'
    _inherit = ['scp.delivery.fact']
    _description = "Delivery Performance"
    _auto = False
    _depends = {
        'res.partner': ['commercial_partner_id'],
        'sale.order': ['team_id', 'user_id'],
        'purchase.order': ['user_id'],
        'product.product': ['product_tmpl_id'],
        'product.template': ['categ_id'],
    }

    sale_line_id = fields.Many2one('sale.order.line', string="Sales Order Line", readonly=True)
    purchase_line_id = fields.Many2one('purchase.order.line', string="Purchase Order Line", readonly=True)
    commercial_partner_id = fields.Many2one('res.partner', string="Customer or Supplier", readonly=True)
    user_id = fields.Many2one('res.users', string="Responsible", readonly=True, help="Salesperson or buyer.")
    team_id = fields.Many2one('crm.team', string="Sales Team", readonly=True)
    product_tmpl_id = fields.Many2one('product.template', string="Product Template", readonly=True)
    categ_id = fields.Many2one('product.category', string="Product Category", readonly=True)
    order_key = fields.Integer(readonly=True, aggregator=None, help="Tells orders apart: purchases are negative.")
    status = fields.Selection(
        STATUSES, readonly=True,
        help="On Time in Full: by the first promise, within the tolerances agreed.\n"
        "Late: complete, but not all of it by then.\n"
        "Wrong Quantity: nothing more is to come, and it is too little or too much.\n"
        "Overdue: still open, and the first promise has passed.\n"
        "Not Yet Due: the first promise can still be kept.\n"
        "Withdrawn: cancelled by who ordered, before it was due.",
    )
    qty_open = fields.Float(string="Open Quantity", digits='Product Unit', readonly=True, aggregator=None)

    # Figures by line
    otif_request = fields.Float(
        string="OTIF to Request", **RATE, help="Lines delivered on time in full by the requested date, of those due.")
    otif_baseline = fields.Float(
        string="OTIF to Promise", **RATE,
        help="Lines delivered on time in full by the first promise, of those due. Lines whose supplier has "
        "confirmed nothing are left out.")
    in_full = fields.Float(string="In Full Rate", **RATE, help="Lines complete within tolerance, of those due.")
    on_time = fields.Float(
        string="On Time Rate", **RATE, help="Lines whose quantity was there by the first promise, of those due.")
    fill_line = fields.Float(
        string="Line Fill Rate", **RATE, help="Lines delivered complete at the first attempt, of those delivered, "
        "given up or overdue.")
    stability = fields.Float(
        string="Promise Stability", **RATE,
        help="Lines whose first promise was not moved beyond the tolerance by who had to keep it. Dates the other "
        "side asked for, and orders found at installation, are left out.")
    confirmed_rate = fields.Float(
        string="Confirmed", **RATE, help="Purchase lines the supplier has confirmed, of all.")

    # Figures by order
    otif_order_request = fields.Float(
        string="OTIF to Request, Orders", **RATE, help="Orders without a failed line, of those with a line due.")
    otif_order_baseline = fields.Float(
        string="OTIF to Promise, Orders", **RATE, help="Orders without a failed line, of those with a line due.")
    fill_order = fields.Float(
        string="Order Fill Rate", **RATE, help="Orders all of whose lines were complete at the first attempt.")
    perfect_order = fields.Float(
        string="Perfect Orders", **RATE,
        help="Orders whose lines are all on time in full by the first promise, with documents and goods without "
        "fault, of those with a line due (SCOR RL.1.1).")

    # Figures by quantity
    otif_qty_request = fields.Float(
        string="OTIF to Request, Quantity", **RATE,
        help="Good quantity by the requested date, at most what was ordered, over the ordered quantity of lines due.")
    otif_qty_baseline = fields.Float(
        string="OTIF to Promise, Quantity", **RATE,
        help="Good quantity by the first promise, at most what was ordered, over the ordered quantity of lines due.")
    fill_unit = fields.Float(
        string="Unit Fill Rate", **RATE,
        help="Quantity delivered at the first attempt, at most what was ordered, over the ordered quantity.")
    ppm = fields.Float(
        string="Rejected (ppm)", digits=(16, 1), readonly=True, aggregator='avg',
        help="Rejected quantity per million delivered.")
    lead_time = fields.Float(
        string="Lead Time, Mean (days)", digits=(16, 2), readonly=True, aggregator='avg',
        help="From order to arrival, weighted by quantity.")
    cycle_days_median = fields.Float(
        string="Cycle Time, Median (days)", digits=(16, 1), readonly=True, aggregator='avg',
        help="From order to the delivery that made the line complete (SCOR RS.1.1).")
    cycle_days_p90 = fields.Float(
        string="Cycle Time, 90 % (days)", digits=(16, 1), readonly=True, aggregator='avg',
        help="Nine of ten lines are complete within.")

    # === SQL === #

    @property
    def _table_query(self) -> SQL:
        return SQL(
            "SELECT verdict.*, %s FROM (SELECT state.*, %s FROM (SELECT %s FROM %s) state) verdict",
            self._as_columns(self._get_figures()),
            self._as_columns(self._get_verdicts()),
            self._get_report_select(),
            self._get_from(),
        )

    @api.model
    def _get_report_select(self) -> SQL:
        return SQL(
            """
            %(columns)s,
            %(links)s,
            partner.commercial_partner_id,
            COALESCE(sale_order.user_id, purchase_order.user_id) AS user_id,
            sale_order.team_id,
            product.product_tmpl_id,
            template.categ_id,
            COALESCE(sale_order.id, -purchase_order.id) AS order_key,
            fact.is_in_full OR fact.is_closed OR fact.is_withdrawn AS is_final,
            fact.due_request < %(now)s AS is_past_request,
            fact.due_baseline < %(now)s AS is_past
            """,
            columns=SQL(", ").join(
                SQL.identifier('fact', name) for name, field in self.env['scp.delivery.fact']._fields.items()
                if field.store and name not in LINKS
            ),
            links=self._as_columns({name: SQL.identifier(alias, 'id') for name, alias in LINKS.items()}),
            now=fields.Datetime.now(),
        )

    @api.model
    def _get_from(self) -> SQL:
        return SQL(
            """
            scp_delivery_fact fact
            LEFT JOIN res_partner partner ON partner.id = fact.partner_id
            LEFT JOIN sale_order ON sale_order.id = fact.sale_order_id
            LEFT JOIN sale_order_line sale_line ON sale_line.id = fact.line_ref AND fact.direction = 'out'
            LEFT JOIN purchase_order ON purchase_order.id = fact.purchase_order_id
            LEFT JOIN purchase_order_line purchase_line ON purchase_line.id = fact.line_ref AND fact.direction = 'in'
            LEFT JOIN uom_uom uom ON uom.id = fact.product_uom_id
            LEFT JOIN stock_warehouse warehouse ON warehouse.id = fact.warehouse_id
            LEFT JOIN product_product product ON product.id = fact.product_id
            LEFT JOIN product_template template ON template.id = product.product_tmpl_id
            """
        )

    @api.model
    def _get_verdicts(self) -> dict[str, SQL]:
        """Which lines count towards what, and how each stands."""
        return {
            'counts_request': SQL("qty_ordered > 0 AND date_requested IS NOT NULL AND (is_final OR is_past_request)"),
            'counts_baseline': SQL("qty_ordered > 0 AND is_confirmed AND (is_final OR is_past)"),
            'counts_fill': SQL("qty_ordered > 0 AND (is_final OR is_past OR qty_done > 0)"),
            'qty_open': SQL(
                "CASE WHEN is_final THEN 0 ELSE GREATEST(qty_ordered - qty_net, 0) END"),
            'status': SQL(
                """CASE WHEN qty_ordered <= 0 THEN 'withdrawn'
                        WHEN is_in_full AND is_on_time_baseline THEN 'kept'
                        WHEN is_in_full THEN 'late'
                        WHEN is_closed OR is_withdrawn THEN 'quantity'
                        WHEN is_past THEN 'overdue'
                        ELSE 'open' END"""
            ),
        }

    @api.model
    def _get_figures(self) -> dict[str, SQL]:
        """The figures by line: 1, 0 or a quantity where the line counts, else empty."""
        def share(counts, condition):
            return SQL("CASE WHEN %s THEN (%s)::int END", counts, condition)

        request, baseline, fill = SQL("counts_request"), SQL("counts_baseline"), SQL("counts_fill")
        otif_request = share(request, SQL("is_in_full AND is_on_time_request"))
        otif_baseline = share(baseline, SQL("is_in_full AND is_on_time_baseline"))
        fill_line = share(fill, SQL("is_filled_first"))
        figures = {
            'otif_request': otif_request,
            'otif_baseline': otif_baseline,
            'in_full': share(baseline, SQL("is_in_full")),
            'on_time': share(baseline, SQL("is_on_time_baseline")),
            'fill_line': fill_line,
            'stability': share(SQL("is_confirmed AND NOT is_backfill"), SQL("NOT is_revised")),
            'confirmed_rate': share(SQL("direction = 'in'"), SQL("is_confirmed")),
            'otif_order_request': otif_request,
            'otif_order_baseline': otif_baseline,
            'fill_order': fill_line,
            'perfect_order': share(
                baseline, SQL("is_in_full AND is_on_time_baseline AND NOT is_damaged AND NOT is_undocumented")),
            'cycle_days_median': SQL("cycle_days"),
            'cycle_days_p90': SQL("cycle_days"),
            'lead_time': SQL("lead_days"),
            'ppm': SQL("1e6 * qty_returned / NULLIF(qty_done, 0)"),
        }
        weights = {
            'request': (request, SQL("LEAST(qty_by_request, qty_ordered)"), SQL("qty_ordered")),
            'baseline': (baseline, SQL("LEAST(qty_by_baseline, qty_ordered)"), SQL("qty_ordered")),
            'fill': (fill, SQL("LEAST(qty_first, qty_ordered)"), SQL("qty_ordered")),
            'lead': (SQL("lead_days IS NOT NULL"), SQL("lead_days * qty_done"), SQL("qty_done")),
            'rejected': (SQL("TRUE"), SQL("1e6 * qty_returned"), SQL("qty_done")),
        }
        for name, (counts, part, whole) in weights.items():
            figures[f'part_{name}'] = SQL("CASE WHEN %s THEN %s END", counts, part)
            figures[f'whole_{name}'] = SQL("CASE WHEN %s THEN %s END", counts, whole)
        for name, weight in self._get_weights().items():
            if name not in figures:
                _counts, part, whole = weights[weight]
                figures[name] = SQL("CASE WHEN %s THEN %s / NULLIF(%s, 0) END", weights[weight][0], part, whole)
        return figures

    @api.model
    def _get_weights(self) -> dict[str, str]:
        """Figures by quantity: which ``part_...`` and ``whole_...`` each is made of."""
        return {
            'otif_qty_request': 'request',
            'otif_qty_baseline': 'baseline',
            'fill_unit': 'fill',
            'lead_time': 'lead',
            'ppm': 'rejected',
        }

    @api.model
    def _get_order_figures(self) -> tuple[str, ...]:
        """Figures by order: an order has failed with any of its lines."""
        return ('otif_order_request', 'otif_order_baseline', 'fill_order', 'perfect_order')

    # === AGGREGATES === #

    def _read_group_select(self, aggregate_spec, query):
        name, _colon, function = aggregate_spec.partition(':')
        if function == 'avg' and name in self._fields:
            if aggregate := self._get_aggregate(name, SQL.identifier(query.table)):
                self._check_field_access(self._fields[name], 'read')
                return aggregate
        return super()._read_group_select(aggregate_spec, query)

    @api.model
    def _get_aggregate(self, name, table: SQL) -> SQL | None:
        """A figure over many rows of ``table``, unless it is the plain average of its column."""
        def column(column_name):
            return SQL("%s.%s", table, SQL.identifier(column_name))

        if weight := self._get_weights().get(name):
            return SQL(
                "SUM(%s)::float8 / NULLIF(SUM(%s), 0)", column(f'part_{weight}'), column(f'whole_{weight}'))
        if name in self._get_order_figures():
            return SQL(
                """1 - COUNT(DISTINCT %(order)s) FILTER (WHERE %(value)s = 0)::float8
                     / NULLIF(COUNT(DISTINCT %(order)s) FILTER (WHERE %(value)s IS NOT NULL), 0)""",
                order=column('order_key'), value=column(name))
        for suffix, share in {'_median': 0.5, '_p90': 0.9}.items():
            if name.endswith(suffix):
                return SQL("percentile_cont(%s) WITHIN GROUP (ORDER BY %s)", share, column(name))
        return None

    # === ACTIONS === #

    @api.readonly
    def action_open_order(self):
        self.ensure_one()
        order = self.sale_order_id or self.purchase_order_id
        if not order:
            raise UserError(self.env._("Order %(order)s has been deleted.", order=self.order_name))
        return order._get_records_action()

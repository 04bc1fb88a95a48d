from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.crm_scp_core.fields import LooseMany2one

QTY = {'digits': 'Product Unit', 'readonly': True, 'aggregator': None}


class ScpDeliveryFact(models.Model):
    """What became of an order line: one row for each line that was ever promised.

    A row is a function of the promise ledger, the transfers, the returns and the tolerances agreed with the partner,
    and of nothing else: neither of the day on which it is computed nor of what was computed before. It is written by
    :meth:`_sync` alone and may be deleted and built again at any time. What depends on the day of the reader, as
    whether an open line is overdue, is left to ``scp.delivery.report``.

    Quantities are in the product's own unit. Days are those of the partner's time zone, moments are naive UTC.

    Links are loose. When an order or a partner goes, its link is emptied, as it is in the ledger; and the report,
    ``scp.delivery.report``, shows no link whose record is gone, whatever took it away.
    """

    _name = 'scp.delivery.fact'
    _description = "Delivery Fact"
    _log_access = False
    _order = 'day desc, id desc'
    _rec_name = 'order_name'

    # Document, as the ledger knows it
    direction = fields.Selection([('out', "To Customer"), ('in', "From Supplier")], required=True, readonly=True)
    line_ref = fields.Integer(string="Line ID", required=True, readonly=True, aggregator=None)
    sale_order_id = LooseMany2one(
        'sale.order', string="Sales Order", readonly=True, ondelete='set null', index='btree_not_null',
    )
    purchase_order_id = LooseMany2one(
        'purchase.order', readonly=True, ondelete='set null', index='btree_not_null',
    )
    order_name = fields.Char(string="Order", readonly=True)
    partner_id = LooseMany2one('res.partner', readonly=True, ondelete='set null', index='btree_not_null')
    product_id = LooseMany2one('product.product', readonly=True, ondelete='set null', index='btree_not_null')
    product_uom_id = LooseMany2one('uom.uom', string="Unit", readonly=True, ondelete='set null')
    # The ledger keeps companies with promises from being deleted
    company_id = LooseMany2one('res.company', required=True, readonly=True, ondelete='cascade')
    warehouse_id = LooseMany2one('stock.warehouse', readonly=True, ondelete='set null')
    carrier = fields.Char(readonly=True, help="Where carriers are in use.")
    carrier_ref = fields.Integer(string="Carrier ID", readonly=True, aggregator=None)

    # Dates
    date_ordered = fields.Datetime(string="Ordered", readonly=True)
    date_requested = fields.Datetime(
        string="Requested", readonly=True,
        help="The date asked for last. One that was changed after its day does not count.",
    )
    date_baseline = fields.Datetime(
        string="First Promised", readonly=True,
        help="The first promise; on a purchase the supplier's first confirmation, "
        "for which the requested date stands in until there is one.",
    )
    date_promised = fields.Datetime(string="Last Promised", readonly=True)
    due_request = fields.Datetime(
        string="Due by Request", readonly=True,
        help="The last second that is in time for the requested date, in the partner's time zone and with the "
        "tolerance agreed with him.",
    )
    due_baseline = fields.Datetime(
        string="Due by Promise", readonly=True,
        help="The last second that is in time for the first promise, in the partner's time zone and with the "
        "tolerance agreed with him.",
    )
    day = fields.Date(
        string="Promised Day", readonly=True,
        help="The day of the first promise, where the partner is: the period to which all figures of the line belong.",
    )
    date_first_done = fields.Datetime(string="First Delivered", readonly=True)
    date_last_done = fields.Datetime(string="Last Delivered", readonly=True)

    # Quantities
    qty_ordered = fields.Float(
        string="Ordered Quantity", **QTY,
        help="What was ordered when the promise fell due. What who ships has taken off does not lower it, nor what "
        "was taken off after that day.",
    )
    qty_promised = fields.Float(string="Promised Quantity", **QTY, help="According to the latest promise.")
    qty_done = fields.Float(string="Delivered Quantity", **QTY, help="All that arrived, whatever came back.")
    qty_first = fields.Float(
        string="Delivered at First Attempt", **QTY, help="What did not have to wait for a backorder.",
    )
    qty_returned = fields.Float(string="Rejected Quantity", **QTY, help="Returned by fault of who shipped.")
    qty_unwanted = fields.Float(string="Unwanted Quantity", **QTY, help="Returned by fault of who received.")
    qty_credited = fields.Float(string="Credited Quantity", **QTY, help="Of the rejected: to be refunded.")
    qty_net = fields.Float(string="Good Quantity", **QTY, help="Delivered less rejected.")
    qty_by_request = fields.Float(
        string="Good by Request", **QTY,
        help="Of what arrived in time for the requested date: what was not rejected, whenever that was.",
    )
    qty_by_baseline = fields.Float(
        string="Good by Promise", **QTY,
        help="Of what arrived in time for the first promise: what was not rejected, whenever that was.",
    )

    # What follows
    is_confirmed = fields.Boolean(
        string="Promise Confirmed", readonly=True,
        help="The first promise was made by who has to keep it: always so on a sale, on a purchase once the supplier "
        "has confirmed. Others are not measured by it.",
    )
    is_backfill = fields.Boolean(string="Found at Installation", readonly=True)
    is_withdrawn = fields.Boolean(string="Withdrawn", readonly=True)
    is_closed = fields.Boolean(
        string="Nothing More to Come", readonly=True,
        help="Delivered, or given up without a backorder: no transfer is open.",
    )
    is_in_full = fields.Boolean(string="In Full", readonly=True, help="Good quantity within the tolerance agreed.")
    is_on_time_request = fields.Boolean(string="In Time by Request", readonly=True)
    is_on_time_baseline = fields.Boolean(string="In Time by Promise", readonly=True)
    is_filled_first = fields.Boolean(string="Complete at First Attempt", readonly=True)
    is_damaged = fields.Boolean(
        string="Condition Faulty", readonly=True, help="Goods were rejected, or a problem of quality was reported.",
    )
    is_undocumented = fields.Boolean(
        string="Documents Faulty", readonly=True,
        help="A problem of documents was reported, or papers that were agreed were missing a day after the goods came.",
    )
    revision_count = fields.Integer(string="Date Changes", readonly=True, aggregator=None)
    is_revised = fields.Boolean(
        string="Moved Beyond Tolerance", readonly=True,
        help="Who has to keep the promise moved it to a day that is too late for the first one.",
    )
    slip_days = fields.Integer(
        string="Days Slipped", readonly=True, aggregator='avg', help="From the first promise to the last.",
    )
    delay_days = fields.Integer(
        string="Days Late", readonly=True, aggregator='avg',
        help="From the first promised day to the last delivery; negative when it came sooner.",
    )
    lead_days = fields.Float(
        string="Lead Time (days)", digits=(16, 4), readonly=True, aggregator=None,
        help="From order to arrival, the mean over all goods of the line that arrived.",
    )
    arrivals = fields.Json(
        readonly=True, help="Pairs of lead time in days and quantity, when goods arrived on more than one day.",
    )
    cycle_days = fields.Integer(
        string="Cycle Time (days)", readonly=True, aggregator='avg',
        help="From order to the delivery that made the line complete. Empty while it is not.",
    )

    # _sync() writes, the screens of an order read by this key
    _line_uniq = models.UniqueIndex('(direction, line_ref)')
    # scp.delivery.report opens with the last months of one direction
    _day_idx = models.Index('(direction, day)')
    # Exceptions look only at what is not done with
    _open_idx = models.Index('(direction, due_baseline) WHERE NOT is_closed AND NOT is_withdrawn')

    # === BUSINESS === #

    @api.model
    def _get_directions(self):
        """What is built, by direction: the model of the lines and the names of its columns elsewhere."""
        return {'out': self.env['sale.order.line'], 'in': self.env['purchase.order.line']}

    @api.model
    def _release(self, link_field, ids, kept_id=None):
        """Take a link off the facts, as PostgreSQL takes it off the ledger, or put another in its place.

        :param str link_field: of the facts
        :param ids: of the records that go
        :param int kept_id: of the record that stays for them
        """
        if not ids:
            return
        self.flush_model()
        link = SQL.identifier(link_field)
        self.env.execute_query(SQL(
            "UPDATE scp_delivery_fact SET %s = %s WHERE %s = ANY(%s) RETURNING id", link, kept_id, link, list(ids)))
        self.invalidate_model([link_field], flush=False)

import json
import threading
from typing import NamedTuple
from urllib.parse import urlsplit

from psycopg2.errors import UniqueViolation

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.http import request
from odoo.tools import SQL

from .journal import ORIGIN_KEY, PromiseOrigin

API_PATHS = ('/json/', '/jsonrpc', '/xmlrpc/')


class PromiseState(NamedTuple):
    """What the ledger says about one order line; dates are naive UTC, quantities in the product's unit.

    ``kind`` is that of the latest entry that is no request; ``promise_date`` and ``product_uom_qty`` are the latest
    promise, also when it has been withdrawn since.
    """

    requested_date: object
    baseline_date: object
    has_confirmed_baseline: bool
    kind: str
    promise_date: object
    product_uom_qty: float
    unconfirmed: bool
    revision_count: int


class ScpPromise(models.Model):
    """The ledger of promises: one row per event, appended and never changed.

    A row is written when an order line is confirmed and whenever its date or quantity changes afterwards, whoever
    changes it. The *baseline* is the first promise: on a sale the commitment date, else the expected date, at first
    confirmation; on a purchase the supplier's first confirmation, before which the requested date stands in, marked
    ``unconfirmed``. Which promise is current and which is superseded follows from the order of the rows (``date``,
    ``id``) of a line and is not stored: see ``scp.promise.report``.
    """

    _name = 'scp.promise'
    _description = "Promise"
    _order = 'date desc, id desc'
    _rec_name = 'order_name'

    direction = fields.Selection(
        [('out', "To Customer"), ('in', "From Supplier")],
        required=True,
        readonly=True,
    )
    kind = fields.Selection(
        [
            ('requested', "Requested"),
            ('baseline', "First Promise"),
            ('revision', "Revised"),
            ('confirmation', "Confirmed Again"),
            ('cancel', "Withdrawn"),
        ],
        required=True,
        readonly=True,
        help="Requested: the date asked for.\n"
        "First Promise: what delivery is measured against.\n"
        "Revised: date or quantity changed later.\n"
        "Confirmed Again: the supplier agreed to the latest date.\n"
        "Withdrawn: the order or its line was cancelled.",
    )
    date = fields.Datetime(
        string="Recorded On", required=True, readonly=True, default=fields.Datetime.now, help="When it happened.",
    )

    # Promise
    date_promised = fields.Datetime(
        string="Date", readonly=True, help="The date asked for or promised. Empty when it was withdrawn.",
    )
    previous_date = fields.Datetime(readonly=True, help="The date that this one replaces.")
    shift_days = fields.Float(
        string="Days Moved", readonly=True, digits=(16, 2), aggregator='avg',
        help="Days from the previous date to the new one; negative when delivery comes sooner.",
    )
    qty = fields.Float(string="Ordered Quantity", digits='Product Unit', readonly=True, aggregator=None)
    uom_id = fields.Many2one('uom.uom', string="Ordered Unit", readonly=True, ondelete='set null')
    product_uom_qty = fields.Float(
        string="Quantity", digits='Product Unit', readonly=True, aggregator=None,
        help="In the product's own unit. Not summed: each revision states the whole quantity anew.",
    )
    previous_product_uom_qty = fields.Float(
        string="Previous Quantity", digits='Product Unit', readonly=True, aggregator=None,
        help="The quantity that this one replaces, in the product's own unit.",
    )
    product_uom_id = fields.Many2one('uom.uom', string="Unit", readonly=True, ondelete='set null')
    unconfirmed = fields.Boolean(
        readonly=True,
        help="The supplier has not confirmed this date. Never measured together with confirmed promises.",
    )

    # Origin
    source = fields.Selection(
        [
            ('internal', "Ourselves"),
            ('portal', "Portal"),
            ('mail', "Mail"),
            ('phone', "Phone"),
            ('edi', "EDI"),
            ('api', "API"),
            ('backfill', "Found at Installation"),
        ],
        required=True,
        readonly=True,
    )
    user_id = fields.Many2one('res.users', string="Recorded By", readonly=True, ondelete='set null')
    reason_id = fields.Many2one('scp.promise.reason', readonly=True, ondelete='set null')
    note = fields.Char(readonly=True)
    form_key = fields.Char(
        readonly=True, help="Of the page of the portal that was sent: sending it again records nothing.",
    )

    # Document, copied so that the history outlives it
    line_ref = fields.Integer(
        string="Line ID", required=True, readonly=True, aggregator=None,
        help="Database id of the order line. Stays when the line is deleted.",
    )
    sale_line_id = fields.Many2one(
        'sale.order.line', string="Sales Order Line", readonly=True, ondelete='set null', index='btree_not_null',
    )
    sale_order_id = fields.Many2one(
        'sale.order', string="Sales Order", readonly=True, ondelete='set null', index='btree_not_null',
    )
    purchase_line_id = fields.Many2one(
        'purchase.order.line', string="Purchase Order Line", readonly=True, ondelete='set null',
        index='btree_not_null',
    )
    purchase_order_id = fields.Many2one(
        'purchase.order', readonly=True, ondelete='set null', index='btree_not_null',
    )
    order_name = fields.Char(string="Order", readonly=True)
    product_id = fields.Many2one('product.product', readonly=True, ondelete='set null', index='btree_not_null')
    product_name = fields.Char(readonly=True, help="The product as the order called it.")
    partner_id = fields.Many2one('res.partner', readonly=True, ondelete='set null', index='btree_not_null')
    commercial_partner_id = fields.Many2one(
        related='partner_id.commercial_partner_id', string="Customer or Supplier",
    )
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True)
    warehouse_id = fields.Many2one('stock.warehouse', readonly=True, ondelete='set null')

    # _get_states() and scp.promise.report: the promises of a line in their order
    _line_idx = models.Index('(direction, line_ref, date, id)')
    # Two transactions that record the same line at once (the back-fill and a user) end with one first promise
    _baseline_uniq = models.UniqueIndex("(direction, line_ref, unconfirmed) WHERE kind = 'baseline'")
    _date_required = models.Constraint(
        "CHECK (date_promised IS NOT NULL OR kind IN ('requested', 'cancel'))",
        "A promise needs a date.",
    )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._(
            "Promises are recorded by the orders themselves. Change the order instead of the ledger."
        ))

    def write(self, vals):
        raise UserError(self.env._("The promise ledger is a record of what was said: nobody can change its entries."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ledger(self):
        raise UserError(self.env._("The promise ledger is a record of what was said: nobody can delete its entries."))

    def copy(self, default=None):
        raise UserError(self.env._("Promises are recorded by the orders themselves and cannot be duplicated."))

    # === ACTIONS === #

    @api.readonly
    def action_open_order(self):
        self.ensure_one()
        order = self.sale_order_id or self.purchase_order_id
        if not order:
            raise UserError(self.env._("Order %(order)s has been deleted.", order=self.order_name))
        return order._get_records_action()

    # === BUSINESS === #

    @api.model
    def _append(self, vals_list):
        """Append to the ledger in one INSERT; the only way in. Confirming an order waits for it, so it goes past the
        ORM, which has nothing to add: the rows follow from the orders, whoever changes them, and depend on nobody.

        :param list[dict] vals_list: values of ``scp.promise``
        :raise ConcurrencyError: another transaction has recorded the first promise of the same line; the request is
            then run again and finds it
        """
        if not vals_list:
            return
        stamp = {
            'date': fields.Datetime.now(), 'create_uid': self.env.uid, 'write_uid': self.env.uid,
            'create_date': self.env.cr.now(), 'write_date': self.env.cr.now(),
        }
        rows = [
            {name: self._fields[name].convert_to_column(value, self) for name, value in (stamp | vals).items()}
            for vals in vals_list
        ]
        try:
            self.env.cr.execute(SQL(
                "INSERT INTO scp_promise (%(names)s) "
                "SELECT %(names)s FROM json_populate_recordset(NULL::scp_promise, %(rows)s)",
                names=SQL(", ").join(map(SQL.identifier, sorted(set().union(*rows)))),
                rows=json.dumps(rows, default=str),
            ))
        except UniqueViolation as error:
            raise ConcurrencyError(
                self.env._("Another transaction has just recorded the same promises."),
            ) from error
        # New rows leave the others as they are, but not what the report makes of them
        self.env['scp.promise.report'].invalidate_model(flush=False)

    @api.model
    def _get_origin(self):
        """The origin put into the context by our own code, never one that came in over RPC."""
        origin = self.env.context.get(ORIGIN_KEY)
        return origin if isinstance(origin, PromiseOrigin) else PromiseOrigin()

    @api.model
    def _get_acting_user(self):
        """The person behind the call: portal routes work as superuser, the request still knows who is there."""
        if self.env.uid == SUPERUSER_ID and request and request.env.uid:
            return request.env.user.with_env(self.env)
        return self.env.user

    @api.model
    def _get_request_path(self):
        if request:
            return request.httprequest.path
        # XML-RPC and JSON-RPC hide the request from what they call; the thread keeps its address
        return urlsplit(getattr(threading.current_thread(), 'url', '')).path

    @api.model
    def _get_source(self):
        origin = self._get_origin()
        if origin.source:
            return origin.source
        path = self._get_request_path()
        if path.startswith('/my/') or not self._get_acting_user()._is_internal():
            return 'portal'
        return 'api' if path.startswith(API_PATHS) else 'internal'

    @api.model
    def _get_states(self, direction, line_ids):
        """What the ledger says about order lines, in one query.

        :param str direction: ``out`` for ids of sale order lines, ``in`` for purchase order lines
        :param line_ids: ids of order lines, deleted ones included
        :return: a state per line that has any promise
        :rtype: dict[int, PromiseState]
        """
        if not line_ids:
            return {}
        rows = self.env.execute_query(SQL(
            """
            SELECT line_ref,
                   (array_agg(date_promised ORDER BY date DESC, id DESC) FILTER (WHERE kind = 'requested'))[1],
                   COALESCE(
                       (array_agg(date_promised) FILTER (WHERE kind = 'baseline' AND unconfirmed IS NOT TRUE))[1],
                       (array_agg(date_promised) FILTER (WHERE kind = 'baseline'))[1]
                   ),
                   COALESCE(bool_or(kind = 'baseline' AND unconfirmed IS NOT TRUE), FALSE),
                   (array_agg(kind ORDER BY date DESC, id DESC) FILTER (WHERE kind != 'requested'))[1],
                   (array_agg(date_promised ORDER BY date DESC, id DESC)
                        FILTER (WHERE kind NOT IN ('requested', 'cancel')))[1],
                   (array_agg(product_uom_qty ORDER BY date DESC, id DESC)
                        FILTER (WHERE kind NOT IN ('requested', 'cancel')))[1],
                   COALESCE(
                       (array_agg(unconfirmed ORDER BY date DESC, id DESC) FILTER (WHERE kind != 'requested'))[1],
                       FALSE
                   ),
                   count(*) FILTER (WHERE kind = 'revision')
              FROM scp_promise
             WHERE direction = %(direction)s
               AND line_ref IN %(line_ids)s
          GROUP BY line_ref
            """,
            direction=direction,
            line_ids=tuple(line_ids),
        ))
        return {line_ref: PromiseState(*values) for line_ref, *values in rows}

    # === BACK-FILL === #

    @api.model
    def _get_backfill_models(self):
        """Models of the order lines whose open promises are taken over at installation."""
        return ['sale.order.line', 'purchase.order.line']

    @api.model
    def _get_backfill_batch_size(self):
        # A batch of 500 lines is one SELECT, one INSERT and one commit, about half a second.
        return 500

    @api.model
    def _cron_backfill(self):
        """Take over the promises of orders that were open when this addon was installed.

        A batch ends with a commit and takes only lines without promises, so the job can be killed at any point,
        and run again at any time, without losing or repeating a line. Lines somebody is changing at that moment wait
        for the next run. The job switches itself off when nothing is left.
        """
        IrCron = self.env['ir.cron']
        batch_size = self._get_backfill_batch_size()
        for model_name in self._get_backfill_models():
            last_id = 0
            while line_ids := self.env[model_name]._scp_get_backfill_line_ids(last_id, batch_size):
                last_id = line_ids[-1]
                # sudo: the job takes over the orders of all companies
                lines = self.env[model_name].sudo().browse(line_ids)
                lines.order_id.try_lock_for_update(allow_referencing=True).order_line.filtered(
                    lambda line, batch=set(line_ids): line.id in batch,
                )._scp_backfill_promises()
                remaining = self.env[model_name]._scp_count_backfill_lines(last_id)
                if not IrCron._commit_progress(len(line_ids), remaining=remaining):
                    return
                self.env.invalidate_all()
        left = any(self.env[model_name]._scp_count_backfill_lines(0) for model_name in self._get_backfill_models())
        IrCron._commit_progress(remaining=0, deactivate=not left)

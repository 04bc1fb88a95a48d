from contextlib import contextmanager

from odoo import api, fields, models
from odoo.tools import SQL

from .journal import JOURNAL_KEY, PROMISE_GROUPS, PromiseJournal


class ScpPromiseOrderMixin(models.AbstractModel):
    """Orders whose lines carry promises."""

    _name = 'scp.promise.order.mixin'
    _description = "Order with Promises"

    # The field of scp.promise and scp.promise.report that links back to the order, and to its line
    _scp_order_field = None
    _scp_line_field = None
    # Fields of the order that may change what is promised on its lines
    _scp_promise_fields = frozenset()
    # The state in which an order is confirmed
    _scp_state_in_force = None

    scp_promise_count = fields.Integer(
        string="Promises",
        compute='_compute_scp_promise_count',
        groups=PROMISE_GROUPS,
        help="Entries of the promise ledger for this order.",
    )

    # === COMPUTE === #

    def _compute_scp_promise_count(self):
        counts = dict(self.env['scp.promise']._read_group(
            [(self._scp_order_field, 'in', self.ids)], [self._scp_order_field], ['__count'],
        ))
        for order in self:
            order.scp_promise_count = counts.get(order._origin, 0)

    # === CRUD === #

    def unlink(self):
        self._scp_release_promises()
        return super().unlink()

    # === ACTIONS === #

    @api.readonly
    def action_view_scp_promises(self):
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_promise_action')
        return action | {
            'domain': [(self._scp_order_field, '=', self.id)],
            'context': {'search_default_groupby_product': 1},
        }

    # === BUSINESS === #

    def _scp_release_promises(self):
        """Take the links to the orders and their lines off the ledger; names and numbers stay.

        PostgreSQL does the same, but link by link, in the order of its triggers. In a promise of
        this very transaction it then checks the links it has not come to yet, and finds the line
        gone already.
        """
        self.env.execute_query(SQL(
            "UPDATE scp_promise SET %(line)s = NULL, %(order)s = NULL WHERE %(order)s IN %(orders)s RETURNING id",
            line=SQL.identifier(self._scp_line_field), order=SQL.identifier(self._scp_order_field),
            orders=tuple(self.ids) or (None,),
        ))
        self.env['scp.promise'].invalidate_model([self._scp_line_field, self._scp_order_field])

    def _scp_is_in_force(self):
        self.ensure_one()
        return self.state == self._scp_state_in_force

    def _scp_get_touched_orders(self, vals):
        """The orders of ``self`` whose promises a write of ``vals`` may change.

        sudo: a portal user's write must be recorded as well.
        """
        if self._scp_promise_fields.isdisjoint(vals):
            return self.browse().sudo()
        if vals.get('state') == self._scp_state_in_force:
            return self.sudo()
        return self.sudo().filtered(lambda order: order._scp_is_in_force())

    @contextmanager
    def _scp_keep_promises(self, confirmed_lines=()):
        """Write the ledger once for everything that happens to orders inside, to these and to others.

        An exception inside leaves the ledger alone.

        :param confirmed_lines: purchase order lines the supplier is speaking about
        """
        cache = self.env.cr.cache
        journal = cache.get(JOURNAL_KEY)
        outermost = journal is None
        if outermost:
            journal = cache[JOURNAL_KEY] = PromiseJournal()
        try:
            journal.open(self.sudo())  # sudo: a portal user's write must be recorded as well
            journal.confirmed_line_ids.update(line.id for line in confirmed_lines)
            yield
            if outermost:
                journal.close(self.env)
        finally:
            if outermost and cache.get(JOURNAL_KEY) is journal:
                del cache[JOURNAL_KEY]

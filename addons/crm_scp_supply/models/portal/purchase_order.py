import hashlib
from datetime import timezone
from typing import NamedTuple

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..promise.journal import PROMISE_GROUPS

TONES = {
    'unconfirmed': 'warning', 'late': 'danger', 'confirmed': 'info', 'received': 'success', 'cancelled': 'secondary',
}

# What _scp_get_open_lines_sql() reads
OPEN_FIELDS = ['date_planned', 'order_id', 'product_id', 'product_qty', 'qty_received']


class Progress(NamedTuple):
    """What is open on a purchase order; ``next_date`` is naive UTC."""

    line_count: int = 0
    open_count: int = 0
    unconfirmed_count: int = 0
    next_date: object = None


class PurchaseOrder(models.Model):
    """What a supplier sees of an order: values that are named here and nothing else."""

    _name = 'purchase.order'
    _inherit = ['purchase.order', 'scp.portal.shield']

    # They name the customer of a direct delivery
    _scp_portal_hidden = frozenset({'dest_address_id', 'origin', 'reference_ids', 'sale_order_ids'})

    scp_unconfirmed = fields.Boolean(
        string="Waiting for Confirmation",
        compute='_compute_scp_unconfirmed',
        search='_search_scp_unconfirmed',
        groups=PROMISE_GROUPS,
        help="The supplier has not confirmed the present date of some line that is still open.",
    )

    # === COMPUTE === #

    def _compute_scp_unconfirmed(self):
        progress = self._scp_get_progress()
        for order in self:
            order.scp_unconfirmed = order.id in progress and progress[order.id].unconfirmed_count > 0

    def _search_scp_unconfirmed(self, operator, value):
        if operator != 'in':
            return NotImplemented
        domain = Domain('state', '=', 'purchase') & Domain('id', 'in', self._scp_get_open_query(unconfirmed=True))
        return domain if True in value else ~domain

    # === WHAT IS OPEN === #

    def _scp_get_open_lines_sql(self, relation=None) -> SQL:
        """Lines of goods of confirmed orders: ``order_id``, ``date_planned``, ``is_open``, ``is_unconfirmed``.

        :param relation: restricts them to what this relation is about
        """
        scope = SQL("TRUE")
        if relation and relation._get_product_domain() != Domain.TRUE:
            scope = SQL(
                "EXISTS (SELECT FROM scp_relation relation WHERE relation.id = %s AND %s)",
                relation.id, relation._get_scope_condition(SQL("relation"), SQL("line.product_id")),
            )
        return SQL(
            """
            SELECT line.order_id,
                   line.date_planned,
                   line.product_qty > COALESCE(line.qty_received, 0) AND EXISTS (
                       SELECT FROM stock_move move
                        WHERE move.purchase_line_id = line.id AND move.state NOT IN ('done', 'cancel')
                   ) AS is_open,
                   COALESCE(promise.unconfirmed, TRUE) AS is_unconfirmed
              FROM purchase_order_line line
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id AND template.type = 'consu'
              LEFT JOIN LATERAL (
                       SELECT unconfirmed
                         FROM scp_promise
                        WHERE direction = 'in' AND line_ref = line.id AND kind != 'requested'
                     ORDER BY date DESC, id DESC
                        LIMIT 1
                   ) promise ON TRUE
             WHERE line.display_type IS NULL
               AND %s
            """,
            scope,
        )

    def _scp_get_open_query(self, unconfirmed=False) -> SQL:
        """Ids of the orders on which something is to be delivered.

        :param bool unconfirmed: only those on which the supplier has something to confirm
        """
        self.env['purchase.order.line'].flush_model(OPEN_FIELDS)
        self.env['stock.move'].flush_model(['purchase_line_id', 'state'])
        return SQL(
            "(SELECT line.order_id FROM (%s) line WHERE line.is_open AND (line.is_unconfirmed OR %s))",
            self._scp_get_open_lines_sql(), not unconfirmed,
        )

    def _scp_get_progress(self, relation=None):
        """What is open, by id of the order, in one query; orders without goods are missing.

        :rtype: dict[int, Progress]
        """
        if not self.ids:
            return {}
        self.env['purchase.order.line'].flush_model(OPEN_FIELDS)
        self.env['stock.move'].flush_model(['purchase_line_id', 'state'])
        rows = self.env.execute_query(SQL(
            """
            SELECT line.order_id,
                   count(*),
                   count(*) FILTER (WHERE line.is_open),
                   count(*) FILTER (WHERE line.is_open AND line.is_unconfirmed),
                   min(line.date_planned) FILTER (WHERE line.is_open)
              FROM (%s AND line.order_id IN %s) line
          GROUP BY line.order_id
            """,
            self._scp_get_open_lines_sql(relation), tuple(self.ids),
        ))
        return {order_id: Progress(*values) for order_id, *values in rows}

    # === VALUES === #

    def _scp_get_portal_url(self):
        self.ensure_one()
        return f'/my/supply/purchases/{self.id}'

    def _scp_get_version(self):
        """A mark of what the page was about: it changes when somebody changes dates or quantities."""
        self.ensure_one()
        rows = [self.state, *(
            (line.id, line.product_id.id, line.product_uom_id.id, line.product_qty, line.qty_received,
             fields.Datetime.to_string(line.date_planned))
            for line in self.order_line.sorted('id') if not line.display_type
        )]
        return hashlib.sha256(repr(rows).encode()).hexdigest()[:24]

    def _scp_get_day(self, moment):
        """The day of a moment where the goods are received."""
        return moment and moment.replace(tzinfo=timezone.utc).astimezone(self.get_order_timezone()).date()

    def _scp_get_today(self):
        return self._scp_get_day(fields.Datetime.now())

    def _scp_get_supplier_status(self, progress):
        """Code, label and look of an order in the eyes of its supplier."""
        self.ensure_one()
        if self.state == 'cancel':
            code, label = 'cancelled', self.env._("Cancelled")
        elif not progress.open_count:
            code, label = 'received', self.env._("Received")
        elif progress.unconfirmed_count:
            code, label = 'unconfirmed', self.env._("To confirm")
        elif progress.next_date and progress.next_date < fields.Datetime.now():
            code, label = 'late', self.env._("Overdue")
        else:
            code, label = 'confirmed', self.env._("Confirmed")
        return {'code': code, 'label': label, 'tone': TONES[code]}

    def _scp_prepare_supplier_summaries(self, relation):
        """What the list of a supplier shows, set-wise. Runs as superuser.

        :param relation: the ``scp.relation`` in force with the supplier of these orders
        :rtype: list[dict]
        """
        progress = self._scp_get_progress(relation)
        return [{
            'name': order.name,
            'url': order._scp_get_portal_url(),
            'ordered_on': order.date_approve or order.date_order,
            'company': order.company_id.name,
            'line_count': progress.get(order.id, Progress()).line_count,
            'next_date': progress.get(order.id, Progress()).next_date,
            'status': order._scp_get_supplier_status(progress.get(order.id, Progress())),
        } for order in self]

    def _scp_get_shared_lines(self, relation):
        """The lines of goods that a relation is about."""
        return self.order_line.filtered(
            lambda line: not line.display_type and line.product_id.type == 'consu'
        ).filtered_domain(relation._get_product_domain())

    def _scp_prepare_supplier_values(self, relation):
        """What the page of an order shows its supplier. Runs as superuser.

        :param relation: the ``scp.relation`` in force
        """
        self.ensure_one()
        lines = self._scp_get_shared_lines(relation)
        states = lines._scp_get_promise_states()
        [summary] = self._scp_prepare_supplier_summaries(relation)
        policy = relation._get_shared()
        return {
            **summary,
            'id': self.id,
            'version': self._scp_get_version(),
            'reference': self.partner_ref,
            'buyer': self.user_id.name,
            'ship_to': self._scp_prepare_ship_to(policy),
            'can_confirm': policy.allow_confirmation and self.state == 'purchase'
            and any(line._scp_get_open_qty() for line in lines),
            'tolerance_over': relation.tolerance_over,
            'lines': [self._scp_prepare_supplier_line(line, states.get(line.id)) for line in lines],
        }

    def _scp_prepare_ship_to(self, policy):
        """Where the goods go: to us, or straight to a customer, whom the policy may reveal."""
        customer = self.dest_address_id
        if customer and not policy.reveal_customer_identity:
            return {'is_direct': True, 'name': False, 'city': False}
        place = customer or self.picking_type_id.warehouse_id.partner_id or self.company_id.partner_id
        return {'is_direct': bool(customer), 'name': place.display_name, 'city': place.city}

    def _scp_prepare_supplier_line(self, line, state):
        open_qty = line._scp_get_open_qty()
        is_confirmed = bool(state) and not state.unconfirmed
        return {
            'id': line.id,
            'name': line._scp_get_label(),
            'ordered': line.product_qty,
            'received': line.qty_received,
            'open': open_qty,
            'uom': line.product_uom_id.name,
            'requested': state and state.requested_date,
            'baseline': state and state.has_confirmed_baseline and state.baseline_date,
            'promised': line.date_planned,
            'day': self._scp_get_day(line.date_planned),
            'is_confirmed': is_confirmed,
            'is_late': bool(open_qty) and line.date_planned < fields.Datetime.now(),
            'is_part': bool(line.scp_split_from_id),
        }

from odoo import api, fields, models
from odoo.tools import SQL

# In the cache of the cursor: what this transaction has queued already
QUEUED_KEY = 'scp_delivery_queued'


class ScpDeliveryQueue(models.Model):
    """Order lines whose delivery facts are to be computed again.

    A row is inserted by the transaction that changes something and is seen when that commits, however long it took:
    no change can slip behind a mark of time. Rows are never updated, so nobody waits for anybody.
    """

    _name = 'scp.delivery.queue'
    _description = "Order Line with New Delivery Facts"
    _log_access = False

    direction = fields.Selection([('out', "To Customer"), ('in', "From Supplier")], required=True)
    line_ref = fields.Integer(string="Line ID", required=True, aggregator=None)

    # === BUSINESS === #

    @api.model
    def _add(self, direction, line_ids):
        """Queue order lines, each once a transaction, in one INSERT.

        :param str direction: ``out`` for ids of sale order lines, ``in`` for purchase order lines
        """
        queued = self.env.cr.cache.setdefault(QUEUED_KEY, set())
        keys = {(direction, line_id) for line_id in line_ids} - queued
        if keys:
            self.env.cr.execute(SQL(
                "INSERT INTO scp_delivery_queue (direction, line_ref) SELECT %s, unnest(%s)",
                direction, [line_id for _direction, line_id in keys],
            ))
            queued |= keys

    @api.model
    def _add_lines(self, lines):
        """Queue sale or purchase order lines, each once a transaction."""
        if lines:
            self._add(lines._scp_direction, lines._origin.ids)

    @api.model
    def _add_facts(self, condition: SQL):
        """Queue the lines of the facts, aliased ``fact``, that satisfy a condition."""
        self.env.cr.execute(SQL(
            """
            INSERT INTO scp_delivery_queue (direction, line_ref)
                 SELECT fact.direction, fact.line_ref
                   FROM scp_delivery_fact fact
                   JOIN res_partner partner ON partner.id = fact.partner_id
                  WHERE %s
            """,
            condition,
        ))

    @api.model
    def _take(self, limit) -> dict[str, list[int]]:
        """Take the oldest rows off the queue.

        :return: line ids by direction; empty when the queue is
        """
        self.env.flush_all()
        self.env.cr.cache.pop(QUEUED_KEY, None)
        rows = self.env.execute_query(SQL(
            """
            WITH taken AS (
                DELETE FROM scp_delivery_queue
                      WHERE id IN (SELECT id FROM scp_delivery_queue ORDER BY id LIMIT %s)
                  RETURNING direction, line_ref
            )
            SELECT taken.direction, array_agg(DISTINCT COALESCE(part.scp_split_from_id, taken.line_ref))
              FROM taken
         LEFT JOIN purchase_order_line part ON taken.direction = 'in' AND part.id = taken.line_ref
          GROUP BY taken.direction
            """,
            limit,
        ))
        return dict(rows)

    @api.model
    def _count(self):
        [[count]] = self.env.execute_query(SQL("SELECT count(*) FROM scp_delivery_queue"))
        return count

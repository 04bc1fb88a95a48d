from odoo import api, fields, models
from odoo.api import SUPERUSER_ID
from odoo.tools import SQL

# In cr.precommit.data: what this transaction has queued
QUEUED_KEY = 'crm_scp_supply.delivery_queue'


class ScpDeliveryQueue(models.Model):
    """Order lines whose delivery facts are to be computed again.

    Rows are inserted by the transaction that changes something and are seen when that commits, however long it took:
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
        """Queue order lines, each once a transaction; the rows are written right before its commit.

        :param str direction: ``out`` for ids of sale order lines, ``in`` for purchase order lines
        """
        precommit = self.env.cr.precommit
        if QUEUED_KEY not in precommit.data:
            precommit.data[QUEUED_KEY] = set()
            precommit.add(api.Environment(self.env.cr, SUPERUSER_ID, {})[self._name]._insert_queued)
        precommit.data[QUEUED_KEY].update((direction, line_id) for line_id in line_ids)

    @api.model
    def _insert_queued(self):
        """Write what this transaction has queued."""
        queued = self.env.cr.precommit.data.pop(QUEUED_KEY, None)
        if queued:
            directions, line_ids = zip(*sorted(queued), strict=True)
            self.env.cr.execute(SQL(
                "INSERT INTO scp_delivery_queue (direction, line_ref) SELECT * FROM unnest(%s::varchar[], %s::int[])",
                list(directions), list(line_ids),
            ))

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
        self._insert_queued()
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
        self._insert_queued()
        [[count]] = self.env.execute_query(SQL("SELECT count(*) FROM scp_delivery_queue"))
        return count

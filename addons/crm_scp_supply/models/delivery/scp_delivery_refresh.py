import logging

from odoo import api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# Lines of the queue per statement: about a second
QUEUE_BATCH = 5_000

# Line ids per statement of a check: the larger, the less the fixed cost of a statement matters
CHECK_BATCH = 100_000

# Every so many days all facts are computed again
CHECK_DAYS = 1

# Checks kept as a record of what the job found
KEPT_CHECKS = 200

# Rows written at once that make the planner's statistics worthless, above all on first fill
ANALYZE_THRESHOLD = 5_000


class ScpDeliveryRefresh(models.Model):
    """One check of all delivery facts against the documents, and how far it came.

    Facts are kept by the queue; a check computes all of them once more, batch by batch, and counts those that
    differed. After the first one, which fills the table, that number is zero unless something has been changed past
    Odoo. The position is committed with every batch, so a check that was killed goes on where it was.
    """

    _name = 'scp.delivery.refresh'
    _description = "Check of Delivery Facts"
    _order = 'id desc'
    _rec_name = 'date_start'

    date_start = fields.Datetime(string="Started On", required=True, readonly=True, default=fields.Datetime.now)
    date_end = fields.Datetime(string="Finished On", readonly=True, help="Empty: still running, or to be continued.")
    direction = fields.Selection(
        [('out', "To Customer"), ('in', "From Supplier")], required=True, readonly=True, default='out',
    )
    position = fields.Integer(readonly=True, aggregator=None, help="Lines up to this id are done.")
    changed_count = fields.Integer(string="Facts Changed", readonly=True)

    # === BUSINESS: THE JOB === #

    @api.model
    def _cron_refresh(self):
        """Work off the queue, then go on with the check, in batches that are committed one by one.

        Called from elsewhere than the scheduled job it leaves the commit to the caller.
        """
        is_job = self.env.context.get('ir_cron_progress_id')
        Queue = self.env['scp.delivery.queue']
        while self._work_queue(QUEUE_BATCH):
            if is_job and not self.env['ir.cron']._commit_progress(1, remaining=Queue._count() // QUEUE_BATCH):
                return
        check = self._resume_check()
        while check and not check.date_end:
            check._run_batch(CHECK_BATCH)
            if is_job and not self.env['ir.cron']._commit_progress(1, remaining=0 if check.date_end else 1):
                return

    @api.model
    def _work_queue(self, limit) -> bool:
        """Compute the facts of the lines that come next in the queue, and whether there were any."""
        taken = self.env['scp.delivery.queue']._take(limit)
        for direction, line_ids in taken.items():
            self.env['scp.delivery.fact']._sync(direction, SQL("line_ref = ANY(%s)", line_ids))
        return bool(taken)

    # === BUSINESS: CHECKS === #

    @api.model
    def _resume_check(self):
        """The check to go on with, a new one when it is time for it, else nothing."""
        last = self.search([], limit=1)
        if last and not last.date_end:
            return last
        if last and last.date_start > fields.Datetime.subtract(fields.Datetime.now(), days=CHECK_DAYS):
            return self.browse()
        return self._begin_check()

    @api.model
    def _begin_check(self):
        check = self.create({})
        # pylint: disable-next=no-search-all # as many as a week leaves behind
        self.search([], offset=KEPT_CHECKS).unlink()
        return check

    def _run_batch(self, size):
        """Compute the facts of the next lines; close the check behind the last of them."""
        self.ensure_one()
        Fact = self.env['scp.delivery.fact']
        low, high = self.position, self.position + size
        changed = Fact._sync(
            self.direction, SQL("line_ref > %s AND line_ref <= %s", low, high),
        )
        if changed >= ANALYZE_THRESHOLD:
            self.env.execute_query(SQL("ANALYZE scp_delivery_fact"))
        values = {'position': high, 'changed_count': self.changed_count + changed}
        if high >= self._get_last_line():
            if self.direction == 'out':
                values |= {'direction': 'in', 'position': 0}
            else:
                values['date_end'] = fields.Datetime.now()
        self.write(values)
        if changed:
            _logger.info(
                "Delivery facts: %s rows differed, lines %s to %s (%s)", changed, low + 1, high, self.direction)

    def _get_last_line(self):
        [[last]] = self.env.execute_query(SQL(
            "SELECT COALESCE(max(line_ref), 0) FROM scp_promise WHERE direction = %s", self.direction,
        ))
        return last

    @api.model
    def _rebuild(self):
        """Throw all facts away and compute them from the documents, in the transaction of the caller."""
        self.env.execute_query(SQL("DELETE FROM scp_delivery_fact RETURNING 1"))
        check = self._begin_check()
        while not check.date_end:
            check._run_batch(CHECK_BATCH)
        return check

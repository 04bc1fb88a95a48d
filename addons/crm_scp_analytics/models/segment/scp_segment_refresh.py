import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# Hours after which a segment is looked at anew although nobody was scored.
STALE_HOURS = 20


class ScpSegment(models.Model):
    """Who belongs to a segment now: written set-wise, with who came and who left."""

    _inherit = 'scp.segment'

    # === SCHEDULED JOB ===#

    @api.model
    def _cron_refresh(self):
        """Look at the segments that are older than the scores, or than a day; each one apart."""
        segments = self._get_due_segments()
        cron = self.env['ir.cron']
        time_left = cron._commit_progress(remaining=len(segments))
        for segment in segments:
            if not time_left:
                break
            if segment.try_lock_for_update():
                segment._refresh()
            time_left = cron._commit_progress(1)

    @api.model
    def _trigger_job(self):
        self.env.ref('crm_scp_analytics.ir_cron_scp_segment').sudo()._trigger()  # sudo: any scoring starts the job

    @api.model
    def _get_due_segments(self):
        scored = dict(self.env['scp.customer']._read_group([], ['company_id'], ['scored_at:max']))
        stale = fields.Datetime.now() - timedelta(hours=STALE_HOURS)
        return self.search([('kind', '!=', 'profile')], order='id').filtered(
            lambda one: not one.refreshed_at
            or one.refreshed_at < max(stale, scored.get(one.company_id) or stale),
        )

    # === BUSINESS METHODS ===#

    def _refresh(self):
        """Work out the members of rules and clusters; one that fails says why, and keeps its members."""
        for segment in self:
            error = False
            try:
                with self.env.cr.savepoint():
                    if segment.kind == 'cluster':
                        segment._refresh_cluster()
                    else:
                        segment._refresh_rule()
            except UserError as problem:
                error = str(problem)
            except Exception as problem:
                _logger.exception("Refreshing the segment %s failed", segment.id)
                error = str(problem) or type(problem).__name__
            segment.write({'error': error, 'refreshed_at': fields.Datetime.now()})

    def _refresh_rule(self):
        self.ensure_one()
        domain = self._get_domain() & Domain('company_id', '=', self.company_id.id)
        Customer = self.env['scp.customer'].with_context(allowed_company_ids=self.company_id.ids)
        query = Customer._search(domain, order='id')
        query.order = None
        self._sync_members(query.select(SQL("%s AS id", SQL.identifier(query.table, 'id'))))

    def _sync_members(self, customers: SQL):
        """Make the members those that a statement gives: who left is closed, who came gets a row.

        :param customers: statement of one column `id` of `scp.customer`
        """
        self.ensure_one()
        Member = self.env['scp.segment.member']
        Member.flush_model()
        now = self.env.cr.now()
        self.env.cr.execute(SQL(
            """
              WITH given AS MATERIALIZED (%(customers)s),
                   known AS MATERIALIZED (
                       SELECT customer_id AS id
                         FROM scp_segment_member
                        WHERE segment_id = %(segment)s AND date_end IS NULL
                   ),
                   gone AS (
                       UPDATE scp_segment_member
                          SET date_end = %(now)s
                        WHERE segment_id = %(segment)s
                          AND date_end IS NULL
                          AND customer_id IN (SELECT id FROM known EXCEPT SELECT id FROM given)
                   )
            INSERT INTO scp_segment_member (segment_id, customer_id, company_id, date_start)
                 SELECT %(segment)s, come.id, %(company)s, %(now)s
                   FROM (SELECT id FROM given EXCEPT SELECT id FROM known) come
               ORDER BY come.id
            """,
            customers=customers, segment=self.id, company=self.company_id.id, now=now,
        ))
        Member.invalidate_model()
        self.env['scp.customer'].invalidate_model(['segment_member_ids', 'segment_ids'])

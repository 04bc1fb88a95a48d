from odoo import api, models
from odoo.fields import Domain

BATCH = 50
MAX_NOTICES = 4  # the first, and three reminders


class ScpRecall(models.Model):
    """Notices and reminders, sent by a job."""

    _inherit = 'scp.recall'

    @api.model
    def _cron_notify(self):
        """Notify who has not been, remind who has not answered; in batches, each customer once a round."""
        due = self._get_due_customers()
        for start in range(0, len(due), BATCH):
            due[start:start + BATCH].try_lock_for_update()._send_notice()
            left = self.env['ir.cron']._commit_progress(
                min(BATCH, len(due) - start), remaining=max(len(due) - start - BATCH, 0))
            if not left:
                break

    @api.model
    def _get_due_customers(self):
        customers = self.env['scp.recall.customer'].search(
            Domain('recall_id.state', '=', 'active') & Domain('recall_id.is_drill', '=', False)
            & Domain('answered_at', '=', False) & Domain('partner_id.email', '!=', False)
            & Domain('notice_count', '<', MAX_NOTICES), order='id',
        )
        return customers.filtered(lambda customer: customer._is_due())

from odoo import api, fields, models
from odoo.fields import Domain

#: days from one reminder to the next, and how many there are
REMIND_EVERY = 7
MAX_REMINDERS = 3
BATCH = 100


class ScpSupplierClaim(models.Model):
    """Suppliers who let the day of the answer pass are reminded by mail, where the company wants it; by a job."""

    _inherit = 'scp.supplier.claim'

    reminder_count = fields.Integer(string="Reminders Sent", readonly=True, copy=False, aggregator=None)
    reminded_on = fields.Date(string="Last Reminder", readonly=True, copy=False)

    # _cron_remind(): what waits for an answer
    _remind_idx = models.Index("(answer_by) WHERE state = 'sent'")

    # === BUSINESS === #

    @api.model
    def _cron_remind(self):
        """Remind of what should have been answered by yesterday, every week, three times at most; in batches."""
        today = fields.Date.context_today(self)
        due = self.search(self._get_reminder_domain(today), order='id')
        for start in range(0, len(due), BATCH):
            due[start:start + BATCH].try_lock_for_update()._remind(today)
            if not self.env['ir.cron']._commit_progress(
                min(BATCH, len(due) - start), remaining=max(len(due) - start - BATCH, 0),
            ):
                break

    @api.model
    def _get_reminder_domain(self, today):
        return Domain([
            ('state', '=', 'sent'),
            ('answer_by', '<', today),
            ('company_id.scp_claim_remind', '=', True),
            ('partner_id.email', '!=', False),
            ('reminder_count', '<', MAX_REMINDERS),
        ]) & (
            Domain('reminded_on', '=', False)
            | Domain('reminded_on', '<=', fields.Date.subtract(today, days=REMIND_EVERY))
        )

    def _remind(self, today):
        """Queue one mail each, and note it in the same transaction: nobody is reminded twice."""
        if not self:
            return
        self.env.ref('crm_scp_supply.mail_template_scp_supplier_claim_reminder').send_mail_batch(self.ids)
        for claim in self:
            claim.write({'reminder_count': claim.reminder_count + 1, 'reminded_on': today})

    def _prepare_sent_values(self):
        return super()._prepare_sent_values() | {'reminder_count': 0, 'reminded_on': False}

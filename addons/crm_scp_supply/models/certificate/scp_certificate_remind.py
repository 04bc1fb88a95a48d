from odoo import api, fields, models
from odoo.fields import Domain

#: days before the last one on which people are told
STEPS = (90, 60, 30)
BATCH = 100


class ScpCertificate(models.Model):
    """Certificates that come to their end: announced three times, then expired; by a job."""

    _inherit = 'scp.certificate'

    reminded_days = fields.Integer(
        string="Announced at", readonly=True, copy=False, aggregator=None,
        help="The last of 90, 60 and 30 days before its end at which this was announced.",
    )

    # _cron_remind(): what comes to its end
    _remind_idx = models.Index("(date_to) WHERE state = 'valid'")

    @api.model
    def _cron_remind(self):
        """Announce what ends soon, each step once, and expire what has ended; in batches."""
        today = fields.Date.context_today(self)
        due = self.search(self._get_due_domain(today), order='id')
        for start in range(0, len(due), BATCH):
            batch = due[start:start + BATCH].try_lock_for_update()
            ended = batch.filtered(lambda certificate: certificate.date_to < today)
            ended.state = 'expired'
            (batch - ended)._announce(today)
            ended._tell_responsible(today)
            if not self.env['ir.cron']._commit_progress(
                min(BATCH, len(due) - start), remaining=max(len(due) - start - BATCH, 0),
            ):
                break

    @api.model
    def _get_due_domain(self, today):
        return Domain('state', '=', 'valid') & Domain.OR([
            Domain('date_to', '<', today),
            *(
                Domain('date_to', '<=', fields.Date.add(today, days=step))
                & (Domain('reminded_days', '=', 0) | Domain('reminded_days', '>', step))
                for step in STEPS
            ),
        ])

    def _announce(self, today):
        """Tell responsibles and, where the company wants it, partners; of steps that have passed only the last."""
        template = self.env.ref('crm_scp_supply.mail_template_certificate_expiry')
        self._tell_responsible(today)
        for certificate in self:
            certificate.reminded_days = min(step for step in STEPS if (certificate.date_to - today).days <= step)
            is_asked = certificate.company_id.scp_certificate_mail and not certificate.is_waiver
            if is_asked and certificate.partner_id.email:
                template.send_mail(certificate.id)

    def _tell_responsible(self, today):
        """One activity a certificate: an older one of this kind is replaced."""
        self.activity_unlink(['crm_scp_supply.mail_activity_type_certificate'])
        for certificate in self.filtered('company_id.scp_certificate_remind'):
            if not certificate.user_id:
                continue
            env = certificate.with_context(lang=certificate.user_id.lang).env
            summary = env._("Expired") if certificate.date_to < today else env._(
                "Expires in %(days)s days", days=(certificate.date_to - today).days)
            certificate.activity_schedule(
                'crm_scp_supply.mail_activity_type_certificate', user_id=certificate.user_id.id, summary=summary,
                date_deadline=max(today, min(certificate.date_to, fields.Date.add(today, days=7))))

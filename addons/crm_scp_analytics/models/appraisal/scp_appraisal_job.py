from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain


class ScpAppraisal(models.Model):
    """What happens by itself: appraisals are prepared when a period begins, and frozen when it is over."""

    _inherit = 'scp.appraisal'

    @api.model
    def _cron_run(self):
        """For each template in use: prepare every period begun, freeze what is due, measure the other drafts.

        A template is done once a day, and then behind those that are not: the job can be killed at any time.
        """
        today = fields.Date.context_today(self)
        templates = self.env['scp.appraisal.template'].search([
            ('state', '=', 'active'), '|', ('job_day', '=', False), ('job_day', '<', today)])
        cron = self.env['ir.cron']
        time_left = cron._commit_progress(remaining=len(templates))
        for template in templates:
            if not time_left:
                break
            for date_from, date_to in template._get_periods_until(today):
                template._prepare_appraisals(max(date_from, min(today, date_to)))
            drafts = Domain('template_id', '=', template.id) & Domain('state', '=', 'draft')
            over = Domain('date_to', '<', today - timedelta(days=template.grace_days))
            self.search(drafts & over).try_lock_for_update(allow_referencing=True)._freeze()
            self.search(drafts).try_lock_for_update(allow_referencing=True)._measure()
            template.job_day = today
            time_left = cron._commit_progress(1)

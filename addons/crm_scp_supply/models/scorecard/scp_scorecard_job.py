import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

# Cards per transaction of the job
JOB_BATCH_SIZE = 100


class ScpScorecard(models.Model):
    """What happens by itself: cards are prepared when a period begins, and frozen when it is over."""

    _inherit = 'scp.scorecard'

    @api.model
    def _cron_run(self):
        """Prepare the cards of every period begun, freeze those that are due and measure the other drafts.

        Every step finds what is left to do by itself, so the job can be killed at any time. Drafts somebody is just
        writing are left to the next run.
        """
        today = fields.Date.context_today(self)
        cron = self.env['ir.cron']
        templates = self.env['scp.scorecard.template'].search([('state', '=', 'active')])
        cron._commit_progress(remaining=len(templates))
        for done, template in enumerate(templates, 1):
            for date_from, _date_to in template._get_periods_until(today):
                template._prepare_cards(max(date_from, min(today, _date_to)))
            if not cron._commit_progress(1, remaining=len(templates) - done):
                return
        if self._run_in_batches(self._get_due_domain(today), '_freeze'):
            self._run_in_batches(Domain('state', '=', 'draft') & Domain('write_date', '<', fields.Datetime.subtract(
                self.env.cr.now(), hours=12)), '_measure')

    @api.model
    def _get_due_domain(self, today):
        """Drafts whose period is over, and the days of grace too."""
        templates = self.env['scp.scorecard.template'].search([
            ('state', '=', 'active'), ('company_id.scp_scorecard_freeze', '=', True)])
        return Domain('state', '=', 'draft') & Domain.OR(
            Domain('template_id', 'in', group.ids) & Domain('date_to', '<', today - timedelta(days=grace_days))
            for grace_days, group in templates.grouped('grace_days').items()
        )

    @api.model
    def _run_in_batches(self, domain, method):
        """Apply a method to the cards of a domain, oldest period first, batch by batch.

        :return: False when the time of the job is over
        """
        seen, remaining = set(), self.search_count(domain)
        while cards := self.search(
            domain & Domain('id', 'not in', seen), order='date_to, template_id, id', limit=JOB_BATCH_SIZE,
        ):
            seen.update(cards.ids)
            try:
                with self.env.cr.savepoint():
                    getattr(cards.try_lock_for_update(allow_referencing=True), method)()
            except UserError as error:
                _logger.info("Scorecards left as they are: %s", error)
            remaining = max(remaining - len(cards), 0)
            if not self.env['ir.cron']._commit_progress(len(cards), remaining=remaining):
                return False
        return True

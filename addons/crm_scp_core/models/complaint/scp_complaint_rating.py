import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .scp_complaint_state import REOPENABLE

_logger = logging.getLogger(__name__)

FEEDBACK_BATCH = 20
#: nobody is asked about what is longer ago than this, whenever the job was switched on
FEEDBACK_DAYS = 30
BAD_RATING = 2
SOLVED = [('yes', "Yes"), ('partly', "Partly"), ('no', "No")]


class ScpComplaint(models.Model):
    """What the customer says afterwards: how he was treated, by a rating, and, apart from it,
    whether his problem is solved. A bad answer takes the case up again.
    """

    _inherit = 'scp.complaint'

    feedback_requested_at = fields.Datetime(string="Feedback Requested", readonly=True, copy=False)
    feedback_reminded_at = fields.Datetime(string="Feedback Reminded", readonly=True, copy=False)
    feedback_at = fields.Datetime(string="Feedback", readonly=True, copy=False)
    feedback_solved = fields.Selection(
        selection=SOLVED,
        string="Solved for the Customer",
        readonly=True,
        copy=False,
        help="What the customer says of the outcome; the rating is about the way he was treated.",
    )

    # The job that asks for feedback reads what it has not asked about yet, and whom it may remind.
    _feedback_request_idx = models.Index(
        "(resolved_at) WHERE resolved_at IS NOT NULL AND feedback_requested_at IS NULL",
    )
    # _get_feedback_domains(): whom to remind
    _feedback_reminder_idx = models.Index(
        "(feedback_requested_at) WHERE feedback_requested_at IS NOT NULL "
        "AND feedback_reminded_at IS NULL",
    )

    # === ASKING ===#

    def _on_state_change(self, old_states):
        result = super()._on_state_change(old_states)
        resolved = self.filtered(
            lambda c: c.state in REOPENABLE and old_states[c.id] not in REOPENABLE
        )
        if resolved:
            resolved.write({
                'feedback_requested_at': False, 'feedback_reminded_at': False, 'feedback_at': False,
            })
        return result

    @api.model
    def _cron_feedback(self):
        """Ask for feedback on what was resolved, once more after some days; in batches."""
        cron = self.env['ir.cron']
        cron._commit_progress(remaining=sum(
            self.search_count(domain) for domain in self._get_feedback_domains().values()
        ))
        for stamp, domain in self._get_feedback_domains().items():
            while complaints := self.search(domain, order='id', limit=FEEDBACK_BATCH):
                locked = complaints.try_lock_for_update(allow_referencing=True)
                if not locked:
                    break
                for complaint in locked:
                    complaint._request_feedback(stamp)
                if not cron._commit_progress(len(locked)):
                    return

    @api.model
    def _get_feedback_domains(self):
        """Whom to ask: {field that notes it: domain}."""
        now = fields.Datetime.now()
        # sudo: the job asks for all companies
        companies = self.env['res.company'].sudo().search([('scp_feedback_auto', '=', True)])
        base = Domain([('state', 'in', REOPENABLE), ('email_from', '!=', False), ('feedback_at', '=', False)])
        request = base & Domain([
            ('feedback_requested_at', '=', False), ('company_id', 'in', companies.ids),
            ('resolved_at', '>=', now - timedelta(days=FEEDBACK_DAYS)),
        ])
        reminders = [
            Domain([
                ('company_id', '=', company.id),
                ('feedback_requested_at', '<=', now - timedelta(days=company.scp_feedback_reminder_days)),
                ('feedback_requested_at', '>=', now - timedelta(
                    days=company.scp_feedback_reminder_days + FEEDBACK_DAYS)),
            ])
            for company in companies if company.scp_feedback_reminder_days
        ]
        reminder = base & Domain('feedback_reminded_at', '=', False) & Domain.OR(reminders)
        return {'feedback_requested_at': request, 'feedback_reminded_at': reminder}

    def _request_feedback(self, stamp):
        """Send the question.

        :param str stamp: the field that notes that it was asked, or asked again
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self._post_template(
                    self.env.ref('crm_scp_core.mail_template_scp_complaint_feedback'), 'mail.mt_note',
                )
        except Exception:
            _logger.exception("Feedback on complaint %s could not be asked for", self.number)
        self.write({stamp: fields.Datetime.now()})

    def _get_feedback_url(self):
        """Address of the page where the customer answers, without login."""
        self.ensure_one()
        return f'{self.get_base_url()}/complaints/feedback/{self._rating_get_access_token()}'

    def _get_open_rating(self):
        """The question that waits for an answer; a new one if there is none."""
        self.ensure_one()
        token = self._rating_get_access_token()
        return self.env['rating.rating'].search([('access_token', '=', token)], limit=1)

    def _is_feedback_open(self):
        """Whether the customer may still say how it was."""
        self.ensure_one()
        return self.state in REOPENABLE and not self.feedback_at

    # === ANSWERS ===#

    def rating_apply(
        self, rate, token=None, rating=None, feedback=None, subtype_xmlid=None, notify_delay_send=False,
    ):
        if token and not rating:
            rating = self.env['rating.rating'].search([('access_token', '=', token)], limit=1)
        was_bad = bool(rating) and rating.consumed and rating.rating <= BAD_RATING
        rating = super().rating_apply(
            rate, rating=rating, feedback=feedback, subtype_xmlid=subtype_xmlid,
            notify_delay_send=notify_delay_send,
        )
        # sudo: whoever holds the token of a rating answers for the customer
        complaint = self.sudo()
        complaint.feedback_at = fields.Datetime.now()
        if 0 < rate <= BAD_RATING and not was_bad:
            complaint._reopen(self.env._("the customer rated it %(rate)s of 5", rate=int(rate)))
        return rating

    def _apply_feedback(self, rating, rate, solved, comment):
        """Take the answer of the customer over, once per question.

        :param rating: the open `rating.rating`
        :param int rate: 1 to 5, how satisfied he is with the way he was treated
        :param str solved: key of `SOLVED`, whether his problem is
        :return: whether it was taken; not if this question was answered before
        """
        self.ensure_one()
        rating.lock_for_update()
        rating.invalidate_recordset(['consumed'])
        if rating.consumed:
            return False
        if solved:
            self.feedback_solved = solved
        self.rating_apply(rate, rating=rating, feedback=comment)
        if solved == 'no':
            self._reopen(self.env._("the customer says it is not solved"))
        return True

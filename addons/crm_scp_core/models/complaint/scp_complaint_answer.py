import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

_logger = logging.getLogger(__name__)

ACKNOWLEDGE_BATCH = 20
#: no server answers a mail that carries this (RFC 3834)
AUTO_HEADERS = {'Auto-Submitted': 'auto-replied', 'X-Auto-Response-Suppress': 'All'}


class ScpComplaint(models.Model):
    """What the customer is sent: the acknowledgement, by a job after the complaint was saved, and
    the answer, by a person.
    """

    _inherit = 'scp.complaint'

    acknowledgement_due = fields.Boolean(
        readonly=True,
        copy=False,
        help="The automatic acknowledgement is about to be sent.",
    )

    # The job that acknowledges looks at nothing else.
    _acknowledgement_due_idx = models.Index("(id) WHERE acknowledgement_due IS TRUE")

    # === ACKNOWLEDGEMENT ===#

    def _plan_acknowledgement(self):
        """Have the receipt confirmed to the customer as soon as this transaction is over."""
        complaints = self.filtered(
            # sudo: customers file complaints without access to the settings
            lambda c: c.email_from and not c.acknowledged_at
            and c.company_id.sudo().scp_complaint_auto_acknowledge
        )
        if complaints:
            complaints.sudo().write({'acknowledgement_due': True})
            self._trigger_acknowledgements()

    @api.model
    def _trigger_acknowledgements(self):
        """Run the job that acknowledges as soon as this transaction is over."""
        cron_id = self.env['ir.model.data']._xmlid_to_res_id('crm_scp_core.ir_cron_scp_complaint_acknowledge')
        if cron_id:  # sudo: whoever files a complaint sets the job off
            self.env['ir.cron'].sudo().browse(cron_id)._trigger()

    @api.model
    def _cron_acknowledge(self):
        """Confirm the receipt of complaints, in batches; each once, whatever happens between."""
        cron = self.env['ir.cron']
        domain = Domain('acknowledgement_due', '=', True)
        cron._commit_progress(remaining=self.search_count(domain))
        while complaints := self.search(domain, order='id', limit=ACKNOWLEDGE_BATCH):
            locked = complaints.try_lock_for_update(allow_referencing=True)
            if not locked:
                break
            for complaint in locked:
                complaint._acknowledge_safely()
            if not cron._commit_progress(len(locked)):
                break

    def _acknowledge_safely(self):
        """Acknowledge one complaint; a template that fails does not hold up the others."""
        try:
            with self.env.cr.savepoint():
                self._acknowledge()
        except Exception:
            _logger.exception("Complaint %s could not be acknowledged", self.number)
            self.acknowledgement_due = False
            self._message_log(body=self.env._(
                "Complaint %(number)s: the acknowledgement could not be sent. Check its template and "
                "the email of the customer, and write to him yourself.", number=self.number,
            ))

    def _acknowledge(self):
        """Send the acknowledgement, and note that the customer knows."""
        self.ensure_one()
        if self.acknowledged_at:
            self.acknowledgement_due = False
            return
        self._post_template(self.env.ref('crm_scp_core.mail_template_scp_complaint_acknowledge'))
        values = {'acknowledgement_due': False, 'acknowledged_at': fields.Datetime.now()}
        if self.state == 'new':
            values['state'] = 'acknowledged'
        self.sudo().write(values)  # sudo: time stamps are not written by hand

    def _get_expected_at(self):
        """Until when the customer may expect the result, else our first answer; False if unknown."""
        self.ensure_one()
        # sudo: what we promise is no secret
        clocks = self.sudo().clock_ids.filtered(lambda clock: clock.deadline and not clock.ended_at)
        deadlines = {clock.kind: clock.deadline for clock in clocks.sorted('deadline', reverse=True)}
        for kind in ('resolution', 'decision', 'first_response'):
            if kind in deadlines:
                return deadlines[kind]
        return False

    def _format_expected_at(self):
        """The expected day as the customer reads it, in his zone and language; empty if unknown."""
        moment = self._get_expected_at()
        if not moment:
            return ''
        tz = self.partner_id.tz or self.company_id.partner_id.tz or 'UTC'
        day = fields.Datetime.context_timestamp(self.with_context(tz=tz), moment).date()
        return format_date(self.env, day, lang_code=self._get_customer_lang(), date_format='long')

    def _get_customer_lang(self):
        """The language the customer is answered in."""
        self.ensure_one()
        return self.lang or self.partner_id.lang or self.company_id.partner_id.lang or self.env.lang or 'en_US'

    def _post_template(self, template, subtype='mail.mt_comment'):
        """Post an automatic message of the company to the customer, in his language.

        :param template: `mail.template`
        :param str subtype: xml id; a note does not show in the portal
        """
        self.ensure_one()
        lang = self._get_customer_lang()
        localized = template.with_context(lang=lang)
        rendered = {
            name: localized._render_field(name, self.ids, set_lang=lang)[self.id]
            for name in ('subject', 'body_html')
        }
        partner = self.partner_id if self.partner_id.email else self.partner_id.browse()
        return self.with_context(lang=lang).message_post(
            subject=rendered['subject'],
            body=rendered['body_html'],
            message_type='auto_comment',
            subtype_xmlid=subtype,
            author_id=self.company_id.partner_id.id,
            email_from=self.company_id.email_formatted or self.env.user.email_formatted,
            partner_ids=partner.ids,
            outgoing_email_to=False if partner else self.email_from,
            email_layout_xmlid='mail.mail_notification_light',
            mail_headers=AUTO_HEADERS,
            notify_skip_followers=True,
            force_email_lang=lang,
        )

    # === ANSWER ===#

    def action_acknowledge(self):
        """Send the acknowledgement now, for complaints that came without mail."""
        self.ensure_one()
        if not self.email_from:
            raise UserError(self.env._(
                "Complaint %(number)s: enter the Email of the customer first.", number=self.number,
            ))
        self._acknowledge()

    def action_send_answer(self):
        """Write the decision to the customer, starting from the template."""
        self.ensure_one()
        if not self._get_decision():
            raise UserError(self.env._(
                "Complaint %(number)s is not decided yet: fill in Justified, Decision and Remedy Offered, "
                "or the Rejection Reason.", number=self.number,
            ))
        template = self.env.ref('crm_scp_core.mail_template_scp_complaint_answer')
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Send the Answer"),
            'res_model': 'mail.compose.message',
            'view_mode': 'form',
            'target': 'new',
            'context': {
                'default_model': self._name,
                'default_res_ids': self.ids,
                'default_template_id': template.id,
                'default_composition_mode': 'comment',
                'default_email_layout_xmlid': 'mail.mail_notification_light',
                'force_email': True,
            },
        }

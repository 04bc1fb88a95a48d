from odoo import models
from odoo.fields import Domain
from odoo.tools import email_normalize


class ScpComplaint(models.Model):
    """Who gets what is written on a complaint, and what follows when it does not arrive."""

    _inherit = 'scp.complaint'

    # === RECIPIENTS ===#

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Customers and suppliers who follow do not read each other: what one of them writes goes
        to us and to his own company.
        """
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        message_sudo = message.sudo()  # sudo: customers write without access to messages
        if self._classify_message(message_sudo) != 'customer':
            return recipients
        outside = self.env['res.partner'].sudo().browse([
            recipient['id'] for recipient in recipients if recipient['id'] and recipient['share']
        ])
        company = self._get_sender_company(message_sudo)
        strangers = outside.filtered(lambda partner: partner.commercial_partner_id != company)
        return [recipient for recipient in recipients if recipient['id'] not in strangers.ids]

    def _get_sender_company(self, message):
        """Commercial partner of who wrote a message from outside, empty if unknown."""
        if message.author_id:
            return message.author_id.commercial_partner_id
        customer = self.sudo()  # sudo: as above
        sender = email_normalize(message.email_from or '')
        is_customer = sender and sender == email_normalize(customer.email_from or '')
        return customer.commercial_partner_id if is_customer else customer.commercial_partner_id.browse()

    # === BOUNCES ===#

    def _message_receive_bounce(self, email, partner):
        result = super()._message_receive_bounce(email, partner)
        for complaint in self:
            complaint._message_log(body=self.env._(
                "Complaint %(number)s: a message to %(email)s could not be delivered. Check Email and "
                "reach the customer in another way.",
                number=complaint.number, email=email or partner.email or complaint.email_from,
            ))
        return result

    def _on_bounce(self, message, email):
        """A message did not arrive: if it told the customer the decision, he does not know it.

        Runs as superuser.

        :param message: the `mail.message`
        :param str email: normalized address it did not reach
        """
        self.ensure_one()
        own = {email_normalize(self.email_from or ''), self.partner_id.email_normalized}
        if email not in own or not self.informed_at or self._get_message_date(message) != self.informed_at:
            return
        other = self._find_answers().filtered(lambda answer: answer != message)[:1]
        self.informed_at = other and self._get_message_date(other)
        user = self.user_id or self.team_id.user_id
        if not other and user:
            self.activity_schedule(
                'mail.mail_activity_data_todo',
                user_id=user.id,
                summary=self.with_context(lang=user.lang).env._(
                    "The customer does not know the decision on complaint %(number)s: the answer to "
                    "%(email)s could not be delivered", number=self.number, email=email,
                ),
            )

    def _find_answers(self):
        """Messages that told the customer the decision and did not come back, the oldest first."""
        self.ensure_one()
        messages = self.env['mail.message'].search(Domain([
            ('model', '=', self._name), ('res_id', '=', self.id), ('date', '>=', self.decided_at),
        ]), order='date, id')
        return messages.filtered(
            lambda message: self._classify_message(message) == 'response'
            and not message.mail_activity_type_id
            and 'bounce' not in message.notification_ids.mapped('notification_status')
        )

from markupsafe import Markup

from odoo import models
from odoo.tools import html2plaintext, plaintext2html

COMMAND = '/complaint'


class DiscussChannel(models.Model):
    """Complaints out of a live chat, by a command of the operator. Only Odoo's live chat opens
    channels of that type, with the fields named `livechat_` here: it need not be installed.
    """

    _inherit = 'discuss.channel'

    # === ACTIONS ===#

    def execute_command_complaint(self, **kwargs):
        """File what the visitor complains of: `/complaint The valve leaks`."""
        self.ensure_one()
        subject = html2plaintext(kwargs.get('body') or '').strip().removeprefix(COMMAND).strip()
        self.env.user._bus_send_transient_message(self, self._file_chat_complaint(subject))

    # === BUSINESS METHODS ===#

    def _file_chat_complaint(self, subject):
        """File a complaint.

        :param str subject: in the words of the operator
        :return: what the operator is told
        """
        if self.channel_type != 'livechat' or not self.env['scp.complaint'].has_access('create'):
            return self.env._("Complaints are filed here from live chats, by who may create complaints.")
        messages = self._get_chat_messages()
        said = messages.filtered(self._is_said_by_visitor)
        if not subject or not said:
            return self.env._(
                "Once the visitor has written, file his complaint with %(command)s and what it is about.",
                command=Markup("<b>%s</b>") % COMMAND,
            )
        complaint = self.env['scp.complaint'].create(self._prepare_chat_complaint_values(subject, said))
        # sudo: time stamps follow what happened in the chat
        complaint.sudo().write(self._prepare_chat_stamps(messages, said, told_by_mail=bool(complaint.email_from)))
        complaint._message_log(body=self._get_channel_history())
        complaint.message_subscribe(complaint.partner_id.ids)
        complaint._plan_acknowledgement()
        return self.env._("Complaint filed: %(complaint)s", complaint=complaint._get_html_link())

    def _get_chat_messages(self):
        """What people wrote in the chat, the oldest first."""
        # sudo: whoever is in the channel reads it
        messages = self.message_ids.sudo().filtered(lambda message: message.message_type != 'notification')
        return (messages - messages._filter_empty()).sorted('id')

    def _is_said_by_visitor(self, message):
        channel = self.sudo()  # sudo: as above
        return bool(message.author_guest_id) or message.author_id in channel.livechat_customer_partner_ids

    def _prepare_chat_complaint_values(self, subject, said):
        """Values of the complaint.

        :param said: messages of the visitor, the oldest first
        """
        channel = self.sudo()  # sudo: who the visitor is may be read by who talks to him
        partner = channel.livechat_customer_partner_ids.filtered(lambda partner: not partner.is_public)[:1]
        guest = channel.livechat_customer_guest_ids[:1]
        return {
            'name': subject,
            'description': plaintext2html("\n".join(html2plaintext(message.body) for message in said)),
            'channel': 'livechat',
            'partner_id': partner.id,
            'email_from': partner.email or guest.email,
            'lang': partner.lang or self.env['scp.complaint']._find_language(guest.lang),
            'user_id': self.env.uid,
            'received_at': said[0].date,
        }

    def _prepare_chat_stamps(self, messages, said, *, told_by_mail):
        """What the chat proves: a person answered in it, and who wrote last.

        :param messages: all there are, the oldest first
        :param said: those of the visitor
        :param bool told_by_mail: whether the receipt is acknowledged by mail
        """
        people = self.sudo().livechat_agent_partner_ids  # sudo: as above
        answers = messages.filtered(lambda message: message.id > said[0].id and message.author_id in people)
        stamps = {'last_customer_message_at': said[-1].date}
        if answers:
            stamps |= {
                'first_response_at': answers[0].date, 'last_response_at': answers[-1].date, 'response_count': 1,
                'awaits_response': said[-1].id > answers[-1].id,
            }
            if not told_by_mail:
                stamps['acknowledged_at'] = answers[0].date
        return stamps

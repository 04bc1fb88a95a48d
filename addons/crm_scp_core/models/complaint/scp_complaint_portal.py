from odoo import api, models
from odoo.fields import Domain
from odoo.tools import email_normalize, html2plaintext, is_html_empty

from .scp_complaint_state import REOPENABLE

IMAGES = ('image/png', 'image/jpeg', 'image/gif', 'image/webp')
#: states in which the customer waits for nothing
ANSWERED = ('waiting_customer', 'proposed', 'rejected', 'duplicate', *REOPENABLE)
#: look of a status in the portal
TONES = {
    'waiting_customer': 'warning', 'proposed': 'warning', 'resolved': 'success', 'closed': 'secondary',
    'rejected': 'secondary', 'duplicate': 'secondary',
}


class ScpComplaint(models.Model):
    """What a customer sees of his complaint: values that are named here and nothing else. The
    portal never renders the record itself.
    """

    _inherit = 'scp.complaint'

    # === ACCESS ===#

    @api.model
    def _get_thread_with_access(self, thread_id, *, hash=None, pid=None, token=None, **kwargs):
        # The link in a mail opens the page to be read. Whoever writes has to log in, and the
        # conversation comes from `_prepare_portal_timeline`, not from the portal's chatter.
        return super()._get_thread_with_access(thread_id, **kwargs)

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        if message_operation == 'read' and not self.env.user._is_internal():
            # outside, a message is for who wrote or received it: suppliers may take part as well
            return dict.fromkeys(self, 'write')
        return super()._mail_get_operation_for_mail_message_operation(message_operation)

    # === VALUES ===#

    @api.model
    def _get_portal_status(self, state):
        """A status in the words of the customer, and its look."""
        labels = {
            'new': self.env._("Registered"),
            'acknowledged': self.env._("Registered"),
            'assessed': self.env._("In work"),
            'investigating': self.env._("In work"),
            'waiting_customer': self.env._("We need your answer"),
            'waiting_third': self.env._("In work"),
            'proposed': self.env._("Your decision"),
            'escalated_external': self.env._("With an external body"),
            'resolved': self.env._("Resolved"),
            'closed': self.env._("Closed"),
            'rejected': self.env._("Not accepted"),
            'duplicate': self.env._("Handled with another"),
        }
        return {'label': labels[state], 'tone': TONES.get(state, 'info')}

    def _prepare_portal_summary(self):
        """What a list and a program see of a complaint."""
        self.ensure_one()
        return {
            'id': self.id,
            'number': self.number,
            'name': self.name,
            'state': self.state,
            'status': self._get_portal_status(self.state),
            'received_at': self.received_at,
            'expected_at': False if self.state in ANSWERED else self._get_expected_at(),
            'resolved_at': self.resolved_at,
            'remedy_offered': self.public_remedy,
            'url': self.access_url,
        }

    def _prepare_portal_values(self, viewer):
        """What the page of a complaint shows. Runs as superuser.

        :param viewer: `res.partner` who looks on, empty for who only has the link
        """
        self.ensure_one()
        selection = dict(self._fields['remedy_sought']._description_selection(self.env))
        opening, timeline = self._prepare_portal_timeline(viewer)
        original = self.duplicate_of_id
        return {
            **self._prepare_portal_summary(),
            'description': self.description,
            'files': opening,
            'remedy_sought': selection.get(self.remedy_sought),
            'order': self.sale_order_id.name,
            'product': self.product_id.display_name,
            'reference': self.identifier,
            'company': self.company_id.name,
            'rights': self.company_id._get_scp_complaint_rights(),
            'decision': self.public_decision,
            'is_proposal_open': self._is_proposal_open(),
            'proposal_answer': self.proposal_answer,
            'handled_with': original.number
            if original.commercial_partner_id == self.commercial_partner_id else False,
            'can_rate': self._is_feedback_open(),
            'is_followed': bool(viewer) and viewer in self.message_partner_ids,
            'timeline': timeline,
        }

    def _prepare_portal_timeline(self, viewer):
        """What happened, the oldest first.

        :return: files that came with the complaint, and entries of date, kind, title, who, body, files
        """
        opening, entries = [], []
        description = html2plaintext(self.description or '').strip()
        for message in self._get_portal_messages():
            files = [self._prepare_portal_file(attachment) for attachment in message.attachment_ids]
            by_customer = self._is_from_customer(message)
            if by_customer and html2plaintext(message.body or '').strip() == description:
                opening += files
                continue
            if by_customer:
                who = self.env._("You") if viewer and message.author_id == viewer else self.env._("Your company")
            else:
                who = self.company_id.name
            entries.append({
                'date': message.date, 'kind': 'customer' if by_customer else 'company', 'title': False,
                'who': who, 'body': False if is_html_empty(message.body) else message.body, 'files': files,
            })
        entries += [
            {'date': date, 'kind': 'event', 'title': title, 'who': False, 'body': False, 'files': []}
            for date, title in self._get_portal_events() if date
        ]
        return opening, sorted(
            entries, key=lambda entry: (entry['date'].replace(microsecond=0), entry['kind'] != 'event'),
        )

    def _get_portal_events(self):
        """Steps the customer may know of: [(date or False, title)]."""
        return [
            (self.received_at, self.env._("Complaint received")),
            (self.acknowledged_at, self.env._("Receipt confirmed")),
            (self.public_decision and self.decided_at, self.env._("Decision taken")),
            (self.reopened_at, self.env._("Taken up again")),
            (self.resolved_at, self.env._("Resolved")),
            (self.closed_at, self.env._("Closed")),
        ]

    def _get_portal_messages(self):
        """Messages between the customer and us: no notes, and nothing of third parties."""
        messages = self.env['mail.message'].search(Domain([
            ('model', '=', self._name), ('res_id', '=', self.id),
            ('message_type', 'in', ('comment', 'email', 'email_outgoing')),
            ('subtype_id', '=', self.env.ref('mail.mt_comment').id),
            ('is_internal', '=', False),
        ]), order='id')
        return messages.filtered(
            lambda message: self._is_from_customer(message)
            or (message.author_id and not message.author_id.partner_share)
        )

    def _is_from_customer(self, message):
        author = message.author_id
        if author:
            return bool(self.commercial_partner_id) and author.partner_share and (
                author.commercial_partner_id == self.commercial_partner_id
            )
        sender = email_normalize(message.email_from or '')
        return bool(sender) and sender == email_normalize(self.email_from or '')

    def _get_portal_files(self):
        """Attachments the customer may open."""
        return self._get_portal_messages().attachment_ids

    def _prepare_portal_file(self, attachment):
        return {
            'id': attachment.id,
            'name': attachment.name,
            'is_image': attachment.mimetype in IMAGES,
            'url': f'{self.access_url}/file/{attachment.id}',
        }

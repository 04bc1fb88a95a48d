from odoo import api, fields, models


class ScpComplaint(models.Model):
    """What the conversation proves: who wrote last, when a person answered first, and whether the
    customer was told the decision. Only what happened counts, not what somebody ticks.
    """

    _inherit = 'scp.complaint'

    first_response_at = fields.Datetime(
        string="First Response",
        readonly=True,
        copy=False,
        help="When a person answered the customer first, by a message he can see or by phone. "
             "Notes and automatic messages do not count.",
    )
    last_response_at = fields.Datetime(string="Last Response", readonly=True, copy=False)
    last_customer_message_at = fields.Datetime(
        string="Last Message of the Customer", readonly=True, copy=False,
    )
    informed_at = fields.Datetime(
        string="Customer Informed",
        readonly=True,
        copy=False,
        help="When the customer was first written to after the decision.",
    )
    awaits_response = fields.Boolean(
        string="Awaits Our Answer",
        default=True,
        readonly=True,
        copy=False,
        help="The customer wrote last.",
    )
    response_count = fields.Integer(
        string="Responses", readonly=True, copy=False,
        help="Messages of people to the customer, calls included.",
    )
    first_response_hours = fields.Float(
        string="Working Hours to First Response",
        compute='_compute_first_response_hours',
        store=True,
        aggregator='avg',
        help="Working hours of the company from the receipt to the first response.",
    )

    # === COMPUTE METHODS ===#

    @api.depends('received_at', 'first_response_at', 'company_id')
    def _compute_first_response_hours(self):
        for complaint in self:
            complaint.first_response_hours = complaint._get_working_hours(
                complaint.first_response_at
            )

    # === MAIL HOOKS ===#

    def _message_post_after_hook(self, message, msg_values):
        result = super()._message_post_after_hook(message, msg_values)
        self._register_messages(message)
        return result

    def _message_mail_after_hook(self, mails):
        result = super()._message_mail_after_hook(mails)
        self._register_messages(mails.mail_message_id)
        return result

    # === BUSINESS METHODS ===#

    @api.model
    def _classify_message(self, message) -> str:
        """Tell messages apart.

        :param message: a `mail.message`, read as superuser
        :return: `customer` (from outside, note or not), `response` (a person's, that the customer
            can see, or a call), `note` (internal), or `automatic`
        """
        author = message.author_id
        by_person = message.message_type in ('comment', 'email', 'email_outgoing')
        if author.partner_share or not author:
            return 'customer' if by_person else 'automatic'
        if author.id == self.env['ir.model.data']._xmlid_to_res_id('base.partner_root'):
            return 'automatic'
        if message.mail_activity_type_id.category == 'phonecall':
            return 'response'
        if not by_person:
            return 'automatic'
        if message.message_type == 'email_outgoing':  # to customers of several cases at once
            return 'response'
        if message.is_internal or message.subtype_id.internal or not message.subtype_id:
            return 'note'
        return 'response'

    def _register_messages(self, messages):
        """Stamp the complaints that messages were posted on, and call the hooks.

        :param messages: `mail.message` records on complaints
        """
        # sudo: what happened is a fact, whoever wrote: customers write without access to stamps
        for message in messages.sudo():
            complaint = self.browse(message.res_id).sudo()
            kind = self._classify_message(message)
            if kind == 'customer':
                complaint.write(complaint._prepare_customer_message_values(message))
                complaint._on_customer_message(message)
            elif kind == 'response':
                complaint.write(complaint._prepare_response_values(message))
                complaint._on_response(message)

    def _prepare_customer_message_values(self, message):
        return {
            'last_customer_message_at': self._get_message_date(message),
            'awaits_response': True,
        }

    def _prepare_response_values(self, message):
        self.ensure_one()
        moment = self._get_message_date(message)
        values = {
            'last_response_at': moment,
            'awaits_response': False,
            'response_count': self.response_count + 1,
        }
        if not self.first_response_at:
            values['first_response_at'] = moment
        if not self.acknowledged_at:
            values['acknowledged_at'] = moment
        is_call = bool(message.mail_activity_type_id)
        if self.decided_at and not self.informed_at and moment >= self.decided_at and not is_call:
            values['informed_at'] = moment
        return values

    @api.model
    def _get_message_date(self, message):
        """When a message was written: clocks of senders that run ahead do not count."""
        return min(message.date, fields.Datetime.now())

    def _on_customer_message(self, message):
        """The customer wrote. To be extended; runs as superuser.

        :param message: the `mail.message`
        """

    def _on_response(self, message):
        """A person answered the customer. To be extended; runs as superuser.

        :param message: the `mail.message`
        """

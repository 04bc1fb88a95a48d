import logging
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize, is_html_empty, plaintext2html

from .mail_rules import IncomingMail, find_numbers

_logger = logging.getLogger(__name__)

#: a mail that was on its way for longer counts from its arrival: its date may be wrong
MAIL_DATE_DAYS = 7


class ScpComplaint(models.Model):
    """Complaints by mail: which case a mail belongs to, what of it is taken over, and that
    nothing of it is lost. Loops by number of mails and bounces are detected by `mail.thread`.
    """

    _inherit = 'scp.complaint'

    duplicate_ids = fields.Many2many(
        comodel_name='scp.complaint',
        string="May Be the Same",
        compute='_compute_duplicate_ids',
        help="Other complaints of this customer within 30 days about the same order or product, or "
             "about none as long as this one names none.",
    )

    # === ROUTING ===#

    @api.model
    def _refine_routes(self, mail: IncomingMail, message_dict, routes):
        """Lead a mail to one complaint at most: to the one it names, else to a new one.

        :param routes: [(model, thread id, values, user id, alias)] found by the gateway
        """
        own = [route for route in routes or () if route[0] == self._name]
        if not own:
            return routes
        others = [route for route in routes if route[0] != self._name]
        sender = email_normalize(message_dict.get('email_from') or '')
        if sender and self._is_own_address(sender):
            self._log_ignored(message_dict, "an address of our own wrote it")
            return others
        model, thread_id, values, user_id, alias = min(own, key=self._get_route_order)
        if not thread_id:
            thread_id = self._find_by_subject(message_dict.get('subject'), sender).id
        if not thread_id and mail.is_auto_reply():
            self._log_ignored(message_dict, "an automatic reply to none of the complaints")
            return others
        return [(model, thread_id or 0, values, user_id, alias), *others]

    @api.model
    def _is_own_address(self, sender):
        # sudo: the gateway knows the domains of all companies
        # pylint: disable-next=no-search-all # one or two for each company
        domains = self.env['mail.alias.domain'].sudo().search([])
        return sender.partition('@')[2] in domains.mapped('name') and bool(domains._find_aliases([sender]))

    @api.model
    def _get_route_order(self, route):
        """Answers to a case come first, then the teams in their order."""
        _model, thread_id, values, _user_id, _alias = route
        # sudo: the gateway serves teams of all companies
        team = self.env['scp.complaint.team'].sudo().browse((values or {}).get('team_id', ()))
        return not thread_id, team.sequence, team.id or 0

    @api.model
    def _log_ignored(self, message_dict, reason):
        _logger.info(
            "Mail from %s with Message-Id %s opens no complaint: %s",
            message_dict.get('email_from'), message_dict.get('message_id'), reason,
        )

    @api.model
    def _find_by_subject(self, subject, sender):
        """Complaint whose number the subject names, if the sender has to do with it.

        :param str sender: normalized email address
        """
        numbers = find_numbers(subject)
        if not numbers or not sender:
            return self.browse()
        # sudo: the gateway reads the cases of all companies
        complaints = self.sudo().search([('number', 'in', numbers)], order='id desc', limit=5)
        return complaints.filtered(lambda complaint: complaint._knows_sender(sender))[:1]

    def _knows_sender(self, sender):
        """Whether an address is of the customer, of his company or of somebody who follows."""
        self.ensure_one()
        known = {
            email_normalize(self.email_from or ''), self.partner_id.email_normalized,
            *self._mail_cc_sanitized_raw_dict(self.email_cc),
            *self.message_partner_ids.mapped('email_normalized'),
        }
        return sender in known or bool(self.commercial_partner_id and self.env['res.partner'].search([
            ('id', 'child_of', self.commercial_partner_id.id), ('email_normalized', '=', sender),
        ], limit=1))

    # === GATEWAY ===#

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        mail = self._get_incoming_mail()
        notes = []
        team = self.env['scp.complaint.team'].browse((custom_values or {}).get('team_id'))
        company = team.company_id or self.env.company
        refused = self._refuse_files(msg_dict, company)
        values = self._prepare_mail_values(mail, msg_dict, company, notes)
        complaint = super(
            ScpComplaint, self.with_context(default_user_id=False),
        ).message_new(
            {**msg_dict, 'email_from': values['email_from']}, {**(custom_values or {}), **values},
        )
        complaint._note_incoming(mail, notes, refused)
        if mail and not mail.wants_no_answer():
            complaint._plan_acknowledgement()
        return complaint

    def message_update(self, msg_dict, update_vals=None):
        self.ensure_one()
        mail = self._get_incoming_mail()
        if mail and mail.is_automatic():
            # kept, but nobody wrote: no answer is due, nothing is reopened
            msg_dict.update(message_type='out_of_office', is_internal=True)
        self._note_incoming(mail, [], self._refuse_files(msg_dict, self.company_id))
        return super().message_update(msg_dict, update_vals)

    def _notify_get_reply_to(self, default=None, author_id=False):
        # answers come back to the address the customer wrote to
        teams = self.team_id.sudo()  # sudo: a customer who writes does not read teams
        aliases = teams._notify_get_reply_to(default=default, author_id=author_id)
        reply_to = {complaint.id: aliases.get(complaint.team_id.id) for complaint in self}
        teamless = self.filtered(lambda complaint: not complaint.team_id)
        if teamless:
            reply_to.update(super(ScpComplaint, teamless)._notify_get_reply_to(
                default=default, author_id=author_id,
            ))
        return reply_to

    @api.model
    def _get_incoming_mail(self) -> IncomingMail | None:
        mail = self.env.context.get('scp_mail')
        return mail if isinstance(mail, IncomingMail) else None

    # === VALUES ===#

    @api.model
    def _prepare_mail_values(self, mail, msg_dict, company, notes):
        """Values of a complaint that opens with a mail.

        :param list notes: what colleagues have to know is added here
        """
        author = self.env['res.partner'].browse(msg_dict.get('author_id'))
        sender, body, name = msg_dict.get('email_from'), msg_dict.get('body'), ''
        partner = author or self._find_partner(sender)
        if partner and not partner.partner_share:
            # a colleague hands on what a customer wrote: his own words stay with us
            msg_dict['is_internal'] = True
            forwarded = mail and mail.get_forwarded(body)
            sender, name = (forwarded.email, forwarded.name) if forwarded else (False, '')
            body = plaintext2html(forwarded.text) if forwarded else False
            notes.append(self._get_forward_note(author or partner, forwarded))
            partner = self._find_partner(sender)
        elif not sender:
            notes.append(self.env._("The mail has no sender: enter Customer and Email before answering."))
        if partner.company_id and partner.company_id != company:
            notes.append(self.env._(
                "The customer %(customer)s belongs to another company: enter Customer by hand.",
                customer=partner.display_name,
            ))
            partner = partner.browse()
        subject = (msg_dict.get('subject') or '').strip()
        return {
            'number': '/',  # message_new would put the subject there
            'name': subject or self.env._("Complaint by mail"),
            'channel': 'email',
            'partner_id': partner.id,
            'email_from': sender and (f'"{name}" <{sender}>' if name else sender),
            'lang': partner.lang or self._find_language(mail.get_language() if mail else ''),
            'received_at': self._get_mail_date(msg_dict),
            'last_customer_message_at': self._get_mail_date(msg_dict),
            'description': False if is_html_empty(body) else body,
            **self._prepare_named_document(subject, partner, company, notes),
        }

    @api.model
    def _get_forward_note(self, colleague, forwarded):
        if forwarded:
            return self.env._(
                "Forwarded by %(colleague)s; written by %(sender)s.",
                colleague=colleague.name, sender=forwarded.email,
            )
        return self.env._(
            "Sent by %(colleague)s, and who complains cannot be told from it: enter Customer and Email.",
            colleague=colleague.name,
        )

    @api.model
    def _prepare_named_document(self, subject, partner, company, notes):
        """The sales order that the subject names, if it is the customer's."""
        numbers = find_numbers(subject)
        if not numbers or not partner:
            return {}
        # sudo: the gateway reads the orders of all customers
        orders = self.env['sale.order'].sudo().search([
            ('name', 'in', numbers), ('company_id', '=', company.id),
        ], limit=5)
        customer = partner.commercial_partner_id
        own = orders.filtered(lambda order: order.partner_id.commercial_partner_id == customer)[:1]
        if own:
            return {'sale_order_id': own.id}
        notes += [
            self.env._(
                "Sales Order %(order)s, which the subject names, belongs to another customer than "
                "%(customer)s and was not taken over.",
                order=order.name, customer=customer.display_name,
            )
            for order in orders[:1]
        ]
        return {}

    @api.model
    def _get_mail_date(self, msg_dict):
        """When the customer wrote, unless the date of the mail cannot be true."""
        now = fields.Datetime.now()
        date = fields.Datetime.to_datetime(msg_dict.get('date')) or now
        return date if now - timedelta(days=MAIL_DATE_DAYS) <= date <= now else now

    @api.model
    def _find_language(self, code):
        """Installed language for a declared one: `de` and `de_CH` may both lead to `de_DE`."""
        if not code:
            return False
        installed = [lang for lang, _name in self.env['res.lang'].get_installed()]
        near = [lang for lang in installed if lang.split('_')[0] == code.split('_')[0]]
        return code if code in installed else next(iter(near), False)

    # === FILES ===#

    @api.model
    def _refuse_files(self, msg_dict, company):
        """Take the files that may not be accepted out of a mail.

        :return: [sentence that names the file and says why]
        """
        policy = company._get_scp_file_policy()
        accepted, refused = [], []
        for attachment in msg_dict.get('attachments') or ():
            name, content, *info = attachment
            if hasattr(content, 'as_bytes'):
                name = name if '.' in name else f'{name}.eml'
                data = content.as_bytes()
            else:
                data = content.encode() if isinstance(content, str) else content or b''
            if reason := policy.refuse(name, data):
                refused.append(self._get_refusal(reason, name, len(data), policy))
            else:
                accepted.append((name, content, *info))
        msg_dict['attachments'] = accepted
        return refused

    @api.model
    def _get_refusal(self, reason, name, size, policy):
        """Why a file was not taken, in a sentence that names it."""
        if reason == 'size':
            return self.env._(
                "File %(name)s is too large: %(size).1f MB, at most %(limit)s MB are accepted.",
                name=name, size=size / 1024 / 1024, limit=policy.max_mb,
            )
        if reason == 'type':
            return self.env._("File %(name)s: this kind of file is not accepted.", name=name)
        return self.env._("File %(name)s is not what its name says and was not accepted.", name=name)

    def _note_incoming(self, mail, notes, refused):
        """Tell colleagues what was done to a mail, and keep the original where something was."""
        self.ensure_one()
        lines = [*notes, *refused]
        if not lines:
            return
        attachment = self.env['ir.attachment']
        if mail:
            attachment = attachment.sudo().create({  # sudo: whoever fetches mail may keep it
                'name': self.env._("Original mail of %(number)s.eml", number=self.number),
                'raw': mail.message.as_bytes(),
                'mimetype': 'message/rfc822',
                'res_model': self._name,
                'res_id': self.id,
            })
        self._message_log(
            body=Markup("<p>%s</p><ul>%s</ul>") % (
                self.env._("About the mail to complaint %(number)s:", number=self.number),
                Markup().join(Markup("<li>%s</li>") % line for line in lines),
            ),
            attachment_ids=attachment.ids,
        )

    # === WHAT A CUSTOMER WRITES ===#

    def _prepare_customer_message_values(self, message):
        # the mail that opens a complaint changes nothing that its creation did not say already
        values = super()._prepare_customer_message_values(message)
        return {name: value for name, value in values.items() if self[name] != value}

    def _on_customer_message(self, message):
        result = super()._on_customer_message(message)
        if self.state in ('resolved', 'closed'):
            complaint = self._reopen(self.env._("the customer wrote again"))
            if complaint != self:
                complaint.description = message.body
                complaint._plan_acknowledgement()
        elif self.state == 'waiting_customer':
            if not self._try_state('investigating'):
                self.write({'state': 'acknowledged'})
        return result

    def _try_state(self, state):
        """Move on if the guards let it; say whether they did."""
        try:
            with self.env.cr.savepoint():
                self.write({'state': state})
        except UserError:
            return False
        return True

    # === DUPLICATES ===#

    @api.depends('commercial_partner_id', 'received_at', 'sale_order_id', 'product_id', 'state')
    def _compute_duplicate_ids(self):
        for complaint in self:
            domain = complaint._get_duplicate_domain()
            complaint.duplicate_ids = self.search(domain, limit=5) if domain else False

    def _get_duplicate_domain(self):
        """Domain of complaints that may be about the same matter, None where none can be."""
        self.ensure_one()
        if not self.commercial_partner_id or self.state == 'duplicate' or not self.received_at:
            return None
        about = Domain.OR([
            Domain(name, '=', self[name].id)
            for name in ('sale_order_id', 'product_id') if self[name]
        ] or [Domain('sale_order_id', '=', False) & Domain('product_id', '=', False)])
        return about & Domain([
            ('id', '!=', self._origin.id),
            ('company_id', '=', self.company_id.id),
            ('commercial_partner_id', '=', self.commercial_partner_id.id),
            ('received_at', '>=', self.received_at - timedelta(days=30)),
            ('received_at', '<=', self.received_at + timedelta(days=30)),
            ('state', '!=', 'duplicate'),
        ])

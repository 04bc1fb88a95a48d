from psycopg2 import IntegrityError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

MAX_FILES = 10
MAX_SUBJECT = 200
MAX_TEXT = 20000


class IntakeError(UserError):
    """What is wrong with a complaint that a customer or a program files.

    :ivar errors: {name of the field: sentence}
    """

    def __init__(self, errors: dict[str, str]):
        super().__init__("\n".join(errors.values()))
        self.errors = errors


class ScpComplaint(models.Model):
    """Complaints that customers and programs file: checked field by field, filed once."""

    _inherit = 'scp.complaint'

    submission_key = fields.Char(
        readonly=True,
        copy=False,
        help="Chosen by the form or the program that filed the complaint: the same key files once.",
    )

    _submission_key_uniq = models.UniqueIndex(
        "(company_id, submission_key) WHERE submission_key IS NOT NULL",
        "This complaint was filed before.",
    )

    @api.model
    def _file_complaint(self, partner, data, files=(), *, company, channel, **values):
        """File the complaint of a customer, once per submission key.

        Runs as superuser: the caller vouches for the partner.

        :param partner: `res.partner` who complains
        :param dict data: strings by name: subject, description, order (number), product (internal
            reference or barcode), remedy (key), reference (of the customer), key (of the submission)
        :param files: [(name, bytes)]
        :return: (complaint, whether it is new)
        :raise IntakeError: with a sentence for every field that is wrong
        """
        key = data.get('key') and f"{partner.commercial_partner_id.id}:{data['key']}"
        filed = self.search([
            ('company_id', '=', company.id), ('submission_key', '=', key),
        ], limit=1) if key else self.browse()
        if filed:
            return filed, False
        errors = {}
        values = {
            **self._prepare_filed_values(partner, data, company, errors),
            'partner_id': partner.id, 'company_id': company.id, 'channel': channel,
            'submission_key': key, 'user_id': False, **values,
        }
        self._check_filed_files(files, company, errors)
        if errors:
            raise IntakeError(errors)
        try:
            with self.env.cr.savepoint():
                complaint = self.with_company(company).create(values)
        except IntegrityError as error:
            raise IntakeError({'key': self.env._(
                "This complaint has just been filed: look for it among the complaints.",
            )}) from error
        complaint.message_subscribe(partner.ids)
        complaint._post_as_customer(partner, data['description'], files)
        complaint._plan_acknowledgement()
        return complaint, True

    @api.model
    def _prepare_filed_values(self, partner, data, company, errors):
        """Values of a filed complaint.

        :param dict errors: a sentence for every wrong field is added here
        """
        subject = (data.get('subject') or '').strip()
        text = (data.get('description') or '').strip()
        if not subject or len(subject) > MAX_SUBJECT:
            errors['subject'] = self.env._(
                "Subject: say in a few words what is wrong, in at most %(limit)s characters.",
                limit=MAX_SUBJECT,
            )
        if not text or len(text) > MAX_TEXT:
            errors['description'] = self.env._(
                "Description: tell what happened, in at most %(limit)s characters.", limit=MAX_TEXT,
            )
        remedy = data.get('remedy') or False
        if remedy and remedy not in self._fields['remedy_sought'].get_values(self.env):
            errors['remedy'] = self.env._("Remedy: %(value)s is not one of the choices.", value=remedy)
        return {
            'name': subject,
            'description': plaintext2html(text),
            'remedy_sought': remedy,
            'identifier': (data.get('reference') or '').strip()[:MAX_SUBJECT] or False,
            'sale_order_id': self._find_filed_order(partner, data.get('order'), company, errors).id,
            'product_id': self._find_filed_product(data.get('product'), company, errors).id,
        }

    @api.model
    def _get_filed_order_domain(self, partner, company):
        """Orders that a customer may complain of."""
        return [
            ('partner_id', 'child_of', partner.commercial_partner_id.id),
            ('company_id', '=', company.id),
            ('state', '=', 'sale'),
        ]

    @api.model
    def _find_filed_order(self, partner, name, company, errors):
        order = self.env['sale.order']
        if not name:
            return order
        order = order.search([
            *self._get_filed_order_domain(partner, company), ('name', '=', name),
        ], limit=1)
        if not order:
            # whether it is another's or nobody's is not for the customer to know
            errors['order'] = self.env._("Order: %(name)s is not an order of yours.", name=name)
        return order

    @api.model
    def _find_filed_product(self, code, company, errors):
        product = self.env['product.product']
        if not code:
            return product
        product = product.search([
            '|', ('default_code', '=', code), ('barcode', '=', code),
            ('company_id', 'in', [False, company.id]),
        ], limit=1)
        if not product:
            errors['product'] = self.env._("Product: no product has the code %(code)s.", code=code)
        return product

    @api.model
    def _check_filed_files(self, files, company, errors):
        """Add a sentence for files that are not accepted; they are all or none filed."""
        policy = company._get_scp_file_policy()
        lines = [
            self._get_refusal(reason, name, len(content), policy)
            for name, content in files if (reason := policy.refuse(name, content))
        ]
        if len(files) > MAX_FILES:
            lines.append(self.env._("Files: at most %(limit)s at once.", limit=MAX_FILES))
        if lines:
            errors['files'] = " ".join(lines)

    def _post_as_customer(self, partner, text, files=(), key=None):
        """Post what a customer wrote, once per key.

        :param partner: `res.partner` who wrote
        :param str text: plain text
        :param files: [(name, bytes)], checked
        :param str key: the same key posts once
        :return: the message, empty if the key was used before
        """
        self.ensure_one()
        message_id = key and f'<scp-complaint-{self.id}-{partner.id}-{key}@portal>'
        Message = self.env['mail.message']
        if message_id and Message.search([('message_id', '=', message_id)], limit=1):
            return Message
        return self.with_context(mail_post_autofollow_author_skip=True).message_post(
            author_id=partner.id,
            email_from=partner.email_formatted or self.email_from,
            body=plaintext2html(text),
            attachments=list(files),
            message_type='comment',
            subtype_xmlid='mail.mt_comment',
            **({'message_id': message_id} if message_id else {}),
        )

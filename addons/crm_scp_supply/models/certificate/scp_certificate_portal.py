from base64 import b64encode
from datetime import date

from odoo import api, fields, models
from odoo.fields import Domain

from ..portal.portal_rules import AnswerError
from .scp_certificate_proof import Asked

TONES = {
    'draft': 'info', 'valid': 'success', 'expired': 'danger', 'suspended': 'warning', 'withdrawn': 'secondary',
}
#: a certificate that ends within so many days is to be renewed
SOON = 90
MAX_TEXT = 120
FORM = ('standard_id', 'number', 'issuer', 'date_from', 'date_to')


class ScpCertificate(models.Model):
    """What a supplier sees of his certificates, and what he sends: values that are named here and nothing else."""

    _inherit = 'scp.certificate'

    # === VALUES === #

    @api.model
    def _scp_get_portal_domain(self, partner, companies):
        """The certificates of a partner that we keep; what we let him off is ours."""
        return (
            Domain('partner_id', '=', partner.id) & Domain('company_id', 'in', companies.ids)
            & Domain('is_waiver', '=', False)
        )

    def _scp_prepare_partner_values(self):
        """What the page of a supplier shows. Runs as superuser.

        :rtype: list[dict]
        """
        today = fields.Date.context_today(self)
        labels = dict(self._fields['state']._description_selection(self.env))
        return [{
            'id': certificate.id,
            'standard': certificate.standard_id.display_name,
            'title': certificate.standard_id.name,
            'number': certificate.number,
            'issuer': certificate.issuer,
            'date_from': certificate.date_from,
            'date_to': certificate.date_to,
            'days_left': certificate.days_left,
            'is_soon': certificate.state == 'valid' and bool(certificate.date_to)
            and (certificate.date_to - today).days <= SOON,
            'scope': ", ".join([
                *certificate.categ_ids.mapped('name'), *certificate.product_ids.mapped('display_name'),
                *certificate.site_ids.mapped('name'),
            ]),
            'file': certificate.document_name if certificate.document else False,
            'company': certificate.company_id.name,
            'status': {'label': labels[certificate.state], 'tone': TONES[certificate.state]},
        } for certificate in self]

    @api.model
    def _scp_prepare_wanted(self, partner, company):
        """What a supplier has to prove for the products he is known to deliver, and does not at present.

        :return: standard and products, by standard
        :rtype: list[dict]
        """
        offers = self.env['product.supplierinfo'].search(
            Domain('partner_id', 'child_of', partner.id) & Domain('company_id', 'in', (company.id, False)))
        of_all_variants = offers.filtered(lambda offer: not offer.product_id)
        products = offers.product_id | of_all_variants.product_tmpl_id.product_variant_ids
        requirements = self.env['scp.certificate.requirement'].search([
            ('company_id', '=', company.id), ('partner_id', '=', False)])
        if not products or not requirements:
            return []
        today = fields.Date.context_today(self)
        missing = {}
        for proof in self.env['scp.certificate.proof']._get_proofs(
            requirements, [Asked(product.id, product.id, None, partner.id, today) for product in products], company,
        ):
            if proof.tier == 1 and not proof.certificate_id:
                standard = requirements.browse(proof.requirement_id).standard_id
                missing[standard] = missing.get(standard, products.browse()) | products.browse(proof.product_id)
        return [{
            'id': standard.id,
            'standard': standard.display_name,
            'title': standard.name,
            'products': found.mapped('display_name'),
        } for standard, found in missing.items()]

    # === WRITING === #

    @api.model
    def _scp_upload(self, partner, company, data, files):
        """Take a certificate from its holder; it counts once a person has confirmed it. Runs as superuser.

        Sent twice it is kept once.

        :param dict data: strings as the page sent them, of :data:`FORM`
        :param list files: [(name, bytes)]
        :raise AnswerError: what is wrong, by field, as the partner reads it; then nothing is kept
        """
        data = {name: (data.get(name) or '').strip() for name in FORM}
        errors = {}
        # pylint: disable-next=no-search-all # the list he has chosen from
        standard = self.env['scp.standard'].search([]).filtered(lambda found: str(found.id) == data['standard_id'])
        if not standard:
            errors['standard_id'] = self.env._("Standard: choose one from the list.")
        for name in ('number', 'issuer'):
            if len(data[name]) > MAX_TEXT:
                errors[name] = self.env._(
                    "%(field)s: at most %(limit)s characters.", limit=MAX_TEXT,
                    field=self._fields[name]._description_string(self.env))
        if not data['number']:
            errors['number'] = self.env._("Number: enter the number on the certificate.")
        days = {name: self._scp_parse_day(data[name]) for name in ('date_from', 'date_to')}
        if not days['date_from']:
            errors['date_from'] = self.env._("Valid From: enter the day on which it begins.")
        if data['date_to'] and not days['date_to']:
            errors['date_to'] = self.env._("Valid To: enter a day, or nothing when it is not limited.")
        elif days['date_to'] and days['date_from'] and days['date_to'] < days['date_from']:
            errors['date_to'] = self.env._("Valid To: it cannot end before it begins.")
        if len(files) != 1:
            errors['file'] = self.env._("File: choose one PDF, PNG or JPEG file.")
        elif error := self._get_file_error(*files[0]):
            errors['file'] = error
        if errors:
            raise AnswerError(errors)
        partner.lock_for_update(allow_referencing=True)
        known = self.search([
            ('partner_id', '=', partner.id), ('company_id', '=', company.id), ('standard_id', '=', standard.id),
            ('number', '=', data['number']), ('date_from', '=', days['date_from'])], limit=1)
        if known:
            return known
        certificate = self.create({
            'partner_id': partner.id, 'company_id': company.id, 'standard_id': standard.id, 'number': data['number'],
            'issuer': data['issuer'], 'is_uploaded': True, **days,
            'document': b64encode(files[0][1]), 'document_name': files[0][0],
        })
        certificate._schedule_confirmation()
        return certificate

    @api.model
    def _scp_parse_day(self, text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return False

    def _schedule_confirmation(self):
        """Give the responsible of the certificate, else of the relation, else who bought last, an activity."""
        relation = self.env['scp.relation']._get_relation(self.partner_id, 'supplier', self.company_id)
        if user := self.user_id or relation.user_id or self._get_last_buyer():
            self.user_id = user
            self.activity_schedule(
                'crm_scp_supply.mail_activity_type_certificate', user_id=user.id,
                summary=self.env._("Look at it and confirm it"))

    def _get_last_buyer(self):
        return self.env['purchase.order'].search([
            ('partner_id', 'child_of', self.partner_id.id), ('company_id', '=', self.company_id.id),
            ('user_id.active', '=', True)], order='id desc', limit=1).user_id

from base64 import b64decode

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import content_disposition, request

from ...models.certificate.scp_certificate import FILES
from ...models.portal.portal_rules import AnswerError
from .supply import SupplyPortal

URL = '/my/supply/certificates'


class CertificatePortal(SupplyPortal):
    """A supplier's certificates: what we keep, what is missing, and a form to send one."""

    def _get_supply_sections(self):
        sections = super()._get_supply_sections()
        if self._get_supply_relations(('supplier',), 'share_certificates'):
            sections.append({'code': 'certificate', 'label': request.env._("Certificates"), 'url': URL})
        return sections

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if 'scp_certificate_count' in counters:
            relations = self._get_supply_relations(('supplier',), 'share_certificates')
            values['scp_certificate_count'] = len(self._get_certificates(relations)) if relations else 0
        return values

    # === READING === #

    @http.route(URL, type='http', auth='user', website=True, methods=['GET'], readonly=True)
    def portal_supply_certificates(self, done=None, **_kwargs):
        return self._render_certificates(done=done)

    @http.route(
        f'{URL}/<int:certificate_id>/file', type='http', auth='user', website=True, methods=['GET'], readonly=True,
    )
    def portal_supply_certificate_file(self, certificate_id, **_kwargs):
        relations = self._get_open_supply_relations(('supplier',), 'share_certificates')
        certificate = self._get_certificates(relations).filtered(lambda found: found.id == certificate_id)
        if not certificate.document:
            raise NotFound
        return request.make_response(b64decode(certificate.document), [
            ('Content-Type', 'application/octet-stream'), ('X-Content-Type-Options', 'nosniff'),
            ('Content-Disposition', content_disposition(certificate.document_name)),
        ])

    # === WRITING === #

    @http.route(f'{URL}/new', type='http', auth='user', website=True, methods=['POST'])
    def portal_supply_send_certificate(self, company_id=None, **post):
        relations = self._get_open_supply_relations(('supplier',), 'share_certificates')
        company = next((company for company in relations if str(company.id) == company_id), next(iter(relations)))
        files = [
            (file.filename, file.read()) for file in request.httprequest.files.getlist('file') if file.filename
        ]
        try:
            # sudo: a supplier has no right to create; what he may send is checked field by field
            request.env['scp.certificate'].sudo()._scp_upload(self._get_supply_partner(), company, post, files)
        except AnswerError as error:
            return self._render_certificates(errors=error.errors, form={**post, 'company_id': company_id})
        return request.redirect(f'{URL}?done=sent', code=303)

    # === BUSINESS === #

    def _get_certificates(self, relations):
        """The certificates of the company of the user, as superuser, that a policy opens to him."""
        Certificate = request.env['scp.certificate'].sudo()  # sudo: the domain is the policy; a serializer shows them
        companies = request.env['res.company'].union(*relations)
        return Certificate.search(
            Certificate._scp_get_portal_domain(self._get_supply_partner(), companies), order='date_from desc, id desc')

    def _render_certificates(self, errors=None, form=None, done=None):
        relations = self._get_open_supply_relations(('supplier',), 'share_certificates')
        Certificate = request.env['scp.certificate'].sudo()  # sudo: serializers alone
        partner = self._get_supply_partner()
        return self._render_supply(
            'crm_scp_supply.portal_supply_certificates', 'certificate',
            certificates=self._get_certificates(relations)._scp_prepare_partner_values(),
            wanted=[
                {**row, 'company_id': company.id, 'company': company.name} for company in relations
                for row in Certificate._scp_prepare_wanted(partner, company)
            ],
            # sudo: numbers of standards, which anybody may know
            standards=[(standard.id, f'{standard.display_name} – {standard.name}')
                       for standard in request.env['scp.standard'].sudo().search([])],
            companies=[(company.id, company.name) for company in relations],
            accept=','.join(f'.{ending}' for ending in sorted(FILES.types)), max_mb=FILES.max_mb,
            errors=errors or {}, form=form or {}, done=done,
        )

import base64
import binascii

from odoo import http
from odoo.http import request
from odoo.tools import email_normalize

from ...models.complaint.scp_complaint_intake import IntakeError

TEXTS = ('subject', 'description', 'order', 'product', 'remedy', 'reference', 'key')


class ComplaintProgram(http.Controller):
    """Complaints from shops and other programs, by JSON with an API key as bearer.

    The key belongs to a user: he needs the right to create complaints, and asks for the state of
    those he may read. Every answer is JSON; a refused one names the field.
    """

    @http.route(
        '/scp/complaints', type='http', auth='bearer', methods=['POST'], csrf=False, save_session=False,
    )
    def file(self, **_kwargs):
        Complaint = request.env['scp.complaint']
        if not Complaint.has_access('create'):
            return self._refuse(403, {'authorization': request.env._("This key may not file complaints.")})
        data, errors = self._read_body()
        partner = self._find_customer(data, errors)
        files = self._read_files(data, errors)
        if errors:
            return self._refuse(422, errors)
        texts = {name: data.get(name) for name in TEXTS}
        contact = {} if partner else {'email_from': data['customer_email']}
        try:
            # sudo: products, orders and customers are looked up whoever owns them; the right to
            # create was checked
            complaint, is_new = Complaint.sudo()._file_complaint(
                partner, texts, files, company=request.env.company, channel='web', **contact,
            )
        except IntakeError as error:
            return self._refuse(409 if 'key' in error.errors else 422, error.errors)
        return request.make_json_response(self._prepare(complaint), status=201 if is_new else 200)

    @http.route(
        '/scp/complaints/<string:number>',
        type='http', auth='bearer', methods=['GET'], readonly=True, save_session=False,
    )
    def status(self, number, **_kwargs):
        Complaint = request.env['scp.complaint']
        complaint = Complaint.search([
            ('number', '=', number), ('company_id', '=', request.env.company.id),
        ], limit=1) if Complaint.has_access('read') else Complaint
        if not complaint:
            return self._refuse(404, {'number': request.env._(
                "Number: there is no complaint %(number)s for this key.", number=number,
            )})
        # sudo: access was checked as the owner of the key; the serializer gives what he may have
        return request.make_json_response(self._prepare(complaint.sudo()))

    # === BUSINESS ===#

    def _read_body(self):
        """The object of the request, and {} or what is wrong with it."""
        try:
            data = request.get_json_data()
        except ValueError:
            data = None
        if not isinstance(data, dict):
            return {}, {'body': request.env._("Body: send one JSON object.")}
        wrong = [
            name for name in (*TEXTS, 'customer_email', 'customer_ref')
            if not isinstance(data.get(name) or '', str)
        ]
        errors = {name: request.env._("%(field)s: send a text.", field=name) for name in wrong}
        return data, errors

    def _find_customer(self, data, errors):
        """Customer by his reference or email address; unknown addresses are taken as they are."""
        Complaint = request.env['scp.complaint'].sudo()  # sudo: as for filing
        if errors:
            return Complaint.env['res.partner']
        if ref := data.get('customer_ref'):
            partner = Complaint.env['res.partner'].search([
                ('ref', '=', ref), ('company_id', 'in', [False, request.env.company.id]),
            ], limit=2)
            if len(partner) == 1:
                return partner
            errors['customer_ref'] = request.env._(
                "customer_ref: %(count)s customers have the reference %(ref)s.", count=len(partner), ref=ref,
            )
        elif not email_normalize(data.get('customer_email') or ''):
            errors['customer_email'] = request.env._("customer_email: name the customer by his email address.")
        partner = Complaint._find_partner(data.get('customer_email'))
        return partner.filtered(lambda p: not p.company_id or p.company_id == request.env.company)

    def _read_files(self, data, errors):
        """Files of the object: `files` is a list of name and base64 content."""
        files, entries = [], data.get('files') or []
        if not isinstance(entries, list):
            errors['files'] = request.env._("files: send a list.")
            return files
        for index, file in enumerate(entries):
            try:
                files.append((str(file['name']), base64.b64decode(file['content'], validate=True)))
            except (TypeError, KeyError, ValueError, binascii.Error):
                errors['files'] = request.env._(
                    "files: entry %(index)s needs a name and its content in base64.", index=index + 1,
                )
        return files

    def _prepare(self, complaint):
        summary = complaint._prepare_portal_summary()
        return {
            'number': summary['number'],
            'subject': summary['name'],
            'state': summary['state'],
            'status': summary['status']['label'],
            'remedy_offered': summary['remedy_offered'] or None,
            'url': complaint.get_base_url() + summary['url'],
            **{
                name: summary[name].isoformat() + 'Z' if summary[name] else None
                for name in ('received_at', 'expected_at', 'resolved_at')
            },
        }

    def _refuse(self, status, errors):
        return request.make_json_response({'errors': errors}, status=status)

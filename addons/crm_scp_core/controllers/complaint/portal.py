from uuid import uuid4

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

from ...models.complaint.scp_complaint_intake import MAX_TEXT, IntakeError
from ...models.complaint.scp_complaint_state import DONE

FORM_FIELDS = ('subject', 'description', 'order', 'remedy', 'reference', 'key')


class ComplaintPortal(CustomerPortal):
    """A customer's complaints. Reading needs the customer's login or the link of a mail; writing
    needs the login, and happens by POST only.

    Who may not see a complaint gets the same answer as who asks for one that does not exist.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        Complaint = request.env['scp.complaint']
        for counter, filterby in (('complaint_count', 'all'), ('complaint_waiting_count', 'waiting')):
            if counter in counters:
                domain = self._get_own_domain() + self._get_complaint_filters()[filterby]['domain']
                values[counter] = Complaint.search_count(domain) if Complaint.has_access('read') else 0
        return values

    # === PAGES ===#

    @http.route(
        ['/my/complaints', '/my/complaints/page/<int:page>'],
        type='http', auth='user', website=True, methods=['GET'], readonly=True,
    )
    def portal_my_complaints(self, page=1, filterby='all', **_kwargs):
        Complaint = request.env['scp.complaint']
        filters = self._get_complaint_filters()
        filterby = filterby if filterby in filters else 'all'
        domain = self._get_own_domain() + filters[filterby]['domain']
        if not Complaint.has_access('read'):
            raise NotFound
        page_values = pager(
            url='/my/complaints', total=Complaint.search_count(domain), page=page,
            step=self._items_per_page, url_args={'filterby': filterby},
        )
        complaints = Complaint.search(domain, limit=self._items_per_page, offset=page_values['offset'])
        return request.render('crm_scp_core.portal_my_complaints', {
            **self._prepare_portal_layout_values(),
            # sudo: the customer may see the cases; of each, what the summary names
            'complaints': [complaint._prepare_portal_summary() for complaint in complaints.sudo()],
            'page_name': 'complaint',
            'default_url': '/my/complaints',
            'pager': page_values,
            'searchbar_filters': filters,
            'filterby': filterby,
        })

    @http.route(
        '/my/complaints/<int:complaint_id>',
        type='http', auth='public', website=True, methods=['GET'], readonly=True,
    )
    def portal_my_complaint(self, complaint_id, access_token=None, done=None, **_kwargs):
        if request.env.user._is_public() and not access_token:
            return request.redirect(f'/web/login?redirect=/my/complaints/{complaint_id}')
        complaint = self._get_readable_complaint(complaint_id, access_token)
        return self._render_complaint(complaint, access_token, done=done)

    @http.route(
        '/my/complaints/<int:complaint_id>/file/<int:attachment_id>',
        type='http', auth='public', website=True, methods=['GET'], readonly=True,
    )
    def portal_my_complaint_file(self, complaint_id, attachment_id, access_token=None, **_kwargs):
        complaint = self._get_readable_complaint(complaint_id, access_token)
        attachment = complaint._get_portal_files().filtered(lambda file: file.id == attachment_id)
        if not attachment:
            raise NotFound
        stream = request.env['ir.binary']._get_stream_from(attachment)
        is_image = complaint._prepare_portal_file(attachment)['is_image']
        return stream.get_response(as_attachment=not is_image)

    @http.route(
        '/my/complaints/<int:complaint_id>/8d', type='http', auth='public', website=True, methods=['GET'],
    )
    def portal_my_complaint_8d(self, complaint_id, access_token=None, **_kwargs):
        complaint = self._get_readable_complaint(complaint_id, access_token)
        if not complaint.is_8d_shared:
            raise NotFound
        return self._show_report(complaint, 'pdf', 'crm_scp_core.action_report_scp_complaint_8d', download=True)

    @http.route(
        '/my/complaints/new', type='http', auth='user', website=True, methods=['GET'], readonly=True,
    )
    def portal_new_complaint(self, order=None, **_kwargs):
        return self._render_form({'key': uuid4().hex, 'order': order}, {})

    # === WRITING ===#

    @http.route('/my/complaints/new', type='http', auth='user', website=True, methods=['POST'])
    def portal_file_complaint(self, **post):
        data = {name: post.get(name) for name in FORM_FIELDS}
        try:
            # sudo: customers have no right to create; what they may file is checked field by field
            complaint, _is_new = request.env['scp.complaint'].sudo()._file_complaint(
                self._get_customer(), data, self._get_files(), company=self._get_company(), channel='portal',
            )
        except IntakeError as error:
            return self._render_form(data, error.errors)
        return request.redirect(f'{complaint.access_url}?done=filed', code=303)

    @http.route(
        '/my/complaints/<int:complaint_id>/reply',
        type='http', auth='user', website=True, methods=['POST'],
    )
    def portal_reply(self, complaint_id, text='', key='', **_kwargs):
        complaint = self._get_own_complaint(complaint_id)
        text, files, errors = text.strip(), self._get_files(), {}
        if not text or len(text) > MAX_TEXT:
            errors['text'] = request.env._(
                "Message: write something, in at most %(limit)s characters.", limit=MAX_TEXT,
            )
        complaint._check_filed_files(files, complaint.company_id, errors)
        if errors:
            return self._render_complaint(complaint, errors=errors, text=text)
        complaint._post_as_customer(self._get_customer(), text, files, key)
        return request.redirect(f'{complaint.access_url}?done=reply', code=303)

    @http.route(
        '/my/complaints/<int:complaint_id>/proposal',
        type='http', auth='user', website=True, methods=['POST'],
    )
    def portal_answer_proposal(self, complaint_id, answer='', reason='', **_kwargs):
        complaint = self._get_own_complaint(complaint_id)
        reason = reason.strip()[:MAX_TEXT]
        if answer not in ('accept', 'reject'):
            raise NotFound
        if answer == 'reject' and not reason and complaint._is_proposal_open():
            return self._render_complaint(complaint, errors={'reason': request.env._(
                "Reason: tell us why you do not accept the proposal.",
            )})
        complaint._answer_proposal(answer == 'accept', self._get_customer(), reason)
        return request.redirect(f'{complaint.access_url}?done=proposal', code=303)

    @http.route(
        '/my/complaints/<int:complaint_id>/rate',
        type='http', auth='user', website=True, methods=['POST'],
    )
    def portal_rate(self, complaint_id, rate='', solved='', comment='', **_kwargs):
        complaint = self._get_own_complaint(complaint_id)
        if rate not in ('1', '2', '3', '4', '5') or solved not in ('', 'yes', 'partly', 'no'):
            return self._render_complaint(complaint, errors={'rate': request.env._(
                "Satisfaction: choose a value from 1 to 5.",
            )})
        if complaint._is_feedback_open():
            rating = complaint._get_open_rating()
            complaint._apply_feedback(rating, int(rate), solved, comment.strip()[:MAX_TEXT])
        return request.redirect(f'{complaint.access_url}?done=rate', code=303)

    @http.route(
        '/my/complaints/<int:complaint_id>/follow',
        type='http', auth='user', website=True, methods=['POST'],
    )
    def portal_follow(self, complaint_id, follow='', **_kwargs):
        """Mail who asks for it, himself only, what is written on a complaint of his company."""
        complaint = self._get_own_complaint(complaint_id)
        customer = self._get_customer()
        if follow == 'yes':
            complaint.message_subscribe(customer.ids)
        elif follow == 'no':
            complaint.message_unsubscribe(customer.ids)
        else:
            raise NotFound
        return request.redirect(f'{complaint.access_url}?done=follow_{follow}', code=303)

    # === ACCESS ===#

    def _get_customer(self):
        return request.env.user.partner_id

    def _get_company(self):
        return request.env.user.company_id

    def _get_own_domain(self):
        if request.env.user.share:
            return []  # the record rule shows what is theirs
        # employees read more than what is theirs as a customer
        return [('commercial_partner_id', '=', self._get_customer().commercial_partner_id.id)]

    def _get_complaint_filters(self):
        return {
            'all': {'label': request.env._("All"), 'domain': []},
            'open': {'label': request.env._("Open"), 'domain': [('state', 'not in', DONE)]},
            'waiting': {
                'label': request.env._("Waiting for me"),
                'domain': [('state', 'in', ('waiting_customer', 'proposed'))],
            },
        }

    def _get_readable_complaint(self, complaint_id, access_token=None):
        """The complaint, as superuser, for who may read it or has its token."""
        try:
            return self._document_check_access('scp.complaint', complaint_id, access_token)
        except (AccessError, MissingError) as error:
            raise NotFound from error

    def _get_own_complaint(self, complaint_id):
        """The complaint, as superuser, for who may write to us about it."""
        complaint = self._get_readable_complaint(complaint_id)
        if not self._is_own(complaint):
            raise NotFound
        return complaint

    def _is_own(self, complaint):
        customer = self._get_customer()
        return not request.env.user._is_public() and bool(customer) and (
            complaint.commercial_partner_id == customer.commercial_partner_id
        )

    def _get_files(self):
        """Files of the request: [(name, bytes)]."""
        return [
            (file.filename, file.read())
            for file in request.httprequest.files.getlist('files') if file.filename
        ]

    # === RENDERING ===#

    def _render_complaint(self, complaint, access_token=None, errors=None, text='', done=None):
        is_own = self._is_own(complaint)
        viewer = self._get_customer() if is_own else request.env['res.partner']
        token_args = f'?access_token={access_token}' if access_token and not is_own else ''
        return request.render('crm_scp_core.portal_my_complaint', {
            **self._prepare_portal_layout_values(),
            'complaint': complaint._prepare_portal_values(viewer),
            'page_name': 'complaint',
            'no_breadcrumbs': not is_own,
            'can_write': is_own,
            'errors': errors or {},
            'text': text,
            'done': done,
            'key': uuid4().hex,
            'token_args': token_args,
        })

    def _render_form(self, values, errors):
        Complaint = request.env['scp.complaint']
        # sudo: an employee who complains may read no orders; the domain names his own, by number and day
        orders = request.env['sale.order'].sudo().search(
            Complaint._get_filed_order_domain(self._get_customer(), self._get_company()),
            order='date_order desc', limit=50,
        )
        return request.render('crm_scp_core.portal_new_complaint', {
            **self._prepare_portal_layout_values(),
            'page_name': 'complaint',
            'is_new': True,
            'values': values,
            'errors': errors,
            'orders': [(order.name, order.date_order.date()) for order in orders],
            'remedies': Complaint._fields['remedy_sought']._description_selection(request.env),
            # sudo: customers do not read the settings; which files they may send is told them
            'accept': self._get_company().sudo().scp_complaint_file_types,
        })

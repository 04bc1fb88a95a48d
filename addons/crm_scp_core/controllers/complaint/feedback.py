from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

from ...models.complaint.scp_complaint_intake import MAX_TEXT


class ComplaintFeedback(http.Controller):
    """How was it? Asked by mail, answered without login by who has the link."""

    @http.route(
        '/complaints/feedback/<string:token>',
        type='http', auth='public', website=True, methods=['GET'], readonly=True,
    )
    def feedback(self, token, rate='', **_kwargs):
        # opening the link answers nothing: scanners of mail servers open every link
        return self._render(self._get_rating(token), rate)

    @http.route(
        '/complaints/feedback/<string:token>',
        type='http', auth='public', website=True, methods=['POST'],
    )
    def give_feedback(self, token, rate='', solved='', comment='', **_kwargs):
        rating = self._get_rating(token)
        if rate not in ('1', '2', '3', '4', '5') or solved not in ('', 'yes', 'partly', 'no'):
            return self._render(rating, rate, is_wrong=True)
        complaint = self._get_complaint(rating)
        complaint._apply_feedback(rating, int(rate), solved, comment.strip()[:MAX_TEXT])
        return request.redirect(f'/complaints/feedback/{token}', code=303)

    def _get_rating(self, token):
        # sudo: the token is the right
        rating = request.env['rating.rating'].sudo().search([
            ('access_token', '=', token), ('res_model', '=', 'scp.complaint'),
        ], limit=1)
        if not rating or not self._get_complaint(rating):
            raise NotFound
        return rating

    def _get_complaint(self, rating):
        # sudo: the token of the rating is the right to see this page
        return request.env['scp.complaint'].sudo().browse(rating.res_id).exists()

    def _render(self, rating, rate, is_wrong=False):
        complaint = self._get_complaint(rating)
        lang = complaint._get_customer_lang()
        request.update_context(lang=lang)
        return request.render('crm_scp_core.complaint_feedback', {
            'number': complaint.number,
            'name': complaint.name,
            'company': complaint.company_id.name,
            'token': rating.access_token,
            'is_done': rating.consumed,
            'is_wrong': is_wrong,
            'rate': rate,
        })

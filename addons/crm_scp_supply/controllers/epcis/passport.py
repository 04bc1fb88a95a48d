from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request


class LotPassportEpcis(http.Controller):
    """The events of a lot as a file, for who may follow it."""

    @http.route('/scp/lot/<string:token>/epcis', type='http', auth='public', methods=['GET'], readonly=True,
                sitemap=False)
    def lot_epcis(self, token, **_kwargs):
        passport = request.env['scp.lot.passport']._find_by_token(token)
        document = passport and passport._prepare_epcis()
        if not document:
            raise NotFound
        response = request.make_json_response(document, headers=[
            ('Content-Disposition', http.content_disposition(f'{passport.lot_id.name}.jsonld')),
            ('Cache-Control', 'no-store'), ('Referrer-Policy', 'no-referrer'), ('X-Robots-Tag', 'noindex'),
            ('X-Content-Type-Options', 'nosniff'),
        ])
        response.mimetype = 'application/ld+json'
        return response

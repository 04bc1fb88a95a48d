from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request


class LotPassport(http.Controller):
    """The page about a lot behind a code on its label."""

    @http.route('/scp/lot/<string:token>', type='http', auth='public', website=True, methods=['GET'], readonly=True,
                sitemap=False)
    def lot_passport(self, token, **_kwargs):
        passport = request.env['scp.lot.passport']._find_by_token(token)
        if not passport:
            raise NotFound
        return request.render('crm_scp_supply.lot_passport', {'passport': passport._prepare_page()}, headers={
            'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer', 'X-Robots-Tag': 'noindex',
        })

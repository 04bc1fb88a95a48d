from odoo import http
from odoo.http import request

from odoo.addons.purchase.controllers.portal import CustomerPortal


class AcknowledgePortal(CustomerPortal):
    """A link in a mail does not acknowledge an order for the supplier: he does, by a button.

    Scanners of mail servers open every link, and what was acknowledged is what delivery is measured by.
    """

    @http.route()
    def portal_my_purchase_order(self, order_id=None, access_token=None, **kw):
        """Odoo's page of an order. Override: asked to acknowledge by GET, it shows the button."""
        is_asked = request.httprequest.method != 'POST' and kw.pop('acknowledge', None)
        response = super().portal_my_purchase_order(order_id, access_token=access_token, **kw)
        if is_asked and response.is_qweb:
            response.qcontext['scp_asks_acknowledgement'] = True
        return response

"""Every address of ours: how it may be called, and for whom it answers. A new route needs a line here.

The roles are portal users of the demo data, a stranger who has nothing to do with us, and employees
without a role in the suite.
"""

#: role -> login in the demo data; the others get a fresh user with the groups of `ROLES`
LOGINS = {'supplier': 'scp_supplier', 'distributor': 'scp_distributor', 'customer': 'scp_customer'}

#: address -> method -> how the caller is known: by his login, by nothing but a token, by an API key
ROUTES = {
    '/complaints/feedback/<string:token>': {'GET': 'public', 'POST': 'public'},
    '/my/complaints': {'GET': 'user'},
    '/my/complaints/page/<int:page>': {'GET': 'user'},
    '/my/complaints/new': {'GET': 'user', 'POST': 'user'},
    '/my/complaints/<int:complaint_id>': {'GET': 'public'},
    '/my/complaints/<int:complaint_id>/8d': {'GET': 'public'},
    '/my/complaints/<int:complaint_id>/file/<int:attachment_id>': {'GET': 'public'},
    '/my/complaints/<int:complaint_id>/follow': {'POST': 'user'},
    '/my/complaints/<int:complaint_id>/proposal': {'POST': 'user'},
    '/my/complaints/<int:complaint_id>/rate': {'POST': 'user'},
    '/my/complaints/<int:complaint_id>/reply': {'POST': 'user'},
    '/my/purchase/<int:order_id>': {'any method': 'public'},
    '/my/supply/orders': {'GET': 'user'},
    '/my/supply/orders/page/<int:page>': {'GET': 'user'},
    '/my/supply/orders/<int:order_id>': {'GET': 'user'},
    '/my/supply/scorecards': {'GET': 'user'},
    '/my/supply/scorecards/page/<int:page>': {'GET': 'user'},
    '/my/supply/scorecards/<int:card_id>': {'GET': 'user'},
    '/my/supply/scorecards/<int:card_id>/dispute': {'POST': 'user'},
    '/my/supply/claims': {'GET': 'user'},
    '/my/supply/claims/page/<int:page>': {'GET': 'user'},
    '/my/supply/claims/<int:claim_id>': {'GET': 'user'},
    '/my/supply/claims/<int:claim_id>/answer': {'POST': 'user'},
    '/my/supply/certificates': {'GET': 'user'},
    '/my/supply/certificates/<int:certificate_id>/file': {'GET': 'user'},
    '/my/supply/certificates/new': {'POST': 'user'},
    '/my/supply/purchases': {'GET': 'user'},
    '/my/supply/recalls': {'GET': 'user'},
    '/my/supply/purchases/page/<int:page>': {'GET': 'user'},
    '/my/supply/purchases/<int:order_id>': {'GET': 'user'},
    '/my/supply/purchases/<int:order_id>/confirm': {'POST': 'user'},
    '/scp/complaints': {'POST': 'bearer'},
    '/scp/complaints/<string:number>': {'GET': 'bearer'},
    '/scp/lot/<string:token>': {'GET': 'public'},
    '/scp/lot/<string:token>/epcis': {'GET': 'public'},
    '/scp/recall/<string:token>': {'GET': 'public', 'POST': 'public'},
    '/supply/confirm/<string:token>': {'GET': 'public', 'POST': 'public'},
}

#: routes that change something without a token of the page, because no browser sends them
NO_CSRF = {'/scp/complaints'}

#: GET routes that may write, for a reason
MAY_WRITE = {
    '/my/complaints/<int:complaint_id>/8d': "Odoo keeps the file of a report that is printed",
}

#: pages that exist for everybody who has a login, or for some roles only
LISTS = {
    '/my/complaints': {'supplier', 'distributor', 'customer', 'stranger', 'accountant'},
    '/my/complaints/new': {
        'supplier', 'distributor', 'customer', 'stranger', 'accountant', 'warehouse', 'employee',
    },
    '/my/supply/claims': {'supplier'},
    '/my/supply/certificates': {'supplier'},
    '/my/supply/orders': {'distributor', 'customer'},
    '/my/supply/purchases': {'supplier'},
    '/my/supply/recalls': {'distributor', 'customer'},
    '/my/supply/scorecards': {'supplier', 'distributor'},
}

#: addresses of one record -> role whose record it is -> model and how to find one of his
RECORDS = {
    '/my/supply/purchases/{}': {'supplier': ('purchase.order', [('state', '=', 'purchase')])},
    '/my/supply/claims/{}': {'supplier': ('scp.supplier.claim', [('sent_at', '!=', False)])},
    '/my/supply/certificates/{}/file': {'supplier': ('scp.certificate', [('document_name', '!=', False)])},
    '/my/supply/scorecards/{}': {
        'supplier': ('scp.scorecard', [('state', '=', 'published')]),
        'distributor': ('scp.scorecard', [('state', '=', 'published')]),
    },
    '/my/supply/orders/{}': {
        'distributor': ('sale.order', [('state', '=', 'sale')]), 'customer': ('sale.order', [('state', '=', 'sale')]),
    },
    '/my/complaints/{}': {'customer': ('scp.complaint', [])},
}

"""Every route of ours, by every role: who gets an answer, that reading writes nothing, and one refusal for all."""

import re

from odoo.tests import tagged
from odoo.tools import mute_logger

from suite.paths import ADDONS
from tests.access import rights_routes
from tests.access.portal_case import OUTSIDERS, ROLES, PortalCase


def own_routes(env):
    """Yield address and endpoint of each route that a controller of ours defines or changes."""
    rules = env['ir.http']._generate_routing_rules(
        list(env.registry._init_modules), converters=env['ir.http']._get_converters(),
    )
    for url, endpoint in rules:
        owner = endpoint.func.__func__ if hasattr(endpoint.func, '__func__') else endpoint.func
        if owner.__module__.split('.')[2] in ADDONS:
            yield url, endpoint


@tagged('post_install', '-at_install')
class TestRoutes(PortalCase):

    def test_table_names_every_route(self):
        """Each with its methods and its way to know the caller; what it changes is protected."""
        found, breaches = {}, []
        for url, endpoint in own_routes(self.env):
            routing = endpoint.routing
            for method in routing.get('methods') or ['any method']:
                found.setdefault(url, {})[method] = routing['auth']
                if method == 'GET' and not routing.get('readonly') and url not in rights_routes.MAY_WRITE:
                    breaches.append(f"{url}: GET, and not readonly")
                if method != 'GET' and routing.get('csrf') is False and url not in rights_routes.NO_CSRF:
                    breaches.append(f"{url}: {method} without csrf")
                if routing['type'] != 'http':
                    breaches.append(f"{url}: of type {routing['type']}")
        self.assertEqual(found, rights_routes.ROUTES)
        self.assertFalse(breaches)

    def test_lists(self):
        """Each role finds its own pages and no other, and opening them writes nothing."""
        breaches = []
        for role in ROLES:
            self.login(role)
            self.get('/my/home')  # warm: sessions and assets
            for url, roles in rights_routes.LISTS.items():
                with self.written() as statements:
                    status = self.get(url).status_code
                if status != (200 if role in roles else 404):
                    breaches.append(f"{url} answers {role} with {status}")
                breaches += [f"{url} by {role} writes: {statement}" for statement in statements]
        self.assertFalse(breaches)

    def test_records(self):
        """Each role opens its own; all others get the answer for what does not exist."""
        breaches = []
        pages = [
            (url, owner, self.own(owner, *wanted), wanted[0])
            for url, owners in rights_routes.RECORDS.items() for owner, wanted in owners.items()
        ]
        for role in ROLES:
            self.login(role)
            for url, owner, record, model in pages:
                missing = self.get(url.format(2**31 - 5))
                with self.written() as statements:
                    page = self.get(url.format(record.id))
                same = (page.status_code, len(page.content)) == (missing.status_code, len(missing.content))
                # employees read complaints as their rights say
                may = role == owner or role == 'accountant' and model == 'scp.complaint'
                if may and page.status_code != 200:
                    breaches.append(f"{url} of {owner} refuses {role}: {page.status_code}")
                if not may and (missing.status_code != 404 or not same):
                    breaches.append(f"{url} of {owner} tells {role} that it exists: {page.status_code}")
                breaches += [f"{url} by {role} writes: {statement}" for statement in statements]
        self.assertFalse(breaches)

    @mute_logger('odoo.http')
    def test_posts(self):
        """Without login, without the token of a page, or about a foreign record: nothing is changed."""
        breaches = []
        purchase = self.own('supplier', 'purchase.order', [('state', '=', 'purchase')])
        complaint = self.own('customer', 'scp.complaint', [])
        for url, methods in rights_routes.ROUTES.items():
            if methods.get('POST') in (None, 'bearer'):
                continue
            path = url.replace('<int:order_id>', str(purchase.id)).replace('<int:complaint_id>', str(complaint.id))
            path = re.sub(r'<[^>]*>', '0', path)
            for role in (None, *OUTSIDERS):
                if role:
                    self.login(role)
                    self.get('/my/home')
                else:
                    self.authenticate(None, None)
                with self.written() as statements:
                    status = self.url_open(path, data={'text': "x"}, allow_redirects=False).status_code
                # who is not known is sent to log in, unless a token would have let him in
                if status not in ((400,) if role else (400, 303)) or statements:
                    breaches.append(f"{path} by {role} without token: {status}, {statements}")
        self.assertFalse(breaches)

    def test_tokens(self):
        """A token opens the record it was made for, by the address that asks for one, and nothing else."""
        complaint, other = self.env['scp.complaint'].search([('partner_id', '!=', False)], limit=2)
        token = complaint._portal_ensure_token()
        sale = self.own('customer', 'sale.order', [('state', '=', 'sale')])
        purchase = self.own('supplier', 'purchase.order', [('state', '=', 'purchase')])
        self.authenticate(None, None)
        self.assertEqual(self.get(f'/my/complaints/{complaint.id}?access_token={token}').status_code, 200)
        self.assertEqual(self.get(f'/my/complaints/{other.id}?access_token={token}').status_code, 404)
        for url, record in (('/my/supply/orders', sale), ('/my/supply/purchases', purchase)):
            answer = self.get(f'{url}/{record.id}?access_token={record._portal_ensure_token()}')
            self.assertIn('/web/login', answer.headers.get('Location', ''), "Supply pages ask for a login")
            self.login('stranger')
            answer = self.get(f'{url}/{record.id}?access_token={record._portal_ensure_token()}')
            self.assertEqual(answer.status_code, 404)
            self.authenticate(None, None)

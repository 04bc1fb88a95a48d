"""Partners in the portal, somebody who has nothing to do with us, and employees without a role in the suite."""

import re
from contextlib import contextmanager
from unittest.mock import patch

from odoo import http
from odoo.sql_db import Cursor
from odoo.tests import HttpCase, new_test_user

from tests.access import rights, rights_routes

#: what Odoo keeps of the browser itself, and what it still has to tell others about earlier changes
NOISE = re.compile(r'res_device|bus_bus')
WRITES = re.compile(r'\s*(INSERT|UPDATE|DELETE)\b', re.IGNORECASE)
OUTSIDERS = ('supplier', 'distributor', 'customer', 'stranger')
ROLES = (*OUTSIDERS, 'employee', 'accountant', 'warehouse')


class PortalCase(HttpCase):
    """Gives `self.logins[role]` for the portal roles of the demo data, a stranger and three employees."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True, no_reset_password=True))
        cls.logins = dict(rights_routes.LOGINS)
        for role in set(ROLES) - set(cls.logins):
            groups = 'base.group_portal' if role == 'stranger' else rights.ROLES[role]
            cls.logins[role] = new_test_user(cls.env, f'crawl_{role}', groups).login
        cls.users = {
            role: cls.env['res.users'].search([('login', '=', login)]) for role, login in cls.logins.items()
        }

    def login(self, role):
        self.authenticate(self.logins[role], self.logins[role])

    def own(self, role, model, domain):
        """Some record of the company of a role."""
        partner = self.users[role].partner_id.commercial_partner_id
        record = self.env[model].search([('partner_id', 'child_of', partner.id), *domain], limit=1)
        self.assertTrue(record, f"the demo data holds no {model} of the {role}")
        return record

    def csrf_token(self):
        return http.Request.csrf_token(self)

    def get(self, url):
        return self.url_open(url, allow_redirects=False)

    @contextmanager
    def written(self):
        """Gives a list that fills with the statements that change a table."""
        origin, statements = Cursor.execute, []

        def execute(cursor, query, *args, **kwargs):
            text = query.code if hasattr(query, 'code') else str(query)
            if WRITES.match(text) and not NOISE.search(text):
                statements.append(text[:120])
            return origin(cursor, query, *args, **kwargs)

        with patch.object(Cursor, 'execute', execute):
            yield statements

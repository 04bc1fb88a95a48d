"""The other ways in: JSON, exports, reports, files, messages. Records of ours and all that partners can read."""

import contextlib
import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from tests.access import rights
from tests.access.common import own_models
from tests.access.portal_case import OUTSIDERS, ROLES, PortalCase

#: other partners' names a portal user may meet: model.field -> reason
KNOWN_NAMES = {}


@tagged('post_install', '-at_install')
class TestDoors(PortalCase):

    def closed_models(self, role):
        """Names of our models that a role has no right to read."""
        return [
            model for model in own_models(self.env)
            if 'r' not in rights.expected(model, 'portal' if role in OUTSIDERS else role)
        ]

    @mute_logger('odoo.http', 'odoo.addons.base.models.ir_rule', 'odoo.addons.rpc.controllers.json2')
    def test_json(self):
        """With an API key, which even a portal user may hold where an administrator allows it."""
        self.env['ir.config_parameter'].sudo().set_param('portal.allow_api_keys', 'True')
        answered = []
        for role in ('supplier', 'employee', 'accountant', 'warehouse'):
            key = self.env['res.users.apikeys'].with_user(self.users[role]).sudo()._generate(
                'rpc', "Crawl", fields.Datetime.now() + timedelta(hours=1),
            )
            for model in self.closed_models(role):
                answer = self.url_open(
                    f'/json/2/{model}/search_read', data=json.dumps({'domain': [], 'limit': 1}),
                    headers={'Content-Type': 'application/json', 'Authorization': f'Bearer {key}'},
                )
                if answer.status_code == 200:
                    answered.append(f"{model} to {role}")
        self.assertFalse(answered)

    @mute_logger('odoo.http', 'odoo.addons.web.controllers.export')
    def test_export(self):
        answered = []
        for role in ('supplier', 'employee', 'warehouse'):
            self.login(role)
            for model in self.closed_models(role):
                answer = self.url_open('/web/export/csv', data={
                    'csrf_token': self.csrf_token(), 'data': json.dumps({
                        'model': model, 'fields': [{'name': 'id', 'label': "ID"}], 'ids': False, 'domain': [],
                        'groupby': [], 'import_compat': False, 'context': {},
                    }),
                })
                if answer.status_code == 200 and answer.text.count('\n') > 1:
                    answered.append(f"{model} to {role}")
        self.assertFalse(answered)

    @mute_logger('odoo.http', 'odoo.addons.base.models.ir_rule')
    def test_reports(self):
        """Our reports print for who may read the record."""
        answered = []
        reports = self.env['ir.actions.report'].search([('model', 'in', own_models(self.env))])
        self.assertTrue(reports)
        for role in ROLES:
            self.login(role)
            for report in reports:
                for record in self.env[report.model].search([], limit=3):
                    if record.with_user(self.users[role]).has_access('read'):
                        continue
                    answer = self.url_open(f'/report/html/{report.report_name}/{record.id}', allow_redirects=False)
                    if answer.status_code == 200:
                        answered.append(f"{report.report_name} to {role}")
        self.assertFalse(answered)

    @mute_logger('odoo.http', 'odoo.addons.base.models.ir_rule')
    def test_files(self):
        """A file belongs to its record: who may not read that does not get it, by id or by field."""
        answered = []
        for model in own_models(self.env):
            record = self.env[model].with_context(active_test=False).search([], limit=1)
            if not self.env[model]._auto or not record:
                continue
            file = self.env['ir.attachment'].create({
                'name': "secret.txt", 'raw': b"secret", 'res_model': model, 'res_id': record.id,
            })
            for role, user in self.users.items():
                readable = user.has_group('base.group_user') and record.with_user(user).has_access('read')
                if file.with_user(user).has_access('read') and not readable:
                    answered.append(f"{model} to {role}")
            if model in ('scp.relation', 'scp.complaint'):  # and once as a browser asks
                self.login('stranger')
                self.assertNotIn(b"secret", self.url_open(f'/web/content/{file.id}').content)
        self.assertFalse(answered)

    def test_messages(self):
        """Nobody outside reads what is written on our records, but for the customer on his complaint."""
        for role in OUTSIDERS:
            user = self.users[role]
            messages = self.env['mail.message'].with_user(user).search([('model', 'in', own_models(self.env))]).sudo()
            self.assertLessEqual(set(messages.mapped('model')), rights.PORTAL_MODELS, role)
            complaints = self.env['scp.complaint'].browse(messages.mapped('res_id'))
            self.assertLessEqual(
                complaints.commercial_partner_id, user.partner_id.commercial_partner_id, role,
            )
            self.assertFalse(messages.filtered('is_internal'), role)

    def read_all(self, records):
        """Yield name and values of every field of some records, as far as they can be read."""
        try:
            records = records.search([], limit=60)
            values = records.read()
        except AccessError:  # some field leads where the user may not go
            values = []
            for name in records.fields_get(attributes=['type']):
                with contextlib.suppress(AccessError):
                    values += records.read([name])
        texts = {}
        for row in values:
            for name, value in row.items():
                if value and not isinstance(value, (int, float)):
                    texts.setdefault(name, []).append(str(value))
        for name, parts in texts.items():
            yield name, '\n'.join(parts)

    @mute_logger('odoo.addons.base.models.ir_rule', 'odoo.models')
    def test_partners_learn_no_names(self):
        """Everything a partner can read, in every model and field there is, names no other partner."""
        us = self.env['res.company'].search([]).partner_id + self.env.ref('base.main_company').partner_id
        companies = self.env['res.partner'].search([('is_company', '=', True)]) - us
        breaches = []
        for role in OUTSIDERS:
            user = self.users[role]
            others = (companies - user.partner_id.commercial_partner_id).filtered(lambda p: len(p.name) > 5)
            names = set(others.mapped('name'))
            for model in self.env.registry:
                records = self.env[model].with_user(user)
                if self.env[model]._abstract or self.env[model]._transient or not records.has_access('read'):
                    continue
                for name, text in self.read_all(records):
                    breaches += [
                        f"{model}.{name} tells {role} of {other}" for other in names
                        if other in text and f'{model}.{name}' not in KNOWN_NAMES
                    ]
        self.assertFalse(breaches)

"""The contract every model of the suite keeps: companies, portal, labels, numbers, jobs."""

import inspect
import re

from odoo.tests import tagged

from suite.paths import ADDONS
from tests.access import rights
from tests.access.common import AccessCase, own_fields, own_models

#: names of numbers that make no sense as a sum
RATIO = re.compile(r'(^|_)(score|rate|ratio|share|percent|percentage|probability|rank|grade|days|hours|age|pct)(_|$)')


@tagged('post_install', '-at_install')
class TestModels(AccessCase):

    def test_records_belong_to_companies(self):
        breaches = []
        for name in own_models(self.env):
            field = self.env[name]._fields.get('company_id')
            if name in rights.COMPANYLESS:
                if field is not None:
                    breaches.append(f"{name}: has a company, but is listed as belonging to none")
                continue
            if not (field and field.store):
                breaches.append(f"{name}: no stored company_id, and not listed as without company")
                continue
            rules = self.env['ir.rule'].search([('model_id.model', '=', name), ('groups', '=', False)])
            if not any(re.search(r"'company_id',\s*'in',\s*company_ids", rule.domain_force or '') for rule in rules):
                breaches.append(f"{name}: no global record rule on the user's companies")
        self.assertNone(breaches, "models and companies")

    def test_links_stay_within_the_company(self):
        breaches = []
        for name in own_models(self.env):
            model = self.env[name]
            if 'company_id' not in model._fields or not model._auto or name in rights.UNCHECKED_LINKS:
                continue
            for field in own_fields(self.env, name):
                key = f'{name}.{field.name}'
                if field.type != 'many2one' or not field.store or field.related or field.name == 'company_id':
                    continue
                # a user may belong to several companies and is checked by nobody, in Odoo neither
                if field.comodel_name == 'res.users' or key in rights.UNCHECKED_LINKS:
                    continue
                if 'company_id' in self.env[field.comodel_name]._fields:
                    if not (field.check_company and model._check_company_auto):
                        breaches.append(f"{key} to {field.comodel_name}")
        self.assertNone(breaches, "links to records that know companies, without check_company")

    def test_portal_cannot_read_our_fields(self):
        """Related and computed fields are evaluated as superuser: without groups they leak."""
        portal_groups = self.env.ref('base.group_portal') | self.env.ref('base.group_public')
        lines = self.env['ir.model.access'].search([
            ('perm_read', '=', True), '|', ('group_id', 'in', portal_groups.ids), ('group_id', '=', False),
        ])
        # a user may read some fields of himself whatever the access lists say
        reachable = {*lines.mapped('model_id.model'), 'res.users', 'res.partner'}
        readable = {
            f'{name}.{field.name}'
            for name in reachable & set(self.env.registry)
            for field in own_fields(self.env, name)
            if self.env[name].with_user(self.users['portal'])._has_field_access(field, 'read')
        }
        self.assertNone(
            sorted(readable - set(rights.PORTAL_FIELDS)), "portal users can read these: add groups=, or a reason",
        )
        self.assertNone(
            sorted(set(rights.PORTAL_FIELDS) - readable), "reasons for fields that portal users cannot read",
        )

    def test_shared_tables_stay_lean(self):
        """Rows that many transactions touch get no column of ours that documents would update."""
        self.assertNone((
            f'{name}.{field.name}'
            for name in ('res.partner', 'res.users', 'res.company', 'product.template', 'product.product')
            for field in own_fields(self.env, name)
            if field.store and field.column_type and (field.compute or name == 'res.partner')
        ), "stored on a table that many transactions share")

    def test_ratios_are_not_summed(self):
        self.assertNone((
            f'{name}.{field.name}'
            for name in self.env.registry if not self.env[name]._transient
            for field in own_fields(self.env, name)
            if field.type in ('integer', 'float', 'monetary') and field.store and RATIO.search(field.name)
            and field.aggregator == 'sum' and f'{name}.{field.name}' not in rights.SUMMABLE
        ), "ratios that lists and pivots would sum: set aggregator")

    def test_labels(self):
        breaches = [
            f'{name}: no description'
            for name in own_models(self.env) + own_models(self.env, transient=True)
            if self.env[name]._description == name
        ]
        breaches += [
            f'{name}.{field.name}: label {field.string!r}'
            for name in self.env.registry
            for field in own_fields(self.env, name)
            if not field.string or field.string == field.name
        ]
        self.assertNone(breaches, "names for the eyes of users")

    def test_customers_are_found_by_index(self):
        breaches = []
        for name in own_models(self.env):
            model = self.env[name]
            if not model._auto or name in rights.FEW_RECORDS:
                continue
            self.env.cr.execute(
                r"SELECT substring(indexdef FROM ' USING \w+ \(\"?(\w+)') FROM pg_indexes WHERE tablename = %s",
                [model._table],
            )
            leading = {column for (column,) in self.env.cr.fetchall()}
            for field_name in ('partner_id', 'customer_id'):
                field = model._fields.get(field_name)
                if field and field.store and field_name not in leading:
                    breaches.append(f'{name}.{field_name}')
        self.assertNone(breaches, "no index begins with these")

    def test_jobs_can_be_interrupted(self):
        breaches = []
        for data in self.env['ir.model.data'].search([('model', '=', 'ir.cron'), ('module', 'in', ADDONS)]):
            job = self.env['ir.cron'].with_context(active_test=False).browse(data.res_id)
            method = re.search(r'model\.(\w+)\(', job.code or '')
            if not method:
                breaches.append(f"{data.complete_name}: runs something else than a method of its model")
                continue
            files = {
                inspect.getmodule(cls) for cls in self.env.registry[job.model_id.model].mro()
                if cls.__module__.split('.')[2:3] and cls.__module__.split('.')[2] in ADDONS
            }
            if not any('_commit_progress' in inspect.getsource(file) for file in files):
                breaches.append(f"{data.complete_name}: does not report its progress")
        self.assertNone(breaches, "scheduled jobs")

    def test_menus_lead_where_the_role_may_go(self):
        root = self.env.ref('crm_scp_core.menu_scp_root')
        breaches = []
        for role, user in self.users.items():
            menus = self.env['ir.ui.menu'].with_user(user)
            if not menus.has_access('read'):
                continue  # lives in the portal
            for menu in menus.browse(menus._visible_menu_ids()).sudo():
                action = menu.action
                if not (action and menu.parent_path.startswith(root.parent_path)):
                    continue
                if action._name != 'ir.actions.act_window':
                    continue
                if not self.env[action.res_model].with_user(user).has_access('read'):
                    breaches.append(f"{role}: {menu.complete_name}")
        self.assertNone(breaches, "menus that lead to a refusal")

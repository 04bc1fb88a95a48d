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
        for name in own_models(self.env):
            field = self.env[name]._fields.get('company_id')
            if not self.env[name]._auto and field is None and name in rights.COMPANYLESS:
                continue
            with self.subTest(model=name):
                if name in rights.COMPANYLESS:
                    self.assertIsNone(field, "listed as belonging to no company")
                    continue
                self.assertTrue(field and field.store, "no stored company_id, and not listed as without company")
                rules = self.env['ir.rule'].search([('model_id.model', '=', name), ('groups', '=', False)])
                self.assertTrue(
                    any(re.search(r"'company_id',\s*'in',\s*company_ids", rule.domain_force or '') for rule in rules),
                    "no global record rule on the user's companies",
                )

    def test_links_stay_within_the_company(self):
        for name in own_models(self.env):
            model = self.env[name]
            if 'company_id' not in model._fields or not model._auto:
                continue
            for field in own_fields(self.env, name):
                if field.type != 'many2one' or not field.store or field.related:
                    continue
                if f'{name}.{field.name}' in rights.UNCHECKED_LINKS:
                    continue
                comodel = self.env[field.comodel_name]
                if field.name != 'company_id' and 'company_id' in comodel._fields:
                    with self.subTest(field=f'{name}.{field.name}'):
                        self.assertTrue(
                            field.check_company and model._check_company_auto,
                            f"links to {comodel._name}, which knows companies, without check_company",
                        )

    def test_portal_cannot_read_our_fields(self):
        """Related and computed fields are evaluated as superuser: without groups they leak."""
        portal_groups = self.env.ref('base.group_portal') | self.env.ref('base.group_public')
        lines = self.env['ir.model.access'].search([
            ('perm_read', '=', True), '|', ('group_id', 'in', portal_groups.ids), ('group_id', '=', False),
        ])
        # a user may read some fields of himself whatever the access lists say
        reachable = {*lines.mapped('model_id.model'), 'res.users', 'res.partner'}
        seen = set()
        for name in sorted(reachable & set(self.env.registry)):
            model = self.env[name].with_user(self.users['portal'])
            for field in own_fields(self.env, name):
                key = f'{name}.{field.name}'
                if model._has_field_access(field, 'read'):
                    seen.add(key)
                    with self.subTest(field=key):
                        self.assertIn(key, rights.PORTAL_FIELDS, "portal users can read it: add groups=, or a reason")
        self.assertFalse(set(rights.PORTAL_FIELDS) - seen, "reasons for fields that portal users cannot read")

    def test_users_cannot_read_our_fields_of_themselves(self):
        users = self.env['res.users']
        ours = {field.name for field in own_fields(self.env, 'res.users')}
        self.assertFalse(ours & set(users.SELF_READABLE_FIELDS) - {key.split('.')[-1] for key in rights.PORTAL_FIELDS})

    def test_shared_tables_stay_lean(self):
        """Rows that many transactions touch get no column of ours that documents would update."""
        for name in ('res.partner', 'res.users', 'res.company', 'product.template', 'product.product'):
            for field in own_fields(self.env, name):
                if field.store and field.column_type and (field.compute or name == 'res.partner'):
                    with self.subTest(field=f'{name}.{field.name}'):
                        self.fail("stored on a table that many transactions share")

    def test_ratios_are_not_summed(self):
        for name in self.env.registry:
            for field in own_fields(self.env, name):
                key = f'{name}.{field.name}'
                if (
                    field.type in ('integer', 'float', 'monetary') and field.store and RATIO.search(field.name)
                    and not self.env[name]._transient and key not in rights.SUMMABLE
                ):
                    with self.subTest(field=key):
                        self.assertNotEqual(field.aggregator, 'sum')

    def test_labels(self):
        for name in own_models(self.env) + own_models(self.env, transient=True):
            with self.subTest(model=name):
                self.assertNotEqual(self.env[name]._description, name)
        for name in self.env.registry:
            for field in own_fields(self.env, name):
                with self.subTest(field=f'{name}.{field.name}'):
                    self.assertTrue(field.string)
                    self.assertNotEqual(field.string, field.name)

    def test_owners_and_companies_are_indexed(self):
        """What record rules filter by on every read."""
        for name in own_models(self.env):
            model = self.env[name]
            if not model._auto:
                continue
            self.env.cr.execute(
                "SELECT regexp_replace(indexdef, '.*?\\((\\w+).*', '\\1') FROM pg_indexes WHERE tablename = %s",
                [model._table],
            )
            leading = {column for (column,) in self.env.cr.fetchall()}
            for field_name in ('company_id', 'partner_id', 'customer_id', 'user_id'):
                field = model._fields.get(field_name)
                if field and field.store and name not in ('scp.value.run', 'scp.customer.refresh'):
                    with self.subTest(field=f'{name}.{field_name}'):
                        self.assertIn(field_name, leading, "no index begins with it")

    def test_jobs_can_be_interrupted(self):
        jobs = self.env['ir.model.data'].search([('model', '=', 'ir.cron'), ('module', 'in', ADDONS)])
        for data in jobs:
            job = self.env['ir.cron'].with_context(active_test=False).browse(data.res_id)
            method = re.search(r'model\.(\w+)\(', job.code or '')
            with self.subTest(job=data.complete_name):
                self.assertTrue(method, "runs something else than one method of its model")
                function = getattr(self.env.registry[job.model_id.model], method[1])
                module = inspect.getmodule(inspect.unwrap(function))
                self.assertIn('_commit_progress', inspect.getsource(module), "does not report its progress")
                self.assertFalse(job.name == job.code, "has no name")

    def test_menus_lead_where_the_role_may_go(self):
        root = self.env.ref('crm_scp_core.menu_scp_root')
        for role, user in self.users.items():
            menus = self.env['ir.ui.menu'].with_user(user)
            visible = menus.browse(menus._visible_menu_ids())
            for menu in visible.filtered(lambda menu: menu.parent_path.startswith(root.parent_path) and menu.action):
                action = menu.action.sudo()
                if action._name == 'ir.actions.act_window':
                    with self.subTest(menu=menu.complete_name, role=role):
                        self.assertTrue(self.env[action.res_model].with_user(user).has_access('read'))

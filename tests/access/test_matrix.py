"""Every model and every role against the table of rights."""

from odoo.tests import tagged

from tests.access import rights
from tests.access.common import AccessCase, own_models


@tagged('post_install', '-at_install')
class TestMatrix(AccessCase):

    def test_table_names_every_model(self):
        models = set(own_models(self.env))
        self.assertFalse(models - set(rights.RIGHTS), "models without a line in tests/access/rights.py")
        self.assertFalse(set(rights.RIGHTS) - models, "lines of tests/access/rights.py without a model")

    def test_access_lists_are_as_written(self):
        for model in sorted(set(own_models(self.env)) & set(rights.RIGHTS)):
            for role in rights.ROLES:
                with self.subTest(model=model, role=role):
                    self.assertEqual(self.granted(model, role), rights.expected(model, role))

    def test_removing_any_access_line_shows(self):
        """No line of the access lists is superfluous, so each is covered by the table above."""
        lines = self.env['ir.model.access'].search([('model_id.model', 'in', own_models(self.env))])
        for line in lines:
            model = line.model_id.model
            before = {role: self.granted(model, role) for role in rights.ROLES}
            line.active = False
            after = {role: self.granted(model, role) for role in rights.ROLES}
            line.active = True
            with self.subTest(line=line.name):
                self.assertNotEqual(before, after, "gives nobody anything")

    def test_wizards_are_for_employees(self):
        for model in own_models(self.env, transient=True):
            for role in ('portal', 'public'):
                with self.subTest(model=model, role=role):
                    self.assertFalse(self.granted(model, role))

    def test_no_access_line_without_group(self):
        lines = self.env['ir.model.access'].search([
            ('model_id.model', 'in', own_models(self.env) + own_models(self.env, transient=True)),
            ('group_id', '=', False),
        ])
        self.assertFalse(lines.mapped('name'), "access for everybody, the public included")

    def test_portal_reads_only_what_is_named(self):
        readable = {model for model in own_models(self.env) if self.granted(model, 'portal')}
        self.assertEqual(readable, rights.PORTAL_MODELS)
        for model in readable:
            rules = self.env['ir.rule'].search([
                ('model_id.model', '=', model), ('groups', 'in', self.env.ref('base.group_portal').ids),
            ])
            self.assertTrue(rules, f"no record rule limits portal users on {model}")

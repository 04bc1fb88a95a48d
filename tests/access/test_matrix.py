"""Every model and every role against the table of rights."""

import itertools
from collections import defaultdict

from odoo.tests import tagged

from tests.access import rights
from tests.access.common import OPERATIONS, AccessCase, own_models


@tagged('post_install', '-at_install')
class TestMatrix(AccessCase):

    def test_table_names_every_model(self):
        models = set(own_models(self.env))
        self.assertFalse(models - set(rights.RIGHTS), "models without a line in tests/access/rights.py")
        self.assertFalse(set(rights.RIGHTS) - models, "lines of tests/access/rights.py without a model")

    def test_access_lists_are_as_written(self):
        self.assertNone((
            f"{role} on {model}: has '{self.granted(model, role)}', the table says '{rights.expected(model, role)}'"
            for model in own_models(self.env) if model in rights.RIGHTS
            for role in rights.ROLES
            if self.granted(model, role) != rights.expected(model, role)
        ), "the access lists differ from tests/access/rights.py")

    def test_removing_any_access_line_shows(self):
        """No line of the access lists is superfluous, so each is covered by the table above."""
        lines = self.env['ir.model.access'].search([('model_id.model', 'in', own_models(self.env))])
        granting = defaultdict(lines.browse)
        for line, (role, user), operation in itertools.product(lines, self.users.items(), OPERATIONS.values()):
            if line[f'perm_{operation}'] and line.group_id in user.all_group_ids:
                granting[line.model_id, role, operation] |= line
        needed = lines.browse().union(*(granted for granted in granting.values() if len(granted) == 1))
        self.assertNone(
            (f"{line.name} ({line.group_id.full_name})" for line in lines - needed),
            "access lines that give nobody anything",
        )

    def test_wizards_are_for_employees(self):
        self.assertNone((
            f"{model} by {role}"
            for model in own_models(self.env, transient=True) for role in ('portal', 'public')
            if self.granted(model, role)
        ), "wizards that outsiders may use")

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

"""Every field of ours on Odoo's own models: who can read it. A new field needs a line in rights_fields.py."""

from odoo.tests import tagged

from tests.access import rights_fields
from tests.access.common import AccessCase, own_fields, own_models


@tagged('post_install', '-at_install')
class TestFields(AccessCase):

    def readable(self, role):
        """Names of our fields, by model of Odoo's, that a role can read."""
        ours = {*own_models(self.env), *own_models(self.env, transient=True)}
        found = {}
        for model in set(self.env.registry) - ours:
            records = self.env[model].with_user(self.users[role])
            # a user may read some fields of himself whatever the access lists say
            if records._abstract or model != 'res.users' and not records.has_access('read'):
                continue
            names = {field.name for field in own_fields(self.env, model) if records._has_field_access(field, 'read')}
            if names:
                found[model] = names
        return found

    def test_table_names_every_field(self):
        """For an employee without a role, an accountant and a warehouse user; nobody outside reads any."""
        breaches = []
        for role in ('employee', 'accountant', 'warehouse', 'portal', 'public'):
            found, listed = self.readable(role), rights_fields.listed(role)
            for model in sorted({*found, *listed}):
                names, wanted = found.get(model, set()), listed.get(model, set())
                breaches += [f"{role} reads {model}.{name}, which is not listed" for name in sorted(names - wanted)]
                breaches += [f"{role} does not read {model}.{name}, though listed" for name in sorted(wanted - names)]
        self.assertNone(breaches, "our fields on Odoo's models differ from tests/access/rights_fields.py")

"""Users of every role, and the models and fields the suite brings."""

from odoo import Command
from odoo.tests import TransactionCase, new_test_user

from suite.paths import ADDONS
from tests.access.rights import ROLES

OPERATIONS = {'r': 'read', 'w': 'write', 'c': 'create', 'd': 'unlink'}


def own_models(env, *, transient=False):
    """Return the names of the models our addons define that hold records."""
    return sorted(
        name for name, model in env.registry.items()
        if model._original_module in ADDONS and not model._abstract and model._transient == transient
    )


def own_fields(env, name):
    """Return the fields that our addons, and no other, brought to the model `name`."""
    return [
        field for field in env[name]._fields.values()
        if field._modules and set(field._modules) <= set(ADDONS)
        and field.name not in ('id', 'display_name', 'create_uid', 'create_date', 'write_uid', 'write_date')
    ]


class AccessCase(TransactionCase):
    """Gives `self.users[role]`: a fresh user per role in the main company, in no sales team."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True, no_reset_password=True))
        missing = set(ADDONS) - set(cls.env.registry._init_modules)
        assert not missing, f"these tests need a database with all addons, {missing} are not installed"
        company = cls.env.ref('base.main_company')
        cls.users = {
            role: new_test_user(
                cls.env, f'access_{role}', groups, company_id=company.id,
                company_ids=[Command.set(company.ids)], context={'tracking_disable': True},
            )
            for role, groups in ROLES.items()
        }

    def assertNone(self, breaches, text):
        """Fail with every breach on a line of its own; far quicker to run and to read than sub-tests."""
        lines = [str(breach) for breach in breaches]
        if lines:
            self.fail(f"{text}:\n  " + '\n  '.join(lines))

    def granted(self, model, role):
        """Return the letters of the operations the access lists grant `role` on `model`."""
        records = self.env[model].with_user(self.users[role])
        return ''.join(letter for letter, operation in OPERATIONS.items() if records.has_access(operation))

"""Those rules of Odoo's own addon test_lint that need a registry, on our models and methods only."""

import inspect

from odoo import models
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.test_lint.tests import test_index, test_override_signatures, test_routes

from suite.paths import ADDONS
from tests.access.common import own_fields


def _addon(cls):
    parts = (cls.__module__ or '').split('.')
    return parts[2] if parts[:2] == ['odoo', 'addons'] else None


@tagged('post_install', '-at_install')
class TestOdooLint(TransactionCase):

    def test_inverse_of_one2many_is_indexed(self):
        for name in self.env.registry:
            for field in own_fields(self.env, name):
                if field.type != 'one2many' or not field.inverse_name:
                    continue
                comodel = self.env[field.comodel_name]
                inverse = comodel._fields[field.inverse_name].base_field
                if comodel._auto and not comodel._transient and inverse.store and inverse.column_type:
                    with self.subTest(field=str(inverse)):
                        self.assertTrue(
                            inverse.index in test_index.BTREE_INDEX_PY_DEFS or self.leads_index(comodel, inverse),
                        )

    def leads_index(self, model, field):
        """Whether an index of several columns begins with that of the field: a second one finds nothing faster."""
        return any(
            isinstance(item, models.Index)
            and item.get_definition(self.env.registry).startswith(f'INDEX ({field.name},')
            for item in model._table_objects.values()
        )

    def test_overrides_keep_the_signature(self):
        for name, model in self.env.registry.items():
            for cls in model.mro()[1:-1]:
                if _addon(cls) not in ADDONS:
                    continue
                for method, override in vars(cls).items():
                    if method.startswith('__') or not inspect.isroutine(override):
                        continue
                    original = next(
                        (vars(parent)[method] for parent in reversed(model.mro()[1:-1]) if method in vars(parent)),
                        override,
                    )
                    if original is override or not inspect.isroutine(original):
                        continue
                    private = method.startswith('_')
                    with self.subTest(model=name, method=method, addon=_addon(cls)):
                        test_override_signatures.assert_valid_override(
                            inspect.signature(original), inspect.signature(override), private)
                        test_override_signatures.assert_attribute_override(original, override, private)

    def test_remote_methods_take_no_ids_and_no_context(self):
        for name, model in self.env.registry.items():
            for cls in model.mro():
                if _addon(cls) not in ADDONS:
                    continue
                for method, function in vars(cls).items():
                    remote = inspect.isfunction(function) and not getattr(function, '_api_private', False)
                    if method.startswith('_') or not remote:
                        continue
                    with self.subTest(model=name, method=method):
                        self.assertFalse({'ids', 'context'} & set(inspect.signature(function).parameters))

    def test_routes_do_not_repeat_what_they_inherit(self):
        with mute_logger('odoo.http'), self.assertNoLogs(test_routes.__name__, 'WARNING'):
            test_routes.RoutesLinter.test_routes_definition(self)

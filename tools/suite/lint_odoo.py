"""Odoo's own lint tests on a few addons: ``python -m suite.lint_odoo ADDONS_DIR ADDON...``.

Odoo's addon ``test_lint`` reads every addon it can find, which takes minutes. Its test cases that
need no database run here on the addons named; those that need a registry run in ``tests/access``.
Prints what they complain about, warnings included; the exit code is 1 when there is anything.

``test_test_holes`` is left out on purpose: it demands star imports of nested test folders, while
this repository imports test modules by name; :mod:`suite.lint_rules` checks that none is forgotten.
"""
import importlib
import logging
import sys
import unittest.mock
from pathlib import Path

CASES = (
    ('test_manifests', 'ManifestLinter', 'test_manifests'),
    ('test_onchange_domains', 'TestOnchangeDomains', 'test_forbid_domains_in_onchanges'),
    ('test_dunderinit', 'TestDunderinit', 'test_dunderinit'),
    ('test_orm_import', 'TestDunderinit', 'test_addons_orm_import'),
    ('test_jstranslate', 'TestJsTranslations', 'test_js_translations'),
    ('test_i18n', 'TestI18n', 'test_user_content_as_prop_is_translatable'),
)


class _Complaints(logging.Handler):
    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record):
        # a failed case is logged with its traceback; the last line says what is wrong
        self.lines.append(record.getMessage().strip().splitlines()[-1])


def complaints(addons_dir, addons):
    """Run the cases on ``addons``; return the messages of what they logged at WARNING or above."""
    from odoo.tools import config
    config.parse_config(['--addons-path', str(addons_dir), '--http-interface', '127.0.0.1'], setup_logging=False)
    from odoo.modules.module import Manifest
    from odoo.tests.result import OdooTestResult
    from odoo.tests.suite import OdooSuite

    manifests = [Manifest.for_addon(name) for name in addons]
    missing = [name for name, manifest in zip(addons, manifests, strict=True) if not manifest]
    if missing:
        return [f"no manifest of {name}" for name in missing]
    handler = _Complaints()
    logging.getLogger().addHandler(handler)
    cases = [
        getattr(importlib.import_module(f'odoo.addons.test_lint.tests.{module}'), case)(method)
        for module, case, method in CASES
    ]
    with unittest.mock.patch.object(Manifest, 'all_addon_manifests', lambda: manifests):
        result = OdooTestResult()
        OdooSuite(cases)(result)
    if not result.wasSuccessful() and not handler.lines:
        return [str(result)]
    return handler.lines


if __name__ == '__main__':
    found = complaints(Path(sys.argv[1]), sys.argv[2:])
    print('\n'.join(found))
    sys.exit(bool(found))

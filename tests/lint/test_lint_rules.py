"""Each rule of the repository finds a breach of it in a scratch repository, and leaves good code alone."""

import subprocess
import textwrap

import pytest

from suite import lint_rules

GOOD = {
    'addons/crm_x/models/x_thing.py': '''
        from odoo import fields, models


        class XThing(models.Model):
            _name = 'x.thing'
            _description = "Thing"

            # for the list of things by name
            _name_index = models.Index('(name)')

            name = fields.Char()

            def _owner(self):
                # the owner may be someone the user must not see
                return self.sudo().create_uid
    ''',
    'addons/crm_x/models/x_thing_more.py': '''
        from odoo import models


        class XThing(models.Model):
            _inherit = ['x.thing']
    ''',
    'addons/crm_x/tests/__init__.py': '''
        from . import test_x
        from .deep import test_y
    ''',
    'addons/crm_x/tests/test_x.py': '''
        from odoo.tests import TransactionCase, tagged


        @tagged('post_install', '-at_install')
        class TestX(TransactionCase):
            def test_x(self):
                self.assertTrue(self.env)
    ''',
    'addons/crm_x/tests/deep/test_y.py': '''
        from odoo.tests import TransactionCase, tagged


        @tagged('post_install', '-at_install')
        class TestY(TransactionCase):
            def test_y(self):
                self.assertTrue(self.env)
    ''',
    'addons/crm_x/tests/engine/test_pure.py': '''
        def test_sum():
            assert 1 + 1 == 2
    ''',
    'addons/crm_x/i18n/zh_CN.po': '''
        #: code:addons/crm_x/models/x.py:0
        msgid "%(done)d of %(all)d, 5 % left"
        msgstr "%(all)d / %(done)d, 5 %"
    ''',
    'addons/crm_x/views/x.xml': '<odoo><record id="x"/></odoo>',
}

# name of the rule, file, content that breaks it, part of the finding
BAD = [
    ('files_well_formed', 'addons/crm_x/views/y.xml', '<odoo><record></odoo>', "does not parse"),
    ('files_well_formed', 'tools/x.py', 'def (', "does not parse"),
    ('files_well_formed', 'addons/crm_x/static/x.json', '{', "does not parse"),
    ('test_names_unique', 'addons/crm_x/tests/deep/test_x.py', '', "another test module test_x.py"),
    ('test_modules_imported', 'addons/crm_x/tests/deep/test_z.py', 'import odoo', "does not import deep/test_z.py"),
    ('test_modules_imported', 'addons/crm_x/tests/__init__.py',
     'from . import test_x, test_x\nfrom .deep import test_y', "imports test_x.py 2 times"),
    ('test_classes_tagged', 'addons/crm_x/tests/test_x.py',
     'from odoo.tests import TransactionCase\nclass TestX(TransactionCase):\n    def test_x(self): ...', "TestX lacks"),
    ('tests_not_skipped', 'addons/crm_x/tests/test_x.py', 'self.' + 'skip' + 'Test("no browser")', "skipped"),
    ('tests_not_skipped', 'tests/test_x.py', '@pytest.' + 'mark.' + 'skip\ndef test_x(): ...', "skipped"),
    ('models_one_per_file', 'addons/crm_x/models/thing.py',
     'class A:\n    _name = "x.thing"', "so it is called x_thing.py"),
    ('models_one_per_file', 'addons/crm_x/models/x_thing.py',
     'class A:\n    _name = "x.thing"\nclass B:\n    _inherit = "x.other"', "one model per file"),
    ('sudo_explained', 'addons/crm_x/models/x_thing.py', 'a = 1\nx = self.sudo().name', "sudo() without"),
    ('indexes_explained', 'addons/crm_x/models/x_thing.py', 'a = 1\nx = models.Index("(name)")', "index without"),
    ('suppressions_explained', 'tools/x.py', 'a = 1\nimport os  # no' + 'qa: F401', "without ` - reason`"),
    ('suppressions_explained', 'tools/x.py', '# why\nimport os  # no' + 'qa', "name the one meant"),
    ('labels_translatable', 'addons/crm_x/static/src/x/board.xml',
     '<t>\n<td data-label="Months ahead" data-tooltip="Ahead"/></t>', "'data-label=\"Months ahead\"'"),
    ('templates_know_their_names', 'addons/crm_x/static/src/x/board.xml',
     '<t>\n<p t-on-click="() => this.load(Number(this.count))"/></t>', "unknown to a template: 'Number('"),
    ('translations_keep_placeholders', 'addons/crm_x/i18n/zh_CN.po',
     '#: code:addons/crm_x/models/x.py:0\nmsgid "%(name)s is late"\nmsgstr "%(nom)s"', "placeholders ['%(nom)s']"),
    ('translations_keep_placeholders', 'addons/crm_x/i18n/de.po',
     '#: code:addons/crm_x/models/x.py:0\nmsgid "%s of %s"\nmsgstr "%s"', "placeholders ['%s']"),
    ('links_lead_somewhere', 'docs/a.md', 'See [there](b.md) and ![a board](c.png).', "leads nowhere: 'b.md'"),
    ('nothing_unfinished', 'README.md', 'TO' + 'DO: write', "unfinished"),
    ('nothing_unfinished', 'addons/crm_x/views/x.xml', '<odoo>\n<<<<' + '<<< HEAD\n</odoo>', "does not parse"),
    ('nothing_unfinished', 'a.md', '<<<<' + '<<< HEAD', "unfinished"),
    ('project_speaks_of_itself', 'a.md', 'see is' + 'sue 2', "person, ticket or machine"),
    ('project_speaks_of_itself', 'a.md', '{root}/addons', "person, ticket or machine"),
    ('no_private_registry', 'requirements.txt', '--index-url https://pip.corp.example/simple', "private package"),
]


@pytest.fixture
def repository(tmp_path, monkeypatch):
    monkeypatch.setenv('PIP_INDEX_URL', 'https://user:word@pip.corp.example/simple')
    subprocess.run(['git', 'init', '--quiet', tmp_path], check=True)
    for name, content in GOOD.items():
        _write(tmp_path, name, content)
    return tmp_path


def _write(root, name, content):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(content).lstrip())


def test_good_repository_passes(repository):
    assert not list(lint_rules.check(repository))


@pytest.mark.parametrize(('rule', 'name', 'content', 'text'), BAD, ids=[f'{rule[0]}-{rule[1]}' for rule in BAD])
def test_rule_bites(repository, rule, name, content, text):
    _write(repository, name, content.replace('{root}', str(repository)))
    found = [str(finding) for finding in lint_rules.check(repository)]
    assert any(name.split('/')[-1] in line or '__init__' in line for line in found if text in line), found


def test_every_rule_has_a_breach_here():
    assert {rule.__name__ for rule in lint_rules.RULES} == {case[0] for case in BAD}

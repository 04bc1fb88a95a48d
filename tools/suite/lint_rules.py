"""The rules of this repository that no ready-made tool checks.

Each rule is a generator of :class:`Finding`, named in :data:`RULES`; its docstring says what it asks.
Patterns are written so that they do not match their own source.
"""
import ast
import configparser
import contextlib
import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import polib
from lxml import etree

TEXT_SUFFIXES = {
    '', '.py', '.xml', '.csv', '.js', '.scss', '.css', '.md', '.rst', '.txt', '.toml', '.yaml', '.yml', '.cfg', '.conf',
    '.sql', '.sh', '.json', '.svg', '.html', '.po', '.pot', '.ini',
}


class Finding(NamedTuple):
    path: Path
    line: int
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


class Source:
    """A file of the repository, read and parsed at most once."""

    def __init__(self, root, path):
        self.root, self.path = root, path

    @cached_property
    def text(self):
        return (self.root / self.path).read_text(errors='replace')

    @cached_property
    def lines(self):
        return self.text.splitlines()

    @cached_property
    def tree(self):
        return ast.parse(self.text, str(self.path))

    @cached_property
    def statements(self):
        """First and last line of every statement that is no definition."""
        return [
            (node.lineno, node.end_lineno) for node in ast.walk(self.tree)
            if isinstance(node, ast.stmt) and not isinstance(node, (ast.ClassDef, ast.FunctionDef))
        ]

    @cached_property
    def functions(self):
        """First and last line of every function."""
        return [
            (node.lineno, node.end_lineno) for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)
        ]

    @property
    def addon(self):
        return self.path.parts[1] if self.path.parts[0] == 'addons' and len(self.path.parts) > 2 else None

    @property
    def is_test(self):
        return 'tests' in self.path.parts

    @property
    def is_test_module(self):
        return self.addon and self.is_test and self.path.match('test_*.py')

    @cached_property
    def uses_odoo(self):
        """Whether the module imports Odoo; a test that does not runs without a database."""
        return any(
            isinstance(node, ast.ImportFrom) and (node.module or '').split('.')[0] == 'odoo'
            or isinstance(node, ast.ImportFrom) and node.level
            or isinstance(node, ast.Import) and any(alias.name.split('.')[0] == 'odoo' for alias in node.names)
            for node in ast.walk(self.tree)
        )

    def __str__(self):
        return str(self.path)


def sources(root):
    """The files git tracks or would track below ``root``, that still exist."""
    listed = subprocess.run(
        ['git', 'ls-files', '--cached', '--others', '--exclude-standard', '-z'],
        cwd=root, capture_output=True, text=True, check=True,
    ).stdout.split('\0')
    return [Source(root, Path(name)) for name in sorted(set(listed)) if name and (root / name).is_file()]


# --- Python tests ---------------------------------------------------------------------------------

def test_names_unique(root, files):
    """Test modules are named uniquely within an addon: Odoo's runner shadows equal names silently."""
    by_name = defaultdict(list)
    for source in files:
        if source.is_test_module:
            by_name[source.addon, source.path.name].append(source.path)
    for (addon, name), paths in by_name.items():
        for path in paths[1:]:
            yield Finding(path, 1, f"{addon} has another test module {name}: {paths[0]}")


def test_modules_imported(root, files):
    """Every test module that uses Odoo is imported once in its addon's ``tests/__init__.py``."""
    wanted = defaultdict(set)
    for source in files:
        if source.is_test_module and source.uses_odoo:
            wanted[source.addon].add(source.path)
    for addon, paths in wanted.items():
        folder = Path('addons', addon, 'tests')
        init = next((source for source in files if source.path == folder / '__init__.py'), None)
        if init is None:
            yield Finding(folder, 1, "test modules, but no __init__.py that imports them")
            continue
        imported = Counter(_imported_modules(init, folder))
        for path in sorted(paths):
            if not imported[path]:
                yield Finding(init.path, 1, f"does not import {path.relative_to(folder)}: its tests never run")
        for path, times in imported.items():
            if times > 1:
                yield Finding(init.path, 1, f"imports {path.relative_to(folder)} {times} times")


def _imported_modules(init, folder):
    for node in init.tree.body:
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            base = folder.joinpath(*(node.module or '').split('.'))
            for alias in node.names:
                if alias.name.startswith('test_'):
                    yield base / f'{alias.name}.py'


def test_classes_tagged(root, files):
    """Every Odoo test class says itself ``@tagged('post_install', '-at_install')``."""
    for source in files:
        if not (source.is_test_module and source.uses_odoo):
            continue
        for node in source.tree.body:
            if isinstance(node, ast.ClassDef) and any(
                isinstance(item, ast.FunctionDef) and item.name.startswith('test_') for item in node.body
            ):
                tags = {
                    argument.value
                    for decorator in node.decorator_list
                    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith('tagged')
                    for argument in decorator.args if isinstance(argument, ast.Constant)
                }
                if not {'post_install', '-at_install'} <= tags:
                    yield Finding(source.path, node.lineno, f"{node.name} lacks @tagged('post_install', '-at_install')")


def tests_not_skipped(root, files):
    """No test is skipped or expected to fail: what cannot run here must not be written here."""
    pattern = re.compile(
        r'\bskipTest\(|@(unittest\.)?skip|\bpytest\.(skip|xfail|importorskip)\b|\bmark\.(skip|xfail)'
        r'|\bexpectedFailure\b'
    )
    for source in files:
        if source.path.suffix == '.py' and source.is_test and 'plugins' not in source.path.parts:
            yield from _matches(source, pattern, "skipped or expected to fail")


# --- Python code ----------------------------------------------------------------------------------

def models_one_per_file(root, files):
    """One model per file in ``models``, ``wizard`` and ``report``, the file named after the model.

    A model too long for one file goes on in others whose names begin with its own.
    """
    for source in files:
        parts = source.path.parts
        if not (source.addon and source.path.suffix == '.py' and parts[2] in ('models', 'wizard', 'report')):
            continue
        names = [name for name in map(_model_name, source.tree.body) if name]
        for name in names[1:]:
            yield Finding(source.path, 1, f"holds {names[0]} and {name}: one model per file")
        if names and not f'{source.path.stem}_'.startswith(names[0].replace('.', '_') + '_'):
            yield Finding(source.path, 1, f"holds {names[0]}, so it is called {names[0].replace('.', '_')}.py")


def _model_name(node):
    if not isinstance(node, ast.ClassDef):
        return None
    values = {}
    for item in node.body:
        if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
            with contextlib.suppress(ValueError):
                values[item.targets[0].id] = ast.literal_eval(item.value)
    inherited = values.get('_inherit')
    if isinstance(inherited, list):
        inherited = inherited[0] if inherited else None
    return values.get('_name') or inherited


def sudo_explained(root, files):
    """Every ``sudo()`` of the addons has a comment that says why: beside it, right above, or in the
    text of its function as ``sudo: reason``. Demo data and settings are read as superuser anyway.
    """
    pattern = re.compile(r"(?<!ir\.config_parameter'\])\.sudo\(\)")
    for finding in _explained(files, pattern, "sudo() without a comment that says why"):
        if 'demo' not in finding.path.parts:
            yield finding


def indexes_explained(root, files):
    """Every ``models.Index`` has a comment that names the query it serves."""
    yield from _explained(files, re.compile(r'\bmodels\.Index\('), "index without a comment that names its query")


def _explained(files, pattern, text):
    for source in files:
        if not source.addon or source.is_test or source.path.suffix != '.py':
            continue
        for number, line in enumerate(source.lines, 1):
            if pattern.search(line.split('#')[0]) and not _has_comment(source, number):
                yield Finding(source.path, number, text)


def _has_comment(source, number):
    """Whether the statement on line ``number`` has a comment, beside or right above it."""
    start = max((first for first, last in source.statements if first <= number <= last), default=number)
    body = source.lines[start - 1:number]
    above = source.lines[start - 2] if start > 1 else ''
    if any('#' in line for line in body) or above.lstrip().startswith('#'):
        return True
    function = max((lines for lines in source.functions if lines[0] <= number <= lines[1]), default=(1, 0))
    return any('sudo: ' in line for line in source.lines[function[0] - 1:function[1]])


def suppressions_explained(root, files):
    """A silenced check names the check and, beside or above it, the reason."""
    pattern = re.compile(r'#\s*(no[q]a|no[s]ec|pyli[n]t:\s*disable(-next)?|type:\s*ig[n]ore)(?P<rest>.*)$')
    for source in files:
        if source.path.suffix != '.py':
            continue
        for number, line in enumerate(source.lines, 1):
            match = pattern.search(line)
            if not match:
                continue
            rest = match['rest'].strip(' :=')
            codes = re.match(r'[A-Za-z][\w-]*(\s*,\s*[A-Za-z][\w-]*)*', rest)
            above = source.lines[number - 2].strip() if number > 1 else ''
            if not codes:
                yield Finding(source.path, number, "silences every check, name the one meant")
            elif not rest[codes.end():].strip(' -#;') and not above.startswith('#'):
                yield Finding(source.path, number, "silences a check without ` - reason`")


# --- any text -------------------------------------------------------------------------------------

def files_well_formed(root, files):
    """XML, SVG and JSON files parse, Python files compile."""
    for source in files:
        try:
            if source.path.suffix in ('.xml', '.svg'):
                etree.fromstring((root / source.path).read_bytes())
            elif source.path.suffix == '.json':
                json.loads(source.text)
            elif source.path.suffix == '.py':
                _ = source.tree
        except (etree.XMLSyntaxError, SyntaxError, ValueError) as error:
            yield Finding(source.path, getattr(error, 'lineno', None) or 1, f"does not parse: {error}")


def labels_translatable(root, files):
    """What templates of the web client say stands in attributes that Odoo translates."""
    pattern = re.compile(r'\bdata-(?!tooltip=)[\w-]+="[A-Z][a-z][^"]*"')
    for source in files:
        if source.path.suffix == '.xml' and 'static' in source.path.parts:
            yield from _matches(source, pattern, "text in an attribute that is not translated")


def templates_know_their_names(root, files):
    """Templates of the web client call no function of JavaScript itself: Owl looks these up in the component."""
    pattern = re.compile(r'(?<![\w.])(Number|String|Boolean|parseInt|parseFloat|isNaN|JSON|Set|Map|Intl)\b[.(]')
    for source in files:
        if source.path.suffix == '.xml' and 'static' in source.path.parts:
            yield from _matches(source, pattern, "unknown to a template")


def translations_keep_placeholders(root, files):
    """A translated message of the code has the placeholders of the original, no other and no fewer.

    The OCA's check looks only at entries marked ``python-format``, a mark Odoo no longer exports.
    """
    # a doubled percent sign is no placeholder, whatever follows it
    placeholder = re.compile(r'%%|%(?:\(\w+\))?[-#0 +]*\d*(?:\.\d+)?[sdifgr]|\$?\{\w*\}')
    for source in files:
        if source.path.suffix != '.po':
            continue
        for entry in polib.pofile(source.text):
            if not entry.msgstr or not any(place.startswith('code:') for place, _line in entry.occurrences):
                continue
            wanted, found = (Counter(placeholder.findall(text)) for text in (entry.msgid, entry.msgstr))
            if wanted != found:
                text = f"placeholders {sorted(found.elements())} instead of {sorted(wanted.elements())}"
                yield Finding(source.path, entry.linenum, text)


def links_lead_somewhere(root, files):
    """Documents link to files and name pictures that are there."""
    link = re.compile(r'\]\((?!\w+:|#)([^)\s#]+)')
    for source in files:
        if source.path.suffix == '.md':
            for number, line in enumerate(source.lines, 1):
                for target in link.findall(line):
                    if not (root / source.path.parent / target).exists():
                        yield Finding(source.path, number, f"leads nowhere: {target!r}")


def nothing_unfinished(root, files):
    """No mark of unfinished work, no leftover of a merge."""
    pattern = re.compile(r'\b[T]ODO\b|\b[F]IXME\b|\b[X]XX\b|^(<{7}|>{7})( |$)')
    for source in _texts(files):
        yield from _matches(source, pattern, "unfinished")


def project_speaks_of_itself(root, files):
    """Nothing about how, where or by whom the work was done: no ticket numbers, no local paths."""
    pattern = re.compile('|'.join([
        r'(?<![/\w])(?i:[i]ssue) ?#?\d+\b',
        r'(?i:\b([c]laude|[a]nthropic|[c]hatgpt|[c]opilot|sub-?[a]gents?)\b)',
        r'\b[s]hared/design\b',
        re.escape(str(root)) + r'\b',
        r'/[r]oot/',
    ]))
    for source in _texts(files):
        yield from _matches(source, pattern, "tells of a person, ticket or machine")


PUBLIC_HOSTS = {
    'pypi.org', 'files.pythonhosted.org', 'registry.npmjs.org', 'proxy.golang.org', 'github.com',
    'deb.debian.org', 'security.debian.org',
    'archive.ubuntu.com', 'security.ubuntu.com', 'ports.ubuntu.com',
    '127.0.0.1',
}


def no_private_registry(root, files):
    """The package registry of the machine that runs this check is named nowhere."""
    hosts = _configured_hosts() - PUBLIC_HOSTS
    if hosts:
        pattern = re.compile('|'.join(rf'\b{re.escape(host)}\b' for host in sorted(hosts)))
        for source in _texts(files):
            yield from _matches(source, pattern, "names a private package registry")


def _configured_hosts():
    """Names of the hosts pip, apt and the environment fetch packages from; only names are read."""
    urls = [
        value for key, value in os.environ.items()
        if re.search(r'INDEX_URL|FIND_LINKS|REGISTRY|PROXY$', key, re.IGNORECASE)
    ]
    for path in (Path('/etc/pip.conf'), Path(sys.prefix, 'pip.conf'), Path.home() / '.config/pip/pip.conf',
                 Path.home() / '.pip/pip.conf'):
        config = configparser.RawConfigParser(strict=False)
        with contextlib.suppress(OSError, configparser.Error):
            config.read_string(path.read_text())
        urls += [value for section in config.values() for key, value in section.items() if key.endswith('index-url')]
    for path in (*Path('/etc/apt').glob('sources.list'), *Path('/etc/apt/sources.list.d').glob('*')):
        with contextlib.suppress(OSError):
            urls.append(path.read_text())
    return {
        host for text in urls for url in re.findall(r'\w+://\S+', text)
        if (host := urlsplit(url).hostname) and '.' in host
    }


def _texts(files) -> Iterator[Source]:
    return (source for source in files if source.path.suffix in TEXT_SUFFIXES)


def _matches(source, pattern, text):
    for number, line in enumerate(source.lines, 1):
        if match := pattern.search(line):
            yield Finding(source.path, number, f"{text}: {match[0]!r}")


RULES = (
    files_well_formed,  # first: the rules below parse
    test_names_unique, test_modules_imported, test_classes_tagged, tests_not_skipped,
    models_one_per_file, sudo_explained, indexes_explained, suppressions_explained,
    labels_translatable, templates_know_their_names, translations_keep_placeholders,
    links_lead_somewhere, nothing_unfinished, project_speaks_of_itself, no_private_registry,
)


def check(root, rules=RULES) -> Iterator[Finding]:
    """Apply ``rules`` to the repository at ``root``; yield what they find."""
    files = sources(root)
    malformed = list(files_well_formed(root, files))
    yield from malformed
    broken = {finding.path for finding in malformed}
    files = [source for source in files if source.path not in broken]
    for rule in rules:
        if rule is not files_well_formed:
            yield from rule(root, files)

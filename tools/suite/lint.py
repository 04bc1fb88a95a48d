"""Every static check of the repository, one line a tool: ``python -m suite.lint``.

Runs inside the environment with Odoo importable. The tools run two at a time, each reports its
findings, its time and its verdict; the exit code is 1 when any has a finding. Which rules are on
stands in ``pyproject.toml`` (ruff, bandit, pylint-odoo), here (Odoo's checkers, OCA's hooks) and in
:mod:`suite.lint_rules` (the rules of this repository).
"""
import importlib.util
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from suite import lint_rules
from suite.paths import ADDONS, ADDONS_DIR, REPO
from suite.ui import say

# What pylint-odoo asks of addons published by the OCA, and we do differently.
PYLINT_ODOO_OFF = (
    'missing-readme',  # the fragments stand in readme/, as for the OCA before its bot renders them
    'consider-merging-classes-inherited',  # each topic extends a model in its own folder
    'prefer-env-translation',  # it does not see that `_ = self.env._` stands above a table of labels
)
# The same, where only some of its findings are wrong: (pattern of the finding, reason).
PYLINT_ODOO_EXCUSED = (
    (r'/tests/.*odoo-addons-relative-import', "tests name their addon in full, as Odoo's own do"),
    (r'/tests/.*translation-required', "nobody translates what a test says"),
    (r'/scp_(lead_log|life_cycle_log|promise|value_fact|value_month|value_score|forecast_submission|sla_event'
     r'|scorecard_dispute_entry|scorecard_override|balance_entry)\.py.*method-required-super',
     "ledgers refuse to be changed"),
    (r'in method (set_values|_update_foreign_keys|test_\w+)\. \(missing-return', "Odoo's own return nothing either"),
)

# Odoo's own list (addons/test_lint/tests/test_pylint.py) on our addons instead of on all of Odoo, without
# undefined names and redefined functions, which ruff finds a hundred times faster.
ODOO_PYLINT_ON = (
    'used-before-assignment', 'eval-used', 'unreachable',
    'sql-injection', 'missing-gettext', 'gettext-variable', 'gettext-placeholders', 'gettext-repr',
    'raise-unlink-override',
)
ODOO_PYLINT_PLUGINS = (
    '_odoo_checker_sql_injection', '_odoo_checker_gettext', '_odoo_checker_unlink_override',
)

OCA_OFF = (
    'prefer-readme-rst',  # see PYLINT_ODOO_OFF
    'xml-header-missing', 'xml-header-wrong',  # `utf-8` in lower case, as Odoo itself writes it
    'xml-field-numeric-without-eval', 'xml-field-bool-without-eval',  # Odoo converts the text itself
    'xml-view-dangerous-replace-low-priority',  # the outer addons replace the placeholders core made for them
    'xml-tag-position',  # in templates, the order of attributes tells what belongs together
)
OCA_PO_OFF = (
    'po-pretty-format',  # the order and the line breaks are those of Odoo's own export
)


class Outcome(NamedTuple):
    """What one tool had to say: its findings as lines, and the seconds it took."""

    name: str
    findings: list
    seconds: float


def _lines(command, *, cwd=REPO, environment=None, findings=None):
    """Run a tool; return the lines it printed, none when it exits with 0.

    :param findings: pattern of a line that is a finding whatever the exit code, for tools whose
        exit code says nothing
    """
    answer = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True,
        env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL,
    )
    lines = [line for line in (answer.stdout + answer.stderr).splitlines() if line.strip()]
    if findings:
        found = [line for line in lines if re.search(findings, line)]
        if found or not answer.returncode:
            return found
    if not answer.returncode:
        return []
    return lines or [f"{command[0]} ended with code {answer.returncode} and said nothing"]


def _module(*arguments):
    return [sys.executable, '-m', *arguments]


def _addon_paths():
    return [ADDONS_DIR / name for name in ADDONS]


def ruff():
    """Style, imports, likely bugs, security, dated syntax, slow loops, branching."""
    return _lines(_module('ruff', 'check', '--quiet', '--no-cache', '--output-format=concise', '.'))


def bandit():
    """Security of what is shipped, medium severity and up; tests may do what they like."""
    return _lines(_module(
        'bandit', '--quiet', '--recursive', '--severity-level', 'medium', '--configfile', 'pyproject.toml',
        '--format', 'custom', '--msg-template', '{relpath}:{line}: {test_id} {msg}', 'addons', 'tools',
    ), findings=r'^\S+:\d+: B\d+ ')


def pylint_odoo():
    """All messages of pylint-odoo but the few that only make sense for the OCA."""
    found = _lines(_module(
        'pylint', '--rcfile=pyproject.toml', '--load-plugins=pylint_odoo', '--jobs=1', '--score=n',
        '--disable=all', '--enable=odoolint', f"--disable={','.join(PYLINT_ODOO_OFF)}", *_addon_paths(),
    ), findings=r'^\S+:\d+:\d+: ')
    return [line for line in found if not any(re.search(pattern, line) for pattern, _reason in PYLINT_ODOO_EXCUSED)]


def odoo_pylint():
    """Odoo's own checkers: SQL injection, translated messages, raise inside unlink."""
    checkers = _test_lint_folder()
    return _lines(
        _module(
            'pylint', f'--rcfile={os.devnull}', '--jobs=1', '--score=n',
            # comments in the addons name pylint-odoo's messages, unknown to this run
            '--disable=all,useless-option-value,unknown-option-value',
            f"--load-plugins={','.join(ODOO_PYLINT_PLUGINS)}", f"--enable={','.join(ODOO_PYLINT_ON)}",
            *_addon_paths(),
        ),
        environment={'PYTHONPATH': str(checkers)},
        findings=r'^\S+:\d+:\d+: ',
    )


def odoo_test_lint():
    """Those test cases of Odoo's ``test_lint`` that read files, on our addons only."""
    return _lines(_module('suite.lint_odoo', ADDONS_DIR, *ADDONS))


def oca_module():
    """OCA's checks of manifests, XML and CSV files."""
    return _lines(
        _module('oca_pre_commit_hooks.cli', f"--disable={','.join(OCA_OFF)}", *_addon_paths()),
        findings=r'^\S+:\d+|\[[a-z-]+\]',
    )


def oca_po():
    """OCA's checks of translations: placeholders, duplicates, order."""
    catalogues = sorted(ADDONS_DIR.glob('*/i18n/*.po*'))
    if not catalogues:
        return []
    return _lines(
        _module('oca_pre_commit_hooks.cli_po', f"--disable={','.join(OCA_PO_OFF)}", *catalogues),
        findings=r'^\S+:\d+|\[[a-z-]+\]',
    )


def own_rules():
    """What this repository asks of its files beyond the tools above."""
    return [str(finding) for finding in lint_rules.check(REPO)]


def _test_lint_folder():
    spec = importlib.util.find_spec('odoo.addons.test_lint')
    if not spec or not spec.submodule_search_locations:
        raise FileNotFoundError("this Odoo comes without its addon test_lint")
    return Path(spec.submodule_search_locations[0]) / 'tests'


# The slowest first, so that two at a time finish early.
TOOLS = (pylint_odoo, odoo_pylint, bandit, odoo_test_lint, oca_module, own_rules, oca_po, ruff)


def _timed(tool):
    start = time.monotonic()
    try:
        findings = tool()
    except Exception as error:  # a tool that cannot run is a finding, not a reason to lose the others
        findings = [f"cannot run: {error!r}"]
    return Outcome(tool.__name__, findings, time.monotonic() - start)


def outcomes(tools=TOOLS, workers=2) -> Iterator[Outcome]:
    """Run ``tools``, yield each outcome in the order given."""
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(_timed, tools)


def main(arguments=()):
    """Run all tools, or those named, print their findings; return the exit code."""
    names = {tool.__name__: tool for tool in TOOLS}
    if unknown := set(arguments) - set(names):
        say(f"error: no tool {', '.join(sorted(unknown))}; there are {', '.join(names)}")
        return 2
    total = 0
    for outcome in outcomes([names[name] for name in arguments] or TOOLS):
        verdict = f"{len(outcome.findings)} findings" if outcome.findings else "ok"
        say(f"  {outcome.name:<16}{outcome.seconds:6.1f} s  {verdict}")
        for line in outcome.findings:
            say(f"    {line}")
        total += len(outcome.findings)
    return 1 if total else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

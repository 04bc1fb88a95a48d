"""Pytest plugin that makes a green run mean something.

- A test that is skipped or expected to fail fails. Odoo skips a tour when no browser is found and
  pytest-odoo skips every `HttpCase` without `--odoo-http`: the run would be green and prove nothing.
- A record of level ERROR or above that is logged while a test runs (its fixtures included) fails
  the test. `mute_logger` and `assertLogs` keep working: both stop the record before the root logger.
- A test that passes with `assertQueryCount` budgets more than 10 % *and* more than two queries too
  wide fails, so that budgets follow the code down and a later regression cannot hide in the slack.

Loaded by the `conftest.py` at the root of the repository.
"""

import logging
from contextlib import contextmanager

import pytest

#: slack of a query budget that is tolerated: both bounds have to be exceeded
BUDGET_SLACK_RATIO = 0.1
BUDGET_SLACK_QUERIES = 2

#: loggers that must let INFO records through for the recorder to see them; pytest-odoo starts Odoo
#: with level CRITICAL
_OPEN_LOGGERS = ('', 'odoo', 'odoo.addons')
_LOOSE_BUDGET = "Query count less than expected"


class Recorder(logging.Handler):
    """Collects the log records that make a test fail although its assertions hold."""

    def __init__(self):
        super().__init__(logging.INFO)
        self.errors = []
        self.loose_budgets = []

    def emit(self, record):
        if record.levelno >= logging.ERROR:
            self.errors.append(f"{record.name}: {record.getMessage()}")
        elif str(record.msg).startswith(_LOOSE_BUDGET):
            # arguments of Odoo's message: login, queries used, queries allowed, ...
            _login, used, allowed, *_where = record.args
            slack = allowed - used
            if slack > BUDGET_SLACK_QUERIES and slack > allowed * BUDGET_SLACK_RATIO:
                self.loose_budgets.append(record.getMessage())

    def complaints(self):
        """Return why the test must fail, as one text; empty when it may pass."""
        lines = []
        if self.errors:
            lines += ["ERROR logged during the test:", *self.errors]
        if self.loose_budgets:
            lines += ["Query budget too wide, lower it:", *self.loose_budgets]
        return '\n'.join(lines)


@contextmanager
def _recording():
    recorder = Recorder()
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in _OPEN_LOGGERS}
    for name in levels:
        logging.getLogger(name).setLevel(logging.INFO)
    root.addHandler(recorder)
    try:
        yield recorder
    finally:
        root.removeHandler(recorder)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def _watched():
    """Run one phase (set-up, call or tear-down) of a test under a recorder.

    The phases are wrapped rather than `pytest_pyfunc_call`, which is not called for the methods of
    `unittest` classes, and so that `setUpClass` is covered.
    """
    with _recording() as recorder:
        result = yield
    if complaints := recorder.complaints():
        pytest.fail(complaints, pytrace=False)
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item):
    return (yield from _watched())


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item):
    return (yield from _watched())


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item):
    return (yield from _watched())


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    """Turn skips and expected failures, those of sub-tests included, into failures."""
    report = yield
    if report.skipped or hasattr(report, 'wasxfail'):
        reason = getattr(report, 'wasxfail', None) or _skip_reason(report)
        report.__dict__.pop('wasxfail', None)
        report.outcome = 'failed'
        report.longrepr = f"{report.nodeid}: neither skips nor expected failures count: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """A module that skips itself while being imported fails as well."""
    report = yield
    if report.skipped:
        report.outcome = 'failed'
        report.longrepr = f"{report.nodeid}: skipped at import: {_skip_reason(report)}"
    return report


def _skip_reason(report):
    longrepr = report.longrepr
    return longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)

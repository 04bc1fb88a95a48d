"""Pytest plugin that says at the end which test files took longest.

pytest's own ``--durations`` believes the clock, which tests stop.
"""

import time
from collections import Counter

import pytest

SHOWN = 15

_seconds = Counter()


def _clock():
    return time.clock_gettime(time.CLOCK_MONOTONIC)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    start = _clock()
    yield
    _seconds[item.nodeid.partition('::')[0]] += _clock() - start


def pytest_terminal_summary(terminalreporter):
    terminalreporter.section(f"slowest files, of {_seconds.total():.0f} s")
    for name, seconds in _seconds.most_common(SHOWN):
        terminalreporter.line(f"{seconds:6.1f} s  {name}")

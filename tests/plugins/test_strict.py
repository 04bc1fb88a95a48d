"""The strict plugin is itself shown to bite: each run below must come out as it says."""

import textwrap

import pytest

pytest_plugins = ['pytester']


@pytest.fixture
def run(pytester):
    """Return a function that runs the source of a test module under the strict plugin, without Odoo."""

    def run_source(source):
        pytester.makepyfile(textwrap.dedent(source))
        return pytester.runpytest_subprocess(
            '-p', 'no:cacheprovider', '-p', 'tests.plugins.strict'
        )

    pytester.syspathinsert(pytester.path)
    return run_source


@pytest.fixture(autouse=True)
def importable(monkeypatch, request):
    """The run in the temporary folder finds this repository's packages, and loads no other plugin."""
    monkeypatch.setenv('PYTHONPATH', str(request.config.rootpath))
    monkeypatch.setenv('PYTEST_DISABLE_PLUGIN_AUTOLOAD', '1')


def test_quiet_test_passes(run):
    result = run("""
        import logging

        def test_quiet():
            logging.getLogger('odoo.addons.x').warning("a warning is not an error")
    """)
    result.assert_outcomes(passed=1)
    assert result.ret == 0


@pytest.mark.parametrize('body', [
    "pytest.skip('no browser')",
    "raise unittest.SkipTest('no browser')",
    "pytest.xfail('known bug')",
])
def test_skip_fails(run, body):
    result = run(f"""
        import unittest
        import pytest

        def test_skips():
            {body}
    """)
    result.assert_outcomes(failed=1)
    assert result.ret == 1


def test_skips_of_classes_and_decorators_fail(run):
    result = run("""
        import unittest
        import pytest

        @unittest.skip('later')
        class TestClass(unittest.TestCase):
            def test_a(self):
                pass

        class TestSetUp(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                raise unittest.SkipTest('nothing there')

            def test_b(self):
                pass

        class TestExpected(unittest.TestCase):
            @unittest.expectedFailure
            def test_c(self):
                self.fail()

        @pytest.mark.skip
        def test_d():
            pass
    """)
    result.assert_outcomes(failed=1, errors=3)  # a skip during set-up is an error
    assert result.ret == 1


def test_skip_of_sub_test_fails(run):
    result = run("""
        import unittest

        class TestSub(unittest.TestCase):
            def test_sub(self):
                with self.subTest(part=1):
                    self.skipTest('not this part')
    """)
    assert result.ret == 1


def test_module_that_skips_itself_fails(run):
    result = run("""
        import pytest
        pytest.skip('not here', allow_module_level=True)
    """)
    assert result.ret != 0
    result.stdout.fnmatch_lines(["*skipped at import: *not here*"])


@pytest.mark.parametrize('logger', ['', 'odoo', 'odoo.addons.crm_scp_core.models', 'py.warnings'])
def test_error_log_fails(run, logger):
    result = run(f"""
        import logging

        # as pytest-odoo leaves it
        logging.getLogger('odoo').setLevel(logging.CRITICAL)

        def test_logs():
            logging.getLogger({logger!r}).error("broken %s", "promise")
    """)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*broken promise*"])


def test_error_log_of_fixtures_fails(run):
    result = run("""
        import logging
        import unittest

        class TestFixture(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                logging.getLogger('odoo.sql_db').error("bad query")

            def test_a(self):
                pass
    """)
    result.assert_outcomes(errors=1)
    assert result.ret == 1


def test_expected_error_log_passes(run):
    result = run("""
        import logging
        import unittest

        class TestExpected(unittest.TestCase):
            def test_a(self):
                with self.assertLogs('odoo.addons.x', 'ERROR'):
                    logging.getLogger('odoo.addons.x').error("as foreseen")
    """)
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(('used', 'allowed', 'passes'), [
    (10, 12, True),     # two queries of slack are tolerated
    (95, 100, True),    # five are, where they are no more than a tenth
    (10, 13, False),
    (80, 100, False),
])
def test_loose_query_budget_fails(run, used, allowed, passes):
    # the record is the one Odoo's assertQueryCount writes (odoo/tests/common.py)
    result = run(f"""
        import logging

        def test_budget():
            logging.getLogger('odoo.addons.x.tests.test_y').info(
                "Query count less than expected for user %s: %d < %d in %s at %s:%s",
                'admin', {used}, {allowed}, 'test_y', 'x/tests/test_y.py', 12)
    """)
    result.assert_outcomes(passed=int(passes), failed=int(not passes))


def test_failure_keeps_its_own_message(run):
    result = run("""
        import logging

        def test_fails():
            logging.getLogger('odoo').error("a consequence")
            assert 1 == 2, "the cause"
    """)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*the cause*"])

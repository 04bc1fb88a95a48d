"""Loads the strict plugin for every test of the repository, whichever folder pytest is given."""

pytest_plugins = ['tests.plugins.strict']

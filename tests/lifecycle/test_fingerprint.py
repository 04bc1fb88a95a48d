"""The fingerprint and the reading of logs are themselves shown to bite."""

from contextlib import closing

import pytest

from suite import database
from tests.lifecycle import fingerprint
from tests.lifecycle.log import complaints

# a change nobody announced, and the kind of thing it must show up as
CHANGES = [
    ("CREATE TABLE leftover (id int)", 'table'),
    ("ALTER TABLE res_partner ADD COLUMN leftover int", 'column'),
    ("ALTER TABLE res_partner ALTER COLUMN ref SET DEFAULT 'x'", 'column'),
    ("CREATE INDEX leftover ON res_partner (ref)", 'index'),
    ("ALTER TABLE res_partner ADD CONSTRAINT leftover CHECK (id > 0)", 'constraint'),
    ("CREATE SEQUENCE leftover", 'sequence'),
    ("CREATE FUNCTION leftover() RETURNS int LANGUAGE sql AS 'SELECT 1'", 'function'),
    ("INSERT INTO ir_config_parameter (key, value) VALUES ('leftover', '1')", 'parameter'),
    ("INSERT INTO res_groups (name) VALUES ('{\"en_US\": \"Leftover\"}')", 'group'),
    ("INSERT INTO ir_ui_menu (name, active) VALUES ('{\"en_US\": \"Leftover\"}', true)", 'menu'),
    ("UPDATE ir_cron SET active = NOT active WHERE id = (SELECT min(id) FROM ir_cron)", 'cron'),
    ("UPDATE ir_ui_view SET arch_db = '{\"en_US\": \"<form/>\"}' WHERE id = (SELECT min(id) FROM ir_ui_view)", 'view'),
    ("DELETE FROM ir_model_access WHERE id = (SELECT min(id) FROM ir_model_access)", 'access'),
    ("UPDATE ir_rule SET domain_force = '[]' WHERE id = (SELECT min(id) FROM ir_rule)", 'rule'),
    ("INSERT INTO ir_model_data (module, name, model) VALUES ('x', 'leftover', 'res.partner')", 'xmlid'),
    ("INSERT INTO ir_filters (name, model_id, domain, context, sort) VALUES ('x', 'no.model', '[]', '{}', '[]')",
     'dangling'),
]


@pytest.fixture(scope='module')
def cursor(scratch):
    db = scratch(database.CORE_DEPENDENCIES)
    with closing(db.workplace.server.connect(db.name)) as connection, connection.cursor() as cursor:
        yield cursor


def test_same_database_has_no_difference(cursor):
    assert not fingerprint.difference(fingerprint.take(cursor), fingerprint.take(cursor))


def test_every_change_shows(cursor):
    before = fingerprint.take(cursor)
    for statement, kind in CHANGES:
        cursor.execute("SAVEPOINT before_change")
        cursor.execute(statement)
        lines = fingerprint.difference(before, fingerprint.take(cursor))
        assert any(line[2:].startswith(f'{kind}:') for line in lines), f"{statement} shows as {lines}"
        cursor.execute("ROLLBACK TO SAVEPOINT before_change")


def test_excused_difference_is_left_out():
    before = {kind: fingerprint.Counter() for kind in fingerprint.QUERIES}
    after = {**before, 'table': fingerprint.Counter(['a', 'b'])}
    assert fingerprint.difference(before, after, [(r'^table: a$', "known")]) == ['+ table: b']


def test_log_complaints():
    text = """\
2026-01-01 00:00:00,000 1 INFO db odoo.modules.loading: 70 modules loaded
2026-01-01 00:00:00,000 1 WARNING ? odoo.tools.config: missing --http-interface/http_interface, using 0.0.0.0
2026-01-01 00:00:00,000 1 WARNING db odoo.orm.fields: Field scp.x.y: unknown parameter 'z'
2026-01-01 00:00:00,000 1 ERROR db odoo.sql_db: bad query: SELECT 1
ERROR: relation "x" does not exist
2026-01-01 00:00:00,000 1 INFO db odoo.modules.loading: done
"""
    assert complaints(text) == [
        "WARNING odoo.orm.fields: Field scp.x.y: unknown parameter 'z'",
        'ERROR odoo.sql_db: bad query: SELECT 1\nERROR: relation "x" does not exist',
    ]


def test_log_of_a_process_that_died_early():
    assert complaints("Traceback (most recent call last):\n  File x\nImportError: y") == [
        "Traceback (most recent call last):\n  File x\nImportError: y",
    ]

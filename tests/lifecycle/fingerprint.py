"""What a database consists of, apart from its business data: taken as lines, compared as sets.

An upgrade that changes nothing leaves the same fingerprint; an uninstalled addon leaves the one
that was there before its installation.
"""

import re
from collections import Counter

# One query per kind of thing; each returns one text per thing. Names stand for ids where a thing
# may be told by its name, so that differences can be read.
QUERIES = {
    'table': """
        SELECT relname::text FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'p')""",
    'column': """
        SELECT format('%s.%s %s null=%s default=%s', table_name, column_name, data_type, is_nullable, column_default)
          FROM information_schema.columns WHERE table_schema = 'public'""",
    'index': "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    'constraint': """
        SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    # Odoo names the counter of a number sequence after the record's id, which a reinstallation does not keep.
    'sequence': r"""
        SELECT regexp_replace(relname::text, '^ir_sequence_\d+', 'ir_sequence_N')
          FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace""",
    'function': """
        SELECT format('%s(%s)', proname, pg_get_function_identity_arguments(oid))
          FROM pg_proc WHERE pronamespace = 'public'::regnamespace""",
    'trigger': "SELECT format('%s %s', tgrelid::regclass, tgname) FROM pg_trigger WHERE NOT tgisinternal",
    'model': "SELECT model FROM ir_model",
    'field': "SELECT format('%s.%s %s %s', model, name, ttype, state) FROM ir_model_fields",
    'selection': """
        SELECT format('%s.%s=%s', f.model, f.name, s.value)
          FROM ir_model_fields_selection s JOIN ir_model_fields f ON f.id = s.field_id""",
    'relation': "SELECT name FROM ir_model_relation",
    'model_constraint': "SELECT format('%s %s', name, type) FROM ir_model_constraint",
    'xmlid': "SELECT format('%s.%s %s noupdate=%s', module, name, model, noupdate) FROM ir_model_data",
    'view': """
        SELECT format('%s %s %s active=%s %s', key, name, model, active, md5(arch_db::text)) FROM ir_ui_view""",
    'menu': "SELECT format('%s %s active=%s', id, name->>'en_US', active) FROM ir_ui_menu",
    'action': "SELECT format('%s %s %s', id, type, name->>'en_US') FROM ir_actions",
    'access': """
        SELECT format('%s %s %s %s%s%s%s', a.name, m.model, a.group_id, a.perm_read, a.perm_write, a.perm_create,
                      a.perm_unlink)
          FROM ir_model_access a JOIN ir_model m ON m.id = a.model_id""",
    'rule': """
        SELECT format('%s %s %s active=%s', r.name, m.model, r.domain_force, r.active)
          FROM ir_rule r JOIN ir_model m ON m.id = r.model_id""",
    'group': "SELECT format('%s %s', id, name->>'en_US') FROM res_groups",
    'group_implied': """
        SELECT format('%s implies %s', g.name->>'en_US', h.name->>'en_US')
          FROM res_groups_implied_rel r JOIN res_groups g ON g.id = r.gid JOIN res_groups h ON h.id = r.hid""",
    'group_user': """
        SELECT format('%s has %s', r.gid, u.login) FROM res_groups_users_rel r JOIN res_users u ON u.id = r.uid""",
    'privilege': "SELECT name->>'en_US' FROM res_groups_privilege",
    'cron': """
        SELECT format('%s active=%s every %s %s', cron_name, active, interval_number, interval_type) FROM ir_cron""",
    'parameter': """
        SELECT format('%s=%s', key, value) FROM ir_config_parameter
         WHERE key NOT IN ('database.uuid', 'database.secret', 'database.create_date')""",
    'sequence_record': "SELECT format('%s %s', code, name) FROM ir_sequence",
    'mail_template': "SELECT format('%s %s', model, name->>'en_US') FROM mail_template",
    'message_subtype': "SELECT format('%s %s', res_model, name->>'en_US') FROM mail_message_subtype",
    'activity_type': "SELECT format('%s %s', res_model, name->>'en_US') FROM mail_activity_type",
    'default': """
        SELECT format('%s.%s %s', f.model, f.name, d.json_value)
          FROM ir_default d JOIN ir_model_fields f ON f.id = d.field_id""",
    'asset': "SELECT format('%s %s %s', bundle, directive, path) FROM ir_asset",
    'stage': "SELECT name->>'en_US' FROM crm_stage",
    # rows that speak of a model which is not there any more
    'dangling': """
        SELECT DISTINCT format('%s %s', source, model) FROM (
                  SELECT 'mail_message' AS source, model FROM mail_message
            UNION SELECT 'mail_followers', res_model FROM mail_followers
            UNION SELECT 'mail_activity', res_model FROM mail_activity
            UNION SELECT 'ir_attachment', res_model FROM ir_attachment
            UNION SELECT 'ir_filters', model_id FROM ir_filters
            UNION SELECT 'ir_model_data', model FROM ir_model_data
        ) rows WHERE model IS NOT NULL AND model NOT IN (SELECT model FROM ir_model)""",
}

#: kinds that are the same in two databases built by the same code, whatever ids they gave out
SCHEMA = ('table', 'column', 'index', 'constraint', 'sequence', 'model', 'field', 'selection', 'relation', 'xmlid')


def take(cursor):
    """Return the fingerprint of the database of ``cursor``: a counter of lines per kind."""
    fingerprint = {}
    for kind, query in QUERIES.items():
        cursor.execute(query)
        fingerprint[kind] = Counter(line for (line,) in cursor.fetchall())
    return fingerprint


def difference(before, after, excused=(), kinds=QUERIES):
    """Return what ``after`` lacks (``-``) and has in addition (``+``), one line each.

    :param excused: pairs of a regular expression and the reason why lines ``kind: text`` that match
        it may differ
    """
    patterns = [re.compile(pattern) for pattern, _reason in excused]
    lines = []
    for kind in kinds:
        for sign, things in (('-', before[kind] - after[kind]), ('+', after[kind] - before[kind])):
            for thing in sorted(map(str, things.elements())):
                line = f'{kind}: {thing}'
                if not any(pattern.search(line) for pattern in patterns):
                    lines.append(f'{sign} {line}')
    return lines

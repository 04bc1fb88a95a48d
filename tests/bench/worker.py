"""A long-living Odoo process that runs functions of the benchmarks on request.

Started by :class:`tests.bench.places.Worker` as ``python -m tests.bench.worker -c CONFIG``. Reads
one JSON object a line, ``{"function": "module:name", "arguments": {...}}``, calls
``name(env, **arguments)`` in a transaction of its own as the administrator, and answers with one
line, ``{"result": ...}`` or ``{"error": "traceback"}``. Ends when its input ends.
"""
import importlib
import json
import os
import sys
import traceback

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import config


def _environment(cursor):
    admin = api.Environment(cursor, SUPERUSER_ID, {})['res.users'].browse(
        api.Environment(cursor, SUPERUSER_ID, {}).ref('base.user_admin').id,
    )
    return api.Environment(
        cursor, admin.id, {'lang': 'en_US', 'tz': 'UTC', 'allowed_company_ids': admin.company_id.ids},
    )


def _answer(registry, request):
    module, _, name = request['function'].partition(':')
    function = getattr(importlib.import_module(module), name)
    try:
        with registry.cursor() as cursor:
            return {'result': function(_environment(cursor), **request['arguments'])}
    except Exception:  # whatever went wrong, the benchmark has to hear of it
        return {'error': traceback.format_exc()}


def main():
    # what Odoo prints must not get between the answers
    answers = os.fdopen(os.dup(sys.stdout.fileno()), 'w')
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    config.parse_config(
        [*sys.argv[1:], '--no-http', '--max-cron-threads=0', '--log-level=warn'], setup_logging=True,
    )
    registry = Registry(config['db_name'][0])
    for line in sys.stdin:
        answers.write(json.dumps(_answer(registry, json.loads(line))) + '\n')
        answers.flush()


if __name__ == '__main__':
    main()

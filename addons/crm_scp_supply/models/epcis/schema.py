"""Is this a document of EPCIS 2.0? Asked of the JSON schema of GS1 (``data/epcis``)."""

import functools
import json
import re
from typing import Any

from odoo.tools import file_open

MAX_ERRORS, MAX_TEXT = 10, 200
MOMENT = re.compile(
    r'\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]\d\d:\d\d)')
ADDRESS = re.compile(r'[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>"{}|\\^`]+')
FORMATS = {'date-time': MOMENT, 'uri': ADDRESS}


def find_errors(document: Any) -> list[tuple[str, str]]:
    """Where a document breaks the schema.

    :return: path in the document (``epcisBody.eventList[2].action``) and what is wrong there, in the words of the
        schema; the first :data:`MAX_ERRORS`, none if the document is valid
    """
    from jsonschema.exceptions import best_match  # not before a document is read

    errors = []
    for error in _get_validator().iter_errors(document):
        deepest = best_match([error])
        errors.append((_get_path(deepest.absolute_path), _get_text(deepest)))
        if len(errors) == MAX_ERRORS:
            break
    return errors


@functools.cache
def _get_validator():
    from jsonschema import Draft7Validator, FormatChecker

    with file_open('crm_scp_supply/data/epcis/EPCIS-JSON-Schema.json') as file:
        schema = json.load(file)
    checker = FormatChecker(formats=())
    for name, pattern in FORMATS.items():
        checker.checks(name)(lambda value, pattern=pattern: not isinstance(value, str) or bool(
            pattern.fullmatch(value)))
    return Draft7Validator(schema, format_checker=checker)


def _get_path(steps):
    path = ''.join(f'[{step}]' if isinstance(step, int) else f'.{step}' for step in steps)
    return path.removeprefix('.') or '(document)'


def _get_text(error):
    text = error.message
    return text if len(text) <= MAX_TEXT else f'{text[:MAX_TEXT]}…'

"""The identifier that follows from what an event says (GS1 Core Business Vocabulary 2.0, 8.9: Event Hash ID).

Covers the fields that events of ours have; ``tests/epcis/test_epcis_hash.py`` holds it to values of the reference
implementation. Names of goods must be in their canonical form, as :mod:`identifiers` writes them.
"""

import hashlib
from typing import Any

CBV = 'https://ref.gs1.org/cbv/'
CBVMDA = 'urn:epcglobal:cbv:mda:'
QUANTITY = ('quantityElement', ('epcClass', 'quantity', 'uom'))
#: fields in the order they are hashed: name -> (name of an element, its parts), None for a plain value
FIELDS: dict[str, Any] = {
    'eventTime': None,
    'eventTimeZoneOffset': None,
    'epcList': ('epc', None),
    'parentID': None,
    'inputEPCList': ('epc', None),
    'childEPCs': ('epc', None),
    'quantityList': QUANTITY,
    'childQuantityList': QUANTITY,
    'inputQuantityList': QUANTITY,
    'outputEPCList': ('epc', None),
    'outputQuantityList': QUANTITY,
    'action': None,
    'transformationID': None,
    'bizStep': None,
    'disposition': None,
    'readPoint': None,
    'bizLocation': None,
    'bizTransactionList': ('bizTransaction', None),
    'sourceList': ('source', None),
    'destinationList': ('destination', None),
    'ilmd': None,
}
VOCABULARIES = {
    'bizStep': 'BizStep', 'disposition': 'Disp', 'bizTransactionList': 'BTT', 'sourceList': 'SDT',
    'destinationList': 'SDT',
}


def get_hash_id(event: dict[str, Any]) -> str:
    """The event as ``ni`` URI (RFC 6920) of its SHA-256."""
    digest = hashlib.sha256(get_text(event).encode()).hexdigest()
    return f'ni:///sha-256;{digest}?ver=CBV2.0'


def get_text(event: dict[str, Any]) -> str:
    """What is hashed: the fields one after the other, elements of lists in the order of their characters."""
    parts = [f'eventType={event["type"]}']
    for field, element in FIELDS.items():
        if field in event:
            parts += _get_parts(field, element, event[field])
    return ''.join(parts)


def _get_parts(field, element, value):
    if field == 'ilmd':
        return [field, *sorted(f'{{{CBVMDA}}}{key.removeprefix("cbvmda:")}={text}' for key, text in value.items())]
    if field in ('readPoint', 'bizLocation'):
        return [field, f'id={value["id"]}']
    if element is None:
        return [f'{field}={_expand(field, value)}']
    name, parts = element
    if parts:
        return [field, *sorted(
            name + ''.join(f'{part}={_format(item[part])}' for part in parts if part in item) for item in value
        )]
    if name == 'epc':
        return [field, *sorted(f'{name}={item}' for item in value)]
    return [field, *sorted(
        f'{name}={item[name]}' + (f'type={_expand(field, item["type"])}' if 'type' in item else '') for item in value
    )]


def _expand(field, value):
    """A word of the vocabulary as the address it stands for."""
    vocabulary = VOCABULARIES.get(field)
    return f'{CBV}{vocabulary}-{value}' if vocabulary else value


def _format(value):
    """A number without trailing zeros."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)

"""What an EPCIS document says, without the database."""

import json
import uuid
from datetime import timezone
from typing import Any, NamedTuple

from dateutil.parser import isoparse

from .identifiers import Name, parse
from .scp_epcis import ATTRIBUTES

TYPES = {'ObjectEvent', 'AggregationEvent', 'TransactionEvent', 'TransformationEvent', 'AssociationEvent'}
#: field of an event -> what became of the goods named there
TRANSFORMED = {
    'inputEPCList': 'used', 'inputQuantityList': 'used', 'outputEPCList': 'made', 'outputQuantityList': 'made',
}
JOINED = {'childEPCs': 'used', 'childQuantityList': 'used', 'parentID': 'made'}
PARTED = {'childEPCs': 'made', 'childQuantityList': 'made', 'parentID': 'used'}
NAMED = dict.fromkeys(('epcList', 'quantityList', 'parentID', 'childEPCs', 'childQuantityList'), 'seen')


class Goods(NamedTuple):
    name: Name
    side: str  # `used`, `made` or `seen`
    quantity: float | None
    unit: str


def get_events(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The events of a valid document, of the answer to a query, or the event itself."""
    body = document.get('epcisBody')
    if body is None:
        return [document]
    if 'queryResults' in body:
        body = body['queryResults']['resultsBody']
    return body['eventList']


def get_event_id(event) -> str:
    """What makes an event known again; one without identifier is what it says."""
    return event.get('eventID') or f'urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(event, sort_keys=True))}'


def get_run(event) -> str:
    """What ties what was used to what was made: events of one transformation may tell it in parts."""
    return event.get('transformationID') or get_event_id(event)


def get_time(event):
    return isoparse(event['eventTime']).astimezone(timezone.utc).replace(tzinfo=None)


def get_goods(event) -> list[Goods]:
    """The goods an event names, and what was made of what.

    What is packed or built in is in its parent; what is taken out of a thing comes of it. What is unpacked is what it
    was before, and so is everything of an event that its author takes back.
    """
    sides = NAMED
    if 'errorDeclaration' in event:
        sides = {**NAMED, **dict.fromkeys(TRANSFORMED, 'seen')}
    elif event['type'] == 'TransformationEvent':
        sides = TRANSFORMED
    elif event['type'] == 'AssociationEvent':
        sides = PARTED if event['action'] == 'DELETE' else JOINED
    elif event['type'] == 'AggregationEvent' and event['action'] != 'DELETE':
        sides = JOINED
    goods = []
    for field, side in sides.items():
        value = event.get(field, ())
        for item in [value] if isinstance(value, str) else value:
            if isinstance(item, str):
                goods.append(Goods(parse(item), side, 1 if field != 'parentID' else None, ''))
            else:
                goods.append(Goods(parse(item['epcClass']), side, item.get('quantity'), item.get('uom', '')))
    return goods


def get_party(event, side: str) -> Name | None:
    """Who had the goods (`source`) or has them (`destination`): owner before holder before place."""
    found = {item['type']: item[side] for item in event.get(f'{side}List', ())}
    for kind in ('owning_party', 'possessing_party', 'location'):
        if kind in found:
            return parse(found[kind])
    return parse(next(iter(found.values()))) if found else None


def get_place(event) -> Name | None:
    place = event.get('readPoint') or event.get('bizLocation')
    return parse(place['id']) if place else None


def get_names(document) -> dict[str, str]:
    """Names in the master data of a document, by identifier."""
    names = {}
    header = document.get('epcisHeader') or {}
    for vocabulary in (header.get('epcisMasterData') or {}).get('vocabularyList', ()):
        for element in vocabulary.get('vocabularyElementList', ()):
            for item in element.get('attributes', ()):
                if item['id'] in (f'{ATTRIBUTES}name', f'{ATTRIBUTES}descriptionShort') and (
                        isinstance(item.get('attribute'), str)):
                    names[parse(element['id']).uri] = item['attribute']
    return names

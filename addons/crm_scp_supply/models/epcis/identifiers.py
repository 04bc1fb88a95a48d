"""Names of goods, places and parties in EPCIS events.

GS1 Digital Links (``https://id.gs1.org/01/<GTIN>/10/<lot>``) where there is a GTIN or GLN, addresses of our own
otherwise; both, and the older EPC URNs, are understood.
"""

import re
from typing import NamedTuple
from urllib.parse import quote, unquote

from odoo.tools.barcode import get_barcode_check_digit

GS1 = 'https://id.gs1.org'
#: what GS1 allows as a lot or serial number
NUMBER = re.compile(r'''[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}''')
GTIN, GLN, SSCC = (8, 12, 13, 14), (13,), (18,)  # digits

LINK = re.compile(r'https?://[^?#]*?/(00|01|414|417)/(\d{8,18})((?:/(?:10|21|22|254)/[^/?#]+)*)/?(?:[?#].*)?')
OWN = re.compile(r'https?://[^?#]*/epcis/(product|party|place|package)/([^/?#]+)(?:/(lot|serial)/([^/?#]+))?')
URN = re.compile(r'urn:epc:(?:id|class|idpat):(sgtin|lgtin|sscc|sgln|pgln):(\d+)\.(\d*)(?:\.(.+))?')


class Name(NamedTuple):
    """What an identifier says.

    ``kind`` is `lot`, `serial`, `product`, `package`, `place`, `party` or `other`; ``code`` the GTIN (14 digits), GLN,
    SSCC or reference; ``number`` that of the lot or the unit. Two identifiers of one thing have the same ``uri``.
    """

    uri: str
    kind: str
    code: str = ''
    number: str = ''
    is_gs1: bool = True


# === WRITING === #

def get_gtin(barcode) -> str | None:
    """A barcode as GTIN of 14 digits; None if it is none."""
    return barcode.zfill(14) if _is_key(barcode, GTIN) else None


def get_goods_uri(base, code, gtin, number=None, is_serial=False) -> str:
    """Name of a lot, a unit (``is_serial``), or of the product (no ``number``).

    :param base: address of this system, for goods that GS1 has no name for
    :param code: our reference of the product
    """
    if gtin and (not number or NUMBER.fullmatch(number)):
        return f'{GS1}/01/{gtin}' + (f'/{21 if is_serial else 10}/{_quote(number)}' if number else '')
    uri = f'{base}/epcis/product/{_quote(code)}'
    return uri + (f'/{"serial" if is_serial else "lot"}/{_quote(number)}' if number else '')


def get_party_uri(base, code, gln=None) -> str:
    return f'{GS1}/417/{gln}' if _is_key(gln, GLN) else f'{base}/epcis/party/{_quote(code)}'


def get_place_uri(base, code, gln=None) -> str:
    return f'{GS1}/414/{gln}' if _is_key(gln, GLN) else f'{base}/epcis/place/{_quote(code)}'


def get_package_uri(base, name) -> str:
    if _is_key(name, SSCC):
        return f'{GS1}/00/{name}'
    return f'{base}/epcis/package/{_quote(name)}'


def get_document_uri(base, name) -> str:
    return f'{base}/epcis/document/{_quote(name)}'


def _is_key(code, lengths):
    """Whether these are digits that end with their check digit; unlike Odoo's own check an EAN-13 may begin with 0."""
    return bool(code) and code.isdecimal() and code.isascii() and len(code) in lengths and (
        int(code[-1]) == get_barcode_check_digit(code))


def _quote(text):
    return quote(text, safe='')


# === READING === #

def parse(uri: str) -> Name:
    """What an identifier says; kind `other` where nothing is known of it."""
    return _parse_link(uri) or _parse_urn(uri) or _parse_own(uri) or Name(uri, 'other', is_gs1=False)


def _parse_link(uri):
    match = LINK.fullmatch(uri)
    if not match:
        return None
    key, code, rest = match.groups()
    qualifiers = dict(re.findall(r'/(\d+)/([^/]+)', rest))
    if key == '01':
        if not get_gtin(code):
            return None
        return _name_goods(code.zfill(14), unquote(qualifiers.get('10', '')), unquote(qualifiers.get('21', '')))
    return _name_key(key, code, unquote(qualifiers.get('254', '')))


def _parse_urn(uri):
    match = URN.fullmatch(uri)
    if not match:
        return None
    scheme, prefix, item, rest = match.groups()
    rest = unquote(rest or '')
    if scheme in ('sgtin', 'lgtin'):
        gtin = _complete(item[:1] + prefix + item[1:], 14)
        if not gtin:
            return None
        if scheme == 'lgtin':
            return _name_goods(gtin, rest, '')
        return _name_goods(gtin, '', '' if rest == '*' else rest)
    if scheme == 'sscc':
        code = _complete(item[:1] + prefix + item[1:], 18)
    else:
        code = _complete(prefix + item, 13)
    return code and _name_key({'sscc': '00', 'sgln': '414', 'pgln': '417'}[scheme], code, '' if rest == '0' else rest)


def _parse_own(uri):
    match = OWN.fullmatch(uri)
    if not match:
        return None
    what, code, kind, number = match.groups()
    return Name(uri, kind or what, unquote(code), unquote(number or ''), is_gs1=False)


def _name_goods(gtin, lot, serial):
    kind = 'serial' if serial else 'lot' if lot else 'product'
    return Name(get_goods_uri('', '', gtin, serial or lot, bool(serial)), kind, gtin, serial or lot)


def _name_key(key, code, extension):
    kind = {'00': 'package', '414': 'place', '417': 'party'}[key]
    if not _is_key(code, SSCC if kind == 'package' else GLN):
        return None
    return Name(f'{GS1}/{key}/{code}' + (f'/254/{_quote(extension)}' if extension else ''), kind, code, extension)


def _complete(digits, length):
    """Digits of a GS1 key with its check digit; None if they are too many or too few."""
    if len(digits) != length - 1:
        return None
    return f'{digits}{get_barcode_check_digit(f"{digits}0")}'

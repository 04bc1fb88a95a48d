from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.crm_scp_supply.models.epcis import identifiers as names
from odoo.addons.crm_scp_supply.models.epcis.event_hash import get_hash_id, get_text
from odoo.addons.crm_scp_supply.models.epcis.schema import ADDRESS

BASE = 'https://erp.example.com'
GTIN = '04012345111118'
TEXTS = st.text('AZaz09 -./%?#&"\'<>{}|^`\\_~:;,+=@!$()[]批號éß€𝔘', min_size=1, max_size=40)


@tagged('post_install', '-at_install')
class TestEpcisNames(BaseCase):

    def test_digital_links(self):
        self.assertEqual(names.get_gtin('4012345111118'), GTIN)
        self.assertEqual(names.get_gtin('0614141123452'), '00614141123452', "an EAN-13 may begin with 0")
        self.assertIsNone(names.get_gtin('4012345111119'), "wrong check digit")
        self.assertIsNone(names.get_gtin('PUMP-7'))
        self.assertEqual(names.get_goods_uri(BASE, 'P', GTIN, 'L/1'), f'https://id.gs1.org/01/{GTIN}/10/L%2F1')
        self.assertEqual(names.get_goods_uri(BASE, 'P', GTIN, 'S1', True), f'https://id.gs1.org/01/{GTIN}/21/S1')
        self.assertEqual(
            names.get_goods_uri(BASE, 'P 1', GTIN, '批号7'), f'{BASE}/epcis/product/P%201/lot/%E6%89%B9%E5%8F%B77',
            "GS1 has no name for such a number")
        self.assertEqual(names.get_party_uri(BASE, 'DE1', '4012345000054'), 'https://id.gs1.org/417/4012345000054')
        self.assertEqual(names.get_party_uri(BASE, 'DE1'), f'{BASE}/epcis/party/DE1')
        self.assertEqual(names.get_package_uri(BASE, '040123450000001112'), 'https://id.gs1.org/00/040123450000001112')

    def test_one_thing_one_name(self):
        """The older URNs and links of other domains are the same lots, units, packages and places."""
        for uri, kind, code, number in (
            ('urn:epc:class:lgtin:4012345.011111.4444', 'lot', GTIN, '4444'),
            ('https://shop.example.org/x/01/4012345111118/10/4444?15=270101', 'lot', GTIN, '4444'),
            ('urn:epc:id:sgtin:4012345.011111.4%2F4', 'serial', GTIN, '4/4'),
            ('https://id.gs1.org/01/04012345111118/10/A/21/7', 'serial', GTIN, '7'),
            ('urn:epc:idpat:sgtin:4012345.011111.*', 'product', GTIN, ''),
            ('urn:epc:id:sscc:4012345.0000000111', 'package', '040123450000001112', ''),
            ('urn:epc:id:sgln:0614141.07346.1234', 'place', '0614141073467', '1234'),
            ('urn:epc:id:pgln:4000001.00012', 'party', '4000001000128', ''),
            ('https://other.example.net/epcis/product/P%2F1/serial/A%20B', 'serial', 'P/1', 'A B'),
        ):
            with self.subTest(uri):
                name = names.parse(uri)
                self.assertEqual((name.kind, name.code, name.number), (kind, code, number))
        lot = names.parse('urn:epc:class:lgtin:4012345.011111.4444')
        self.assertEqual(lot.uri, f'https://id.gs1.org/01/{GTIN}/10/4444')
        self.assertEqual(names.parse(lot.uri), lot)

    def test_unknown_names_stay(self):
        for uri in ('urn:epc:id:giai:4000001.12345', 'https://id.gs1.org/01/04012345111119/10/X', 'ex:thing'):
            self.assertEqual(names.parse(uri), names.Name(uri, 'other', is_gs1=False))

    @given(TEXTS, TEXTS, st.booleans(), st.sampled_from([None, GTIN]))
    def test_whatever_a_lot_is_called(self, code, number, is_serial, gtin):
        """Any name of a lot becomes an address, and is read back."""
        uri = names.get_goods_uri(BASE, code, gtin, number, is_serial)
        self.assertRegex(uri, f'^{ADDRESS.pattern}$')
        name = names.parse(uri)
        self.assertEqual((name.kind, name.number), ('serial' if is_serial else 'lot', number))
        self.assertEqual(name.code, gtin if name.is_gs1 else code)
        self.assertEqual(name.uri, uri)


@tagged('post_install', '-at_install')
class TestEpcisHash(BaseCase):
    """Against the reference implementation of the Event Hash ID, epcis-event-hash-generator 1.9.3."""

    def test_transformation(self):
        event = {
            'type': 'TransformationEvent', 'eventTime': '2026-03-04T11:00:30.123Z', 'eventTimeZoneOffset': '+08:00',
            'inputQuantityList': [
                {'epcClass': f'https://id.gs1.org/01/{GTIN}/10/L1', 'quantity': 0.25},
                {'epcClass': f'https://id.gs1.org/01/{GTIN}/10/K1'},
            ],
            'outputEPCList': [f'https://id.gs1.org/01/{GTIN}/21/987'],
            'outputQuantityList': [{'epcClass': f'https://id.gs1.org/01/{GTIN}/10/L2', 'quantity': 4}],
            'transformationID': 'http://localhost:8069/epcis/document/MO1',
            'bizStep': 'commissioning', 'disposition': 'in_progress',
            'readPoint': {'id': 'http://x/epcis/place/WH'}, 'bizLocation': {'id': 'http://x/epcis/place/WH'},
            'ilmd': {'cbvmda:itemExpirationDate': '2027-01-01', 'cbvmda:lotNumber': 'L2'},
        }
        expected = 'ni:///sha-256;29d2e4c549b304c6e94f578388d4118f436031be31d3afa17ed27014b168f4ab?ver=CBV2.0'
        self.assertEqual(get_hash_id(event), expected)
        told_otherwise = {**dict(reversed(event.items())), 'inputQuantityList': event['inputQuantityList'][::-1]}
        self.assertEqual(get_hash_id(told_otherwise), expected, "the order of fields and lists does not matter")
        self.assertNotEqual(get_hash_id({**event, 'disposition': 'active'}), expected)

    def test_aggregation_and_association(self):
        event = {
            'type': 'AggregationEvent', 'eventTime': '2026-03-04T11:00:30.000Z', 'eventTimeZoneOffset': '-05:00',
            'parentID': 'https://id.gs1.org/00/340123450000000000',
            'childEPCs': [f'https://id.gs1.org/01/{GTIN}/21/987'],
            'childQuantityList': [{'epcClass': f'https://id.gs1.org/01/{GTIN}/10/L2', 'quantity': 4.0}],
            'action': 'ADD', 'bizStep': 'packing', 'disposition': 'in_progress',
            'readPoint': {'id': 'http://x/epcis/place/WH'},
        }
        self.assertEqual(
            get_hash_id(event), 'ni:///sha-256;c0163e3bcf42b33fe250628ec8364987b9cdbcade7259adb97e999c9ed3a2224?ver=CBV2.0')
        event = {
            'type': 'AssociationEvent', 'eventTime': '2026-03-04T11:00:30.000Z', 'eventTimeZoneOffset': '+00:00',
            'parentID': f'https://id.gs1.org/01/{GTIN}/21/987',
            'childQuantityList': [{'epcClass': f'https://id.gs1.org/01/{GTIN}/10/L2', 'quantity': 1}],
            'action': 'DELETE', 'bizStep': 'removing', 'disposition': 'in_progress',
        }
        self.assertEqual(
            get_hash_id(event), 'ni:///sha-256;7ac5a69f49f01033f48dbc74e2dd24c3189780adff2588a3fac65bf2b8ae90f5?ver=CBV2.0')

    def test_parties_and_documents(self):
        """By rule 13: the value, then its type; elements of a list in the order of their characters."""
        self.assertEqual(get_text({
            'type': 'ObjectEvent', 'eventTime': '2026-03-04T11:00:30.000Z', 'eventTimeZoneOffset': '+01:00',
            'quantityList': [{'epcClass': 'https://x/b', 'quantity': 12.50, 'uom': 'KGM'}], 'action': 'OBSERVE',
            'bizStep': 'shipping', 'disposition': 'in_transit',
            'bizTransactionList': [
                {'type': 'po', 'bizTransaction': 'https://x/P1'}, {'type': 'desadv', 'bizTransaction': 'https://x/O1'},
            ],
            'sourceList': [{'type': 'owning_party', 'source': 'https://x/us'}],
        }), (
            'eventType=ObjectEventeventTime=2026-03-04T11:00:30.000ZeventTimeZoneOffset=+01:00'
            'quantityListquantityElementepcClass=https://x/bquantity=12.5uom=KGMaction=OBSERVE'
            'bizStep=https://ref.gs1.org/cbv/BizStep-shippingdisposition=https://ref.gs1.org/cbv/Disp-in_transit'
            'bizTransactionListbizTransaction=https://x/O1type=https://ref.gs1.org/cbv/BTT-desadv'
            'bizTransaction=https://x/P1type=https://ref.gs1.org/cbv/BTT-po'
            'sourceListsource=https://x/ustype=https://ref.gs1.org/cbv/SDT-owning_party'
        ))

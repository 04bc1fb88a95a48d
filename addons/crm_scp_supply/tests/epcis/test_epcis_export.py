import json
from base64 import b64decode
from collections import defaultdict
from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.crm_scp_supply.models.epcis.schema import find_errors

from ..trace.common import TraceCommon
from ..trace.stories import StoryCommon

GTIN = '04012345111118'


class EpcisCommon(TraceCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Epcis = cls.env['scp.epcis']
        cls.base = 'https://erp.example.com'
        cls.env['ir.config_parameter'].set_param('web.base.url', cls.base)
        cls.env.company.partner_id.vat = False
        cls.env.company.partner_id.ref = "US"
        cls.warehouse.code = 'WH'
        cls.pump.write({'barcode': '4012345111118', 'default_code': 'PUMP'})
        cls.steel.default_code = 'ST/1'
        for partner, code in ((cls.mill, 'MILL'), (cls.yard, 'YARD'), (cls.dock, 'DOCK')):
            partner.ref = code
        cls.s1, cls.p1 = cls._create_lot(cls.steel, "STEEL-77"), cls._create_lot(cls.pump, "PUMP-88")
        cls.steel_uri = f'{cls.base}/epcis/product/ST%2F1/lot/STEEL-77'
        cls.pump_uri = f'https://id.gs1.org/01/{GTIN}/10/PUMP-88'

    def check(self, events):
        """The events as a document that the schema accepts."""
        document = json.loads(json.dumps(self.Epcis._prepare_document(events)))
        self.assertEqual(find_errors(document), [])
        return document


@tagged('post_install', '-at_install')
class TestEpcisExport(EpcisCommon, HttpCase):
    """Pump P1 was made of steel S1 of the mill; the yard bought 6 and sent 2 back, the dock bought 1."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.purchase = cls._buy(cls.mill, cls.s1, 100)
        cls._make({cls.s1: 40}, {cls.p1: 10})
        cls.sale = cls._sell(cls.yard, cls.p1, 6)
        cls._send_back(cls.sale.picking_ids, cls.p1, 2)
        cls._sell(cls.dock, cls.p1, 1)
        cls.policy = cls.env['scp.share.policy'].create({'name': "Lots", 'share_lot_trace': True})
        cls.env['scp.relation'].create({
            'partner_id': cls.yard.id, 'role': 'customer', 'share_policy_id': cls.policy.id,
        })
        cls.passport = cls.env['scp.lot.passport'].create({'lot_id': cls.p1.id, 'partner_id': cls.yard.id})

    def test_lot(self):
        """From the receipt of the steel to the pumps that came back, each with who, where and why."""
        events = self.check(self.Epcis._get_lot_events(self.p1))['epcisBody']['eventList']
        by_step = defaultdict(list)
        for event in events:
            by_step[event['bizStep']].append(event)
        self.assertEqual({step: len(found) for step, found in by_step.items()}, {
            'receiving': 2, 'commissioning': 1, 'shipping': 2,
        })
        bought = next(event for event in by_step['receiving'] if event['disposition'] == 'in_progress')
        place, us = {'id': f'{self.base}/epcis/place/US-WH'}, f'{self.base}/epcis/party/US'
        self.assertEqual(bought, {
            'type': 'ObjectEvent',
            'eventID': bought['eventID'],
            'eventTime': bought['eventTime'],
            'eventTimeZoneOffset': bought['eventTimeZoneOffset'],
            'quantityList': [{'epcClass': self.steel_uri, 'quantity': 100}],
            'action': 'OBSERVE',
            'bizStep': 'receiving',
            'disposition': 'in_progress',
            'readPoint': place,
            'bizLocation': place,
            'bizTransactionList': [
                {'type': 'po', 'bizTransaction': f'{self.base}/epcis/document/{self.purchase.name}'},
                {'type': 'recadv', 'bizTransaction':
                    f'{self.base}/epcis/document/{self.purchase.picking_ids.name.replace("/", "%2F")}'},
            ],
            'sourceList': [{'type': 'owning_party', 'source': f'{self.base}/epcis/party/MILL'}],
            'destinationList': [{'type': 'owning_party', 'destination': us}],
        })
        [made] = by_step['commissioning']
        self.assertEqual(made['inputQuantityList'], [{'epcClass': self.steel_uri, 'quantity': 40}])
        self.assertEqual(made['outputQuantityList'], [{'epcClass': self.pump_uri, 'quantity': 10}])
        shipped = [(event['quantityList'][0]['quantity'], event['destinationList'][0]['destination'])
                   for event in by_step['shipping']]
        self.assertCountEqual(shipped, [
            (6, f'{self.base}/epcis/party/YARD'), (1, f'{self.base}/epcis/party/DOCK'),
        ])
        self.assertNotIn('bizLocation', by_step['shipping'][0], "on its way")
        [back] = [event for event in by_step['receiving'] if event['disposition'] == 'returned']
        self.assertEqual(back['sourceList'][0]['source'], f'{self.base}/epcis/party/YARD')
        self.assertEqual(back['quantityList'], [{'epcClass': self.pump_uri, 'quantity': 2}])

    def test_same_event_same_identifier(self):
        first, again = (self.Epcis._get_lot_events(self.p1) for _time in range(2))
        self.assertEqual([event['eventID'] for event in first], [event['eventID'] for event in again])
        self.assertEqual(len({event['eventID'] for event in first}), 5)
        [shipped] = self.Epcis._get_picking_events(self.sale.picking_ids.filtered('sale_id')[:1])
        self.assertIn(shipped['eventID'], {event['eventID'] for event in first})

    def test_names(self):
        header = self.check(self.Epcis._get_lot_events(self.p1))['epcisHeader']['epcisMasterData']
        names = {
            element['id']: {item['id'].split('#')[1]: item['attribute'] for item in element['attributes']}
            for vocabulary in header['vocabularyList'] for element in vocabulary['vocabularyElementList']
        }
        self.assertEqual(names[f'https://id.gs1.org/01/{GTIN}']['descriptionShort'], "Pump")
        self.assertEqual(names[f'{self.base}/epcis/party/MILL']['name'], "Mill")

    def test_units_serials_and_expiry(self):
        """Kilogrammes have a code, units with a number a list of their own, a made lot its last day."""
        powder, engine = self._create_product("Powder"), self._create_product("Engine")
        powder.uom_id = self.env.ref('uom.product_uom_kgm')
        engine.tracking = 'serial'
        lot, serial = self._create_lot(powder, "PW-1"), self._create_lot(engine, "E-1")
        lot.expiration_date = '2031-05-06 12:00:00'
        self._buy(self.mill, lot, 2.5)
        self._make({lot: 1.25}, {serial: 1})
        self._make({serial: 1}, {lot: 0.5}, "Melted")
        events = self.check(self.Epcis._get_lot_events(lot))['epcisBody']['eventList']
        [received] = [event for event in events if event['type'] == 'ObjectEvent']
        [made] = [event for event in events if 'outputEPCList' in event]
        [melted] = [event for event in events if 'inputEPCList' in event]
        self.assertEqual(received['quantityList'][0]['quantity'], 2.5)
        self.assertEqual(received['quantityList'][0]['uom'], 'KGM')
        self.assertEqual(made['outputEPCList'], [f'{self.base}/epcis/product/id-{engine.id}/serial/E-1'])
        self.assertEqual(melted['inputEPCList'], made['outputEPCList'])
        self.assertEqual(melted['ilmd'], {'cbvmda:itemExpirationDate': '2031-05-06'})

    def test_acceptance_in_steps(self):
        """Where goods are looked at first they arrive, and are accepted when they go to stock."""
        self.warehouse.reception_steps = 'two_steps'
        lot = self._create_lot(self.steel, "STEEL-78")
        order = self._buy(self.mill, lot, 5)
        transfer = self.env['stock.picking'].search([('state', '!=', 'done'), ('product_id', '=', self.steel.id)])
        self._validate(transfer or order.picking_ids.move_ids.move_dest_ids.picking_id, lot, 5)
        events = self.check(self.Epcis._get_lot_events(lot))['epcisBody']['eventList']
        self.assertEqual(sorted(event['bizStep'] for event in events), ['accepting', 'arriving'])
        arrived = next(event for event in events if event['bizStep'] == 'arriving')
        self.assertEqual(arrived['sourceList'][0]['source'], f'{self.base}/epcis/party/MILL')

    def test_packages(self):
        lot = self._create_lot(self.pump, "PUMP-89")
        self._make({self.s1: 4}, {lot: 3})
        sale = self.env['sale.order'].create({
            'partner_id': self.dock.id, 'order_line': [(0, 0, {'product_id': self.pump.id, 'product_uom_qty': 3})],
        })
        sale.action_confirm()
        move = sale.picking_ids.move_ids
        move.move_line_ids.unlink()
        package = self.env['stock.package'].create({'name': '040123450000001112'})
        move.write({'picked': True, 'move_line_ids': [(0, 0, {
            'product_id': self.pump.id, 'lot_id': lot.id, 'quantity': 3, 'picking_id': sale.picking_ids.id,
            'location_id': move.location_id.id, 'location_dest_id': move.location_dest_id.id,
            'result_package_id': package.id,
        })]})
        sale.picking_ids._action_done()
        events = self.check(self.Epcis._get_picking_events(sale.picking_ids))['epcisBody']['eventList']
        packed = next(event for event in events if event['type'] == 'AggregationEvent')
        self.assertEqual(packed['parentID'], 'https://id.gs1.org/00/040123450000001112')
        self.assertEqual(packed['childQuantityList'], [
            {'epcClass': f'https://id.gs1.org/01/{GTIN}/10/PUMP-89', 'quantity': 3}])
        self.assertEqual(packed['bizStep'], 'packing')

    def test_partner_by_policy(self):
        """Without supplier, quantities of ingredients and other customers; nothing without the policy."""
        self.authenticate(None, None)
        url = f'/scp/lot/{self.passport.sudo().token}'
        self.assertIn(f'{url}/epcis', self.url_open(url).text)
        answer = self.url_open(f'{url}/epcis')
        self.assertEqual(answer.headers['Content-Type'], 'application/ld+json')
        document = answer.json()
        self.assertEqual(find_errors(document), [])
        for secret in ("Mill", "MILL", "Dock", "DOCK", self.purchase.name):
            self.assertNotIn(secret, answer.text)
        events = document['epcisBody']['eventList']
        self.assertNotIn(100, [
            item.get('quantity') for event in events for name, items in event.items() if name.endswith('QuantityList')
            for item in items
        ])
        self.assertEqual(sorted(event['bizStep'] for event in events), [
            'commissioning', 'receiving', 'receiving', 'shipping'])
        made = next(event for event in events if event['type'] == 'TransformationEvent')
        self.assertEqual(made['inputQuantityList'], [{'epcClass': self.steel_uri}])
        self.policy.reveal_supplier_identity = True
        self.assertIn(f'{self.base}/epcis/party/MILL', self.url_open(f'{url}/epcis').text)
        self.policy.share_lot_trace = False
        self.assertEqual(self.url_open(f'{url}/epcis').status_code, 404)
        self.assertNotIn('/epcis', self.url_open(url).text)
        label = self.env['scp.lot.passport'].create({'lot_id': self.p1.id})
        self.assertEqual(self.url_open(f'/scp/lot/{label.sudo().token}/epcis').status_code, 404)
        self.assertEqual(self.url_open('/scp/lot/' + 'x' * 43 + '/epcis').status_code, 404)

    def test_dialog(self):
        """From a lot, a transfer or a period; for who may follow lots."""
        worker = new_test_user(self.env, 'epcis_stock', 'stock.group_stock_user')
        Export = self.env['scp.epcis.export'].with_user(worker)
        action = self.p1.with_user(worker).action_scp_epcis_export()
        wizard = Export.with_context(**action['context']).create({})
        self.assertEqual(wizard.summary, "Made: 1, Received: 2, Shipped: 2")
        self.assertIn('/web/content/scp.epcis.export/', wizard.action_download()['url'])
        document = json.loads(b64decode(wizard.document))
        self.assertEqual(find_errors(document), [])
        self.assertEqual(len(document['epcisBody']['eventList']), 5)
        today = date.today()
        period = Export.create({'date_from': today, 'date_to': today})
        self.assertGreaterEqual(len(period._get_events()), 5)
        period.date_from = date(2199, 1, 1)
        with self.assertRaisesRegex(UserError, "From"):
            period.action_download()
        empty = Export.create({'lot_ids': self._create_lot(self.pump, "NEVER").ids})
        self.assertFalse(empty.summary)
        with self.assertRaisesRegex(UserError, "NEVER: no goods"):
            empty.action_download()
        stranger = new_test_user(self.env, 'epcis_none', 'base.group_user')
        with self.assertRaises(AccessError):
            self.env['scp.epcis.export'].with_user(stranger).create({})
        with self.assertRaises(AccessError):
            Export.create({'lot_ids': self.p1.ids}).with_user(stranger).action_download()


@tagged('post_install', '-at_install')
class TestEpcisStories(StoryCommon):
    """Documents of random genealogies say what the stories say, in words the schema accepts."""

    def test_documents(self):
        stories = self._create_stories(12)
        Epcis = self.env['scp.epcis']
        for story in stories:
            with self._as_written():
                events = Epcis._get_lot_events(self.env['stock.lot'].browse(story.lots))
            self.assertEqual(find_errors(Epcis._prepare_document(events)), [])
            lots = {Epcis._get_lot_uri(lot): lot for lot in story.lots}
            partners = {Epcis._get_partner_uri(partner): partner for partner in story.customers}
            made_of, held = defaultdict(set), defaultdict(float)
            for event in events:
                names = {
                    field: {lots[item['epcClass']] for item in event.get(field, ())}
                    for field in ('inputQuantityList', 'outputQuantityList', 'childQuantityList')
                }
                if event['bizStep'] == 'commissioning':
                    for lot in names['outputQuantityList']:
                        made_of[lot] |= names['inputQuantityList']
                elif event['bizStep'] == 'installing':
                    made_of[lots[event['parentID']]] |= names['childQuantityList']
                elif event['bizStep'] == 'removing':
                    for lot in names['childQuantityList']:
                        made_of[lot].add(lots[event['parentID']])
                party, sign = {
                    ('shipping', 'in_transit'): ('destination', 1), ('receiving', 'returned'): ('source', -1),
                }.get((event['bizStep'], event['disposition']), (None, 0))
                for goods in event['quantityList'] if party else ():
                    customer = partners[event[f'{party}List'][0][party]]
                    held[lots[goods['epcClass']], customer] += sign * goods['quantity']
            self.assertEqual(made_of, {lot: parts for lot, parts in story.made_of.items() if parts})
            self.assertEqual(
                {key: qty for key, qty in held.items() if qty}, {key: qty for key, qty in story.held.items() if qty})

import base64
import json

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from ..trace.stories import StoryCommon
from .test_epcis_export import GTIN, EpcisCommon

MILL = 'https://mill.example.com/epcis'
DOCUMENT = {
    '@context': 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld', 'type': 'EPCISDocument',
    'schemaVersion': '2.0', 'creationDate': '2026-03-05T08:00:00Z',
}


def tell(*events, names=()):
    header = {'epcisHeader': {'epcisMasterData': {'vocabularyList': [{
        'type': 'urn:epcglobal:epcis:vtype:EPCClass',
        'vocabularyElementList': [
            {'id': uri, 'attributes': [{'id': 'urn:epcglobal:cbv:mda#descriptionShort', 'attribute': name}]}
            for uri, name in dict(names).items()
        ],
    }]}}}
    return {**DOCUMENT, **header, 'epcisBody': {'eventList': list(events)}}


def event(kind, ref, **values):
    return {
        'type': kind, 'eventID': f'urn:uuid:{ref}', 'eventTime': '2026-03-04T12:00:00+01:00',
        'eventTimeZoneOffset': '+01:00', **values,
    }


def lots(*uris, quantity=1):
    return [{'epcClass': uri, 'quantity': quantity} for uri in uris]


class ImportCommon(EpcisCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Event, cls.Item = cls.env['scp.epcis.event'], cls.env['scp.epcis.item']
        cls.ore, cls.melt = f'{MILL}/product/ORE/lot/O-1', f'{MILL}/product/MELT/lot/M-1'
        cls.worker = new_test_user(cls.env, 'epcis_worker', 'stock.group_stock_user')

    def preview(self, document, partner=None, file_name='events.jsonld'):
        """The dialog after its preview."""
        data = document if isinstance(document, bytes) else json.dumps(document).encode()
        wizard = self.env['scp.epcis.import'].with_user(self.worker).create({
            'data': base64.b64encode(data), 'file_name': file_name, 'partner_id': partner and partner.id,
        })
        wizard.action_preview()
        return wizard

    def record(self, document, partner=None):
        action = self.preview(document, partner).action_record()
        return self.Event.with_context(active_test=False).search(action['domain'])

    def nodes(self, lots, direction):
        """Numbers of everything a trace reaches, goods of others included."""
        self.env.flush_all()
        graph = self.Trace._get_graph(lots)
        sign = 1 if direction == 'forward' else -1
        return {self.Trace._prepare_lot(lot)['name'] for lot, level in graph['nodes'].items() if level * sign > 0}


@tagged('post_install', '-at_install')
class TestEpcisImport(ImportCommon):
    """Steel S1 of the mill is known here; the mill tells that it was made of a melt, and the melt of ore."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._buy(cls.mill, cls.s1, 100)
        cls._make({cls.s1: 40}, {cls.p1: 10})
        cls._sell(cls.yard, cls.p1, 6)
        # by the reference that the mill has for the steel
        cls.steel.seller_ids = [Command.create({'partner_id': cls.mill.id, 'product_code': 'S355'})]
        cls.foreign_steel = f'{MILL}/product/S355/lot/STEEL-77'
        cls.melted = event(
            'TransformationEvent', 'melt', inputQuantityList=lots(cls.ore, quantity=90),
            outputQuantityList=lots(cls.melt, quantity=80), bizStep='commissioning')
        cls.rolled = event(
            'TransformationEvent', 'roll', inputQuantityList=lots(cls.melt, quantity=70),
            outputQuantityList=lots(cls.foreign_steel, quantity=60), bizStep='commissioning')

    def test_trace_goes_on(self):
        """From the customer's pump to the ore, and back; the graph tells who said so."""
        self.assertEqual(self.nodes(self.p1, 'backward'), {"STEEL-77"})
        events = self.record(tell(self.melted, self.rolled, names={f'{MILL}/product/ORE': "Iron ore"}), self.mill)
        self.assertEqual(events.line_ids.item_id.lot_id, self.s1)
        self.assertEqual(self.nodes(self.p1, 'backward'), {"STEEL-77", "M-1", "O-1"})
        self.assertEqual(self.Trace._get_reached_lots(self.p1, 'backward'), self.p1 | self.s1, "lots of ours only")
        page = self.Trace.get_trace('stock.lot', self.p1.ids)
        ore = next(node for node in page['graph']['nodes'] if node['name'] == "O-1")
        self.assertEqual((ore['product'], ore['model'], ore['level']), ("Iron ore", 'scp.epcis.item', -3))
        edge = next(edge for edge in page['graph']['edges'] if edge['from'] == ore['id'])
        self.assertEqual((edge['qty'], edge['model'], edge['res_id']), (90, 'scp.epcis.event', events.filtered(
            lambda event: event.event_ref == 'urn:uuid:melt').id))
        self.assertEqual(page['reported']['count'], 4)
        self.assertEqual(page['reported']['rows'][0]['by'], "Mill")
        self.assertEqual([self.Epcis._get_unit_name(code) for code in ('KGM', 'XYZ', None)], ["kg", "XYZ", ""])
        # the other company does not hear of it
        other = self.env['res.company'].create({'name': "Sister"})
        trace = self.Trace.with_context(allowed_company_ids=other.ids)
        self.assertEqual(trace._get_reported_rows(self.p1), [])

    def test_without_reports(self):
        """Nothing is asked of events while nobody has told anything."""
        self.Event.search([]).unlink()
        reach = self.Trace._get_reach(SQL("lot"), 'forward')
        self.assertEqual(reach, self.Trace._get_step(SQL("lot"), 'forward'))
        self.assertEqual(self.Trace.get_trace('stock.lot', self.p1.ids)['reported'], {'count': 0, 'rows': []})

    def test_once(self):
        """The same document again, and the same event in another document, are recorded once."""
        document = tell(self.melted, self.rolled)
        self.assertEqual(len(self.record(document)), 2)
        wizard = self.preview(document)
        self.assertEqual((wizard.new_count, wizard.known_count), (0, 2))
        self.assertFalse(self.record(document))
        packed = event('AggregationEvent', 'pack', action='ADD', parentID='urn:epc:id:sscc:4012345.0000000111',
                       childQuantityList=lots(self.foreign_steel))
        self.assertEqual(self.record(tell(self.rolled, packed)).event_ref, 'urn:uuid:pack')
        self.assertEqual(self.nodes(self.s1, 'forward') - {"PUMP-88"}, {'040123450000001112'})
        nameless = {key: value for key, value in self.melted.items() if key != 'eventID'}
        self.assertEqual(len(self.record(tell(nameless))), 1)
        self.assertFalse(self.record(tell(nameless)), "an event without identifier is what it says")

    def test_preview_records_nothing(self):
        counts = [self.env[model].search_count([]) for model in ('scp.epcis.event', 'scp.epcis.item')]
        wizard = self.preview(tell(self.melted, self.rolled, event(
            'ObjectEvent', 'ship', action='OBSERVE', quantityList=lots(self.foreign_steel), bizStep='shipping',
            sourceList=[{'type': 'owning_party', 'source': 'https://x.example/epcis/party/MILL'}],
            destinationList=[{'type': 'owning_party', 'destination': 'https://x.example/epcis/party/NOBODY'}],
        )))
        self.assertEqual((wizard.new_count, len(wizard.line_ids)), (3, 3))
        self.assertEqual(wizard.unmatched_goods, "O-1, M-1")
        self.assertEqual(wizard.unmatched_parties, "NOBODY")
        self.assertEqual(wizard.line_ids.filtered(lambda line: line.step == "Shipped").source, "Mill")
        self.assertEqual(
            [self.env[model].search_count([]) for model in ('scp.epcis.event', 'scp.epcis.item')], counts)

    def test_what_is_refused(self):
        """Each with the place in the document; nothing is recorded."""
        broken = tell(self.melted, {**self.rolled, 'eventTimeZoneOffset': 'CET'})
        nothing = {key: value for key, value in self.rolled.items() if not key.startswith(('input', 'output'))}
        count = self.Event.search_count([])
        for document, message in (
            (b'<epcis:EPCISDocument/>', "is not JSON: Expecting value: line 1"),
            (b'\xff\xfe\x00', "not a text in UTF-8"),
            (b'[' * 100_000, "is not JSON"),
            ([], "valid EPCIS 2.0"),
            ({'type': 'EPCISDocument'}, "'@context' is a required property"),
            (broken, r"epcisBody\.eventList\[1\]\.eventTimeZoneOffset: 'CET'"),
            (tell(nothing), r"epcisBody\.eventList\[0\]"),
            (tell({**self.melted, 'eventTime': 'yesterday'}), r"eventList\[0\]\.eventTime: 'yesterday'"),
            (tell({**self.melted, 'eventTime': '2026-02-30T12:00:00Z'}), "event 1: eventTime 2026-02-30T12:00:00Z"),
            (tell(event('ObjectEvent', 'x', epcList=['urn:x:1'])), "'action' is a required property"),
            (tell({**self.melted, 'bizStep': 'cooking'}), "bizStep"),
            (tell(*[{}] * 5001), "5001 events, more than 5000"),
            ({'epcisBody': 7, 'type': 'EPCISDocument'}, "7 is not of type 'object'|required property"),
            (tell(event('https://x.example/Own', 'x')), "events of the type https://x.example/Own are not read"),
        ):
            with self.subTest(message), self.assertRaisesRegex(UserError, message):
                self.preview(document)
        self.assertEqual(self.Event.search_count([]), count)

    def test_names_of_our_goods(self):
        """By GTIN and number, in any spelling; by our reference; by what we told ourselves; else they are named."""
        self.env.flush_all()
        for uri in (
            f'https://id.gs1.org/01/{GTIN}/10/PUMP-88', 'urn:epc:class:lgtin:4012345.011111.PUMP-88',
            'https://yard.example.com/epcis/product/PUMP/lot/PUMP-88',
        ):
            with self.subTest(uri):
                events = self.record(tell(event(
                    'ObjectEvent', uri, action='OBSERVE', quantityList=lots(uri, quantity=4), bizStep='shipping')))
                self.assertEqual(events.line_ids.item_id.lot_id, self.p1)
        [unknown] = self.record(tell(event(
            'ObjectEvent', 'u', action='OBSERVE', quantityList=lots(f'https://id.gs1.org/01/{GTIN}/10/P-LATER'),
        ))).line_ids.item_id
        self.assertFalse(unknown.lot_id)
        later = self._create_lot(self.pump, "P-LATER")
        self.Item._gc_match()
        self.assertEqual((unknown.lot_id, unknown.line_ids.node), (later, later.id))
        later.unlink()
        self.assertEqual(unknown.line_ids.node, -unknown.id, "without our lot they are goods of others again")

    def test_our_own_words(self):
        """What we told ourselves and somebody sent back is not recorded."""
        document = self.check(self.Epcis._get_lot_events(self.p1))
        wizard = self.preview(document)
        self.assertEqual((wizard.new_count, wizard.ours_count), (0, 3))

    def test_taken_back(self):
        """An event that is declared wrong leaves the trace, whether it was known or not."""
        self.record(tell(self.melted, self.rolled))
        wrong = {**self.rolled, 'errorDeclaration': {'declarationTime': '2026-03-06T12:00:00Z'}}
        self.record(tell(wrong))
        self.assertEqual(self.nodes(self.p1, 'backward'), {"STEEL-77"})
        self.assertEqual(self.preview(tell(wrong)).known_count, 1)
        other = {**self.melted, 'eventID': 'urn:uuid:other', 'errorDeclaration': wrong['errorDeclaration']}
        self.assertFalse(self.record(tell(other)).active)

    def test_kinds_of_events(self):
        """Built in and taken out, told in parts, taken apart; an event about a product alone joins nothing."""
        part, engine, half = (f'{MILL}/product/X/lot/{name}' for name in ('PART', 'ENGINE', 'HALF'))
        self.record(tell(
            event('AssociationEvent', 'in', action='ADD', parentID=engine, childQuantityList=lots(part)),
            event('AssociationEvent', 'out', action='DELETE', parentID=engine, childQuantityList=lots(half)),
            event('TransformationEvent', 'a', transformationID='urn:x:run', inputQuantityList=lots(engine)),
            event('TransformationEvent', 'b', transformationID='urn:x:run',
                  outputQuantityList=lots(self.foreign_steel)),
            event('TransformationEvent', 'c', bizStep='disassembling', inputQuantityList=lots(engine),
                  outputQuantityList=lots(part, f'{MILL}/product/X/lot/SCRAP')),
            event('TransformationEvent', 'd', outputQuantityList=lots(self.foreign_steel),
                  inputQuantityList=lots(f'https://id.gs1.org/01/{GTIN}')),
        ))
        self.assertEqual(self.nodes(self.s1, 'backward'), {"ENGINE", "PART"})
        found = self.Item.search([('number', '=', "ENGINE")])
        step = self.Trace._get_edges(self.env['stock.lot'].browse(-found.id), 'forward')
        self.assertEqual({self.Trace._prepare_lot(self.env['stock.lot'].browse(edge['to']))['name'] for edge in step}, {
            "HALF", "STEEL-77", "SCRAP",
        })
        # the part of the run that told of its output is taken back
        self.env['scp.epcis.event'].search([('event_ref', '=', 'urn:uuid:b')]).active = False
        step = self.Trace._get_edges(self.env['stock.lot'].browse(-found.id), 'forward')
        self.assertEqual({self.Trace._prepare_lot(self.env['stock.lot'].browse(edge['to']))['name'] for edge in step}, {
            "HALF", "SCRAP",
        })

    def test_rights(self):
        self.record(tell(self.melted), self.mill)
        seller = new_test_user(self.env, 'epcis_seller', 'crm_scp_core.group_scp_user')
        with self.assertRaises(AccessError):
            self.env['scp.epcis.import'].with_user(seller).create({'data': base64.b64encode(b'{}')})
        found = self.Event.with_user(seller).search([('event_ref', '=', 'urn:uuid:melt')])
        self.assertEqual(found.partner_id, self.mill)
        for change in (lambda: found.write({'biz_step': 'x'}), found.unlink, lambda: found.line_ids.unlink()):
            with self.assertRaises(AccessError):
                change()


@tagged('post_install', '-at_install')
class TestEpcisTwoCompanies(StoryCommon):
    """What one company exports, another imports: its trace then reaches what the first one's did."""

    def test_stories(self):
        self.pump.default_code = 'PUMP'
        stories = self._create_stories(6)
        Epcis = self.env['scp.epcis']
        other = self.env['res.company'].create({'name': "Buyer"})
        for story in stories:
            with self._as_written():
                document = Epcis._prepare_document(Epcis._get_lot_events(self.env['stock.lot'].browse(story.lots)))
            # the other company is another system: no lot of its own, and no place of its own in the document
            Event = self.env['scp.epcis.event'].with_company(other).with_context(allowed_company_ids=other.ids)
            self.env['ir.config_parameter'].set_param('web.base.url', 'https://buyer.example.com')
            Event._record(json.loads(json.dumps(document)), self.env['res.partner'])
            self.env['ir.config_parameter'].set_param('web.base.url', 'https://maker.example.com')
            items = {item.lot_id.id: item for item in self.env['scp.epcis.item'].search([
                ('company_id', '=', other.id), ('lot_id', 'in', story.lots)])}
            Trace = self.env['scp.trace'].with_context(allowed_company_ids=other.ids)
            for lot in story.lots:
                reached = Trace._get_reached_lots(self.env['stock.lot'].browse(lot), 'backward')
                self.assertEqual(set(reached.ids), story.get_origins(lot) if lot in items else {lot})

from odoo import Command, api, fields, models
from odoo.tools import SQL, format_date

from . import reading
from .steps import get_step_name


class ScpEpcisEvent(models.Model):
    """What somebody else reports of goods, from an EPCIS 2.0 document of his.

    Events lengthen a trace beyond our own walls: what was made of what at a supplier's, and where goods went from a
    customer's. They are his words, which nobody here changes.
    """

    _name = 'scp.epcis.event'
    _description = "Event Reported by Others"
    _order = 'event_time desc, id desc'
    _rec_name = 'event_ref'
    _check_company_auto = True

    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True)
    event_ref = fields.Char(string="Identifier", required=True, readonly=True, help="An event is recorded once.")
    active = fields.Boolean(
        default=True, readonly=True, help="Archived when whoever reported it has declared it wrong: no trace uses it.")
    event_type = fields.Char(string="Type", required=True, readonly=True)
    biz_step = fields.Char(string="Step, as Told", readonly=True)
    step_name = fields.Char(string="Step", compute='_compute_step_name')
    disposition = fields.Char(readonly=True)
    action = fields.Char(readonly=True)
    event_time = fields.Datetime(string="When", required=True, readonly=True)
    partner_id = fields.Many2one(
        'res.partner', string="Reported by", readonly=True, index='btree_not_null', check_company=True,
        ondelete='set null', help="Whose document it was in.")
    source_id = fields.Many2one(
        'res.partner', string="From", readonly=True, index='btree_not_null', check_company=True, ondelete='set null')
    source_name = fields.Char(string="From, as Told", readonly=True)
    destination_id = fields.Many2one(
        'res.partner', string="To", readonly=True, index='btree_not_null', check_company=True, ondelete='set null')
    destination_name = fields.Char(string="To, as Told", readonly=True)
    place = fields.Char(readonly=True)
    document = fields.Json(readonly=True, help="The event as it was told.")
    line_ids = fields.One2many('scp.epcis.event.line', 'event_id', string="Goods", readonly=True)

    # _record(): known again
    _event_ref_uniq = models.UniqueIndex('(company_id, event_ref)', "This event is recorded already.")

    # === COMPUTE === #

    @api.depends('biz_step', 'event_type')
    @api.depends_context('lang')
    def _compute_step_name(self):
        for event in self:
            event.step_name = event._get_step_name()

    @api.depends('biz_step', 'event_type', 'event_time')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for event in self:
            event.display_name = f'{event._get_step_name()} {format_date(self.env, event.event_time)}'

    # === BUSINESS === #

    def _get_step_name(self):
        return get_step_name(self.biz_step or self.event_type)

    @api.model
    def _sort_out(self, document):
        """Which events of a valid document are new to us.

        :return: ``new``, ``known`` and ``ours`` (what we have told ourselves), lists of events as told
        """
        found = {'new': [], 'known': [], 'ours': []}
        events = {reading.get_event_id(event): event for event in reading.get_events(document)}
        known = {
            event.event_ref: event.active for event in self.with_context(active_test=False).search(
                [('company_id', '=', self.env.company.id), ('event_ref', 'in', list(events))])
        }
        places = self._get_own_places()
        base = f'{self.env["scp.epcis"]._get_base()}/epcis/'
        for ref, event in events.items():
            place = reading.get_place(event)
            if place and (place.uri.startswith(base) or place.uri in places):
                found['ours'].append(event)
            elif ref in known and not (known[ref] and 'errorDeclaration' in event):
                found['known'].append(event)
            else:
                found['new'].append(event)
        return found

    @api.model
    def _get_own_places(self):
        Epcis = self.env['scp.epcis']
        # sudo: names of places, to know our own events again
        warehouses = self.env['stock.warehouse'].sudo().search([('company_id', '=', self.env.company.id)])
        return {Epcis._get_place_uri(warehouse.id, self.env.company.id) for warehouse in warehouses}

    @api.model
    def _record(self, document, partner):
        """Record the events of a valid document that are new.

        :param partner: ``res.partner`` whose document it is; may be empty
        :return: the events recorded; those that were taken back are archived
        """
        told = self._sort_out(document)['new']
        retracted = self._retract(told)
        told = [event for event in told if reading.get_event_id(event) not in retracted]
        names, goods = reading.get_names(document), [reading.get_goods(event) for event in told]
        items = self._get_items([item.name for items in goods for item in items], names)
        parties = self._get_parties([party for event in told for party in (
            reading.get_party(event, 'source'), reading.get_party(event, 'destination')) if party])
        events = self.create([
            self._prepare_event(event, partner, names, parties) | {'line_ids': [
                Command.create({
                    'item_id': items[item.name.uri].id, 'side': item.side, 'quantity': item.quantity or 0,
                    'unit': item.unit, 'run': reading.get_run(event),
                }) for item in event_goods
            ]}
            for event, event_goods in zip(told, goods, strict=True)
        ])
        events.line_ids.item_id._match()
        self._restore_parts()
        return events

    @api.model
    def _prepare_event(self, event, partner, names, parties):
        values = {
            'company_id': self.env.company.id,
            'event_ref': reading.get_event_id(event),
            'active': 'errorDeclaration' not in event,
            'event_type': event['type'],
            'biz_step': event.get('bizStep'),
            'disposition': event.get('disposition'),
            'action': event.get('action'),
            'event_time': reading.get_time(event),
            'partner_id': partner.id,
            'document': event,
        }
        for side in ('source', 'destination'):
            if party := reading.get_party(event, side):
                values[f'{side}_id'] = parties.get(party.uri)
                values[f'{side}_name'] = names.get(party.uri) or party.code or party.uri
        if place := reading.get_place(event):
            values['place'] = names.get(place.uri) or place.code or place.uri
        return values

    @api.model
    def _retract(self, told):
        """Archive events that whoever told them takes back; return their identifiers."""
        refs = [reading.get_event_id(event) for event in told if 'errorDeclaration' in event]
        events = self.search([('company_id', '=', self.env.company.id), ('event_ref', 'in', refs)])
        events.active = False
        return set(events.mapped('event_ref'))

    @api.model
    def _get_items(self, goods, names):
        """The records of goods, those that are new created: by identifier."""
        Item = self.env['scp.epcis.item']
        goods = {name.uri: name for name in goods}
        items = {item.uri: item for item in Item.search(
            [('company_id', '=', self.env.company.id), ('uri', 'in', list(goods))])}
        missing = [name for uri, name in goods.items() if uri not in items]
        for item in Item.create([
            {
                'company_id': self.env.company.id, 'uri': name.uri, 'kind': name.kind, 'code': name.code,
                'number': name.number, 'is_gs1': name.is_gs1, 'product_name': self._get_product_name(name, names),
            } for name in missing
        ]):
            items[item.uri] = item
        return items

    @api.model
    def _get_product_name(self, name, names):
        """What goods are called: by themselves, or their product."""
        product = name.uri.rsplit('/', 2)[0] if name.kind in ('lot', 'serial') else name.uri
        return names.get(name.uri) or names.get(product) or name.code

    @api.model
    def _get_parties(self, parties):
        """Ids of partners by identifier, found by GLN, VAT number or reference; where just one is meant."""
        Epcis = self.env['scp.epcis']
        codes = {party.code for party in parties if party.code}
        # sudo: to know who is meant, whatever partners the user may read
        Partner = self.env['res.partner'].sudo()
        keys = ['global_location_number'] if 'global_location_number' in Partner._fields else []
        found = {}
        for key in (*keys, 'vat', 'ref'):
            for partner in Partner.search(
                    [(key, 'in', list(codes)), ('company_id', 'in', (False, self.env.company.id))]):
                found.setdefault(key, {}).setdefault(partner[key], set()).add(partner.commercial_partner_id.id)
        base = f'{Epcis._get_base()}/epcis/party/id-'
        ids = {}
        for party in parties:
            candidates = [
                found.get(key, {}).get(party.code, ())
                for key in (keys if party.is_gs1 else ('vat', 'ref'))
            ]
            chosen = next((matches for matches in candidates if matches), ())
            if len(chosen) == 1:
                ids[party.uri] = next(iter(chosen))
            elif party.uri.startswith(base) and (number := party.uri.removeprefix(base)).isdecimal():
                ids[party.uri] = Partner.browse(int(number)).exists().id
        return ids

    @api.model
    def _restore_parts(self):
        """What comes out of a thing that is taken apart is what it was before it was put in, not made of that thing.

        Parts nobody told to have gone in, as the cuts of a carcass, are made of it.
        """
        self.env.flush_all()
        self.env.cr.execute(SQL(
            """
            UPDATE scp_epcis_event_line part
               SET side = 'seen'
              FROM scp_epcis_event event
             WHERE event.id = part.event_id AND event.biz_step = 'disassembling' AND part.side = 'made'
               AND event.company_id = %(company)s
               AND EXISTS (
                   SELECT FROM scp_epcis_event_line whole
                     JOIN scp_epcis_event_line made
                       ON made.node = whole.node AND made.side = 'made' AND made.event_id != part.event_id
                     JOIN scp_epcis_event_line used ON used.run = made.run AND used.side = 'used'
                    WHERE whole.run = part.run AND whole.side = 'used' AND used.node = part.node)
            """,
            company=self.env.company.id,
        ))
        self.env.invalidate_all()


from collections import defaultdict

from pytz import timezone, utc

from odoo import api, models

from .event_hash import get_hash_id
from .scp_epcis import INBOUND, OUTBOUND, STEPS


class ScpEpcis(models.AbstractModel):
    _inherit = 'scp.epcis'

    @api.model
    def _get_events(self, line_ids, may_know=None, withhold=None):
        """The events that lines are part of, the oldest first.

        :param may_know: function of a row that tells whether it may be told; all if None
        :param withhold: function of an event and one of its rows that takes out of the event what may not be told
        :return: events as EPCIS has them, with ``names``, see :meth:`_get_names`
        """
        links = self._get_links(line_ids)
        chosen = set(line_ids)
        rows = self._get_rows([*chosen.union(links, *links.values())])
        if may_know:
            rows = {key: row for key, row in rows.items() if may_know(row)}
        self._fetch_names(rows.values())
        events = []
        for event, members in (
            *self._prepare_movements([row for row in rows.values() if row['id'] in chosen]),
            *self._prepare_runs(rows, links),
        ):
            if withhold:
                withhold(event, members[0])
            events.append({**event, 'eventID': get_hash_id(event), 'names': self._get_names(event, members)})
        return sorted(events, key=lambda event: (event['eventTime'], event['eventID']))

    # === GOODS THAT MOVE === #

    @api.model
    def _prepare_movements(self, rows):
        """Shipments, receipts and packages: (event, its rows)"""
        groups, packages = defaultdict(list), defaultdict(list)
        for row in rows:
            if not row['kind']:
                continue
            partner = row['customer_id'] if row['kind'] in ('ship', 'direct', 'return') else row['supplier_id']
            document = row['picking_id'] or -row['move_id']
            groups[row['kind'], document, partner, row['company_id']].append(row)
            if row['kind'] == 'ship' and row['package_id']:
                packages[row['package_id'], document, row['company_id']].append(row)
        for (package_id, *_rest), members in packages.items():
            yield self._prepare_packing(package_id, members), members
        for members in groups.values():
            yield self._prepare_movement(members), members

    @api.model
    def _prepare_movement(self, rows):
        row = rows[0]
        step, disposition = STEPS[row['kind']]
        return {
            'type': 'ObjectEvent',
            **self._prepare_when(rows),
            **self._prepare_goods(rows, 'epcList', 'quantityList'),
            'action': 'OBSERVE',
            'bizStep': step,
            'disposition': disposition,
            **self._prepare_where(row),
            **self._prepare_why(row),
        }

    @api.model
    def _prepare_packing(self, package_id, rows):
        return {
            'type': 'AggregationEvent',
            **self._prepare_when(rows),
            'parentID': self._get_package_uri(package_id),
            **self._prepare_goods(rows, 'childEPCs', 'childQuantityList'),
            'action': 'ADD',
            'bizStep': 'packing',
            'disposition': 'in_progress',
            **self._prepare_where(rows[0]),
        }

    # === GOODS MADE OF OTHERS === #

    @api.model
    def _prepare_runs(self, rows, links):
        """Productions, unbuild orders and repairs: (event, its rows)"""
        runs = defaultdict(list)
        for made_id, used_ids in links.items():
            used = tuple(used_id for used_id in used_ids if used_id in rows)
            if made_id in rows and used:
                if self.env['scp.trace']._has_repairs() and rows[made_id]['source_usage'] != 'production':
                    yield from self._prepare_repair(rows[made_id], [rows[used_id] for used_id in used])
                else:
                    runs[used].append(rows[made_id])
        for used, made in runs.items():
            members = [rows[used_id] for used_id in used]
            yield self._prepare_run(members, made), made + members

    @api.model
    def _prepare_run(self, used, made):
        expiry = {self._get_expiry(row['lot_id']) for row in made} - {False}
        return {
            'type': 'TransformationEvent',
            **self._prepare_when(made),
            **self._prepare_goods(used, 'inputEPCList', 'inputQuantityList'),
            **self._prepare_goods(made, 'outputEPCList', 'outputQuantityList'),
            'transformationID': self._get_run_uri(made[0]),
            'bizStep': 'disassembling' if made[0]['is_unbuild'] else 'commissioning',
            'disposition': 'in_progress',
            **self._prepare_where(made[0], 'destination'),
            **({'ilmd': {'cbvmda:itemExpirationDate': expiry.pop()}} if len(expiry) == 1 else {}),
        }

    @api.model
    def _prepare_repair(self, repaired, parts):
        """Parts that went into a lot, and parts that were taken out of it."""
        for action, step, rows in (
            ('ADD', 'installing', [row for row in parts if row['source_usage'] != 'production']),
            ('DELETE', 'removing', [row for row in parts if row['source_usage'] == 'production']),
        ):
            if rows:
                yield {
                    'type': 'AssociationEvent',
                    **self._prepare_when([repaired]),
                    'parentID': self._get_lot_uri(repaired['lot_id']),
                    **self._prepare_goods(rows, 'childEPCs', 'childQuantityList'),
                    'action': action,
                    'bizStep': step,
                    'disposition': 'in_progress',
                    **self._prepare_where(repaired),
                }, [repaired, *rows]

    # === WHAT, WHEN, WHERE, WHY === #

    @api.model
    def _prepare_goods(self, rows, epc_field, quantity_field):
        """Units with a number of their own in one list, quantities of lots in the other."""
        units, quantities = [], defaultdict(float)
        for row in rows:
            if self._is_serial(row['lot_id']):
                units.append(self._get_lot_uri(row['lot_id']))
            else:
                quantities[row['lot_id']] += row['qty']
        goods = {}
        if units:
            goods[epc_field] = list(dict.fromkeys(units))
        if quantities:
            goods[quantity_field] = [
                {'epcClass': self._get_lot_uri(lot_id), **self._prepare_quantity(lot_id, quantity)}
                for lot_id, quantity in quantities.items()
            ]
        return goods

    @api.model
    def _prepare_when(self, rows):
        moment = max(row['date'] for row in rows)
        offset = utc.localize(moment).astimezone(self._get_zone(rows[0]['company_id'])).strftime('%z')
        return {'eventTime': self._format_time(moment), 'eventTimeZoneOffset': f'{offset[:3]}:{offset[3:5]}'}

    @api.model
    def _prepare_where(self, row, side=None):
        """Our place: where goods came in or went out; once they are on their way nobody knows where they are."""
        side = side or ('destination' if row['kind'] in INBOUND else 'source')
        if row['kind'] == 'direct':
            return {}
        place = {'id': self._get_place_uri(row[f'{side}_warehouse_id'], row['company_id'])}
        return {'readPoint': place} if row['kind'] in OUTBOUND else {'readPoint': place, 'bizLocation': place}

    @api.model
    def _prepare_why(self, row):
        """Documents, and who had the goods before and has them now."""
        ours = self._get_company_uri(row['company_id'])
        other = row['customer_id'] if row['kind'] in ('ship', 'return') else row['supplier_id']
        other = other and self._get_partner_uri(other)
        source, destination = (other, ours) if row['kind'] in INBOUND else (ours, other)
        if row['kind'] == 'direct':
            source, destination = other or ours, row['customer_id'] and self._get_partner_uri(row['customer_id'])
        why = {}
        if documents := self._get_documents(row):
            why['bizTransactionList'] = [{'type': kind, 'bizTransaction': uri} for kind, uri in documents]
        if source:
            why['sourceList'] = [{'type': 'owning_party', 'source': source}]
        if destination:
            why['destinationList'] = [{'type': 'owning_party', 'destination': destination}]
        return {} if row['kind'] == 'accept' else why

    @api.model
    def _format_time(self, moment):
        return moment.isoformat(timespec='milliseconds') + 'Z'

    @api.model
    def _get_zone(self, company_id):
        # sudo: the zone of a company whose goods the user may read
        company = self.env['res.company'].sudo().browse(company_id)
        return timezone(company.resource_calendar_id.tz or 'UTC')

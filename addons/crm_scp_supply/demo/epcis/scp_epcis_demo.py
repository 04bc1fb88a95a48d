from odoo import api, models

MAKER = 'https://erp.sealtech.example.com/epcis'
DEALER = 'https://erp.yuanli.example.com/epcis'


class ScpDemo(models.AbstractModel):
    _inherit = 'scp.demo'

    @api.model
    def _create_epcis_events(self):
        """The supplier of the packings tells what they were made of, a dealer where the valves went."""
        Event, Epcis = self.env['scp.epcis.event'], self.env['scp.epcis']
        uris = {name: Epcis._get_lot_uri(self.env.ref(f'crm_scp_supply.lot_{name}').id)
                for name in ('vr_0417', 'vr_0418', 'sv_0119')}
        compound = f'{MAKER}/product/FKM-70/lot/C-8812'
        for partner, events in (
            (self.env.ref('crm_scp_supply.supplier_sealtech'), [
                {
                    'type': 'TransformationEvent', **self._tell(101, 'commissioning', f'{MAKER}/place/VULCANISING'),
                    'inputQuantityList': [{'epcClass': compound, 'quantity': 36, 'uom': 'KGM'}],
                    'outputQuantityList': [
                        {'epcClass': uris['vr_0417'], 'quantity': 400}, {'epcClass': uris['vr_0418'], 'quantity': 300},
                    ],
                },
                {
                    'type': 'TransformationEvent', **self._tell(103, 'commissioning', f'{MAKER}/place/MIXING'),
                    'inputQuantityList': [
                        {'epcClass': f'{MAKER}/product/POLYMER/lot/P-3301', 'quantity': 30, 'uom': 'KGM'},
                        {'epcClass': f'{MAKER}/product/BLACK/lot/N550-17', 'quantity': 10, 'uom': 'KGM'},
                    ],
                    'outputQuantityList': [{'epcClass': compound, 'quantity': 40, 'uom': 'KGM'}],
                },
            ]),
            (self.env.ref('crm_scp_core.partner_yuanli'), [
                {
                    'type': 'ObjectEvent', 'action': 'OBSERVE', **self._tell(22, 'shipping', f'{DEALER}/place/DEPOT'),
                    'quantityList': [{'epcClass': uris['sv_0119'], 'quantity': 5}],
                    'sourceList': [{'type': 'owning_party', 'source': f'{DEALER}/party/YUANLI'}],
                    'destinationList': [{'type': 'owning_party', 'destination': f'{DEALER}/party/HARBOUR-HEAT'}],
                },
            ]),
        ):
            Event._record(self._prepare_told(events), partner)

    def _tell(self, day, step, place):
        return {
            'eventTime': self._moment(day).isoformat() + 'Z', 'eventTimeZoneOffset': '+00:00', 'bizStep': step,
            'disposition': 'in_transit' if step == 'shipping' else 'in_progress', 'readPoint': {'id': place},
        }

    def _prepare_told(self, events):
        names = {
            f'{MAKER}/product/FKM-70': "FKM compound 70 Shore", f'{MAKER}/product/POLYMER': "FKM polymer",
            f'{MAKER}/product/BLACK': "Carbon black N550",
        }
        parties = {f'{DEALER}/party/HARBOUR-HEAT': "Harbour District Heating", f'{DEALER}/party/YUANLI': "Yuanli"}
        return self.env['scp.epcis']._prepare_document([
            {**event, 'names': {
                **{uri: ('EPCClass', {'descriptionShort': name}) for uri, name in names.items()},
                **{uri: ('Party', {'name': name}) for uri, name in parties.items()},
            }} for event in events
        ])

from odoo import api, models

from . import identifiers

#: units of measure of Odoo -> code of UN/ECE recommendation 20; pieces have none
UNIT_CODES = {
    'uom.product_uom_dozen': 'DZN', 'uom.product_uom_gram': 'GRM', 'uom.product_uom_kgm': 'KGM',
    'uom.product_uom_ton': 'TNE', 'uom.product_uom_oz': 'ONZ', 'uom.product_uom_lb': 'LBR',
    'uom.product_uom_millimeter': 'MMT', 'uom.product_uom_cm': 'CMT', 'uom.product_uom_meter': 'MTR',
    'uom.product_uom_km': 'KMT', 'uom.product_uom_inch': 'INH', 'uom.product_uom_foot': 'FOT',
    'uom.product_uom_yard': 'YRD', 'uom.product_uom_mile': 'SMI', 'uom.product_uom_square_meter': 'MTK',
    'uom.product_uom_square_foot': 'FTK', 'uom.product_uom_milliliter': 'MLT', 'uom.product_uom_litre': 'LTR',
    'uom.product_uom_cubic_meter': 'MTQ', 'uom.product_uom_floz': 'OZA', 'uom.product_uom_qt': 'QT',
    'uom.product_uom_gal': 'GLL', 'uom.product_uom_cubic_inch': 'INQ', 'uom.product_uom_cubic_foot': 'FTQ',
    'uom.product_uom_hour': 'HUR', 'uom.product_uom_day': 'DAY', 'uom.product_uom_minute': 'MIN',
    'uom.product_uom_kwh': 'KWH',
}
#: "mutually defined": a unit the list has no code for
OTHER_UNIT = 'ZZ'


class ScpEpcis(models.AbstractModel):
    _inherit = 'scp.epcis'

    @api.model
    def _browse(self, model, ids):
        # sudo: who may follow a lot may name what is in its events, whatever else he may read
        return self.env[model].sudo().browse(ids)

    @api.model
    def _get_base(self):
        return self._browse('ir.config_parameter', []).get_param('web.base.url')

    @api.model
    def _get_product_code(self, product):
        return product.default_code or f'id-{product.id}'

    @api.model
    def _get_partner_code(self, partner):
        # Odoo's sign of a partner without a number
        vat = partner.vat if partner.vat != '/' else False
        return vat or partner.ref or f'id-{partner.id}'

    @api.model
    def _get_lot(self, lot_id):
        return self._browse('stock.lot', lot_id)

    @api.model
    def _is_serial(self, lot_id):
        return self._get_lot(lot_id).product_id.tracking == 'serial'

    @api.model
    def _get_lot_uri(self, lot_id):
        lot = self._get_lot(lot_id)
        return self._get_product_uri(lot.product_id, lot.name, self._is_serial(lot_id))

    @api.model
    def _get_product_uri(self, product, number=None, is_serial=False):
        return identifiers.get_goods_uri(
            self._get_base(), self._get_product_code(product), identifiers.get_gtin(product.barcode), number,
            is_serial,
        )

    @api.model
    def _prepare_quantity(self, lot_id, quantity):
        uom = self._get_lot(lot_id).product_uom_id
        told = {'quantity': round(quantity, 6)}  # sums of floats
        return told if uom == self.env.ref('uom.product_uom_unit') else {**told, 'uom': self._get_unit_code(uom)}

    @api.model
    def _get_unit_code(self, uom):
        get_id = self.env['ir.model.data']._xmlid_to_res_id
        return next((code for xml_id, code in UNIT_CODES.items() if get_id(xml_id) == uom.id), OTHER_UNIT)

    @api.model
    def _get_unit_name(self, code):
        """What a unit is called here; its code where Odoo has none."""
        xml_id = next((xml_id for xml_id, known in UNIT_CODES.items() if known == code), None)
        uom = xml_id and self.env.ref(xml_id, raise_if_not_found=False)
        return self._browse('uom.uom', uom.id).name if uom else code or ""

    @api.model
    def _get_expiry(self, lot_id):
        """The day a lot expires, as text, or False."""
        expires = self._get_lot(lot_id).expiration_date
        return expires and expires.date().isoformat()

    @api.model
    def _get_gln(self, partner):
        # of `account_add_gln`, which comes with accounting
        return 'global_location_number' in partner._fields and partner.global_location_number

    @api.model
    def _get_partner_uri(self, partner_id):
        partner = self._browse('res.partner', partner_id)
        return identifiers.get_party_uri(self._get_base(), self._get_partner_code(partner), self._get_gln(partner))

    @api.model
    def _get_company_uri(self, company_id):
        return self._get_partner_uri(self._browse('res.company', company_id).partner_id.id)

    @api.model
    def _get_place_uri(self, warehouse_id, company_id):
        warehouse = self._browse('stock.warehouse', warehouse_id)
        company = self._browse('res.company', company_id)
        partner = warehouse.partner_id or company.partner_id
        code = f'{self._get_partner_code(company.partner_id)}-{warehouse.code}' if warehouse else (
            self._get_partner_code(company.partner_id))
        return identifiers.get_place_uri(self._get_base(), code, self._get_gln(partner))

    @api.model
    def _get_package_uri(self, package_id):
        package = self._browse('stock.package', package_id)
        return identifiers.get_package_uri(self._get_base(), package.name)

    @api.model
    def _get_documents(self, row):
        """Documents of a movement: (type of the vocabulary, identifier)"""
        documents = []
        if row['purchase_id']:
            documents.append(('po', self._browse('purchase.order', row['purchase_id']).name))
        if row['picking_id']:
            kind = {'return': 'rma', 'send_back': 'rma', 'ship': 'desadv', 'direct': 'desadv'}.get(
                row['kind'], 'recadv')
            documents.append((kind, self._browse('stock.picking', row['picking_id']).name))
        return [(kind, identifiers.get_document_uri(self._get_base(), name)) for kind, name in documents]

    @api.model
    def _get_run_uri(self, row):
        """Name of a run: events of one name would be taken for parts of one run."""
        reference = self._browse('stock.move', row['move_id']).reference or 'run'
        return identifiers.get_document_uri(self._get_base(), f'{reference}-{row["id"]}')

    @api.model
    def _get_names(self, event, rows):
        """Names of the goods and parties of an event: identifier -> (class of the vocabulary, {attribute: text})"""
        names = {}
        for lot_id in {row['lot_id'] for row in rows}:
            product = self._get_lot(lot_id).product_id
            names[self._get_product_uri(product)] = ('EPCClass', {
                'descriptionShort': product.name, 'additionalTradeItemIdentification': product.default_code,
            })
        told = {item['source'] for item in event.get('sourceList', ())}
        told.update(item['destination'] for item in event.get('destinationList', ()))
        company = self._browse('res.company', rows[0]['company_id'])
        for partner_id in (company.partner_id.id, rows[0]['customer_id'], rows[0]['supplier_id']):
            if partner_id and (uri := self._get_partner_uri(partner_id)) in told:
                names[uri] = ('Party', {'name': self._browse('res.partner', partner_id).name})
        return names

    @api.model
    def _fetch_names(self, rows):
        """Read at once what the names of all these rows need."""
        def browse(model, key):
            return self._browse(model, {row[key] for row in rows if row[key]})

        rows = list(rows)
        lots = browse('stock.lot', 'lot_id')
        lots.fetch(['name', 'product_id', 'expiration_date'])
        lots.product_id.fetch(['default_code', 'barcode', 'product_tmpl_id'])
        lots.product_id.product_tmpl_id.fetch(['name', 'tracking', 'uom_id'])
        (browse('res.partner', 'customer_id') | browse('res.partner', 'supplier_id')).fetch(['name', 'vat', 'ref'])
        browse('stock.picking', 'picking_id').fetch(['name'])
        browse('purchase.order', 'purchase_id').fetch(['name'])
        browse('stock.package', 'package_id').fetch(['name'])
        browse('stock.move', 'move_id').fetch(['reference'])

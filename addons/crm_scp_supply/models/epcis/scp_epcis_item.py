from odoo import api, fields, models
from odoo.tools import SQL


class ScpEpcisItem(models.Model):
    """Goods that events of others name: their lots, units and packages, and those of ours they speak of.

    In a trace a lot of ours is known by its id, goods of others by the negative of theirs: ``node``.
    """

    _name = 'scp.epcis.item'
    _description = "Goods in Events of Others"
    _order = 'id'
    _rec_name = 'number'
    _rec_names_search = ['number', 'uri', 'product_name']
    _check_company_auto = True

    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True)
    uri = fields.Char(string="Identifier", required=True, readonly=True)
    kind = fields.Selection(
        [
            ('lot', "Lot"), ('serial', "Unit"), ('product', "Product"), ('package', "Package"), ('place', "Place"),
            ('party', "Party"), ('other', "Other"),
        ],
        required=True, readonly=True,
    )
    code = fields.Char(
        string="Reference", readonly=True, help="GTIN, or the reference its owner has given the product.")
    number = fields.Char(readonly=True, help="Lot or serial number.")
    is_gs1 = fields.Boolean(string="GS1", readonly=True)
    product_name = fields.Char(string="Product", readonly=True)
    lot_id = fields.Many2one(
        'stock.lot', string="Our Lot", index='btree_not_null', ondelete='set null', check_company=True,
        help="The same goods as we know them. Found by GTIN or reference of the product and the number; "
        "set it where that finds nothing.",
    )
    node = fields.Integer(compute='_compute_node', store=True, readonly=True, aggregator=None)
    line_ids = fields.One2many('scp.epcis.event.line', 'item_id', string="Events", readonly=True)

    # _record() of events
    _uri_uniq = models.UniqueIndex('(company_id, uri)', "These goods are known already.")
    # _match()
    _number_idx = models.Index('(number) WHERE lot_id IS NULL')

    # === COMPUTE === #

    @api.depends('lot_id', 'kind')
    def _compute_node(self):
        for item in self:
            # a product is no goods: what it went into would hang together with everything
            item.node = 0 if item.kind == 'product' else item.lot_id.id or -item._origin.id

    @api.depends('number', 'code', 'uri')
    def _compute_display_name(self):
        for item in self:
            item.display_name = item.number or item.code or item.uri

    # === ACTIONS === #

    @api.readonly
    def action_scp_trace(self):
        self.ensure_one()
        return self.lot_id.action_scp_trace()

    # === BUSINESS === #

    def _match(self):
        """Find the lots of ours that goods of these are, by GTIN or reference and number, where there is just one."""
        self.env.flush_all()
        rows = self.env.execute_query(SQL(
            """
            SELECT item.id, min(lot.id)
              FROM scp_epcis_item item
              JOIN stock_lot lot ON item.number IN (lot.name, lot.ref)
               AND (lot.company_id IS NULL OR lot.company_id = item.company_id)
              JOIN product_product product ON product.id = lot.product_id
             WHERE item.id = ANY(%(items)s) AND item.lot_id IS NULL AND item.kind IN ('lot', 'serial')
               AND CASE WHEN item.is_gs1 THEN lpad(product.barcode, 14, '0') = item.code
                        ELSE product.default_code = item.code
                             OR item.uri LIKE %(ours)s AND item.code = 'id-' || product.id
                             OR EXISTS (SELECT FROM product_supplierinfo supplied
                                         WHERE supplied.product_tmpl_id = product.product_tmpl_id
                                           AND supplied.product_code = item.code) END
          GROUP BY item.id
            HAVING count(DISTINCT lot.id) = 1
            """,
            items=self.ids, ours=f'{self.env["scp.epcis"]._get_base()}/epcis/%',
        ))
        for item_id, lot_id in rows:
            self.browse(item_id).lot_id = lot_id

    @api.autovacuum
    def _gc_match(self):
        """Goods that came after the events about them were read."""
        self.search([('lot_id', '=', False), ('kind', 'in', ('lot', 'serial'))])._match()

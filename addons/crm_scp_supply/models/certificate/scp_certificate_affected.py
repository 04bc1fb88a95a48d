from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ..trace.scp_trace import TRACE_GROUPS


class Affected(NamedTuple):
    """Ids of what rests on a certificate; an empty list instead of none.

    :param lots: that came under it, and everything made of them
    :param receipts: transfers that brought goods under it
    :param purchases: their orders, and those of which something is still to come
    :param sales: orders of customers on which lots were delivered, or for which they are reserved
    :param customers: companies that hold goods of these lots, what came back deducted
    """

    lots: list[int]
    receipts: list[int]
    purchases: list[int]
    sales: list[int]
    customers: list[int]


class ScpCertificate(models.Model):
    """What rests on a certificate: asked when it is withdrawn, and at any other time."""

    _inherit = 'scp.certificate'

    lot_count = fields.Integer(string="Lots", compute='_compute_affected', groups=TRACE_GROUPS)
    receipt_count = fields.Integer(string="Receipts", compute='_compute_affected', groups=TRACE_GROUPS)
    purchase_count = fields.Integer(string="Purchase Orders", compute='_compute_affected', groups=TRACE_GROUPS)
    sale_count = fields.Integer(string="Sales Orders", compute='_compute_affected', groups=TRACE_GROUPS)
    customer_count = fields.Integer(string="Customers", compute='_compute_affected', groups=TRACE_GROUPS)

    # === COMPUTE === #

    @api.depends('partner_id', 'date_from', 'date_to', 'product_ids', 'categ_ids', 'site_ids')
    def _compute_affected(self):
        for certificate in self:
            affected = certificate._origin._get_affected() if certificate._origin else Affected([], [], [], [], [])
            certificate.lot_count = len(affected.lots)
            certificate.receipt_count = len(affected.receipts)
            certificate.purchase_count = len(affected.purchases)
            certificate.sale_count = len(affected.sales)
            certificate.customer_count = len(affected.customers)

    # === ACTIONS === #

    @api.readonly
    def action_view_lots(self):
        return self._open_affected('stock.lot', 'lots', self.env._("Lots"), 'crm_scp_supply.scp_trace_lot_action')

    @api.readonly
    def action_view_receipts(self):
        return self._open_affected('stock.picking', 'receipts', self.env._("Receipts"))

    @api.readonly
    def action_view_purchases(self):
        return self._open_affected('purchase.order', 'purchases', self.env._("Purchase Orders"))

    @api.readonly
    def action_view_sales(self):
        return self._open_affected('sale.order', 'sales', self.env._("Sales Orders"))

    @api.readonly
    def action_view_customers(self):
        return self._open_affected('res.partner', 'customers', self.env._("Customers"))

    def action_recall(self):
        """A recall of the lots that came under this certificate, to be filled in."""
        lots = self.env['stock.lot'].browse(self._get_affected(only_received=True).lots)
        if not lots:
            raise UserError(self.env._("No lot came under %(certificate)s.", certificate=self.display_name))
        return lots.action_prepare_recall()

    def _open_affected(self, model, part, name, xml_id=None):
        action = self.env['ir.actions.actions']._for_xml_id(xml_id) if xml_id else {
            'type': 'ir.actions.act_window', 'res_model': model, 'view_mode': 'list,form',
        }
        title = self.env._("%(what)s that rest on %(certificate)s", what=name, certificate=self.display_name)
        return action | {
            'name': title, 'display_name': title,
            'domain': [('id', 'in', getattr(self._get_affected(), part))], 'context': {'create': False},
        }

    # === BUSINESS === #

    def _tell_affected(self):
        """Note what rests on a certificate that is void now, and give the responsible an activity."""
        affected = self._get_affected()
        text = self.env._(
            "Void from %(day)s: %(reason)s On this certificate rest %(lots)s lots, %(receipts)s receipts, "
            "%(purchases)s purchase orders, %(sales)s sales orders and %(customers)s customers.",
            day=format_date(self.env, self.void_from), reason=self.void_reason or "",
            lots=len(affected.lots), receipts=len(affected.receipts), purchases=len(affected.purchases),
            sales=len(affected.sales), customers=len(affected.customers))
        self._message_log(body=text)
        if self.user_id:
            self.activity_schedule(
                'crm_scp_supply.mail_activity_type_certificate', user_id=self.user_id.id, note=text,
                summary=self.env._("Decide on what rests on it"))

    def _get_affected(self, only_received=False) -> Affected:
        """What rests on a certificate: of its holder, and of our suppliers he stands behind; one statement.

        Goods came under it from its first day to its last, if a supplier of ours whose chain leads to the holder
        delivered them and the certificate and each relation of the chain are about them. When it is void does not
        matter here: what came before was trusted because of it.

        :param only_received: lots that came, without what was made of them
        """
        self.ensure_one()
        self.env['scp.trace']._check_trace_access(self.env['stock.lot'])
        self.env.flush_all()
        Trace, Relation = self.env['scp.trace'], self.env['scp.relation']
        received = SQL("SELECT DISTINCT lot_id AS id FROM receipt WHERE lot_id IS NOT NULL")
        [row] = self.env.execute_query(SQL(
            """
            WITH RECURSIVE supplier(partner_id, relation_id, path) AS (
                SELECT %(holder)s, relation.id, ARRAY[]::int[]
                  FROM (SELECT) this
             LEFT JOIN scp_relation relation
                    ON relation.partner_id = %(holder)s AND relation.company_id = %(company)s
                   AND relation.role = 'supplier' AND relation.active
                 UNION ALL
                SELECT through.partner_id, through.id, supplier.path || relation.id
                  FROM supplier
                  JOIN scp_relation relation ON relation.id = supplier.relation_id
                  JOIN scp_relation through ON through.id = relation.upstream_relation_id AND through.active
            ),
            address AS (
                SELECT partner.id, supplier.path
                  FROM supplier
                  JOIN res_partner partner ON partner.commercial_partner_id = supplier.partner_id
            ),
            ordered AS (
                SELECT purchase.id AS purchase_id, line.id AS line_id, purchase.partner_id, address.path,
                       line.product_id, line.product_qty > COALESCE(line.qty_received, 0) AS is_open
                  FROM address
                  JOIN purchase_order purchase
                    ON purchase.partner_id = address.id AND purchase.state = 'purchase'
                   AND purchase.company_id = %(company)s
                  JOIN purchase_order_line line ON line.order_id = purchase.id AND line.product_id IS NOT NULL
            ),
            moved AS (
                SELECT move.id, ordered.purchase_id, ordered.partner_id, ordered.path
                  FROM ordered
            CROSS JOIN LATERAL (
                       SELECT id FROM stock_move WHERE purchase_line_id = ordered.line_id OFFSET 0) move
                 UNION
                SELECT move.id, NULL, picking.partner_id, address.path
                  FROM address
            CROSS JOIN LATERAL (
                       SELECT id, partner_id FROM stock_picking WHERE partner_id = address.id OFFSET 0) picking
            CROSS JOIN LATERAL (
                       SELECT id FROM stock_move
                        WHERE picking_id = picking.id AND purchase_line_id IS NULL OFFSET 0) move
            ),
            receipt AS (
                SELECT DISTINCT line.lot_id, line.picking_id, moved.purchase_id
                  FROM moved
                  JOIN scp_certificate certificate ON certificate.id = %(certificate)s
            CROSS JOIN LATERAL (
                       -- by the index: what follows is asked of these lines alone
                       SELECT * FROM stock_move_line line WHERE line.move_id = moved.id AND %(done)s OFFSET 0) line
                 WHERE (line.location_id IN %(suppliers)s
                        OR moved.purchase_id IS NOT NULL AND line.location_id IN %(transit)s)
                   AND line.company_id = %(company)s
                   AND %(day)s >= certificate.date_from
                   AND (certificate.date_to IS NULL OR %(day)s <= certificate.date_to)
                   AND %(in_scope)s
                   AND (moved.path != '{}' OR %(at_site)s)
                   AND NOT EXISTS (SELECT FROM scp_relation relation
                                    WHERE relation.id = ANY(moved.path) AND NOT %(of_chain)s)
            ),
            %(reached)s,
            held AS (
                SELECT partner.commercial_partner_id AS partner_id, sale.id AS sale_id, line.state = 'done' AS is_done,
                       CASE WHEN line.location_dest_id IN %(customers)s THEN 1 ELSE -1 END
                       * line.quantity_product_uom AS qty
                  FROM reached
            CROSS JOIN LATERAL (
                       SELECT * FROM stock_move_line line
                        WHERE line.lot_id = reached.lot_id AND line.company_id = %(company)s
                          AND line.state NOT IN ('draft', 'cancel') OFFSET 0) line
                  JOIN stock_move move ON move.id = line.move_id
             LEFT JOIN stock_picking picking ON picking.id = line.picking_id
             LEFT JOIN sale_order_line sale_line ON sale_line.id = move.sale_line_id
             LEFT JOIN sale_order sale ON sale.id = sale_line.order_id
             LEFT JOIN res_partner partner ON partner.id = %(customer)s
                 WHERE (line.location_dest_id IN %(customers)s) != (line.location_id IN %(customers)s)
            )
            SELECT COALESCE((SELECT array_agg(DISTINCT id) FROM (%(lots)s) lots), '{}'),
                   COALESCE((SELECT array_agg(DISTINCT picking_id) FROM receipt WHERE picking_id IS NOT NULL), '{}'),
                   COALESCE((SELECT array_agg(id) FROM (
                       SELECT purchase_id AS id FROM receipt WHERE purchase_id IS NOT NULL
                        UNION
                       SELECT ordered.purchase_id
                         FROM ordered JOIN scp_certificate certificate ON certificate.id = %(certificate)s
                        WHERE ordered.is_open AND %(of_ordered)s
                          AND NOT EXISTS (SELECT FROM scp_relation relation
                                           WHERE relation.id = ANY(ordered.path) AND NOT %(of_ordered_chain)s)
                   ) purchases), '{}'),
                   COALESCE((SELECT array_agg(DISTINCT sale_id) FROM held
                              WHERE sale_id IS NOT NULL AND qty > 0), '{}'),
                   COALESCE((SELECT array_agg(partner_id) FROM (
                       SELECT partner_id FROM held WHERE is_done AND partner_id IS NOT NULL
                        GROUP BY partner_id HAVING sum(qty) > 0) customers), '{}')
            """,
            holder=self.partner_id.id, company=self.company_id.id, certificate=self.id,
            done=SQL("line.state = 'done'"), day=Trace._get_day(),
            suppliers=Trace._get_locations('supplier'), transit=Trace._get_locations('transit'),
            customers=Trace._get_locations('customer'), customer=Trace._get_customer(),
            in_scope=self._get_scope_condition(SQL("certificate"), SQL("line.product_id")),
            of_ordered=self._get_scope_condition(SQL("certificate"), SQL("ordered.product_id")),
            at_site=self._get_site_condition(SQL("moved.partner_id")),
            of_chain=Relation._get_scope_condition(SQL("relation"), SQL("line.product_id")),
            of_ordered_chain=Relation._get_scope_condition(SQL("relation"), SQL("ordered.product_id")),
            reached=Trace._get_reached(received, 'forward'),
            lots=received if only_received else SQL("SELECT lot_id AS id FROM reached"),
        ))
        return Affected(*row)

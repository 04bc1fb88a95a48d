from collections import Counter

from odoo import api, fields, models

from .scp_trace import TRACE_GROUPS

#: proposals that a form shows; the counts beside them know all
MAX_SIBLINGS = 40


class ScpComplaint(models.Model):
    """What a complaint is about in the warehouse: deliveries, lots, and the lots that share something with them.

    What came of it there is in `scp_complaint_stock.py`.
    """

    _inherit = 'scp.complaint'

    picking_ids = fields.Many2many(
        comodel_name='stock.picking',
        relation='scp_complaint_stock_picking_rel',
        string="Deliveries",
        check_company=True,
        copy=False,
        domain="[('company_id', '=', company_id), ('state', '=', 'done'), "
               "('partner_id.commercial_partner_id', '=?', commercial_partner_id)]",
        groups=TRACE_GROUPS,
        help="The transfers by which the customer got the goods.",
    )
    lot_ids = fields.Many2many(
        comodel_name='stock.lot',
        relation='scp_complaint_stock_lot_rel',
        string="Lots",
        check_company=True,
        copy=False,
        domain="[('product_id', '=?', product_id)]",
        groups=TRACE_GROUPS,
        help="Lots and serial numbers of the goods complained of.",
    )
    proposed_lot_ids = fields.Many2many(
        comodel_name='stock.lot', string="Lots Delivered", compute='_compute_proposed_lot_ids', groups=TRACE_GROUPS,
        help="Lots that these deliveries, or those of the order, brought to the customer.",
    )
    sibling_lot_ids = fields.Many2many(
        comodel_name='stock.lot', string="Sibling Lots", compute='_compute_siblings', groups=TRACE_GROUPS,
        help="Lots that share something with these: what these were made of, and whatever else was made of it. "
        "Those that went to most customers come first.",
    )
    sibling_count = fields.Integer(string="Sibling Lots Found", compute='_compute_siblings', groups=TRACE_GROUPS)
    sibling_customer_count = fields.Integer(
        string="Other Customers", compute='_compute_siblings', groups=TRACE_GROUPS,
        help="Customers, beside this one, who hold goods of these lots or of their siblings.",
    )

    # === COMPUTE === #

    @api.depends('picking_ids', 'sale_order_id', 'product_id', 'lot_ids')
    def _compute_proposed_lot_ids(self):
        for complaint in self:
            # sudo: which lots went to the customer, for who may read the complaint
            complaint_sudo = complaint.sudo()
            pickings = complaint_sudo.picking_ids or complaint_sudo.sale_order_id.picking_ids
            lines = pickings.move_line_ids.filtered(
                lambda line: line.state == 'done' and line.location_dest_id.usage == 'customer')
            if product := complaint_sudo.product_id:
                lines = lines.filtered(lambda line: line.product_id == product)
            complaint.proposed_lot_ids = (lines.lot_id - complaint_sudo.lot_ids).with_env(self.env)

    @api.depends('lot_ids', 'commercial_partner_id')
    @api.depends_context('allowed_company_ids')
    def _compute_siblings(self):
        for complaint in self:
            lots, customers = complaint._get_siblings()
            complaint.sibling_count = len(lots)
            complaint.sibling_lot_ids = lots[:MAX_SIBLINGS]
            complaint.sibling_customer_count = len(customers)

    # === ACTIONS === #

    def action_take_proposed_lots(self):
        """The lots that were delivered are those complained of."""
        for complaint in self:
            complaint.lot_ids |= complaint.proposed_lot_ids
        return True

    @api.readonly
    def action_scp_trace(self):
        """Everything that hangs together with the lots complained of."""
        self.ensure_one()
        Trace = self.env['scp.trace']
        return Trace._get_trace_action(Trace._get_reached_lots(self.lot_ids, 'backward'))

    # === BUSINESS === #

    def _get_siblings(self):
        """Lots that share something with those complained of, most customers first, and the other customers.

        :return: ``stock.lot``, and a set of ids of commercial partners who hold goods of these or of the siblings
        """
        self.ensure_one()
        lots = self.lot_ids._origin
        if not lots:
            return lots, set()
        Trace = self.env['scp.trace']
        sources = Trace._get_reached_lots(lots, 'backward')
        siblings = Trace._get_reached_lots(sources, 'forward') - lots
        holders = {
            (row['lot_id'], row['partner_id']) for row in Trace._get_customer_rows(sources) if row['net'] > 0
        }
        counts = Counter(lot_id for lot_id, _partner_id in holders)
        others = {partner_id for _lot_id, partner_id in holders} - {self.commercial_partner_id.id}
        return siblings.sorted(lambda lot: (-counts[lot.id], lot.id)), others

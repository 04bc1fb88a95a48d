from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from .scp_trace import TRACE_GROUPS

#: who may read sales orders, of those who may trace
ORDER_GROUPS = 'stock.group_stock_user,crm_scp_core.group_scp_user,crm_scp_core.group_scp_auditor'
#: complaints whose costs one step of the job looks at
BATCH = 100
#: days after the end of a complaint in which its documents may still cost something
AFTER_DAYS = 60


class ScpComplaint(models.Model):
    """What came of a complaint in the warehouse, and what that cost."""

    _inherit = 'scp.complaint'

    return_ids = fields.Many2many(
        comodel_name='stock.picking', string="Returns", compute='_compute_return_ids', groups=TRACE_GROUPS,
        help="Transfers by which goods of these deliveries came back, or went out in exchange.",
    )
    return_count = fields.Integer(compute='_compute_return_ids', groups=TRACE_GROUPS)
    replacement_ids = fields.One2many(
        comodel_name='sale.order', inverse_name='scp_complaint_id', string="Replacements", groups=ORDER_GROUPS,
    )
    replacement_count = fields.Integer(compute='_compute_replacement_count', groups=TRACE_GROUPS)
    scrap_ids = fields.One2many(
        comodel_name='stock.scrap', inverse_name='scp_complaint_id', string="Scrapped", groups=TRACE_GROUPS,
    )
    repair_count = fields.Integer(
        string="Repairs", compute='_compute_repair_count', groups=TRACE_GROUPS,
        help="Repair orders of what came back. Always 0 without the repair app.",
    )
    has_repairs = fields.Boolean(compute='_compute_repair_count', groups=TRACE_GROUPS)

    # === COMPUTE === #

    @api.depends('picking_ids.return_ids')
    def _compute_return_ids(self):
        for complaint in self:
            complaint.return_ids = complaint.picking_ids.return_ids
            complaint.return_count = len(complaint.return_ids)

    @api.depends('replacement_ids')
    def _compute_replacement_count(self):
        for complaint in self:
            # sudo: a count for who may read the complaint, whether or not he may read orders
            complaint.replacement_count = len(complaint.sudo().replacement_ids)

    @api.depends('picking_ids.return_ids')
    def _compute_repair_count(self):
        has_repairs = 'repair.order' in self.env
        for complaint in self:
            complaint.has_repairs = has_repairs
            # sudo: a count for who may read the complaint
            complaint.repair_count = len(complaint.sudo()._get_repairs()) if has_repairs else 0

    # === ACTIONS === #

    def action_return_goods(self):
        """Take goods of the delivery back, or exchange them, with Odoo's own dialog."""
        self.ensure_one()
        if len(self.picking_ids) != 1:
            raise UserError(self.env._(
                "Complaint %(number)s: choose the one delivery in question to take goods back from it.",
                number=self.number,
            ))
        action = self.env['ir.actions.actions']._for_xml_id('stock.act_stock_return_picking')
        return action | {'context': {'active_id': self.picking_ids.id, 'active_model': 'stock.picking'}}

    def action_replace_goods(self):
        """Draft an order without charge for what the complaint is about."""
        self.ensure_one()
        products = [
            (line.product_id, line.product_uom_qty, line.product_uom_id) for line in self.sale_line_ids
        ] or [(self.product_id, 1, self.product_id.uom_id)] * bool(self.product_id)
        if not self.partner_id or not products:
            raise UserError(self.env._(
                "Complaint %(number)s: name the customer, and the order lines or the product to replace.",
                number=self.number,
            ))
        order = self.env['sale.order'].create(self._prepare_replacement_values(products))
        return order._get_records_action()

    def action_scrap_goods(self):
        """Scrap goods because of the complaint: what came back, or what is still here of its lots."""
        self.ensure_one()
        lot = self.lot_ids if len(self.lot_ids) == 1 else self.lot_ids.browse()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Scrap"),
            'res_model': 'stock.scrap',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {
                'default_scp_complaint_id': self.id, 'default_company_id': self.company_id.id,
                'default_product_id': (lot.product_id or self.product_id).id, 'default_lot_id': lot.id,
            },
        }

    def action_repair_goods(self):
        """Repair what the customer sent in, where the repair app is installed."""
        self.ensure_one()
        lot = self.lot_ids if len(self.lot_ids) == 1 else self.lot_ids.browse()
        back = self.return_ids.filtered(lambda picking: picking.picking_type_id.code == 'incoming')[-1:]
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Repair"),
            'res_model': 'repair.order',
            'views': [(False, 'form')],
            'context': {
                'default_company_id': self.company_id.id, 'default_partner_id': self.partner_id.id,
                'default_product_id': (lot.product_id or self.product_id).id, 'default_lot_id': lot.id,
                'default_picking_id': back.id, 'default_internal_notes': self.number,
            },
        }

    @api.readonly
    def action_view_replacements(self):
        return self.replacement_ids._get_records_action(name=self.env._("Replacements"))

    @api.readonly
    def action_view_returns(self):
        return self.return_ids._get_records_action(name=self.env._("Returns"))

    @api.readonly
    def action_view_repairs(self):
        return self._get_repairs()._get_records_action(name=self.env._("Repairs"))

    def action_take_stock_costs(self):
        """Note now what replacing, scrapping and repairing cost so far; a job does so every night."""
        self.check_access('write')
        self._take_stock_costs()
        return True

    # === BUSINESS === #

    def _prepare_replacement_values(self, products):
        return {
            'partner_id': self.partner_id.id,
            'company_id': self.company_id.id,
            'origin': self.number,
            'scp_complaint_id': self.id,
            'order_line': [Command.create({
                'product_id': product.id, 'product_uom_qty': qty, 'product_uom_id': uom.id, 'price_unit': 0,
            }) for product, qty, uom in products],
        }

    def _get_repairs(self):
        """Repair orders of what came back, or of the lots since the complaint."""
        self.ensure_one()
        return self.env['repair.order'].search(
            Domain('company_id', '=', self.company_id.id) & (
                Domain('picking_id', 'in', self.return_ids.ids)
                | Domain('lot_id', 'in', self.lot_ids.ids) & Domain('create_date', '>=', self.received_at)
                & Domain('partner_id.commercial_partner_id', '=', self.commercial_partner_id.id)
            )
        )

    def _take_stock_costs(self):
        """Bring the costs of stock documents up to date: each document one line, changed when its value changes.

        Replacements cost what left the warehouse, less what came back of them; scrap and the parts of a repair cost
        their value. All of it as Odoo values the moves, in the currency of the company.
        """
        Cost = self.env['scp.complaint.cost'].sudo()  # sudo: who handles the complaint need not see values of stock
        found = {}
        for complaint in self.sudo():
            for kind, document, moves, name in complaint._get_cost_documents():
                done = moves.filtered(lambda move: move.state == 'done')
                amount = sum(-move.value if move.location_id.usage == 'customer' else move.value for move in done)
                if done:
                    found[document._name, document.id, kind] = {
                        'complaint_id': complaint.id, 'kind': kind, 'name': name, 'amount': amount,
                        'currency_id': complaint.company_id.currency_id.id,
                        'date': fields.Date.context_today(complaint, max(done.mapped('date'))),
                        'source_model': document._name, 'source_id': document.id,
                        'source_name': document.display_name,
                    }
        known = {
            (cost.source_model, cost.source_id, cost.kind): cost
            for cost in Cost.search(Domain.OR(
                Domain('source_model', '=', model) & Domain('source_id', 'in', ids)
                for model, ids in self._group_ids(found).items()
            ))
        } if found else {}
        for key, values in found.items():
            if cost := known.get(key):
                changed = {name: values[name] for name in ('amount', 'date') if cost[name] != values[name]}
                if changed:
                    cost.write(changed)
        Cost.create([values for key, values in found.items() if key not in known and values['amount']])

    @api.model
    def _group_ids(self, keys):
        grouped = {}
        for model, res_id, _kind in keys:
            grouped.setdefault(model, []).append(res_id)
        return grouped

    def _get_cost_documents(self):
        """Yield kind of cost, document, its moves, and what it was, for documents that cost something."""
        self.ensure_one()
        for order in self.replacement_ids:
            yield 'goods', order, order.order_line.move_ids.filtered(
                lambda move: 'customer' in (move.location_id.usage, move.location_dest_id.usage)
            ), self.env._("Replacement")
        for scrap in self.scrap_ids:
            yield 'scrap', scrap, scrap.move_ids, self.env._("Scrapped goods")
        if 'repair.order' in self.env:
            for repair in self._get_repairs():
                yield 'goods', repair, repair.move_ids.filtered(
                    lambda move: move.repair_line_type == 'add'), self.env._("Parts of a repair")

    @api.model
    def _cron_take_stock_costs(self):
        """Note the costs of complaints that are open or ended not long ago, in batches."""
        domain = Domain('state', '!=', 'duplicate') & (
            Domain('closed_at', '=', False)
            | Domain('closed_at', '>=', fields.Datetime.now() - timedelta(days=AFTER_DAYS)))
        domain &= Domain('replacement_ids', '!=', False) | Domain('scrap_ids', '!=', False) | Domain(
            'picking_ids', '!=', False) | Domain('lot_ids', '!=', False)
        ids = self.search(domain, order='id').ids
        for start in range(0, len(ids), BATCH):
            batch = self.browse(ids[start:start + BATCH]).exists()
            batch._take_stock_costs()
            left = self.env['ir.cron']._commit_progress(len(batch), remaining=max(len(ids) - start - BATCH, 0))
            if not left:
                break

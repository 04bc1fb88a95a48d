from odoo import api, fields, models
from odoo.exceptions import UserError

KINDS = [('late', "Late"), ('short', "Short"), ('quality', "Quality"), ('document', "Documents")]
STATES = [('open', "Open"), ('resolved', "Resolved"), ('dismissed', "No Problem")]

# What people may change; all else follows from the documents
EDITABLE = frozenset({'user_id', 'contact_id', 'date_due', 'note', 'state', 'is_accepted', 'date_resolved'})
# What they say when they report a problem
REPORTED = frozenset({'kind', 'sale_line_id', 'purchase_line_id', 'picking_id', 'qty'})

# Who may read the orders of customers
SALE_GROUPS = ','.join([
    'sales_team.group_sale_salesman',
    'crm_scp_core.group_scp_auditor',
    'account.group_account_invoice',
    'account.group_account_readonly',
    'stock.group_stock_user',
])


class ScpException(models.Model):
    """A promise that is not, or will not be, kept: late, short, of poor quality or with wrong documents.

    One for each order line and kind is found by the job that keeps delivery facts, and resolves itself when its cause
    is gone. Problems of quality and documents nobody can see in the data are reported by people: these count in the
    facts and stay open until somebody resolves them.
    """

    _name = 'scp.exception'
    _description = "Supply Exception"
    _order = 'amount desc, id desc'
    _rec_name = 'order_name'
    _log_access = False

    kind = fields.Selection(KINDS, required=True)
    state = fields.Selection(STATES, required=True, default='open')
    is_reported = fields.Boolean(string="Reported", readonly=True, help="By people, not found in the data.")
    is_accepted = fields.Boolean(
        readonly=True,
        help="Somebody resolved it although its cause persists: it is not opened again before that goes.",
    )

    # Document
    direction = fields.Selection([('out', "To Customer"), ('in', "From Supplier")], required=True, readonly=True)
    line_ref = fields.Integer(string="Line ID", required=True, readonly=True, aggregator=None)
    sale_line_id = fields.Many2one(
        'sale.order.line', string="Sales Order Line", readonly=True, ondelete='cascade', index='btree_not_null',
    )
    sale_order_id = fields.Many2one(
        'sale.order', string="Sales Order", readonly=True, ondelete='cascade', index='btree_not_null',
    )
    # to filter by for those who cannot read sales orders
    team_id = fields.Many2one(related='sale_order_id.team_id', string="Sales Team")
    purchase_line_id = fields.Many2one(
        'purchase.order.line', string="Purchase Order Line", readonly=True, ondelete='cascade', index='btree_not_null',
    )
    purchase_order_id = fields.Many2one(
        'purchase.order', readonly=True, ondelete='cascade', index='btree_not_null',
    )
    picking_id = fields.Many2one(
        'stock.picking', string="Transfer", readonly=True, ondelete='set null', index='btree_not_null',
        help="Where the problem was reported, or the papers are missing.",
    )
    order_name = fields.Char(string="Order", readonly=True)
    partner_id = fields.Many2one(
        'res.partner', string="Customer or Supplier", readonly=True, ondelete='set null', index='btree_not_null',
    )
    product_id = fields.Many2one('product.product', readonly=True, ondelete='set null', index='btree_not_null')
    product_uom_id = fields.Many2one('uom.uom', string="Unit", readonly=True, ondelete='set null')
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='cascade')
    warehouse_id = fields.Many2one('stock.warehouse', readonly=True, ondelete='set null')

    # Who and when
    user_id = fields.Many2one(
        'res.users', string="Owner", index='btree_not_null', ondelete='set null', domain="[('share', '=', False)]",
        help="Who settles it on our side: salesperson or buyer of the order unless told.",
    )
    contact_id = fields.Many2one(
        'res.partner', string="Owner at the Partner", ondelete='set null', index='btree_not_null',
        help="Who settles it on the other side: the contact of the order unless told.",
    )
    reporter_id = fields.Many2one('res.users', string="Reported By", readonly=True, ondelete='set null')
    date_detected = fields.Datetime(string="Since", required=True, readonly=True, default=fields.Datetime.now)
    date_due = fields.Date(string="Act Until", help="By when the owner should have done something about it.")
    date_resolved = fields.Datetime(string="Resolved On", readonly=True)
    note = fields.Text(string="Notes")

    cause = fields.Selection(
        [('billed', "More is billed than was delivered"), ('papers', "The goods came without papers")],
        string="What Is Wrong", readonly=True,
    )

    # How bad
    day_promised = fields.Date(string="Promised", readonly=True)
    day_expected = fields.Date(
        string="Expected", readonly=True,
        help="The day promised last, today when that has passed, or the day of the supplier it waits for.",
    )
    days_late = fields.Integer(readonly=True, aggregator='avg')
    qty = fields.Float(
        string="Quantity", digits='Product Unit', readonly=True, aggregator=None,
        help="Late, missing, rejected or wrongly billed, in the product's own unit.",
    )
    amount = fields.Monetary(
        string="Money at Risk", readonly=True,
        help="What customers are to pay for the quantity. Of a supplier's delivery: for all that waits for it, or its "
        "own value when nothing does.",
    )
    currency_id = fields.Many2one(related='company_id.currency_id')

    # What hangs on what
    supplier_line_id = fields.Many2one(
        'purchase.order.line', string="Waits For", readonly=True, ondelete='set null', index='btree_not_null',
        help="The supplier's delivery that makes this one late.",
    )
    pegged_line_ids = fields.Many2many(
        'sale.order.line', 'scp_exception_sale_order_line_rel', 'exception_id', 'sale_line_id',
        string="Promises Waiting", readonly=True, groups=SALE_GROUPS,
        help="Promises to customers that hang on this delivery, through transfers, drop-shipping or a common origin.",
    )
    waiting = fields.Text(
        string="Customers Waiting", compute='_compute_waiting',
        help="Orders of customers that hang on this delivery, for who may not read these themselves.",
    )
    activity_id = fields.Many2one('mail.activity', readonly=True, ondelete='set null', index='btree_not_null')
    is_told = fields.Boolean(readonly=True, help="The salesperson has been given the activity.")

    # _sync(): one of each kind found in the data
    _line_uniq = models.UniqueIndex('(kind, direction, line_ref) WHERE is_reported IS NOT TRUE')
    # The control tower: what is open, most money first
    _open_idx = models.Index("(company_id, amount) WHERE state = 'open'")
    # Facts ask for the reported problems, and the missing papers, of a batch of lines
    _fault_idx = models.Index('(direction, line_ref) WHERE is_reported OR picking_id IS NOT NULL')

    # === COMPUTE === #

    @api.depends('kind', 'order_name', 'product_id')
    def _compute_display_name(self):
        kinds = dict(self._fields['kind']._description_selection(self.env))
        for exception in self:
            exception.display_name = self.env._(
                "%(kind)s: %(order)s", kind=kinds.get(exception.kind, ""), order=exception.order_name or "")

    def _compute_waiting(self):
        for exception in self:
            # sudo: a buyer may know who waits for the goods he chases, not read their orders
            exception.waiting = "\n".join(
                self.env._("%(order)s, %(customer)s: %(qty)s %(product)s", order=line.order_id.name,
                           customer=line.order_partner_id.commercial_partner_id.name,
                           qty=f'{line.product_uom_qty:g}', product=line.product_id.display_name)
                for line in exception.sudo().pegged_line_ids
            ) or False

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Report problems. What follows from the order line is filled in."""
        for vals in vals_list:
            if unknown := vals.keys() - EDITABLE - REPORTED:
                raise UserError(self.env._(
                    "%(fields)s of an exception follow from its order and cannot be given.",
                    fields=", ".join(sorted(unknown))))
            if vals.get('kind') not in ('quality', 'document'):
                raise UserError(self.env._(
                    "Problems of quality and documents are reported; what is late or short is found by itself."))
            vals.update(self._prepare_reported_values(vals))
        exceptions = super().create(vals_list)
        exceptions._queue_facts()
        return exceptions

    def write(self, vals):
        if not self.env.su and (unknown := vals.keys() - EDITABLE):
            raise UserError(self.env._(
                "%(fields)s of an exception follow from its order and cannot be changed.",
                fields=", ".join(sorted(unknown))))
        result = super().write(vals)
        if 'state' in vals:
            self._queue_facts()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        raise UserError(self.env._(
            "Exceptions are the history of deliveries. Resolve it, or say that it was no problem."))

    # === ACTIONS === #

    def action_resolve(self):
        """Settled by people; what was found in the data is not opened again while its cause persists."""
        self.filtered(lambda exception: exception.state == 'open').write({
            'state': 'resolved', 'is_accepted': True, 'date_resolved': fields.Datetime.now(),
        })

    def action_dismiss(self):
        """It was no problem, and no longer counts in the figures."""
        self.write({'state': 'dismissed', 'is_accepted': True, 'date_resolved': fields.Datetime.now()})

    def action_reopen(self):
        self.write({'state': 'open', 'is_accepted': False, 'date_resolved': False})

    @api.readonly
    def action_open_order(self):
        self.ensure_one()
        return (self.sale_order_id or self.purchase_order_id)._get_records_action()

    @api.readonly
    def action_view_pegged(self):
        """The exceptions of the customers who wait for this delivery, else their promises."""
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_promise_report_action')
        return action | {'domain': [('sale_line_id', 'in', self.pegged_line_ids.ids)], 'context': {}}

    # === BUSINESS === #

    @api.model
    def _prepare_reported_values(self, vals):
        """What the order line of a reported problem says.

        :raise UserError: the problem names no order line
        """
        line = self.env['sale.order.line'].browse(vals.get('sale_line_id')) or (
            self.env['purchase.order.line'].browse(vals.get('purchase_line_id')))
        if not line:
            raise UserError(self.env._("Name the order line the problem is about."))
        line.check_access('read')
        order = line.order_id
        return {
            'is_reported': True,
            'reporter_id': self.env.uid,
            'direction': line._scp_direction,
            'line_ref': line.id,
            f"{line._scp_line_field}": line.id,
            f"{line._scp_order_field}": order.id,
            'order_name': order.name,
            'partner_id': line._scp_get_partner().id,
            'product_id': line.product_id.id,
            'product_uom_id': line.product_id.uom_id.id,
            'company_id': order.company_id.id,
            'warehouse_id': line._scp_get_warehouse().id,
            'user_id': vals.get('user_id') or order.user_id.id,
            'contact_id': vals.get('contact_id') or order.partner_id.id,
            'date_due': vals.get('date_due') or fields.Date.context_today(self),
            'amount': self._get_reported_amount(line, vals.get('qty', 0.0)),
        }

    @api.model
    def _get_reported_amount(self, line, qty):
        """What so much of a line costs, in the currency of the company at the rate of the order."""
        ordered = line._scp_get_product_uom_qty()
        return qty * line.price_subtotal / ordered / (line.order_id.currency_rate or 1.0) if ordered else 0.0

    def _queue_facts(self):
        """Measure the lines again: a reported problem speaks against the delivery, and so do missing papers."""
        counted = self.filtered(lambda exception: exception.is_reported or exception.picking_id)
        for direction, exceptions in counted.grouped('direction').items():
            self.env['scp.delivery.queue']._add(direction, exceptions.mapped('line_ref'))

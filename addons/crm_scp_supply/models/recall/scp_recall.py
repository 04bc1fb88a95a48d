from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

#: names in a message; the rest is a number
MAX_NAMES = 5


class ScpRecall(models.Model):
    """Goods that must not stay where they are, from the lots at fault to the last customer who answered.

    What starting does to the stock is in `scp_recall_stock.py`, what customers are told in `scp_recall_notice.py`.
    """

    _name = 'scp.recall'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _description = "Recall"
    _rec_name = 'number'
    _rec_names_search = ['number', 'name']
    _order = 'id desc'
    _check_company_auto = True

    number = fields.Char(required=True, readonly=True, copy=False, default="/", index='trigram')
    name = fields.Char(string="Subject", required=True, tracking=True)
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    user_id = fields.Many2one(
        'res.users', string="Responsible", default=lambda self: self.env.user, index='btree_not_null', tracking=True,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
    )
    state = fields.Selection(
        [('draft', "Preparation"), ('active', "Running"), ('closed', "Closed"), ('cancelled', "Cancelled")],
        default='draft', required=True, readonly=True, copy=False, tracking=True,
    )
    is_drill = fields.Boolean(
        string="Drill", tracking=True,
        help="An exercise: the list is drawn up and the clock runs, but no stock is moved and nobody is told.",
    )
    complaint_id = fields.Many2one(
        'scp.complaint', index='btree_not_null', ondelete='set null', check_company=True,
        help="The complaint that showed the fault.",
    )
    lot_ids = fields.Many2many(
        'stock.lot', string="Lots at Fault", relation='scp_recall_lot_rel', check_company=True,
        help="Where the fault is. What was made of these lots is found when the recall starts.",
    )
    affected_lot_ids = fields.Many2many(
        'stock.lot', string="Lots Affected", relation='scp_recall_affected_lot_rel', readonly=True, copy=False,
        help="The lots at fault and all that was made of them.",
    )

    # The notice; what EU regulation 2023/988, article 36, asks for
    hazard = fields.Text(help="What can happen, in plain words and without playing it down.")
    action = fields.Text(
        string="What to Do", default=lambda self: self.env._(
            "Stop using the product at once and keep it apart until you hear from us."),
    )
    remedy = fields.Text(help="What you offer: repair, replacement or refund, free of charge.")
    contact_phone = fields.Char(
        string="Phone", default=lambda self: self.env.company.phone, help="Free of charge where the law asks for it.",
    )
    contact_email = fields.Char(string="Email", default=lambda self: self.env.company.email)
    remind_days = fields.Integer(
        string="Remind after (days)", default=3, aggregator=None,
        help="Customers who have not answered are reminded this often, three times at most. 0: never.",
    )

    # What came of it
    customer_ids = fields.One2many('scp.recall.customer', 'recall_id', string="Customers", readonly=True)
    hold_ids = fields.One2many('scp.recall.hold', 'recall_id', string="Stock Held", readonly=True)
    stopped_picking_ids = fields.Many2many(
        'stock.picking', string="Deliveries Stopped", relation='scp_recall_stopped_picking_rel', readonly=True,
        copy=False, help="Transfers that had these goods reserved and do not any more.",
    )
    started_at = fields.Datetime(string="Started", readonly=True, copy=False)
    closed_at = fields.Datetime(string="Ended", readonly=True, copy=False)
    trace_seconds = fields.Float(
        string="Seconds to the List", digits=(16, 2), readonly=True, copy=False, aggregator='avg',
        help="From the click to the list of customers, lots and deliveries.",
    )
    hours = fields.Float(
        string="Hours since the Start", compute='_compute_hours', help="Until the end, or until now.",
    )
    customer_count = fields.Integer(string="Customers Affected", compute='_compute_figures')
    notified_count = fields.Integer(string="Customers Notified", compute='_compute_figures')
    answered_count = fields.Integer(string="Customers Who Answered", compute='_compute_figures')
    qty_shipped = fields.Float(string="Units with Customers", digits='Product Unit', compute='_compute_figures')
    qty_accounted = fields.Float(
        string="Units Accounted for", digits='Product Unit', compute='_compute_figures',
        help="Kept apart, used up, destroyed or passed on, as the customers say.",
    )
    effectiveness = fields.Float(
        string="Effectiveness (%)", digits=(5, 1), compute='_compute_figures',
        help="Units accounted for over units with customers when the recall started.",
    )

    _number_company_uniq = models.UniqueIndex("(company_id, number) WHERE number != '/'", "This number is taken.")
    _remind_positive = models.Constraint(
        'CHECK (remind_days >= 0)', "Customers cannot be reminded before they are told.")

    # === COMPUTE === #

    @api.depends('number', 'name')
    def _compute_display_name(self):
        for recall in self:
            recall.display_name = f'{recall.number} {recall.name}' if recall.id else recall.name

    @api.depends('started_at', 'closed_at')
    def _compute_hours(self):
        for recall in self:
            end = recall.closed_at or fields.Datetime.now()
            recall.hours = (end - recall.started_at).total_seconds() / 3600 if recall.started_at else 0

    @api.depends('customer_ids.notified_at', 'customer_ids.answered_at', 'customer_ids.line_ids.qty_accounted')
    def _compute_figures(self):
        customers = {
            recall.id: counts for recall, *counts in self.env['scp.recall.customer']._read_group(
                [('recall_id', 'in', self.ids)], ['recall_id'],
                ['__count', 'notified_at:count', 'answered_at:count'],
            )
        }
        units = {
            recall.id: sums for recall, *sums in self.env['scp.recall.line']._read_group(
                [('recall_id', 'in', self.ids)], ['recall_id'], ['qty:sum', 'qty_accounted:sum'],
            )
        }
        for recall in self:
            counts, sums = customers.get(recall._origin.id, (0, 0, 0)), units.get(recall._origin.id, (0.0, 0.0))
            recall.customer_count, recall.notified_count, recall.answered_count = counts
            recall.qty_shipped, recall.qty_accounted = sums
            recall.effectiveness = 100 * sums[1] / sums[0] if sums[0] else 0

    # === CONSTRAINS === #

    @api.constrains('state', 'lot_ids', 'hazard', 'action', 'remedy')
    def _check_complete(self):
        for recall in self.filtered(lambda recall: recall.state == 'active'):
            missing = [name for name in ('lot_ids', 'hazard', 'action', 'remedy') if not recall[name]]
            if missing:
                raise ValidationError(self.env._(
                    "Recall %(number)s: fill in %(fields)s before it starts.", number=recall.number,
                    fields=", ".join(recall._fields[name]._description_string(self.env) for name in missing),
                ))

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get('number', "/") == "/":
                vals['number'] = self.env['ir.sequence'].next_by_code('scp.recall') or "/"
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        if started := self.filtered('started_at'):
            raise UserError(self.env._(
                "Recall %(number)s has been started: what was done must remain on record.", number=started[0].number))

    # === ACTIONS === #

    def action_start(self):
        """Find everybody affected, hold the stock, stop deliveries and queue the notices."""
        for recall in self.try_lock_for_update().filtered(lambda recall: recall.state == 'draft'):
            recall._start()
        return True

    def action_refresh(self):
        """Find what was delivered or made since the start."""
        for recall in self.filtered(lambda recall: recall.state == 'active'):
            recall._find_affected()
        return True

    def action_close(self):
        """End the recall; of a real one every customer must have answered."""
        for recall in self.filtered(lambda recall: recall.state == 'active'):
            open_customers = recall.customer_ids.filtered(lambda customer: not customer.answered_at)
            if open_customers and not recall.is_drill:
                raise UserError(self.env._(
                    "Recall %(number)s cannot be closed: %(count)s customers have not answered, among them %(names)s. "
                    "Ask them, and put their answers down.",
                    number=recall.number, count=len(open_customers),
                    names=", ".join(open_customers[:MAX_NAMES].partner_id.mapped('name')),
                ))
            recall.write({'state': 'closed', 'closed_at': fields.Datetime.now()})
        return True

    def action_cancel(self):
        """Give up a recall that was started by mistake; what is held is released by hand."""
        self.filtered(lambda recall: recall.state in ('draft', 'active')).write({
            'state': 'cancelled', 'closed_at': fields.Datetime.now(),
        })
        return True

    @api.readonly
    def action_scp_trace(self):
        self.ensure_one()
        return self.env['scp.trace']._get_trace_action(self.lot_ids)

    @api.readonly
    def action_view_customers(self):
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_recall_customer_action')
        return action | {'domain': [('recall_id', 'in', self.ids)], 'context': {}}

    # === BUSINESS === #

    def _prepare_affected_lots(self, lots):
        return {'affected_lot_ids': [Command.set(lots.ids)]}

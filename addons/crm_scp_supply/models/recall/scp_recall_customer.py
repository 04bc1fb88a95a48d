import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import consteq

from .scp_recall_line import ANSWERS

TOKEN_BYTES = 32
MAX_NOTE = 500


class ScpRecallCustomer(models.Model):
    """A customer who holds recalled goods: what he was told, and what he answered.

    One for each company; contacts that are merged keep both, with the goods of each.
    """

    _name = 'scp.recall.customer'
    _inherit = ['mail.thread']
    _description = "Customer of a Recall"
    _rec_name = 'partner_id'
    _order = 'answered_at desc, id'
    _check_company_auto = True

    recall_id = fields.Many2one('scp.recall', required=True, index=True, ondelete='cascade', check_company=True)
    # Stored for security rules
    company_id = fields.Many2one(related='recall_id.company_id', store=True, precompute=True, index=True)
    is_drill = fields.Boolean(related='recall_id.is_drill')
    recall_state = fields.Selection(related='recall_id.state', string="Status of the Recall")
    partner_id = fields.Many2one(
        'res.partner', string="Customer", required=True, index=True, ondelete='restrict', check_company=True)
    email = fields.Char(related='partner_id.email')
    phone = fields.Char(related='partner_id.phone')
    user_id = fields.Many2one(related='partner_id.user_id', string="Salesperson")
    line_ids = fields.One2many('scp.recall.line', 'customer_id', string="Goods")
    qty = fields.Float(string="Units", digits='Product Unit', compute='_compute_quantities')
    qty_accounted = fields.Float(string="Accounted for", digits='Product Unit', compute='_compute_quantities')
    notified_at = fields.Datetime(string="Notified", readonly=True, copy=False)
    notice_count = fields.Integer(string="Notices Sent", readonly=True, copy=False, aggregator=None)
    answered_at = fields.Datetime(string="Answered", readonly=True, copy=False)
    note = fields.Char(string="What He Says", size=MAX_NOTE)
    status = fields.Selection(
        [
            ('waiting', "To Be Notified"),
            ('unreachable', "No Email: Call"),
            ('notified', "Notified"),
            ('answered', "Answered"),
        ],
        compute='_compute_status',
    )
    token = fields.Char(
        required=True, readonly=True, copy=False, groups='base.group_system',
        default=lambda self: secrets.token_urlsafe(TOKEN_BYTES),
    )

    # _find_by_token()
    _token_uniq = models.UniqueIndex('(token)', "This address belongs to somebody else.")
    # The job: who has not answered
    _open_idx = models.Index('(recall_id) WHERE answered_at IS NULL')

    # === COMPUTE === #

    @api.depends('line_ids.qty', 'line_ids.qty_accounted')
    def _compute_quantities(self):
        for customer in self:
            customer.qty = sum(customer.line_ids.mapped('qty'))
            customer.qty_accounted = sum(customer.line_ids.mapped('qty_accounted'))

    @api.depends('answered_at', 'notified_at', 'partner_id.email')
    def _compute_status(self):
        for customer in self:
            if customer.answered_at:
                customer.status = 'answered'
            elif customer.notified_at:
                customer.status = 'notified'
            else:
                customer.status = 'waiting' if customer.partner_id.email else 'unreachable'

    # === ACTIONS === #

    def action_record_answer(self):
        """The customer has told us what is entered here, by phone or letter."""
        self.filtered(lambda customer: not customer.answered_at).write({'answered_at': fields.Datetime.now()})
        return True

    # === BUSINESS === #

    @api.model
    def _find_by_token(self, token):
        """The customer whose page an address is, as superuser, or an empty one."""
        # sudo: the token is the key
        customer = self.sudo().search([
            ('token', '=', token), ('recall_id.state', 'in', ('active', 'closed')), ('recall_id.is_drill', '=', False),
        ], limit=1)
        return customer if customer and consteq(customer.token, token) else customer.browse()

    def _get_page_url(self):
        self.ensure_one()
        # sudo: the address is for the customer's eyes and in his mail
        return f'{self.get_base_url()}/scp/recall/{self.sudo().token}'

    def _prepare_page(self):
        """What the customer sees: the notice, his goods and what he answered. Runs as superuser."""
        self.ensure_one()
        recall = self.recall_id
        return {
            'number': recall.number,
            'name': recall.name,
            'company': recall.company_id.name,
            'hazard': recall.hazard,
            'action': recall.action,
            'remedy': recall.remedy,
            'phone': recall.contact_phone,
            'email': recall.contact_email,
            'is_open': recall.state == 'active',
            'answered_at': self.answered_at,
            'note': self.note or '',
            'lines': [{
                'id': line.id,
                'product': line.product_id.name,
                'code': line.product_id.default_code,
                'lot': line.lot_id.name,
                'qty': line.qty,
                'unit': line.product_uom_id.name,
                **{name: line[name] for name in ANSWERS},
            } for line in self.line_ids],
        }

    def _is_due(self):
        """Whether the notice, or a reminder, is to be sent now."""
        self.ensure_one()
        if self.answered_at or self.recall_id.state != 'active':
            return False
        if not self.notified_at:
            return True
        days = self.recall_id.remind_days
        return bool(days) and self.notified_at + timedelta(days=days) <= fields.Datetime.now()

    def _send_notice(self):
        """Queue the notice to each of these who is still due, and note that it was."""
        template = self.env.ref('crm_scp_supply.mail_template_scp_recall_notice')
        due = self.filtered(lambda customer: customer._is_due())
        if due:
            template.send_mail_batch(due.ids)
        for count, customers in due.grouped('notice_count').items():
            customers.write({'notified_at': fields.Datetime.now(), 'notice_count': count + 1})

    def _answer(self, quantities, note):
        """Put down what the customer says; he may correct himself while the recall runs.

        :param dict quantities: {line id: {name of :data:`ANSWERS`: number}}
        :raise ValidationError: when he tells of more than he received
        """
        self.ensure_one()
        for line in self.line_ids:
            line.write({name: quantities.get(line.id, {}).get(name, 0) for name in ANSWERS})
        self.write({'answered_at': fields.Datetime.now(), 'note': note[:MAX_NOTE]})

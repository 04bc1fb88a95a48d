from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ...models.complaint.scp_complaint import REMEDIES

SUBJECT_LENGTH = 80


class ScpComplaintQuick(models.TransientModel):
    """A complaint while the customer is on the phone: who, about what, what happened, and what he
    asks for. Everything else is for later.
    """

    _name = 'scp.complaint.quick'
    _description = "Complaint by Phone"

    partner_id = fields.Many2one(
        comodel_name='res.partner',
        string="Customer",
        required=True,
        default=lambda self: self._default_partner_id(),
    )
    commercial_partner_id = fields.Many2one(related='partner_id.commercial_partner_id')
    company_id = fields.Many2one(
        comodel_name='res.company', required=True, default=lambda self: self.env.company,
    )
    sale_order_id = fields.Many2one(
        comodel_name='sale.order',
        domain="[('partner_id.commercial_partner_id', '=?', commercial_partner_id), "
               "('company_id', '=', company_id), ('state', '=', 'sale')]",
        compute='_compute_sale_order_id',
        store=True,
        readonly=False,
    )
    product_id = fields.Many2one(
        comodel_name='product.product',
        domain="[('company_id', 'in', [company_id, False])]",
    )
    text = fields.Text(string="What Happened", required=True)
    remedy_sought = fields.Selection(selection=REMEDIES, string="Asks for")

    def _default_partner_id(self):
        """The customer whose page the form was opened from."""
        context = self.env.context
        return context.get('active_id') if context.get('active_model') == 'res.partner' else False

    @api.depends('partner_id')
    def _compute_sale_order_id(self):
        # an order of the customer chosen before is no order of this one
        for quick in self:
            order = quick.sale_order_id
            if order.partner_id.commercial_partner_id != quick.commercial_partner_id:
                quick.sale_order_id = False
            else:
                quick.sale_order_id = order

    def action_create(self):
        """File the complaint, log the call as its confirmation, and open it."""
        self.ensure_one()
        if not (self.text or '').strip():
            raise UserError(self.env._("What Happened: note at least a few words."))
        complaint = self.env['scp.complaint'].create(self._prepare_complaint_values())
        # sudo: the kind of activity is no secret
        call = self.env['mail.activity.type'].sudo().search([('category', '=', 'phonecall')], limit=1)
        complaint.message_post(
            body=self.env._(
                "Taken on the phone; told the number %(number)s.", number=complaint.number,
            ),
            mail_activity_type_id=call.id,
            subtype_xmlid='mail.mt_note',
        )
        complaint.state = 'acknowledged'
        return complaint._get_records_action()

    def _prepare_complaint_values(self):
        text = self.text.strip()
        subject = text.splitlines()[0]
        return {
            'name': subject if len(subject) <= SUBJECT_LENGTH else f'{subject[:SUBJECT_LENGTH - 1]}…',
            'description': plaintext2html(text),
            'company_id': self.company_id.id,
            'partner_id': self.partner_id.id,
            'sale_order_id': self.sale_order_id.id,
            'product_id': self.product_id.id,
            'remedy_sought': self.remedy_sought,
            'channel': 'phone',
            'user_id': self.env.uid,
        }

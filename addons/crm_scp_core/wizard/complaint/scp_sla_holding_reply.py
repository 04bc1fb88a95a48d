from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty


class ScpSlaHoldingReply(models.TransientModel):
    """Tell the customer why the answer takes longer, and extend the statutory clock."""

    _name = 'scp.sla.holding.reply'
    _description = "Holding Reply"

    clock_id = fields.Many2one(comodel_name='scp.sla.clock', required=True)
    deadline = fields.Datetime(string="Extends To", compute='_compute_deadline')
    body = fields.Html(
        string="Message to the Customer", required=True,
        help="Why the answer takes longer, until when it will come, and whom else the customer can "
             "turn to.",
    )

    @api.depends('clock_id')
    def _compute_deadline(self):
        for reply in self:
            clock = reply.clock_id
            reply.deadline = clock._get_extended_deadline() if clock else False

    def action_send(self):
        """Send the message; the longer period holds from then on."""
        self.ensure_one()
        if is_html_empty(self.body):
            raise UserError(self.env._("Write the customer why the answer takes longer, and until when."))
        complaint = self.clock_id.complaint_id
        complaint.check_access('write')
        self.clock_id._check_extendable()
        complaint.message_post(
            body=self.body,
            subject=complaint.display_name,
            partner_ids=complaint.partner_id.ids,
            message_type='comment',
            subtype_xmlid='mail.mt_comment',
        )
        # sudo: nobody writes clocks; the message just sent is the proof
        self.clock_id.sudo()._extend_by_reply()
        return {'type': 'ir.actions.act_window_close'}

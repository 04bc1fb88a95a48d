from odoo import api, fields, models
from odoo.exceptions import UserError


class ScpScorecardAnswer(models.TransientModel):
    """What we say to a disputed line."""

    _name = 'scp.scorecard.answer'
    _description = "Answer a Dispute"

    dispute_id = fields.Many2one('scp.scorecard.dispute', required=True, readonly=True)
    line_id = fields.Many2one(related='dispute_id.line_id')
    reason = fields.Text(related='dispute_id.reason', string="The Partner Says")
    verdict = fields.Selection(
        [('declined', "It is right as it is"), ('accepted', "It was wrong, and is corrected"),
         ('reply', "We need to know more")],
        required=True, default='declined',
    )
    unit = fields.Char(related='line_id.unit')
    value_text = fields.Char(related='line_id.value_text', string="On the Card")
    value = fields.Float(string="Right Value", compute='_compute_value', store=True, readonly=False)
    n = fields.Integer(string="Events", compute='_compute_value', store=True, readonly=False)
    text = fields.Text(string="Answer", required=True, help="The partner reads it in the portal.")

    # === COMPUTE === #

    @api.depends('dispute_id')
    def _compute_value(self):
        for wizard in self:
            wizard.value, wizard.n = wizard.line_id.value, wizard.line_id.n

    # === ACTIONS === #

    def action_answer(self):
        """:raise UserError: the value is the one disputed"""
        self.ensure_one()
        line = self.line_id
        if self.verdict == 'accepted' and line.has_value and (self.value, self.n) == (line.value, line.n):
            raise UserError(self.env._("%s: enter the right value, or uphold the line.", line.name))
        version = self.dispute_id._answer(self.verdict, self.text, self.value, self.n)
        return version._get_records_action() if version else {'type': 'ir.actions.act_window_close'}

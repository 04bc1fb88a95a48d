from datetime import timedelta

from odoo import api, fields, models

REVISIT_DAYS = 90


class CrmLeadLost(models.TransientModel):
    _inherit = 'crm.lead.lost'

    scp_competitor_id = fields.Many2one(
        'scp.competitor', string="Competitor", help="Who has won the deal.")
    scp_price_gap = fields.Float(
        string="Price Gap (%)", digits=(6, 1),
        help="By how many per cent of the competitor's price ours was higher; negative when we "
             "were cheaper.",
    )
    scp_recoverable = fields.Boolean(
        string="Recoverable", help="The customer may be won back: come back to him later.")
    scp_revisit_date = fields.Date(
        string="Revisit On", compute='_compute_scp_revisit_date', store=True, readonly=False,
        help="The salesperson is reminded on that day.",
    )

    @api.depends('scp_recoverable')
    def _compute_scp_revisit_date(self):
        for wizard in self:
            if wizard.scp_recoverable and not wizard.scp_revisit_date:
                wizard.scp_revisit_date = (
                    fields.Date.context_today(wizard) + timedelta(days=REVISIT_DAYS))

    def action_lost_reason_apply(self):
        result = super().action_lost_reason_apply()
        if values := self._prepare_scp_loss_values():
            self.lead_ids.write(values)
        return result

    def _prepare_scp_loss_values(self) -> dict:
        """Return what is kept of the loss beside its reason; what was left empty is not touched."""
        self.ensure_one()
        values = {
            'scp_competitor_id': self.scp_competitor_id.id,
            'scp_price_gap': self.scp_price_gap,
            'scp_recoverable': self.scp_recoverable,
            'scp_revisit_date': self.scp_recoverable and self.scp_revisit_date,
        }
        return {fname: value for fname, value in values.items() if value}

from odoo import api, fields, models
from odoo.exceptions import UserError


class ScpWonReason(models.Model):
    """Why deals are won: the counterpart of Odoo's lost reasons."""

    _name = 'scp.won.reason'
    _description = "Won Reason"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, aggregator=None)
    active = fields.Boolean(default=True)
    lead_count = fields.Integer(string="Deals", compute='_compute_lead_count')

    def _compute_lead_count(self):
        counts = dict(self.env['crm.lead'].with_context(active_test=False)._read_group(
            [('scp_won_reason_id', 'in', self.ids)], ['scp_won_reason_id'], ['__count']))
        for reason in self:
            reason.lead_count = counts.get(reason._origin, 0)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_given(self):
        # sudo: deals of other companies count too
        for reason in self.sudo():
            if reason.lead_count:
                raise UserError(self.env._(
                    "“%(reason)s” is the reason of deals (%(count)s): archive it instead.",
                    reason=reason.name, count=reason.lead_count,
                ))

    @api.readonly
    def action_open_leads(self):
        """Open the deals won for this reason."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('crm_scp_core.crm_lead_action_win_loss'),
            'display_name': self.name,
            'domain': [('scp_won_reason_id', '=', self.id)],
            'context': {'active_test': False, 'create': False},
        }

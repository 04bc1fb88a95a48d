from odoo import api, models


class ScpComplaintAction(models.Model):
    """Checks of effectiveness stop the clock that waits for them."""

    _inherit = 'scp.complaint.action'

    @api.model_create_multi
    def create(self, vals_list):
        actions = super().create(vals_list)
        actions._sync_effectiveness_clocks()
        return actions

    def write(self, vals):
        result = super().write(vals)
        if not {'effective', 'kind'}.isdisjoint(vals):
            self._sync_effectiveness_clocks()
        return result

    def _sync_effectiveness_clocks(self):
        closed = self.complaint_id.filtered('closed_at')
        if closed and not closed._are_clocks_held():
            closed._sync_clocks()

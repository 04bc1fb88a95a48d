from odoo import models


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    def write(self, vals):
        """An order that changes hands is missed where it was."""
        if 'partner_id' in vals:
            self._add_scp_fact_due()
        return super().write(vals)

    def unlink(self):
        self._add_scp_fact_due()
        return super().unlink()

    def _add_scp_fact_due(self):
        """Have the customers of these orders summed up again: rows that are gone tell nothing."""
        # sudo: the queue is nobody's but the job's
        self.env['scp.value.fact.due'].sudo()._add_partners(self.partner_id)

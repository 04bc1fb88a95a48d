from odoo import models


class AccountMove(models.Model):
    _inherit = 'account.move'

    def write(self, vals):
        """An invoice that changes hands is missed where it was."""
        if 'partner_id' in vals:
            self._add_scp_fact_due()
        return super().write(vals)

    def unlink(self):
        self._add_scp_fact_due()
        return super().unlink()

    def _add_scp_fact_due(self):
        """Have the customers of these invoices, and of the orders they are for, summed up again:
        rows that are gone tell nothing."""
        moves = self.filtered(
            lambda move: move.posted_before and move.is_sale_document(include_receipts=True)
        )
        # sudo: the queue is nobody's but the job's
        self.env['scp.value.fact.due'].sudo()._add_partners(
            moves.partner_id | moves.invoice_line_ids.sale_line_ids.order_id.partner_id,
        )

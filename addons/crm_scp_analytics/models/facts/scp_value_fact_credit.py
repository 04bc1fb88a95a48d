from odoo import api, models
from odoo.tools import SQL

from odoo.addons.crm_scp_core.fields import LooseMany2one


class ScpValueFactCredit(models.Model):
    """Order lines that a credit note is for: where `scp.value.fact.refresh` has to look for what was given back.

    Few lines are credited, and nothing of a line or of its order tells so: every night would go through all credit
    notes there ever were. A line stays known when its credit note is gone, which costs a look and changes no figure.
    """

    _name = 'scp.value.fact.credit'
    _description = "Credited Order Line"
    _log_access = False

    order_line_id = LooseMany2one(
        comodel_name='sale.order.line', required=True, readonly=True, ondelete='cascade',
    )
    order_id = LooseMany2one(comodel_name='sale.order', required=True, readonly=True, ondelete='cascade')

    # The lines of credit notes that changed are looked up in it (`_add`).
    _order_line_uniq = models.UniqueIndex('(order_line_id)')

    @api.model
    def _add(self, moves: SQL):
        """Make the lines known that credit notes are for.

        From the credit notes, of which there are few: the limit keeps the planner from reading all order lines instead.

        :param moves: statement of rows (id), of `account.move`
        """
        self.env.cr.execute(SQL(
            """
            INSERT INTO scp_value_fact_credit (order_line_id, order_id)
                 SELECT line.id, line.order_id
                   FROM (SELECT DISTINCT rel.order_line_id
                           FROM (%s) move
                           JOIN account_move_line aml ON aml.move_id = move.id
                           JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = aml.id) credited
                  CROSS JOIN LATERAL (
                        SELECT id, order_id FROM sale_order_line WHERE id = credited.order_line_id LIMIT 1
                        ) line
            ON CONFLICT DO NOTHING
            """,
            moves,
        ))

    @api.model
    def _rebuild(self):
        """Forget the lines known, and look through all credit notes."""
        self.env.cr.execute("DELETE FROM scp_value_fact_credit")
        self._add(SQL("SELECT id FROM account_move WHERE move_type = 'out_refund' AND state = 'posted'"))
        self.env.cr.execute("ANALYZE scp_value_fact_credit")

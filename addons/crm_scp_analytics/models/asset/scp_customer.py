from odoo import models
from odoo.tools import SQL


class ScpCustomer(models.Model):
    """A merge takes no worth out of the scorings of the past."""

    _inherit = 'scp.customer'

    # === BUSINESS METHODS ===#

    def _merge_into(self, kept):
        """Of each scoring one score stays: it is given the worth of all who become one."""
        if self:
            self.env['scp.value.score'].flush_model(['lifetime_value'])
            self.env.cr.execute(SQL(
                """
                UPDATE scp_value_score score
                   SET lifetime_value = total.lifetime_value
                  FROM (SELECT run_id, SUM(lifetime_value) AS lifetime_value
                          FROM scp_value_score
                         WHERE customer_id IN %(customers)s
                      GROUP BY run_id
                        HAVING COUNT(*) > 1) total
                 WHERE score.run_id = total.run_id
                   AND score.customer_id IN %(customers)s
                """,
                customers=(*self.ids, kept.id),
            ))
            self.env['scp.value.score'].invalidate_model(['lifetime_value'])
        return super()._merge_into(kept)

from odoo import api, models
from odoo.tools import SQL


class ScpDeliveryFact(models.Model):
    _inherit = 'scp.delivery.fact'

    # === BUSINESS === #

    @api.model
    def _get_fault(self, direction) -> SQL:
        return SQL(
            """
            SELECT line_ref, bool_or(kind = 'quality') AS is_damaged, bool_or(kind = 'document') AS is_undocumented
              FROM scp_exception
             WHERE (is_reported OR picking_id IS NOT NULL) AND state != 'dismissed' AND direction = %s
          GROUP BY line_ref
            """,
            direction,
        )

from odoo import api, models
from odoo.tools import SQL

from .scp_customer_outlook import AT_RISK

# Days after which a score says nothing about the present any more.
FRESH_DAYS = 35


class ScpCustomerRefresh(models.Model):
    _inherit = 'scp.customer.refresh'

    @api.model
    def _get_silent_condition(self) -> SQL:
        """Whose rhythm is known is silent for too long by his own rhythm, however short or long."""
        return SQL(
            """CASE WHEN customer.churn_risk IS NOT NULL
                     AND customer.scored_at > now() AT TIME ZONE 'UTC' - make_interval(days => %(days)s)
                    THEN customer.churn_risk >= %(risk)s
                    ELSE %(silent)s END""",
            days=FRESH_DAYS,
            risk=AT_RISK,
            silent=super()._get_silent_condition(),
        )

from odoo import api, fields, models
from odoo.tools.misc import formatLang

# Churn risk from which a customer is at risk: three of four of his gaps would have ended by now.
AT_RISK = 0.5


class ScpCustomer(models.Model):
    """The latest forecasts of a customer, for lists; written by the run that made them."""

    _inherit = 'scp.customer'

    churn_risk = fields.Float(
        readonly=True, aggregator='avg',
        help="By the customer's own rhythm: 50 % when three of four of his gaps between orders would "
             "have ended by now. At least the chance that he has left for good.",
    )
    expected_revenue = fields.Monetary(
        string="Revenue in 12 Months", readonly=True,
        help="Revenue expected in the twelve months after the latest scoring.",
    )
    next_order_date = fields.Date(
        string="Next Order Expected", readonly=True,
        help="The day by which he will have ordered with a chance of one half, if he is still a "
             "customer.",
    )

    # === BUSINESS METHODS ===#

    @api.model
    def _get_protected_fields(self) -> set[str]:
        return super()._get_protected_fields() | {'churn_risk', 'expected_revenue', 'next_order_date'}

    def _get_life_cycle_reason(self, figures) -> str:
        reason = super()._get_life_cycle_reason(figures)
        if self.life_cycle_stage != 'at_risk' or self.life_cycle_user_id or self.churn_risk < AT_RISK:
            return reason
        return self.env._(
            "%(reason)s Churn risk by his own rhythm: %(risk)s %%.",
            reason=reason, risk=formatLang(self.env, 100 * self.churn_risk, digits=0),
        )

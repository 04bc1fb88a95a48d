from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

# Churn risk below which it is no reason to call.
TOLD_RISK = 0.1


class ScpMyDay(models.AbstractModel):
    """The call list by what a call is expected to gain.

    That is the value at stake (churn risk times the revenue expected of the customer) and the open money,
    as much of it as deals of the company are won.
    """

    _inherit = 'scp.my.day'

    # === BUSINESS METHODS ===#

    @api.model
    def _get_section_calls(self, scope):
        section = super()._get_section_calls(scope)
        if section:
            section['help'] = self.env._(
                "Customers with nothing planned and no contact in the last %(days)s days. The highest expected gain "
                "comes first: what is at stake with the customer, and %(share)s %% of his open money, as many deals "
                "as are won.",
                days=self.env['scp.customer']._get_contact_rest_days(),
                share=formatLang(self.env, 100 * self._get_win_share(), digits=0),
            )
        return section

    @api.model
    def _get_call_columns(self):
        return [*super()._get_call_columns(), 'value_at_stake']

    @api.model
    def _get_call_order(self):
        gain = SQL(
            "COALESCE(hub.value_at_stake, 0) + COALESCE(money.amount, 0)::numeric * %s", self._get_win_share(),
        )
        return SQL("%s DESC, %s", gain, super()._get_call_order())

    @api.model
    def _get_call_reason(self, customer, amount, contacted):
        reason = super()._get_call_reason(customer, amount, contacted)
        if customer.churn_risk < TOLD_RISK:
            return reason
        return self.env._(
            "%(stake)s at stake, churn risk %(risk)s %%. %(reason)s",
            stake=self._format_amount(customer.value_at_stake, customer.currency_id),
            risk=formatLang(self.env, 100 * customer.churn_risk, digits=0),
            reason=reason,
        )

    @api.model
    def _get_win_share(self) -> float:
        """Deals won of those closed in the last twelve months; 1 where none was closed."""
        since = fields.Date.subtract(fields.Date.context_today(self).replace(day=1), months=11)
        # sudo: one ratio of the companies, for the order of a list
        [(won, closed)] = self.env['scp.customer.measure'].sudo()._read_group(
            [('code', '=', 'win_rate'), ('company_id', 'in', self.env.companies.ids), ('period', '>=', since)],
            [], ['numerator:sum', 'denominator:sum'],
        )
        return won / closed if closed else 1.0

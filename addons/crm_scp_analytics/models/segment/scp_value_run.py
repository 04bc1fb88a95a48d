from odoo import api, models


class ScpValueRun(models.Model):
    """What is at stake with each customer; segments are looked at anew once scores are shown."""

    _inherit = 'scp.value.run'

    # === BUSINESS METHODS ===#

    def _get_forecast_columns(self, columns, bought) -> dict:
        found = super()._get_forecast_columns(columns, bought)
        if found:
            found['value_at_stake'] = found['churn_risk'] * found['expected_revenue_12m']
        return found

    @api.model
    def _get_shown_columns(self) -> dict[str, str]:
        return super()._get_shown_columns() | {'value_at_stake': 'value_at_stake'}

    def _publish(self):
        result = super()._publish()
        self.env['scp.segment']._trigger_job()
        return result

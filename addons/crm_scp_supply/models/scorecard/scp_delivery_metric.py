from odoo import api, models
from odoo.tools import SQL

from ..delivery.scp_delivery_metric import Metric


class ScpDeliveryMetric(models.AbstractModel):
    _inherit = 'scp.delivery.metric'

    @api.model
    def _get_metrics(self):
        _ = self.env._
        delivered = SQL("COUNT(*) FILTER (WHERE fact.qty_done > 0)")
        return super()._get_metrics() | {
            'fault_share': Metric(
                _("Faulty deliveries"),
                _("Lines with goods rejected, with a problem of goods or documents reported, or without the papers "
                  "agreed, over lines delivered."),
                SQL("COUNT(*) FILTER (WHERE fact.qty_done > 0 AND (fact.is_damaged OR fact.is_undocumented))"),
                delivered, delivered, better='low'),
            'unwanted_share': Metric(
                _("Returned without fault"),
                _("Quantity returned by fault of who received it, over the quantity delivered."),
                SQL("SUM(fact.qty_unwanted)"), SQL("SUM(fact.qty_done)"), delivered, better='low'),
        }

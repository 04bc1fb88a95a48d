from odoo import api, models
from odoo.tools import SQL

from odoo.addons.crm_scp_core.models.complaint.scp_complaint_kpi_exposure import Exposure


class ScpComplaintKpi(models.AbstractModel):
    _inherit = 'scp.complaint.kpi'

    @api.model
    def _get_exposures(self):
        return {
            **super()._get_exposures(),
            'deliveries': Exposure(self.env._("Complaints per 1,000 deliveries"), 1000),
        }

    @api.model
    def _get_exposure_queries(self):
        return {
            **super()._get_exposure_queries(),
            'deliveries': self._get_exposure_query(
                'stock.picking',
                [('state', '=', 'done'), ('location_dest_id.usage', '=', 'customer'),
                 ('location_id.usage', '!=', 'customer')],
                moment=SQL("stock_picking.date_done"), value=SQL("1")),
        }

from odoo import models


class ScpCustomerMeasure(models.Model):
    _inherit = 'scp.customer.measure'

    # `scp.customer._get_service_companies` and the cost to serve: freight, where an addon measures it
    _freight_idx = models.Index("(company_id) WHERE code = 'freight_cost'")

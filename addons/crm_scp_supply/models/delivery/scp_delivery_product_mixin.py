from odoo import api, fields, models

from ..promise.journal import PROMISE_GROUPS


class ScpDeliveryProductMixin(models.AbstractModel):
    """Products that show how they are delivered and received."""

    _name = 'scp.delivery.product.mixin'
    _description = "Product with Delivery Figures"

    # The field of scp.delivery.report that links to the product
    _scp_report_field = None

    scp_delivery_rate = fields.Char(
        string="On Time in Full", compute='_compute_scp_delivery_rate', groups=PROMISE_GROUPS,
        help="Lines to customers delivered on time in full by the first promise, over lines due, of the last twelve "
        "months; of suppliers, where the product is not sold.",
    )

    # === COMPUTE === #

    @api.depends_context('allowed_company_ids', 'uid', 'lang')
    def _compute_scp_delivery_rate(self):
        Report = self.env['scp.delivery.report']
        rates = {}
        if Report.has_access('read'):
            year = self.env['scp.delivery.metric']._get_year_domain()
            for product, direction, rate in Report._read_group(
                [(self._scp_report_field, 'in', self._origin.ids), *year],
                [self._scp_report_field, 'direction'], ['otif_baseline:avg'],
            ):
                if rate is not None:
                    rates[product.id, direction] = self.env._("%s %%", round(100 * rate))
        for product in self:
            product.scp_delivery_rate = rates.get((product._origin.id, 'out')) or rates.get((product._origin.id, 'in'))

    # === ACTIONS === #

    @api.readonly
    def action_view_scp_deliveries(self):
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_delivery_report_action')
        return action | {
            'domain': [(self._scp_report_field, '=', self.id)],
            'context': {'search_default_year': 1},
        }

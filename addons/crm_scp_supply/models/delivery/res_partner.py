from odoo import api, fields, models
from odoo.tools import SQL

from ..promise.journal import PROMISE_GROUPS

CUSTOMER_CODES = (
    'otif_line_baseline', 'otif_line_request', 'otif_qty_baseline', 'perfect_order', 'fill_line', 'promise_stability',
    'cycle_time', 'ppm',
)
SUPPLIER_CODES = (
    'otif_line_baseline', 'otif_line_request', 'otif_qty_baseline', 'commit_rate', 'promise_stability', 'lt_mean',
    'lt_p90', 'ppm',
)


class ResPartner(models.Model):
    _inherit = 'res.partner'

    scp_customer_delivery_figures = fields.Json(
        string="Deliveries to This Customer", compute='_compute_scp_delivery_figures', groups=PROMISE_GROUPS,
    )
    scp_supplier_delivery_figures = fields.Json(
        string="Deliveries by This Supplier", compute='_compute_scp_delivery_figures', groups=PROMISE_GROUPS,
    )

    # === COMPUTE === #

    @api.depends('commercial_partner_id')
    @api.depends_context('company', 'allowed_company_ids', 'uid', 'lang')
    def _compute_scp_delivery_figures(self):
        Metric = self.env['scp.delivery.metric']
        for partner in self:
            domain = [('commercial_partner_id', '=', partner.commercial_partner_id._origin.id)]
            partner.scp_customer_delivery_figures = Metric._get_cards(domain, CUSTOMER_CODES, 'out')
            cards = Metric._get_cards(domain, SUPPLIER_CODES, 'in')
            partner.scp_supplier_delivery_figures = cards and [*cards, partner._get_scp_odoo_rate_card()]

    # === CRUD === #

    def write(self, vals):
        result = super().write(vals)
        if 'tz' in vals and self.ids:
            # The partner's zone decides the day
            self.env['scp.delivery.queue']._add_facts(SQL(
                "partner.id = ANY(%(ids)s) OR partner.commercial_partner_id = ANY(%(ids)s)", ids=self.ids))
        return result

    def unlink(self):
        ids = self.ids
        result = super().unlink()
        # sudo: facts of every company lose the link, whoever deletes the contact
        self.env['scp.delivery.fact'].sudo()._release('partner_id', ids)
        return result

    # === BUSINESS === #

    def _get_scp_odoo_rate_card(self):
        """Odoo's own on-time rate, beside ours."""
        partner = self.commercial_partner_id
        # sudo: the rate is that of all orders, for whoever may see the figures
        rate = partner.sudo().on_time_rate
        return {
            'code': 'odoo_on_time_rate',
            'label': self.env._("Odoo's on-time rate"),
            'value': self.env._("no data") if rate < 0 else self.env._("%s %%", f'{rate:.0f}'),
            'basis': self.env._("for comparison"),
            'help': self.env._(
                "What Odoo shows: all transfers of the last 365 days by the planned date as it is now, returns "
                "included, over the quantity ordered. It changes when dates are moved, and can exceed 100 %."),
            'action': {
                'type': 'ir.actions.act_window',
                'name': self.env._("On-time Delivery"),
                'res_model': 'vendor.delay.report',
                'views': [(False, 'graph'), (False, 'pivot')],
                'domain': [('partner_id', '=', partner.id)],
            },
        }

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .journal import PROMISE_GROUPS


class ResPartner(models.Model):
    _inherit = 'res.partner'

    scp_customer_promise_ids = fields.Many2many(
        'scp.promise.report',
        string="Open Promises to This Customer",
        compute='_compute_scp_promises',
        groups=PROMISE_GROUPS,
    )
    scp_supplier_promise_ids = fields.Many2many(
        'scp.promise.report',
        string="Open Promises by This Supplier",
        compute='_compute_scp_promises',
        groups=PROMISE_GROUPS,
    )
    scp_is_supplier = fields.Boolean(
        string="Delivers to Us", compute='_compute_scp_counts', groups=PROMISE_GROUPS)

    # === COMPUTE === #

    @api.depends('commercial_partner_id')
    @api.depends_context('company', 'allowed_company_ids', 'tz', 'uid')
    def _compute_scp_promises(self):
        Report = self.env['scp.promise.report']
        rows = Report.browse()
        if Report.has_access('read'):
            rows = Report.search_fetch(
                Domain(Report._get_open_domain())
                & Domain('commercial_partner_id', 'in', self.commercial_partner_id._origin.ids),
                ['commercial_partner_id', 'direction'],
            )
        by_partner = rows.grouped(lambda row: (row.commercial_partner_id, row.direction))
        for partner in self:
            key = partner.commercial_partner_id._origin
            partner.scp_customer_promise_ids = by_partner.get((key, 'out'), Report.browse())
            partner.scp_supplier_promise_ids = by_partner.get((key, 'in'), Report.browse())

    def _get_scp_count_queries(self):
        # whoever looks at him: that goods come from a supplier is no secret of purchasing
        return [*super()._get_scp_count_queries(), SQL(
            """
            SELECT 'scp_is_supplier' AS field, supplier AS partner_id, 1 AS number
              FROM unnest(%(partners)s::int[]) supplier
             WHERE EXISTS (
                       SELECT
                         FROM res_partner contact
                         JOIN purchase_order "order" ON "order".partner_id = contact.id
                        WHERE contact.commercial_partner_id = supplier
                          AND "order".state = 'purchase'
                          AND "order".company_id = ANY(%(companies)s)
                   )
            """,
            partners=self.ids, companies=self.env.companies.ids,
        )]

    # === ACTIONS === #

    @api.readonly
    def action_view_scp_promises(self):
        """All promises to and by this partner, the kept ones included."""
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_promise_report_action')
        return action | {
            'domain': [('commercial_partner_id', '=', self.commercial_partner_id.id)],
            'context': {},
        }

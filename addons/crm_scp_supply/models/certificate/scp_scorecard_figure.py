from odoo import api, models
from odoo.tools import SQL

from ..delivery.scp_delivery_metric import Figure
from ..scorecard.scp_scorecard_figure import ScorecardFigure


class ScpScorecardFigure(models.AbstractModel):
    _inherit = 'scp.scorecard.figure'

    @api.model
    def _get_registry(self):
        _ = self.env._
        return super()._get_registry() | {
            'cert_cover': ScorecardFigure(
                _("Covered by certificates"),
                _("Value of goods received in the period while a certificate of the supplier that is required was "
                  "valid, over the value of goods for which one is required; for each standard. Exemptions cover "
                  "nothing. Counted are receipts of an order line."),
                ('supplier',), 'certificate'),
        }

    @api.model
    def _get_sources(self):
        return super()._get_sources() | {'certificate': self._get_certificate_values}

    @api.model
    def _get_certificate_values(self, codes, role, partners, company, date_from, date_to):
        """What came on purchase orders, at the price and rate of the order."""
        self.env.flush_all()
        Requirement, Certificate = self.env['scp.certificate.requirement'], self.env['scp.certificate']
        Trace = self.env['scp.trace']
        rows = self.env.execute_query(SQL(
            """
            WITH received AS (
                SELECT partner.commercial_partner_id AS partner_id, purchase.partner_id AS address_id,
                       line.product_id, order_line.id AS line_id, %(line_day)s AS day,
                       SUM(line.quantity_product_uom) * order_line.price_subtotal
                           / NULLIF(order_line.product_uom_qty, 0) / COALESCE(NULLIF(purchase.currency_rate, 0), 1)
                           AS amount
                  FROM purchase_order purchase
                  JOIN res_partner partner ON partner.id = purchase.partner_id
                  JOIN purchase_order_line order_line ON order_line.order_id = purchase.id
                  JOIN stock_move move ON move.purchase_line_id = order_line.id AND move.state = 'done'
                  JOIN stock_move_line line ON line.move_id = move.id
                 WHERE purchase.company_id = %(company)s
                   AND partner.commercial_partner_id = ANY(%(partners)s)
                   AND (line.location_id IN %(suppliers)s OR line.location_id IN %(transit)s)
                   AND line.date BETWEEN %(date_from)s::date - 1 AND %(date_to)s::date + 2
              GROUP BY 1, 2, 3, 4, 5, purchase.currency_rate
            ),
            asked AS (
                SELECT received.*, EXISTS (
                           SELECT FROM scp_certificate certificate
                            WHERE certificate.partner_id = received.partner_id
                              AND certificate.standard_id = requirement.standard_id
                              AND certificate.company_id = %(company)s
                              AND certificate.is_waiver IS NOT TRUE
                              AND %(covers)s AND %(of_certificate)s AND %(at_site)s AND %(of_model)s
                       ) AS is_covered
                  FROM received
                  JOIN scp_certificate_requirement requirement
                    ON requirement.company_id = %(company)s AND requirement.active AND requirement.partner_id IS NULL
                   AND requirement.date_from <= received.day
                   AND (requirement.date_to IS NULL OR requirement.date_to >= received.day)
                   AND %(of_requirement)s
                 WHERE received.day BETWEEN %(date_from)s AND %(date_to)s
            )
            SELECT partner_id, COALESCE(SUM(amount) FILTER (WHERE is_covered), 0), SUM(amount), COUNT(*)
              FROM asked
          GROUP BY partner_id
            HAVING SUM(amount) > 0
            """,
            company=company.id, partners=partners.ids, date_from=date_from, date_to=date_to,
            line_day=Trace._get_day(), suppliers=Trace._get_locations('supplier'),
            transit=Trace._get_locations('transit'),
            covers=Certificate._get_cover_condition(SQL("received.day")),
            of_certificate=Certificate._get_scope_condition(SQL("certificate"), SQL("received.product_id")),
            at_site=Certificate._get_site_condition(SQL("received.address_id")),
            of_model=Certificate._get_model_condition(SQL("requirement.coc_model")),
            of_requirement=Requirement._get_scope_condition(SQL("requirement"), SQL("received.product_id")),
        ))
        return {
            partner_id: {'cert_cover': Figure(float(covered), float(amount), n, float(covered) / float(amount))}
            for partner_id, covered, amount, n in rows
        }

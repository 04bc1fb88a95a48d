from odoo import api, models
from odoo.tools import SQL

# Models and fields the statement reads
DEPENDS = {
    'purchase.order': ['company_id', 'currency_rate', 'date_approve', 'partner_id', 'state'],
    'purchase.order.line': ['order_id', 'price_subtotal', 'product_id', 'product_uom_qty'],
    'res.partner': ['commercial_partner_id'],
}


class ScpSupplySpend(models.AbstractModel):
    """What was bought: one row for each line of a confirmed purchase order, in the currency of the company."""

    _name = 'scp.supply.spend'
    _description = "Spend"

    @api.model
    def _get_query(self) -> SQL:
        """Rows (line_id, company_id, supplier_id, product_id, day, qty, amount).

        The supplier is the commercial partner, the day that of the approval where the company works, the quantity in
        the product's own unit, the amount untaxed at the rate of the order. Lines without quantity are left out.
        What it reads is in :data:`DEPENDS`.
        """
        return SQL(
            """
            SELECT line.id AS line_id,
                   purchase.company_id,
                   partner.commercial_partner_id AS supplier_id,
                   line.product_id,
                   (purchase.date_approve AT TIME ZONE 'UTC'
                    AT TIME ZONE COALESCE(calendar.tz, 'UTC'))::date AS day,
                   line.product_uom_qty AS qty,
                   line.price_subtotal / COALESCE(NULLIF(purchase.currency_rate, 0), 1) AS amount
              FROM purchase_order_line line
              JOIN purchase_order purchase ON purchase.id = line.order_id
              JOIN res_partner partner ON partner.id = purchase.partner_id
              JOIN res_company company ON company.id = purchase.company_id
         LEFT JOIN resource_calendar calendar ON calendar.id = company.resource_calendar_id
             WHERE purchase.state = 'purchase'
               AND purchase.date_approve IS NOT NULL
               AND line.product_id IS NOT NULL
               AND line.product_uom_qty > 0
            """,
        )

    @api.model
    def _flush(self):
        for model, names in DEPENDS.items():
            self.env[model].flush_model(names)

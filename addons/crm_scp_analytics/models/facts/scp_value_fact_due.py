from odoo import api, models
from odoo.tools import SQL

from odoo.addons.crm_scp_core.fields import LooseMany2one


class ScpValueFactDue(models.Model):
    """Customers whose facts have to be summed up again: the queue of `scp.value.fact.refresh`.

    Rows are only ever added and removed, and a customer may have several: who adds one waits for
    nobody. What was added while a batch was at work stays for the next one.
    """

    _name = 'scp.value.fact.due'
    _description = "Customer to Sum Up"
    _log_access = False

    customer_id = LooseMany2one(
        comodel_name='scp.customer', required=True, readonly=True, index=True, ondelete='cascade',
    )
    order_id = LooseMany2one(
        comodel_name='sale.order', readonly=True, ondelete='cascade',
        help="The order that changed, where nothing else did: other days of the customer stay as they are.",
    )

    @api.model
    def _add(self, condition) -> int:
        """Have the facts of customers summed up again by the next refresh.

        :param condition: SQL condition on `customer` (scp_customer)
        :return: how many
        """
        self.env.cr.execute(SQL(
            """
            INSERT INTO scp_value_fact_due (customer_id)
                 SELECT customer.id FROM scp_customer customer WHERE %s
            """,
            condition,
        ))
        return self.env.cr.rowcount

    @api.model
    def _add_orders(self, changed) -> int:
        """Have the days of orders summed up again.

        :param changed: statement of rows (partner_id, company_id, order_id): commercial partners, and an order of
            theirs, NULL where more than that changed
        :return: how many
        """
        self.env.cr.execute(SQL(
            """
            INSERT INTO scp_value_fact_due (customer_id, order_id)
                 SELECT customer.id, changed.order_id
                   FROM (%s) changed
                   JOIN scp_customer customer USING (partner_id, company_id)
            """,
            changed,
        ))
        return self.env.cr.rowcount

    @api.model
    def _add_partners(self, partners):
        """Have the customers behind some contacts summed up again, in all companies.

        :param partners: `res.partner`
        """
        if not partners:
            return
        self.env['res.partner'].flush_model(['commercial_partner_id'])
        self._add(SQL(
            """
            customer.partner_id IN (
                SELECT commercial_partner_id FROM res_partner WHERE id IN %s
            )
            """,
            tuple(partners.ids),
        ))

from odoo import fields, models
from odoo.tools import SQL

TONES = {'open': 'info', 'moved': 'warning', 'late': 'danger', 'delivered': 'success', 'cancelled': 'secondary'}


class SaleOrder(models.Model):
    """What a customer or distributor sees of his order: values that are named here and nothing else."""

    _inherit = 'sale.order'

    # === VALUES === #

    def _scp_get_portal_url(self):
        self.ensure_one()
        return f'/my/supply/orders/{self.id}'

    def _scp_get_promised_query(self) -> SQL:
        """Ids of the orders on which something was promised."""
        return SQL("(SELECT sale_order_id FROM scp_promise WHERE sale_order_id IS NOT NULL AND kind = 'baseline')")

    def _scp_get_shared_lines(self, relation):
        """The lines of goods that a relation is about."""
        return self.order_line.filtered(
            lambda line: not line.display_type and line.product_id.type == 'consu' and not line._is_delivery()
        ).filtered_domain(relation._get_product_domain())

    def _scp_prepare_customer_summaries(self, relation):
        """What the list of a customer shows, set-wise. Runs as superuser.

        :param relation: the ``scp.relation`` in force with the customer of these orders
        :rtype: list[dict]
        """
        lines = self._scp_get_shared_lines(relation)
        states = lines._scp_get_promise_states()
        summaries = []
        for order in self:
            rows = [order._scp_prepare_customer_line(line, states.get(line.id)) for line in lines & order.order_line]
            open_rows = [row for row in rows if row['open']]
            summaries.append({
                'name': order.name,
                'url': order._scp_get_portal_url(),
                'ordered_on': order.date_order,
                'reference': order.client_order_ref,
                'company': order.company_id.name,
                'line_count': len(rows),
                'next_date': min((row['promised'] for row in open_rows if row['promised']), default=False),
                'status': order._scp_get_customer_status(open_rows),
            })
        return summaries

    def _scp_get_customer_status(self, open_rows):
        """Code, label and look of an order in the eyes of its customer."""
        self.ensure_one()
        statuses = {row['status']['code'] for row in open_rows}
        if self.state == 'cancel':
            code = 'cancelled'
        elif not open_rows:
            code = 'delivered'
        else:
            code = next(code for code in ('late', 'moved', 'open') if code in statuses)
        return self._scp_get_delivery_status(code)

    def _scp_get_delivery_status(self, code):
        labels = {
            'open': self.env._("As promised"),
            'moved': self.env._("New date"),
            'late': self.env._("Late"),
            'delivered': self.env._("Delivered"),
            'cancelled': self.env._("Cancelled"),
        }
        return {'code': code, 'label': labels[code], 'tone': TONES[code]}

    def _scp_get_local_day(self, moment):
        """The day of a moment where the reader is."""
        return fields.Datetime.context_timestamp(self, moment).date()

    def _scp_prepare_customer_line(self, line, state):
        open_qty = max(line.product_uom_id.round(line.product_uom_qty - line.qty_delivered), 0.0)
        promised = state.promise_date if state and state.kind != 'cancel' else False
        if not open_qty:
            code = 'delivered'
        elif promised and promised < fields.Datetime.now():
            code = 'late'
        elif promised and self._scp_get_local_day(promised) > self._scp_get_local_day(state.baseline_date):
            code = 'moved'
        else:
            code = 'open'
        return {
            'name': (line.name or '').partition('\n')[0],
            'ordered': line.product_uom_qty,
            'delivered': line.qty_delivered,
            'open': open_qty,
            'uom': line.product_uom_id.name,
            'requested': state and state.requested_date,
            'baseline': state and state.baseline_date,
            'promised': promised,
            'status': self._scp_get_delivery_status(code),
        }

    def _scp_prepare_customer_values(self, relation):
        """What the page of an order shows its customer. Runs as superuser.

        :param relation: the ``scp.relation`` in force
        """
        self.ensure_one()
        lines = self._scp_get_shared_lines(relation)
        states = lines._scp_get_promise_states()
        policy = relation._get_shared()
        [summary] = self._scp_prepare_customer_summaries(relation)
        return {
            **summary,
            'id': self.id,
            'salesperson': self.user_id.name,
            'lines': [self._scp_prepare_customer_line(line, states.get(line.id)) for line in lines],
            'deliveries': [
                picking._scp_prepare_customer_values(lines, policy)
                for picking in self.picking_ids.sorted(lambda picking: (picking.scheduled_date, picking.id))
                if picking._scp_is_shown_to_customer(lines)
            ],
        }

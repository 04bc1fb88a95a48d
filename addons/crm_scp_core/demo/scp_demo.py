from contextlib import contextmanager
from datetime import datetime, time, timedelta

from odoo import api, fields, models

# Many records at once, and none of them tells the chatter what happened months ago.
BULK_CONTEXT = {
    'mail_create_nolog': True,
    'mail_create_nosubscribe': True,
    'skip_procurement': True,
    'tracking_disable': True,
}


class ScpDemo(models.AbstractModel):
    """The common ground of the demo data that no data file can express.

    Named records (users, partners, products) are data files. What has a past (orders, invoices,
    opportunities) is replayed through Odoo's own methods from a table, one Python file per topic,
    by ``<function>`` tags of the demo files. Nothing is drawn at random: two installations on the
    same day hold the same data.
    """

    _name = 'scp.demo'
    _description = "Demo Data"

    def _moment(self, days_ago, hour=9):
        """Return the UTC datetime ``days_ago`` days before today at ``hour`` o'clock."""
        return datetime.combine(fields.Date.today(), time(hour)) - timedelta(days=days_ago)

    @contextmanager
    def _at(self, moment):
        """Let the transaction believe that it began at ``moment``.

        Creation dates, stage dates and event logs take the time of the transaction, so what is
        done inside carries the date it tells of. Only for demo data: installing is one
        transaction, alone on its database.
        """
        cr = self.env.cr
        cr.flush()
        present = cr.now()
        cr._now = moment
        try:
            yield
            cr.flush()  # event logs are written before a commit
        finally:
            cr._now = present

    def _ref(self, name):
        """Return the record of an xml id, by default of this addon."""
        return self.env.ref(name if '.' in name else f'crm_scp_core.{name}')

    def _get_customers(self):
        """Return the customers of the story: the companies, not their contact persons."""
        return self.env['res.partner'].browse(self.env['ir.model.data'].search([
            ('module', '=', 'crm_scp_core'),
            ('model', '=', 'res.partner'),
            ('name', '=like', 'partner\\_%'),
        ]).mapped('res_id')).filtered('is_company')

    def _get_customer_code(self, customer):
        """Return the name the tables of the story use for a customer."""
        return customer.get_external_id()[customer.id].removeprefix('crm_scp_core.partner_')

    @api.model
    def _release_records(self, module):
        """Let go of the demo records of an addon that is about to go.

        Orders, invoices and transfers stay, and with them what they are about. Odoo would try
        to delete it all the same, record by record, and log an error for each.
        """
        self.env['ir.model.data'].search([
            ('module', '=', module),
            ('model', 'in', [
                'account.payment.term', 'product.category', 'product.pricelist',
                'product.product', 'product.template', 'purchase.order', 'res.partner', 'sale.order', 'stock.location',
                'stock.lot', 'stock.picking',
            ]),
        ]).unlink()

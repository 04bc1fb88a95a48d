from odoo import fields, models
from odoo.tools import SQL

PER = 1000


class ScpComplaintCohortReport(models.Model):
    """Complaints per 1,000 deliveries, by the month of the *delivery*.

    The rate of a dashboard sets the complaints of a month against the deliveries of the same month, so that it moves
    when the deliveries do. Here every complaint counts in the month whose goods it is about: one row for each delivery
    to a customer, with the complaints about it. A complaint that names deliveries counts with the first of them; one
    that names only an order, with the last delivery of the order before it came. The youngest months are not full
    yet: choose how many days after the delivery a complaint may come, to compare like with like.
    """

    _name = 'scp.complaint.cohort.report'
    _description = "Complaints by Delivery"
    _auto = False
    _rec_name = 'picking_id'
    _order = 'date desc, id desc'

    _depends = {
        'scp.complaint': ['duplicate_of_id', 'picking_ids', 'received_at', 'sale_order_id', 'state'],
        'stock.picking': [
            'company_id', 'date_done', 'location_dest_id', 'location_id', 'partner_id', 'sale_id', 'state',
        ],
        'stock.location': ['usage'],
        'res.partner': ['commercial_partner_id'],
    }

    picking_id = fields.Many2one('stock.picking', string="Delivery", readonly=True)
    sale_order_id = fields.Many2one('sale.order', readonly=True)
    partner_id = fields.Many2one('res.partner', string="Customer", readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    date = fields.Datetime(string="Delivered", readonly=True)
    deliveries = fields.Integer(readonly=True)
    complaints = fields.Integer(readonly=True)
    complaints_30 = fields.Integer(string="Complaints within 30 Days", readonly=True)
    complaints_90 = fields.Integer(string="Complaints within 90 Days", readonly=True)
    rate = fields.Float(
        string="Per 1,000 Deliveries", digits=(16, 1), readonly=True, aggregator='avg',
        help="Complaints about the deliveries of the period over these deliveries.",
    )
    rate_30 = fields.Float(
        string="Per 1,000, within 30 Days", digits=(16, 1), readonly=True, aggregator='avg',
        help="Complaints that came within 30 days of the delivery; no data for deliveries younger than that.",
    )
    rate_90 = fields.Float(
        string="Per 1,000, within 90 Days", digits=(16, 1), readonly=True, aggregator='avg',
        help="Complaints that came within 90 days of the delivery; no data for deliveries younger than that.",
    )

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT picking.id, picking.id AS picking_id, picking.sale_id AS sale_order_id,
                   partner.commercial_partner_id AS partner_id, picking.company_id, picking.date_done AS date,
                   1 AS deliveries,
                   COALESCE(about.complaints, 0) AS complaints,
                   COALESCE(about.complaints_30, 0) AS complaints_30,
                   COALESCE(about.complaints_90, 0) AS complaints_90,
                   %(per)s * COALESCE(about.complaints, 0)::float8 AS rate,
                   CASE WHEN picking.date_done < %(now)s - interval '30 days'
                        THEN %(per)s * COALESCE(about.complaints_30, 0)::float8 END AS rate_30,
                   CASE WHEN picking.date_done < %(now)s - interval '90 days'
                        THEN %(per)s * COALESCE(about.complaints_90, 0)::float8 END AS rate_90
              FROM stock_picking picking
              JOIN stock_location source ON source.id = picking.location_id AND source.usage != 'customer'
              JOIN stock_location destination
                ON destination.id = picking.location_dest_id AND destination.usage = 'customer'
         LEFT JOIN res_partner partner ON partner.id = picking.partner_id
         LEFT JOIN (
                   SELECT named.picking_id, count(*) AS complaints,
                          count(*) FILTER (WHERE named.received_at < named.date_done + interval '30 days')
                              AS complaints_30,
                          count(*) FILTER (WHERE named.received_at < named.date_done + interval '90 days')
                              AS complaints_90
                     FROM (%(named)s) named
                 GROUP BY named.picking_id
                   ) about ON about.picking_id = picking.id
             WHERE picking.state = 'done'
            """,
            per=PER, now=fields.Datetime.now(), named=self._get_named_query(),
        )

    def _get_named_query(self) -> SQL:
        """The delivery each complaint is about: ``picking_id``, ``date_done``, ``received_at``."""
        return SQL(
            """
            SELECT DISTINCT ON (complaint.id) complaint.received_at, picking.id AS picking_id, picking.date_done
              FROM scp_complaint complaint
         LEFT JOIN scp_complaint_stock_picking_rel link ON link.scp_complaint_id = complaint.id
              JOIN stock_picking picking
                ON picking.id = link.stock_picking_id
                OR link.stock_picking_id IS NULL AND picking.sale_id = complaint.sale_order_id
                   AND picking.date_done <= complaint.received_at
              JOIN stock_location destination
                ON destination.id = picking.location_dest_id AND destination.usage = 'customer'
             WHERE picking.state = 'done' AND complaint.duplicate_of_id IS NULL
          ORDER BY complaint.id, CASE WHEN link.stock_picking_id IS NULL THEN -1 ELSE 1 END
                   * extract(epoch FROM picking.date_done), picking.id
            """
        )

from odoo import api, fields, models
from odoo.tools import SQL

from .scp_supply_share_report import RATE

# Herfindahl-Hirschman index from which a market counts as moderately and as highly concentrated
MODERATE, HIGH = 1_500, 2_500


class ScpSupplyBaseReport(models.Model):
    """The supply base of a product category: how it is built, how it acts and how it performs.

    Structure is how the spend is spread over suppliers, conduct how prices move, performance how deliveries keep
    what was asked for; each over twelve months up to today, and the twelve months before.
    """

    _name = 'scp.supply.base.report'
    _inherit = ['scp.supply.share.report']
    _description = "Supply Base"
    _auto = False
    _order = 'date_to desc, amount desc, id'
    _rec_name = 'categ_id'

    # Of one supplier, not of a category
    partner_id = fields.Many2one(string="Largest Supplier")
    share = fields.Float(string="Largest Share", help="Of what is spent in the category, with one supplier.")
    standing = fields.Char(string="Standing of the Largest")

    supplier_count = fields.Integer(string="Suppliers", readonly=True, aggregator=None)
    hhi = fields.Float(
        string="HHI", digits=(16, 0), **RATE,
        help="Herfindahl-Hirschman index: the sum of the squared shares in per cent, from near 0 (many small "
        "suppliers) to 10,000 (one supplier). Several categories: mean, weighted by spend.")
    cr4 = fields.Float(string="CR4", **RATE, help="Share of the four suppliers most is spent with.")
    level = fields.Selection(
        [('low', "Spread"), ('medium', "Concentrated"), ('high', "Highly Concentrated")], string="Concentration",
        readonly=True, help="Highly concentrated from an HHI of 2,500 on, concentrated from 1,500 on.")

    # === SQL === #

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT base.*, CASE WHEN hhi >= %(high)s THEN 'high' WHEN hhi >= %(moderate)s THEN 'medium' ELSE 'low' END
                   AS level
              FROM (
                   SELECT MIN(share.id) AS id, share.year, share.company_id, share.currency_id, share.categ_id,
                          share.date_from, share.date_to, share.is_current,
                          SUM(share.amount) AS amount,
                          COUNT(*) AS supplier_count,
                          SUM(share.product_count) AS product_count,
                          MIN(share.partner_id) FILTER (WHERE share.place = 1) AS partner_id,
                          MIN(share.standing) FILTER (WHERE share.place = 1) AS standing,
                          MIN(share.tone) FILTER (WHERE share.place = 1) AS tone,
                          MIN(share.place) AS place,
                          BOOL_OR(share.has_price_drift) AS has_price_drift,
                          MAX(share.share) AS share,
                          SUM(share.share * share.share * 10000)::float8 AS hhi,
                          SUM(share.share * share.share * 10000)::float8 * SUM(share.amount) AS hhi_amount,
                          SUM(share.share) FILTER (WHERE share.place <= 4)::float8 AS cr4,
                          SUM(share.amount) FILTER (WHERE share.place <= 4) AS cr4_amount,
                          %(sums)s,
                          %(rates)s
                     FROM (%(shares)s) share
                 GROUP BY share.year, share.company_id, share.currency_id, share.categ_id, share.date_from,
                          share.date_to, share.is_current
              ) base
            """,
            high=HIGH, moderate=MODERATE,
            shares=self.env['scp.supply.share.report']._table_query,
            sums=SQL(", ").join(
                SQL("SUM(share.%(name)s) AS %(name)s", name=SQL.identifier(name)) for name in (
                    'single_amount', 'captive_amount', 'tier2_amount', 'present_old', 'past_old', 'present_new',
                    'past_new', 'kept', 'line_count')),
            rates=SQL(", ").join(
                SQL("%s AS %s", self.env['scp.supply.share.report']._get_aggregate(name, SQL("share")),
                    SQL.identifier(name))
                for name in ('single_share', 'captive_share', 'tier2_share', 'otif', 'price_drift')),
        )

    @api.model
    def _get_weights(self):
        return super()._get_weights() | {'hhi': ('hhi_amount', 'amount'), 'cr4': ('cr4_amount', 'amount')}

    # === ACTIONS === #

    @api.readonly
    def action_view_suppliers(self):
        """Who has which share of the category."""
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('crm_scp_supply.scp_supply_share_report_action')
        return action | {
            'name': self.categ_id.display_name,
            'domain': [
                ('categ_id', '=', self.categ_id.id), ('company_id', '=', self.company_id.id),
                ('date_to', '=', fields.Date.to_string(self.date_to)),
            ],
            'context': {},
        }
